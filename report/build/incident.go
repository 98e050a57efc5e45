package build

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"time"

	"icmpsift/ingest"
	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// together is how near in time findings with a common host must be to be one incident.
const together = time.Hour

// parallel is how many incidents that are the same but for their hosts are told one by one. More of them at a time are one: a worm,
// a flood or a scanner that goes from host to host is one thing to deal with.
const parallel = 10

// incidents joins findings of level low and above that share an actor or a victim within an hour, and marks them. Worst
// first: by level, then by what left the home networks, then by time.
func (b *builder) incidents(findings []report.Finding) []report.Incident {
	type numbered struct {
		report.Incident
		members []int
	}
	var all []numbered
	for _, members := range group(findings) {
		all = append(all, numbered{b.incident(findings, members), members})
	}
	sort.SliceStable(all, func(i, j int) bool {
		x, y := &all[i], &all[j]
		if x.Level != y.Level {
			return rank(x.Level) > rank(y.Level)
		}
		if x.BytesOut != y.BytesOut {
			return x.BytesOut > y.BytesOut
		}
		return x.First.Before(y.First)
	})
	out := make([]report.Incident, len(all))
	for i, x := range all {
		out[i], out[i].ID = x.Incident, fmt.Sprintf("I%d", i+1)
		for _, k := range x.members {
			findings[k].Incident = out[i].ID
		}
	}
	return out
}

// group collects the indexes of findings that belong together; order follows the findings.
func group(findings []report.Finding) [][]int {
	joined := newUnion(len(findings))
	for _, list := range byHost(findings) {
		sort.SliceStable(list, func(i, j int) bool { return findings[list[i]].First.Before(findings[list[j]].First) })
		latest := list[0] // of those so far, the one that ends last
		for _, i := range list[1:] {
			if findings[i].First.Sub(findings[latest].Last) <= together {
				joined.join(i, latest)
			}
			if findings[i].Last.After(findings[latest].Last) {
				latest = i
			}
		}
	}
	out := joined.groups(findings)
	if merged := crowds(findings, out); len(merged) > 0 {
		for _, same := range merged {
			for _, g := range same[1:] {
				joined.join(g[0], same[0][0])
			}
		}
		out = joined.groups(findings)
	}
	return out
}

// crowds finds the groups that are too many at a time to be told one by one: their worst findings, which come first, are of one rule
// and level.
func crowds(findings []report.Finding, groups [][]int) (out [][][]int) {
	type alike struct{ rule, level string }
	by := map[alike][][]int{}
	var order []alike
	for _, g := range groups {
		worst := &findings[g[0]]
		k := alike{worst.Rule.ID, worst.Level}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], g)
	}
	for _, k := range order {
		for _, near := range stretches(findings, by[k]) {
			if len(near) > parallel {
				out = append(out, near)
			}
		}
	}
	return out
}

// stretches parts groups where nothing happens in them for longer than [together].
func stretches(findings []report.Finding, groups [][]int) (out [][][]int) {
	type span struct {
		group       []int
		first, last time.Time
	}
	spans := make([]span, len(groups))
	for i, g := range groups {
		s := span{g, findings[g[0]].First, findings[g[0]].Last}
		for _, k := range g[1:] {
			s.first, s.last = earlier(s.first, findings[k].First), later(s.last, findings[k].Last)
		}
		spans[i] = s
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.first.Compare(b.first) })
	var end time.Time
	for i, s := range spans {
		if i == 0 || s.first.Sub(end) > together {
			out, end = append(out, nil), s.last
		}
		out[len(out)-1], end = append(out[len(out)-1], s.group), later(end, s.last)
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// groups lists the findings of level low and above by what they were joined with.
func (u union) groups(findings []report.Finding) (out [][]int) {
	place := map[int]int{}
	for i := range findings {
		if rank(findings[i].Level) < int(rules.Low) {
			continue
		}
		at, known := place[u.root(i)]
		if !known {
			at = len(out)
			place[u.root(i)], out = at, append(out, nil)
		}
		out[at] = append(out[at], i)
	}
	return out
}

// byHost lists the findings of level low and above that each single address has part in.
func byHost(findings []report.Finding) map[string][]int {
	out := map[string][]int{}
	for i, f := range findings {
		if rank(f.Level) < int(rules.Low) {
			continue
		}
		for _, h := range f.Hosts {
			if _, err := netip.ParseAddr(h.Address); err == nil {
				out[h.Address] = append(out[h.Address], i)
			}
		}
	}
	return out
}

// union is sets of numbers that are joined one after another.
type union []int

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = i
	}
	return u
}

