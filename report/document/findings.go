package document

import (
	"regexp"
	"slices"
	"strconv"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

func findings(d *doc, r *report.Report) {
	d.heading(2, "findings", "Findings")
	if len(r.Findings) == 0 {
		d.para("None. What was looked for is listed under ", Link{"#method", Text{Plain("Method")}}, ", what was read under ", Link{"#evidence-and-limits", Text{Plain("Evidence")}}, ".")
		return
	}
	shown, rest := told(r.Findings)
	paths := evidencePaths(r)
	for i, f := range shown {
		d.add(finding(i+1, f, paths, r.Figures))
	}
	restOfFindings(d, rest)
}

// maxAlike is how many findings of one rule in one incident have a section each: more of them say the same of other hosts.
const maxAlike = 5

// told parts findings into those that are told whole and the rest, which is listed.
func told(all []report.Finding) (shown, rest []report.Finding) {
	type kind struct{ rule, incident string }
	alike := map[kind]int{}
	for _, f := range all {
		k := kind{f.Rule.ID, f.Incident}
		if alike[k]++; alike[k] <= maxAlike && len(shown) < MaxFindings {
			shown = append(shown, f)
		} else {
			rest = append(rest, f)
		}
	}
	return shown, rest
}

// restOfFindings lists what has no section of its own.
func restOfFindings(d *doc, rest []report.Finding) {
	if len(rest) == 0 {
		return
	}
	d.heading(3, "further-findings", "Further findings")
	rows, left := each(rest, MaxRows, func(f report.Finding) []Cell {
		return row(landing(f.ID), level(f.Level), Prose(f.Rule.Title), between(f.Src, f.Dst), by(moment(f.First), phrase.Span(f.First, f.Last)), count(f.Packets))
	})
	d.table("Findings without a section", []string{"Finding", "Level", "What", "From → to", "When", "Packets:"}, rows)
	d.more(left, "finding", "findings")
}

func finding(n int, f report.Finding, paths map[string]string, figures []report.Figure) Card {
	card := Card{Level: f.Level, Suppressed: f.SuppressedBy != "", Title: join(strconv.Itoa(n)+". ", Prose(f.Rule.Title), " (", Prose(phrase.Word(f.Level)), ")"),
		Hint: join(between(f.Src, f.Dst), ", "+phrase.Plural(f.Packets, "packet", "packets"))}
	if safeID.MatchString(f.ID) {
		card.ID = f.ID
	}
	d := &doc{}
	if f.SuppressedBy != "" {
		d.para(Emph{Plain("Suppressed by "), Prose(f.SuppressedBy), Plain(": shown for completeness, not counted.")})
	}
	d.prose("Observed.", phrase.Sentence(f.Summary))
	d.prose("Assessed.", f.Meaning)
	d.add(Facts{append([]Fact{fact("Finding", Code(f.ID))}, facts(f)...)})
	measured(d, f)
	picturesOf(d, figures, f.ID)
	where(d, f, paths)
	if f.Preview != "" {
		d.para(Strong{Plain("First payload bytes")}, " (hexadecimal, then ASCII):")
		d.add(Dump(phrase.Dump(f.Preview)))
	}
	d.bullets(strong("Innocent explanations weighed:"), explanations(f.Explanations))
	d.bullets(strong("What this cannot see:"), texts(f.BlindSpots))
	d.bullets(strong("Limits and remarks:"), texts(f.Notes))
	d.bullets(strong("Response:"), texts(f.Response))
	d.bullets(strong("References:"), quoted(f.References))
	card.Body = d.body
	return card
}

func strong(words string) Text { return join(Strong{Plain(words)}) }

func facts(f report.Finding) []Fact {
	rows := []Fact{
		fact("Incident", or(Code(f.Incident), "none")),
		fact("Level, confidence", level(f.Level), ", ", Prose(phrase.Word(f.Confidence)), " confidence"),
		fact("From → to", between(f.Src, f.Dst)),
		fact("Hosts", people(f.Hosts)),
		fact("When", phrase.Span(f.First, f.Last)),
		fact("When observation ended", atEnd(f)),
		fact("Packets", phrase.Plural(f.Packets, "packet", "packets")+" carrying "+phrase.Bytes(f.Bytes)),
		fact("Messages", or(Prose(phrase.Messages(f)), phrase.Missing)),
		fact("ATT&CK", techniques(f.Attack)),
		fact("Rule", Code(f.Rule.Name), " ", Code(f.Rule.ID)),
	}
	if len(f.Tactics) > 0 {
		rows = slices.Insert(rows, len(rows)-1, fact("Tactic", Prose(phrase.List(f.Tactics, len(f.Tactics)))))
	}
	if len(f.Artefacts) > 0 {
		rows = append(rows, fact("Recovered files", codes(f.Artefacts, maxList), ", see ", Link{"#recovered-files", Text{Plain("Recovered files")}}))
	}
	return rows
}

func atEnd(f report.Finding) Text {
	if f.Ongoing {
		return strong(phrase.AtEnd(true))
	}
	return join(phrase.AtEnd(false))
}

func people(hosts []report.HostRef) Text {
	var parts []Text
	for _, h := range hosts {
		var known []Text
		for _, code := range []string{h.Role, h.Zone} {
			if code != "" {
				known = append(known, join(Prose(phrase.Word(code))))
			}
		}
		about := list(known, len(known))
		if n := phrase.Named(h.Name, h.Asset); n != "" {
			about = join(Prose(n), ", ", about)
		}
		if h.MAC != "" {
			about = join(about, ", "+stationed(h), Code(h.MAC))
		}
		parts = append(parts, join(side(h.Address), " (", about, ")"))
	}
	return list(parts, maxList)
}

func techniques(ids []string) Text {
	var parts []Text
	for _, id := range ids {
		name := id
		if n := phrase.Technique(id); n != "" {
			name += " " + n
		}
		if url, ok := phrase.TechniqueURL(id); ok {
			parts = append(parts, join(Link{url, Text{Prose(name)}}))
		} else {
			parts = append(parts, join(Code(id)))
		}
	}
	return list(parts, 10)
}

// measured sets each observed number against the threshold it passed.
func measured(d *doc, f report.Finding) {
	if len(f.Observed) == 0 {
		return
	}
	rows, _ := each(f.Observed, MaxRows, func(o report.Observed) []Cell {
		return row(Prose(phrase.Word(o.Name)), by(o.Value, amount(o)), by(o.Threshold, Prose(phrase.Word(o.Op)), " "+phrase.Number(o.Threshold)))
	})
	d.table("Measurements against the rule's thresholds", []string{"What was measured", "Observed:", "The rule asks for:"}, rows)
}

func amount(o report.Observed) Text {
	if o.Unit == "" {
		return join(phrase.Number(o.Value))
	}
	return join(phrase.Number(o.Value)+" ", Prose(phrase.Word(o.Unit)))
}

// where names the packets: evidence and frames, the filter that shows them, the slice that holds them.
func where(d *doc, f report.Finding, paths map[string]string) {
	if len(f.Frames) > 0 {
		rows, rest := each(f.Frames, MaxRows, func(s report.FrameSet) []Cell {
			return row(Code(s.Evidence), Code(paths[s.Evidence]), by(float64(s.Total), Prose(phrase.Frames(s, maxRanges))))
		})
		d.table("Where the packets are", []string{"Evidence", "File", "Frames"}, rows)
		d.more(rest, "file", "files")
	}
	if f.Filter != "" {
		d.para(Strong{Plain("Wireshark display filter")}, " that shows these packets:")
		d.add(Block(inert.Cut(inert.Verbatim(f.Filter), filterLimit)))
	}
	if f.Pcap != "" {
		d.para(Strong{Plain("Packets cut out for Wireshark:")}, " ", toFile(f.Pcap))
	}
}

func explanations(list []report.Explanation) (items []Text) {
	for _, e := range list {
		item := join(Strong{Plain("Still possible:")}, " ", Prose(e.Text))
		if !e.Kept {
			item = join("Ruled out: ", Prose(e.Text))
		}
		if e.Reason != "" {
			item = join(item, " ", Emph{Prose(e.Reason)})
		}
		items = append(items, item)
	}
	return items
}

func quoted(list []string) (items []Text) {
	for _, s := range list {
		items = append(items, join(Code(s)))
	}
	return items
}

// evidencePaths gives the path of each evidence id.
func evidencePaths(r *report.Report) map[string]string {
	paths := map[string]string{}
	for _, e := range r.Evidence {
		paths[e.ID] = name(e)
	}
	return paths
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,39}$`)

// toFinding points at the card of a finding.
func toFinding(id string) Text {
	switch {
	case id == "":
		return join(phrase.Missing)
	case safeID.MatchString(id):
		return join(Link{"#" + id, Text{Code(id)}})
	}
	return join(Code(id))
}

// landing is where links to a finding lead that has no section.
func landing(id string) Text {
	if safeID.MatchString(id) {
		return join(Place{id, Text{Code(id)}})
	}
	return join(Code(id))
}

// toFile points at a file of the report folder.
func toFile(path string) Text {
	if phrase.Linkable(path) {
		return join(Link{path, Text{Code(path)}})
	}
	return join(Code(path))
}

// stationed says how a host stands to the MAC it was seen with: an outside host's frames carry the router's.
func stationed(h report.HostRef) string {
	if h.Zone == "outside" {
		return "behind MAC "
	}
	return "MAC "
}
