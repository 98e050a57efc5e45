package workbook

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// kind is how a column is written and formatted.
type kind int

const (
	prose    kind = iota // sentences: wrapped
	id                   // names, addresses, hashes: one line, never a number
	integer              // whole numbers
	decimal              // three decimals
	date                 // a real date in UTC
	level                // a level, filled with its colour
	state                // state of evidence, red unless good
	duration             // a length of time, hours and more
	number               // measured values, as they are
	link                 // ids, linked to the row of the first on the sheet that to names
	file                 // path of a file in the report folder, linked
	choice               // empty, with a list to choose from, for the analyst
)

// column declares one column of a sheet of T.
type column[T any] struct {
	head  string
	width float64 // characters
	kind  kind
	value func(T) any // string, []string, whole number, float64, *float64, *int64, time.Time, *time.Time; nil for none
	to    string      // kind link: the sheet
	list  []string    // kind choice

	about   string // what the values are, where the header does not say it all
	bulk    bool   // shaded by how it compares with the largest
	percent bool   // shaded by how near 100 it is
	folder  bool   // kind file: the link leads to the file's folder, never to the file
}

// maxText is what a cell can hold, in UTF-16 units.
const maxText = 32767

// fit cuts inert text to what a cell can hold, and says so in the cell.
func fit(s string) string {
	if len(s) <= maxText || units(s) <= maxText {
		return s
	}
	note := " … [cut here: " + phrase.Count(int64(units(s))) + " characters in all, see report.json]"
	room, end := maxText-units(note), 0
	for i, r := range s {
		if room -= utf16.RuneLen(r); room < 0 {
			break
		}
		end = i + len(string(r))
	}
	return s[:end] + note
}

func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// wrappedLines is how many lines a text takes in a cell that holds so many characters a line.
func wrappedLines(text string, width int) int {
	lines, used := 1, 0
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines, used = lines+1, 0
		}
		lines, used = lines+(used+n)/(width+1), (used+n)%(width+1)+1
	}
	return lines
}

// firstDate is the first day that spreadsheets know for sure; LibreOffice and Excel differ before it.
var firstDate = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

// plain turns a value into what a cell stores: inert text, a number a spreadsheet shows in full, or a date in UTC.
func plain(k kind, v any) any {
	switch x := v.(type) {
	case string:
		if k == prose {
			return fit(inert.Prose(x))
		}
		return fit(inert.Text(x))
	case []string:
		parts := make([]string, len(x))
		for i, s := range x {
			parts[i] = inert.Text(s)
		}
		return fit(strings.Join(parts, ", "))
	case int:
		return whole(int64(x))
	case int64:
		return whole(x)
	case *int64:
		if x != nil {
			return whole(*x)
		}
	case uint64:
		if x > 1<<53 {
			return strconv.FormatUint(x, 10)
		}
		return int64(x)
	case float64:
		return finite(x)
	case *float64:
		if x != nil {
			return finite(*x)
		}
	case time.Duration:
		return x.Hours() / 24
	case time.Time:
		return day(x)
	case *time.Time:
		if x != nil {
			return day(*x)
		}
	}
	return nil
}

// whole keeps numbers that a spreadsheet would round as text.
func whole(n int64) any {
	if n > 1<<53 || n < -1<<53 {
		return strconv.FormatInt(n, 10)
	}
	return n
}

func finite(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return x
}

// unixDay is the day number of 1970-01-01 in a spreadsheet.
const unixDay = 25569

// day is t in UTC as the number of days that a spreadsheet shows as a date, to the millisecond, which is all it shows.
// The library's own conversion drops the zone and the fraction of a second.
func day(t time.Time) any {
	switch t = t.UTC(); {
	case t.IsZero():
		return nil
	case t.Before(firstDate) || t.Year() > 9999:
		return t.Format(time.RFC3339Nano)
	}
	return unixDay + float64(t.UnixMilli())/(24*60*60*1000)
}

// cell gives value and style of a column's cell.
func (b *book) cell(k kind, v any) excelize.Cell {
	c := excelize.Cell{StyleID: b.styles.kind[k], Value: plain(k, v)}
	word, _ := v.(string)
	switch k {
	case level:
		if style, ok := b.styles.level[word]; ok {
			c.StyleID, c.Value = style, phrase.Title(word)
		}
	case state:
		if word != "complete" && word != "empty" && word != "not-capture" {
			c.StyleID = b.styles.bad
		}
		c.Value = plain(k, phrase.Title(word))
	}
	return c
}

// shade colours a column's cells by their numbers, the darker the larger. It has to come before the rows. Bars would be the plan, but
// the library cannot write any that have no length where the number is zero.
func (c *column[T]) shade(f *excelize.File, sheet, cells string) error {
	scale := excelize.ConditionalFormatOptions{Type: "2_color_scale", Criteria: "=", MinType: "num", MinValue: "0", MinColor: "#FFFFFF"}
	switch {
	case c.bulk:
		scale.MaxType, scale.MaxColor = "max", "#"+bulkColor
	case c.percent:
		scale.MaxType, scale.MaxValue, scale.MaxColor = "num", "100", "#"+percentColor
	default:
		return nil
	}
	return f.SetConditionalFormat(sheet, cells, []excelize.ConditionalFormatOptions{scale})
}

// offer gives a column of the analyst's its list to choose from.
func (c *column[T]) offer(f *excelize.File, sheet, cells string) error {
	if c.kind != choice || c.list == nil {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = cells
	if err := v.SetDropList(c.list); err != nil {
		return err
	}
	return f.AddDataValidation(sheet, v)
}
