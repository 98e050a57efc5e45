package figure

import (
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"icmpsift/report"
)

const maxEntropy = 8 // bits per byte

// payload shows size and entropy of a finding's payloads over time, the two directions by different marks.
func payload(_ *report.Report, f *report.Finding) drawing {
	axis := clock{f.Payloads[0].Time, f.Payloads[0].Time}
	most := int64(1)
	for _, p := range f.Payloads {
		most = max(most, p.SizeMax)
		if p.Time.After(axis.end) {
			axis.end = p.Time
		}
	}
	size, entropy := panel("", "", "Payload (bytes)"), panel("", axis.title(), "Entropy (bits/byte)")
	size.Y.Tick.Marker = plot.TickerFunc(counts)
	stretch(&size.Y, 0, float64(most)*1.05)
	stretch(&entropy.Y, 0, maxEntropy)
	entropy.Y.Tick.Marker = plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: 2, Label: "2"}, {Value: 4, Label: "4"}, {Value: 6, Label: "6"}, {Value: 8, Label: "8"}}
	for _, p := range []*plot.Plot{size, entropy} {
		p.X.Tick.Marker = axis
		spread(&p.X, axis.at(axis.end))
		p.Add(plotting(grid))
	}
	size.Add(plotting(func(c draw.Canvas, p *plot.Plot) { sizes(c, p, f.Payloads, axis) }))
	entropy.Add(plotting(func(c draw.Canvas, p *plot.Plot) {
		for _, x := range f.Payloads {
			point(c, p, axis.at(x.Time), x.Entropy, x.Back)
		}
	}))
	return drawing{directions(f), 320, func(c draw.Canvas) { stack(c, 150, size, entropy) }}
}

// spread keeps the first and last point off the frame.
func spread(a *plot.Axis, end float64) {
	room := max(end, 0.001) * 0.02
	stretch(a, -room, max(end, 0.001)+room)
}

func sizes(c draw.Canvas, p *plot.Plot, points []report.PayloadPoint, axis clock) {
	x, y := p.Transforms(&c)
	for _, s := range points {
		at := axis.at(s.Time)
		if s.SizeMin < s.SizeMax {
			c.StrokeLine2(draw.LineStyle{Color: color.Gray{0x99}, Width: 0.8}, x(at), y(float64(s.SizeMin)), x(at), y(float64(s.SizeMax)))
		}
		point(c, p, at, s.Size, s.Back)
	}
}

var glyphs = map[bool]draw.GlyphStyle{
	false: {Color: blue, Radius: 1.8, Shape: draw.CircleGlyph{}},
	true:  {Color: red, Radius: 2.4, Shape: draw.CrossGlyph{}},
}

func point(c draw.Canvas, p *plot.Plot, at, value float64, back bool) {
	x, y := p.Transforms(&c)
	c.DrawGlyph(glyphs[back], vg.Point{X: x(at), Y: y(value)})
}

// directions names the marks that occur.
func directions(f *report.Finding) (out []entry) {
	for _, back := range []bool{false, true} {
		from, to := f.Src, f.Dst
		if back {
			from, to = to, from
		}
		for _, p := range f.Payloads {
			if p.Back == back {
				out = append(out, entry{label(from + " to " + to), mark(glyphs[back].Shape, glyphs[back].Color)})
				break
			}
		}
	}
	return out
}

// intervals shows how regular a beacon is.
func intervals(_ *report.Report, f *report.Finding) drawing {
	axis := clock{f.Intervals[0].Time, f.Intervals[len(f.Intervals)-1].Time}
	line, most := plotter.XYs{}, 0.0
	for _, p := range f.Intervals {
		line = append(line, plotter.XY{X: axis.at(p.Time), Y: p.Seconds})
		most = math.Max(most, p.Max)
	}
	p := panel("", axis.title(), "Time since the tick before (s)")
	p.X.Tick.Marker = axis
	p.Add(plotting(grid), &plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: color.Gray{0x99}, Width: 0.8}})
	p.Add(plotting(func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		for _, i := range f.Intervals {
			at := axis.at(i.Time)
			c.StrokeLine2(draw.LineStyle{Color: color.Gray{0x55}, Width: 0.8}, x(at), y(i.Min), x(at), y(i.Max))
			point(c, p, at, i.Seconds, false)
		}
	}))
	spread(&p.X, axis.at(axis.end))
	stretch(&p.Y, 0, max(most, float64(time.Millisecond)/float64(time.Second))*1.1)
	return drawing{nil, 200, func(c draw.Canvas) { p.Draw(c) }}
}