func (u union) root(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(i, j int) { u[u.root(i)] = u.root(j) }

func (b *builder) incident(findings []report.Finding, members []int) report.Incident {
	worst := &findings[members[0]]
	out := report.Incident{Level: worst.Level, Confidence: worst.Confidence, Title: title(findings, members), First: worst.First, Last: worst.Last, Attack: []string{}, Findings: []string{}, Hosts: []string{}, Inside: []string{}, Outside: []string{}}
	seen := map[string]bool{}
	for _, i := range members {
		f := &findings[i]
		out.Findings = append(out.Findings, f.ID)
		out.Attack = append(out.Attack, f.Attack...)
		out.First, out.Last = earlier(out.First, f.First), later(out.Last, f.Last)
		for _, h := range f.Hosts {
			if !seen[h.Address] && h.Address != "" {
				seen[h.Address] = true
				place(&out, h)
			}
		}
		out.Files += len(f.Artefacts)
	}
	slices.Sort(out.Attack)
	out.Attack = slices.Compact(out.Attack)
	out.BytesOut, out.BytesIn = b.carried(members)
	return out
}

// place notes a host of an incident and its side of the border; groups (multicast, broadcast) are on neither.
func place(i *report.Incident, h report.HostRef) {
	i.Hosts = append(i.Hosts, h.Address)
	switch h.Zone {
	case homeZone:
		i.Inside = append(i.Inside, h.Address)
	case outsideZone:
		i.Outside = append(i.Outside, h.Address)
	}
}

// carried is what findings moved across the border of the home networks. Only rules that bring bytes back say that data
// was carried; findings that share packets count once, by the largest, so that the sum is never too high.
func (b *builder) carried(members []int) (out, in int64) {
	var ways [2]struct {
		counted rules.Ranges
		bytes   int64
	}
	findings := make([]*rules.Finding, len(members))
	for i, k := range members {
		findings[i] = b.in.Result.Findings[k]
	}
	sort.SliceStable(findings, func(i, j int) bool { return findings[i].Bytes > findings[j].Bytes })
	for _, f := range findings {
		way, crosses := b.crossing(f)
		if !crosses {
			continue
		}
		for i, bytes := range []int64{f.Bytes - f.Back, f.Back} {
			if w := &ways[(way+i)%2]; bytes > 0 && !overlap(w.counted, f.Members) {
				w.counted, w.bytes = w.counted.Union(f.Members), w.bytes+bytes
			}
		}
	}
	return ways[0].bytes, ways[1].bytes
}

// crossing tells the way from a finding's Src to its Dst: 0 out, 1 in.
func (b *builder) crossing(f *rules.Finding) (way int, ok bool) {
	if f.Rule.Recover == nil {
		return 0, false
	}
	switch from, to := b.zone(f.Src), b.zone(f.Dst); {
	case from == homeZone && to == outsideZone:
		return 0, true
	case from == outsideZone && to == homeZone:
		return 1, true
	}
	return 0, false
}

func overlap(a, b rules.Ranges) bool {
	for _, x := range b {
		if a.Between(x.First, x.Last) > 0 {
			return true
		}
	}
	return false
}

// title names an incident by its worst finding, and by those of the same rule.
func title(findings []report.Finding, members []int) string {
	worst, more := &findings[members[0]], ""
	if n := int64(len(members)); n > 1 {
		more = fmt.Sprintf(" (and %s)", phrase.Plural(n-1, "more finding", "more findings"))
	}
	var from, to []string
	for _, i := range members {
		if f := &findings[i]; f.Rule.ID == worst.Rule.ID {
			from, to = note(from, math.MaxInt, named(f, f.Src)), note(to, math.MaxInt, named(f, f.Dst))
		}
	}
	if len(from) > 1 && len(to) > 1 && len(from)+len(to) <= 2*maxNamed { // names alone would not tell who sent to whom
		from, to = from[:1], to[:1]
	}
	return fmt.Sprintf("%s%s: %s to %s", worst.Rule.Title, more, few(from, "sources"), few(to, "destinations"))
}

// maxNamed is how many sides a title names.
const maxNamed = 3

// few names sides, or counts them where they are many.
func few(sides []string, many string) string {
	if len(sides) > maxNamed {
		return phrase.Count(int64(len(sides))) + " " + many
	}
	return phrase.And(sides)
}

// named is a side of a finding, with the host's name if it has one.
func named(f *report.Finding, side string) string {
	for _, h := range f.Hosts {
		if h.Address == side && h.Name != "" {
			return side + " (" + h.Name + ")"
		}
	}
	return phrase.Side(side)
}

// actions collects the response steps of findings at medium and above, each step once, in the order of the incidents.
func (b *builder) actions(r *report.Report) []report.Action {
	out := []report.Action{}
	seen, findings := map[string]bool{}, byID(r.Findings)
	for _, i := range r.Incidents {
		for _, id := range i.Findings {
			f := findings[id]
			if rank(f.Level) < int(rules.Medium) {
				continue
			}
			for _, text := range f.Response {
				if !seen[text] {
					seen[text] = true
					out = append(out, report.Action{Text: text, Finding: f.ID, Incident: f.Incident})
				}
			}
		}
	}
	return out
}

func byID(findings []report.Finding) map[string]*report.Finding {
	out := make(map[string]*report.Finding, len(findings))
	for i := range findings {
		out[findings[i].ID] = &findings[i]
	}
	return out
}

// events is the course of things: evidence that begins or breaks off, findings that begin and end.
func (b *builder) events(r *report.Report) []report.Event {
	out := []report.Event{}
	for i := range r.Evidence {
		out = append(out, captureEvents(&r.Evidence[i], time.Duration(b.in.Ledger[i].ClockShift))...)
	}
	for i := range r.Findings {
		out = append(out, b.findingEvents(&r.Findings[i], b.in.Result.Findings[i])...)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.Before(out[j].Time) })
	return out
}

