package markdown

import (
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// crosscheck tells what Wireshark's decoder says of the same captures; nothing if it was not asked.
func crosscheck(d *doc, r *report.Report) {
	total := r.CrosscheckTotal
	if total == nil {
		return
	}
	d.heading(2, "Cross-check with Wireshark")
	d.para("**" + text(total.Summary) + "** " + phrase.Plural(total.Values, "value", "values") + " of " + phrase.Plural(int64(len(total.Fields)), "field", "fields") + " were compared.")
	rows, rest := each(r.Crosscheck, maxRows, func(c report.Crosscheck) []string {
		return []string{code(c.Evidence), code(c.Path), text(c.Source) + ", answers of " + text(c.Wireshark), phrase.Count(c.Frames), phrase.Count(c.Agreed), phrase.Count(c.Explained),
			phrase.Count(c.Differing), or(text(strings.Join(append([]string{c.Problem}[:min(1, len(c.Problem))], c.Notes...), "; ")), phrase.Missing)}
	})
	d.table([]string{"Evidence", "File", "Compared with", "Frames:", "Agree:", "Explained:", "Differ:", "Remarks"}, rows)
	d.more(rest, "captures")
	checkDifferences(d, total.Fields)
	if n := int64(len(total.Lacking)); n > 0 {
		d.para("Wireshark shows " + phrase.Plural(n, "field", "fields") + " in these frames that icmpsift does not have; report.json names them.")
	}
}

func checkDifferences(d *doc, fields []report.CheckField) {
	var items [][]string
	for _, f := range fields {
		for _, x := range f.Differences {
			ours, theirs := "", ""
			if len(x.First) > 0 {
				ours, theirs = x.First[0].Ours, x.First[0].Theirs
			}
			items = append(items, []string{code(f.Field), phrase.Count(x.Frames), checkFrames(x.First), or(code(ours), phrase.Missing), or(code(theirs), phrase.Missing),
				or(text(x.Reason), "**not explained**")})
		}
	}
	if len(items) == 0 {
		return
	}
	d.para("Differences, with the values of the first frame:")
	d.table([]string{"Field", "Frames:", "First frames", "icmpsift", "Wireshark", "Reason"}, items[:min(maxRows, len(items))])
	d.more(int64(len(items)-min(maxRows, len(items))), "differences")
}

// checkFrames names the first frames of a difference.
func checkFrames(list []report.CheckExample) string {
	var parts []string
	for i, e := range list {
		if i == 0 || e.Path != list[i-1].Path {
			parts = append(parts, code(e.Path)+" "+phrase.Count(e.Frame))
			continue
		}
		parts = append(parts, phrase.Count(e.Frame))
	}
	return strings.Join(parts, ", ")
}
