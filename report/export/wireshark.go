package export

import (
	"fmt"
	"io"

	"icmpsift/ingest/field"
	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/wireshark"
)

// WiresharkDir is where the profile for Wireshark lies in the report folder.
const WiresharkDir = "wireshark"

// Buttons writes the findings' filters as buttons of Wireshark's filter toolbar.
func Buttons(w io.Writer, r *report.Report) error { return profile(r).Buttons(w) }

// Colours writes the findings' filters as colouring rules of Wireshark, the worst first.
func Colours(w io.Writer, r *report.Report) error { return profile(r).Colours(w) }

// profile is what Wireshark can say of each finding that is not suppressed.
func profile(r *report.Report) wireshark.Profile {
	p := wireshark.Profile{Menu: "Findings", About: []string{
		"Made from the findings of an icmpsift report. To use it, copy this folder into Wireshark's folder of profiles (Help,",
		"About Wireshark, Folders, Personal configuration: profiles/) and choose the profile by its name in Edit, Configuration",
		"Profiles. The filters are for the evidence files; the slices in findings/ hold the packets of one finding each.",
	}}
	missing := int64(0)
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.SuppressedBy != "" {
			continue
		}
		x, ok := button(f, r.Tool.Wireshark)
		if !ok {
			missing++
			continue
		}
		p.Items = append(p.Items, x)
	}
	if missing > 0 {
		p.About = append(p.About, fmt.Sprintf("%s no filter that Wireshark can say.", phrase.Plural(missing, "finding has", "findings have")))
	}
	return p
}

// button is a finding as Wireshark has it; ok is false if it has no filter that compiles and says something.
func button(f *report.Finding, version string) (x wireshark.Item, ok bool) {
	if f.Filter == "" {
		return x, false
	}
	compiled, err := filter.Compile(f.Filter, &field.Context{Wireshark: version}, nil)
	if err != nil {
		return x, false
	}
	level, _ := rules.ParseLevel(f.Level)
	x = wireshark.Of(f.ID+": "+f.Rule.Title, level, compiled)
	return x, x.Filter != ""
}
