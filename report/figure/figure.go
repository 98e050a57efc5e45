// Package figure draws the figures of a [report.Report] as SVG, with gonum's plot. It computes nothing but places on the paper: the
// numbers, and which figures there are, come from the report. Call [Write].
//
// Figures can be read in grey: classes differ by dashes or marks, not by colour alone. The same report gives the same bytes. Text
// from evidence is inert.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"icmpsift/report"
)

// width of every figure; heights follow from what is shown.
const width vg.Length = 680

// drawing is what a kind of figure puts on the paper under its title and key, and how high that is.
type drawing struct {
	key    []entry
	height vg.Length
	on     func(draw.Canvas)
}

// kinds holds the drawers; f is nil for figures that show all of the case.
var kinds = map[string]func(r *report.Report, f *report.Finding) drawing{
	"activity":    activity,
	"contacts":    contacts,
	"round-trips": roundTrips,
	"types":       types,
	"payload":     payload,
	"intervals":   intervals,
}

// Write draws one of the report's figures. Errors are those of w, and figures that the report has no numbers for.
func Write(w io.Writer, r *report.Report, f report.Figure) error {
	kind, finding := kinds[f.Kind], findingOf(r, f.Finding)
	if kind == nil || f.Missing != "" || f.Finding != "" && finding == nil {
		return fmt.Errorf("figure %q of kind %q: the report has nothing for it", f.ID, f.Kind)
	}
	var b bytes.Buffer
	c := kind(r, finding).paper(label(f.Title))
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	_, err := w.Write(tidy(b.Bytes(), f))
	return err
}

// paper is the whole figure: on white, so that it can be read on a dark page as well.
func (d drawing) paper(title string) *vgsvg.Canvas {
	const line vg.Length = 18
	top := line
	if len(d.key) > 0 {
		top += line
	}
	sheet := vgsvg.NewWith(vgsvg.UseWH(width, d.height+top))
	c := draw.New(sheet)
	box(&c, color.White, draw.LineStyle{}, c.Min.X, c.Min.Y, c.Max.X, c.Max.Y)
	c.FillText(words(11, draw.XLeft, draw.YCenter), vg.Point{X: c.Min.X + edge, Y: c.Max.Y - line/2 - 1}, title)
	key(vg.Point{X: c.Min.X + edge, Y: c.Max.Y - line*3/2 - 1}, c, d.key)
	d.on(draw.Crop(c, edge, -2*edge, 4, -top-4))
	return sheet
}

// edge is kept free at the sides; the right one has to hold half a label of the time axis.
const edge vg.Length = 10

func findingOf(r *report.Report, id string) *report.Finding {
	for i := range r.Findings {
		if id != "" && r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	return nil
}
