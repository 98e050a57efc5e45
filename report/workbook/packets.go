package workbook

import (
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// packets is the one sheet whose rows are not held: they come out of the extracts again.
func packets(r *report.Report) page {
	list := r.Packets
	if list == nil {
		list = &report.Packets{Each: func(func(*report.Packet) error) error { return nil }}
	}
	rows := &stream[*report.Packet]{most: list.Most, each: list.Each, foot: func(listed int64) string { return phrase.Unlisted(listed, list.Total) }}
	return &sheet[*report.Packet]{name: "Packets", tab: tabTraffic, about: "ICMP packets of the case, each once, in order.", stream: rows, columns: []column[*report.Packet]{
		{head: "Number", width: 11, kind: integer, about: "place in the timeline of the case; fragments take places, too", value: func(p *report.Packet) any { return p.Number }},
		{head: "Evidence", width: 10, kind: id, value: func(p *report.Packet) any { return p.Evidence }},
		{head: "Frame", width: 11, kind: integer, about: "as numbered in that file", value: func(p *report.Packet) any { return p.Frame }},
		{head: "Time (UTC)", width: 22.5, kind: date, about: "by the clock of the case, to the millisecond", value: func(p *report.Packet) any { return p.Time }},
		{head: "From", width: 22, kind: id, value: func(p *report.Packet) any { return p.Src }},
		{head: "To", width: 22, kind: id, value: func(p *report.Packet) any { return p.Dst }},
		{head: "IP", width: 7, kind: number, value: func(p *report.Packet) any { return p.Version }},
		{head: "Type", width: 8, kind: number, value: func(p *report.Packet) any { return p.Type }},
		{head: "Code", width: 8, kind: number, value: func(p *report.Packet) any { return p.Code }},
		{head: "Echo identifier", width: 11, kind: number, value: func(p *report.Packet) any { return p.ID }},
		{head: "Sequence", width: 11, kind: number, value: func(p *report.Packet) any { return p.Seq }},
		{head: "Message bytes", width: 11, kind: integer, about: "on the wire, ICMP header included", value: func(p *report.Packet) any { return p.Length }},
		{head: "TTL", width: 8, kind: number, about: "or hop limit", value: func(p *report.Packet) any { return p.TTL }},
		{head: "Pair", width: 11, kind: integer, about: "number of the reply or error to a request, or of what it answers", value: func(p *report.Packet) any { return p.Pair }},
		{head: "Round trip (ms)", width: 12, kind: decimal, value: func(p *report.Packet) any { return p.RTT }},
		{head: "Entropy", width: 10, kind: decimal, about: "of an echo's payload, bits per byte", value: func(p *report.Packet) any { return p.Entropy }},
		{head: "Findings", width: 30, kind: id, value: func(p *report.Packet) any { return strings.Join(p.Findings, ", ") }},
	}}
}
