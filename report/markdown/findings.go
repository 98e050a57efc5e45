package markdown

import (
	"regexp"
	"strconv"
	"strings"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

func findings(d *doc, r *report.Report) {
	d.heading(2, "Findings")
	if len(r.Findings) == 0 {
		d.para("None. What was looked for is listed under [Method](#method), what was read under [Evidence](#evidence-and-limits).")
		return
	}
	shown := r.Findings[:min(maxFindings, len(r.Findings))]
	paths := evidencePaths(r)
	for i, f := range shown {
		finding(d, i+1, f, paths)
	}
	restOfFindings(d, r.Findings[len(shown):])
}

// restOfFindings lists what has no section of its own.
func restOfFindings(d *doc, rest []report.Finding) {
	if len(rest) == 0 {
		return
	}
	d.heading(3, "Further findings")
	rows, left := each(rest, maxRows, func(f report.Finding) []string {
		return []string{code(f.ID), level(f.Level), text(f.Rule.Title), between(f.Src, f.Dst), phrase.Span(f.First, f.Last), phrase.Count(f.Packets)}
	})
	d.table([]string{"Finding", "Level", "What", "From → to", "When", "Packets:"}, rows)
	d.more(left, "findings")
}

func finding(d *doc, n int, f report.Finding, paths map[string]string) {
	if safeID.MatchString(f.ID) {
		d.para(`<a id="` + f.ID + `"></a>`)
	}
	d.heading(3, strconv.Itoa(n)+". "+text(f.Rule.Title)+" ("+text(phrase.Word(f.Level))+")")
	if f.SuppressedBy != "" {
		d.para("*Suppressed by " + text(f.SuppressedBy) + ": shown for completeness, not counted.*")
	}
	d.prose("**Observed.** ", phrase.Sentence(f.Summary))
	d.prose("**Assessed.** ", f.Meaning)
	d.table([]string{"Finding", code(f.ID)}, facts(f))
	measured(d, f)
	where(d, f, paths)
	if f.Preview != "" {
		d.para("**First payload bytes** (hexadecimal, then ASCII):")
		d.block(inert.Fence("text", phrase.Dump(f.Preview)))
	}
	d.bullets("**Innocent explanations weighed:**", explanations(f.Explanations))
	d.bullets("**What this cannot see:**", texts(f.BlindSpots))
	d.bullets("**Limits and remarks:**", texts(f.Notes))
	d.bullets("**Response:**", texts(f.Response))
	d.bullets("**References:**", quoted(f.References))
}

func facts(f report.Finding) [][]string {
	rows := [][]string{
		{"Incident", or(code(f.Incident), "none")},
		{"Level, confidence", level(f.Level) + ", " + text(phrase.Word(f.Confidence)) + " confidence"},
		{"From → to", between(f.Src, f.Dst)},
		{"Hosts", people(f.Hosts)},
		{"When", phrase.Span(f.First, f.Last)},
		{"When the evidence looked at ended", atEnd(f)},
		{"Packets", phrase.Plural(f.Packets, "packet", "packets") + " with " + phrase.Bytes(f.Bytes) + " of payload"},
		{"ATT&amp;CK", techniques(f.Attack)},
		{"Rule", code(f.Rule.Name) + " " + code(f.Rule.ID)},
	}
	if len(f.Artefacts) > 0 {
		rows = append(rows, []string{"Recovered files", codes(f.Artefacts, maxList) + ", see [Recovered files](#recovered-files)"})
	}
	return rows
}

func atEnd(f report.Finding) string {
	if f.Ongoing {
		return "**" + phrase.AtEnd(true) + "**"
	}
	return phrase.AtEnd(false)
}

func people(hosts []report.HostRef) string {
	var parts []string
	for _, h := range hosts {
		about := []string{text(phrase.Word(h.Role)), text(phrase.Word(h.Zone))}
		if n := phrase.Named(h.Name, h.Asset); n != "" {
			about = append([]string{text(n)}, about...)
		}
		if h.MAC != "" {
			about = append(about, stationed(h)+code(h.MAC))
		}
		parts = append(parts, code(h.Address)+" ("+strings.Join(about, ", ")+")")
	}
	return phrase.List(parts, maxList)
}

func techniques(ids []string) string {
	var parts []string
	for _, id := range ids {
		name := id
		if n := phrase.Technique(id); n != "" {
			name += " " + n
		}
		if url, ok := phrase.TechniqueURL(id); ok {
			parts = append(parts, "["+text(name)+"]("+url+")")
		} else {
			parts = append(parts, code(id))
		}
	}
	return phrase.List(parts, 10)
}

// measured sets each observed number against the threshold it passed.
func measured(d *doc, f report.Finding) {
	if len(f.Observed) == 0 {
		return
	}
	rows, _ := each(f.Observed, maxRows, func(o report.Observed) []string {
		return []string{text(phrase.Word(o.Name)), amount(o.Value, o.Unit), text(phrase.Word(o.Op)) + " " + phrase.Number(o.Threshold)}
	})
	d.table([]string{"What was measured", "Observed:", "The rule asks for:"}, rows)
}

func amount(v float64, unit string) string {
	return strings.TrimSpace(phrase.Number(v) + " " + text(phrase.Word(unit)))
}

// where names the packets: evidence and frames, the filter that shows them, the slice that holds them.
func where(d *doc, f report.Finding, paths map[string]string) {
	if len(f.Frames) > 0 {
		rows, rest := each(f.Frames, maxRows, func(s report.FrameSet) []string {
			return []string{code(s.Evidence), code(paths[s.Evidence]), text(phrase.Frames(s, maxRanges))}
		})
		d.table([]string{"Evidence", "File", "Frames"}, rows)
		d.more(rest, "files")
	}
	if f.Filter != "" {
		d.para("**Wireshark display filter** that shows these packets:")
		d.block(inert.Fence("text", inert.Cut(inert.Verbatim(f.Filter), filterLimit)))
	}
	if f.Pcap != "" {
		d.para("**Packets cut out for Wireshark:** " + toFile(f.Pcap))
	}
}

func explanations(list []report.Explanation) []string {
	var items []string
	for _, e := range list {
		item := "**Still possible:** " + text(e.Text)
		if !e.Kept {
			item = "Ruled out: " + text(e.Text)
		}
		if e.Reason != "" {
			item += " *" + text(e.Reason) + "*"
		}
		items = append(items, item)
	}
	return items
}

func texts(list []string) []string {
	var items []string
	for _, s := range list {
		items = append(items, text(s))
	}
	return items
}

func quoted(list []string) []string {
	var items []string
	for _, s := range list {
		items = append(items, code(s))
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

// toFinding links to the section of a finding.
func toFinding(id string) string {
	switch {
	case id == "":
		return phrase.Missing
	case safeID.MatchString(id):
		return "[" + code(id) + "](#" + id + ")"
	}
	return code(id)
}

// toFile links to a file of the report folder.
func toFile(path string) string {
	if phrase.Linkable(path) {
		return "[" + code(path) + "](" + path + ")"
	}
	return code(path)
}

// stationed says how a host stands to the MAC it was seen with: an outside host's frames carry the router's.
func stationed(h report.HostRef) string {
	if h.Zone == "outside" {
		return "behind MAC "
	}
	return "MAC "
}
