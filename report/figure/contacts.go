package figure

import (
	"image/color"
	"math"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// contacts is a matrix: from each row to each column, the darker the more packets.
func contacts(r *report.Report, _ *report.Finding) drawing {
	names, longest := make([]string, len(r.Contacts.Hosts)), vg.Length(0)
	for i, h := range r.Contacts.Hosts {
		names[i] = contact(h)
		longest = max(longest, words(8, draw.XLeft, draw.YCenter).Width(names[i]))
	}
	p := panel("", "To", "From (packets)")
	named(&p.X, names)
	named(&p.Y, names)
	upright(p)
	downwards(p)
	p.Add(plotting(func(c draw.Canvas, p *plot.Plot) { cells(c, p, r.Contacts) }))
	return drawing{[]entry{{"packets: the darker the more", swatch(color.Gray{0x60}, 0)}, {"with a finding of medium level or above", swatch(color.Gray{0xe0}, 2.2)}},
		60 + longest + 26*vg.Length(len(names)), func(c draw.Canvas) { p.Draw(c) }}
}

func swatch(fill color.Color, frame vg.Length) func(c *draw.Canvas, x0, x1, y vg.Length) {
	return func(c *draw.Canvas, x0, x1, y vg.Length) {
		box(c, fill, draw.LineStyle{Color: red, Width: frame}, x0+2, y-5, x1-2, y+5)
	}
}

// contactLimit is as long as an IPv6 address can get.
const contactLimit = 39

// contact names a host, by its address where there is no room for both.
func contact(h report.Contact) string {
	if h.Address == "" {
		return label(phrase.Plural(h.Hosts, "other host", "other hosts") + ", " + phrase.Word(h.Zone))
	}
	if both := inert.Prose(h.Name + ", " + h.Address); h.Name != "" && utf8.RuneCountInString(both) <= contactLimit {
		return both
	}
	return inert.Cut(inert.Prose(h.Address), contactLimit)
}

func cells(c draw.Canvas, p *plot.Plot, m report.Contacts) {
	x, y := p.Transforms(&c)
	line := draw.LineStyle{Color: faint, Width: 0.5}
	for i := range m.Hosts {
		c.StrokeLine2(line, c.Min.X, y(float64(i)), c.Max.X, y(float64(i)))
		c.StrokeLine2(line, x(float64(i)), c.Min.Y, x(float64(i)), c.Max.Y)
	}
	most := int64(1)
	for _, l := range m.Links {
		most = max(most, l.Packets)
	}
	half := min((x(1)-x(0))/2, (y(0)-y(1))/2, 24) - 1
	for _, l := range m.Links {
		cell(c, x(float64(l.Dst)), y(float64(l.Src)), half, (x(1)-x(0))/2-1, l, most)
	}
}

func cell(c draw.Canvas, x, y, half, wide vg.Length, l report.ContactSum, most int64) {
	depth := math.Log1p(float64(l.Packets)) / math.Log1p(float64(most))
	shade := uint8(0xf4 - depth*0xb4)
	fill, text := color.Gray{shade}, words(7.5, draw.XCenter, draw.YCenter)
	if shade < 0x90 {
		text.Color = color.White
	}
	frame := draw.LineStyle{Color: color.Gray{0x99}, Width: 0.5}
	if level, ok := rules.ParseLevel(l.Level); ok && level >= rules.Medium {
		frame = draw.LineStyle{Color: red, Width: 2.2}
	}
	box(&c, fill, frame, x-wide, y-half, x+wide, y+half)
	c.FillText(text, vg.Point{X: x, Y: y}, short(l.Packets))
}

// short is a count for a narrow place.
func short(n int64) string {
	switch {
	case n < 10_000:
		return phrase.Count(n)
	case n < 1_000_000:
		return phrase.Count(n/1000) + "k"
	case n < 1_000_000_000:
		return phrase.Count(n/1_000_000) + "M"
	}
	return phrase.Count(n/1_000_000_000) + "G"
}
