package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/correlate"
	"icmpsift/rules/filter"
)

// compiled is a rule ready to run.
type compiled struct {
	rule        *rules.Rule
	place       int            // in the order of loading
	match       *filter.Filter // nil: it correlates other rules
	correlation rules.Correlation
	inputs      []input
	share       *filter.Filter // of x_ratio, else nil
	value       *field.Field   // what value_* counts or computes with, else nil
	counted     *counted       // of that field
	sinks       []sink         // the correlations that its packets go to, or its incidents
	depth       int            // 0: fed by packets alone; else one more than the correlations it is fed by
	least       int            // the lowest count that meets its condition, 0 if there is no lower bound
	gate        int            // its place among the gates, from 1; 0 if it has none
	quiet       bool           // it is a part of another rule, and reports nothing of its own
	src, dst    *field.Field
	ends        []ends // by rule that it is made of
	correlator  *correlate.Correlator
	seat        correlate.Seat // in the lobby
	faults      *fault.Log
	covers      []cover
	causes      []*filter.Filter   // what speaks against innocent causes, nil where no packet can
	general     map[*compiled]bool // rules that it supersedes
	found       []correlate.Incident
	matched     int64
	incidents   int64 // found; not all of them may become findings
}

// correlated is how much memory the correlations of all rules share.
const correlated = 48 << 20

// matcher sends each packet past the rules.
type matcher struct {
	rules      []*compiled
	asked      []*compiled // those with a filter, in the order of the index
	index      *filter.Index
	matches    []int
	context    *field.Context
	lists      rules.Lists
	values     []field.Value
	groupings  map[string]*grouping // by names of fields
	counted    map[*field.Field]*counted
	lobby      *correlate.Lobby
	seed       maphash.Seed
	salts      [2]uint64 // for numbers, which they tell apart as the seed does bytes
	paired     bool      // a reply to a request was seen: the capture holds both directions
	whole, cut bool      // an echo payload was captured whole, or was cut
	some       bool      // a byte of one was captured
	packets    int64
	requests   int64
	payloads   int64 // echo payloads of a byte or more
	gates      *gates
	faults     *fault.Log
}

func newMatcher(set *rules.Set, c *field.Context) (*matcher, error) {
	room := correlate.NewRoom(correlated)
	m := &matcher{context: c, lists: set.Lists, groupings: map[string]*grouping{}, counted: map[*field.Field]*counted{}, lobby: room.NewLobby(), seed: maphash.MakeSeed(),
		salts: [2]uint64{rand.Uint64(), rand.Uint64()}, faults: &fault.Log{}}
	for i, r := range set.Rules {
		x, err := compile(r, c, set, room)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.Name, err)
		}
		if x.place, x.faults = i, m.faults; x.value != nil {
			x.counted = m.countedOf(x.value)
		}
		m.rules = append(m.rules, x)
	}
	if err := m.link(set.Parts()); err != nil {
		return nil, err
	}
	m.supersedings()
	m.gates = newGates(m.rules)
	return m, m.ask(m.rules, set.Lists)
}

// ask makes the index of the filters of rules.
func (m *matcher) ask(all []*compiled, lists rules.Lists) (err error) {
	var filters []*filter.Filter
	m.asked = nil
	for _, x := range all {
		if x.match != nil {
			m.asked, filters = append(m.asked, x), append(filters, x.match)
		}
	}
	m.index, err = filter.NewIndex(filters, lists)
	return err
}

func compile(r *rules.Rule, c *field.Context, set *rules.Set, room *correlate.Room) (x *compiled, err error) {
	x = &compiled{rule: r}
	if x.covers, err = covers(r, set, c); err != nil {
		return nil, err
	}
	c = pinned(c, r)
	if x.causes, err = causes(r, set, c); err != nil {
		return nil, err
	}
	if !r.Refers() {
		if x.match, err = filter.Compile(r.Match, c, set.Lists); err != nil {
			return nil, err
		}
	}
	if x.src, err = named(r.Endpoints.Src, "sift.src"); err != nil {
		return nil, err
	}
	if x.dst, err = named(r.Endpoints.Dst, "sift.dst"); err != nil {
		return nil, err
	}
	x.correlation = correlate.Single(x.src.Name, x.dst.Name)
	if r.Correlation != nil {
		x.correlation = *r.Correlation
	}
	if x.correlation.Share != "" {
		if x.share, err = filter.Compile(x.correlation.Share, c, set.Lists); err != nil {
			return nil, err
		}
	}
	if x.correlation.Field != "" {
		if x.value, err = named(x.correlation.Field, ""); err != nil {
			return nil, err
		}
	}
	x.least = least(x.correlation.Condition)
	x.correlator = room.New(x.correlation)
	x.names()
	return x, nil
}

