// Package markdown writes a [report.Report] as report.md: GitHub-flavoured Markdown that reads from the top down, for a
// manager first and for analysts from the findings on. Call [Write].
//
// What it says is [document.Of]; here are only the marks. Every text of the report counts as hostile and passes
// [inert.Markdown], [inert.Code] or [inert.Fence].
package markdown

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"icmpsift/report"
	"icmpsift/report/document"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// Write writes the report. Errors are those of w.
func Write(w io.Writer, r *report.Report) error {
	p, d := &page{}, document.Of(r)
	p.marking(d.Marking)
	p.block("# " + text(d.Title))
	p.parts(d.Body)
	p.marking(d.Marking)
	_, err := io.WriteString(w, p.String())
	return err
}

// page collects blocks of Markdown.
type page struct{ strings.Builder }

func (p *page) block(s string) { p.WriteString(s + "\n\n") }

func (p *page) marking(t document.Text) {
	if len(t) > 0 {
		p.block(text(document.Text{document.Strong(t)}))
	}
}

func (p *page) parts(body []any) {
	for _, part := range body {
		p.part(part)
	}
}

func (p *page) part(part any) {
	switch x := part.(type) {
	case document.Heading:
		p.block(strings.Repeat("#", x.Level) + " " + text(x.Text))
	case document.Paragraph:
		p.block(text(x.Text))
	case document.Facts:
		p.facts(x)
	case document.Table:
		p.table(x)
	case document.List:
		p.list(x)
	case document.Block:
		p.block(inert.Fence("text", string(x)))
	case document.Dump:
		p.block(inert.Fence("text", string(x)))
	case document.Picture:
		p.picture(x.Figure)
	case document.Card:
		p.card(x)
	default:
		panic(fmt.Sprintf("markdown: no form for a %T", part))
	}
}

func (p *page) card(c document.Card) {
	if c.ID != "" {
		p.block(`<a id="` + c.ID + `"></a>`)
	}
	p.block("### " + text(c.Title))
	p.parts(c.Body)
}

// picture shows a figure's file, which is in the folder of the report if it was asked for.
func (p *page) picture(f report.Figure) {
	if f.Path == "" {
		p.block("*Figure “" + inert.Markdown(f.Title) + "” was not asked for (format svg).*")
		return
	}
	if phrase.Linkable(f.Path) {
		p.block("![" + inert.Markdown(f.Title) + "](" + f.Path + ")")
	}
	p.block("*" + inert.Markdown(f.Caption) + "*")
}

func (p *page) list(l document.List) {
	if len(l.Label) > 0 {
		p.block(text(l.Label))
	}
	lines := make([]string, len(l.Items))
	for i, item := range l.Items {
		mark := "- "
		if l.Numbered {
			mark = strconv.Itoa(i+1) + ". "
		}
		lines[i] = mark + text(item)
	}
	p.block(strings.Join(lines, "\n"))
}

// facts is a table whose first row has to be its head, for Markdown has no table without one.
func (p *page) facts(f document.Facts) {
	var rows [][]string
	for _, x := range f.Rows {
		rows = append(rows, []string{text(x.Name), text(x.Value)})
	}
	p.rows(rows[0], []string{"---", "---"}, rows[1:])
}

func (p *page) table(t document.Table) {
	var names, rule []string
	for _, c := range t.Columns {
		names, rule = append(names, c.Name), append(rule, map[bool]string{false: "---", true: "---:"}[c.Right])
	}
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		for _, c := range row {
			rows[i] = append(rows[i], text(c.Text))
		}
	}
	p.rows(names, rule, rows)
}

func (p *page) rows(head, rule []string, rows [][]string) {
	lines := make([]string, 0, len(rows)+2)
	for _, cells := range append([][]string{head, rule}, rows...) {
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
	}
	p.block(strings.Join(lines, "\n"))
}

// text writes spans.
func text(t document.Text) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(span(s))
	}
	return b.String()
}

func span(s any) string {
	switch x := s.(type) {
	case document.Plain:
		return strings.ReplaceAll(string(x), "&", "&amp;")
	case document.Prose:
		return inert.Markdown(inert.Cut(string(x), document.ProseLimit))
	case document.Code:
		return inert.Code(inert.Cut(string(x), document.CodeLimit))
	case document.Strong:
		return "**" + text(document.Text(x)) + "**"
	case document.Emph:
		return "*" + text(document.Text(x)) + "*"
	case document.Place:
		return `<a id="` + x.ID + `"></a>` + text(x.Text)
	case document.Link:
		return "[" + text(x.Text) + "](" + x.To + ")"
	}
	panic(fmt.Sprintf("markdown: no form for a %T", s))
}
