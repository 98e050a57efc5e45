package attack

import (
	"strings"
	"testing"
)

// The table is whole: ATT&CK 19.1 has 15 tactics, 222 techniques and 475 sub-techniques, each once and below its own
// technique, and what is retired leads to what is there.
func TestTable(t *testing.T) {
	if !strings.Contains(table, "ATT&CK Enterprise "+Version+":") || !strings.Contains(table, "The MITRE Corporation") {
		t.Error("the table does not tell its version and licence")
	}
	if lines := strings.Count(table, "\n") - strings.Count(table, "\n#") - 1; len(entries()) != lines {
		t.Errorf("%d entries on %d lines", len(entries()), lines)
	}
	tactics, techniques, subs := 0, 0, 0
	for tag, e := range entries() {
		switch {
		case e.Name != strings.TrimSpace(e.Name) || e.Name == "":
			t.Errorf("%s is called %q", tag, e.Name)
		case e.Retired:
			if _, ok := e.Current(); ok != (e.Instead != "") {
				t.Errorf("%s leads to %q", tag, e.Instead)
			}
		case strings.HasPrefix(e.ID, "TA"):
			tactics++
		case strings.Contains(e.ID, "."):
			subs++
			if family, _, _ := strings.Cut(e.ID, "."); entries()[prefix+strings.ToLower(family)].ID != family {
				t.Errorf("%s has no technique above it", e.ID)
			}
		default:
			techniques++
		}
	}
	if tactics != 15 || techniques != 222 || subs != 475 {
		t.Errorf("%d tactics, %d techniques, %d sub-techniques", tactics, techniques, subs)
	}
}

func TestOf(t *testing.T) {
	for tag, want := range map[string]Entry{
		"attack.t1048.003":       {ID: "T1048.003", Name: "Exfiltration Over Unencrypted Non-C2 Protocol"},
		"attack.T1572":           {ID: "T1572", Name: "Protocol Tunneling"},
		"attack.exfiltration":    {ID: "TA0010", Name: "Exfiltration"},
		"attack.defense-evasion": {ID: "TA0005", Name: "Defense Evasion", Retired: true, Instead: "TA0005"},
		"attack.t1094":           {ID: "T1094", Name: "Custom Command and Control Protocol", Retired: true, Instead: "T1095"},
		"attack.t1043":           {ID: "T1043", Name: "Commonly Used Port", Retired: true},
		"attack.t1048.009":       {},
		"attack.ta0010":          {},
		"t1572":                  {},
	} {
		if got, ok := Of(tag); got != want || ok != (want.ID != "") {
			t.Errorf("%s is %+v, %v", tag, got, ok)
		}
	}
	if e, ok := Technique("T1048"); !ok || e.Name != "Exfiltration Over Alternative Protocol" {
		t.Errorf("got %+v", e)
	}
	if _, ok := Technique("exfiltration"); ok {
		t.Error("a tactic is no technique")
	}
}

func TestNearest(t *testing.T) {
	for tag, want := range map[string]string{
		"attack.t1048.009":           "attack.t1048.003", // among its siblings
		"attack.t1048.013":           "attack.t1048.003",
		"attack.t1572.001":           "attack.t1572",
		"attack.t1096":               "attack.t1095",
		"attack.exfiltraton":         "attack.exfiltration",
		"attack.command_and_control": "attack.command-and-control",
		"attack.ta0011":              "attack.command-and-control", // a tactic by its id
		"attack.protocol-tunneling":  "attack.t1572",               // a technique by its name
		"attack.protocol-tunnelling": "attack.t1572",
		"attack.zzzzzzzzzzzzzzzz":    "",
	} {
		got, ok := Nearest(tag)
		if ok != (want != "") || ok && got.Tag() != want {
			t.Errorf("%s: got %+v, want %s", tag, got, want)
		}
	}
}
