package engine

import (
	"cmp"
	"context"
	"hash/maphash"
	"maps"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// maxGated bounds the pairs of hosts that gates remember.
const maxGated = 1 << 18

// gates keep the state of rules that are broad in what they match, because what they ask for is that something believable comes back, as
// small as such rules are many: of each pair of hosts no more than the packets or different values up to the rule's threshold. Only pairs
// that reach it go on to the correlation, when the packets are read once more.
type gates struct {
	rules   []*compiled
	by      map[pair]*gatedPair
	seed    maphash.Seed
	evicted int64
	best    []rules.Nearest // of each rule, the pair that came nearest to its threshold

	at    pair       // of the packet before: several rules ask about one packet
	entry *gatedPair // nil: it is to be looked up
}

// gatedPair is what is remembered of a pair, by rule.
type gatedPair struct {
	sets        []gate
	first, last int64
}

// gate counts packets or different values of one rule, up to its threshold.
type gate struct {
	n      int
	values []uint32 // hashes; nil for rules that count packets
}

// gated tells whether the rule can wait for the second reading: it demands something believable, nothing else refers to it, and it counts by
// sender and receiver.
func (x *compiled) gated() bool {
	c := &x.correlation
	return x.demanding() && !x.rule.Refers() && len(x.sinks) == 1 && x.sinks[0].to == x && x.least() > 1 &&
		(c.Type == rules.EventCount || c.Type == rules.ValueCount) && slices.Equal(c.GroupBy, []string{"sift.src", "sift.dst"})
}

// least is the lowest count that meets the rule's condition; 0 if it has no lower bound.
func (x *compiled) least() (n int) {
	for _, c := range x.correlation.Condition {
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
	g := &gates{by: map[pair]*gatedPair{}, seed: maphash.MakeSeed()}
	for _, x := range all {
		if x.gated() {
			x.gate = len(g.rules) + 1
			g.rules = append(g.rules, x)
		}
	}
	g.best = make([]rules.Nearest, len(g.rules))
	return g
}

// add counts a packet that a gated rule's filter matches; value is what the rule counts, nil if it counts packets.
func (g *gates) add(x *compiled, p *ingest.Packet, value []byte) {
	at := pair{p.Src(), p.Dst()}
	e := g.pair(at, p.Case.Time)
	e.last = p.Case.Time
	s, near := &e.sets[x.gate-1], &g.best[x.gate-1]
	if s.count(x.least(), value, g.seed); float64(s.n) > near.Value {
		*near = rules.Nearest{Group: []string{at.src.String(), at.dst.String()}, Value: float64(s.n), First: e.first, Last: e.last}
		near.Members.Add(p.Case.Number)
	}
}

// pair is what is remembered of a pair, which may be nothing before this packet.
func (g *gates) pair(at pair, now int64) *gatedPair {
	if g.entry != nil && g.at == at {
		return g.entry
	}
	e := g.by[at]
	if e == nil {
		if len(g.by) >= maxGated {
			g.shed()
		}
		e = &gatedPair{sets: make([]gate, len(g.rules)), first: now}
		g.by[at] = e
	}
	g.at, g.entry = at, e
	return e
}

func (s *gate) count(least int, value []byte, seed maphash.Seed) {
	if s.n >= least {
		return
	}
	if value == nil {
		s.n++
		return
	}
	if h := uint32(maphash.Bytes(seed, value)); !slices.Contains(s.values, h) {
		s.values = append(s.values, h)
		if s.n++; s.n >= least {
			s.values = nil
		}
	}
}

// shed forgets half of the pairs: those that have opened no gate first, and of these the ones that were silent longest.
func (g *gates) shed() {
	order := slices.Collect(maps.Keys(g.by))
	slices.SortFunc(order, func(a, b pair) int {
		x, y := g.by[a], g.by[b]
		if o, p := g.anyOpen(x), g.anyOpen(y); o != p {
			return map[bool]int{true: 1, false: -1}[o]
		}
		return cmp.Or(cmp.Compare(x.last, y.last), a.src.Compare(b.src), a.dst.Compare(b.dst))
	})
	for _, at := range order[:len(order)/2] {
		delete(g.by, at)
		g.evicted++
	}
}

func (g *gates) anyOpen(e *gatedPair) bool {
	for i := range e.sets {
		if e.sets[i].n >= g.rules[i].least() {
			return true
		}
	}
	return false
}

// open tells whether the pair reached the rule's threshold.
func (g *gates) open(x *compiled, p *ingest.Packet) bool {
	e := g.by[pair{p.Src(), p.Dst()}]
	return e != nil && e.sets[x.gate-1].n >= x.least()
}

// second reads the packets again for the pairs that reached a threshold, if there are any.
func (m *matcher) second(ctx context.Context, t *timeline.Timeline) error {
	for at, e := range m.gates.by {
		if !m.gates.anyOpen(e) {
			delete(m.gates.by, at)
		}
	}
	if len(m.gates.by) == 0 {
		return nil
	}
	return t.Each(ctx, func(p *ingest.Packet) {
		if _, _, ok := p.Type(); !ok || p.IP < 0 || p.Case.Copy || m.gates.by[pair{p.Src(), p.Dst()}] == nil {
			return
		}
		m.matches = m.index.Match(p, m.matches[:0])
		for _, k := range m.matches {
			if x := m.asked[k]; x.gate > 0 && m.gates.open(x, p) {
				m.event(&x.sinks[0], p)
			}
		}
	})
}
