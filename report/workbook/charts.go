package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

const (
	chartRows = 16
	topTypes  = 8
	topHosts  = 10
)

func sheetView(grid *bool) excelize.ViewOptions { return excelize.ViewOptions{ShowGridLines: grid} }

// printArea keeps the paper to the columns in use.
func printArea(last int) *excelize.DefinedName {
	return &excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("%s!$A$1:$L$%d", summaryName, last), Scope: summaryName}
}

// below keeps a chart off the rule above it.
var below = excelize.GraphicOptions{OffsetY: 10}

func chartTitle(s string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: s, Font: font(dark, 11, true)}}}
}

func solid(color string) excelize.Fill { return fill(color) }

// levelChart draws the rows that [canvas.levels] wrote from row top on. Each level is a series: points of one bar series
// cannot have colours of their own.
func levelChart(top int, names []string) *excelize.Chart {
	series := make([]excelize.ChartSeries, len(names))
	for i := range names {
		cell := func(column string) string { return fmt.Sprintf("%s!$%s$%d", summaryName, column, top+i) }
		series[i] = excelize.ChartSeries{Name: cell("H"), Values: cell("I"), Fill: solid(levelColors[names[len(names)-1-i]][0])}
	}
	zero, gap := 0.0, uint(10)
	return &excelize.Chart{Type: excelize.Bar, GapWidth: &gap, Dimension: excelize.ChartDimension{Width: 284, Height: 176}, Legend: excelize.ChartLegend{Position: "none"},
		Series:   series,
		Title:    chartTitle("Findings by level"),
		XAxis:    excelize.ChartAxis{ReverseOrder: true, None: true},
		YAxis:    excelize.ChartAxis{None: true, Minimum: &zero},
		PlotArea: excelize.ChartPlotArea{ShowVal: true}}
}

// charts draws packets over time and the first types side by side.
func (c *canvas) charts(r *report.Report) {
	c.row++
	c.try(c.file.InsertPageBreak(summaryName, fmt.Sprintf("A%d", c.row)))
	c.row--
	c.section("Traffic")
	if len(r.Activity) == 0 && len(r.Types) == 0 {
		c.line(c.styles.item, "No ICMP packet was seen in "+phrase.Plural(r.Totals.Frames, "frame", "frames")+".")
		return
	}
	c.pair(len(r.Activity), func() *excelize.Chart { return activityChart(r.Activity) }, len(r.Types), func() *excelize.Chart { return typeChart(r.Types) })
	involved := 0
	for involved < min(len(r.Hosts), topHosts) && len(r.Hosts[involved].Findings) > 0 {
		involved++
	}
	c.pair(involved, func() *excelize.Chart { return hostChart(involved) }, len(r.Techniques), func() *excelize.Chart { return techniqueChart(len(r.Techniques)) })
}

// pair draws two charts side by side, as far as they have anything to show.
func (c *canvas) pair(lefts int, left func() *excelize.Chart, rights int, right func() *excelize.Chart) {
	if lefts+rights == 0 {
		return
	}
	for at := range chartRows { // before the charts, whose size is in rows
		c.try(c.file.SetRowHeight(summaryName, c.row+at, 20))
	}
	if lefts > 0 {
		c.try(c.file.AddChart(summaryName, fmt.Sprintf("A%d", c.row), left()))
	}
	if rights > 0 {
		c.try(c.file.AddChart(summaryName, fmt.Sprintf("H%d", c.row), right()))
	}
	c.row += chartRows
}

// hostChart draws the first rows of the sheet Hosts, which are those with the worst findings.
func hostChart(n int) *excelize.Chart {
	return bars("Findings by host, worst first", "Hosts", "A", "G", n, 660)
}

func techniqueChart(n int) *excelize.Chart {
	return bars("Findings by ATT&CK technique, worst first", "'ATT&CK'", "B", "D", min(n, topTypes), 470)
}

// bars draws the first rows of a sheet; labels and values are its columns.
func bars(title, sheet, labels, values string, n int, width uint) *excelize.Chart {
	ref := func(column string) string { return fmt.Sprintf("%s!$%s$2:$%s$%d", sheet, column, column, n+1) }
	zero, gap := 0.0, uint(50)
	return &excelize.Chart{Type: excelize.Bar, GapWidth: &gap, Dimension: excelize.ChartDimension{Width: width, Height: 380}, Format: below, Legend: excelize.ChartLegend{Position: "none"},
		Series:   []excelize.ChartSeries{{Name: sheet + "!$" + values + "$1", Categories: ref(labels), Values: ref(values), Fill: solid("2E75B6")}},
		Title:    chartTitle(title),
		XAxis:    excelize.ChartAxis{ReverseOrder: true, Font: *font(ink, 9, false)},
		YAxis:    excelize.ChartAxis{None: true, Minimum: &zero},
		PlotArea: excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: wholeForm}}}
}

func activityChart(steps []report.Activity) *excelize.Chart {
	ref := func(column string) string {
		return fmt.Sprintf("Activity!$%s$2:$%s$%d", column, column, len(steps)+1)
	}
	line := func(column, color string) excelize.ChartSeries {
		return excelize.ChartSeries{Name: "Activity!$" + column + "$1", Categories: ref("B"), Values: ref(column), Marker: excelize.ChartMarker{Symbol: "none"},
			Line: excelize.LineOptions{Type: excelize.LineSolid, Width: 1.75, Fill: solid(color)}, Fill: solid(color)}
	}
	zero := 0.0
	return &excelize.Chart{Type: excelize.Line, Dimension: excelize.ChartDimension{Width: 660, Height: 380}, Format: below, Legend: excelize.ChartLegend{Position: "bottom"},
		Series: []excelize.ChartSeries{line("D", "2E75B6"), line("E", "C00000")},
		Title:  chartTitle("ICMP packets in each " + phrase.Step(steps[0].Seconds) + " (UTC)"),
		XAxis:  excelize.ChartAxis{TickLabelSkip: 1, Font: *font(ink, 9, false), Alignment: excelize.Alignment{TextRotation: 45}},
		YAxis:  excelize.ChartAxis{MajorGridLines: true, Minimum: &zero, Font: *font(ink, 9, false), NumFmt: excelize.ChartNumFmt{CustomNumFmt: wholeForm}}}
}

func typeChart(types []report.TypeCount) *excelize.Chart {
	n := min(len(types), topTypes)
	title := "ICMP messages, packets of each"
	if n < len(types) {
		title += fmt.Sprintf(" (first %d of %s)", n, phrase.Count(int64(len(types))))
	}
	return bars(title, "Types", "A", "E", n, 470)
}
