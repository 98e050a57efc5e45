package html

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

	"icmpsift/report"
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

// hostile has s in every text; which figures there are is icmpsift's own word.
func hostile(t *testing.T, s string) *report.Report {
	t.Helper()
	r := sample.Hostile(t, s)
	for i, f := range sample.Incident(t).Figures {
		x := &r.Figures[i]
		x.ID, x.Kind, x.Missing = f.ID, f.Kind, f.Missing
		if x.Finding = ""; f.Finding != "" {
			x.Missing = s
		}
	}
	return r
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*report.Report{
		"incident.html": sample.Incident(t), "quiet.html": sample.Quiet(t), "hostile.html": hostile(t, sample.Texts["html"]), "nothing-read.html": {},
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
				t.Errorf("differs from %s; run go test -update and look at the page", path)
			}
		})
	}
}

// No hostile text leaves a tag, an attribute or an invisible character; this is the part that needs no browser.
func TestHostileIsInert(t *testing.T) {
	tag := regexp.MustCompile(`<(script|img|b|iframe|style)[ >]`)
	want := len(tag.FindAllString(render(t, hostile(t, "two words")), -1))
	for name, s := range sample.Texts {
		t.Run(name, func(t *testing.T) {
			page := render(t, hostile(t, s))
			if n := len(tag.FindAllString(page, -1)); n != want {
				t.Errorf("%d such tags, %d with harmless text", n, want)
			}
			if !utf8.ValidString(page) {
				t.Error("not UTF-8")
			}
			for _, c := range page {
				if c != '\n' && c != '\t' && !unicode.IsPrint(c) {
					t.Fatalf("%U left in", c)
				}
			}
		})
	}
}

// The page needs nothing from elsewhere, and its policy allows nothing.
func TestSelfContained(t *testing.T) {
	page := render(t, sample.Incident(t))
	for _, s := range []string{" style=", " src=", "@import", "url(", " onclick=", "<link", "<base", "<iframe", "<form", "unsafe-inline"} {
		if strings.Contains(page, s) {
			t.Errorf("%q in the page", s)
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("no policy")
	}
	for _, s := range []string{`<html lang="en">`, `<meta name="color-scheme" content="light dark">`, `<p class="tlp amber-strict">TLP:AMBER&#43;STRICT</p>`} {
		if !strings.Contains(page, s) {
			t.Errorf("no %s", s)
		}
	}
	if n := strings.Count(page, `class="tlp amber-strict"`); n != 2 {
		t.Errorf("%d TLP labels, want one in the header and one in the footer", n)
	}
}

// Headings go down without a gap, and there is one of the first level.
func TestHeadings(t *testing.T) {
	for name, r := range map[string]*report.Report{"incident": sample.Incident(t), "quiet": sample.Quiet(t), "nothing": {}} {
		last := 0
		for i, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(render(t, r), -1) {
			level := int(m[1][0] - '0')
			if level > last+1 || level == 1 && i > 0 {
				t.Errorf("%s: heading of level %d after one of level %d", name, level, last)
			}
			last = level
		}
	}
}