// pinned is the context in which the rule's filters have their meaning.
func pinned(c *field.Context, r *rules.Rule) *field.Context {
	if r.Requires.Wireshark == "" {
		return c
	}
	p := *c
	p.Wireshark = r.Requires.Wireshark
	return &p
}

func named(name, otherwise string) (*field.Field, error) {
	if name == "" {
		name = otherwise
	}
	if f, ok := field.Lookup(name); ok {
		return f, nil
	}
	return nil, fmt.Errorf("no field %q; did you mean %q?", name, field.Nearest(name))
}

// ordered tells that packets come in order of time, so that none has to wait for earlier ones, and when the last one comes.
func (m *matcher) ordered(end int64) {
	for _, x := range m.rules {
		if x.depth > 0 {
			continue
		}
		if x.correlator.Ordered(end); x.gate == 0 && x.inputs[0].group.ends() {
			x.seat = m.lobby.Join(x.correlator)
		}
	}
}

// add takes the next packet of the timeline.
func (m *matcher) add(p *ingest.Packet) {
	if judged(p) {
		m.matches = m.asks(p, m.matches[:0])
		m.take(p, m.matches)
	}
}

// judged tells whether rules look at the packet.
func judged(p *ingest.Packet) bool {
	_, _, ok := p.Type()
	return ok && p.IP >= 0 && !p.Case.Copy
}

// visitors are the two steps of add, each at its own pace: the first asks the filters, the second goes on with what matches.
func (m *matcher) visitors() (ask, take timeline.Visitor) {
	matches := make([][]int, timeline.Slots)
	ask = func(slot int, p *ingest.Packet) {
		if judged(p) {
			matches[slot] = m.asks(p, matches[slot][:0])
		}
	}
	take = func(slot int, p *ingest.Packet) {
		if judged(p) {
			m.take(p, matches[slot])
		}
	}
	return ask, take
}

// take goes on with a packet and the places of the filters that it matches.
func (m *matcher) take(p *ingest.Packet, matches []int) {
	m.packets++
	m.paired = m.paired || p.Case.Reply.To != 0
	if _, request := p.Exchange(); request {
		m.requests++
	}
	if b, ok := p.EchoPayload(); ok {
		cut := p.Message().Cut()
		if cut || len(b) > 0 {
			m.payloads++
		}
		m.whole, m.cut, m.some = m.whole || !cut && len(b) > 0, m.cut || cut, m.some || len(b) > 0
	}
	m.send(p, matches, 0, true)
}

// send brings a packet to the correlations of a depth that rules which it matches feed; first tells whether it is the first time that
// they hear of the packet.
func (m *matcher) send(p *ingest.Packet, matches []int, depth int, first bool) {
	for at := (turn{}); at.rule < len(matches); {
		at = m.sent(p, matches, at, depth, first)
	}
}

// event sends a packet to a correlation.
func (m *matcher) event(s *sink, p *ingest.Packet) {
	x := s.to
	g := x.inputs[s.input].group
	m.read(g, p)
	e := correlate.Event{Time: p.Case.Time, Number: p.Case.Number, Group: g.key, Rule: s.input}
	if c := x.counted; c != nil {
		if !m.count(c, p) {
			return
		}
		e.Value, e.Amount = c.bytes(), c.amount()
	}
	e.Part = x.share != nil && x.share.Match(p)
	if x.seat.Taken() && g.pair.Key != 0 {
		m.lobby.Add(x.seat, g.pair, e)
		return
	}
	x.correlator.Add(e)
}

// gated counts a packet at the gate of its rule.
func (m *matcher) gated(x *compiled, p *ingest.Packet) {
	c := x.counted
	if c == nil {
		m.gates.add(x, p, 0)
		return
	}
	if m.count(c, p) {
		m.gates.add(x, p, c.hash)
	}
}

// amount is a value as a number to compute with.
func amount(v *field.Value) float64 {
	if v.Float != 0 && !math.IsNaN(v.Float) && !math.IsInf(v.Float, 0) {
		return v.Float
	}
	return float64(v.Int)
}

func (m *matcher) appendValue(b []byte, f *field.Field, p *ingest.Packet) []byte {
	m.values = f.Values(m.context, p, m.values[:0])
	return appendFirst(b, f.Type, m.values)
}

