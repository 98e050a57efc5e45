package engine

import (
	"icmpsift/ingest"
	"icmpsift/ingest/fault"
)

// What is being done when a bug shows, for the reader of the report.
const (
	asking      = "asking a rule's filter about a packet"
	correlating = "counting a packet for a rule"
	ending      = "ending the count of a rule"
	tabling     = "counting a packet for the report's tables"
	gathering   = "reading the packets of a finding"
	tunnelling  = "looking into a tunnel"
	digging     = "recovery from "
	telling     = "telling a finding"
)

// spotOf is where a packet is to be seen.
func spotOf(p *ingest.Packet) fault.Place {
	return fault.Place{Src: p.Src().String(), Dst: p.Dst().String(), Evidence: p.Case.Evidence, Frame: p.Number}
}

// lost notes that a bug cost a rule a packet.
func (m *matcher) lost(cause any, step string, x *compiled, p *ingest.Packet) {
	u := fault.Unit{Step: step, At: spotOf(p)}
	if x != nil {
		u.Rule = x.rule.Name
	}
	m.faults.Add(cause, u)
}

// asks appends the places of the filters that the packet matches. Where the index of them fails, each filter is asked alone, so that only
// those that fail themselves are lost.
func (m *matcher) asks(p *ingest.Packet, matches []int) (out []int) {
	defer func() {
		if cause := recover(); cause != nil {
			out = m.each(cause, p, matches)
		}
	}()
	return m.index.Match(p, matches)
}

// each asks every filter alone. If none of them fails, the index did, and is named without a rule.
func (m *matcher) each(cause any, p *ingest.Packet, matches []int) []int {
	failed := false
	for k, x := range m.asked {
		u := fault.Unit{Step: asking, Rule: x.rule.Name, At: spotOf(p)}
		yes := false
		if ok := m.faults.Do(u, func() { yes = x.match.Match(p) }); !ok {
			failed = true
		} else if yes {
			matches = append(matches, k)
		}
	}
	if !failed {
		m.lost(cause, "asking all filters at once about a packet; each was asked alone instead, so that nothing was lost", nil, p)
	}
	return matches
}

// turn is how far a packet has come: the next of the rules it matches, and of the correlations that this one feeds.
type turn struct{ rule, sink int }

// sent goes on with a packet from a turn, to the end or until a bug costs a rule the packet; it gives the next turn.
func (m *matcher) sent(p *ingest.Packet, matches []int, at turn, depth int, first bool) (next turn) {
	defer func() {
		if cause := recover(); cause != nil {
			next = m.missed(cause, p, matches, at)
		}
	}()
	for ; at.rule < len(matches); at = (turn{at.rule + 1, 0}) {
		x := m.asked[matches[at.rule]]
		if first && at.sink == 0 {
			x.matched++
		}
		if x.gate > 0 {
			if first {
				m.gated(x, p)
			}
			continue
		}
		for ; at.sink < len(x.sinks); at.sink++ {
			if s := &x.sinks[at.sink]; s.to.depth == depth && (first || x.rule.Correlation == nil) {
				m.event(s, p)
			}
		}
	}
	return at
}

// missed notes what failed at a turn; it gives the one behind it.
func (m *matcher) missed(cause any, p *ingest.Packet, matches []int, at turn) turn {
	x := m.asked[matches[at.rule]]
	if x.gate > 0 {
		m.lost(cause, correlating, x, p)
		return turn{at.rule + 1, 0}
	}
	m.lost(cause, correlating, x.sinks[at.sink].to, p)
	if at.sink++; at.sink < len(x.sinks) {
		return at
	}
	return turn{at.rule + 1, 0}
}

// reach sends a packet to one correlation.
func (m *matcher) reach(s *sink, p *ingest.Packet) {
	defer func() {
		if cause := recover(); cause != nil {
			m.lost(cause, correlating, s.to, p)
		}
	}()
	m.event(s, p)
}

// sees shows a packet to who watches beside the rules.
func (m *matcher) sees(watch func(*ingest.Packet), p *ingest.Packet) {
	defer func() {
		if cause := recover(); cause != nil {
			m.lost(cause, tabling, nil, p)
		}
	}()
	watch(p)
}

// unit is a step for a finding in the making, as far as that is known.
func (d *draft) unit(step string) fault.Unit {
	u := fault.Unit{Step: step, Rule: d.x.rule.Name, At: fault.Place{Src: d.src.name(), Dst: d.dst.name()}}
	for _, s := range sources(d.frames)[:min(1, len(d.frames))] {
		u.At.Evidence, u.At.Frame = s.Evidence, s.Ranges[0].First
	}
	return u
}

// guarded does a step for a finding in the making; what a bug cost is noted.
func (d *draft) guarded(step string, f func()) (ok bool) { return d.x.faults.Do(d.unit(step), f) }

// takes has a finding in the making see one of its packets.
func (d *draft) takes(step string, p *ingest.Packet, take func(*ingest.Packet)) {
	defer func() {
		if cause := recover(); cause != nil {
			d.x.faults.Add(cause, fault.Unit{Step: step, Rule: d.x.rule.Name, At: spotOf(p)})
		}
	}()
	take(p)
}
