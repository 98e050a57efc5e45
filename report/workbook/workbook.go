// Package workbook writes a [report.Report] as report.xlsx for people who sort, filter and count in a spreadsheet. Call
// [Write].
//
// It computes nothing. Each sheet but the first is one table declared in sheets.go: header, width, kind and accessor of
// every column. The same report gives the same bytes. All text is hostile and written inert ([inert.Text]); no cell
// holds a formula.
package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"icmpsift/report"
	"icmpsift/report/inert"
)

// Options says how to write.
type Options struct {
	TmpDir string // where large sheets spill while they are written; "" is the system's. They hold evidence.

	perSheet int // rows; 0 is what a spreadsheet holds
}

// Write writes the workbook. Errors are those of w and of the spill files.
func Write(w io.Writer, r *report.Report, o Options) (err error) {
	b, err := newBook(r, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.file.Close()) }()
	pages := sheets(r)
	if err := b.create(pages); err != nil {
		return err
	}
	for _, p := range pages {
		if err := p.write(b); err != nil {
			return fmt.Errorf("sheet %s: %w", p.titles(b)[0], err)
		}
	}
	z := newOrderedZip(w, o.TmpDir)
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return z }) // what the library passes here is in memory
	if err := b.file.Write(w); err != nil {
		return errors.Join(fmt.Errorf("write workbook: %w", err), z.remove())
	}
	return nil
}

// page is one sheet, or several on which its rows go on.
type page interface {
	titles(b *book) []string
	color() string // of its tab, RRGGBB
	// register tells the book where the ids of the sheet stand, before any sheet is written.
	register(b *book)
	write(b *book) error
}

// book is a workbook in the making.
type book struct {
	file   *excelize.File
	report *report.Report
	styles styles
	rows   map[string]map[string]string // sheet, id: cell

	perSheet int // rows
}

func newBook(r *report.Report, o Options) (*book, error) {
	b := &book{file: excelize.NewFile(excelize.Options{TmpDir: o.TmpDir}), report: r, rows: map[string]map[string]string{}, perSheet: cmp.Or(o.perSheet, maxItems)}
	var err error
	if b.styles, err = newStyles(b.file); err == nil {
		err = b.properties()
	}
	if err != nil {
		b.file.Close()
		return nil, err
	}
	return b, nil
}

// properties replaces the library's author and date. The date is the last packet's: a report has none of its own.
func (b *book) properties() error {
	when := time.Unix(0, 0).UTC()
	if b.report.Case.Last != nil {
		when = b.report.Case.Last.UTC()
	}
	stamp := when.Format("2006-01-02T15:04:05Z")
	tool := inert.Text(b.report.Tool.Name + " " + b.report.Tool.Version)
	if err := b.file.SetDocProps(&excelize.DocProperties{Creator: tool, LastModifiedBy: tool, Created: stamp, Modified: stamp,
		Title: inert.Text("ICMP incident report " + b.report.Case.ID), Category: inert.Text(b.report.Case.TLP), Language: "en-GB"}); err != nil {
		return err
	}
	return b.file.SetAppProps(&excelize.AppProperties{Application: inert.Text(b.report.Tool.Name), Company: inert.Text(b.report.Case.Organization)})
}

// create makes the sheets in order, with what must be there before rows are streamed.
func (b *book) create(pages []page) error {
	if err := b.file.SetSheetName("Sheet1", summaryName); err != nil {
		return err
	}
	for _, p := range pages {
		for _, title := range p.titles(b) {
			if _, err := b.file.NewSheet(title); err != nil { // those that are there stay as they are
				return err
			}
			if err := b.layout(title, p.color()); err != nil {
				return err
			}
		}
		p.register(b)
	}
	return nil
}

// layout sets up tab, paper and footer: landscape A4, one page wide. The summary's width is known; it is scaled, because
// Excel ignores page breaks where it fits.
func (b *book) layout(title, color string) error {
	color = "FF" + color // opaque: the format asks for all four bytes
	fit, wide, high, a4, landscape := title != summaryName, 1, 0, 9, "landscape"
	if err := b.file.SetSheetProps(title, &excelize.SheetPropsOptions{TabColorRGB: &color, FitToPage: &fit}); err != nil {
		return err
	}
	paper := &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}
	if percent := uint(scale); !fit {
		paper = &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, AdjustTo: &percent}
	}
	if err := b.file.SetPageLayout(title, paper); err != nil {
		return err
	}
	side, margin, edge := 0.4, 0.7, 0.3
	if err := b.file.SetPageMargins(title, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &margin, Bottom: &margin, Header: &edge, Footer: &edge}); err != nil {
		return err
	}
	tlp, id := footerText(b.report.Case.TLP), footerText(b.report.Case.ID)
	return b.file.SetHeaderFooter(title, &excelize.HeaderFooterOptions{OddHeader: "&R" + tlp, OddFooter: "&L" + tlp + "&C" + id + " &A&RPage &P of &N"})
}

// footerText makes s literal in a footer, whose codes start with an ampersand, and short: a footer holds 255 characters.
func footerText(s string) string {
	var out []rune
	for _, r := range inert.Cut(inert.Text(s), 40) {
		if out = append(out, r); r == '&' {
			out = append(out, '&')
		}
	}
	return string(out)
}

func (b *book) mark(sheet, id, cell string) {
	if b.rows[sheet] == nil {
		b.rows[sheet] = map[string]string{}
	}
	if _, taken := b.rows[sheet][id]; !taken && id != "" {
		b.rows[sheet][id] = cell
	}
}

// link makes a cell a link to the row of an id; ids that have no row stay plain.
func (b *book) link(sheet, cell, to, id string) (linked bool, err error) {
	target, ok := b.rows[to][id]
	if !ok {
		return false, nil
	}
	return true, b.file.SetCellHyperLink(sheet, cell, target, "Location")
}
