package workbook

import (
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// checkLine is one row of the cross-check: a capture as a whole, one of its fields, or one difference of a field.
type checkLine struct {
	evidence, field, text                     string
	frames, values, agree, explained, differs int64
	example                                   report.CheckExample
	first                                     string
}

func crosscheck(r *report.Report) page {
	return &sheet[checkLine]{name: "Crosscheck", tab: tabMethod, paper: 11, items: checkLines(r.Crosscheck), columns: []column[checkLine]{
		{head: "Evidence", width: 10, kind: link, to: "Evidence", value: func(l checkLine) any { return l.evidence }},
		{head: "Field", width: 30, kind: id, value: func(l checkLine) any { return l.field }},
		{head: "Frames", width: 10, kind: integer, value: func(l checkLine) any { return l.frames }},
		{head: "Values", width: 11, kind: integer, value: func(l checkLine) any { return l.values }},
		{head: "Frames that agree", width: 10, kind: integer, value: func(l checkLine) any { return l.agree }},
		{head: "Differ for a known reason", width: 11, kind: integer, value: func(l checkLine) any { return l.explained }},
		{head: "Differ", width: 10, kind: integer, value: func(l checkLine) any { return l.differs }},
		{head: "First frames", width: 16, kind: id, value: func(l checkLine) any { return l.first }},
		{head: "icmpsift", width: 30, kind: prose, value: func(l checkLine) any { return l.example.Ours }},
		{head: "Wireshark", width: 30, kind: prose, value: func(l checkLine) any { return l.example.Theirs }},
		{head: "Remarks", width: 60, kind: prose, value: func(l checkLine) any { return l.text }},
	}}
}

func checkLines(list []report.Crosscheck) (out []checkLine) {
	for _, c := range list {
		remarks := strings.Join(append([]string{c.Summary}, c.Notes...), "; ")
		out = append(out, checkLine{evidence: c.Evidence, field: "all", text: remarks, frames: c.Frames, values: c.Values, agree: c.Agreed, explained: c.Explained, differs: c.Differing})
		for _, f := range c.Fields {
			line := checkLine{evidence: c.Evidence, field: f.Field, frames: f.Frames, values: f.Values, agree: f.Frames - f.Explained - f.Differing, explained: f.Explained, differs: f.Differing}
			if len(f.Differences) == 0 {
				out = append(out, line)
			}
			for _, d := range f.Differences {
				out = append(out, different(line, d))
			}
		}
	}
	return out
}

// different is the row of a field for one of the reasons for which it differs.
func different(line checkLine, d report.CheckDifference) checkLine {
	line.text, line.explained, line.differs = d.Reason, d.Frames, 0
	if d.Reason == "" {
		line.text, line.explained, line.differs = "not explained", 0, d.Frames
	}
	var frames []string
	for _, e := range d.First {
		frames = append(frames, phrase.Count(e.Frame))
	}
	if len(d.First) > 0 {
		line.example = d.First[0]
	}
	line.first = strings.Join(frames, " ")
	return line
}
