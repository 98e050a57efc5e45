package build

import (
	"fmt"
	"slices"
	"strings"

	"icmpsift/ingest/fault"
	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// part makes a part of the report that can be left out alone.
func (b *builder) part(step string, f func()) (ok bool) {
	return b.in.Result.Faults.Do(fault.Unit{Step: step}, f)
}

// row makes the row of a finding. Where that fails, the report names it with what the rules alone told.
func (b *builder) row(f *rules.Finding) (row report.Finding) {
	u := fault.Unit{Step: "writing a finding out", Rule: f.Rule.Name, At: fault.Place{Src: f.Src, Dst: f.Dst}}
	if len(f.Frames) > 0 && len(f.Frames[0].Ranges) > 0 {
		u.At.Evidence, u.At.Frame = f.Frames[0].Evidence, f.Frames[0].Ranges[0].First
	}
	if !b.in.Result.Faults.Do(u, func() { row = b.finding(f) }) {
		row = bare(f)
	}
	return row
}

// bare is a finding without all that has to be worked out.
func bare(f *rules.Finding) report.Finding {
	row := report.Finding{ID: f.ID, Rule: report.RuleRef{ID: f.Rule.ID, Name: f.Rule.Name, Title: f.Rule.Title}, Level: f.Level.String(), Confidence: f.Confidence, Attack: []string{},
		Src: f.Src, Dst: f.Dst, First: when(f.First), Last: when(f.Last), Packets: f.Packets, Bytes: f.Bytes, Hosts: []report.HostRef{}, Frames: frameSets(f.Frames), Filter: f.Filter,
		Observed: []report.Observed{}, Explanations: []report.Explanation{}, BlindSpots: []string{}, Response: []string{}, Artefacts: []string{}, References: []string{}, Telling: []string{},
		Payloads: []report.PayloadPoint{}, Intervals: []report.IntervalPoint{},
		Summary: "A bug in icmpsift kept it from telling more of this finding.", Notes: []string{"A bug in icmpsift kept it from telling more of this finding; see the limits of this run."}}
	for _, a := range f.Artefacts {
		row.Artefacts = append(row.Artefacts, a.ID)
	}
	return row
}

// Faults puts what bugs cost into the report, whose limits and first words tell of it: when it is built, and again where something was lost
// after that.
func Faults(r *report.Report, log *fault.Log) {
	told, whole := faulty(r.Faults), completeness(r)
	r.Faults = faults(log, r.Redaction != nil)
	r.Notes = append(faulty(r.Faults), slices.DeleteFunc(r.Notes, func(s string) bool { return slices.Contains(told, s) })...)
	if i := slices.Index(r.Bottom, whole); i >= 0 {
		r.Bottom[i] = completeness(r)
	}
}

// faults lists them; of a redacted report without their causes, which may quote what packets carry.
func faults(log *fault.Log, redacted bool) []report.Fault {
	out := []report.Fault{}
	for _, f := range log.Faults() {
		if redacted {
			f.Cause = ""
		}
		row := report.Fault{Step: f.Step, Rule: f.Rule, Cause: f.Cause, Where: f.Where, Times: f.Times, Lost: []report.LostPlace{}}
		for _, p := range f.Lost {
			place := report.LostPlace{Src: p.Src, Dst: p.Dst, Frame: p.Frame}
			if p.Frame > 0 {
				place.Evidence = evidenceID(p.Evidence)
			}
			row.Lost = append(row.Lost, place)
		}
		out = append(out, row)
	}
	return out
}

// faulty says in one sentence each what was lost.
func faulty(list []report.Fault) (out []string) {
	for _, f := range list {
		what := f.Step
		if f.Rule != "" {
			what += " (rule " + f.Rule + ")"
		}
		out = append(out, fmt.Sprintf("A bug in icmpsift cost a part of this report, %s: %s%s. Please report it: it is in %s.", phrase.Plural(f.Times, "time", "times"), what, lost(f), f.Where))
	}
	return out
}

// maxLost is how many places a sentence lists.
const maxLost = 3

func lost(f report.Fault) string {
	var places []string
	for _, p := range f.Lost[:min(maxLost, len(f.Lost))] {
		var words []string
		if p.Src != "" || p.Dst != "" {
			words = append(words, "from "+p.Src+" to "+p.Dst)
		}
		if p.Frame > 0 {
			words = append(words, fmt.Sprintf("frame %d of %s", p.Frame, p.Evidence))
		}
		places = append(places, strings.Join(words, ", "))
	}
	if len(places) == 0 {
		return ""
	}
	more := ""
	if int64(len(places)) < f.Times {
		more = ", and further ones that report.json counts"
	}
	return ", " + strings.Join(places, "; ") + more
}
