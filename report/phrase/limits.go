package phrase

import (
	"maps"
	"slices"

	"icmpsift/report"
)

// Found counts what was found, suppressed findings apart: "4 findings in 2 incidents, 1 more suppressed".
func Found(r *report.Report) string {
	suppressed := Suppressed(r)
	out := Plural(int64(len(r.Findings))-suppressed, "finding", "findings") + " in " + Plural(int64(len(r.Incidents)), "incident", "incidents")
	if suppressed > 0 {
		out += ", " + Count(suppressed) + " more suppressed"
	}
	return out
}

// Suppressed counts findings that are listed and not counted.
func Suppressed(r *report.Report) (n int64) {
	for _, f := range r.Findings {
		if f.SuppressedBy != "" {
			n++
		}
	}
	return n
}

// Limits says what the counters add to the notes of a report, each with its denominator; nothing that is zero. Names of
// link types come from evidence.
func Limits(t report.Totals) (items []string) {
	add := func(n int64, s string) {
		if n > 0 {
			items = append(items, Count(n)+" "+s)
		}
	}
	packets, frames := Plural(t.ICMPPackets, "ICMP packet", "ICMP packets"), Plural(t.Frames, "frame", "frames")
	add(t.Copies, "of "+Plural(t.ICMPFrames, "ICMP frame", "ICMP frames")+" show a packet that another frame shows too; each packet counts once.")
	add(t.Malformed, "of "+packets+" are malformed.")
	add(t.BadChecksum, "of "+packets+" have a wrong checksum.")
	for _, link := range slices.Sorted(maps.Keys(t.UnknownLinks)) {
		add(t.UnknownLinks[link], "of "+frames+" have link type "+link+", which is not decoded.")
	}
	return items
}
