package screen

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// Crosscheck writes a cross-check: what was compared field by field, every difference, what only tshark has, and the
// closing line. Errors are those of w.
func Crosscheck(w io.Writer, c *report.Check, o Options) error {
	if o.Width == 0 {
		o.Width = 100
	}
	p := &printer{Options: o}
	p.Width = max(p.Width, minWidth)
	p.captures(c.Captures)
	p.differences(c.Total.Fields)
	p.compared(folded(c.Total.Fields, o.EveryField))
	p.lacking(c.Total.Lacking)
	p.closing(&c.Total)
	_, err := io.WriteString(w, p.String())
	return err
}

// crosscheck is the one line that the closing summary of an analysis has for it.
func (p *printer) crosscheck(r *report.Report) {
	if r.CrosscheckTotal != nil {
		p.WriteString("\n")
		p.line("Checked", clean(r.CrosscheckTotal.Summary))
	}
}

// captures tells of every capture whom it was compared with, and what there is to know about that.
func (p *printer) captures(list []report.Crosscheck) {
	for _, c := range list {
		from := ""
		if c.Verdict != "failed" || c.Frames > 0 {
			from = " (" + clean(c.WiresharkFrom) + ")"
		}
		p.line("Capture", name(c.Path)+" against "+clean(c.Source)+", answers of Wireshark "+clean(c.Wireshark)+from)
		p.line("", clean(phrase.Sentence(c.Summary)))
		for _, n := range c.Notes {
			p.line("", clean(phrase.Sentence(n)))
		}
	}
}

// grid starts a table in the style of the others; the widths of its text columns share what the terminal has.
func (p *printer) grid(header table.Row, columns ...table.ColumnConfig) table.Writer {
	t := p.table(header...)
	t.SetColumnConfigs(columns)
	return t
}

func number(column int) table.ColumnConfig {
	return table.ColumnConfig{Number: column, Align: text.AlignRight, AlignHeader: text.AlignRight}
}

func wide(column, width int) table.ColumnConfig {
	return table.ColumnConfig{Number: column, WidthMax: max(width, 8), WidthMaxEnforcer: text.WrapHard}
}

// folded makes one row of the fields of a protocol that agree everywhere, unless every field was asked for: hundreds of
// rows that agree hide the one that does not.
func folded(fields []report.CheckField, every bool) (rows []report.CheckField) {
	if every {
		return fields
	}
	count, at := map[string]int{}, map[string]int{}
	for _, f := range fields {
		protocol, _, _ := strings.Cut(f.Field, ".")
		i, known := at[protocol]
		switch {
		case len(f.Differences) > 0:
			rows = append(rows, f)
			continue
		case !known:
			i = len(rows)
			at[protocol] = i
			rows = append(rows, report.CheckField{Field: protocol})
		}
		count[protocol]++
		rows[i].Frames, rows[i].Values = max(rows[i].Frames, f.Frames), rows[i].Values+f.Values
	}
	for protocol, i := range at {
		if n := count[protocol]; n > 1 {
			rows[i].Field += ": " + phrase.Plural(int64(n), "field", "fields")
		}
	}
	return rows
}

func (p *printer) compared(fields []report.CheckField) {
	t := p.grid(table.Row{"Field", "Frames", "Values", "Agree", "Explained", "Differ"}, wide(1, p.Width-60), number(2), number(3), number(4), number(5), number(6))
	for _, f := range fields {
		differ := phrase.Count(f.Differing)
		if f.Differing > 0 {
			differ = p.paint(levelColors["high"], differ)
		}
		t.AppendRow(table.Row{name(f.Field), phrase.Count(f.Frames), phrase.Count(f.Values), phrase.Count(f.Frames - f.Explained - f.Differing), phrase.Count(f.Explained), differ})
	}
	p.show(t, t.Length(), "")
}

// differences lists each with its first frames, and the values of the first; the reasons of those that have one follow.
func (p *printer) differences(fields []report.CheckField) {
	room := p.Width - 10 - 12 - 13 // frames, padding, reason
	t := p.grid(table.Row{"Field", "Frames", "First frames", "icmpsift", "tshark", "Reason"}, wide(1, room/4), number(2), wide(3, room/5), wide(4, room*4/15), wide(5, room*4/15))
	var reasons []string
	for _, f := range fields {
		for _, d := range f.Differences {
			reason := p.paint(levelColors["high"], "not explained")
			if d.Reason != "" {
				reasons = appendNew(reasons, d.Reason)
				reason = fmt.Sprintf("reason %d", slices.Index(reasons, d.Reason)+1)
			}
			ours, theirs := "", ""
			if len(d.First) > 0 {
				ours, theirs = value(d.First[0].Ours), value(d.First[0].Theirs)
			}
			t.AppendRow(table.Row{name(f.Field), phrase.Count(d.Frames), frames(d.First), ours, theirs, reason})
		}
	}
	p.show(t, t.Length(), "")
	if len(reasons) > 0 {
		p.WriteString("\n")
	}
	for i, r := range reasons {
		p.line(fmt.Sprintf("Reason %d", i+1), clean(phrase.Sentence(r)))
	}
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

const valueLimit = 200

func value(s string) string {
	if s == "" {
		return "-"
	}
	return inert.Cut(inert.Text(s), valueLimit)
}

// frames names the first frames, capture by capture.
func frames(list []report.CheckExample) string {
	var b strings.Builder
	path := ""
	for i, e := range list {
		switch {
		case i == 0 || e.Path != path:
			if i > 0 {
				b.WriteString("; ")
			}
			path = e.Path
			b.WriteString(name(path) + " ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(phrase.Count(e.Frame))
	}
	return b.String()
}

// lacking lists the fields that only tshark has, with how many values.
func (p *printer) lacking(list []report.FieldCount) {
	if len(list) == 0 {
		return
	}
	parts := make([]string, len(list))
	for i, f := range list {
		parts[i] = name(f.Field) + " " + phrase.Count(f.Values)
	}
	p.WriteString("\n")
	p.line("Lacking", phrase.Plural(int64(len(list)), "field", "fields")+" of tshark that the field table of icmpsift lacks, with their number of values: "+strings.Join(parts, ", "))
}

func (p *printer) closing(t *report.CheckTotal) {
	p.WriteString("\n")
	p.line("Result", clean(t.Summary))
	p.line("", phrase.Plural(t.Captures, "capture", "captures")+", "+phrase.Plural(t.Frames, "frame", "frames")+", "+phrase.Plural(int64(len(t.Fields)), "field", "fields")+", "+
		phrase.Plural(t.Values, "value", "values")+" compared; frames that differ: "+phrase.Count(t.Differing+t.Explained)+", of these explained: "+phrase.Count(t.Explained))
}
