package phrase

import (
	"maps"
	"slices"
	"strings"

	"icmpsift/report"
)

// Found counts what was found, suppressed findings apart: "2 incidents with 4 findings, and 3 findings for information; 1 more suppressed".
func Found(r *report.Report) string {
	inside := int64(0)
	for _, i := range r.Incidents {
		inside += int64(len(i.Findings))
	}
	suppressed := Suppressed(r)
	rest := int64(len(r.Findings)) - suppressed - inside
	out := "no incident and no finding"
	switch told := Plural(rest, "finding", "findings") + " for information"; {
	case inside == 0 && rest > 0:
		out = "no incident, " + told
	case inside > 0:
		out = Plural(int64(len(r.Incidents)), "incident", "incidents") + " with " + Plural(inside, "finding", "findings")
		if rest > 0 {
			out += ", and " + told
		}
	}
	if suppressed > 0 {
		out += "; " + Count(suppressed) + " more suppressed"
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

// Mandate says which packets may be looked at, "" where all may. The filter that they have to pass, which is the analyst's text, ends the
// sentence and comes apart; "" if there is none.
func Mandate(c report.Case) (words, scope string) {
	var parts []string
	if c.From != nil {
		parts = append(parts, "from "+Time(*c.From)+" on")
	}
	if c.To != nil {
		parts = append(parts, "before "+Time(*c.To))
	}
	if c.Scope != "" {
		parts = append(parts, "that match ")
	}
	if len(parts) == 0 {
		return "", ""
	}
	return "packets " + strings.Join(parts, ", "), c.Scope
}

// Outside says how many packets the mandate keeps out of sight.
func Outside(t report.Totals) string {
	return Of(t.Outside, t.ICMPPackets+t.Outside, "ICMP packet", "ICMP packets") + " outside"
}

// Seen says how many ICMP packets were looked at, and in how many frames they, and those outside the mandate, were seen.
func Seen(t report.Totals) string {
	packets, frames := Plural(t.ICMPPackets, "ICMP packet", "ICMP packets"), Of(t.ICMPFrames, t.Frames+t.FramesAfter, "frame", "frames")
	if t.Outside > 0 {
		return packets + ", and " + Count(t.Outside) + " outside the limits; ICMP was seen in " + frames
	}
	return packets + ", seen in " + frames
}

// Read says how many of the files that were given are captures.
func Read(t report.Totals) string {
	captures := Plural(t.Captures, "capture", "captures")
	if t.Captures == t.Files {
		return captures
	}
	return captures + " among " + Plural(t.Files, "file", "files")
}

// Limits says what the counters add to the notes of a report, each with its denominator; nothing that is zero. Names of
// link types come from evidence.
func Limits(t report.Totals) (items []string) {
	add := func(n int64, of, one, many string) {
		if n > 0 {
			items = append(items, Plural(n, of+one, of+many))
		}
	}
	packets, frames := Plural(t.ICMPPackets, "ICMP packet", "ICMP packets"), Plural(t.Frames, "frame", "frames")
	add(t.Copies, "of "+Plural(t.ICMPFrames, "ICMP frame", "ICMP frames"), " shows a packet that another frame shows too; each packet counts once.", " show a packet that another frame shows too; each packet counts once.")
	add(t.Malformed, "of "+packets, " is malformed.", " are malformed.")
	add(t.BadChecksum, "of "+packets, " has a wrong checksum.", " have a wrong checksum.")
	for _, link := range slices.Sorted(maps.Keys(t.UnknownLinks)) {
		add(t.UnknownLinks[link], "of "+frames, " has link type "+link+", which is not decoded.", " have link type "+link+", which is not decoded.")
	}
	return items
}