// appendFirst writes the first value of a field of this type so that different values differ; an absent one is a single zero byte.
func appendFirst(b []byte, t field.Type, values []field.Value) []byte {
	if len(values) == 0 {
		return append(b, 0)
	}
	v := &values[0]
	switch {
	case v.Addr.Is4():
		a := v.Addr.As4()
		return append(append(b, 1), a[:]...)
	case v.Addr.IsValid():
		a := v.Addr.As16()
		return append(append(b, 6), a[:]...)
	case t == field.String:
		return append(binary.AppendUvarint(append(b, 3), uint64(len(v.Text))), v.Text...)
	case number(t):
		b = binary.BigEndian.AppendUint64(append(b, 4), uint64(v.Int))
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float))
	case len(v.Bytes) > 64: // state stays small
		sum := sha256.Sum256(v.Bytes)
		return append(append(b, 5), sum[:]...)
	}
	return append(binary.AppendUvarint(append(b, 2), uint64(len(v.Bytes))), v.Bytes...)
}

// octets tells the types whose values are bytes.
func octets(t field.Type) bool { return t == field.Bytes || t == field.Ether || t == field.Protocol }

// number tells the types whose values are numbers.
func number(t field.Type) bool {
	return !octets(t) && t != field.String && t != field.IPv4 && t != field.IPv6 && t != field.Address
}

// maxFindings bounds the findings of one rule; the rest is counted.
const maxFindings = 200

// maxMembers bounds the ranges of packets that all findings hold together: flows that run side by side make one of nearly each packet,
// and many rules may have found the same.
const maxMembers = 1 << 19

// share is how many ranges each may keep where there are so many: only those that have most keep less than they have.
func share(kept []int, most int) int {
	slices.Sort(kept)
	for i, n := range kept {
		if n*(len(kept)-i) > most {
			return most / (len(kept) - i)
		}
		most -= n
	}
	return math.MaxInt
}

// incidents ends the correlation.
func (m *matcher) incidents() (out []*draft) {
	var kept []int
	worst := map[*compiled][]correlate.Incident{}
	for _, x := range m.rules {
		if x.quiet {
			continue
		}
		worst[x] = correlate.Worst(x.found, x.limit())
		for i := range worst[x] {
			kept = append(kept, worst[x][i].Kept())
		}
	}
	most := share(kept, maxMembers)
	for _, x := range m.rules {
		if x.quiet {
			continue
		}
		all := x.found
		x.incidents = x.correlator.Incidents()
		for _, i := range worst[x] {
			i.Shorten(most)
			d := newDraft(x, m.context, m.lists, i)
			if len(all) > maxFindings {
				d.siblings = x.incidents
			}
			out = append(out, d)
		}
	}
	return out
}

// exported tells whether the evidence is not a capture but tshark's account of one.
func exported(e *ingest.Evidence) bool { return strings.HasPrefix(e.Format, "tshark-") }

// dormant tells which rules could not have fired on what was captured, or on what was exported of it.
func (m *matcher) dormant(ledger []*ingest.Evidence, limited bool) (out []rules.Dormant) {
	none := "the evidence holds no ICMP packet"
	cut := fmt.Sprintf("it needs payload bytes, and of %d echo payloads %d were cut by the snaplen", m.payloads, m.payloads)
	apart := fmt.Sprintf("it needs requests and replies, and of %d requests none has its reply captured", m.requests)
	if m.requests == 0 {
		apart = "it needs requests and replies, and no request was captured"
	}
	if slices.ContainsFunc(ledger, exported) {
		none += " that could be rebuilt from the export's fields"
		cut += " or are not told whole by the export: make it with tshark -x"
	}
	if limited {
		const within = " within the limits of time and scope"
		none, cut, apart = none+within, cut+within, apart+within
	}
	for _, x := range m.rules {
		switch r := x.rule.Requires; {
		case x.matched > 0 && (m.some || !m.cut || !r.Bytes): // a filter matches what it cannot see the inside of, too
		case m.packets == 0:
			out = append(out, rules.Dormant{Rule: x.rule, Reason: none})
		case r.Directions == "both" && !m.paired:
			out = append(out, rules.Dormant{Rule: x.rule, Reason: apart})
		case r.Bytes && m.cut && !m.whole:
			out = append(out, rules.Dormant{Rule: x.rule, Reason: cut})
		}
	}
	return out
}
