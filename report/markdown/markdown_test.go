package markdown

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"icmpsift/report"
	"icmpsift/report/document"
	"icmpsift/report/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*report.Report{
		"incident.md": sample.Incident(t), "quiet.md": sample.Quiet(t), "hostile.md": sample.Hostile(t, sample.Texts["markdown"]), "nothing-read.md": {},
	} {
		t.Run(name, func(t *testing.T) {
			got, path := render(t, r), filepath.Join("testdata", name)
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

// TestHostileKeepsShape holds every document of hostile texts against one of harmless texts: the same blocks, the same
// tables with the same cells, nothing invisible.
func TestHostileKeepsShape(t *testing.T) {
	sample.Everywhere(t, func(t *testing.T, r, harmless *report.Report) {
		want, got := shape(render(t, harmless)), render(t, r)
		for i, line := range shape(got) {
			if i >= len(want) || line != want[i] {
				t.Fatalf("block %d is %q, with harmless text it is %q", i, line, want[min(i, len(want)-1)])
			}
		}
		checkInert(t, got)
	})
}

var codeText = regexp.MustCompile("(?s)(`+)text\n.*?\n`+\n")

// shape is what each line is: how many cells, which heading; the content of code blocks left out.
func shape(md string) (lines []string) {
	for _, line := range strings.Split(codeText.ReplaceAllString(md, "CODE\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "|"):
			lines = append(lines, strings.Repeat("|", strings.Count(line, "|")))
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "- "):
			lines = append(lines, line[:strings.IndexByte(line, ' ')])
		case line == "":
			// paragraphs of a text may be more or fewer
		case len(lines) > 0 && lines[len(lines)-1] == "text":
		default:
			lines = append(lines, "text")
		}
	}
	return lines
}

func checkInert(t *testing.T, md string) {
	t.Helper()
	if !utf8.ValidString(md) {
		t.Error("not UTF-8")
	}
	for _, r := range md {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%U left in", r)
		}
	}
	outside := withoutCode(md)
	for _, s := range []string{"<script", "<img", "<b>", "](javascript", "](http://"} {
		if strings.Contains(outside, s) {
			t.Errorf("%q left in", s)
		}
	}
}

// withoutCode drops escaped characters, code spans and code blocks.
func withoutCode(md string) string {
	var b strings.Builder
	for i := 0; i < len(md); {
		length := len(md[i:]) - len(strings.TrimLeft(md[i:], "`"))
		switch {
		case md[i] == '\\':
			i += 2
		case length == 0:
			b.WriteByte(md[i])
			i++
		default:
			i += length
			i += closing(md[i:], length)
		}
	}
	return b.String()
}

// closing finds the end of the next run of exactly n backticks; 0 when there is none.
func closing(md string, n int) int {
	for i := 0; i < len(md); i++ {
		if run := len(md[i:]) - len(strings.TrimLeft(md[i:], "`")); run == n {
			return i + n
		} else if run > 0 {
			i += run - 1
		}
	}
	return 0
}

// TestHostileThroughPandoc lets a real renderer judge, where one is installed.
func TestHostileThroughPandoc(t *testing.T) {
	pandoc, err := exec.LookPath("pandoc")
	if err != nil {
		t.Skip("pandoc is not installed")
	}
	target := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	own := regexp.MustCompile(`^(#[\w-]+|https://attack\.mitre\.org/techniques/[T\d/]+|findings/[\w-]+\.pcapng)$`)
	for name, s := range sample.Texts {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(pandoc, "-f", "gfm", "-t", "html")
			cmd.Stdin = strings.NewReader(render(t, sample.Hostile(t, s)))
			html, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range target.FindAllSubmatch(html, -1) {
				if !own.Match(m[1]) {
					t.Errorf("link to %q", m[1])
				}
			}
			for _, tag := range []string{"<script", "<img", "<b>", "class=\"emoji\""} {
				if bytes.Contains(html, []byte(tag)) {
					t.Errorf("%q in the page", tag)
				}
			}
			if n := bytes.Count(html, []byte("<h1")); n != 1 {
				t.Errorf("%d main headings", n)
			}
		})
	}
}

func TestCapsAreVisible(t *testing.T) {
	r := sample.Incident(t)
	for len(r.Findings) < document.MaxFindings+document.MaxRows+7 {
		f := r.Findings[3]
		f.Rule.ID += fmt.Sprint(len(r.Findings)) // each of a rule of its own
		r.Findings = append(r.Findings, f)
	}
	md := render(t, r)
	for _, want := range []string{"*3 more rows of the timeline, which weigh less, in the workbook", "*7 more findings in the workbook", "20 of 1,204 hosts"} {
		if !strings.Contains(md, want) {
			t.Errorf("no %q", want)
		}
	}
}

// Of many findings of one rule in one incident a few have a section; links to the others lead to their rows.
func TestAlikeFindingsAreListed(t *testing.T) {
	r := sample.Incident(t)
	own := len(r.Findings)
	for i := range 20 {
		f := r.Findings[3]
		f.ID = fmt.Sprintf("F-alike%d", i)
		r.Findings = append(r.Findings, f)
	}
	md := render(t, r)
	sections, rows := 0, 0
	for i := range 20 {
		sections += strings.Count(md, fmt.Sprintf("<a id=\"F-alike%d\"></a>\n", i))
		rows += strings.Count(md, fmt.Sprintf("| <a id=\"F-alike%d\"></a>`F-alike%d` |", i, i))
	}
	if sections != 4 || rows != 16 { // one of them is the sample's own
		t.Errorf("%d sections and %d rows beside %d of the sample", sections, rows, own)
	}
}
