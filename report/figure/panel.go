package figure

import (
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

var (
	ink   = color.Gray{0x20}
	faint = color.Gray{0xd0}
	blue  = color.RGBA{0x1f, 0x4e, 0x79, 0xff}
	red   = color.RGBA{0xb0, 0x1c, 0x1c, 0xff}
)

const labelLimit = 70

// label is text of the report as it may stand in a figure.
func label(s string) string { return inert.Cut(inert.Prose(s), labelLimit) }

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// words is how a figure writes: small, from the given point to the right or the left.
func words(size vg.Length, x draw.XAlignment, y draw.YAlignment) draw.TextStyle {
	return draw.TextStyle{Color: ink, Font: sans(size), XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler}
}

// panel is a plot with the look that all have; its title is for one among several.
func panel(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Title.TextStyle.Font, p.Title.TextStyle.Color = label(title), sans(9), ink
	p.Title.Padding, p.BackgroundColor = 6, nil
	for axis, name := range map[*plot.Axis]string{&p.X: x, &p.Y: y} {
		axis.Label.Text, axis.Label.TextStyle.Font, axis.Tick.Label.Font = name, sans(9), sans(8)
		axis.Label.TextStyle.Color, axis.Tick.Label.Color, axis.LineStyle.Color, axis.Tick.LineStyle.Color = ink, ink, ink, ink
		axis.Padding, axis.Label.Padding = 2, 3
	}
	return p
}

// counts labels whole numbers only.
func counts(lowest, highest float64) []plot.Tick {
	var out []plot.Tick
	for _, t := range (plot.DefaultTicks{}).Ticks(lowest, highest) {
		if t.Value != math.Trunc(t.Value) {
			continue
		}
		if !t.IsMinor() {
			t.Label = phrase.Count(int64(t.Value))
		}
		out = append(out, t)
	}
	return out
}

// clock is an axis of time in UTC: seconds after its start.
type clock struct{ start, end time.Time }

func (c clock) at(t time.Time) float64 { return t.Sub(c.start).Seconds() }

// title names the zone, and the day where there is only one.
func (c clock) title() string {
	if first, last := c.start.UTC(), c.end.UTC(); first.Format(time.DateOnly) == last.Format(time.DateOnly) {
		return "Time on " + first.Format(time.DateOnly) + " (UTC)"
	}
	return "Time (UTC)"
}

var steps = []time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second,
	30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
	6 * time.Hour, 12 * time.Hour}

const (
	day      = 24 * time.Hour
	mostTick = 8
)

func (c clock) Ticks(lowest, highest float64) (out []plot.Tick) {
	span := time.Duration((highest - lowest) * float64(time.Second))
	step := time.Duration(math.Ceil(float64(span)/float64(mostTick*day))) * day
	for _, s := range steps {
		if span/s < mostTick {
			step = s
			break
		}
	}
	from := c.start.UTC().Add(time.Duration(lowest * float64(time.Second)))
	for t := from.Truncate(step); c.at(t) <= highest; t = t.Add(step) {
		if x := c.at(t); x >= lowest {
			out = append(out, plot.Tick{Value: x, Label: t.Format(c.layout(step))})
		}
	}
	return out
}

// layout is how a tick is written: no finer than the step, and with the day where there are several.
func (c clock) layout(step time.Duration) string {
	several := c.title() == "Time (UTC)"
	switch {
	case step >= day:
		return time.DateOnly
	case step < time.Second:
		return "15:04:05.000"
	case several && step >= time.Minute:
		return "01-02 15:04"
	case step < time.Minute || several:
		return time.TimeOnly
	}
	return "15:04"
}

// stretch gives both axes the range that is shown, never an empty one.
func stretch(a *plot.Axis, lowest, highest float64) {
	if highest <= lowest {
		highest = lowest + 1
	}
	a.Min, a.Max = lowest, highest
}

// plotting is a plotter that is a function.
type plotting func(draw.Canvas, *plot.Plot)

func (f plotting) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// grid draws faint lines at the labelled ticks of the y axis.
func grid(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}

// entry is a sample and its name in the key of a figure.
type entry struct {
	name   string
	sample func(c *draw.Canvas, x0, x1, y vg.Length)
}

// key writes entries in a row that begins at a point.
func key(at vg.Point, c draw.Canvas, entries []entry) {
	const sample, gap vg.Length = 26, 14
	style, x, y := words(8, draw.XLeft, draw.YCenter), at.X, at.Y
	for _, e := range entries {
		e.sample(&c, x, x+sample, y)
		x += sample + 4
		c.FillText(style, vg.Point{X: x, Y: y}, e.name)
		x += style.Width(e.name) + gap
	}
}

// box fills and frames a rectangle.
func box(c *draw.Canvas, fill color.Color, frame draw.LineStyle, x0, y0, x1, y1 vg.Length) {
	corners := []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}}
	if fill != nil {
		c.FillPolygon(fill, corners)
	}
	if frame.Width > 0 {
		c.StrokeLines(frame, corners)
	}
}

// named puts names instead of numbers on an axis, the first at 0.
func named(a *plot.Axis, names []string) {
	ticks := make(plot.ConstantTicks, len(names))
	for i, n := range names {
		ticks[i] = plot.Tick{Value: float64(i), Label: n}
	}
	a.Tick.Marker, a.Tick.Length = ticks, 0
	stretch(a, -0.6, float64(len(names))-0.4)
}

// downwards lets the first name of the y axis stand on top.
func downwards(p *plot.Plot) { p.Y.Scale = plot.InvertedScale{Normalizer: p.Y.Scale} }

// upright turns the names of the x axis so that long ones have room.
func upright(p *plot.Plot) {
	p.X.Tick.Length, p.X.Tick.LineStyle = 5, draw.LineStyle{Color: color.Transparent, Width: 0.5} // or the words begin on the axis
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, text.XRight, text.YCenter
}
