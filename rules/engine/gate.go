package engine

import (
	"context"
	"hash/maphash"
	"math"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// Bounds of what gates remember.
const (
	maxGated = 1 << 18 // pairs of hosts
	maxMarks = 3 << 20 // of all pairs: 24 MiB, and what growing slices add
)

// gates keep the state of rules that are broad in what they match, because what they ask for is that something believable comes back, as
// small as such rules are many: of each pair of hosts no more than the packets or different values up to the rule's threshold. Only pairs
// that reach it go on to the correlation, when the packets are read once more.
type gates struct {
	rules   []*compiled
	by      map[uint64]*gatedPair // by hash of the pair
	seed    maphash.Seed
	marks   int // of all pairs
	evicted int64
	spare   []*gatedPair    // their memory is used again
	best    []rules.Nearest // of each rule, the pair that came nearest to its threshold

	number int64      // of the packet before: several rules ask about one packet
	entry  *gatedPair // of it; nil: it is to be looked up
}

// gatedPair is what is remembered of a pair. Floods have very many, with one or two packets each.
type gatedPair struct {
	marks       []mark
	first, last int64 // packet times
	number      int64 // of the last packet on the timeline: no two pairs have the same
	packets     int32
	open        bool    // a rule's threshold was reached
	few         [8]mark // where marks begin
}

// mark is a different value that a rule counts, or how many packets a rule has counted; of both kinds of rule, that the threshold was
// reached.
type mark struct {
	n     uint32 // or the value's hash
	rule  uint16
	value bool
}

// gated tells whether the rule can wait for the second reading: it demands something believable, nothing else refers to it, and it counts by
// sender and receiver.
func (x *compiled) gated() bool {
	c := &x.correlation
	return x.demanding() && !x.rule.Refers() && len(x.sinks) == 1 && x.sinks[0].to == x && x.least > 1 &&
		(c.Type == rules.EventCount || c.Type == rules.ValueCount) && slices.Equal(c.GroupBy, []string{"sift.src", "sift.dst"})
}

// least is the lowest count that meets a condition; 0 if it has no lower bound.
func least(condition []rules.Condition) (n int) {
	for _, c := range condition {
		switch c.Op {
		case "gte", "eq":
			n = max(n, int(c.Value))
		case "gt":
			n = max(n, int(c.Value)+1)
		}
	}
	return n
}

func newGates(all []*compiled) *gates {
	g := &gates{by: map[uint64]*gatedPair{}, seed: maphash.MakeSeed()}
	for _, x := range all {
		if x.gated() && len(g.rules) < math.MaxUint16 {
			x.gate = len(g.rules) + 1
			g.rules = append(g.rules, x)
		}
	}
	g.best = make([]rules.Nearest, len(g.rules))
	return g
}

// add counts a packet that a gated rule's filter matches; value stands for what the rule counts, 0 if it counts packets.
func (g *gates) add(x *compiled, p *ingest.Packet, value uint32) {
	e := g.entry
	if e == nil || g.number != p.Case.Number {
		e = g.pair(p)
	}
	before := len(e.marks)
	n := e.count(uint16(x.gate-1), uint32(x.least), value)
	g.marks += len(e.marks) - before
	if near := &g.best[x.gate-1]; float64(n) > near.Value {
		*near = rules.Nearest{Group: []string{p.Src().String(), p.Dst().String()}, Value: float64(n), First: e.first, Last: e.last}
		near.Members.Add(p.Case.Number)
	}
}

// pair is what is remembered of a packet's pair, which may be nothing before.
func (g *gates) pair(p *ingest.Packet) *gatedPair {
	h := g.key(pair{p.Src(), p.Dst()})
	e := g.by[h]
	if e == nil {
		g.shed()
		e = g.fresh(p.Case.Time)
		g.by[h] = e
	}
	g.number, g.entry = p.Case.Number, e
	e.last, e.number = p.Case.Time, p.Case.Number
	e.packets++
	return e
}

// fresh gives an empty pair, out of the memory of one that had to go where there is one.
func (g *gates) fresh(first int64) *gatedPair {
	e := &gatedPair{}
	if k := len(g.spare); k > 0 {
		e, g.spare = g.spare[k-1], g.spare[:k-1]
	}
	*e = gatedPair{first: first}
	e.marks = e.few[:0]
	return e
}

// count gives what the rule has counted with this packet, up to least.
func (e *gatedPair) count(rule uint16, least, value uint32) uint32 {
	m := mark{n: value, rule: rule, value: value != 0}
	at, n := -1, uint32(0)
	for i := range e.marks {
		switch x := &e.marks[i]; {
		case x.rule != rule:
		case !x.value:
			at, n = i, x.n
		case *x == m:
			at, n = i, n+1
		default:
			n++
		}
	}
	switch {
	case n >= least || at >= 0 && m.value: // reached, or nothing new
		return n
	case n+1 >= least:
		e.open = true
		e.marks = slices.DeleteFunc(e.marks, func(x mark) bool { return x.rule == rule })
		e.marks = append(e.marks, mark{n: least, rule: rule})
	case at >= 0:
		e.marks[at].n++
	case m.value:
		e.marks = append(e.marks, m)
	default:
		e.marks = append(e.marks, mark{n: 1, rule: rule})
	}
	return n + 1
}

// shed makes room for a pair: half of them go where there are too many, those first that have opened no gate, and of these those
// that floods are made of, and those that were silent longest.
func (g *gates) shed() {
	if len(g.by) < maxGated && g.marks < maxMarks {
		return
	}
	order := make([]int64, 0, len(g.by))
	for _, e := range g.by {
		order = append(order, e.worth())
	}
	slices.Sort(order)
	limit := order[len(order)/2]
	for h, e := range g.by {
		if e.worth() < limit {
			g.marks -= len(e.marks)
			delete(g.by, h)
			g.spare = append(g.spare, e)
			g.evicted++
		}
	}
}

// worth orders pairs by how little would be lost with them; it is different for all.
func (e *gatedPair) worth() int64 {
	switch {
	case e.open:
		return e.number | 1<<62
	case e.packets > 2:
		return e.number | 1<<61
	}
	return e.number
}

// open tells whether the pair reached the rule's threshold.
func (g *gates) open(x *compiled, p *ingest.Packet) bool {
	e := g.of(p)
	return e != nil && slices.ContainsFunc(e.marks, func(m mark) bool { return int(m.rule) == x.gate-1 && m.opens(g.rules) })
}

// opens tells whether it says that the threshold was reached.
func (m mark) opens(all []*compiled) bool { return !m.value && int(m.n) >= all[m.rule].least }

// of gives what is remembered of a packet's pair, nil if that is nothing.
func (g *gates) of(p *ingest.Packet) *gatedPair {
	return g.by[g.key(pair{p.Src(), p.Dst()})]
}

// key stands for a pair: equal for others never but by a chance of 2^-64, which nobody can help along.
func (g *gates) key(at pair) uint64 { return maphash.Comparable(g.seed, at) }

// opened gives the rules that some pair reached the threshold of, and forgets all other pairs.
func (g *gates) opened() (out []*compiled) {
	g.spare = nil
	open := make([]bool, len(g.rules))
	for at, e := range g.by {
		if !e.open {
			delete(g.by, at)
			continue
		}
		for i := range e.marks {
			open[e.marks[i].rule] = open[e.marks[i].rule] || e.marks[i].opens(g.rules)
		}
	}
	for i, x := range g.rules {
		if open[i] {
			out = append(out, x)
		}
	}
	return out
}

// second reads the packets again for the pairs that reached a threshold, if there are any.
func (m *matcher) second(ctx context.Context, t *timeline.Timeline, talks *talks) error {
	again := *m // which asks nothing but what is open
	if err := again.ask(m.gates.opened(), m.lists); err != nil || len(again.asked) == 0 {
		return err
	}
	wants := func(n int64) bool { return m.gates.by[uint64(talks.by.Get(n))] != nil }
	err := t.Some(ctx, wants, func(p *ingest.Packet) {
		if !judged(p) || m.gates.of(p) == nil {
			return
		}
		again.matches = again.asks(p, again.matches[:0])
		for _, k := range again.matches {
			if x := again.asked[k]; m.gates.open(x, p) {
				again.reach(&x.sinks[0], p)
			}
		}
	})
	m.gates.by, m.gates.entry = nil, nil
	return err
}
