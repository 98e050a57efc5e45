package workbook

import (
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"
)

const (
	ink          = "1F2937"
	dark         = "1F3864"
	pale         = "F2F5FA"
	blue         = "0563C1"
	border       = "D9DEE7"
	dateForm     = "yyyy-mm-dd hh:mm:ss.000"
	wholeForm    = "#,##0"
	fineForm     = "#,##0.000"
	spanForm     = "[h]:mm:ss.000"
	bulkColor    = "9DC3E6"
	percentColor = "F4B183"
)

// levelColors are fill and ink of each level.
var levelColors = map[string][2]string{
	"critical": {"7030A0", "FFFFFF"}, "high": {"C00000", "FFFFFF"}, "medium": {"ED7D31", "000000"}, "low": {"FFD966", "000000"}, "informational": {"D9E1F2", "000000"}, "none": {"E2EFDA", "000000"},
}

// styles are the ids of the cell styles, each made once.
type styles struct {
	header, home                               int // home is the header that leads back to the summary
	kind                                       map[kind]int
	level                                      map[string]int
	bad                                        int
	title, tlp, body, label, value             int
	tileValue, tileLabel, section, item, fresh int
	bannerLevel                                map[string]int
}

// maker keeps the first error of a series of styles.
type maker struct {
	file *excelize.File
	err  error
}

func (m *maker) style(s *excelize.Style) int {
	if m.err != nil {
		return 0
	}
	id, err := m.file.NewStyle(s)
	m.err = err
	return id
}

func font(color string, size float64, bold bool) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Color: color, Bold: bold}
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func align(horizontal, vertical string, wrap bool) *excelize.Alignment {
	return &excelize.Alignment{Horizontal: horizontal, Vertical: vertical, WrapText: wrap}
}

// indented keeps text off what stands in the next column.
func indented(horizontal, vertical string, wrap bool) *excelize.Alignment {
	a := align(horizontal, vertical, wrap)
	a.Indent = 1
	return a
}

func newStyles(f *excelize.File) (styles, error) {
	m := &maker{file: f}
	s := styles{kind: map[kind]int{}, level: map[string]int{}, bannerLevel: map[string]int{}}
	s.header = m.style(&excelize.Style{Font: font("FFFFFF", 10, true), Fill: fill(dark), Alignment: indented("left", "center", true)})
	// Spreadsheets colour links as they like, which does not go with a dark fill.
	s.home = m.style(&excelize.Style{Font: &excelize.Font{Family: "Calibri", Size: 10, Color: blue, Bold: true, Underline: "single"}, Fill: fill(pale), Alignment: indented("left", "center", true)})
	tableStyles(m, &s)
	summaryStyles(m, &s)
	return s, m.err
}

func tableStyles(m *maker, s *styles) {
	plain := func(horizontal string, wrap bool, format string) int {
		style := &excelize.Style{Font: font(ink, 10, false), Alignment: indented(horizontal, "top", wrap)}
		if format != "" {
			style.CustomNumFmt = &format
		}
		return m.style(style)
	}
	s.kind[prose] = plain("left", true, "")
	s.kind[id] = plain("left", false, "@")
	s.kind[integer] = plain("right", false, wholeForm)
	s.kind[decimal] = plain("right", false, fineForm)
	s.kind[date] = plain("left", false, dateForm)
	s.kind[duration] = plain("right", false, spanForm)
	s.kind[number] = plain("right", false, "")
	s.kind[level], s.kind[state] = s.kind[id], s.kind[id]
	// The analyst's cells stay open to writing when somebody protects the sheet. It comes unprotected: Excel does not sort a
	// protected table.
	s.kind[choice] = m.style(&excelize.Style{Font: font(ink, 10, false), Alignment: indented("left", "top", true), Protection: &excelize.Protection{Locked: false}})
	linked := &excelize.Style{Font: &excelize.Font{Family: "Calibri", Size: 10, Color: blue, Underline: "single"}, Alignment: indented("left", "top", true)}
	s.kind[link] = m.style(linked)
	s.kind[file] = s.kind[link]
	for _, name := range slices.Sorted(maps.Keys(levelColors)) {
		c := levelColors[name]
		s.level[name] = m.style(&excelize.Style{Font: font(c[1], 10, true), Fill: fill(c[0]), Alignment: indented("left", "top", false)})
	}
	s.bad = s.level["high"]
}

func summaryStyles(m *maker, s *styles) {
	thin := []excelize.Border{{Type: "bottom", Color: border, Style: 1}}
	s.title = m.style(&excelize.Style{Font: font(dark, 18, true), Alignment: align("left", "center", false)})
	s.tlp = m.style(&excelize.Style{Font: font(ink, 12, true), Alignment: align("right", "center", false)})
	s.body = m.style(&excelize.Style{Font: font(ink, 11, false), Alignment: align("left", "center", true)})
	s.label = m.style(&excelize.Style{Font: font("5B6472", 10, false), Alignment: align("left", "top", true), Border: thin})
	s.value = m.style(&excelize.Style{Font: font(ink, 10, false), Alignment: align("left", "top", true), Border: thin})
	s.tileValue = m.style(&excelize.Style{Font: font(dark, 20, true), Fill: fill(pale), Alignment: align("center", "center", false)})
	s.tileLabel = m.style(&excelize.Style{Font: font("5B6472", 10, false), Fill: fill(pale), Alignment: align("center", "top", false)})
	s.section = m.style(&excelize.Style{Font: font(dark, 12, true), Alignment: align("left", "center", false), Border: []excelize.Border{{Type: "bottom", Color: dark, Style: 2}}})
	s.item = m.style(&excelize.Style{Font: font(ink, 10, false), Alignment: align("left", "top", true)})
	whole := wholeForm
	s.fresh = m.style(&excelize.Style{Font: font(ink, 10, true), Alignment: align("center", "center", false), CustomNumFmt: &whole, Border: thin})
	for _, name := range slices.Sorted(maps.Keys(levelColors)) {
		c := levelColors[name]
		s.bannerLevel[name] = m.style(&excelize.Style{Font: font(c[1], 16, true), Fill: fill(c[0]), Alignment: indented("left", "center", false)})
	}
}
