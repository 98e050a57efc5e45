package build

import (
	"fmt"
	"net/netip"
	"sort"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// together is how near in time findings with a common host must be to be one incident.
const together = time.Hour

// incidents joins findings of level low and above that share an actor or a victim within an hour, and marks them.
func (b *builder) incidents(findings []report.Finding, artefacts []report.Artefact) []report.Incident {
	groups := group(findings)
	out := make([]report.Incident, 0, len(groups))
	for _, members := range groups {
		out = append(out, b.incident(findings, artefacts, members))
	}
	sort.SliceStable(out, func(i, j int) bool {
		if x, y := rank(out[i].Level), rank(out[j].Level); x != y {
			return x > y
		}
		return out[i].First.Before(out[j].First)
	})
	for i := range out {
		out[i].ID = fmt.Sprintf("I%d", i+1)
		for _, id := range out[i].Findings {
			for k := range findings {
				if findings[k].ID == id {
					findings[k].Incident = out[i].ID
				}
			}
		}
	}
	return out
}

// group collects the indexes of findings that belong together; order follows the findings.
func group(findings []report.Finding) [][]int {
	parent := make([]int, len(findings))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for i := range findings {
		for j := range i {
			if related(&findings[i], &findings[j]) {
				parent[root(i)] = root(j)
			}
		}
	}
	members, order := map[int][]int{}, []int{}
	for i := range findings {
		if rank(findings[i].Level) < int(rules.Low) {
			continue
		}
		if members[root(i)] == nil {
			order = append(order, root(i))
		}
		members[root(i)] = append(members[root(i)], i)
	}
	out := make([][]int, len(order))
	for i, r := range order {
		out[i] = members[r]
	}
	return out
}

func related(a, b *report.Finding) bool {
	if rank(a.Level) < int(rules.Low) || rank(b.Level) < int(rules.Low) {
		return false
	}
	if a.First.Sub(b.Last) > together || b.First.Sub(a.Last) > together {
		return false
	}
	for _, x := range a.Hosts {
		for _, y := range b.Hosts {
			if _, err := netip.ParseAddr(x.Address); err == nil && x.Address == y.Address {
				return true
			}
		}
	}
	return false
}

func (b *builder) incident(findings []report.Finding, artefacts []report.Artefact, members []int) report.Incident {
	worst := &findings[members[0]]
	out := report.Incident{Level: worst.Level, Title: title(worst), First: worst.First, Last: worst.Last, Findings: []string{}, Hosts: []string{}, Inside: []string{}, Outside: []string{}}
	seen := map[string]bool{}
	for _, i := range members {
		f := &findings[i]
		out.Findings = append(out.Findings, f.ID)
		if f.First.Before(out.First) {
			out.First = f.First
		}
		if f.Last.After(out.Last) {
			out.Last = f.Last
		}
		for _, h := range f.Hosts {
			if !seen[h.Address] && h.Address != "" {
				seen[h.Address] = true
				out.Hosts = append(out.Hosts, h.Address)
				if h.Zone == "outside" {
					out.Outside = append(out.Outside, h.Address)
				} else {
					out.Inside = append(out.Inside, h.Address)
				}
			}
		}
		b.carried(&out, f)
		out.Files += len(f.Artefacts)
	}
	return out
}

// carried adds what a finding moved across the border of the home networks; only findings that carry data count.
func (b *builder) carried(i *report.Incident, f *report.Finding) {
	if len(f.Artefacts) == 0 {
		return
	}
	switch from, to := b.zone(f.Src), b.zone(f.Dst); {
	case from != "outside" && to == "outside":
		i.BytesOut += f.Bytes
	case from == "outside" && to != "outside":
		i.BytesIn += f.Bytes
	}
}

func title(f *report.Finding) string {
	return fmt.Sprintf("%s: %s to %s", f.Rule.Title, f.Src, f.Dst)
}

// actions collects the response steps of findings at medium and above, each step once for an incident, worst first.
func (b *builder) actions(r *report.Report) []report.Action {
	out := []report.Action{}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		if rank(f.Level) < int(rules.Medium) {
			continue
		}
		for _, text := range f.Response {
			if key := f.Incident + "\x00" + text; !seen[key] {
				seen[key] = true
				out = append(out, report.Action{Text: text, Finding: f.ID, Incident: f.Incident})
			}
		}
	}
	return out
}

// events is the course of things: evidence that begins or is cut, findings that begin and end.
func (b *builder) events(r *report.Report) []report.Event {
	out := []report.Event{}
	for _, e := range r.Evidence {
		if e.First != nil && e.DuplicateOf == "" {
			out = append(out, report.Event{Time: *e.First, Kind: "capture start", Evidence: e.ID, Frame: 1,
				Summary: fmt.Sprintf("Capture begins: %s, %s until %s", phrase.Plural(e.Frames, "frame", "frames"), phrase.Plural(e.ICMPFrames, "of them ICMP", "of them ICMP"), phrase.Time(*e.Last))})
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		e := report.Event{Time: f.First, Kind: "finding start", Finding: f.ID, Level: f.Level, Src: f.Src, Dst: f.Dst, Summary: f.Rule.Title + ": " + phrase.Plural(f.Packets, "packet", "packets")}
		if len(f.Frames) > 0 {
			e.Evidence, e.Frame = f.Frames[0].Evidence, b.in.Result.Findings[i].Frames[0].Ranges[0].First
		}
		out = append(out, e)
		if f.Last.Sub(f.First) >= time.Second {
			e.Time, e.Kind, e.Summary = f.Last, "finding end", f.Rule.Title+" ends"
			if f.Ongoing {
				e.Summary = f.Rule.Title + ": still going on when the capture ends"
			}
			last := b.in.Result.Findings[i].Frames[0].Ranges
			e.Frame = last[len(last)-1].Last
			out = append(out, e)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.Before(out[j].Time) })
	return out
}
