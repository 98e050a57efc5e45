package build

import (
	"fmt"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// FigureDir is where figures lie in the report folder.
const FigureDir = "figures"

// figures lists the pictures of a report, and why some have nothing to show.
func (b *builder) figures(r *report.Report, drawn, contacts bool) []report.Figure {
	out := []report.Figure{}
	add := func(which string, make func() report.Figure) {
		b.part("describing the figure of "+which, func() { out = append(out, make()) })
	}
	add("activity", func() report.Figure { return activityFigure(r) })
	if contacts {
		add("contacts", func() report.Figure { return contactsFigure(r) })
	}
	add("round trips", func() report.Figure { return tripsFigure(r) })
	add("types", func() report.Figure { return typesFigure(r) })
	for _, f := range r.Findings {
		if len(f.Payloads) > 0 {
			add("the payloads of "+f.ID, func() report.Figure { return payloadFigure(f) })
		}
		if len(f.Intervals) > 0 {
			add("the intervals of "+f.ID, func() report.Figure { return intervalFigure(f) })
		}
	}
	for i := range out {
		if x := &out[i]; drawn && x.Missing == "" {
			x.Path = FigureDir + "/" + x.ID + ".svg"
		}
	}
	return out
}

const noPacket = "no ICMP packet was seen"

func activityFigure(r *report.Report) report.Figure {
	f := report.Figure{ID: "activity", Kind: "activity", Title: "ICMP packets over time"}
	if r.Totals.ICMPPackets == 0 {
		f.Missing = noPacket
		return f
	}
	peak := r.Activity[0]
	for _, a := range r.Activity {
		if a.Packets > peak.Packets {
			peak = a
		}
	}
	f.Caption = fmt.Sprintf("%s by class, counted in each %s; the most are %s from %s on.", packets(r), phrase.Step(peak.Seconds), phrase.Count(peak.Packets), phrase.Time(peak.Start))
	if len(r.Findings) > 0 && rank(r.Findings[0].Level) >= int(rules.Medium) {
		f.Caption += " Below: when the findings of medium level or above took place."
	}
	return f
}

func contactsFigure(r *report.Report) report.Figure {
	f := report.Figure{ID: "contacts", Kind: "contacts", Title: "Who sent ICMP packets to whom"}
	if len(r.Contacts.Links) == 0 {
		f.Missing = noPacket
		return f
	}
	alone, shown := int64(0), int64(0)
	for _, h := range r.Contacts.Hosts {
		if h.Address != "" {
			alone++
		}
	}
	for _, l := range r.Contacts.Links {
		shown += l.Packets
	}
	f.Caption = fmt.Sprintf("Packets from each host (row) to each host (column). %s stand alone, those with the worst findings and the most bytes; the others are put together by zone. A heavy frame: a finding of medium level or above between the two.",
		phrase.Of(alone, r.Totals.HostsTotal, "host", "hosts"))
	if shown < r.Totals.ICMPPackets {
		f.Caption += fmt.Sprintf(" Shown are %s, those of hosts and conversations that the tables had room for.", phrase.Of(shown, r.Totals.ICMPPackets, "ICMP packet", "ICMP packets"))
	}
	return f
}

func tripsFigure(r *report.Report) report.Figure {
	f := report.Figure{ID: "round-trips", Kind: "round-trips", Title: "Round-trip times"}
	measured := int64(0)
	for _, x := range r.Exchanges {
		if x.RTTMean != nil {
			measured++
		}
	}
	if measured == 0 {
		f.Missing = "no echo reply follows its request in the evidence"
		return f
	}
	f.Caption = fmt.Sprintf("Shortest, mean and longest time from echo request to reply, of the first %s with one; those with findings stand first.",
		phrase.Of(min(measured, report.MaxTrips), measured, "conversation", "conversations"))
	return f
}

func typesFigure(r *report.Report) report.Figure {
	f := report.Figure{ID: "types", Kind: "types", Title: "ICMP types and codes"}
	if len(r.Types) == 0 {
		f.Missing = noPacket
		return f
	}
	all := int64(len(r.Types))
	f.Caption = fmt.Sprintf("Packets of the %s seen most, out of %s.", phrase.Of(min(all, report.MaxTypes), all, "type and code", "types and codes"), packets(r))
	return f
}

// leastPayload is how many bytes, on average, have a size and an entropy worth looking at.
const leastPayload = 2

func payloadFigure(f report.Finding) report.Figure {
	out := report.Figure{ID: "payload-" + f.ID, Kind: "payload", Finding: f.ID, Title: "Payload size and entropy of " + f.ID}
	var packets, bytes float64
	for _, p := range f.Payloads {
		packets, bytes = packets+float64(p.Packets), bytes+p.Size*float64(p.Packets)
	}
	if bytes < leastPayload*packets {
		out.Missing = fmt.Sprintf("its packets carry no more than %s bytes of payload on average, so that is not where data would be", phrase.Number(bytes/packets))
		return out
	}
	out.Caption = fmt.Sprintf("%s, %s: bytes behind the ICMP header, and how evenly the values of these bytes are spread: 0 is one value over and over, 8 is random or encrypted; n bytes reach log2(n) at most.%s",
		f.Rule.Title, phrase.Plural(f.Packets, "packet", "packets"), gathered(f.Payloads[0].Packets, "packets"))
	return out
}

func intervalFigure(f report.Finding) report.Figure {
	out := report.Figure{ID: "intervals-" + f.ID, Kind: "intervals", Finding: f.ID, Title: "Beacon intervals of " + f.ID}
	out.Caption = fmt.Sprintf("%s: the time from each tick to the one before. A level line is a clock.%s", f.Rule.Title, gathered(f.Intervals[0].Ticks, "intervals"))
	return out
}

// gathered says that points are means.
func gathered(each int64, what string) string {
	if each < 2 {
		return ""
	}
	return fmt.Sprintf(" Each point is the mean of %s %s, its bar their least and most.", phrase.Count(each), what)
}
