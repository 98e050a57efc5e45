package suricata

import (
	"strings"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/rules/filter"
)

// FuzzImport: nothing panics; what converts compiles, has a document, and says where it stood; what does not has a reason.
func FuzzImport(f *testing.F) {
	for _, line := range lines {
		f.Add("alert icmp any any -> any any ("+line.options+"; sid:1;)", uint8(1))
	}
	for _, text := range broken {
		f.Add(text.rule, uint8(2))
	}
	f.Add("# c\n#alert icmp any any -> any any (sid:1;)\nalert icmp [![10.0.0.0/8,$HOME_NET],fe80::/10] any <> !$X any \\\n (msg:\"x\\\"y\"; sid:0x10; rev:2;)", uint8(0))
	f.Fuzz(func(t *testing.T, text string, dialect uint8) {
		im := Importer{Dialect: []Dialect{Unknown, Suricata, Snort2}[dialect%3], Vars: map[string]string{"X": "[10.1.0.0/16,!$X]"}}
		for _, l := range im.File("fuzz.rules", []byte(text)) {
			if l.At.Line < 1 || l.At.Line > 1+strings.Count(text, "\n") || l.At.Column < 1 {
				t.Errorf("place %v", l.At)
			}
			switch l.Outcome {
			case Converted, Partial:
				if _, err := filter.Compile(l.Filter, &field.Context{}, nil); err != nil || l.YAML == nil || l.Filter == "" {
					t.Errorf("%q: %q, %v", text, l.Filter, err)
				}
			case Refused:
				if len(l.Reasons) != 1 || l.Reasons[0].Message == "" || strings.Contains(l.Reasons[0].Message, "does not load") {
					t.Errorf("%q: %+v", text, l.Reasons)
				}
			}
		}
	})
}
