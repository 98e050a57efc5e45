package workbook

import (
	"icmpsift/report"
	"icmpsift/report/phrase"
)

// told is a line of the last sheet: something about the run, or what a column of a sheet is.
type told struct{ what, of, text string }

// describer is a sheet that says what its columns are.
type describer interface{ describe() []told }

func (s *sheet[T]) describe() []told {
	out := []told{{"Sheet", s.name, s.about}}
	for _, c := range s.columns {
		if c.about != "" {
			out = append(out, told{s.name, c.head, c.about})
		}
	}
	return out
}

// about tells of the run and of the workbook itself. What differs from run to run is in custody.json.
func about(r *report.Report, pages []page) page {
	lines := []told{
		{"Run", "Made by", r.Tool.Name + " " + r.Tool.Version},
		{"Run", "SHA-256 of the rules", r.Tool.RulesSHA256},
		{"Run", "Fields and filters", "as in Wireshark " + r.Tool.Wireshark},
		{"Run", "Times", "in UTC unless the header says otherwise; those of packets are by the clock of the case, those of evidence as recorded"},
		{"Run", "Limits of time and scope", limited(r)},
		{"Run", "Home networks", phrase.List(r.Case.HomeNet, 8)},
		{"Run", "Command line, settings, times of the run, custody", "custody.json, beside this file; \"icmpsift verify\" checks it"},
		{"Workbook", "Columns marked (yours)", "are for you; the list in the cell is a proposal"},
		{"Workbook", "Text", "control and direction characters are shown as escapes; what begins with = + - @ is text and no formula. When you save a sheet as CSV that guard is gone: take indicators.csv"},
		{"Workbook", "First header of a sheet", "leads back to the sheet Summary"},
	}
	for _, p := range r.Tool.PayloadTables {
		lines = append(lines, told{"Run", "Payloads known from " + p.Name, "SHA-256 " + p.SHA256})
	}
	for _, p := range pages {
		if d, ok := p.(describer); ok {
			lines = append(lines, d.describe()...)
		}
	}
	return &sheet[told]{name: "About", tab: tabMethod, about: "What made this workbook, and what its columns are.", items: lines, columns: []column[told]{
		{head: "About", width: 16, kind: id, value: func(t told) any { return t.what }},
		{head: "Of", width: 44, kind: prose, value: func(t told) any { return t.of }},
		{head: "What it is", width: 100, kind: prose, value: func(t told) any { return t.text }},
	}}
}
