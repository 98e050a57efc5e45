package markdown

import (
	"icmpsift/report"
	"icmpsift/report/phrase"
)

func method(d *doc, r *report.Report) {
	d.heading(2, "Method")
	d.para("Each evidence file was opened read-only, hashed once while it was read, and every ICMP and ICMPv6 packet in it decoded, put on one timeline in UTC, " +
		"freed of copies and checked against the rules below. Rule set SHA-256: " + or(code(r.Tool.RulesSHA256), "none") + ".")
	payloadTables(d, r.Tool.PayloadTables)
	if len(r.Rules) == 0 {
		d.para("No rule was loaded, so nothing was looked for.")
		return
	}
	d.para("What was looked for (" + phrase.Plural(int64(len(r.Rules)), "rule", "rules") + ", matches out of " + phrase.Plural(r.Totals.ICMPPackets, "ICMP packet", "ICMP packets") + "):")
	rows, rest := each(r.Rules, maxRows, func(x report.Rule) []string {
		return []string{text(x.Title), text(phrase.Title(x.Level)), text(x.Source), phrase.Count(x.Packets), phrase.Count(x.Findings), phrase.Count(x.Suppressed)}
	})
	d.table([]string{"Rule", "Level", "From", "Matching packets:", "Findings:", "Suppressed:"}, rows)
	d.more(rest, "rules")
	dormant(d, r.Rules)
	suppressions(d, r.Suppressions)
}

// payloadTables lists what was taken for ordinary on the analyst's word.
func payloadTables(d *doc, list []report.PayloadTable) {
	if len(list) == 0 {
		return
	}
	d.para("Payloads of these tables, added to the builtin one, were taken for those of known monitors and tools:")
	rows, rest := each(list, maxRows, func(t report.PayloadTable) []string { return []string{code(t.Name), code(t.SHA256)} })
	d.table([]string{"Payload table", "SHA-256"}, rows)
	d.more(rest, "payload tables")
}

func suppressions(d *doc, list []report.Suppression) {
	if len(list) == 0 {
		return
	}
	d.para("What was agreed on beforehand: findings of these rules, all of whose packets match, are listed but not counted.")
	rows, rest := each(list, maxRows, func(s report.Suppression) []string {
		return []string{code(s.ID), text(s.Owner), text(s.Reason), codes(s.Rules, maxList), or(code(s.Match), "every packet"), text(s.Expires), text(phrase.Word(s.State)), phrase.Count(s.Findings)}
	})
	d.table([]string{"Suppression", "Owner", "Reason", "Rules", "Packets", "Until", "State", "Findings:"}, rows)
	d.more(rest, "suppressions")
}

func dormant(d *doc, list []report.Rule) {
	var items []string
	for _, x := range list {
		if x.Dormant != "" {
			items = append(items, text(x.Title)+": "+text(x.Dormant))
		}
	}
	if len(items) == 0 {
		d.para("Every rule could have fired on this evidence.")
		return
	}
	d.bullets("Rules that could not have fired on this evidence, so their silence means nothing:", items)
}

func definitions(d *doc, _ *report.Report) {
	d.heading(2, "Definitions")
	var levels, confidences [][]string
	for i := len(phrase.LevelMeaning) - 1; i >= 0; i-- {
		levels = append(levels, []string{phrase.Title(phrase.LevelMeaning[i].Level), phrase.LevelMeaning[i].Meaning})
	}
	for i := len(phrase.ConfidenceMeaning) - 1; i >= 0; i-- {
		confidences = append(confidences, []string{phrase.Title(phrase.ConfidenceMeaning[i].Confidence), phrase.ConfidenceMeaning[i].Meaning})
	}
	d.table([]string{"Level", "Meaning"}, levels)
	d.table([]string{"Confidence", "Meaning"}, confidences)
	d.para("*Observed* is what the packets show. *Assessed* is what we make of it. Inside and outside are told apart by the home networks named at the top.")
	d.heading(2, "Glossary")
	d.bullets("", glossary)
}

var glossary = []string{
	"**ICMP**: the Internet's messages about itself: ping, unreachable, time exceeded (RFC 792; ICMPv6: RFC 4443).",
	"**Echo request, echo reply**: the two halves of a ping. A reply must bring back the bytes of its request.",
	"**Frame**: one record of a capture file, numbered from 1 as in Wireshark.",
	"**Packet**: a message on the wire. Several frames may show the same packet.",
	"**Payload**: the bytes that follow the header of an echo message.",
	"**Covert channel, tunnel**: data in places of a packet that are not meant for it.",
	"**Host sweep**: asking many addresses in a short time which of them answer.",
	"**SHA-256**: a fingerprint of a file: equal fingerprints mean equal bytes.",
	"**Text such as `\\x1b` or `\\u{202e}`**: a character that is invisible or could mislead, shown by its number.",
}

func tail(d *doc, r *report.Report) { d.para(marking(r)) }
