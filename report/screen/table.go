package screen

import (
	"regexp"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"icmpsift/report/phrase"
)

// table starts a table of five columns: the third and fourth share the width that is left, the last is a number.
func (p *printer) table(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Name = "icmpsift"
	style.Format.Header, style.Options = text.FormatDefault, table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	t.AppendHeader(table.Row(header))
	const fixed = 12 + 13 + 9 + 10 // first, second and last column, padding
	room := max(p.Width-fixed, 16)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: 12, WidthMaxEnforcer: text.WrapHard},
		{Number: 2, WidthMax: 13, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, WidthMax: room / 2, WidthMaxEnforcer: text.WrapSoft},
		{Number: 4, WidthMax: room - room/2, WidthMaxEnforcer: text.WrapSoft},
		{Number: 5, WidthMax: 9, WidthMaxEnforcer: text.WrapHard, Align: text.AlignRight, AlignHeader: text.AlignRight},
	})
	return t
}

// trailing is the padding at the end of lines, which only wraps in a terminal that was made narrower.
var trailing = regexp.MustCompile(`(?m) +$`)

// show writes a table that has rows, and how many more there are.
func (p *printer) show(t table.Writer, all int, what string) {
	if t.Length() == 0 {
		return
	}
	p.WriteString("\n" + trailing.ReplaceAllString(t.Render(), "") + "\n")
	if rest := all - t.Length(); rest > 0 {
		p.WriteString("… and " + phrase.Count(int64(rest)) + " more " + what + " in the report\n")
	}
}
