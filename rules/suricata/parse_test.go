package suricata

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const header = "alert icmp any any -> any any "

// Rules as people write them, and what becomes of each line: place, outcome, id.
var written = []struct {
	name, text string
	want       []string
}{
	{"over lines as Snort 3 has them", header + "(\n  msg:\"a\";\n  itype:8;\n  sid:5;\n)\n" + header + "(sid:6;)", []string{"1:1 converted 1:5", "6:1 converted 1:6"}},
	{"options on lines of their own", header + "\n(msg:\"a\"; itype:8;\nsid:5; rev:1;)", []string{"1:1 converted 1:5"}},
	{"lines that end with \\r", header + "(\r\n  itype:8;\r\n  sid:5;)\r\n", []string{"1:1 converted 1:5"}},
	{"comments and empty lines in a rule", header + "( # pings\n\n  # all of them\n  itype:8; # or not\n  content:\"a;#b\"; sid:5;\n)", []string{"1:1 converted 1:5"}},
	{"with backslashes and without", header + "\\\n  (itype:8;\n  sid:5;)", []string{"1:1 converted 1:5"}},
	{"a parenthesis that closes nothing", header + "(msg:\"a\n b)\n c\"; sid:5;\n)", []string{"1:1 converted 1:5"}},
	{"not closed before the next", header + "(itype:8; sid:5;\n" + header + "(sid:6;)", []string{"1:1 refused 1:5", "2:1 converted 1:6"}},
	{"not closed before a comment and the next", header + "(itype:8; sid:5;\n# b\nDrop icmp any any -> any any (sid:6;)", []string{"1:1 refused 1:5", "2:1 comment", "3:1 converted 1:6"}},
	{"never closed", header + "(itype:8; sid:5;\n", []string{"1:1 refused 1:5"}},
	{"no options", header + "\n" + header + "(sid:6;)", []string{"1:1 refused 1:", "2:1 converted 1:6"}},
	{"wrong on a line of its own", header + "(\n  itype:8;\n  nonsense_here:1;\n  sid:5;)", []string{"1:1 refused 1:5"}},
	{"capitals", "ALERT ICMP any any -> any any (SID:5; IType:8;)", []string{"1:1 converted 1:5"}},
	{"zeros in front", header + "(sid:0005;)\n" + header + "(sid:5;)", []string{"1:1 converted 1:5", "2:1 refused 1:5"}},
	{"disabled", "#" + header + "(sid:5;)\n# drop by hand (later)", []string{"1:1 disabled", "2:1 disabled"}},
}

func TestWritten(t *testing.T) {
	for _, test := range written {
		if got := outcomes(&Importer{Dialect: Snort2}, test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

func outcomes(im *Importer, text string) (out []string) {
	for _, l := range im.File("x.rules", []byte(text)) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", l.At.Line, l.At.Column, l.Outcome, l.ID)))
	}
	return out
}

// Rules in comments are rules where that is asked for; words that begin like one are not.
func TestDisabled(t *testing.T) {
	const text = "#" + header + "(sid:5; itype:8;)\n  # # " + header + "(sid:6; itype:300;)\n# drop by hand (later)\n" + header + "(sid:5;)"
	im := &Importer{Dialect: Snort2, Disabled: true}
	want := []string{"1:2 converted 1:5", "2:7 refused 1:6", "3:1 comment", "4:1 refused 1:5"}
	if got := outcomes(im, text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	line := (&Importer{Dialect: Snort2, Disabled: true}).File("x.rules", []byte(text))
	if !strings.Contains(string(line[0].YAML), "It is disabled there.") || line[1].Reasons[0].At.Column != 51 {
		t.Errorf("%s\n%v", line[0].YAML, line[1].Reasons)
	}
}

// What a filter says once for each of several options it says once.
func TestUnique(t *testing.T) {
	for _, test := range []struct{ options, want string }{
		{"itype:128; icmp_id:7; icmp_seq:9", "sift.type == 128 && ((icmp && sift.id == 7 && sift.seq == 9) || (sift.id == 7 && icmpv6.code#1 == 0 && sift.seq == 9))"},
		{`itype:8; content:"a && a"; depth:6; content:"a && a"; depth:6`, `sift.type == 8 && (icmp#1[8:6] == "a && a" || len(icmpv6#1) >= 18 && icmpv6#1[4:6] == "a && a")`},
	} {
		im := Importer{Dialect: Suricata}
		if line := im.File("x.rules", []byte(header+"(sid:1; "+test.options+";)"))[0]; line.Filter != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.options, line.Filter, test.want)
		}
	}
}

func TestClauses(t *testing.T) {
	for text, want := range map[string]int{"a": 1, "a && b": 2, "(a && b) && c": 2, "a in {1, 2} && b": 2, "a || b && c": 1, `a == "x && y"`: 1, "": 1} {
		if got := clauses(text); len(got) != want || strings.Join(got, " && ") != text {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestQuotedTitle(t *testing.T) {
	im := Importer{Dialect: Snort2}
	if got := string(im.File("x.rules", []byte(header+"(msg:”ping seen”; sid:1;)"))[0].YAML); !strings.HasPrefix(got, "title: ping seen\n") {
		t.Error(got)
	}
}
