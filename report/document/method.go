package document

import (
	"icmpsift/report"
	"icmpsift/report/phrase"
)

func method(d *doc, r *report.Report) {
	d.heading(2, "method", "Method")
	d.para("Each evidence file was opened read-only, hashed once while it was read, and every ICMP and ICMPv6 packet in it decoded, put on one timeline in UTC, "+
		"freed of copies and checked against the rules below. Rule set SHA-256: ", or(Code(r.Tool.RulesSHA256), "none"), ".")
	payloadTables(d, r.Tool.PayloadTables)
	if len(r.Rules) == 0 {
		d.para("No rule was loaded, so nothing was looked for.")
		return
	}
	d.para("What was looked for (" + phrase.Plural(int64(len(r.Rules)), "rule", "rules") + ", matches out of " + phrase.Plural(r.Totals.ICMPPackets, "ICMP packet", "ICMP packets") + "):")
	rows, rest := each(r.Rules, MaxRows, func(x report.Rule) []Cell {
		return row(Prose(x.Title), by(rank(x.Level), Prose(phrase.Title(x.Level))), Prose(x.Source), count(x.Packets), count(x.Findings), count(x.Suppressed))
	})
	d.table("Rules", []string{"Rule", "Level", "From", "Matching packets:", "Findings:", "Suppressed:"}, rows)
	d.more(rest, "rule", "rules")
	dormant(d, r.Rules)
	suppressions(d, r.Suppressions)
}

// payloadTables lists what was taken for ordinary on the analyst's word.
func payloadTables(d *doc, list []report.PayloadTable) {
	if len(list) == 0 {
		return
	}
	d.para("Payloads of these tables, added to the builtin one, were taken for those of known monitors and tools:")
	rows, rest := each(list, MaxRows, func(t report.PayloadTable) []Cell { return row(Code(t.Name), Code(t.SHA256)) })
	d.table("Payload tables", []string{"Payload table", "SHA-256"}, rows)
	d.more(rest, "payload table", "payload tables")
}

func suppressions(d *doc, list []report.Suppression) {
	if len(list) == 0 {
		return
	}
	d.para("What was agreed on beforehand: findings of these rules, all of whose packets match, are listed but not counted.")
	rows, rest := each(list, MaxRows, func(s report.Suppression) []Cell {
		return row(Code(s.ID), Prose(s.Owner), Prose(s.Reason), codes(s.Rules, maxList), or(Code(s.Match), "every packet"), Prose(s.Expires), Prose(phrase.Word(s.State)), count(s.Findings))
	})
	d.table("Suppressions", []string{"Suppression", "Owner", "Reason", "Rules", "Packets", "Until", "State", "Findings:"}, rows)
	d.more(rest, "suppression", "suppressions")
}

func dormant(d *doc, list []report.Rule) {
	var items []Text
	for _, x := range list {
		if x.Dormant != "" {
			items = append(items, join(Prose(x.Title), ": ", Prose(x.Dormant)))
		}
	}
	if len(items) == 0 {
		d.para("Every rule could have fired on this evidence.")
		return
	}
	d.bullets(join("Rules that could not have fired on this evidence, so their silence means nothing:"), items)
}

func definitions(d *doc, _ *report.Report) {
	d.heading(2, "definitions", "Definitions")
	var levels, confidences [][]Cell
	for i := len(phrase.LevelMeaning) - 1; i >= 0; i-- {
		levels = append(levels, row(by(float64(i), phrase.Title(phrase.LevelMeaning[i].Level)), phrase.LevelMeaning[i].Meaning))
	}
	for i := len(phrase.ConfidenceMeaning) - 1; i >= 0; i-- {
		confidences = append(confidences, row(by(float64(i), phrase.Title(phrase.ConfidenceMeaning[i].Confidence)), phrase.ConfidenceMeaning[i].Meaning))
	}
	d.table("Levels", []string{"Level", "Meaning"}, levels)
	d.table("Confidences", []string{"Confidence", "Meaning"}, confidences)
	d.para(Emph{Plain("Observed")}, " is what the packets show. ", Emph{Plain("Assessed")}, " is what we make of it. Inside and outside are told apart by the home networks named at the top.")
}

// custody says where it stands who did what, and how to see that nothing was changed since.
func custody(d *doc, r *report.Report) {
	d.heading(2, "custody", "Custody")
	d.para("This report was made by ", Prose(r.Tool.Name+" "+r.Tool.Version), " for ", or(Prose(r.Case.Analyst), "an analyst who is not named"), ", ", or(Prose(r.Case.Organization), "organisation not given"),
		". The evidence is that of the table under ", Link{"#evidence-and-limits", Text{Plain("Evidence")}}, ", each file with its SHA-256.")
	d.bullets(nil, []Text{
		join(Code("custody.json"), " says when the report was made, on which host, by which command line and from which files; it stands apart, for the same evidence gives the same report whenever it is made."),
		join(Code("manifest.sha256"), " holds the SHA-256 of every other file of the folder. Note its own SHA-256 elsewhere: it vouches for all the rest."),
		join(Code("icmpsift verify FOLDER"), " reads report and evidence again and names every file that is not as it was."),
		join("icmpsift knows nothing of what was done with the evidence before it was read, nor of hand-overs after: these belong into the case's own log."),
	})
}

func terms(d *doc, _ *report.Report) {
	d.heading(2, "glossary", "Glossary")
	d.bullets(nil, glossary)
}

var glossary = []Text{
	term("ICMP", ": the Internet's messages about itself: ping, unreachable, time exceeded (RFC 792; ICMPv6: RFC 4443)."),
	term("Echo request, echo reply", ": the two halves of a ping. A reply must bring back the bytes of its request."),
	term("Frame", ": one record of a capture file, numbered from 1 as in Wireshark."),
	term("Packet", ": a message on the wire. Several frames may show the same packet."),
	term("Payload", ": the bytes that follow the header of an echo message."),
	term("Covert channel, tunnel", ": data in places of a packet that are not meant for it."),
	term("Host sweep", ": asking many addresses in a short time which of them answer."),
	term("SHA-256", ": a fingerprint of a file: equal fingerprints mean equal bytes."),
	term("Entropy", ": how evenly the values of bytes are spread, from 0 to 8 bits per byte; encrypted and compressed data come near 8."),
	term(`Text such as \x1b or \u{202e}`, ": a character that is invisible or could mislead, shown by its number."),
}

func term(name, meaning string) Text { return join(Strong{Plain(name)}, meaning) }
