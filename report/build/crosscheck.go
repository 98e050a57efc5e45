package build

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"icmpsift/ingest/crosscheck"
	"icmpsift/ingest/field"
	"icmpsift/report"
	"icmpsift/report/phrase"
)

// Check makes the tables of a cross-check.
func Check(results []*crosscheck.Result) report.Check {
	c := report.Check{Schema: report.CheckSchema, Captures: []report.Crosscheck{}}
	for _, r := range results {
		c.Captures = append(c.Captures, checked(r))
	}
	c.Total = checkTotal(c.Captures)
	return c
}

// crosscheck puts the tables into the report.
func (b *builder) crosscheck(r *report.Report) {
	r.Crosscheck = []report.Crosscheck{}
	if b.in.Crosscheck == nil {
		return
	}
	b.part("the tables of the cross-check", func() {
		check := Check(b.in.Crosscheck)
		r.Crosscheck, r.CrosscheckTotal = check.Captures, &check.Total
	})
}

func checked(r *crosscheck.Result) report.Crosscheck {
	out := report.Crosscheck{Evidence: evidenceID(r.Evidence), Path: r.Path, Source: r.Source, Wireshark: r.Wireshark, WiresharkFrom: r.How, Frames: r.Frames,
		Agreed: r.Agreed, Explained: r.Explained, Differing: r.Differing(), Values: r.Values, Problem: r.Problem, Notes: checkNotes(r),
		Fields: []report.CheckField{}, Lacking: []report.FieldCount{}}
	for _, row := range r.Rows {
		out.Fields = append(out.Fields, checkField(r.Path, row))
	}
	for _, c := range r.Lacking {
		out.Lacking = append(out.Lacking, report.FieldCount{Field: c.Name, Values: c.Values})
	}
	out.Verdict = checkVerdict(r)
	out.Summary = captureSummary(&out)
	return out
}

// The verdicts, best first.
var checkVerdicts = []string{"agrees", "explained", "differs", "failed"}

func checkVerdict(r *crosscheck.Result) string {
	switch {
	case r.Problem != "":
		return "failed"
	case !r.Agrees(false):
		return "differs"
	case r.Explained > 0:
		return "explained"
	}
	return "agrees"
}

// checkNotes says what was not compared, and why.
func checkNotes(r *crosscheck.Result) []string {
	notes := []string{}
	add := func(when bool, text string) {
		if when {
			notes = append(notes, text)
		}
	}
	add(r.Complaint != "" && r.Complaint != r.Problem, "tshark says: "+r.Complaint)
	add(r.OnePass, "the export was made in one pass (without -2): it does not say which requests got no reply or which frame holds one, "+
		"so "+phrase.Plural(r.Untold, "value", "values")+" could not be compared")
	add(r.Missing > 0, phrase.Plural(r.Missing, "frame", "frames")+" with ICMP are not in the export, which holds only part of the capture or was made with a display filter")
	add(r.NoColumns && r.Problem == "", "exports have no Info and no Protocol column; ask an installed tshark to have those compared")
	add(r.Salvaged > 0, phrase.Plural(r.Salvaged, "frame", "frames")+" with ICMP behind damage, which Wireshark does not show, were not compared")
	return notes
}

func checkField(path string, row crosscheck.Row) report.CheckField {
	out := report.CheckField{Field: row.Field, Frames: row.Frames, Values: row.Values, Differences: []report.CheckDifference{}}
	for _, d := range row.Differences {
		if d.Reason == "" {
			out.Differing += d.Frames
		} else {
			out.Explained += d.Frames
		}
		x := report.CheckDifference{Reason: d.Reason, Frames: d.Frames, First: []report.CheckExample{}}
		for _, e := range d.First {
			ours, theirs := abridge(strings.Join(e.Ours, ", "), strings.Join(e.Theirs, ", "))
			x.First = append(x.First, report.CheckExample{Path: path, Frame: e.Frame, Ours: ours, Theirs: theirs})
		}
		out.Differences = append(out.Differences, x)
	}
	return out
}

const (
	exampleLimit = 160 // bytes of a value shown
	exampleLead  = 40  // of them: before the first difference
)

// abridge shortens two texts to the same window: from a little before where they begin to differ.
func abridge(a, b string) (string, string) {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	from := 0
	if max(len(a), len(b)) > exampleLimit {
		from = max(0, same-exampleLead)
	}
	return window(a, from), window(b, from)
}

// window cuts between characters; what is left out shows as an ellipsis.
func window(s string, from int) string {
	from = min(from, len(s))
	for from > 0 && from < len(s) && !utf8.RuneStart(s[from]) {
		from--
	}
	to := min(from+exampleLimit, len(s))
	for to < len(s) && to > from && !utf8.RuneStart(s[to]) {
		to--
	}
	out := s[from:to]
	if from > 0 {
		out = "…" + out
	}
	if to < len(s) {
		out += "…"
	}
	return out
}

