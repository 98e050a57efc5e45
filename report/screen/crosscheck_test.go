package screen

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"icmpsift/report"
	"icmpsift/report/sample"
)

func check(r *report.Report) *report.Check {
	return &report.Check{Schema: report.CheckSchema, Captures: r.Crosscheck, Total: *r.CrosscheckTotal}
}

func TestCrosscheck(t *testing.T) {
	for name, c := range map[string]struct {
		report  *report.Report
		options Options
	}{
		"crosscheck.txt":         {sample.Incident(t), Options{Width: 120}},
		"crosscheck-fields.txt":  {sample.Incident(t), Options{Width: 120, EveryField: true}},
		"crosscheck-narrow.txt":  {sample.Incident(t), Options{Width: 80}},
		"crosscheck-hostile.txt": {sample.Hostile(t, sample.Texts["terminal"]), Options{Width: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Crosscheck(&b, check(c.report), c.options); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("differs from %s; run go test -update and look at the difference", path)
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > c.options.Width {
					t.Errorf("%d columns: %q", n, line)
				}
			}
			if strings.ContainsAny(b.String(), "\x1b\a\b") {
				t.Error("holds control characters")
			}
		})
	}
}
