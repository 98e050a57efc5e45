// Package engine runs rules over a case: [Analyze] reads the timeline as often as it needs to and gives back findings
// with their frames, and the bytes they carried. First every packet goes past every rule (correlate); then the packets of
// incidents are gathered; last, where a rule says so, the candidate packets of each pair are carved (recover).
package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// Result is what the rules found.
type Result struct {
	Findings   []*rules.Finding // in sight, worst first, then by time
	Suppressed []*rules.Finding // out of sight, in the same order
	Artefacts  []*rules.Artefact
	Matched    map[*rules.Rule]int64         // packets each rule's filter matched
	Incidents  map[*rules.Rule]int64         // incidents each rule saw: more than its findings where those are capped
	Nearest    map[*rules.Rule]rules.Nearest // rules without an entry saw no packet that matched
	Dormant    []rules.Dormant
	Evicted    int64
	Faults     *fault.Log // what bugs of icmpsift cost; who makes a report of the result goes on noting there
}

// Analyze runs the rules over the timeline. watch, if not nil, sees every packet once, after the rules did; recovers are told
// when searching for what was carried begins, with the number of findings so far, some of which may yet be taken for one.
func Analyze(ctx context.Context, t *timeline.Timeline, set *rules.Set, c *field.Context, watch func(*ingest.Packet), recovers ...func(found int)) (r *Result, err error) {
	m, err := newMatcher(set, c)
	if err != nil {
		return nil, err
	}
	if t.Stats().Late == 0 {
		m.ordered(t.End())
	}
	talks := newTalks(t.Budget(), m.gates.key)
	defer func() { err = errors.Join(err, talks.close()) }()
	ask, take := m.visitors()
	visitors := []timeline.Visitor{talks.visitor(), ask, take}
	if watch != nil {
		visitors = append(visitors, func(_ int, p *ingest.Packet) { m.sees(watch, p) })
	}
	err = t.Stream(ctx, visitors...)
	if err != nil {
		return nil, err
	}
	if err := m.second(ctx, t, talks); err != nil {
		return nil, err
	}
	if err := m.chain(ctx, t); err != nil {
		return nil, err
	}
	drafts := claim(m.incidents())
	if err := gather(ctx, t, drafts); err != nil {
		return nil, err
	}
	back := revived(drafts)
	if err := gather(ctx, t, back); err != nil {
		return nil, err
	}
	drafts = prune(varied(append(drafts, back...)), maxFindings)
	lineTests(drafts)
	drafts = echoed(drafts)
	for _, told := range recovers {
		told(len(drafts))
	}
	if err := tunnels(ctx, t, talks, drafts); err != nil {
		return nil, err
	}
	if drafts, err = carve(ctx, t, talks, drafts); err != nil {
		return nil, err
	}
	return m.result(t, prune(supersede(drafts), maxFindings)), nil
}

// result names and sorts what was found.
func (m *matcher) result(t *timeline.Timeline, drafts []*draft) *Result {
	r := &Result{Matched: map[*rules.Rule]int64{}, Incidents: map[*rules.Rule]int64{}, Nearest: map[*rules.Rule]rules.Nearest{}, Dormant: m.dormant(t.Evidence(), !t.Limits().None()), Faults: m.faults}
	r.Evicted += m.gates.evicted
	for _, x := range m.rules {
		r.Matched[x.rule], r.Incidents[x.rule] = x.matched, x.incidents
		r.Evicted += x.correlator.Evicted()
		if n, ok := x.correlator.Nearest(); ok {
			n.Group = texts(n.Group[0])
			r.Nearest[x.rule] = n
		} else if x.gate > 0 && x.matched > 0 {
			r.Nearest[x.rule] = m.gates.best[x.gate-1]
		}
	}
	ledger := map[int]*ingest.Evidence{}
	for _, e := range t.Evidence() {
		ledger[e.ID] = e
	}
	var told []*draft
	for _, d := range drafts {
		if d.guarded(telling, func() { r.Findings = append(r.Findings, d.finding(ledger, t.End(), t.Limits())) }) {
			told = append(told, d)
		}
	}
	drafts = told
	hush(drafts, r.Findings)
	outages(drafts, r.Findings)
	sort.SliceStable(r.Findings, func(i, j int) bool {
		a, b := r.Findings[i], r.Findings[j]
		if a.Level != b.Level {
			return a.Level > b.Level
		}
		return a.First < b.First
	})
	distinct(r.Findings)
	r.suppress()
	for _, f := range r.Findings {
		for i, a := range f.Artefacts {
			a.ID = fmt.Sprintf("A-%s", digest(f.ID, fmt.Sprint(i), a.SHA256))
			r.Artefacts = append(r.Artefacts, a)
		}
	}
	return r
}

// suppress puts suppressed findings apart.
func (r *Result) suppress() {
	all := r.Findings
	r.Findings = nil
	for _, f := range all {
		if f.SuppressedBy == nil {
			r.Findings = append(r.Findings, f)
		} else {
			r.Suppressed = append(r.Suppressed, f)
		}
	}
}

// distinct makes sure that no two findings share an id.
func distinct(findings []*rules.Finding) {
	used := map[string]int{}
	for _, f := range findings {
		if used[f.ID]++; used[f.ID] > 1 {
			f.ID = fmt.Sprintf("%s-%d", f.ID, used[f.ID])
		}
	}
}

// AtLeast gives the findings of a level or above.
func (r *Result) AtLeast(least rules.Level) (out []*rules.Finding) {
	for _, f := range r.Findings {
		if f.Level >= least {
			out = append(out, f)
		}
	}
	return out
}

// Keep drops findings below the level, and their artefacts.
func (r *Result) Keep(least rules.Level) {
	low := func(f *rules.Finding) bool { return f.Level < least }
	r.Findings, r.Suppressed = slices.DeleteFunc(r.Findings, low), slices.DeleteFunc(r.Suppressed, low)
	r.Artefacts = slices.DeleteFunc(r.Artefacts, func(a *rules.Artefact) bool { return low(a.Finding) })
}