// captureEvents tells when a capture begins and breaks off; its times are to be moved by shift.
func captureEvents(e *report.Evidence, shift time.Duration) (out []report.Event) {
	if e.First == nil || e.DuplicateOf != "" {
		return nil
	}
	out = append(out, report.Event{Time: e.First.Add(shift), Kind: "capture start", Evidence: e.ID, Summary: fmt.Sprintf("Capture begins: %s, %s of them ICMP, until %s",
		phrase.Plural(e.Frames+e.FramesAfterDamage, "frame", "frames"), phrase.Count(e.ICMPFrames), phrase.Time(e.Last.Add(shift)))})
	if e.Status == string(ingest.Cut) {
		out = append(out, report.Event{Time: e.Last.Add(shift), Kind: "capture cut", Evidence: e.ID, Summary: "Capture breaks off: " + e.Problem})
	}
	return out
}

func (b *builder) findingEvents(f *report.Finding, from *rules.Finding) []report.Event {
	start := report.Event{Time: f.First, Kind: "finding start", Finding: f.ID, Level: f.Level, Src: f.Src, Dst: f.Dst, Summary: f.Rule.Title + ": " + phrase.Plural(f.Packets, "packet", "packets")}
	end := start
	end.Time, end.Kind, end.Summary = f.Last, "finding end", f.Rule.Title+" ends"
	if f.Ongoing {
		end.Summary = f.Rule.Title + ": still going on when observation ends"
	}
	if s := b.at(from.Frames, from.First); s != nil {
		start.Evidence, start.Frame = evidenceID(s.Evidence), s.Ranges[0].First
	}
	if s := b.at(from.Frames, from.Last); s != nil {
		end.Evidence, end.Frame = evidenceID(s.Evidence), s.Ranges[len(s.Ranges)-1].Last
	}
	if f.Last.Sub(f.First) < time.Second {
		return []report.Event{start}
	}
	return []report.Event{start, end}
}

// at is the evidence, of those that show a finding, that was being captured at a moment of the timeline; nil if it is not clear which.
func (b *builder) at(frames []rules.Source, moment int64) *rules.Source {
	for i, s := range frames {
		e := b.in.Ledger[s.Evidence]
		if first, last := e.First-e.ClockOffset, e.Last-e.ClockOffset; first <= moment && moment <= last && len(s.Ranges) > 0 {
			return &frames[i]
		}
	}
	return nil
}
