package build

import (
	"maps"
	"slices"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// techniquesOf gathers findings, which come worst first, by the ATT&CK techniques they speak of.
func techniquesOf(findings []report.Finding) []report.Technique {
	by := map[string]*report.Technique{}
	for _, f := range findings {
		for _, id := range f.Attack {
			t := by[id]
			if t == nil {
				t = &report.Technique{ID: id, Name: phrase.Technique(id), Tactics: phrase.Tactics(id), Level: f.Level, First: f.First, Last: f.Last}
				by[id] = t
			}
			t.Findings = append(t.Findings, f.ID)
			for _, h := range f.Hosts {
				if h.Address != "" && !slices.Contains(t.Hosts, h.Address) {
					t.Hosts = append(t.Hosts, h.Address)
				}
			}
			if f.First.Before(t.First) {
				t.First = f.First
			}
			if f.Last.After(t.Last) {
				t.Last = f.Last
			}
		}
	}
	out := make([]report.Technique, 0, len(by))
	for _, id := range slices.Sorted(maps.Keys(by)) {
		by[id].Hosts = append([]string{}, by[id].Hosts...)
		out = append(out, *by[id])
	}
	slices.SortStableFunc(out, func(a, c report.Technique) int { return rank(c.Level) - rank(a.Level) })
	return out
}

// involve sums up over incidents: what a reader asks first.
func involve(r *report.Report) {
	seen := map[string]bool{}
	for _, i := range r.Incidents {
		for _, a := range i.Inside {
			seen[a] = true
		}
		r.Totals.BytesOut += i.BytesOut
		r.Totals.BytesIn += i.BytesIn
	}
	r.Totals.InsideHosts = int64(len(seen))
}
