package markdown

import (
	"slices"
	"strings"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

func hosts(d *doc, r *report.Report) {
	d.heading(2, "Hosts")
	if len(r.Hosts) == 0 {
		d.para("No host was seen in ICMP.")
		return
	}
	rows, _ := each(r.Hosts, maxHosts, func(h report.Host) []string {
		return []string{code(h.Address), or(text(h.Name), phrase.Missing), text(phrase.Word(h.Zone)), or(text(phrase.Word(h.Role)), phrase.Missing), or(worst(h.Level), phrase.Missing),
			links(h.Findings, 3), phrase.Count(h.Peers), phrase.Size(h.BytesOut) + " / " + phrase.Size(h.BytesIn)}
	})
	d.para(phrase.Of(int64(len(rows)), r.Totals.HostsTotal, "host", "hosts") + ", those with the worst findings first. Bytes are ICMP payload.")
	d.table([]string{"Address", "Name", "Where", "Role", "Worst finding", "Findings", "Peers:", "Bytes sent / received:"}, rows)
}

func links(ids []string, limit int) string {
	var items []string
	for _, id := range ids {
		items = append(items, toFinding(id))
	}
	return phrase.List(items, limit)
}

const handling = "Treat recovered files as malicious. They are stored with the ending `.bin` and may only be read by their owner; " +
	"open them on an isolated analysis machine only, and compare the SHA-256 before and after moving them."

func artefacts(d *doc, r *report.Report) {
	d.heading(2, "Recovered files")
	if len(r.Artefacts) == 0 {
		d.para("None: no rule brought bytes back from the packets.")
		return
	}
	d.para(handling)
	rows, rest := each(r.Artefacts, maxRows, func(a report.Artefact) []string {
		return []string{code(a.ID), or(code(a.Name), phrase.Missing), fileType(a.MediaType), phrase.Bytes(a.Size), whole(a), between(a.Src, a.Dst), toFinding(a.Finding)}
	})
	d.table([]string{"File", "Name in the packets", "Type", "Size:", "Complete", "From → to", "Finding"}, rows)
	d.more(rest, "files")
	paths := evidencePaths(r)
	for _, a := range r.Artefacts[:min(maxFindings, len(r.Artefacts))] {
		artefact(d, a, paths)
	}
}

func fileType(media string) string {
	if words := phrase.FileType(media); words != "" {
		return words + " (" + text(media) + ")"
	}
	return or(text(media), "unknown")
}

func whole(a report.Artefact) string {
	if a.Complete && len(a.Gaps) == 0 {
		return phrase.Complete(true, a.Vouched)
	}
	if gaps := phrase.Gaps(a.Gaps, 3); gaps != "" {
		return "**no**: " + gaps + " missing"
	}
	if a.Refuted {
		return "**no**: its own structure tells that it is not whole"
	}
	return "**not known**: the end was not seen"
}

func artefact(d *doc, a report.Artefact, paths map[string]string) {
	d.heading(3, "File "+code(a.ID))
	stored := code(a.Path)
	if a.RawPath != "" {
		stored += ", before decoding " + code(a.RawPath)
	}
	rows := [][]string{
		{"Stored as", stored},
		{"Carried in", text(phrase.Carrier(a.Carrier)) + " (" + code(a.Carrier) + ") of " + phrase.Plural(a.Packets, "packet", "packets") + ", joined " + text(phrase.Word(a.Order))},
		{"Encodings undone", codes(a.Encodings, maxList)},
		{"Confidence", text(a.Confidence)},
	}
	if len(a.Why) > 0 {
		rows = append(rows, []string{"How it was chosen", text(strings.Join(a.Why, " "))})
	}
	for _, f := range a.Frames[:min(maxList, len(a.Frames))] {
		rows = append(rows, []string{"Source frames in " + code(f.Evidence), text(phrase.Frames(f, maxRanges)) + " of " + code(paths[f.Evidence])})
	}
	d.table([]string{"SHA-256", code(a.SHA256)}, rows)
	if a.Preview != "" {
		d.para("First bytes:")
		d.block(inert.Fence("text", phrase.Dump(a.Preview)))
	}
}

func evidence(d *doc, r *report.Report) {
	d.heading(2, "Evidence and limits")
	if len(r.Evidence) == 0 {
		d.para("No file was found to read.")
	} else {
		ledger(d, r)
	}
	d.bullets("**Limits of this run:**", texts(append(slices.Clone(r.Notes), phrase.Limits(r.Totals)...)))
}

func ledger(d *doc, r *report.Report) {
	t := r.Totals
	d.para(phrase.Plural(t.Files, "file", "files") + " looked at. Captures: " + phrase.Count(t.Captures) + ", of these not readable to the end: " + phrase.Count(t.Incomplete) +
		". Copies of a capture: " + phrase.Count(t.Duplicates) + ". Other files: " + phrase.Count(t.NotCaptures) + ".")
	rows, rest := each(r.Evidence, maxRows, func(e report.Evidence) []string {
		return []string{code(e.ID), code(name(e)), format(e), phrase.Size(e.Size), phrase.Count(e.ICMPFrames) + " of " + phrase.Count(e.Frames+e.FramesAfterDamage), phrase.Period(e.First, e.Last), state(e)}
	})
	d.table([]string{"Evidence", "File", "Format", "Size:", "ICMP of all frames:", "First to last packet", "State"}, rows)
	d.more(rest, "files")
	hashes, _ := each(r.Evidence, maxRows, func(e report.Evidence) []string {
		return []string{code(e.ID), or(code(e.SHA256), "not read"), phrase.Count(e.Size), remarks(e)}
	})
	d.table([]string{"Evidence", "SHA-256 of the whole file", "Bytes:", "Remarks"}, hashes)
}

// name is the path of an evidence file, with the archive it came from.
func name(e report.Evidence) string {
	if e.Container == "" {
		return e.Path
	}
	return e.Container + " / " + or(e.Member, e.Path)
}

func format(e report.Evidence) string {
	if e.Compression == "" {
		return text(e.Format)
	}
	return text(e.Format + " in " + e.Compression)
}

func state(e report.Evidence) string {
	switch {
	case e.DuplicateOf != "":
		return "copy of " + code(e.DuplicateOf)
	case e.Status == "complete" || e.Status == "empty" || e.Status == "not-capture":
		return text(phrase.Word(e.Status))
	}
	out := "**" + text(phrase.Word(e.Status)) + "**"
	if e.Problem != "" {
		out += ": " + text(e.Problem)
	}
	if e.Offset != nil {
		out += " (at byte " + phrase.Count(*e.Offset) + ")"
	}
	return out
}

func remarks(e report.Evidence) string {
	var parts []string
	if len(e.LinkTypes) > 0 {
		parts = append(parts, "link type "+text(strings.Join(e.LinkTypes, ", ")))
	}
	if e.FramesAfterDamage > 0 {
		parts = append(parts, phrase.Plural(e.FramesAfterDamage, "frame", "frames")+" found after the damage")
	}
	if e.Drops > 0 {
		parts = append(parts, "the capturing host dropped "+phrase.Plural(int64(min(e.Drops, 1<<63-1)), "packet", "packets"))
	}
	if e.ClockOffset != "" {
		parts = append(parts, "clock off by "+text(e.ClockOffset))
	}
	for _, n := range e.Notes[:min(maxList, len(e.Notes))] {
		parts = append(parts, text(n))
	}
	return or(strings.Join(parts, "; "), phrase.Missing)
}

func traffic(d *doc, r *report.Report) {
	d.heading(2, "ICMP seen")
	if len(r.Types) == 0 {
		d.para("No ICMP packet was seen in " + phrase.Plural(r.Totals.Frames, "frame", "frames") + ".")
		return
	}
	rows, rest := each(r.Types, maxHosts, func(t report.TypeCount) []string {
		return []string{protocol(t.Version), phrase.Count(int64(t.Type)) + " / " + phrase.Count(int64(t.Code)), text(t.Name), phrase.Count(t.Packets), phrase.Count(t.Sources), phrase.Count(t.Destinations)}
	})
	d.para("Packets of each type and code, of " + phrase.Plural(r.Totals.ICMPPackets, "ICMP packet", "ICMP packets") + " between " +
		phrase.Plural(r.Totals.HostsTotal, "host", "hosts") + " in " + phrase.Plural(r.Totals.ExchangesTotal, "conversation", "conversations") + ".")
	d.table([]string{"Protocol", "Type / code", "Name", "Packets:", "Sources:", "Destinations:"}, rows)
	d.more(rest, "types and codes")
}

func protocol(version int) string {
	if version == 6 {
		return "ICMPv6"
	}
	return "ICMP"
}
