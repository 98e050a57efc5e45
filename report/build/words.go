package build

import (
	"fmt"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// maxTold is how many recovered files a summary tells one by one.
const maxTold = 3

// summary states a finding as fact: how much from whom to whom, and what came back. Time and measure stand beside it.
func (b *builder) summary(f *rules.Finding) string {
	var s strings.Builder
	s.WriteString(way(f))
	told := f.Artefacts[:min(maxTold, len(f.Artefacts))]
	for len(told) > 0 {
		n := alike(told)
		s.WriteString(" " + brought(told[:n]))
		told = told[n:]
	}
	if more := len(f.Artefacts) - maxTold; more > 0 {
		fmt.Fprintf(&s, " Recovered besides: %s.", phrase.Plural(int64(more), "file", "files"))
	}
	return s.String()
}

// alike is how many artefacts at the head of a list can be told in one sentence: all but their sizes are the same.
func alike(list []*rules.Artefact) int {
	n := 1
	for n < len(list) && kindOf(list[n].MediaType) == kindOf(list[0].MediaType) && wholeness(list[n]) == wholeness(list[0]) {
		n++
	}
	return n
}

// brought tells artefacts that are alike.
func brought(list []*rules.Artefact) string {
	sizes := make([]string, len(list))
	for i, a := range list {
		sizes[i] = phrase.Size(int64(len(a.Bytes)))
	}
	return fmt.Sprintf("Recovered: %s, %s, %s.", phrase.And(sizes), kindOf(list[0].MediaType), wholeness(list[0]))
}

// way says how many packets went from whom to whom, whichever of them the finding calls its source.
func way(f *rules.Finding) string {
	n := phrase.Plural(f.Packets, "packet", "packets")
	if f.Returned > 0 && f.Returned < f.Packets {
		return fmt.Sprintf("%s between %s and %s, %s of them to %[2]s.", n, phrase.Side(f.Src), phrase.Side(f.Dst), phrase.Count(f.Returned))
	}
	return fmt.Sprintf("%s from %s to %s.", n, phrase.Side(f.From), phrase.Side(f.To))
}

// counted says what value_count rules count, by field; others are named by their field.
var counted = map[string]string{
	"sift.payload.body": "different echo payloads, clocks left out", "sift.payload.pattern": "different patterns of echo payload", "sift.body": "different message bodies",
	"sift.unused": "different values of bytes that errors leave unused", "sift.reply.extra": "different payloads of replies that differ from their requests",
	"sift.reply.to": "different requests answered", "sift.quoted.dst": "different destinations of quoted packets", "sift.quoted.payload": "different payloads of quoted packets",
	"sift.quoted.proto": "different protocols of quoted packets", "sift.quoted.sport": "different source ports in quoted packets", "sift.nd.address": "different addresses in neighbour discovery",
	"sift.dsfield": "different traffic classes", "ip.id": "different IP identifications", "ipv6.flow": "different IPv6 flow labels", "icmp.ident": "different echo identifiers",
	"sift.src": "different senders", "sift.dst": "different destinations", "sift.payload": "different echo payloads", "sift.type": "different ICMP types",
	"sift.code": "different ICMP codes", "sift.id": "different echo identifiers", "sift.seq": "different echo sequence numbers", "sift.ttl": "different TTLs",
	"sift.length": "different message lengths", "sift.payload.length": "different payload lengths", "sift.quoted.dport": "different ports in quoted packets",
}

// measure names an observed number for people.
func measure(name string) string {
	field, ok := strings.CutPrefix(name, "different values of ")
	if words := counted[field]; ok && words != "" {
		return words
	}
	return name
}

func kindOf(media string) string {
	if words := phrase.FileType(media); words != "" {
		return words
	}
	return media
}

func wholeness(a *rules.Artefact) string {
	switch {
	case a.Complete && a.Vouched:
		return "whole by its own structure"
	case a.Complete:
		return "no piece known to be missing"
	}
	if a.Refuted && len(a.Gaps) == 0 {
		return "not whole by its own structure"
	}
	return phrase.Plural(int64(len(a.Gaps)), "gap", "gaps")
}

// bottom is the report's first words: at most five sentences, made of the findings alone.
func bottom(r *report.Report, least rules.Level, leftOut int64) []string {
	if len(r.Incidents) == 0 {
		return quiet(r, least, leftOut)
	}
	worst := r.Incidents[0]
	out := []string{
		fmt.Sprintf("The evidence shows %s among %s; the worst is of level %s, with %s confidence.", phrase.Plural(int64(len(r.Incidents)), "incident", "incidents"),
			packets(r), worst.Level, byID(r.Findings)[worst.Findings[0]].Confidence),
		fmt.Sprintf("%s, %s.", worst.Title, phrase.Span(worst.First, worst.Last)),
		moved(r),
		completeness(r),
	}
	if len(r.Actions) > 0 {
		out = append(out, "Do first: "+phrase.Sentence(lower(r.Actions[0].Text)))
	}
	return out
}

// quiet says that nothing was found, and how much that means.
func quiet(r *report.Report, least rules.Level, leftOut int64) []string {
	switch t := r.Totals; {
	case t.Captures == 0:
		return []string{fmt.Sprintf("There is no capture among %s, so nothing could be judged.", phrase.Plural(t.Files, "file", "files"))}
	case t.ICMPPackets == 0 && t.Outside > 0:
		return []string{fmt.Sprintf("None of %s lies within the limits of time and scope, so nothing could be judged.", phrase.Plural(t.Outside, "ICMP packet", "ICMP packets")), completeness(r)}
	case t.ICMPPackets == 0:
		return []string{fmt.Sprintf("There is no ICMP in the %s of %s, so nothing could be judged.", phrase.Plural(t.Frames+t.FramesAfter, "frame", "frames"),
			phrase.Plural(t.Captures, "capture", "captures")), completeness(r)}
	}
	where := packets(r) + " of " + phrase.Plural(r.Totals.Captures, "capture", "captures")
	out := []string{"No rule found anything in " + where + "."}
	switch {
	case leftOut > 0:
		out[0] = fmt.Sprintf("Nothing of level %s or above was found in %s; %s below that level left out.", least, where, phrase.Plural(leftOut, "finding is", "findings are"))
	case hidden(r) > 0:
		out[0] = fmt.Sprintf("No rule found anything in %s but %s suppressed by agreement.", where, phrase.Plural(hidden(r), "finding that is", "findings that are"))
	case r.Verdict != "none":
		out[0] = "Nothing that asks for action was found in " + where + ": " + phrase.Plural(int64(len(r.Findings)), "finding is", "findings are") + " for information."
	}
	return append(out, armed(r), completeness(r))
}

func packets(r *report.Report) string {
	return phrase.Plural(r.Totals.ICMPPackets, "ICMP packet", "ICMP packets")
}

// hidden counts suppressed findings.
func hidden(r *report.Report) (n int64) {
	for _, s := range r.Suppressions {
		n += s.Findings
	}
	return n
}

// armed says how many rules could have found something.
func armed(r *report.Report) string {
	all, dormant := int64(len(r.Rules)), int64(0)
	for _, x := range r.Rules {
		if x.Dormant != "" {
			dormant++
		}
	}
	if dormant == 0 {
		return phrase.Plural(all, "rule was", "rules were") + " run, and each could have fired on this evidence."
	}
	return phrase.Of(dormant, all, "rule", "rules") + " could not have fired on this evidence: the silence of those means nothing."
}

// moved says what crossed the border of the home networks, and what came back as files.
func moved(r *report.Report) string {
	var out, in int64
	for _, i := range r.Incidents {
		out, in = out+i.BytesOut, in+i.BytesIn
	}
	files := "no file was recovered"
	if n := int64(len(r.Artefacts)); n > 0 {
		files = phrase.Plural(n, "file was", "files were") + " recovered"
	}
	switch {
	case out > 0 && in > 0:
		return fmt.Sprintf("%s left the home networks and %s came in; %s.", phrase.Size(out), phrase.Size(in), files)
	case out > 0:
		return fmt.Sprintf("%s left the home networks; %s.", phrase.Size(out), files)
	case in > 0:
		return fmt.Sprintf("%s came into the home networks; %s.", phrase.Size(in), files)
	}
	return fmt.Sprintf("No data is seen to have crossed the border of the home networks; %s.", files)
}

func completeness(r *report.Report) string {
	switch t := r.Totals; {
	case len(r.Faults) > 0:
		return "A bug in icmpsift cost a part of this report: the limits of this run tell which." + unread(t)
	case t.Incomplete > 0:
		return phrase.Of(t.Incomplete, t.Captures, "capture", "captures") + " could not be read to the end."
	case t.Captures == 1:
		return "The capture could be read to its end."
	}
	return "All captures could be read to the end."
}

// unread says that evidence is incomplete, too.
func unread(t report.Totals) string {
	if t.Incomplete == 0 {
		return ""
	}
	return " " + phrase.Of(t.Incomplete, t.Captures, "capture", "captures") + " could not be read to the end."
}

func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// notes states the limits of this run.
func (b *builder) notes(r *report.Report) []string {
	out := []string{}
	say := func(n int64, one, many string) {
		if n > 0 {
			out = append(out, phrase.Plural(n, one, many))
		}
	}
	t := r.Totals
	out = append(out, b.mandate(r)...)
	if b.in.LeftOut > 0 {
		out = append(out, fmt.Sprintf("%s below level %s and left out of this report.", phrase.Plural(b.in.LeftOut, "finding is", "findings are"), b.in.Least))
	}
	if n := int64(len(b.in.Result.Suppressed)); n > 0 {
		out = append(out, fmt.Sprintf("%s suppressed by agreement; see the list of suppressions for the reasons and for who answers for them.", phrase.Plural(n, "finding is", "findings are")))
	}
	for _, s := range r.Suppressions {
		if s.State == "expired" {
			out = append(out, fmt.Sprintf("Suppression %s of %s expired on %s, and took no finding out of sight.", s.ID, s.Owner, s.Expires))
		}
	}
	if t.SnapCut > 0 {
		out = append(out, fmt.Sprintf("Of %s, %s cut by the capture's snaplen%s: bytes behind the cut are unknown.", packets(r), phrase.Plural(t.SnapCut, "is", "are"), b.untold()))
	}
	say(t.Unassembled, "fragmented datagram never became whole: what it carried was not judged.", "fragmented datagrams never became whole: what they carried was not judged.")
	say(t.NoTime, "packet has no usable time and is kept off the timeline.", "packets have no usable time and are kept off the timeline.")
	say(t.Late, "packet lies farther out of order than the reorder buffer of 5 s reaches.", "packets lie farther out of order than the reorder buffer of 5 s reaches.")
	say(t.Evicted, "piece of state was given up to stay within memory: pairing and counts may be incomplete.", "pieces of state were given up to stay within memory: pairing and counts may be incomplete.")
	say(t.FramesAfter, "frame was found behind damage by searching for the next plausible record; it is judged, and Wireshark does not show it.",
		"frames were found behind damage by searching for the next plausible record; they are judged, and Wireshark does not show them.")
	if c := r.CrosscheckTotal; c != nil && (c.Verdict == "differs" || c.Verdict == "failed") {
		out = append(out, c.Summary)
	}
	if rows := int64(b.in.Tally.rows); t.HostsTotal > rows || t.ExchangesTotal > rows {
		out = append(out, fmt.Sprintf("The tables of hosts and conversations are made of the first %s of each that were seen; the totals count all.", phrase.Count(rows)))
	}
	for _, e := range b.in.Ledger {
		if e.ClockShift != 0 {
			out = append(out, fmt.Sprintf("The times of %s are moved by %s, as --clock-shift says: order, times of findings and limits of time go by that.", e.Path, Shift(e)))
		}
		if d := time.Duration(e.Estimated()); d >= time.Second || d <= -time.Second {
			out = append(out, fmt.Sprintf("The clock of %s differs by %+.3f s from the reference capture; order and times of findings are corrected for it; inside the capture they stay as recorded.", e.Path, d.Seconds()))
		}
	}
	return append(out, "icmpsift judges ICMP alone: what TCP or UDP traffic would add is not seen.")
}

// mandate says what was not looked at.
func (b *builder) mandate(r *report.Report) (out []string) {
	m, scope := phrase.Mandate(r.Case)
	if m == "" {
		return nil
	}
	out = append(out, fmt.Sprintf("Only %s were looked at, with %s: no rule, table, recovery or cut-out saw those. Requests and replies were paired before, so that a reply whose request lies outside is not taken for one that nobody asked for.",
		m+scope, phrase.Outside(r.Totals)))
	if n := b.in.Timeline.Astray; n > 0 {
		out = append(out, fmt.Sprintf("Of the packets outside, %s seen a second time in a way that would have passed: the first sighting decides.", phrase.Plural(n, "was", "were")))
	}
	return out
}

// untold is the other reason for cut packets, where tshark's exports are among the evidence.
func (b *builder) untold() string {
	for _, e := range b.in.Ledger {
		if len(e.Limits) > 0 {
			return ", or not told whole by an export"
		}
	}
	return ""
}
