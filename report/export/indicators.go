package export

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// Indicators writes indicators.csv. Lines end as RFC 4180 says.
func Indicators(w io.Writer, r *report.Report) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write([]string{"type", "value", "defanged", "context", "level", "confidence", "first", "last", "findings", "tlp"}); err != nil {
		return err
	}
	for i := range r.Indicators {
		x := &r.Indicators[i]
		row := []string{x.Type, x.Value, phrase.Defanged(x.Type, x.Value), x.Context, x.Level, x.Confidence, x.First.UTC().Format(time.RFC3339Nano), x.Last.UTC().Format(time.RFC3339Nano),
			strings.Join(x.Findings, " "), r.Case.TLP}
		for k := range row {
			row[k] = guarded(row[k])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// formula is where a spreadsheet might see a formula begin: in front of a cell, or behind what another country's
// spreadsheet takes for the end of one. Letters of full width count as the narrow ones do.
var formula = regexp.MustCompile("(^|[,;|\"])([ '\"]*)([-=+@\uff0d\uff1d\uff0b\uff20])")

// guarded keeps spreadsheets from running a cell: an apostrophe goes before what might begin a formula (OWASP, "CSV
// Injection"). There are no tabs and line breaks left to begin one.
func guarded(s string) string { return formula.ReplaceAllString(text(s), "$1$2'$3") }
