package figure

import (
	"image/color"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// maxLanes is how many findings are marked.
const maxLanes = 12

// class is packets of one kind over time.
type class struct {
	name  string
	of    func(report.Activity) int64
	style draw.LineStyle
}

var classes = []class{
	{"requests", func(a report.Activity) int64 { return a.Requests }, draw.LineStyle{Color: blue, Width: 2.4}},
	{"replies", func(a report.Activity) int64 { return a.Replies }, draw.LineStyle{Color: color.RGBA{0x3b, 0x8e, 0xd0, 0xff}, Width: 1.2, Dashes: []vg.Length{5, 2}}},
	{"errors", func(a report.Activity) int64 { return a.Errors }, draw.LineStyle{Color: red, Width: 1.4, Dashes: []vg.Length{1.5, 1.5}}},
	{"other", func(a report.Activity) int64 { return a.Other }, draw.LineStyle{Color: color.Gray{0x55}, Width: 1.4, Dashes: []vg.Length{8, 2, 2, 2}}},
}

// activity shows packets by class over time, and below when findings took place.
func activity(r *report.Report, _ *report.Finding) drawing {
	last := r.Activity[len(r.Activity)-1]
	axis := clock{r.Activity[0].Start, last.Start.Add(time.Duration(last.Seconds) * time.Second)}
	p := panel("", "", "ICMP packets in each "+phrase.Step(last.Seconds))
	p.Y.Tick.Marker, p.X.Tick.Marker = plot.TickerFunc(counts), axis
	p.Add(plotting(grid))
	entries := lines(p, r.Activity, axis)
	stretch(&p.X, 0, axis.at(axis.end))
	stretch(&p.Y, 0, p.Y.Max*1.05)
	return above(entries, p, lanes(r, axis), axis)
}

func lines(p *plot.Plot, steps []report.Activity, axis clock) (out []entry) {
	for _, k := range classes {
		points, any := plotter.XYs{}, false
		for _, a := range steps {
			points = append(points, plotter.XY{X: axis.at(a.Start), Y: float64(k.of(a))})
			any = any || k.of(a) > 0
		}
		if !any {
			continue
		}
		points = append(points, plotter.XY{X: axis.at(axis.end), Y: points[len(points)-1].Y})
		l := &plotter.Line{XYs: points, LineStyle: k.style, StepStyle: plotter.PostStep}
		p.Add(l)
		out = append(out, entry{k.name, func(c *draw.Canvas, x0, x1, y vg.Length) { c.StrokeLine2(k.style, x0, y, x1, y) }})
	}
	return out
}

// lanes has a bar for each finding of medium level or above, nil if there is none.
func lanes(r *report.Report, axis clock) *plot.Plot {
	shown, all := marked(r.Findings)
	if len(shown) == 0 {
		return nil
	}
	title := "Findings of medium level or above"
	if len(shown) < all {
		title += ": the first " + phrase.Of(int64(len(shown)), int64(all), "finding", "findings")
	}
	p := panel(title, axis.title(), "")
	names := make([]string, len(shown))
	for i, f := range shown {
		names[i] = label(f.ID + ", " + f.Level)
	}
	named(&p.Y, names)
	downwards(p)
	p.X.Tick.Marker = axis
	stretch(&p.X, 0, axis.at(axis.end))
	p.Add(plotting(func(c draw.Canvas, p *plot.Plot) {
		for i, f := range shown {
			lane(c, p, float64(i), axis.at(f.First), axis.at(f.Last), f)
		}
	}))
	return p
}

func marked(list []report.Finding) (shown []report.Finding, all int) {
	for _, f := range list {
		if l, ok := rules.ParseLevel(f.Level); !ok || l < rules.Medium || f.SuppressedBy != "" {
			continue
		}
		if all++; all <= maxLanes {
			shown = append(shown, f)
		}
	}
	return shown, all
}

// lane is one finding's bar with its title beside it, on the side that has more room.
func lane(c draw.Canvas, p *plot.Plot, row, from, to float64, f report.Finding) {
	x, y := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y(row), c.Max.X, y(row))
	x0, x1 := max(x(from), c.Min.X), min(x(to), c.Max.X)
	if x1-x0 < 2 {
		x1 = x0 + 2
	}
	box(&c, color.Gray{0x40}, draw.LineStyle{}, x0, y(row)-4, x1, y(row)+4)
	at, align := vg.Point{X: x1 + 4, Y: y(row)}, draw.XLeft
	if c.Max.X-x1 < x0-c.Min.X {
		at.X, align = x0-4, draw.XRight
	}
	style, title := words(7.5, align, draw.YCenter), label(f.Rule.Title)
	left, wide := at.X, style.Width(title)
	if align == draw.XRight {
		left -= wide
	}
	box(&c, color.White, draw.LineStyle{}, left-2, at.Y-5, left+wide+2, at.Y+5) // the lane's line would strike the words through
	c.FillText(style, at, title)
}

// above puts the first plot over the second, with one axis of time for both.
func above(entries []entry, first, second *plot.Plot, axis clock) drawing {
	const high vg.Length = 210
	if second == nil {
		first.X.Label.Text = axis.title()
		return drawing{entries, high, func(c draw.Canvas) { first.Draw(c) }}
	}
	low := 60 + 15*vg.Length(second.Y.Max-second.Y.Min)
	return drawing{entries, high + low, func(c draw.Canvas) { stack(c, low, first, second) }}
}

// stack draws two plots so that their x axes are aligned.
func stack(c draw.Canvas, low vg.Length, first, second *plot.Plot) {
	const gap vg.Length = 8
	top, bottom := draw.Crop(c, 0, 0, low+gap, 0), draw.Crop(c, 0, 0, 0, low-(c.Max.Y-c.Min.Y))
	a, b := first.DataCanvas(top), second.DataCanvas(bottom)
	left, right := max(a.Min.X, b.Min.X), min(a.Max.X, b.Max.X)
	first.Draw(draw.Crop(top, left-a.Min.X, right-a.Max.X, 0, 0))
	second.Draw(draw.Crop(bottom, left-b.Min.X, right-b.Max.X, 0, 0))
}
