// Package html writes a [report.Report] as report.html: one file that needs nothing else, no network and no script, with figures
// drawn into it. Call [Write].
//
// What it says is [document.Of]; here are only the marks. A strict Content-Security-Policy lets in the style and the script of this
// package, by their hashes, and nothing else. Every text of the report counts as hostile: it is made inert and then escaped by
// html/template.
package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strconv"
	"strings"

	"icmpsift/report"
	"icmpsift/report/document"
	"icmpsift/report/figure"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed page.css
var style string

//go:embed page.js
var script string

// policy lets in what this package brings, and images inside the file; a form, a base, a frame or a request has no way out.
func policy() string {
	return "default-src 'none'; style-src '" + fingerprint(style) + "'; script-src '" + fingerprint(script) + "'; img-src data:; base-uri 'none'; form-action 'none'"
}

func fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the template writes.
type page struct {
	*document.Document
	Policy        string
	Style, Script template.HTML
	Label         string // class of the page and of its TLP label
	Lead          []any
	Sections      []section
}

// section is a heading of the second level and what follows it.
type section struct {
	ID    string
	Title document.Text
	Body  []any
}

// Write writes the report. Errors are those of w, and a figure that cannot be drawn.
func Write(w io.Writer, r *report.Report) error {
	d := document.Of(r)
	p := page{Document: d, Policy: policy(), Label: label(r.Case.TLP), Style: template.HTML("<style>" + style + "</style>"), Script: template.HTML("<script>" + script + "</script>")}
	p.Lead, p.Sections = parted(d.Body)
	t, err := template.New("page").Funcs(marks(r)).Parse(pageTemplate)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = b.WriteTo(w)
	return err
}

// parted cuts the document at its headings of the second level; what stands before the first is the lead.
func parted(body []any) (lead []any, out []section) {
	for _, part := range body {
		if h, ok := part.(document.Heading); ok && h.Level == 2 {
			out = append(out, section{ID: h.ID, Title: h.Text})
			continue
		}
		if len(out) == 0 {
			lead = append(lead, part)
			continue
		}
		last := &out[len(out)-1]
		last.Body = append(last.Body, part)
	}
	return lead, out
}

// label is the class of a TLP label, "" for what is none.
func label(tlp string) string {
	switch tlp {
	case "TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:GREEN", "TLP:CLEAR":
		return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(tlp, "TLP:"), "+", "-"))
	}
	return ""
}

// marks are what the template asks for.
func marks(r *report.Report) template.FuncMap {
	return template.FuncMap{
		"kind":    func(x any) string { return reflect.TypeOf(x).Name() },
		"prose":   func(s document.Prose) string { return inert.Prose(inert.Cut(string(s), document.ProseLimit)) },
		"code":    func(s document.Code) string { return inert.Text(inert.Cut(string(s), document.CodeLimit)) },
		"level":   class,
		"title":   phrase.Title,
		"open":    open,
		"number":  func(f *float64) string { return strconv.FormatFloat(*f, 'g', -1, 64) },
		"deeper":  func(level int) int { return min(level, 6) },
		"away":    func(to string) bool { return strings.Contains(to, "://") },
		"caption": func(f report.Figure) string { return inert.Prose(f.Caption) },
		"figure":  func(f report.Figure) (template.HTML, error) { return drawn(r, f) },
	}
}

// class is the class of a level, "none" for what is none.
func class(level string) string {
	if _, ok := rules.ParseLevel(level); ok {
		return level
	}
	return "none"
}

// open tells which cards are open at first: those that a person has to look at.
func open(c document.Card) bool {
	l, ok := rules.ParseLevel(c.Level)
	return ok && l >= rules.Medium && !c.Suppressed
}

func drawn(r *report.Report, f report.Figure) (template.HTML, error) {
	var b bytes.Buffer
	if err := figure.Write(&b, r, f); err != nil {
		return "", fmt.Errorf("report.html: %w", err)
	}
	return template.HTML(b.String()), nil
}
