// Package export writes a [report.Report] for other programs: report.json and its JSON Schema, a timeline for Timesketch,
// indicators as CSV and as STIX 2.1, a layer for the ATT&CK Navigator, findings in the Elastic Common Schema, and a profile
// for Wireshark. [Formats] lists them.
//
// It computes nothing: what is told comes from the report as it is. Every text of the report counts as hostile: text is
// shown by [inert.Text], values that other programs act upon are written only if they are what they must be (an address, a
// technique, a filter that compiles), and what is not printable stands in JSON as \u escapes.
package export

import (
	"io"

	"icmpsift/report"
)

// Format is one file for machines. Several files may share a name: whoever asks for it gets them all.
type Format struct {
	Name string // on the command line
	File string // in the report folder, with slashes

	// Write renders the report. Errors are those of the writer.
	Write func(io.Writer, *report.Report) error
}

// Formats are all files for machines.
func Formats() []Format {
	return []Format{
		{"json", "report.json", JSON},
		{"timeline", "timeline.jsonl", Timeline},
		{"indicators", "indicators.csv", Indicators},
		{"stix", "stix.json", STIX},
		{"navigator", "navigator.json", Navigator},
		{"ecs", "findings.ndjson", ECS},
		{"wireshark", WiresharkDir + "/dfilter_buttons", Buttons},
		{"wireshark", WiresharkDir + "/colorfilters", Colours},
	}
}
