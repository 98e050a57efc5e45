package engine

import (
	"cmp"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/recover"
)

// Bounds of what is held of candidate packets.
const (
	perCandidate = 200     // what a candidate costs beside its bytes
	maxField     = 1 << 17 // packets of one header field of a finding: a file of as many bytes, or twice that
	maxAsked     = 1 << 12 // requests remembered, for replies that are compared with them
)

// dig is one recovering finding's collection of candidates, from one carrier.
type dig struct {
	d         *draft
	carrier   recover.Carrier
	step      string // what the search is called, where a bug cost it
	scope     *filter.Filter
	all       []recover.Candidate // by timeline number
	sightings []sighting          // the first of each candidate
	further   map[int64][]sighting
	asked     map[int64][]byte // payloads of requests that went the other way, by timeline number
	order     []int64          // of them
	peers     map[pair]int     // numbers of the pairs among which a file is spread; nil where there is one pair
	held      int              // bytes that all this takes
}

// digs are all collections, by who sends to whom.
type digs struct {
	all    []*dig
	by     map[pair][]*dig
	asking map[pair][]*dig // those that look at requests of the pair
	held   int
	most   int // bytes that may be held at once, over all findings
}

// plan makes the collections that the drafts' rules ask for.
func plan(drafts []*draft, most int64) (*digs, error) {
	out := &digs{most: int(most), by: map[pair][]*dig{}, asking: map[pair][]*dig{}}
	for _, d := range drafts {
		r, at := d.x.rule.Recover, d.pairs()
		if r == nil || len(at) == 0 || d.monitor() || d.tunnelled {
			continue
		}
		scope, err := filter.Compile(cmp.Or(r.Scope, d.x.rule.Match), pinned(d.context, d.x.rule), d.lists)
		if err != nil {
			return nil, err
		}
		for _, c := range carriersOf(r) {
			g := &dig{d: d, carrier: c, step: digging + c.Name, scope: scope, further: map[int64][]sighting{}, asked: map[int64][]byte{}}
			if len(at) > 1 {
				g.peers = map[pair]int{}
			}
			out.add(at, g)
		}
	}
	return out, nil
}

// carriersOf are the carriers that a rule reads; rules/file refuses unknown ones.
func carriersOf(r *rules.Recover) []recover.Carrier {
	if r.Search {
		return recover.Searched()
	}
	var out []recover.Carrier
	for _, name := range append([]string{r.Field}, r.Otherwise...) {
		if c, err := recover.Lookup(name); err == nil {
			out = append(out, c)
		}
	}
	return out
}

func (x *digs) add(pairs []pair, g *dig) {
	x.all = append(x.all, g)
	for _, at := range pairs {
		x.by[at] = append(x.by[at], g)
		if g.carrier.Asks {
			x.asking[at.turned()] = append(x.asking[at.turned()], g)
		}
	}
}

// see takes the next packet of the timeline.
func (x *digs) see(p *ingest.Packet) {
	if p.Message() == nil {
		return
	}
	at := pair{p.Src(), p.Dst()}
	for _, g := range x.asking[at] {
		g.d.takes(g.step, p, g.ask)
	}
	for _, g := range x.by[at] {
		g.d.takes(g.step, p, func(p *ingest.Packet) {
			cost := g.add(p, x.most-x.held, x.most/2)
			x.held, g.held = x.held+cost, g.held+cost
		})
	}
}

// ask remembers the payload of a request, for the reply to it.
func (g *dig) ask(p *ingest.Packet) {
	b, ok := p.EchoPayload()
	if request, _ := p.Echo(); !ok || !request || p.Case.Copy {
		return
	}
	g.asked[p.Case.Number] = append([]byte{}, b...)
	if g.order = append(g.order, p.Case.Number); len(g.order) > maxAsked {
		delete(g.asked, g.order[0])
		g.order = g.order[1:]
	}
}

// add takes a packet of the pair; it gives the memory that holding it costs. A part of the room is reserved for packets that
// surely belong, so that a flood around them does not push them out.
func (g *dig) add(p *ingest.Packet, room, reserved int) int {
	if p.Case.Copy {
		g.again(p)
		return 0
	}
	if g.d.claimed.Has(p.Case.Number) || !g.scope.Match(p) {
		return 0
	}
	c, ok := g.carrier.Candidate(p, g.asked[p.Case.Reply.To])
	if !ok {
		return 0
	}
	c.Host = g.peer(p)
	c.Anchor, c.Ordinary = g.d.incident.Members.Has(p.Case.Number), g.d.ordinary(p)
	if c.Anchor {
		room += reserved
	}
	if room <= reserved || g.carrier.Field && len(g.all) >= maxField {
		g.d.truncated = true
		return 0
	}
	g.all = append(g.all, c)
	g.sightings = append(g.sightings, sightingOf(p))
	return perCandidate + len(c.Value)
}

// find gives a packet's place among the candidates.
func (g *dig) find(number int64) (at int, ok bool) {
	return slices.BinarySearchFunc(g.all, number, func(c recover.Candidate, n int64) int { return cmp.Compare(c.Number, n) })
}

// again takes a further sighting of a candidate. The one nearest to the sender (the most hops left) speaks for its
// headers, the one captured longest for its bytes.
func (g *dig) again(p *ingest.Packet) {
	at, known := g.find(p.Case.Number)
	if !known {
		return
	}
	g.further[p.Case.Number] = append(g.further[p.Case.Number], sightingOf(p))
	c, ok := g.carrier.Candidate(p, g.asked[p.Case.Reply.To])
	if !ok {
		return
	}
	held := &g.all[at]
	nearer := c.Shape.TTL > held.Shape.TTL
	if nearer {
		held.Shape = c.Shape
	}
	if len(c.Value) > len(held.Value) || nearer && g.carrier.Field {
		held.Value = c.Value
	}
}

// ordinary tells whether what stands behind the first eight bytes of a message is a known ping's. Tools that write types of
// their own may fill messages like pings, too.
func (d *draft) ordinary(p *ingest.Packet) bool {
	m := p.Message()
	if len(m.Bytes) <= 8 || d.context.Stock == nil {
		return false
	}
	switch d.context.Stock.Classify(m.Bytes[8:], m.Reported-8).Class {
	case payload.Stock, payload.StockResized, payload.StockPattern, payload.KnownVendor:
		return true
	}
	return false
}
