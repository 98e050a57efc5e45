package markdown

import (
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

func head(d *doc, r *report.Report) {
	d.para(marking(r))
	title := "ICMP incident report"
	if r.Case.ID != "" {
		title += ": " + text(r.Case.ID)
	}
	d.heading(1, title)
	d.table([]string{"Case", or(text(r.Case.ID), "not given")}, identity(r))
}

// marking is the TLP line that FIRST asks for at the top and the bottom of a document.
func marking(r *report.Report) string {
	if r.Case.TLP == "" {
		return ""
	}
	return "**" + text(r.Case.TLP) + "**"
}

func identity(r *report.Report) [][]string {
	t := r.Totals
	rows := [][]string{}
	if r.Case.Analyst != "" {
		rows = append(rows, []string{"Analyst", text(r.Case.Analyst)})
	}
	if r.Case.Organization != "" {
		rows = append(rows, []string{"Organisation", text(r.Case.Organization)})
	}
	if r.Redaction != nil {
		rows = append(rows, []string{"Handed over", "**without payload**; what was taken out is told under [Evidence](#evidence-and-limits)"})
	}
	return append(rows, [][]string{
		{"Period covered", period(r.Case)},
		{"Limited to", limits(r)},
		{"Evidence", phrase.Plural(t.Captures, "capture", "captures") + " among " + phrase.Plural(t.Files, "file", "files") + ", " + phrase.Bytes(t.Bytes) + " read"},
		{"ICMP", phrase.Plural(t.ICMPPackets, "ICMP packet", "ICMP packets") + ", seen in " + phrase.Of(t.ICMPFrames, t.Frames+t.FramesAfter, "frame", "frames")},
		{"Completeness", completeness(t)},
		{"Home networks", codes(r.Case.HomeNet, 10)},
		{"Made by", text(r.Tool.Name+" "+r.Tool.Version) + ", fields and filters as in Wireshark " + text(r.Tool.Wireshark)},
	}...)
}

// period gives the time from the first to the last packet in UTC and, where the case has one, in its display zone.
func period(c report.Case) string {
	utc := phrase.Period(c.First, c.Last)
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "" || c.First == nil || c.Last == nil || zone == time.UTC {
		return utc
	}
	const local = "2006-01-02 15:04:05 MST"
	return utc + "; local time " + c.First.In(zone).Format(local) + " to " + c.Last.In(zone).Format(local) + " (" + text(c.Timezone) + ")"
}

func limits(r *report.Report) string {
	if m := phrase.Mandate(r.Case, code); m != "" {
		return m + "; " + phrase.Outside(r.Totals)
	}
	return "nothing, all packets were looked at"
}

func completeness(t report.Totals) string {
	switch {
	case t.Captures == 0:
		return "**no capture could be read**"
	case t.Incomplete > 0:
		return "**partial**: " + phrase.Of(t.Incomplete, t.Captures, "capture", "captures") + " could not be read to the end; see [Evidence](#evidence-and-limits)"
	}
	return "complete: " + phrase.Plural(t.Captures, "capture", "captures") + " read to the end"
}

func bottomLine(d *doc, r *report.Report) {
	d.heading(2, "Bottom line")
	verdict := "**Verdict: nothing found.**"
	if r.Verdict != "" && r.Verdict != "none" {
		verdict = "**Verdict: " + text(phrase.Title(r.Verdict)) + ".**"
	}
	sentences := []string{verdict}
	for _, s := range r.Bottom {
		sentences = append(sentences, text(phrase.Sentence(s)))
	}
	d.para(strings.Join(sentences, " "))
	d.para(counters(r))
}

// counters is the one line of numbers under the bottom line.
func counters(r *report.Report) string {
	var levels []string
	names := rules.LevelNames()
	for i := len(names) - 1; i >= 0; i-- {
		if n := r.Totals.FindingsByLevel[names[i]]; n > 0 {
			levels = append(levels, phrase.Count(n)+" "+names[i])
		}
	}
	t := r.Totals
	return "Looked for: " + phrase.Plural(int64(len(r.Rules)), "rule", "rules") + " on " + phrase.Plural(t.ICMPPackets, "ICMP packet", "ICMP packets") + ", seen in " +
		phrase.Of(t.ICMPFrames, t.Frames+t.FramesAfter, "frame", "frames") + " of " + phrase.Plural(t.Captures, "capture", "captures") + ". Found: " + phrase.Found(r) + ". By level: " + or(strings.Join(levels, ", "), "none") +
		". Recovered files: " + phrase.Count(int64(len(r.Artefacts))) + "."
}

func incidents(d *doc, r *report.Report) {
	d.heading(2, "Verdict")
	if len(r.Incidents) == 0 {
		d.para("No incident: no findings that belong together at any level.")
		return
	}
	rows, rest := each(r.Incidents, maxRows, func(i report.Incident) []string {
		return []string{code(i.ID), level(i.Level), text(i.Title), codes(i.Inside, 3), codes(i.Outside, 3), phrase.Span(i.First, i.Last),
			phrase.Size(i.BytesOut) + " / " + phrase.Size(i.BytesIn), phrase.Count(int64(i.Files))}
	})
	d.table([]string{"Incident", "Level", "What", "Inside", "Outside", "When", "Bytes out / in:", "Files:"}, rows)
	d.more(rest, "incidents")
}

// level sets off what must not be overlooked.
func level(s string) string {
	if s == "high" || s == "critical" {
		return "**" + phrase.Title(s) + "**"
	}
	return text(phrase.Title(s))
}

// worst is [level], "" where there is no finding.
func worst(s string) string {
	if s == "" {
		return ""
	}
	return level(s)
}

func actions(d *doc, r *report.Report) {
	d.heading(2, "Immediate actions")
	if len(r.Actions) == 0 {
		d.para("None follow from the findings.")
		return
	}
	var items []string
	for _, a := range r.Actions {
		items = append(items, text(phrase.Sentence(a.Text))+source(a))
	}
	d.numbered(items)
}

func source(a report.Action) string {
	var parts []string
	if a.Finding != "" {
		parts = append(parts, "finding "+toFinding(a.Finding))
	}
	if a.Incident != "" {
		parts = append(parts, "incident "+code(a.Incident))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func timeline(d *doc, r *report.Report) {
	d.heading(2, "Timeline")
	if len(r.Timeline) == 0 {
		d.para("No events to show.")
		return
	}
	rows, rest := each(r.Timeline, maxEvents, func(e report.Event) []string {
		return []string{phrase.Clock(e.Time), between(e.Src, e.Dst), text(e.Summary), toFinding(e.Finding), place(e)}
	})
	d.table([]string{"Time (UTC)", "From → to", "What", "Finding", "Evidence: frame"}, rows)
	d.more(rest, "rows of the timeline")
}

func between(src, dst string) string {
	if src == "" && dst == "" {
		return phrase.Missing
	}
	return or(code(src), phrase.Missing) + " → " + or(code(dst), phrase.Missing)
}

func place(e report.Event) string {
	if e.Evidence == "" {
		return phrase.Missing
	}
	if e.Frame == 0 {
		return code(e.Evidence)
	}
	return code(e.Evidence) + ": " + phrase.Count(e.Frame)
}