func checkTotal(captures []report.Crosscheck) report.CheckTotal {
	t := report.CheckTotal{Verdict: checkVerdicts[0], Captures: int64(len(captures)), Fields: []report.CheckField{}, Lacking: []report.FieldCount{}}
	at, lacking := map[string]int{}, map[string]int64{}
	for i := range captures {
		c := &captures[i]
		t.Verdict = worse(t.Verdict, c.Verdict)
		t.Frames += c.Frames
		t.Agreed += c.Agreed
		t.Explained += c.Explained
		t.Differing += c.Differing
		t.Values += c.Values
		for _, f := range c.Fields {
			k, known := at[f.Field]
			if !known {
				k = len(t.Fields)
				at[f.Field] = k
				t.Fields = append(t.Fields, report.CheckField{Field: f.Field, Differences: []report.CheckDifference{}})
			}
			addField(&t.Fields[k], f)
		}
		for _, l := range c.Lacking {
			lacking[l.Field] += l.Values
		}
	}
	tableOrder(t.Fields)
	for _, name := range slices.Sorted(maps.Keys(lacking)) {
		t.Lacking = append(t.Lacking, report.FieldCount{Field: name, Values: lacking[name]})
	}
	slices.SortStableFunc(t.Lacking, func(a, b report.FieldCount) int { return cmp.Compare(b.Values, a.Values) })
	t.Summary = checkSummary(&t, captures)
	return t
}

func worse(a, b string) string {
	return checkVerdicts[max(slices.Index(checkVerdicts, a), slices.Index(checkVerdicts, b))]
}

// addField adds one capture's comparison of a field.
func addField(sum *report.CheckField, f report.CheckField) {
	sum.Frames += f.Frames
	sum.Values += f.Values
	sum.Explained += f.Explained
	sum.Differing += f.Differing
	for _, d := range f.Differences {
		i := slices.IndexFunc(sum.Differences, func(x report.CheckDifference) bool { return x.Reason == d.Reason })
		if i < 0 {
			i = len(sum.Differences)
			sum.Differences = append(sum.Differences, report.CheckDifference{Reason: d.Reason})
		}
		x := &sum.Differences[i]
		x.Frames += d.Frames
		x.First = append(x.First, d.First[:min(len(d.First), maxCheckExamples-len(x.First))]...)
	}
	slices.SortStableFunc(sum.Differences, func(a, b report.CheckDifference) int { return min(1, len(a.Reason)) - min(1, len(b.Reason)) })
}

const maxCheckExamples = 5

// tableOrder puts fields in the order of the field table; what is no field of it comes first.
func tableOrder(fields []report.CheckField) {
	place := map[string]int{}
	for i, f := range field.All() {
		place[f.Name] = i + 1
	}
	slices.SortStableFunc(fields, func(a, b report.CheckField) int {
		return cmp.Or(cmp.Compare(place[a.Field], place[b.Field]), cmp.Compare(a.Field, b.Field))
	})
}

const decoder = "Wireshark's own decoder"

func captureSummary(c *report.Crosscheck) string {
	who := decoder + " (" + c.Source + ", answers of " + c.Wireshark + ") "
	switch c.Verdict {
	case "failed":
		return failure(c)
	case "differs":
		return who + "differs in " + phrase.Of(c.Differing, c.Frames, "frame", "frames") + " with ICMP"
	case "explained":
		return who + "agrees on " + phrase.Plural(c.Frames, "frame", "frames") + " with ICMP, but for known differences in " + phrase.Count(c.Explained)
	}
	return who + agreement(c.Frames, "")
}

// agreement says that all is well, in a sentence's end; where is behind the frames.
func agreement(frames int64, where string) string {
	switch frames {
	case 0:
		return "finds no ICMP either" + where
	case 1:
		return "agrees on the only frame with ICMP" + where
	}
	return "agrees on all " + phrase.Count(frames) + " frames with ICMP" + where
}

// checkSummary is the sentence for people who will read no table.
func checkSummary(t *report.CheckTotal, captures []report.Crosscheck) string {
	failed := int64(0)
	for _, c := range captures {
		if c.Verdict == "failed" {
			failed++
		}
	}
	in := " in " + phrase.Plural(t.Captures-failed, "capture", "captures")
	frames := phrase.Plural(t.Frames, "frame", "frames") + " with ICMP" + in
	out := decoder + " " + agreement(t.Frames, in)
	switch {
	case t.Captures == failed:
		out = "No capture could be compared with " + decoder
	case t.Differing > 0 || t.Verdict == "differs":
		out = decoder + " differs in " + phrase.Of(t.Differing, t.Frames, "frame", "frames") + " with ICMP" + in
	case t.Explained > 0:
		out = decoder + " agrees on " + frames + "; in " + phrase.Count(t.Explained) + " of them it differs in known ways, each with its reason"
	}
	if failed > 0 && failed < t.Captures {
		out += "; " + phrase.Plural(failed, "capture", "captures") + " could not be compared"
	}
	return out + "."
}

// failure says how far a comparison came.
func failure(c *report.Crosscheck) string {
	if c.Frames == 0 {
		return "Not compared with " + decoder + ": " + c.Problem
	}
	return "Compared with " + decoder + " only on " + phrase.Plural(c.Frames, "frame", "frames") + " with ICMP: " + c.Problem
}
