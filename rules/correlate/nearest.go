package correlate

import (
	"math"
	"slices"

	"icmpsift/rules"
)

// nearest is the window that came nearest to the condition.
type nearest struct {
	score       float64 // 1 meets it
	owner       *group  // whose events still hold it; nil: members are kept
	from, to    int     // which of them it is
	kept        float64 // score of members
	window      rules.Nearest
	group       string
	first, last int64
	value       float64
}

// step is how much nearer a window must come, in parts of what the last one reached, to be written down: copying is dear.
const step = 0.01

// approach remembers a window that is nearer than all before.
func (c *Correlator) approach(g *group, r reading) {
	n := &c.nearest
	s := score(c.c.Condition, r.value)
	if c.c.Type == rules.XInterval {
		s = min(s, score(c.c.Interval.Jitter, r.jitter), score(c.c.Interval.Median, r.median))
	}
	if !n.beaten(s) {
		return
	}
	if n.owner != nil && n.owner != g {
		n.keep(n.owner, c.parts)
	}
	n.score, n.owner, n.value, n.group = s, g, r.value, g.key
	n.from, n.to = r.first, len(g.events)
	n.first, n.last = g.events[n.from].time, g.events[n.to-1].time
}

// beaten tells whether a window of this score is nearer.
func (n *nearest) beaten(s float64) bool {
	return n.score != 1 && (s > n.score || s == n.score && n.value == 0)
}

// keep copies the nearest window out of its group, before that loses events.
func (n *nearest) keep(g *group, parts []*rules.Ranges) {
	if n.owner != g || g == nil {
		return
	}
	n.owner = nil
	if n.window.Members != nil && n.score < 1 && n.score < n.kept*(1+step) {
		n.score, n.value = n.kept, n.window.Value
		return
	}
	n.kept = n.score
	n.window = rules.Nearest{Value: n.value, First: n.first, Last: n.last}
	var m members
	for i := range g.events[n.from:n.to] {
		m.add(&g.events[n.from+i], parts)
	}
	n.window.Members, _ = m.all()
	n.window.Group = []string{n.group}
}

// score is how near a number is to meeting all conditions, from 0 to 1.
func score(conditions []rules.Condition, n float64) float64 {
	s := 1.0
	for _, c := range conditions {
		if !c.Holds(n) {
			s = min(s, 1/(1+math.Abs(n-c.Value)/max(1e-9, math.Abs(c.Value))), 1-1e-9)
		}
	}
	return s
}

// Nearest gives the window that came nearest to the condition; its Group is the one key that the events gave. ok is false
// if there was none. Call it after Done.
func (c *Correlator) Nearest() (n rules.Nearest, ok bool) {
	n = c.nearest.window
	n.Group = slices.Clone(n.Group)
	return n, n.Members != nil
}
