package build

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// summary states a finding as fact: who, whom, how much, when, measured against what, and what came back.
func (b *builder) summary(f *rules.Finding) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s from %s to %s, %s.", phrase.Plural(f.Packets, "packet", "packets"), f.Src, f.Dst, phrase.Span(when(f.First), when(f.Last)))
	for _, o := range f.Observed {
		if f.Rule.Correlation != nil {
			fmt.Fprintf(&s, " Observed: %s %s %s (the rule asks for %s %s).", phrase.Number(o.Value), o.Name, o.Unit, phrase.Word(o.Op), phrase.Number(o.Threshold))
		}
	}
	for _, a := range f.Artefacts {
		fmt.Fprintf(&s, " Recovered: %s, %s, %s.", phrase.Bytes(int64(len(a.Bytes))), kindOf(a.MediaType), wholeness(a))
	}
	return s.String()
}

func kindOf(media string) string {
	if words := phrase.FileType(media); words != "" {
		return words
	}
	return media
}

func wholeness(a *rules.Artefact) string {
	if a.Complete {
		return "no piece missing as far as the packets tell"
	}
	return phrase.Plural(int64(len(a.Gaps)), "gap", "gaps")
}

// bottom is the report's first words: at most five sentences, made of the findings alone.
func bottom(r *report.Report) []string {
	if len(r.Incidents) == 0 {
		return quiet(r)
	}
	out := []string{fmt.Sprintf("The evidence shows %s among %s ICMP packets; the worst is of level %s.", phrase.Plural(int64(len(r.Incidents)), "incident", "incidents"),
		phrase.Count(r.Totals.ICMPPackets), r.Incidents[0].Level)}
	for _, i := range r.Incidents[:min(2, len(r.Incidents))] {
		out = append(out, fmt.Sprintf("%s, %s.", i.Title, phrase.Span(i.First, i.Last)))
	}
	out = append(out, moved(r)+" "+sure(r))
	if len(r.Actions) > 0 {
		out = append(out, "Do first: "+phrase.Sentence(lower(r.Actions[0].Text)))
	}
	return out
}

func quiet(r *report.Report) []string {
	out := []string{fmt.Sprintf("No rule found anything suspicious in %s ICMP packets of %s.", phrase.Count(r.Totals.ICMPPackets), phrase.Plural(r.Totals.Captures, "capture", "captures"))}
	if r.Verdict != "none" {
		out[0] = fmt.Sprintf("Nothing above level informational was found in %s ICMP packets of %s.", phrase.Count(r.Totals.ICMPPackets), phrase.Plural(r.Totals.Captures, "capture", "captures"))
	}
	dormant := int64(0)
	for _, x := range r.Rules {
		if x.Dormant != "" {
			dormant++
		}
	}
	out = append(out, fmt.Sprintf("%s looked for it; %s could not have fired on this evidence.", phrase.Plural(int64(len(r.Rules)), "rule", "rules"), phrase.Of(dormant, int64(len(r.Rules)), "rule", "rules")))
	return append(out, completeness(r))
}

// moved says what left the home networks.
func moved(r *report.Report) string {
	var out, in int64
	for _, i := range r.Incidents {
		out, in = out+i.BytesOut, in+i.BytesIn
	}
	files := phrase.Plural(int64(len(r.Artefacts)), "file was", "files were")
	switch {
	case out > 0 && in > 0:
		return fmt.Sprintf("%s left the home networks and %s came in; %s recovered.", phrase.Size(out), phrase.Size(in), files)
	case out > 0:
		return fmt.Sprintf("%s left the home networks; %s recovered.", phrase.Size(out), files)
	case in > 0:
		return fmt.Sprintf("%s came into the home networks; %s recovered.", phrase.Size(in), files)
	}
	return "No data is seen to have left the home networks."
}

// sure says how certain the worst finding is, and whether evidence is missing.
func sure(r *report.Report) string {
	return fmt.Sprintf("Confidence in the worst finding is %s. %s", r.Findings[0].Confidence, completeness(r))
}

func completeness(r *report.Report) string {
	if r.Totals.Incomplete == 0 {
		return "All captures could be read to the end."
	}
	return fmt.Sprintf("%s could not be read to the end.", capital(phrase.Of(r.Totals.Incomplete, r.Totals.Captures, "capture", "captures")))
}

func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// notes states the limits of this run.
func (b *builder) notes(r *report.Report) []string {
	out := []string{}
	say := func(n int64, format string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, phrase.Count(n)))
		}
	}
	t := r.Totals
	say(t.SnapCut, "%s of "+phrase.Count(t.ICMPPackets)+" ICMP packets were cut by the capture's snaplen: bytes behind the cut are unknown.")
	say(t.Unassembled, "%s fragmented datagrams never became whole: what they carried was not judged.")
	say(t.NoTime, "%s ICMP packets have no usable time and are kept off the timeline.")
	say(t.Late, "%s ICMP packets lie farther out of order than the reorder buffer of 5 s reaches.")
	say(t.Evicted, "%s times state was given up to stay within memory: pairing and counts may be incomplete.")
	say(t.FramesAfter, "%s frames were found behind damage by searching for the next plausible record; they are judged, and Wireshark does not show them.")
	for _, e := range b.in.Ledger {
		if d := time.Duration(e.ClockOffset); d >= time.Second || d <= -time.Second {
			out = append(out, fmt.Sprintf("The clock of %s differs by %+.3f s from the reference capture; order and times of findings are corrected for it; inside the capture they stay as recorded.", e.Path, d.Seconds()))
		}
	}
	return append(out, "icmpsift judges ICMP alone: what TCP or UDP traffic would add is not seen.")
}

func sortedLinks(m map[ingest.LinkType]int64) []ingest.LinkType {
	out := make([]ingest.LinkType, 0, len(m))
	for l := range m {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

func keysOf(m map[string]int64) map[string]bool {
	out := make(map[string]bool, len(m))
	for k := range m {
		out[k] = true
	}
	return out
}
