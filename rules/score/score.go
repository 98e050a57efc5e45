// Package score says how well rules do on labelled captures: captures with a sidecar that tells what is in them. [Load]
// reads the labels of a folder, [Run] runs the rules and gives a [Grade] for each capture, [Total] adds grades up.
package score

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/trial"
)

// Grade is how the rules did on one labelled capture.
type Grade struct {
	Case     *Case
	Entries  []EntryGrade // of what is hostile
	Alarms   []string     // false alarms, in words
	Unasked  []*rules.Finding
	Low      int // findings at low
	Findings int
	Err      error
}

// EntryGrade is how the rules did on one thing that is in a capture.
type EntryGrade struct {
	Entry    *Entry
	Detected bool // a finding of the level, hosts and technique asked for
	Exact    bool // of just this technique
	Sides    bool // with the two hosts the right way round
	By       []string
	Wanted   int // files and streams to bring back
	Found    int // brought back byte for byte
	Pieces   int // artefacts of one finding
	Crowded  bool
}

// MostArtefacts is how many artefacts a stream may give.
const MostArtefacts = 3

// Run runs the rules over each case, as many at a time as there are processors.
func Run(ctx context.Context, set *rules.Set, c *field.Context, cases []*Case) []Grade {
	grades := make([]Grade, len(cases))
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				grades[i] = run(ctx, set, c, cases[i])
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wait.Wait()
	return grades
}

func run(ctx context.Context, set *rules.Set, c *field.Context, of *Case) (g Grade) {
	defer func() {
		if cause := recover(); cause != nil {
			g = Grade{Case: of, Err: fault.Caught(cause)}
		}
	}()
	err := trial.Case(ctx, of.Captures, func(line *timeline.Timeline) error {
		r, err := engine.Analyze(ctx, line, set, c, nil)
		if err != nil {
			return err
		}
		g = grade(of, r, line.Evidence())
		return r.Faults.Err()
	})
	g.Case, g.Err = of, err
	return g
}

func grade(of *Case, r *engine.Result, ledger []*ingest.Evidence) (g Grade) {
	g.Findings = len(r.Findings)
	asked := map[*rules.Finding]bool{}
	for i := range of.Entries {
		e := &of.Entries[i]
		if e.hostile() {
			g.Entries = append(g.Entries, e.grade(r, of, asked))
		} else {
			g.Alarms = append(g.Alarms, e.alarms(r, of, ledger)...)
		}
	}
	for _, f := range r.Findings {
		if f.Level == rules.Low {
			g.Low++
		}
		if f.Level >= rules.Medium && !asked[f] {
			g.Unasked = append(g.Unasked, f)
		}
	}
	if of.Category == benign {
		g.Alarms = append(g.Alarms, g.ordinary(r)...)
	}
	return g
}

// ordinary is what is wrong with findings in a capture of ordinary traffic.
func (g *Grade) ordinary(r *engine.Result) (out []string) {
	for _, f := range g.Unasked {
		out = append(out, f.Level.String()+": "+named(f))
	}
	for _, a := range r.Artefacts {
		out = append(out, "artefact of "+named(a.Finding))
	}
	if g.Low > 1 {
		for _, f := range r.Findings {
			if f.Level == rules.Low {
				out = append(out, "one of several low: "+named(f))
			}
		}
	}
	return out
}

func named(f *rules.Finding) string { return f.Rule.Name + " from " + f.Src + " to " + f.Dst }

// grade tells whether the rules found the entry.
func (e *Entry) grade(r *engine.Result, of *Case, asked map[*rules.Finding]bool) EntryGrade {
	g := EntryGrade{Entry: e, Wanted: len(e.sums())}
	found := map[string]bool{}
	for _, f := range r.Findings {
		straight, crossed := e.between(f.Src, f.Dst), e.between(f.Dst, f.Src)
		if f.Level < e.least() || !straight && !crossed {
			continue
		}
		exact, near := e.technique(f.Rule)
		asked[f] = asked[f] || near
		g.Detected, g.Exact, g.Sides = g.Detected || near, g.Exact || exact, g.Sides || near && straight
		if near && !slices.Contains(g.By, f.Rule.Name) {
			g.By = append(g.By, f.Rule.Name)
		}
		for _, a := range f.Artefacts {
			found[a.SHA256] = true
		}
		g.Pieces = max(g.Pieces, len(f.Artefacts))
	}
	for _, sum := range e.sums() {
		if found[sum] {
			g.Found++
		}
	}
	g.Crowded = g.Pieces > MostArtefacts*max(1, of.streams(e))
	return g
}
