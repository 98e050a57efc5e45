package workbook

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// Tab colours by what a sheet is about.
const (
	tabVerdict  = "1F3864"
	tabDetail   = "C00000"
	tabTraffic  = "2E75B6"
	tabEvidence = "548235"
	tabMethod   = "7F7F7F"
)

// sheets lists the workbook's sheets in order.
func sheets(r *report.Report) []page {
	pages := []page{
		&summary{r},
		incidents(r), findings(r), timeline(r), hosts(r), conversations(r), types(r), files(r), techniques(r), indicators(r), evidence(r), rules(r), suppressed(r),
	}
	if len(r.Suppressions) > 0 {
		pages = append(pages, suppressions(r))
	}
	pages = append(pages, packets(r))
	if r.CrosscheckTotal != nil {
		pages = append(pages, crosscheck(r))
	}
	pages = append(pages, activity(r))
	return append(pages, about(r, pages))
}

func incidents(r *report.Report) page {
	return &sheet[report.Incident]{name: "Incidents", tab: tabVerdict, about: "Findings that share an actor or a victim within an hour.", paper: 12, items: r.Incidents, key: func(i report.Incident) string { return i.ID }, columns: []column[report.Incident]{
		{head: "Incident", width: 10, kind: id, value: func(i report.Incident) any { return i.ID }},
		{head: "Level", width: 13, kind: level, value: func(i report.Incident) any { return i.Level }},
		{head: "Confidence", width: 13, kind: id, value: func(i report.Incident) any { return i.Confidence }},
		{head: "What", width: 46, kind: prose, value: func(i report.Incident) any { return i.Title }},
		{head: "Inside", width: 20, kind: prose, value: func(i report.Incident) any { return i.Inside }},
		{head: "Outside", width: 20, kind: prose, value: func(i report.Incident) any { return i.Outside }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(i report.Incident) any { return i.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(i report.Incident) any { return i.Last }},
		{head: "Duration (h:mm:ss)", width: 14, kind: duration, value: func(i report.Incident) any { return i.Last.Sub(i.First) }},
		{head: "Bytes out", width: 12, kind: integer, bulk: true, about: "payload bytes that left the home networks, of findings that carry data", value: func(i report.Incident) any { return i.BytesOut }},
		{head: "Bytes in", width: 12, kind: integer, bulk: true, about: "the same, into the home networks", value: func(i report.Incident) any { return i.BytesIn }},
		{head: "Recovered files", width: 11, kind: integer, value: func(i report.Incident) any { return i.Files }},
		{head: "Findings", width: 36, kind: link, to: "Findings", value: func(i report.Incident) any { return i.Findings }},
		{head: "ATT&CK", width: 22, kind: id, value: func(i report.Incident) any { return i.Attack }},
		{head: "Status (yours)", width: 15, kind: choice, list: []string{"new", "triage", "confirmed", "false positive", "closed"}},
		{head: "Owner (yours)", width: 16, kind: choice},
		{head: "Notes (yours)", width: 30, kind: choice},
	}}
}

func findings(r *report.Report) page {
	return &sheet[report.Finding]{name: "Findings", tab: tabDetail, about: "What rules saw, worst first. Findings agreed on in advance are on the sheet Suppressed.", paper: 13, items: insight(r.Findings, true),
		key: func(f report.Finding) string { return f.ID }, columns: append(findingColumns(),
			column[report.Finding]{head: "Verdict (yours)", width: 15, kind: choice, list: []string{"confirmed", "false positive", "accepted", "open"}},
			column[report.Finding]{head: "Comment (yours)", width: 30, kind: choice})}
}

func suppressed(r *report.Report) page {
	why := column[report.Finding]{head: "Suppressed by", width: 44, kind: prose, about: "who answers for it, until when, and why", value: func(f report.Finding) any { return f.SuppressedBy }}
	columns := findingColumns()
	return &sheet[report.Finding]{name: "Suppressed", tab: tabMethod, about: "Findings that somebody answered for in advance; no other sheet counts them.", paper: 14, items: insight(r.Findings, false),
		columns: append(append(columns[:1:1], why), columns[1:]...)}
}

// insight picks the findings that are in sight, or those that are not.
func insight(all []report.Finding, in bool) (out []report.Finding) {
	for _, f := range all {
		if (f.SuppressedBy == "") == in {
			out = append(out, f)
		}
	}
	return out
}

func findingColumns() []column[report.Finding] {
	return []column[report.Finding]{
		{head: "Finding", width: 13, kind: id, about: "made of the rule and the packets: the same in every run", value: func(f report.Finding) any { return f.ID }},
		{head: "Level", width: 13, kind: level, about: "how bad it is if it is what it looks like", value: func(f report.Finding) any { return f.Level }},
		{head: "Confidence", width: 13, kind: id, about: "how sure it is that it is what it looks like", value: func(f report.Finding) any { return f.Confidence }},
		{head: "What", width: 28, kind: prose, value: func(f report.Finding) any { return f.Rule.Title }},
		{head: "From", width: 18, kind: id, about: "of the hostile direction: sender of data, scanner, forged source, client", value: func(f report.Finding) any { return phrase.Place(f.Src) }},
		{head: "From where", width: 11, kind: id, value: func(f report.Finding) any { return phrase.Word(f.SrcZone) }},
		{head: "To", width: 18, kind: id, value: func(f report.Finding) any { return phrase.Place(f.Dst) }},
		{head: "To where", width: 11, kind: id, value: func(f report.Finding) any { return phrase.Word(f.DstZone) }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(f report.Finding) any { return f.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(f report.Finding) any { return f.Last }},
		{head: "Packets", width: 11, kind: integer, about: "each once, however often it was captured", value: func(f report.Finding) any { return f.Packets }},
		{head: "Bytes carried", width: 12, kind: integer, about: "payload, or what headers carried where that is more", value: func(f report.Finding) any { return f.Bytes }},
		{head: "Observed", width: 50, kind: prose, about: "fact; what it means is in report.md", value: func(f report.Finding) any { return f.Summary }},
		{head: "Messages", width: 34, kind: prose, about: "ICMP type and code, and how many packets of each", value: func(f report.Finding) any { return phrase.Messages(f) }},
		{head: "Key measure", width: 26, kind: prose, about: "what the rule measures first", value: key(func(o report.Observed) any { return measureName(o) })},
		{head: "Measured", width: 12, kind: number, value: key(func(o report.Observed) any { return o.Value })},
		{head: "Threshold", width: 12, kind: number, about: "what the rule asks for", value: key(func(o report.Observed) any { return o.Threshold })},
		{head: "All measured (the rule asks for)", width: 34, kind: prose, value: func(f report.Finding) any { return measured(f.Observed) }},
		{head: "Evidence", width: 10, kind: link, to: "Evidence", value: func(f report.Finding) any { return sources(f.Frames) }},
		{head: "Frames", width: 34, kind: prose, about: "by evidence, as numbered in that file", value: func(f report.Finding) any { return frames(f.Frames) }},
		{head: "Wireshark display filter", width: 44, kind: prose, value: func(f report.Finding) any { return f.Filter }},
		{head: "Packets for Wireshark", width: 28, kind: file, value: func(f report.Finding) any { return f.Pcap }},
		{head: "ATT&CK", width: 20, kind: id, value: func(f report.Finding) any { return f.Attack }},
		{head: "Tactic", width: 22, kind: prose, about: "what the techniques are for", value: func(f report.Finding) any { return f.Tactics }},
		{head: "Rule", width: 24, kind: id, value: func(f report.Finding) any { return f.Rule.Name }},
		{head: "Incident", width: 10, kind: link, to: "Incidents", value: func(f report.Finding) any { return f.Incident }},
		{head: "Hosts", width: 36, kind: prose, value: func(f report.Finding) any { return people(f.Hosts) }},
		{head: "When observation ended", width: 19, kind: id, about: "whether it was still going on", value: func(f report.Finding) any { return phrase.AtEnd(f.Ongoing) }},
	}
}

// key is a column about the first number that a rule measures.
func key(of func(report.Observed) any) func(report.Finding) any {
	return func(f report.Finding) any {
		if len(f.Observed) == 0 {
			return nil
		}
		return of(f.Observed[0])
	}
}

func measureName(o report.Observed) string {
	if o.Unit == "" {
		return phrase.Word(o.Name)
	}
	return phrase.Word(o.Name) + ", " + phrase.Word(o.Unit)
}

func sources(list []report.FrameSet) (out []string) {
	for _, f := range list {
		out = append(out, f.Evidence)
	}
	return out
}

// measured writes numbers against thresholds: "254 distinct destinations (at least 32)".
func measured(list []report.Observed) string {
	var parts []string
	for _, o := range list {
		unit := ""
		if o.Unit != "" {
			unit = " " + phrase.Word(o.Unit)
		}
		parts = append(parts, phrase.Word(o.Name)+": "+phrase.Number(o.Value)+unit+" ("+phrase.Word(o.Op)+" "+phrase.Number(o.Threshold)+")")
	}
	return strings.Join(parts, "; ")
}

// people tells who had part in a finding: "10.20.0.12 mx1 (mail server): client, inside".
func people(list []report.HostRef) string {
	var parts []string
	for _, h := range list {
		part := phrase.Place(h.Address)
		if n := phrase.Named(h.Name, h.Asset); n != "" {
			part += " " + n
		}
		about := []string{}
		for _, word := range []string{phrase.Word(h.Role), phrase.Word(h.Zone)} {
			if word != "" {
				about = append(about, word)
			}
		}
		if len(about) > 0 {
			part += ": " + strings.Join(about, ", ")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func frames(list []report.FrameSet) string {
	var parts []string
	for _, f := range list {
		parts = append(parts, f.Evidence+": "+phrase.Frames(f, 8))
	}
	return strings.Join(parts, "; ")
}

func timeline(r *report.Report) page {
	return &sheet[report.Event]{name: "Timeline", tab: tabDetail, about: "What happened, in order; bursts are one row.", paper: 9, items: r.Timeline, columns: []column[report.Event]{
		{head: "Time (UTC)", width: 22.5, kind: date, value: func(e report.Event) any { return e.Time }},
		{head: "Kind", width: 14, kind: id, value: func(e report.Event) any { return e.Kind }},
		{head: "Level", width: 13, kind: level, value: func(e report.Event) any { return e.Level }},
		{head: "Finding", width: 13, kind: link, to: "Findings", value: func(e report.Event) any { return e.Finding }},
		{head: "From", width: 22, kind: id, value: func(e report.Event) any { return phrase.Place(e.Src) }},
		{head: "To", width: 22, kind: id, value: func(e report.Event) any { return phrase.Place(e.Dst) }},
		{head: "What", width: 54, kind: prose, value: func(e report.Event) any { return e.Summary }},
		{head: "Evidence", width: 10, kind: link, to: "Evidence", value: func(e report.Event) any { return e.Evidence }},
		{head: "Frame", width: 10, kind: integer, value: func(e report.Event) any { return known(e.Frame) }},
		{head: "Exact time (UTC, nanoseconds)", width: 30, kind: id, value: func(e report.Event) any { return exact(e.Time) }},
		{head: "Local time", width: 28, kind: id, about: "in the case's time zone, with its offset from UTC", value: func(e report.Event) any { return phrase.Local(e.Time, r.Case.Timezone) }},
	}}
}

// known is a frame number, or an empty cell where there is none.
func known(frame int64) any {
	if frame == 0 {
		return nil
	}
	return frame
}

func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

func hosts(r *report.Report) page {
	return &sheet[report.Host]{name: "Hosts", tab: tabTraffic, about: "Hosts seen in ICMP, those with the worst findings first, then those with the most bytes.", paper: 17, items: r.Hosts, columns: []column[report.Host]{
		{head: "Address", width: 26, kind: id, value: func(h report.Host) any { return h.Address }},
		{head: "Name", width: 18, kind: id, value: func(h report.Host) any { return h.Name }},
		{head: "Where", width: 10, kind: id, value: func(h report.Host) any { return phrase.Word(h.Zone) }},
		{head: "Role", width: 12, kind: id, value: func(h report.Host) any { return h.Role }},
		{head: "Worst finding", width: 14, kind: level, value: func(h report.Host) any { return h.Level }},
		{head: "Findings", width: 26, kind: link, to: "Findings", value: func(h report.Host) any { return h.Findings }},
		{head: "Number of findings", width: 12, kind: integer, value: func(h report.Host) any { return len(h.Findings) }},
		{head: "Peers", width: 9, kind: integer, about: "hosts it exchanged ICMP with", value: func(h report.Host) any { return h.Peers }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(h report.Host) any { return h.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(h report.Host) any { return h.Last }},
		{head: "Echo requests sent", width: 11, kind: integer, value: func(h report.Host) any { return h.EchoSent }},
		{head: "Echo requests received", width: 11, kind: integer, value: func(h report.Host) any { return h.EchoReceived }},
		{head: "Replies sent", width: 10, kind: integer, value: func(h report.Host) any { return h.RepliesSent }},
		{head: "Errors sent", width: 10, kind: integer, value: func(h report.Host) any { return h.ErrorsSent }},
		{head: "Other types sent", width: 10, kind: integer, value: func(h report.Host) any { return h.OtherSent }},
		{head: "Payload bytes sent", width: 13, kind: integer, bulk: true, value: func(h report.Host) any { return h.BytesOut }},
		{head: "Payload bytes received", width: 13, kind: integer, bulk: true, value: func(h report.Host) any { return h.BytesIn }},
		{head: "MAC addresses", width: 20, kind: prose, value: func(h report.Host) any { return h.MACs }},
		{head: "There for", width: 18, kind: prose, value: func(h report.Host) any { return h.Asset }},
		{head: "TTLs", width: 12, kind: id, about: "TTLs and hop limits its packets arrived with; several tell of several paths or hosts behind one address", value: func(h report.Host) any { return numbers(h.TTLs) }},
		{head: "System", width: 18, kind: id, about: "a guess: its pings are those of this system, and came with a TTL that fits; both can be forged", value: func(h report.Host) any { return h.System }},
		{head: "Kinds of echo payload", width: 28, kind: prose, about: "which ping programs sent its requests, as far as their payloads tell", value: func(h report.Host) any { return h.Payloads }},
	}}
}

func numbers(list []int) (out []string) {
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func conversations(r *report.Report) page {
	return &sheet[report.Exchange]{name: "Conversations", tab: tabTraffic, about: "Pairs of hosts, the one that asks first.", items: r.Exchanges, columns: []column[report.Exchange]{
		{head: "Asking", width: 24, kind: id, value: func(e report.Exchange) any { return e.Src }},
		{head: "Answering", width: 24, kind: id, value: func(e report.Exchange) any { return e.Dst }},
		{head: "IP", width: 7, kind: integer, value: func(e report.Exchange) any { return e.Version }},
		{head: "Echo identifiers", width: 11, kind: integer, value: func(e report.Exchange) any { return e.IDs }},
		{head: "Requests", width: 10, kind: integer, value: func(e report.Exchange) any { return e.Requests }},
		{head: "Replies", width: 10, kind: integer, value: func(e report.Exchange) any { return e.Replies }},
		{head: "Paired", width: 10, kind: integer, value: func(e report.Exchange) any { return e.Paired }},
		{head: "No reply", width: 10, kind: integer, value: func(e report.Exchange) any { return e.Unanswered }},
		{head: "Answered by an error", width: 11, kind: integer, value: func(e report.Exchange) any { return e.Failed }},
		{head: "Unasked replies", width: 10, kind: integer, about: "whose request no capture holds", value: func(e report.Exchange) any { return e.Unsolicited }},
		{head: "Replies that differ", width: 11, kind: integer, about: "in payload, from what they answer", value: func(e report.Exchange) any { return e.Mismatched }},
		{head: "Not echo", width: 10, kind: integer, value: func(e report.Exchange) any { return e.Other }},
		{head: "Other queries", width: 24, kind: prose, value: func(e report.Exchange) any { return queries(e.Queries) }},
		{head: "Loss (%)", width: 10, kind: decimal, percent: true, about: "echo requests without a reply, of those sent", value: func(e report.Exchange) any { return e.Loss }},
		{head: "Round trip min (ms)", width: 11, kind: decimal, value: func(e report.Exchange) any { return e.RTTMin }},
		{head: "Round trip mean (ms)", width: 11, kind: decimal, value: func(e report.Exchange) any { return e.RTTMean }},
		{head: "Round trip median (ms)", width: 11, kind: decimal, about: "of fewer than 64 replies all, of more a sample of 32 to 63, evenly spread", value: func(e report.Exchange) any { return e.RTTMedian }},
		{head: "Round trip 95 % (ms)", width: 11, kind: decimal, about: "95 in 100 of the same took no longer", value: func(e report.Exchange) any { return e.RTT95 }},
		{head: "Round trip max (ms)", width: 11, kind: decimal, value: func(e report.Exchange) any { return e.RTTMax }},
		{head: "Mean interval (ms)", width: 12, kind: decimal, about: "from one packet of the asking side to its next", value: func(e report.Exchange) any { return e.IntervalMean }},
		{head: "Deviation of interval (ms)", width: 13, kind: decimal, about: "standard deviation; small beside the mean: a clock sends", value: func(e report.Exchange) any { return e.IntervalDev }},
		{head: "Smallest message", width: 11, kind: integer, value: func(e report.Exchange) any { return e.SizeMin }},
		{head: "Largest message", width: 11, kind: integer, about: "bytes, ICMP header included", value: func(e report.Exchange) any { return e.SizeMax }},
		{head: "Different payloads", width: 11, kind: integer, about: "of echo requests and replies, without the senders' clocks", value: func(e report.Exchange) any { return e.Payloads }},
		{head: "Entropy mean (bits/byte)", width: 11, kind: decimal, about: "of payloads that no known program writes: 8 is random or encrypted; n bytes reach log2(n) at most", value: func(e report.Exchange) any { return e.EntropyMean }},
		{head: "Entropy max (bits/byte)", width: 11, kind: decimal, value: func(e report.Exchange) any { return e.EntropyMax }},
		{head: "Bytes forward", width: 12, kind: integer, bulk: true, about: "payload", value: func(e report.Exchange) any { return e.BytesForward }},
		{head: "Bytes back", width: 12, kind: integer, bulk: true, value: func(e report.Exchange) any { return e.BytesBack }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(e report.Exchange) any { return e.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(e report.Exchange) any { return e.Last }},
		{head: "Findings", width: 26, kind: link, to: "Findings", value: func(e report.Exchange) any { return e.Findings }},
	}}
}

// queries puts kinds of request and what became of them into words.
func queries(list []report.Query) (out []string) {
	for _, q := range list {
		out = append(out, q.Kind+": "+phrase.Plural(q.Requests, "request", "requests")+", "+phrase.Plural(q.Replies, "reply", "replies"))
	}
	return out
}

func types(r *report.Report) page {
	return &sheet[report.TypeCount]{name: "Types", tab: tabTraffic, about: "ICMP messages by type and code.", items: r.Types, columns: []column[report.TypeCount]{
		{head: "Message", width: 52, kind: id, value: func(t report.TypeCount) any { return phrase.Message(t.Version, t.Type, t.Code, t.Name) }},
		{head: "IP", width: 7, kind: integer, value: func(t report.TypeCount) any { return t.Version }},
		{head: "Type", width: 8, kind: integer, value: func(t report.TypeCount) any { return t.Type }},
		{head: "Code", width: 8, kind: integer, value: func(t report.TypeCount) any { return t.Code }},
		{head: "Packets", width: 12, kind: integer, value: func(t report.TypeCount) any { return t.Packets }},
		{head: "Bytes", width: 14, kind: integer, value: func(t report.TypeCount) any { return t.Bytes }},
		{head: "Sources", width: 10, kind: integer, value: func(t report.TypeCount) any { return t.Sources }},
		{head: "Destinations", width: 15, kind: integer, value: func(t report.TypeCount) any { return t.Destinations }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(t report.TypeCount) any { return t.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(t report.TypeCount) any { return t.Last }},
	}}
}

func files(r *report.Report) page {
	return &sheet[report.Artefact]{name: "Files", tab: tabEvidence, about: "Files brought back from packets. Treat them as malicious.", paper: 10, items: r.Artefacts, key: func(a report.Artefact) string { return a.ID }, columns: []column[report.Artefact]{
		{head: "File", width: 13, kind: id, value: func(a report.Artefact) any { return a.ID }},
		{head: "Finding", width: 13, kind: link, to: "Findings", value: func(a report.Artefact) any { return a.Finding }},
		{head: "Name in the packets", width: 24, kind: id, value: func(a report.Artefact) any { return a.Name }},
		{head: "Type", width: 24, kind: id, value: func(a report.Artefact) any { return a.MediaType }},
		{head: "Size (bytes)", width: 13, kind: integer, value: func(a report.Artefact) any { return a.Size }},
		{head: "Complete", width: 13, kind: id, value: func(a report.Artefact) any { return phrase.Complete(a.Complete, a.Vouched) }},
		{head: "Bytes missing", width: 11, kind: integer, about: "in gaps of known length", value: func(a report.Artefact) any { return a.Missing }},
		{head: "Missing", width: 30, kind: prose, value: func(a report.Artefact) any { return phrase.Gaps(a.Gaps, 20) }},
		{head: "Confidence", width: 13, kind: id, value: func(a report.Artefact) any { return a.Confidence }},
		{head: "SHA-256", width: 66, kind: id, value: func(a report.Artefact) any { return a.SHA256 }},
		{head: "MD5", width: 35, kind: id, about: "for look-ups in lists that know nothing better", value: func(a report.Artefact) any { return a.MD5 }},
		{head: "Carried in", width: 26, kind: prose, value: func(a report.Artefact) any { return phrase.Carrier(a.Carrier) }},
		{head: "Joined", width: 20, kind: prose, value: func(a report.Artefact) any { return phrase.Word(a.Order) }},
		{head: "Encodings undone", width: 16, kind: id, value: func(a report.Artefact) any { return a.Encodings }},
		{head: "How it was chosen", width: 60, kind: prose, value: func(a report.Artefact) any { return strings.Join(a.Why, " ") }},
		{head: "From", width: 20, kind: id, value: func(a report.Artefact) any { return a.Src }},
		{head: "To", width: 20, kind: id, value: func(a report.Artefact) any { return a.Dst }},
		{head: "Packets", width: 10, kind: integer, value: func(a report.Artefact) any { return a.Packets }},
		{head: "Evidence", width: 10, kind: link, to: "Evidence", value: func(a report.Artefact) any { return sources(a.Frames) }},
		{head: "Frames", width: 34, kind: prose, value: func(a report.Artefact) any { return frames(a.Frames) }},
		{head: "Stored as (treat as malicious)", width: 34, kind: file, folder: true, about: "the link opens the folder, never the file", value: func(a report.Artefact) any { return cmp.Or(a.Path, phrase.Withheld) }},
		{head: "Before decoding", width: 34, kind: id, value: func(a report.Artefact) any { return a.RawPath }},
	}}
}

func indicators(r *report.Report) page {
	return &sheet[report.Indicator]{name: "Indicators", tab: tabEvidence, about: "What to look for elsewhere; indicators.csv and stix.json hold the same for programs.", paper: 8, items: r.Indicators, key: func(x report.Indicator) string { return x.Type + " " + x.Value }, columns: []column[report.Indicator]{
		{head: "Type", width: 13, kind: id, value: func(x report.Indicator) any { return x.Type }},
		{head: "Value", width: 66, kind: id, value: func(x report.Indicator) any { return x.Value }},
		{head: "Defanged", width: 30, kind: id, value: func(x report.Indicator) any { return phrase.Defanged(x) }},
		{head: "What it is", width: 60, kind: prose, value: func(x report.Indicator) any { return x.Context }},
		{head: "Level", width: 13, kind: level, value: func(x report.Indicator) any { return x.Level }},
		{head: "Confidence", width: 13, kind: id, value: func(x report.Indicator) any { return x.Confidence }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(x report.Indicator) any { return x.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(x report.Indicator) any { return x.Last }},
		{head: "Findings", width: 36, kind: link, to: "Findings", value: func(x report.Indicator) any { return x.Findings }},
		{head: "TLP", width: 18, kind: id, about: "to whom it may be passed on", value: func(report.Indicator) any { return r.Case.TLP }},
	}}
}

func evidence(r *report.Report) page {
	return &sheet[report.Evidence]{name: "Evidence", tab: tabEvidence, about: "Every file that was given, read or not.", paper: 10, items: r.Evidence, key: func(e report.Evidence) string { return e.ID }, columns: []column[report.Evidence]{
		{head: "Evidence", width: 10, kind: id, value: func(e report.Evidence) any { return e.ID }},
		{head: "File", width: 40, kind: prose, value: func(e report.Evidence) any { return e.Path }},
		{head: "State", width: 14, kind: state, value: func(e report.Evidence) any { return e.Status }},
		{head: "Problem", width: 40, kind: prose, value: func(e report.Evidence) any { return e.Problem }},
		{head: "At byte", width: 12, kind: integer, about: "where the problem begins", value: func(e report.Evidence) any { return e.Offset }},
		{head: "Copy of", width: 9, kind: link, to: "Evidence", value: func(e report.Evidence) any { return e.DuplicateOf }},
		{head: "Size (bytes)", width: 15, kind: integer, value: func(e report.Evidence) any { return e.Size }},
		{head: "Format", width: 12, kind: id, value: func(e report.Evidence) any { return e.Format }},
		{head: "Compression", width: 13, kind: id, value: func(e report.Evidence) any { return e.Compression }},
		{head: "SHA-256", width: 66, kind: id, value: func(e report.Evidence) any { return e.SHA256 }},
		{head: "Link types", width: 24, kind: prose, value: func(e report.Evidence) any { return e.LinkTypes }},
		{head: "Frames", width: 12, kind: integer, value: func(e report.Evidence) any { return e.Frames }},
		{head: "Frames after damage", width: 12, kind: integer, value: func(e report.Evidence) any { return e.FramesAfterDamage }},
		{head: "ICMP frames", width: 12, kind: integer, value: func(e report.Evidence) any { return e.ICMPFrames }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(e report.Evidence) any { return e.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(e report.Evidence) any { return e.Last }},
		{head: "Dropped by the capturing host", width: 14, kind: integer, value: func(e report.Evidence) any { return e.Drops }},
		{head: "Clock off by", width: 13, kind: id, value: func(e report.Evidence) any { return e.ClockOffset }},
		{head: "Archive", width: 24, kind: prose, value: func(e report.Evidence) any { return e.Container }},
		{head: "Name in it", width: 24, kind: prose, value: func(e report.Evidence) any { return e.Member }},
		{head: "Remarks", width: 40, kind: prose, value: func(e report.Evidence) any { return strings.Join(e.Notes, "; ") }},
	}}
}

func rules(r *report.Report) page {
	return &sheet[report.Rule]{name: "Rules", tab: tabMethod, about: "Rules that were loaded and what came of them; a rule that cannot be loaded ends the run.", paper: 8, items: r.Rules, columns: []column[report.Rule]{
		{head: "Rule", width: 28, kind: id, value: func(x report.Rule) any { return x.Name }},
		{head: "What it looks for", width: 46, kind: prose, value: func(x report.Rule) any { return x.Title }},
		{head: "Level", width: 13, kind: level, value: func(x report.Rule) any { return x.Level }},
		{head: "Status", width: 13, kind: id, value: func(x report.Rule) any { return x.Status }},
		{head: "Matching packets", width: 12, kind: integer, bulk: true, value: func(x report.Rule) any { return x.Packets }},
		{head: "Findings", width: 11, kind: integer, value: func(x report.Rule) any { return x.Findings }},
		{head: "Suppressed", width: 13, kind: integer, value: func(x report.Rule) any { return x.Suppressed }},
		{head: "Could not have fired because", width: 44, kind: prose, value: func(x report.Rule) any { return x.Dormant }},
		{head: "ATT&CK", width: 22, kind: id, value: func(x report.Rule) any { return x.Attack }},
		{head: "Author", width: 18, kind: id, value: func(x report.Rule) any { return x.Author }},
		{head: "Changed", width: 13, kind: id, about: "the rule's date; its text is in the rules' SHA-256 on the sheet About", value: func(x report.Rule) any { return x.Modified }},
		{head: "From", width: 26, kind: id, value: func(x report.Rule) any { return x.Source }},
		{head: "ID", width: 38, kind: id, value: func(x report.Rule) any { return x.ID }},
	}}
}

func suppressions(r *report.Report) page {
	return &sheet[report.Suppression]{name: "Suppressions", tab: tabMethod, about: "What was agreed on in advance, used or not.", paper: 8, items: r.Suppressions, columns: []column[report.Suppression]{
		{head: "Suppression", width: 13, kind: id, value: func(s report.Suppression) any { return s.ID }},
		{head: "Title", width: 30, kind: prose, value: func(s report.Suppression) any { return s.Title }},
		{head: "Owner", width: 22, kind: prose, value: func(s report.Suppression) any { return s.Owner }},
		{head: "Reason", width: 44, kind: prose, value: func(s report.Suppression) any { return s.Reason }},
		{head: "Rules", width: 30, kind: prose, value: func(s report.Suppression) any { return s.Rules }},
		{head: "Packets that match", width: 44, kind: prose, value: func(s report.Suppression) any { return s.Match }},
		{head: "Until", width: 12, kind: id, value: func(s report.Suppression) any { return s.Expires }},
		{head: "State", width: 12, kind: id, value: func(s report.Suppression) any { return s.State }},
		{head: "Findings", width: 11, kind: integer, value: func(s report.Suppression) any { return s.Findings }},
		{head: "From", width: 26, kind: id, value: func(s report.Suppression) any { return s.Source }},
	}}
}

func techniques(r *report.Report) page {
	return &sheet[report.Technique]{name: "ATT&CK", table: "attack", tab: tabEvidence, about: "MITRE ATT&CK techniques that findings speak of; navigator.json holds the same.", items: r.Techniques, columns: []column[report.Technique]{
		{head: "Technique", width: 13, kind: id, value: func(t report.Technique) any { return t.ID }},
		{head: "Name", width: 44, kind: prose, value: func(t report.Technique) any { return cmp.Or(t.Name, t.ID) }},
		{head: "Tactic", width: 30, kind: prose, about: "of techniques that traffic shows", value: func(t report.Technique) any { return t.Tactics }},
		{head: "Number of findings", width: 12, kind: integer, value: func(t report.Technique) any { return len(t.Findings) }},
		{head: "Worst finding", width: 14, kind: level, value: func(t report.Technique) any { return t.Level }},
		{head: "Findings", width: 36, kind: link, to: "Findings", value: func(t report.Technique) any { return t.Findings }},
		{head: "Hosts", width: 44, kind: prose, value: func(t report.Technique) any { return t.Hosts }},
		{head: "First (UTC)", width: 22.5, kind: date, value: func(t report.Technique) any { return t.First }},
		{head: "Last (UTC)", width: 22.5, kind: date, value: func(t report.Technique) any { return t.Last }},
	}}
}

// activity holds the numbers behind the chart of packets over time.
func activity(r *report.Report) page {
	return &sheet[labelled]{name: "Activity", tab: tabMethod, about: "The numbers behind the chart of packets over time.", items: labels(r.Activity), columns: []column[labelled]{
		{head: "From (UTC)", width: 22.5, kind: date, value: func(a labelled) any { return a.Start }},
		{head: "Label in chart", width: 14, kind: id, value: func(a labelled) any { return a.label }},
		{head: "Seconds", width: 10, kind: integer, value: func(a labelled) any { return a.Seconds }},
		{head: "ICMP packets", width: 13, kind: integer, value: func(a labelled) any { return a.Packets }},
		{head: "Of these in findings at medium or above", width: 20, kind: integer, value: func(a labelled) any { return a.Finding }},
	}}
}

// labelled is a step of time with what the chart writes below it: nothing for most, or the labels would overlap.
type labelled struct {
	report.Activity
	label string
}

func labels(steps []report.Activity) []labelled {
	out, format, every := make([]labelled, len(steps)), stepLabel(steps), max(1, (len(steps)+9)/10)
	for i, a := range steps {
		out[i].Activity = a
		if i%every == 0 {
			out[i].label = a.Start.UTC().Format(format)
		}
	}
	return out
}

// stepLabel is how much of a time tells the steps apart.
func stepLabel(steps []report.Activity) string {
	if len(steps) == 0 {
		return "15:04"
	}
	switch length := steps[len(steps)-1].Start.Sub(steps[0].Start); {
	case length < 10*time.Minute:
		return "15:04:05"
	case length < 24*time.Hour:
		return "15:04"
	case length < 60*24*time.Hour:
		return "01-02 15:04"
	}
	return "2006-01-02"
}
