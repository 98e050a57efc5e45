package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/recover"
)

// maxCarved bounds the bytes of candidate packets held at once, over all findings.
const maxCarved = 512 << 20

// perCandidate is what a candidate costs beside its bytes.
const perCandidate = 160

// dig is one recovering finding's collection of candidates.
type dig struct {
	d         *draft
	carrier   recover.Carrier
	scope     *filter.Filter
	all       []recover.Candidate
	place     map[int64]int // in all, by timeline number
	sightings map[int64][]sighting
}

type sighting struct {
	evidence int
	frame    int64
}

type pair struct{ src, dst netip.Addr }

// carve brings back the bytes of the drafts whose rule says so.
func carve(ctx context.Context, t *timeline.Timeline, drafts []*draft, c *field.Context) error {
	digs, err := plan(drafts, c)
	if err != nil || len(digs) == 0 {
		return err
	}
	held := 0
	err = t.Each(ctx, func(p *ingest.Packet) {
		if p.Message() == nil {
			return
		}
		for _, g := range digs[pair{p.Src(), p.Dst()}] {
			held += g.add(p, held < maxCarved)
		}
	})
	for _, d := range drafts {
		for _, g := range digs[d.pair()] {
			if g.d == d {
				g.finish()
			}
		}
	}
	return err
}

func (d *draft) pair() pair {
	src, one := d.from.single()
	dst, other := d.to.single()
	if !one || !other {
		return pair{}
	}
	return pair{src, dst}
}

func plan(drafts []*draft, c *field.Context) (map[pair][]*dig, error) {
	digs := map[pair][]*dig{}
	for _, d := range drafts {
		r, at := d.x.rule.Recover, d.pair()
		if r == nil || at == (pair{}) {
			continue
		}
		carrier, ok := recover.Lookup(r.Field)
		if !ok {
			continue // rules/file refuses unknown carriers
		}
		g := &dig{d: d, carrier: carrier, scope: d.x.match.Clone(), place: map[int64]int{}, sightings: map[int64][]sighting{}}
		if r.Scope != "" {
			var err error
			if g.scope, err = filter.Compile(r.Scope, c); err != nil {
				return nil, err
			}
		}
		digs[at] = append(digs[at], g)
	}
	return digs, nil
}

// add takes a packet of the pair; it gives the memory that holding it costs.
func (g *dig) add(p *ingest.Packet, room bool) int {
	n := p.Case.Number
	if p.Case.Copy {
		g.again(p)
		return 0
	}
	if !g.scope.Match(p) {
		return 0
	}
	c, ok := g.carrier.Candidate(p)
	if !ok {
		return 0
	}
	if !room {
		g.d.truncated = true
		return 0
	}
	c.Anchor, c.Ordinary = g.d.incident.Members.Has(n), g.ordinary(p)
	g.place[n] = len(g.all)
	g.all = append(g.all, c)
	g.sightings[n] = []sighting{{p.Case.Evidence, p.Number}}
	return perCandidate + len(c.Value)
}

// again takes a further sighting of a candidate. The one nearest to the sender (the most hops left) speaks for its
// headers, the one captured longest for its bytes.
func (g *dig) again(p *ingest.Packet) {
	n := p.Case.Number
	at, known := g.place[n]
	if !known {
		return
	}
	g.sightings[n] = append(g.sightings[n], sighting{p.Case.Evidence, p.Number})
	c, ok := g.carrier.Candidate(p)
	if held := &g.all[at]; ok && (c.Shape.TTL > held.Shape.TTL || len(c.Value) > len(held.Value)) {
		if c.Shape.TTL < held.Shape.TTL {
			c.Shape = held.Shape
		}
		if len(c.Value) < len(held.Value) {
			c.Value = held.Value
		}
		held.Shape, held.Value = c.Shape, c.Value
	}
}

// ordinary tells whether an echo payload is a known ping's.
func (g *dig) ordinary(p *ingest.Packet) bool {
	b, ok := p.EchoPayload()
	if !ok || g.d.context.Stock == nil {
		return false
	}
	switch g.d.context.Stock.Classify(b, p.Message().Reported-8).Class {
	case payload.Stock, payload.StockResized, payload.StockPattern, payload.KnownVendor, payload.Empty:
		return true
	}
	return false
}

// finish makes artefacts of the candidates; the packets they came from join the finding.
func (g *dig) finish() {
	o := recover.Options{Order: recover.Order(g.d.x.rule.Recover.Order), Field: g.carrier.Field}
	if o.Order == "" {
		o.Order = recover.Auto
	}
	for _, s := range recover.Carve(g.all, o) {
		g.d.carved = append(g.d.carved, g.artefact(s))
	}
}

func (g *dig) artefact(s recover.Stream) *rules.Artefact {
	clean, changed := recover.Strip(s)
	sum := sha256.Sum256(clean.Bytes)
	media, extension, certain := payload.Magic(clean.Bytes)
	a := &rules.Artefact{Bytes: clean.Bytes, SHA256: hex.EncodeToString(sum[:]), MediaType: media, Extension: extension,
		Carrier: g.carrier.Name, Order: string(s.Order), Src: g.d.from.name(), Dst: g.d.to.name(), Packets: int64(len(s.Pieces)),
		Complete: len(clean.Gaps) == 0 && !g.d.truncated}
	if changed {
		a.Raw = s.Bytes
	}
	for _, x := range clean.Gaps {
		a.Gaps = append(a.Gaps, rules.Gap(x))
	}
	frames := map[int]*rules.Ranges{}
	for _, piece := range s.Pieces {
		g.d.incident.Members.Add(piece.Number)
		g.d.incident.First, g.d.last = min(g.d.incident.First, piece.Time), max(g.d.last, piece.Time)
		for _, at := range g.sightings[piece.Number] {
			g.d.sight(at.evidence, at.frame)
			r := frames[at.evidence]
			if r == nil {
				r = &rules.Ranges{}
				frames[at.evidence] = r
			}
			r.Add(at.frame)
		}
	}
	a.Frames = sources(frames)
	a.Confidence = trust(certain || payload.Text(clean.Bytes), a.Complete)
	return a
}

func trust(known, complete bool) string {
	switch {
	case known && complete:
		return "high"
	case known || complete:
		return "medium"
	}
	return "low"
}
