package document

import (
	"fmt"
	"strings"
	"time"

	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// doc collects the parts of a document, or of a card.
type doc struct{ body []any }

func (d *doc) add(part any) { d.body = append(d.body, part) }

func (d *doc) heading(level int, id string, words ...any) { d.add(Heading{level, id, join(words...)}) }

func (d *doc) para(words ...any) {
	if t := join(words...); len(t) > 0 {
		d.add(Paragraph{Text: t})
	}
}

// prose writes text of a rule, whose empty lines part paragraphs, behind a label.
func (d *doc) prose(label, s string) {
	front := join(Strong{Plain(label)}, " ")
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if strings.TrimSpace(p) != "" {
			d.para(front, Prose(p))
			front = nil
		}
	}
}

func (d *doc) bullets(label Text, items []Text) {
	if len(items) > 0 {
		d.add(List{Label: label, Items: items})
	}
}

// table writes a table; a column whose name ends in a colon is one of numbers.
func (d *doc) table(about string, columns []string, rows [][]Cell) {
	t := Table{About: about, Rows: rows}
	for _, c := range columns {
		name := strings.TrimSuffix(c, ":")
		t.Columns = append(t.Columns, Column{name, name != c})
	}
	d.add(t)
}

// more says that a table was cut.
func (d *doc) more(rest int64, one, many string) {
	if rest > 0 {
		d.para(Emph{Plain(phrase.Plural(rest, "more "+one, "more "+many) + " in the workbook and in report.json.")})
	}
}

// join makes text of spans, of text, and of words of our own, which may be given as strings.
func join(words ...any) (out Text) {
	for _, w := range words {
		switch w := w.(type) {
		case nil:
		case string:
			if w != "" {
				out = append(out, Plain(w))
			}
		case Text:
			out = append(out, w...)
		case Cell:
			out = append(out, w.Text...)
		case Prose, Code:
			if fmt.Sprint(w) != "" {
				out = append(out, w)
			}
		default:
			out = append(out, w)
		}
	}
	return out
}

// row makes cells of what [join] takes.
func row(values ...any) []Cell {
	out := make([]Cell, len(values))
	for i, v := range values {
		if c, ok := v.(Cell); ok {
			out[i] = c
			continue
		}
		out[i] = Cell{Text: join(v)}
	}
	return out
}

func keyed(text string, key float64) Cell { return Cell{Text: Text{Plain(text)}, Key: &key} }

// Cells that are sorted by what they mean, not by how it is written.
func count(n int64) Cell { return keyed(phrase.Count(n), float64(n)) }

func size(n int64) Cell { return keyed(phrase.Size(n), float64(n)) }

// by gives text the key to sort it by.
func by(key float64, words ...any) Cell { return Cell{Text: join(words...), Key: &key} }

func moment(t time.Time) float64 { return float64(t.UnixMilli()) }

// list joins items with commas and says how many are left out beyond limit.
func list(items []Text, limit int) (out Text) {
	if len(items) == 0 {
		return Text{Plain(phrase.Missing)}
	}
	for i, item := range items[:min(limit, len(items))] {
		if i > 0 {
			out = append(out, Plain(", "))
		}
		out = append(out, item...)
	}
	if rest := len(items) - limit; rest > 0 {
		out = append(out, Plain(" and "+phrase.Count(int64(rest))+" more"))
	}
	return out
}

// codes lists values and says how many are left out beyond limit.
func codes(values []string, limit int) Text {
	shown := make([]Text, len(values))
	for i, v := range values {
		shown[i] = join(Code(v))
	}
	return list(shown, limit)
}

// or gives what to show for a value that may be missing.
func or(value any, missing any) Text {
	if t := join(value); len(t) > 0 {
		return t
	}
	return join(missing)
}

// each makes table rows of the first limit items, and counts the rest.
func each[T any](items []T, limit int, cells func(T) []Cell) (rows [][]Cell, rest int64) {
	for _, item := range items[:min(limit, len(items))] {
		rows = append(rows, cells(item))
	}
	return rows, int64(len(items) - len(rows))
}

func texts(list []string) (out []Text) {
	for _, s := range list {
		out = append(out, join(Prose(s)))
	}
	return out
}

// rank orders levels for those who sort by them.
func rank(level string) float64 {
	if l, ok := rules.ParseLevel(level); ok {
		return float64(l)
	}
	return -1
}
