package document

import "icmpsift/report"

// pictures shows the figures of the whole case, and says which have nothing to show.
func pictures(d *doc, r *report.Report) {
	if len(r.Figures) == 0 {
		return
	}
	d.heading(2, "figures", "Figures")
	for _, f := range r.Figures {
		if f.Finding == "" {
			d.picture(f)
		}
	}
}

// picturesOf shows the figures of one finding.
func picturesOf(d *doc, figures []report.Figure, finding string) {
	for _, f := range figures {
		if f.Finding == finding && finding != "" {
			d.picture(f)
		}
	}
}

func (d *doc) picture(f report.Figure) {
	if f.Missing != "" {
		d.para("No figure “", Prose(f.Title), "”: ", Prose(f.Missing), ".")
		return
	}
	d.add(Picture{f})
}
