package document

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
	d.heading(2, "cross-check-with-wireshark", "Cross-check with Wireshark")
	d.para(Strong{Prose(total.Summary)}, " "+phrase.Plural(total.Values, "value", "values")+" of "+phrase.Plural(int64(len(total.Fields)), "field", "fields")+" were compared.")
	rows, rest := each(r.Crosscheck, MaxRows, func(c report.Crosscheck) []Cell {
		return row(Code(c.Evidence), Code(c.Path), join(Prose(c.Source), ", answers of ", Prose(c.Wireshark)), count(c.Frames), count(c.Agreed), count(c.Explained),
			count(c.Differing), or(Prose(strings.Join(append([]string{c.Problem}[:min(1, len(c.Problem))], c.Notes...), "; ")), phrase.Missing))
	})
	d.table("Captures compared", []string{"Evidence", "File", "Compared with", "Frames:", "Agree:", "Explained:", "Differ:", "Remarks"}, rows)
	d.more(rest, "capture", "captures")
	checkDifferences(d, total.Fields)
	if n := int64(len(total.Lacking)); n > 0 {
		d.para("Wireshark shows " + phrase.Plural(n, "field", "fields") + " in these frames that icmpsift does not have; report.json names them.")
	}
}

func checkDifferences(d *doc, fields []report.CheckField) {
	var items [][]Cell
	for _, f := range fields {
		for _, x := range f.Differences {
			ours, theirs := "", ""
			if len(x.First) > 0 {
				ours, theirs = x.First[0].Ours, x.First[0].Theirs
			}
			items = append(items, row(Code(f.Field), count(x.Frames), checkFrames(x.First), or(Code(ours), phrase.Missing), or(Code(theirs), phrase.Missing),
				or(Prose(x.Reason), Strong{Plain("not explained")})))
		}
	}
	if len(items) == 0 {
		return
	}
	d.para("Differences, with the values of the first frame:")
	d.table("Differences by field", []string{"Field", "Frames:", "First frames", "icmpsift", "Wireshark", "Reason"}, items[:min(MaxRows, len(items))])
	d.more(int64(len(items)-min(MaxRows, len(items))), "difference", "differences")
}

// checkFrames names the first frames of a difference.
func checkFrames(examples []report.CheckExample) Text {
	var parts []Text
	for i, e := range examples {
		if i == 0 || e.Path != examples[i-1].Path {
			parts = append(parts, join(Code(e.Path), " "+phrase.Count(e.Frame)))
			continue
		}
		parts = append(parts, join(phrase.Count(e.Frame)))
	}
	if len(parts) == 0 {
		return nil
	}
	return list(parts, len(parts))
}
