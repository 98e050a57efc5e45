// Package build makes the one [report.Report] from what was read and found; every other room of report renders it. Run a
// [Tally] along with the rules, then call [Report].
package build

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/crosscheck"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/report/assets"
	"icmpsift/report/phrase"
	"icmpsift/report/slice"
	"icmpsift/rules"
	"icmpsift/rules/attack"
	"icmpsift/rules/engine"
)

// Input is all that a report is made of.
type Input struct {
	Tool         report.Tool
	Case         report.Case // identity; periods are filled in
	Ledger       []*ingest.Evidence
	Decoding     decode.Stats
	Timeline     timeline.Stats
	Result       *engine.Result
	Rules        []*rules.Rule
	Suppressions []*rules.Suppression
	Tally        *Tally
	Assets       *assets.Table // nil: hosts have no names
	Context      *field.Context
	Sliced       *slice.Options // how the packets of each finding are cut out; nil if they are not
	Courses      *Courses       // nil: not followed
	Drawn        bool           // figures are written
	Listing      *Listing       // of packets; nil: none
	Least        rules.Level
	LeftOut      int64 // findings below Least, which are not in Result any more

	Crosscheck []*crosscheck.Result // nil if Wireshark's decoder was not asked
}

// maxRanges caps the frame ranges listed for one evidence file; the true total stands beside.
const maxRanges = 200

// Report builds the report. The tally should be settled: its errors are told by that.
func Report(in Input) *report.Report {
	in.Tally.Settle()
	b := &builder{in: in}
	r := &report.Report{Schema: report.Schema, Tool: in.Tool, Case: in.Case}
	r.Case.HomeNet = prefixes(in.Context.Home)
	r.Tool.PayloadTables = append([]report.PayloadTable{}, r.Tool.PayloadTables...)
	r.Evidence, r.Findings, r.Artefacts = b.evidence(), b.findings(), b.artefacts()
	r.Incidents = b.incidents(r.Findings)
	r.Hosts, r.Exchanges, r.Types, r.Activity = b.hosts(), b.exchanges(), b.types(), b.activity()
	r.Rules, r.Totals = b.rules(), b.totals()
	involve(r)
	r.Techniques = techniquesOf(r.Findings)
	r.Case.First, r.Case.Last = period(in.Ledger)
	r.Verdict = verdict(r.Findings)
	r.Indicators = indicators(r)
	r.Actions = b.actions(r)
	r.Timeline = b.events(r)
	b.crosscheck(r)
	r.Contacts = report.Contacts{Hosts: []report.Contact{}, Links: []report.ContactSum{}}
	known := b.part("counting who sent packets to whom", func() { r.Contacts = b.contacts(r) })
	r.Figures = b.figures(r, in.Drawn, known)
	r.Suppressions = b.suppressions()
	r.Notes = b.notes(r)
	r.Bottom = bottom(r, in.Least, in.LeftOut)
	Faults(r, in.Result.Faults)
	r.Findings = append(r.Findings, b.suppressed()...)
	r.Packets = b.packets()
	return r
}

type builder struct{ in Input }

