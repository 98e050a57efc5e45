package screen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"icmpsift/report"
	"icmpsift/report/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t *testing.T, r *report.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var outputs = []string{"report.md", "report.xlsx", "report.json"}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name    string
		report  *report.Report
		options Options
	}{
		{"incident.txt", sample.Incident(t), Options{Width: 120, Folder: "icmpsift-report", Outputs: outputs}},
		{"narrow.txt", sample.Incident(t), Options{Width: 80, Folder: "icmpsift-report", Outputs: outputs}},
		{"color.txt", sample.Incident(t), Options{Width: 120, Color: true, Folder: "icmpsift-report", Outputs: outputs}},
		{"quiet.txt", sample.Quiet(t), Options{Folder: "icmpsift-report", Outputs: outputs}},
		{"nothing-read.txt", &report.Report{}, Options{}},
		{"hostile.txt", sample.Hostile(t, sample.Texts["terminal"]), Options{Width: 100, Folder: sample.Texts["terminal"], Outputs: outputs}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, path := render(t, c.report, c.options), filepath.Join("testdata", c.name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s; run go test -update and look at the difference", path)
			}
		})
	}
}

var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestHostile(t *testing.T) {
	sample.Everywhere(t, func(t *testing.T, r, _ *report.Report) {
		for _, color := range []bool{false, true} {
			folder := r.Case.ID
			got := render(t, r, Options{Width: 100, Color: color, Folder: folder, Outputs: []string{folder}})
			if n := len(colour.FindAllString(got, -1)); !color && n > 0 {
				t.Errorf("%d colours in plain text", n)
			}
			got = colour.ReplaceAllString(got, "")
			if !utf8.ValidString(got) {
				t.Error("not UTF-8")
			}
			for _, r := range got {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%U left in", r)
				}
			}
		}
	})
}

// TestColour holds that colour changes nothing but colour.
func TestColour(t *testing.T) {
	plain := render(t, sample.Incident(t), Options{Width: 100})
	painted := render(t, sample.Incident(t), Options{Width: 100, Color: true})
	if painted == plain {
		t.Error("no colour")
	}
	if got := colour.ReplaceAllString(painted, ""); got != plain {
		t.Errorf("painted text differs:\n%s\n%s", got, plain)
	}
}

func TestWidth(t *testing.T) {
	for name, r := range map[string]*report.Report{"incident": sample.Incident(t), "quiet": sample.Quiet(t), "long": sample.Hostile(t, strings.Repeat("x", 500))} {
		for _, width := range []int{80, 100, 160} {
			for _, line := range strings.Split(render(t, r, Options{Width: width, Folder: strings.Repeat("f", 300)}), "\n") {
				if n := text.StringWidthWithoutEscSequences(line); n > width {
					t.Errorf("%s at %d: %d columns: %q", name, width, n, line)
				}
			}
		}
	}
}

func TestCapsAreVisible(t *testing.T) {
	r := sample.Incident(t)
	for len(r.Findings) < maxRows+3 {
		r.Findings = append(r.Findings, r.Findings[0])
	}
	if got := render(t, r, Options{}); !strings.Contains(got, "and 3 more findings in the report") {
		t.Errorf("cut without a word:\n%s", got)
	}
}
