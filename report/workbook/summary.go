package workbook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	levels "icmpsift/rules"
)

// summary is the first sheet: what a manager sees without scrolling, then charts and limits. It is small, so it is not
// streamed, and the only one with charts.
type summary struct{ report *report.Report }

const (
	summaryName  = "Summary"
	summaryWidth = 13.0 // of each of the columns A to L
	lineChars    = 150  // characters of a line over all columns
	maxActions   = 12   // leaves the charts a page of their own
	scale        = 70   // per cent on paper: all columns on A4, also in the wider font that stands in for Calibri
)

func (s *summary) titles(*book) []string { return []string{summaryName} }

func (s *summary) color() string { return tabVerdict }

func (s *summary) register(*book) {}

// canvas writes the summary from the top down and keeps the first error.
type canvas struct {
	*book
	row int // next free
	err error
}

func (s *summary) write(b *book) error {
	c := &canvas{book: b, row: 1}
	c.try(b.file.SetColWidth(summaryName, "A", "L", summaryWidth))
	off := false
	view := sheetView(&off)
	c.try(b.file.SetSheetView(summaryName, 0, &view))
	c.headline(s.report)
	c.tiles(s.report)
	c.identity(s.report)
	c.actions(s.report)
	c.limits(s.report)
	c.charts(s.report)
	c.try(b.file.SetDefinedName(printArea(c.row)))
	return c.err
}

func (c *canvas) try(err error) {
	if c.err == nil {
		c.err = err
	}
}

// put writes one merged cell from column first to last; text must be inert.
func (c *canvas) put(first, last string, style int, value any) {
	from, to := first+strconv.Itoa(c.row), last+strconv.Itoa(c.row)
	c.try(c.file.SetCellStyle(summaryName, from, to, style))
	c.try(c.file.SetCellValue(summaryName, from, value))
	if first != last {
		c.try(c.file.MergeCell(summaryName, from, to))
	}
}

func (c *canvas) height(points float64) { c.try(c.file.SetRowHeight(summaryName, c.row, points)) }

// wrapped is the height of a text that wraps over that many characters a line.
func wrapped(s string, chars int) float64 { return min(float64(wrappedLines(s, chars))*15.5, 400) }

// line is a text over the whole width, as high as it needs.
func (c *canvas) line(style int, s string) {
	s = fit(inert.Prose(s))
	c.put("A", "L", style, s)
	c.height(wrapped(s, lineChars) + 2)
	c.row++
}

func (c *canvas) section(name string) {
	c.row++
	c.put("A", "L", c.styles.section, name)
	c.height(20)
	c.row++
}

func (c *canvas) headline(r *report.Report) {
	title := "ICMP incident report"
	if r.Case.ID != "" {
		title += ": " + inert.Prose(r.Case.ID)
	}
	c.put("A", "I", c.styles.title, fit(title))
	c.put("J", "L", c.styles.tlp, fit(inert.Prose(r.Case.TLP)))
	c.height(30)
	c.row++
	c.put("A", "L", c.banner(r.Verdict), verdict(r))
	c.height(32)
	c.row++
	for _, s := range r.Bottom {
		c.line(c.styles.body, phrase.Sentence(s))
	}
	c.row++
}

func (c *canvas) banner(level string) int {
	if style, ok := c.styles.bannerLevel[level]; ok {
		return style
	}
	return c.styles.bannerLevel["none"]
}

func verdict(r *report.Report) string {
	out := phrase.Verdict(r.Verdict)
	if len(r.Findings) > 0 {
		out += ": " + phrase.Found(r)
	}
	return fit(inert.Prose(out))
}

type tile struct{ value, label string }

func completeness(t report.Totals) tile {
	if t.Captures == 0 {
		return tile{"None", "no capture could be read"}
	}
	if t.Incomplete > 0 {
		return tile{"Partial", phrase.Of(t.Incomplete, t.Captures, "capture", "captures") + " cut short"}
	}
	return tile{"Complete", phrase.Plural(t.Captures, "capture", "captures") + " read in full"}
}

// sureness is how sure the verdict is: that of the worst incident.
func sureness(r *report.Report) tile {
	if len(r.Incidents) == 0 {
		return tile{phrase.Missing, "confidence"}
	}
	return tile{fit(inert.Text(phrase.Title(r.Incidents[0].Confidence))), "confidence, worst incident"}
}

// involved says what the number of insiders counts.
func involved(r *report.Report) string {
	for _, i := range r.Incidents {
		if slices.ContainsFunc(i.Inside, func(a string) bool { return strings.Contains(a, "/") }) {
			return "inside hosts and networks involved"
		}
	}
	return "inside hosts involved"
}

