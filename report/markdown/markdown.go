// Package markdown writes a [report.Report] as report.md: GitHub-flavoured Markdown that reads from the top down, for a
// manager first and for analysts from the findings on. Call [Write].
//
// It computes nothing: numbers come from the report as they are. Every text of the report counts as hostile and passes
// [inert.Markdown], [inert.Code] or [inert.Fence].
package markdown

import (
	"io"

	"icmpsift/report"
)

// Rows and sections of report.md at most; everything is in report.json and the workbook.
const (
	maxEvents   = 25
	maxFindings = 40
	maxHosts    = 20
	maxRows     = 100
	maxList     = 5
	maxRanges   = 12
)

// Write writes the report. Errors are those of w.
func Write(w io.Writer, r *report.Report) error {
	d := &doc{}
	for _, section := range []func(*doc, *report.Report){
		head, bottomLine, incidents, actions, timeline, findings, hosts, artefacts, indicators, evidence, crosscheck, traffic, method, definitions, tail,
	} {
		section(d, r)
	}
	_, err := io.WriteString(w, d.String())
	return err
}