func prefixes(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

func evidenceID(i int) string { return fmt.Sprintf("E%d", i+1) }

func (b *builder) evidence() []report.Evidence {
	out := make([]report.Evidence, len(b.in.Ledger))
	for i, e := range b.in.Ledger {
		row := report.Evidence{ID: evidenceID(e.ID), Path: e.Path, Container: e.Container, Member: e.Member, Archive: e.Archive, SHA256: e.SHA256, Size: e.Size, Format: e.Format,
			Compression: e.Compression, LinkTypes: []string{}, Frames: e.Frames, FramesAfterDamage: e.FramesAfter, ICMPFrames: e.ICMPFrames,
			First: optional(e.First), Last: optional(e.Last), Status: string(e.Status), Problem: e.Problem, Notes: b.evidenceNotes(e)}
		for _, l := range e.LinkTypes() {
			row.LinkTypes = append(row.LinkTypes, l.String())
		}
		if e.Offset >= 0 && e.Problem != "" {
			row.Offset = &e.Offset
		}
		if e.DuplicateOf >= 0 {
			row.DuplicateOf = evidenceID(e.DuplicateOf)
		}
		if d := e.Estimated(); d != 0 {
			row.ClockOffset = fmt.Sprintf("%+.6f s", float64(d)/1e9)
		}
		for _, x := range e.Interfaces {
			row.Drops += x.Drops
		}
		out[i] = row
	}
	return out
}

func (b *builder) evidenceNotes(e *ingest.Evidence) []string {
	notes := append([]string{}, e.Limits...)
	for _, l := range slices.Sorted(maps.Keys(e.Unsupported)) {
		notes = append(notes, fmt.Sprintf("%s of link type %s not decoded", phrase.Plural(e.Unsupported[l], "frame", "frames"), l))
	}
	for _, kind := range slices.Sorted(maps.Keys(e.Skipped)) {
		notes = append(notes, fmt.Sprintf("%s × %s passed over", phrase.Count(e.Skipped[kind]), kind))
	}
	if e.NoTime > 0 {
		notes = append(notes, phrase.Plural(e.NoTime, "frame", "frames")+" without a usable time, kept off the timeline")
	}
	if e.ClockShift != 0 {
		notes = append(notes, fmt.Sprintf("times moved by %s, as --clock-shift says; times in this table and in cut-outs are as recorded", Shift(e)))
	}
	if e.Changed {
		notes = append(notes, "the file changed while it was read: size or modification time differ")
	}
	for _, c := range e.Comments {
		notes = append(notes, "comment in the file: "+c)
	}
	return notes
}

// Shift is what the times of evidence are moved by, with its sign: "+1h30m0s"; "" if they are not.
func Shift(e *ingest.Evidence) string {
	switch d := time.Duration(e.ClockShift); {
	case d > 0:
		return "+" + d.String()
	case d < 0:
		return d.String()
	}
	return ""
}

func optional(ns int64) *time.Time {
	if ns == 0 {
		return nil
	}
	t := when(ns)
	return &t
}

func (b *builder) findings() []report.Finding {
	out := make([]report.Finding, 0, len(b.in.Result.Findings))
	for _, f := range b.in.Result.Findings {
		row := b.row(f)
		if b.in.Sliced != nil && b.in.Sliced.Holds(f) {
			row.Pcap = slice.Name(f)
			if n := f.Members.Total(); n > slice.Most {
				row.Notes = append(row.Notes, fmt.Sprintf("The file of packets for Wireshark holds the first %s of %s.", phrase.Count(slice.Most), phrase.Plural(n, "packet", "packets")))
			}
		}
		out = append(out, row)
	}
	return out
}

func (b *builder) finding(f *rules.Finding) report.Finding {
	r := f.Rule
	row := report.Finding{ID: f.ID, Rule: report.RuleRef{ID: r.ID, Name: r.Name, Title: r.Title}, Level: f.Level.String(), Confidence: f.Confidence,
		Attack: techniques(r.Tags), Src: f.Src, Dst: f.Dst, SrcZone: b.zone(f.Src), DstZone: b.zone(f.Dst), First: when(f.First), Last: when(f.Last), Packets: f.Packets, Bytes: f.Bytes,
		Hosts: []report.HostRef{}, Frames: frameSets(f.Frames), Filter: f.Filter, Meaning: prose(r.Description), BlindSpots: []string{}, Artefacts: []string{},
		Types: b.shares(f), Tactics: []string{}, Notes: texts(f.Notes), Ongoing: f.Ongoing, References: texts(r.References), Response: []string{}, Explanations: []report.Explanation{}, Observed: []report.Observed{}, Telling: []string{}}
	for _, tactic := range attack.Tactics(r.Tags) {
		row.Tactics = append(row.Tactics, tactic.Name)
	}
	for _, h := range f.Hosts {
		known, _ := b.in.Assets.OfText(h.Address)
		row.Hosts = append(row.Hosts, report.HostRef{Address: h.Address, MAC: strings.Join(h.MACs, " "), Role: h.Role, Zone: b.zone(h.Address), Name: known.Name, Asset: known.Role})
	}
	for _, o := range f.Observed {
		o.Name = measure(o.Name)
		row.Observed = append(row.Observed, report.Observed(o))
	}
	for _, x := range f.Explanations {
		row.Explanations = append(row.Explanations, report.Explanation{Text: b.address(x.Text, f), Kept: x.Kept, Reason: b.address(x.Reason, f)})
	}
	for _, text := range r.Response {
		row.Response = append(row.Response, b.address(text, f))
	}
	for _, text := range r.BlindSpots {
		row.BlindSpots = append(row.BlindSpots, b.address(text, f))
	}
	for _, a := range f.Artefacts {
		row.Artefacts = append(row.Artefacts, a.ID)
	}
	row.Notes = append(row.Notes, b.completeness(f)...)
	row.Notes = append(row.Notes, f.Said...)
	row.Telling = append(append(row.Telling, texts(f.Inside)...), f.Said...)
	row.Preview = hex.EncodeToString(f.Preview)
	row.Summary = b.summary(f)
	b.in.Courses.tell(f, &row)
	return row
}

// completeness tells how whole the captures are that a finding rests on: one direction only, and packets lost on the way into
// the file.
func (b *builder) completeness(f *rules.Finding) (out []string) {
	limited, _ := phrase.Mandate(b.in.Case)
	switch one := b.in.Tally.oneWay(f.Src, f.Dst); {
	case one && limited != "":
		out = append(out, fmt.Sprintf("Within the limits of time and scope, the captures hold nothing from %s to %s.", f.Dst, f.Src))
	case one:
		out = append(out, fmt.Sprintf("The captures hold nothing from %s to %s: nothing was sent back, or only one direction was captured.", f.Dst, f.Src))
	}
	for _, s := range f.Frames {
		var lost uint64
		e := b.in.Ledger[s.Evidence]
		for _, i := range e.Interfaces {
			lost += i.Drops
		}
		if lost > 0 {
			out = append(out, fmt.Sprintf("While %s was captured, %d packets were lost by the capturing host's own count: some of these may be missing.", e.Path, lost))
		}
	}
	return out
}

// maxHosts is how many hosts an instruction names.
const maxHosts = 4

// address puts the hosts of findings into a text: {src} and {dst}, or {inside} and {outside}, the hosts within and without the home
// networks (where a finding lacks one kind, src is inside and dst outside).
func (b *builder) address(text string, findings ...*rules.Finding) string {
	var src, dst, inside, outside []string
	for _, f := range findings {
		from, to := phrase.Side(f.Src), phrase.Side(f.Dst)
		src, dst = with(src, from), with(dst, to)
		near, far := b.sides(f)
		if len(near) == 0 || len(far) == 0 {
			near, far = []string{from}, []string{to}
		}
		inside, outside = with(inside, near...), with(outside, far...)
	}
	named := func(hosts []string) string { return phrase.Some(hosts, maxHosts) }
	return strings.NewReplacer("{src}", named(src), "{dst}", named(dst), "{inside}", named(inside), "{outside}", named(outside)).Replace(text)
}

// sides gives a finding's hosts within and without the home networks.
func (b *builder) sides(f *rules.Finding) (inside, outside []string) {
	for _, h := range f.Hosts {
		switch b.zone(h.Address) {
		case outsideZone:
			outside = append(outside, phrase.Side(h.Address))
		case homeZone:
			inside = append(inside, phrase.Side(h.Address))
		}
	}
	return inside, outside
}

// with appends what is not in the list.
func with(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func texts(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prose(s)
	}
	return out
}

// prose undoes a rule file's line breaks.
func prose(s string) string { return strings.Join(strings.Fields(s), " ") }

// techniques gives ATT&CK ids of Sigma tags: attack.t1048.003 is T1048.003.
func techniques(tags []string) []string {
	out := []string{}
	for _, t := range tags {
		if id, ok := strings.CutPrefix(strings.ToLower(t), "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+id)
		}
	}
	return out
}

func frameSets(list []rules.Source) []report.FrameSet {
	out := make([]report.FrameSet, 0, len(list))
	for _, s := range list {
		ranges := s.Ranges.Strings()
		out = append(out, report.FrameSet{Evidence: evidenceID(s.Evidence), Ranges: ranges[:min(len(ranges), maxRanges)], Total: s.Ranges.Total()})
	}
	return out
}

// Files names an artefact's files in the report folder.
func Files(a *rules.Artefact) (file, raw string) {
	file = path.Join("recovered", a.ID+a.Extension+".bin")
	if a.Extension == ".bin" || a.Extension == "" {
		file = path.Join("recovered", a.ID+".bin")
	}
	if a.Raw != nil {
		raw = path.Join("recovered", a.ID+".raw.bin")
	}
	return file, raw
}

func (b *builder) artefacts() []report.Artefact {
	out := make([]report.Artefact, 0, len(b.in.Result.Artefacts))
	for _, a := range b.in.Result.Artefacts {
		row := report.Artefact{ID: a.ID, Finding: a.Finding.ID, SHA256: a.SHA256, MD5: fmt.Sprintf("%x", md5.Sum(a.Bytes)), Size: int64(len(a.Bytes)), MediaType: a.MediaType, Name: a.Name,
			Carrier: a.Carrier, Order: a.Order, Encodings: append([]string{}, a.Encodings...), Src: a.Src, Dst: a.Dst, Packets: a.Packets,
			Frames: frameSets(a.Frames), Gaps: []report.Gap{}, Complete: a.Complete, Vouched: a.Complete && a.Vouched, Refuted: a.Refuted, Confidence: a.Confidence, Why: append([]string{}, a.Why...)}
		row.Path, row.RawPath = Files(a)
		for _, g := range a.Gaps {
			x := report.Gap{Offset: g.Offset}
			if g.Length >= 0 {
				x.Length = &g.Length
				row.Missing += g.Length
			}
			row.Gaps = append(row.Gaps, x)
		}
		row.Preview = hex.EncodeToString(a.Bytes[:min(len(a.Bytes), 64)])
		out = append(out, row)
	}
	return out
}

func (b *builder) rules() []report.Rule {
	dormant, findings, suppressed := map[*rules.Rule]string{}, map[*rules.Rule]int64{}, map[*rules.Rule]int64{}
	for _, d := range b.in.Result.Dormant {
		dormant[d.Rule] = d.Reason
	}
	for _, f := range b.in.Result.Findings {
		findings[f.Rule]++
	}
	for _, f := range b.in.Result.Suppressed {
		suppressed[f.Rule]++
	}
	out := make([]report.Rule, 0, len(b.in.Rules))
	for _, r := range b.in.Rules {
		row := report.Rule{ID: r.ID, Name: r.Name, Title: r.Title, Level: r.Level.String(), Status: r.Status, Author: r.Author, Modified: cmp.Or(r.Modified, r.Date), Attack: techniques(r.Tags),
			Source: r.At.File, Findings: findings[r], Suppressed: suppressed[r], Packets: b.in.Result.Matched[r], Dormant: dormant[r]}
		if r.Builtin {
			row.Source = "builtin"
		}
		out = append(out, row)
	}
	return out
}

func (b *builder) totals() report.Totals {
	t := b.in.Tally.totals
	t.NoTime, t.Late, t.Outside = b.in.Timeline.NoTime, b.in.Timeline.Late, b.in.Timeline.Outside
	t.Evicted = b.in.Timeline.Evicted + b.in.Result.Evicted + b.in.Decoding.Evicted
	t.Unassembled = b.in.Timeline.Unfinished
	t.FindingsByLevel, t.UnknownLinks = map[string]int64{}, map[string]int64{}
	for _, f := range b.in.Result.Findings {
		t.FindingsByLevel[f.Level.String()]++
	}
	for _, e := range b.in.Ledger {
		t.Files++
		if e.Container == "" {
			t.Bytes += e.Size
		}
		switch {
		case e.Archive:
			t.Archives++
			t.Incomplete += toNumber(Incomplete(e.Status))
			continue
		case e.Status == ingest.NotCapture, e.Status == ingest.Empty && e.Format == "": // no bytes: nothing says that it was a capture
			t.NotCaptures++
			continue
		case e.DuplicateOf >= 0:
			t.Duplicates++
			continue
		}
		t.Captures++
		t.Frames += e.Frames
		t.FramesAfter += e.FramesAfter
		t.ICMPFrames += e.ICMPFrames
		for l, n := range e.Unsupported {
			t.UnknownLinks[l.String()] += n
		}
		t.Incomplete += toNumber(Incomplete(e.Status))
	}
	return t
}

func toNumber(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Incomplete tells the statuses of evidence that a reader must know of: exit code 4.
func Incomplete(s ingest.Status) bool {
	return s == ingest.Cut || s == ingest.Damaged || s == ingest.Unsupported
}

// period is the first and last frame of all evidence, by clocks as the analyst set them.
func period(ledger []*ingest.Evidence) (first, last *time.Time) {
	var from, to int64
	for _, e := range ledger {
		if e.First == 0 {
			continue
		}
		if from == 0 || e.First+e.ClockShift < from {
			from = e.First + e.ClockShift
		}
		to = max(to, e.Last+e.ClockShift)
	}
	return optional(from), optional(to)
}

func verdict(findings []report.Finding) string {
	if len(findings) == 0 {
		return "none"
	}
	return findings[0].Level
}
