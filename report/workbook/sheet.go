package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"icmpsift/report/phrase"
)

// sheet is one table: a header and a row for each item. What is more than a spreadsheet holds goes on on a next sheet.
type sheet[T any] struct {
	name    string // of the first sheet
	table   string // behind "tbl_"; "" is the name
	tab     string
	about   string // what the rows are, for those who point at the first header
	columns []column[T]
	paper   int // columns that are printed, the first ones; 0 is all
	items   []T
	key     func(T) string // id that links from other sheets find; nil for none
	stream  *stream[T]     // in the place of items
}

// stream is rows that are too many to hold.
type stream[T any] struct {
	most int64 // rows, or fewer
	each func(func(T) error) error
	foot func(listed int64) string // what the list does not hold, below it; "" if it holds all
}

const (
	maxItems = 1_000_000 // rows of a sheet; a spreadsheet holds 1,048,576
	maxLinks = 10_000    // links of a sheet; a spreadsheet holds 65,530, and the library looks through all for each
)

// titles are the names of the sheets that the rows take: "Packets", "Packets 2".
func (s *sheet[T]) titles(b *book) []string {
	rows := len(s.items)
	if s.stream != nil {
		rows = int(s.stream.most)
	}
	out := []string{s.name}
	for n := 2; rows > b.perSheet; n++ {
		out, rows = append(out, fmt.Sprintf("%s %d", s.name, n)), rows-b.perSheet
	}
	return out
}

func (s *sheet[T]) color() string { return s.tab }

func (s *sheet[T]) register(b *book) {
	if s.key == nil {
		return
	}
	titles := s.titles(b)
	for i, item := range s.items {
		b.mark(s.name, s.key(item), fmt.Sprintf("%s!A%d", quoted(titles[i/b.perSheet]), i%b.perSheet+2))
	}
}

func (s *sheet[T]) write(b *book) error {
	w := &writing[T]{sheet: s, b: b, names: s.titles(b), cells: make([]excelize.Cell, len(s.columns)), row: make([]any, len(s.columns))}
	for i := range w.cells {
		w.row[i] = &w.cells[i]
		w.wraps = w.wraps || s.columns[i].kind == prose || s.columns[i].kind == link
	}
	if err := w.open(); err != nil {
		return err
	}
	if err := s.each(w.add); err != nil {
		return err
	}
	if s.stream != nil {
		return w.close(s.stream.foot(w.listed))
	}
	return w.close("")
}

func (s *sheet[T]) each(add func(T) error) error {
	if s.stream != nil {
		return s.stream.each(add)
	}
	for _, item := range s.items {
		if err := add(item); err != nil {
			return err
		}
	}
	return nil
}

// writing is a sheet in the making. It keeps the order that streaming asks for: everything about a sheet, then its rows, then the table.
type writing[T any] struct {
	*sheet[T]
	b      *book
	names  []string // of the sheets that are left, the present one first
	part   int      // sheets that are finished
	out    *excelize.StreamWriter
	links  map[string]bool // cells that have one
	last   int             // row
	listed int64
	cells  []excelize.Cell
	row    []any // the cells
	wraps  bool  // rows may be higher than a line
}

func (w *writing[T]) open() (err error) {
	if len(w.names) == 0 {
		return fmt.Errorf("more rows than the %d that were announced", w.listed)
	}
	if w.links, err = w.link(); err == nil {
		err = w.frame()
	}
	if err != nil {
		return err
	}
	if w.out, err = w.b.file.NewStreamWriter(w.names[0]); err != nil {
		return err
	}
	w.last = 1
	return w.head()
}

// add writes the next row, on the next sheet if this one is full.
func (w *writing[T]) add(item T) error {
	if w.last > w.b.perSheet {
		if err := w.close(""); err != nil {
			return err
		}
		if err := w.open(); err != nil {
			return err
		}
	}
	w.last++
	w.listed++
	for at, c := range w.columns {
		w.cells[at] = w.value(c, item, at+1)
	}
	if w.wraps {
		return setRow(w.out, w.last, w.row, excelize.RowOpts{Height: w.height()})
	}
	return setRow(w.out, w.last, w.row)
}

// close finishes the present sheet, with a note below the table.
func (w *writing[T]) close(note string) error {
	if w.last == 1 { // a table needs a row
		w.last = 2
		if err := w.say(w.last, "nothing to list"); err != nil {
			return err
		}
	}
	if err := w.tabulate(); err != nil {
		return err
	}
	if note != "" {
		if err := w.say(w.last+1, note); err != nil {
			return err
		}
	}
	w.names, w.part = w.names[1:], w.part+1
	return w.out.Flush()
}

// say is a row that only says something in its first cell.
func (w *writing[T]) say(row int, note string) error {
	return setRow(w.out, row, []any{excelize.Cell{StyleID: w.b.styles.kind[id], Value: note}})
}

