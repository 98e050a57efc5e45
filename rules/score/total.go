package score

import (
	"slices"

	"icmpsift/rules"
)

// Sum is the grades of one class of captures, added up.
type Sum struct {
	Class      string `json:"class"`
	Captures   int    `json:"captures"`
	Hostile    int    `json:"hostile"` // things to detect
	Detected   int    `json:"detected"`
	Exact      int    `json:"exact_technique"`
	Sides      int    `json:"right_sides"` // the hosts are the right way round
	Wanted     int    `json:"to_recover"`
	Found      int    `json:"recovered"`
	Crowded    int    `json:"too_many_artefacts"`
	Alarms     int    `json:"false_alarms"`
	AnyAlarm   int    `json:"captures_with_false_alarms"`
	Unasked    int    `json:"other_findings"` // at medium or above in hostile captures, of something that no label names
	Unreadable int    `json:"unreadable"`
}

// Total adds up the grades by category, in order of appearance, and all together at the end.
func Total(grades []Grade) []Sum {
	all := Sum{Class: "all"}
	var out []Sum
	for _, g := range grades {
		i := slices.IndexFunc(out, func(s Sum) bool { return s.Class == g.Case.Category })
		if i < 0 {
			i = len(out)
			out = append(out, Sum{Class: g.Case.Category})
		}
		out[i].add(g)
		all.add(g)
	}
	return append(out, all)
}

func (s *Sum) add(g Grade) {
	s.Captures++
	if g.Err != nil {
		s.Unreadable++
	}
	for _, e := range g.Entries {
		s.Hostile++
		s.Wanted += e.Wanted
		s.Found += e.Found
		count(&s.Detected, e.Detected)
		count(&s.Exact, e.Exact)
		count(&s.Sides, e.Sides)
		count(&s.Crowded, e.Crowded)
	}
	s.Alarms += len(g.Alarms)
	count(&s.AnyAlarm, len(g.Alarms) > 0)
	if g.Case.Category != benign {
		s.Unasked += len(g.Unasked)
	}
}

func count(n *int, holds bool) {
	if holds {
		*n++
	}
}

// Alone is what one rule alone detects: without it, it would be missed.
type Alone struct {
	Rule    string   `json:"rule"`
	Entries []string `json:"alone"` // "capture: technique"
}

// Ablate tells for each rule what it alone detects. The rules must have run without superseding each other, as
// [Unsuperseded] has them.
func Ablate(set *rules.Set, grades []Grade) (out []Alone) {
	for _, r := range set.Rules {
		a := Alone{Rule: r.Name, Entries: []string{}}
		for _, g := range grades {
			for _, e := range g.Entries {
				if len(e.By) == 1 && e.By[0] == r.Name {
					a.Entries = append(a.Entries, g.Case.Name+": "+e.Entry.Technique)
				}
			}
		}
		out = append(out, a)
	}
	return out
}

// Unsuperseded is the set with rules that all report for themselves.
func Unsuperseded(set rules.Set) *rules.Set {
	list := make([]*rules.Rule, len(set.Rules))
	for i, r := range set.Rules {
		own := *r
		own.Supersedes = nil
		list[i] = &own
	}
	set.Rules = list
	return &set
}
