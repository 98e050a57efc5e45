package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

const rowHeight vg.Length = 24

// types has a bar for each of the types and codes seen most.
func types(r *report.Report, _ *report.Finding) drawing {
	shown := r.Types[:min(len(r.Types), report.MaxTypes)]
	names, most := make([]string, len(shown)), int64(1)
	for i, t := range shown {
		names[i], most = kindOf(t), max(most, t.Packets)
	}
	p := panel("", "ICMP packets", "")
	named(&p.Y, names)
	downwards(p)
	p.X.Tick.Marker = plot.TickerFunc(counts)
	stretch(&p.X, 0, float64(most)*1.12)
	p.Add(plotting(func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		for i, t := range shown {
			at := y(float64(i))
			box(&c, blue, draw.LineStyle{}, x(0), at-6, x(float64(t.Packets)), at+6)
			c.FillText(words(8, draw.XLeft, draw.YCenter), vg.Point{X: x(float64(t.Packets)) + 4, Y: at}, phrase.Count(t.Packets))
		}
	}))
	return drawing{nil, 50 + 20*vg.Length(len(shown)), func(c draw.Canvas) { p.Draw(c) }}
}

func kindOf(t report.TypeCount) string {
	protocol := "ICMP"
	if t.Version == 6 {
		protocol = "ICMPv6"
	}
	return label(fmt.Sprintf("%s %d/%d %s", protocol, t.Type, t.Code, t.Name))
}

// roundTrips has, for each conversation, a line from the shortest to the longest time, and a mark at the mean.
func roundTrips(r *report.Report, _ *report.Finding) drawing {
	var shown []report.Exchange
	least, most := math.Inf(1), 0.0
	for _, x := range r.Exchanges {
		if x.RTTMean != nil && len(shown) < report.MaxTrips {
			shown = append(shown, x)
			least, most = min(least, trip(x.RTTMin)), max(most, trip(x.RTTMax))
		}
	}
	p := panel("", "Time from echo request to reply (ms, logarithmic)", "")
	p.HideY()
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
	stretch(&p.X, math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most*1.01))))
	stretch(&p.Y, -0.6, float64(len(shown))-0.4)
	downwards(p)
	p.Add(plotting(func(c draw.Canvas, p *plot.Plot) {
		upright := draw.LineStyle{Color: faint, Width: 0.5}
		x, _ := p.Transforms(&c)
		for _, t := range decades(p.X.Min, p.X.Max) {
			if !t.IsMinor() {
				c.StrokeLine2(upright, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
			}
		}
		for i, e := range shown {
			span(c, p, float64(i), e)
		}
	}))
	return drawing{[]entry{{"mean", mark(draw.RingGlyph{}, ink)}, {"mean, conversation with findings", mark(draw.PyramidGlyph{}, red)}, {"shortest to longest", ends}},
		50 + rowHeight*vg.Length(len(shown)), func(c draw.Canvas) { p.Draw(c) }}
}

// leastTrip stands for no time at all, which a logarithmic axis has no place for: a microsecond is the finest that captures tell.
const leastTrip = 0.001

func trip(ms *float64) float64 { return max(leastTrip, *ms) }

func span(c draw.Canvas, p *plot.Plot, row float64, e report.Exchange) {
	x, y := p.Transforms(&c)
	at := y(row) - 5
	ends(&c, x(trip(e.RTTMin)), x(trip(e.RTTMax)), at)
	style := draw.GlyphStyle{Color: ink, Radius: 3, Shape: draw.RingGlyph{}}
	if len(e.Findings) > 0 {
		style = draw.GlyphStyle{Color: red, Radius: 3.4, Shape: draw.PyramidGlyph{}}
	}
	c.DrawGlyph(style, vg.Point{X: x(trip(e.RTTMean)), Y: at})
	text := fmt.Sprintf("%s → %s, %s: %s, mean %s, to %s ms", e.Src, e.Dst, phrase.Plural(e.Paired, "reply", "replies"), phrase.Number(*e.RTTMin), phrase.Number(*e.RTTMean), phrase.Number(*e.RTTMax))
	c.FillText(words(7.5, draw.XLeft, draw.YCenter), vg.Point{X: c.Min.X + 3, Y: y(row) + 5}, inert.Cut(inert.Prose(text), 2*labelLimit))
}

// ends is a line with a bar at either end.
func ends(c *draw.Canvas, x0, x1, y vg.Length) {
	style := draw.LineStyle{Color: color.Gray{0x55}, Width: 1.2}
	c.StrokeLine2(style, x0, y, x1, y)
	c.StrokeLine2(style, x0, y-3, x0, y+3)
	c.StrokeLine2(style, x1, y-3, x1, y+3)
}

func mark(shape draw.GlyphDrawer, in color.Color) func(c *draw.Canvas, x0, x1, y vg.Length) {
	return func(c *draw.Canvas, x0, x1, y vg.Length) {
		c.DrawGlyph(draw.GlyphStyle{Color: in, Radius: 3, Shape: shape}, vg.Point{X: (x0 + x1) / 2, Y: y})
	}
}

// decades labels the powers of ten.
func decades(lowest, highest float64) (out []plot.Tick) {
	for e := math.Floor(math.Log10(lowest)); e <= math.Ceil(math.Log10(highest)); e++ {
		for k := 1.0; k < 10; k++ {
			t := plot.Tick{Value: k * math.Pow(10, e)}
			if t.Value < lowest*0.999 || t.Value > highest*1.001 {
				continue
			}
			if k == 1 {
				t.Label = phrase.Number(t.Value)
			}
			out = append(out, t)
		}
	}
	return out
}
