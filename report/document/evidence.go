package document

import (
	"cmp"
	"slices"
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

func hosts(d *doc, r *report.Report) {
	d.heading(2, "hosts", "Hosts")
	if len(r.Hosts) == 0 {
		d.para("No host was seen in ICMP.")
		return
	}
	rows, _ := each(r.Hosts, maxHosts, func(h report.Host) []Cell {
		return row(Code(h.Address), or(Prose(phrase.Named(h.Name, h.Asset)), phrase.Missing), Prose(phrase.Word(h.Zone)), or(Prose(phrase.Word(h.Role)), phrase.Missing), worst(h.Level),
			links(h.Findings, 3), count(h.Peers), by(float64(h.BytesOut), phrase.Size(h.BytesOut)+" / "+phrase.Size(h.BytesIn)))
	})
	d.para(phrase.Of(int64(len(rows)), r.Totals.HostsTotal, "host", "hosts") + ", those with the worst findings first. Bytes are ICMP payload.")
	d.table("Hosts", []string{"Address", "Name", "Where", "Role", "Worst finding", "Findings", "Peers:", "Bytes sent / received:"}, rows)
}

func links(ids []string, limit int) Text {
	var items []Text
	for _, id := range ids {
		items = append(items, toFinding(id))
	}
	return list(items, limit)
}

func artefacts(d *doc, r *report.Report) {
	d.heading(2, "recovered-files", "Recovered files")
	if len(r.Artefacts) == 0 {
		d.para("None: no rule brought bytes back from the packets.")
		return
	}
	if r.Redaction == nil {
		d.para("Treat recovered files as malicious. They are stored with the ending ", Code(".bin"), " and may only be read by their owner; "+
			"open them on an isolated analysis machine only, and compare the SHA-256 before and after moving them.")
	}
	rows, rest := each(r.Artefacts, MaxRows, func(a report.Artefact) []Cell {
		return row(Code(a.ID), or(Code(a.Name), phrase.Missing), fileType(a.MediaType), by(float64(a.Size), phrase.Bytes(a.Size)), whole(a), between(a.Src, a.Dst), toFinding(a.Finding))
	})
	d.table("Recovered files", []string{"File", "Name in the packets", "Type", "Size:", "Complete", "From → to", "Finding"}, rows)
	d.more(rest, "file", "files")
	paths := evidencePaths(r)
	for _, a := range r.Artefacts[:min(MaxFindings, len(r.Artefacts))] {
		artefact(d, a, paths)
	}
}

func fileType(media string) Text {
	if words := phrase.FileType(media); words != "" {
		return join(words+" (", Prose(media), ")")
	}
	return or(Prose(media), "unknown")
}

func whole(a report.Artefact) Text {
	if a.Complete && len(a.Gaps) == 0 {
		return join(phrase.Complete(true, a.Vouched))
	}
	if gaps := phrase.Gaps(a.Gaps, 3); gaps != "" {
		return join(Strong{Plain("no")}, ": "+gaps+" missing")
	}
	if a.Refuted {
		return join(Strong{Plain("no")}, ": its own structure tells that it is not whole")
	}
	return join(Strong{Plain("not known")}, ": the end was not seen")
}

func artefact(d *doc, a report.Artefact, paths map[string]string) {
	id := ""
	if safeID.MatchString(a.ID) {
		id = a.ID
	}
	d.heading(3, id, "File ", Code(a.ID))
	stored := or(Code(a.Path), phrase.Withheld)
	if a.RawPath != "" {
		stored = join(stored, ", before decoding ", Code(a.RawPath))
	}
	rows := []Fact{
		fact("SHA-256", Code(a.SHA256)),
		fact("Stored as", stored),
		fact("Carried in", Prose(phrase.Carrier(a.Carrier)), " (", Code(a.Carrier), ") of "+phrase.Plural(a.Packets, "packet", "packets")+", joined ", Prose(phrase.Word(a.Order))),
		fact("Encodings undone", codes(a.Encodings, maxList)),
		fact("Confidence", Prose(a.Confidence)),
	}
	if len(a.Why) > 0 {
		rows = append(rows, fact("How it was chosen", Prose(strings.Join(a.Why, " "))))
	}
	for _, f := range a.Frames[:min(maxList, len(a.Frames))] {
		rows = append(rows, Fact{join("Source frames in ", Code(f.Evidence)), join(Prose(phrase.Frames(f, maxRanges)), " of ", Code(paths[f.Evidence]))})
	}
	d.add(Facts{rows})
	if a.Preview != "" {
		d.para("First bytes:")
		d.add(Dump(phrase.Dump(a.Preview)))
	}
}

func evidence(d *doc, r *report.Report) {
	d.heading(2, "evidence-and-limits", "Evidence and limits")
	if len(r.Evidence) == 0 {
		d.para("No file was found to read.")
	} else {
		ledger(d, r)
	}
	d.bullets(strong("Limits of this run:"), texts(append(slices.Clone(r.Notes), phrase.Limits(r.Totals)...)))
}

func ledger(d *doc, r *report.Report) {
	t := r.Totals
	d.para(phrase.Plural(t.Files, "file", "files") + " looked at. Captures: " + phrase.Count(t.Captures) + ", of these not readable to the end: " + phrase.Count(t.Incomplete) +
		". Copies of a capture: " + phrase.Count(t.Duplicates) + ". Other files: " + phrase.Count(t.NotCaptures) + archives(t) + ".")
	rows, rest := each(r.Evidence, MaxRows, func(e report.Evidence) []Cell {
		return row(Code(e.ID), Code(name(e)), format(e), size(e.Size), by(float64(e.ICMPFrames), phrase.Count(e.ICMPFrames)+" of "+phrase.Count(e.Frames+e.FramesAfterDamage)), taken(e), state(e))
	})
	d.table("Evidence files", []string{"Evidence", "File", "Format", "Size:", "ICMP of all frames:", "First to last packet", "State"}, rows)
	d.more(rest, "file", "files")
	hashes, _ := each(r.Evidence, MaxRows, func(e report.Evidence) []Cell {
		return row(Code(e.ID), or(Code(e.SHA256), "not read"), count(e.Size), remarks(e))
	})
	d.table("Fingerprints of the evidence files", []string{"Evidence", "SHA-256 of the whole file", "Bytes:", "Remarks"}, hashes)
}

func archives(t report.Totals) string {
	if t.Archives == 0 {
		return ""
	}
	return ", and " + phrase.Plural(t.Archives, "archive", "archives") + " whose files are listed, too"
}

// taken is when the packets of one file were taken.
func taken(e report.Evidence) Cell {
	if e.First == nil {
		return by(0, phrase.Missing)
	}
	return by(moment(*e.First), phrase.Period(e.First, e.Last))
}

// name is the path of an evidence file, with the archive it came from.
func name(e report.Evidence) string {
	if e.Container == "" {
		return e.Path
	}
	return e.Container + " / " + cmp.Or(e.Member, e.Path)
}

func format(e report.Evidence) Text {
	if e.Compression == "" {
		return join(Prose(e.Format))
	}
	return join(Prose(e.Format + " in " + e.Compression))
}

func state(e report.Evidence) Text {
	switch {
	case e.DuplicateOf != "":
		return join("copy of ", Code(e.DuplicateOf))
	case e.Status == "complete" || e.Status == "empty" || e.Status == "not-capture":
		return join(Prose(phrase.Word(e.Status)))
	}
	out := join(Strong{Prose(phrase.Word(e.Status))})
	if e.Problem != "" {
		out = join(out, ": ", Prose(e.Problem))
	}
	if e.Offset != nil {
		out = join(out, " (at byte "+phrase.Count(*e.Offset)+")")
	}
	return out
}

func remarks(e report.Evidence) Text {
	var parts []Text
	if len(e.LinkTypes) > 0 {
		parts = append(parts, join("link type ", Prose(strings.Join(e.LinkTypes, ", "))))
	}
	if e.FramesAfterDamage > 0 {
		parts = append(parts, join(phrase.Plural(e.FramesAfterDamage, "frame", "frames")+" found after the damage"))
	}
	if e.Drops > 0 {
		parts = append(parts, join("the capturing host dropped "+phrase.Plural(int64(min(e.Drops, 1<<63-1)), "packet", "packets")))
	}
	if e.ClockOffset != "" {
		parts = append(parts, join("clock off by ", Prose(e.ClockOffset)))
	}
	for _, n := range e.Notes[:min(maxList, len(e.Notes))] {
		parts = append(parts, join(Prose(n)))
	}
	return or(parted(parts), phrase.Missing)
}

// parted joins texts with semicolons.
func parted(parts []Text) (out Text) {
	for i, p := range parts {
		if i > 0 {
			out = append(out, Plain("; "))
		}
		out = append(out, p...)
	}
	return out
}

func traffic(d *doc, r *report.Report) {
	d.heading(2, "icmp-seen", "ICMP seen")
	if r.Redaction != nil && r.Redaction.Kinds > 0 {
		d.para("Counts of types and codes were taken out before this report was handed over: they carry recovered data.")
		return
	}
	if len(r.Types) == 0 {
		d.para("No ICMP packet was seen in " + phrase.Plural(r.Totals.Frames, "frame", "frames") + ".")
		return
	}
	rows, rest := each(r.Types, maxHosts, func(t report.TypeCount) []Cell {
		return row(protocol(t.Version), by(float64(t.Type*256+t.Code), phrase.Count(int64(t.Type))+" / "+phrase.Count(int64(t.Code))), Prose(t.Name), count(t.Packets), count(t.Sources), count(t.Destinations))
	})
	d.para("Packets of each type and code, of " + phrase.Plural(r.Totals.ICMPPackets, "ICMP packet", "ICMP packets") + " between " +
		phrase.Plural(r.Totals.HostsTotal, "host", "hosts") + " in " + phrase.Plural(r.Totals.ExchangesTotal, "conversation", "conversations") + ".")
	d.table("ICMP types and codes", []string{"Protocol", "Type / code", "Name", "Packets:", "Sources:", "Destinations:"}, rows)
	d.more(rest, "type and code", "types and codes")
}

func protocol(version int) string {
	if version == 6 {
		return "ICMPv6"
	}
	return "ICMP"
}
