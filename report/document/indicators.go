package document

import (
	"icmpsift/report"
	"icmpsift/report/phrase"
)

func indicators(d *doc, r *report.Report) {
	d.heading(2, "indicators", "Indicators")
	if len(r.Indicators) == 0 {
		d.para("None: no finding names an address, a station or a file to look for elsewhere.")
		return
	}
	d.para("What to look for elsewhere. Values are defanged, so that nothing opens them by mistake; report.json has them as they are.")
	rows, rest := each(r.Indicators, MaxRows, func(x report.Indicator) []Cell {
		return row(Prose(phrase.IndicatorType(x.Type)), Code(phrase.Defanged(x)), Prose(x.Context), level(x.Level), Prose(phrase.Word(x.Confidence)),
			by(moment(x.First), phrase.Span(x.First, x.Last)), links(x.Findings, 3))
	})
	d.table("Indicators", []string{"Type", "Value", "What it is", "Level", "Confidence", "When", "Findings"}, rows)
	d.more(rest, "indicator", "indicators")
}
