package markdown

import (
	"strconv"
	"strings"

	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// doc collects blocks of Markdown. Its callers hand in text that is safe already: see [text] and [code].
type doc struct{ strings.Builder }

// Characters of one text at most; whole texts are in report.json.
const (
	textLimit   = 2000
	codeLimit   = 300
	filterLimit = 6000
)

// text and code are the two ways evidence gets into the document: as running text and as a single value.
func text(s string) string { return inert.Markdown(inert.Cut(s, textLimit)) }

func code(s string) string { return inert.Code(inert.Cut(s, codeLimit)) }

func (d *doc) heading(level int, s string) { d.block(strings.Repeat("#", level) + " " + s) }

func (d *doc) para(s string) {
	if s != "" {
		d.block(s)
	}
}

// prose writes text of a rule, whose empty lines part paragraphs, behind a label.
func (d *doc) prose(label, s string) {
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = text(p); p != "" {
			d.para(label + p)
			label = ""
		}
	}
}

func (d *doc) bullets(label string, items []string) {
	d.list(label, items, func(int) string { return "- " })
}

func (d *doc) numbered(items []string) {
	d.list("", items, func(i int) string { return strconv.Itoa(i+1) + ". " })
}

func (d *doc) list(label string, items []string, mark func(int) string) {
	if len(items) == 0 {
		return
	}
	d.para(label)
	var b strings.Builder
	for i, item := range items {
		b.WriteString(mark(i) + item + "\n")
	}
	d.block(strings.TrimSuffix(b.String(), "\n"))
}

// table writes a table whose cells are safe; a column whose header ends in a colon is set right.
func (d *doc) table(header []string, rows [][]string) {
	var b strings.Builder
	rule := make([]string, len(header))
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.TrimSuffix(h, ":")
		rule[i] = "---"
		if names[i] != h {
			rule[i] = "---:"
		}
	}
	for _, row := range append([][]string{names, rule}, rows...) {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	d.block(strings.TrimSuffix(b.String(), "\n"))
}

func (d *doc) block(s string) { d.WriteString(s + "\n\n") }

// codes lists values as code spans and says how many are left out beyond limit.
func codes(values []string, limit int) string {
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = code(v)
	}
	return phrase.List(shown, limit)
}

// or gives what to show for a value that may be missing.
func or(s, missing string) string {
	if s == "" {
		return missing
	}
	return s
}

// each makes table rows of the first limit items, and a sentence about the rest.
func each[T any](items []T, limit int, row func(T) []string) (rows [][]string, rest int64) {
	for _, item := range items[:min(limit, len(items))] {
		rows = append(rows, row(item))
	}
	return rows, int64(len(items) - len(rows))
}

// more says that a table was cut.
func (d *doc) more(rest int64, what string) {
	if rest > 0 {
		d.para("*" + phrase.Count(rest) + " more " + what + " in the workbook and in report.json.*")
	}
}