// items are those of the present sheet, as far as they are held.
func (w *writing[T]) present() []T {
	from := min(len(w.items), w.part*w.b.perSheet)
	return w.items[from:min(len(w.items), from+w.b.perSheet)]
}

// end is the last row that the sheet may have.
func (w *writing[T]) end() int {
	if w.stream != nil {
		return w.b.perSheet + 1
	}
	return max(2, len(w.present())+1)
}

// frame sets what is repeated in print, what numbers look like beside others, and the lists to choose from.
func (w *writing[T]) frame() error {
	name := w.names[0]
	if err := w.b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: quoted(name) + "!$1:$1", Scope: name}); err != nil {
		return err
	}
	if err := w.b.file.SetCellHyperLink(name, "A1", summaryName+"!A1", "Location", excelize.HyperlinkOpts{Tooltip: &w.about}); err != nil {
		return err
	}
	if err := w.printArea(); err != nil {
		return err
	}
	for i, c := range w.columns {
		letter, _ := excelize.ColumnNumberToName(i + 1)
		if err := c.shade(w.b.file, name, fmt.Sprintf("%s2:%s%d", letter, letter, w.end())); err != nil {
			return err
		}
		if err := c.offer(w.b.file, name, letter+"2:"+letter+"1048576"); err != nil {
			return err
		}
	}
	return nil
}

// printArea leaves out of print what would make the rest too small to read.
func (w *writing[T]) printArea() error {
	if w.paper == 0 {
		return nil
	}
	last, err := excelize.ColumnNumberToName(w.paper)
	if err != nil {
		return err
	}
	area := fmt.Sprintf("%s!$A$1:$%s$%d", quoted(w.names[0]), last, w.end()+1)
	return w.b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: area, Scope: w.names[0]})
}

// link makes the links of the sheet and tells which cells have one.
func (w *writing[T]) link() (map[string]bool, error) {
	linked := map[string]bool{}
	for at, c := range w.columns {
		if c.kind != link && c.kind != file {
			continue
		}
		for i, item := range w.present() {
			if len(linked) == maxLinks {
				return linked, nil
			}
			cell, _ := excelize.CoordinatesToCellName(at+1, i+2)
			ok, err := c.link(w.b, w.names[0], cell, item)
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
	if c.folder { // of a file that nobody should open by a click
		target = target[:strings.LastIndex(target, "/")+1]
	}
	return true, b.file.SetCellHyperLink(sheet, cell, target, "External")
}

func (w *writing[T]) head() error {
	panes := &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}
	if err := w.out.SetPanes(panes); err != nil {
		return err
	}
	header, lines, style := make([]any, len(w.columns)), 2, w.b.styles.home
	for i, c := range w.columns {
		header[i] = excelize.Cell{StyleID: style, Value: c.head}
		style = w.b.styles.header
		lines = max(lines, wrappedLines(c.head, int(c.width)-3)) // the filter button takes room
		if err := w.out.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	return w.out.SetRow("A1", header, excelize.RowOpts{Height: float64(lines)*14 + 4})
}

const (
	linePoints   = 13.5
	maxLines     = 9
	maxUnprinted = 3 // of columns that are not printed
)

// height is what the longest wrapped cell of a row needs; not every spreadsheet works that out when it opens a file.
func (w *writing[T]) height() float64 {
	lines := 1
	for i, c := range w.columns {
		text, ok := w.cells[i].Value.(string)
		if ok && (c.kind == prose || c.kind == link) {
			n := wrappedLines(text, int(c.width*1.08))
			if w.paper > 0 && i >= w.paper { // not printed, where it would leave holes
				n = min(n, maxUnprinted)
			}
			lines = max(lines, n)
		}
	}
	return float64(min(lines, maxLines))*linePoints + 1.5
}

func (w *writing[T]) value(c column[T], item T, column int) excelize.Cell {
	k := c.kind
	if k == link || k == file {
		if name, _ := excelize.CoordinatesToCellName(column, w.last); !w.links[name] {
			k = id
		}
	}
	if c.value == nil {
		return excelize.Cell{StyleID: w.b.styles.kind[k]}
	}
	return w.b.cell(k, c.value(item))
}

func (w *writing[T]) tabulate() error {
	corner, _ := excelize.CoordinatesToCellName(len(w.columns), w.last)
	stripes, name := true, "tbl_"+strings.ToLower(w.name)
	if w.sheet.table != "" {
		name = "tbl_" + w.sheet.table
	}
	if w.part > 0 {
		name += fmt.Sprintf("_%d", w.part+1)
	}
	return w.out.AddTable(&excelize.Table{Range: "A1:" + corner, Name: name, StyleName: "TableStyleLight1", ShowRowStripes: &stripes})
}

func setRow(w *excelize.StreamWriter, row int, cells []any, opts ...excelize.RowOpts) error {
	cell, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return w.SetRow(cell, cells, opts...)
}

// quoted is the name of a sheet in a reference.
func quoted(name string) string {
	if strings.ContainsAny(name, " &") {
		return "'" + name + "'"
	}
	return name
}