// tiles are the numbers to take away, and how far they are to be trusted.
func (c *canvas) tiles(r *report.Report) {
	t := r.Totals
	tiles := []tile{
		{phrase.Count(int64(len(r.Incidents))), "incidents"},
		{phrase.Count(t.InsideHosts), involved(r)},
		{phrase.Size(t.BytesOut), "of data went out"},
		{phrase.Count(int64(len(r.Artefacts))), "recovered files"},
		sureness(r),
		completeness(t),
	}
	for i, tile := range tiles {
		first, last := string(rune('A'+2*i)), string(rune('A'+2*i+1))
		c.put(first, last, c.styles.tileValue, tile.value)
		c.row++
		c.put(first, last, c.styles.tileLabel, tile.label)
		c.row--
	}
	c.height(32)
	c.row++
	c.height(20)
	c.row++
}

// identity is the case on the left and the findings by level, numbers and chart, on the right.
func (c *canvas) identity(r *report.Report) {
	c.row++
	top := c.row
	for _, pair := range facts(r) {
		value := fit(inert.Prose(pair[1]))
		c.put("A", "A", c.styles.label, pair[0])
		c.put("B", "F", c.styles.value, value)
		c.height(wrapped(value, 74) + 1)
		c.row++
	}
	bottom := c.row
	c.row = top
	c.levels(r)
	c.row = max(bottom, c.row)
}

func facts(r *report.Report) [][2]string {
	t, rows := r.Totals, [][2]string{}
	for _, pair := range [][2]string{{"Analyst", r.Case.Analyst}, {"Organisation", r.Case.Organization}, {"Limits", limited(r)}} {
		if pair[1] != "" {
			rows = append(rows, pair)
		}
	}
	if r.Redaction != nil {
		rows = append(rows, [2]string{"Handed over", "without payload; what was taken out is told among the limits"})
	}
	return append(rows, [][2]string{
		{"Period covered", phrase.Period(r.Case.First, r.Case.Last)},
		{"Evidence", phrase.Read(t) + ", " + phrase.Bytes(t.Bytes)},
		{"ICMP", phrase.Seen(t)},
		{"Hosts listed", phrase.Of(int64(len(r.Hosts)), t.HostsTotal, "host", "hosts") + ", " + phrase.Of(int64(len(r.Exchanges)), t.ExchangesTotal, "conversation", "conversations")},
		{"Rules", phrase.Plural(int64(len(r.Rules)), "rule", "rules") + " loaded, see sheet Rules"},
		{"Home networks", phrase.List(r.Case.HomeNet, 8)},
		{"Made by", r.Tool.Name + " " + r.Tool.Version + ", fields as in Wireshark " + r.Tool.Wireshark},
	}...)
}

func limited(r *report.Report) string {
	m, scope := phrase.Mandate(r.Case)
	if m == "" {
		return ""
	}
	return m + scope + "; " + phrase.Outside(r.Totals)
}

// levels lists findings by level, worst first, and draws them.
func (c *canvas) levels(r *report.Report) {
	top := c.row
	names := levels.LevelNames()
	for i := len(names) - 1; i >= 0; i-- {
		c.put("H", "H", c.styles.level[names[i]], phrase.Title(names[i]))
		c.put("I", "I", c.styles.fresh, r.Totals.FindingsByLevel[names[i]])
		c.row++
	}
	c.put("H", "I", c.styles.item, "findings by level")
	c.row++
	if len(r.Totals.FindingsByLevel) > 0 {
		c.try(c.file.AddChart(summaryName, fmt.Sprintf("J%d", top), levelChart(top, names)))
		c.row = top + 8
	}
}

func (c *canvas) actions(r *report.Report) {
	c.section("Immediate actions")
	if len(r.Actions) == 0 {
		c.line(c.styles.item, "None follow from the findings. What was looked for is on the sheet Rules, what was read on the sheet Evidence.")
	}
	for i, a := range r.Actions[:min(maxActions, len(r.Actions))] {
		text := fit(strconv.Itoa(i+1) + ". " + inert.Prose(phrase.Sentence(a.Text)))
		c.put("A", "K", c.styles.item, text)
		c.put("L", "L", c.styles.kind[id], fit(inert.Text(a.Finding)))
		c.height(wrapped(text, lineChars-14) + 1)
		cell := "L" + strconv.Itoa(c.row)
		linked, err := c.link(summaryName, cell, "Findings", a.Finding)
		c.try(err)
		if linked {
			c.try(c.file.SetCellStyle(summaryName, cell, cell, c.styles.kind[link]))
		}
		c.row++
	}
	if rest := len(r.Actions) - maxActions; rest > 0 {
		c.line(c.styles.item, phrase.Count(int64(rest))+" more in report.json.")
	}
}

func (c *canvas) limits(r *report.Report) {
	c.section("Limits of this run")
	notes := append(append([]string{}, r.Notes...), phrase.Limits(r.Totals)...)
	if len(notes) == 0 {
		notes = []string{"None known."}
	}
	for _, n := range notes {
		c.line(c.styles.item, "• "+n)
	}
}
