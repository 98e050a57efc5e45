package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"icmpsift/report/phrase"
)

// sheet is one table: a header and a row for each item.
type sheet[T any] struct {
	name    string // also of the table, behind "tbl_"
	tab     string
	columns []column[T]
	paper   int // columns that are printed, the first ones; 0 is all
	items   []T
	key     func(T) string // id that links from other sheets find; nil for none
}

const (
	maxItems = 1_000_000 // rows of a sheet; a spreadsheet holds 1,048,576
	maxLinks = 10_000    // links of a sheet; a spreadsheet holds 65,530, and the library looks through all for each
)

func (s *sheet[T]) title() string { return s.name }

func (s *sheet[T]) color() string { return s.tab }

func (s *sheet[T]) register(b *book) {
	if s.key == nil {
		return
	}
	for i, item := range s.shown() {
		b.mark(s.name, s.key(item), i+2)
	}
}

func (s *sheet[T]) shown() []T { return s.items[:min(len(s.items), maxItems)] }

// write keeps the order that streaming asks for: everything about the sheet, then its rows, then the table.
func (s *sheet[T]) write(b *book) error {
	links, err := s.links(b)
	if err == nil {
		err = s.frame(b)
	}
	if err != nil {
		return err
	}
	w, err := b.file.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	if err := s.head(b, w); err != nil {
		return err
	}
	if err := s.body(b, w, links); err != nil {
		return err
	}
	return w.Flush()
}

// frame sets what is repeated in print and the lists to choose from.
func (s *sheet[T]) frame(b *book) error {
	if err := b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: s.name + "!$1:$1", Scope: s.name}); err != nil {
		return err
	}
	if err := s.printArea(b); err != nil {
		return err
	}
	for i, c := range s.columns {
		if c.kind != choice || c.list == nil {
			continue
		}
		letter, _ := excelize.ColumnNumberToName(i + 1)
		v := excelize.NewDataValidation(true)
		v.Sqref = letter + "2:" + letter + "1048576"
		if err := v.SetDropList(c.list); err != nil {
			return err
		}
		if err := b.file.AddDataValidation(s.name, v); err != nil {
			return err
		}
	}
	return nil
}

// printArea leaves out of print what would make the rest too small to read.
func (s *sheet[T]) printArea(b *book) error {
	if s.paper == 0 {
		return nil
	}
	last, err := excelize.ColumnNumberToName(s.paper)
	if err != nil {
		return err
	}
	area := fmt.Sprintf("%s!$A$1:$%s$%d", s.name, last, len(s.shown())+2)
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: area, Scope: s.name})
}

// links makes the links of the sheet and tells which cells have one.
func (s *sheet[T]) links(b *book) (map[string]bool, error) {
	linked := map[string]bool{}
	for at, c := range s.columns {
		if c.kind != link && c.kind != file {
			continue
		}
		for i, item := range s.shown() {
			if len(linked) == maxLinks {
				return linked, nil
			}
			cell, _ := excelize.CoordinatesToCellName(at+1, i+2)
			ok, err := c.link(b, s.name, cell, item)
			if err != nil {
				return nil, err
			}
			if ok {
				linked[cell] = true
			}
		}
	}
	return linked, nil
}

func (c *column[T]) link(b *book, sheet, cell string, item T) (bool, error) {
	target := ""
	switch v := c.value(item).(type) {
	case string:
		target = v
	case []string:
		if len(v) > 0 {
			target = v[0]
		}
	}
	if c.kind == link {
		return b.link(sheet, cell, c.to, target)
	}
	if !phrase.Linkable(target) {
		return false, nil
	}
	return true, b.file.SetCellHyperLink(sheet, cell, target, "External")
}

func (s *sheet[T]) head(b *book, w *excelize.StreamWriter) error {
	panes := &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}
	if err := w.SetPanes(panes); err != nil {
		return err
	}
	header, lines := make([]any, len(s.columns)), 2
	for i, c := range s.columns {
		header[i] = excelize.Cell{StyleID: b.styles.header, Value: c.head}
		lines = max(lines, wrappedLines(c.head, int(c.width)-3)) // the filter button takes room
		if err := w.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	return w.SetRow("A1", header, excelize.RowOpts{Height: float64(lines)*14 + 4})
}

func (s *sheet[T]) body(b *book, w *excelize.StreamWriter, links map[string]bool) error {
	row := make([]any, len(s.columns))
	for i, item := range s.shown() {
		for at, c := range s.columns {
			row[at] = s.value(b, links, c, item, at+1, i+2)
		}
		if err := setRow(w, i+2, row, excelize.RowOpts{Height: s.height(row)}); err != nil {
			return err
		}
	}
	last := len(s.shown()) + 1
	if last == 1 { // a table needs a row
		last = 2
		if err := setRow(w, last, s.empty(b, "nothing to list")); err != nil {
			return err
		}
	}
	if err := s.table(w, last); err != nil || len(s.items) <= maxItems {
		return err
	}
	rest := phrase.Count(int64(len(s.items)-maxItems)) + " more rows are in report.json"
	return setRow(w, last+1, s.empty(b, rest))
}

const (
	linePoints = 13.5
	maxLines   = 9
)

// height is what the longest wrapped cell of a row needs; not every spreadsheet works that out when it opens a file.
func (s *sheet[T]) height(row []any) float64 {
	lines := 1
	for i, c := range s.columns {
		text, ok := row[i].(excelize.Cell).Value.(string)
		if ok && (c.kind == prose || c.kind == link) {
			lines = max(lines, wrappedLines(text, int(c.width*1.08)))
		}
	}
	return float64(min(lines, maxLines))*linePoints + 1.5
}

func (s *sheet[T]) value(b *book, links map[string]bool, c column[T], item T, column, row int) excelize.Cell {
	k := c.kind
	if k == link || k == file {
		if name, _ := excelize.CoordinatesToCellName(column, row); !links[name] {
			k = id
		}
	}
	if c.value == nil {
		return excelize.Cell{StyleID: b.styles.kind[k]}
	}
	return b.cell(k, c.value(item))
}

// empty is a row that only says something in its first cell.
func (s *sheet[T]) empty(b *book, note string) []any {
	return []any{excelize.Cell{StyleID: b.styles.kind[id], Value: note}}
}

func (s *sheet[T]) table(w *excelize.StreamWriter, last int) error {
	corner, _ := excelize.CoordinatesToCellName(len(s.columns), last)
	stripes := true
	return w.AddTable(&excelize.Table{Range: "A1:" + corner, Name: "tbl_" + strings.ToLower(s.name), StyleName: "TableStyleLight1", ShowRowStripes: &stripes})
}

func setRow(w *excelize.StreamWriter, row int, cells []any, opts ...excelize.RowOpts) error {
	cell, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return w.SetRow(cell, cells, opts...)
}
