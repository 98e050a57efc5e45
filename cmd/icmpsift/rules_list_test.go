package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"icmpsift/rules"
)

// The table keeps to the terminal's width, and nothing of a rule is lost in it.
func TestTableFits(t *testing.T) {
	list := []*rules.Rule{
		{Name: "a", Level: rules.Informational, Status: "experimental", Builtin: true, Title: "Short", Tags: []string{"attack.t1095", "attack.t1048.003", "attack.exfiltration"}},
		{Name: strings.Repeat("long-name-", 8) + "z", Level: rules.Low, Title: strings.Repeat("words of a title ", 6) + "\x1b[2J", At: rules.Position{File: strings.Repeat("folder/", 9) + "file.yml", Line: 7}},
	}
	for _, width := range []int{80, 100, 200} {
		out := tabulate(list, width)
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("a line of %d in %d columns:\n%s", n, width, out)
				break
			}
		}
		for _, want := range []string{"T1048.003\n", "informational", "experimental", `\x1b[2J`, "builtin"} {
			if !strings.Contains(strings.ReplaceAll(out, "T1048.003 ", "T1048.003\n"), want) {
				t.Errorf("no %q in\n%s", want, out)
			}
		}
		if strings.Contains(out, "exfiltration") || strings.Contains(out, "\x1b") {
			t.Errorf("got\n%s", out)
		}
	}
}
