package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/recover"
)

// maxCarved bounds the bytes of candidate packets held at once, over all findings.
const maxCarved = 512 << 20

// perCandidate is what a candidate costs beside its bytes.
const perCandidate = 200

// dig is one recovering finding's collection of candidates.
type dig struct {
	d         *draft
	carrier   recover.Carrier
	scope     *filter.Filter
	all       []recover.Candidate // by timeline number
	sightings []sighting          // the first of each candidate
	further   map[int64][]sighting
}

type pair struct{ src, dst netip.Addr }

// carve brings back the bytes of the drafts whose rule says so.
func carve(ctx context.Context, t *timeline.Timeline, drafts []*draft) error {
	digs, err := plan(drafts)
	if err != nil || len(digs) == 0 {
		return err
	}
	held := 0
	err = t.Each(ctx, func(p *ingest.Packet) {
		if p.Message() == nil {
			return
		}
		for _, g := range digs[pair{p.Src(), p.Dst()}] {
			held += g.add(p, maxCarved-held)
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

func plan(drafts []*draft) (map[pair][]*dig, error) {
	digs := map[pair][]*dig{}
	for _, d := range drafts {
		r, at := d.x.rule.Recover, d.pair()
		if r == nil || at == (pair{}) || d.counters.only() || d.tunnelled {
			continue
		}
		carrier, ok := recover.Lookup(r.Field)
		if !ok {
			continue // rules/file refuses unknown carriers
		}
		g := &dig{d: d, carrier: carrier, further: map[int64][]sighting{}}
		scope := r.Scope
		if scope == "" {
			scope = d.x.rule.Match
		}
		var err error
		if g.scope, err = filter.Compile(scope, pinned(d.context, d.x.rule), d.lists); err != nil {
			return nil, err
		}
		digs[at] = append(digs[at], g)
	}
	return digs, nil
}

// add takes a packet of the pair; it gives the memory that holding it costs. Half of the room is kept for packets that
// surely belong, so that a flood around them does not push them out.
func (g *dig) add(p *ingest.Packet, room int) int {
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
	c.Anchor, c.Ordinary = g.d.incident.Members.Has(p.Case.Number), g.ordinary(p)
	if c.Anchor {
		room += maxCarved / 2
	}
	if room <= maxCarved/2 {
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
	c, ok := g.carrier.Candidate(p)
	if !ok {
		return
	}
	held := &g.all[at]
	if c.Shape.TTL > held.Shape.TTL {
		held.Shape = c.Shape
	}
	if len(c.Value) > len(held.Value) {
		held.Value = c.Value
	}
}

// ordinary tells whether what stands behind the first eight bytes of a message is a known ping's. Tools that write types of
// their own may fill messages like pings, too.
func (g *dig) ordinary(p *ingest.Packet) bool {
	m := p.Message()
	if len(m.Bytes) <= 8 || g.d.context.Stock == nil {
		return false
	}
	switch g.d.context.Stock.Classify(m.Bytes[8:], m.Reported-8).Class {
	case payload.Stock, payload.StockResized, payload.StockPattern, payload.KnownVendor:
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
	a.Frames = sources(g.claim(s.Pieces))
	a.Confidence = trust(certain || payload.Text(clean.Bytes), a.Complete)
	return a
}

// claim makes the pieces' packets members of the finding; it gives their frames.
func (g *dig) claim(pieces []recover.Piece) map[int]*rules.Ranges {
	frames := map[int]*rules.Ranges{}
	d := g.d
	for _, piece := range slices.SortedFunc(slices.Values(pieces), func(a, b recover.Piece) int { return cmp.Compare(a.Number, b.Number) }) {
		at, _ := g.find(piece.Number)
		if !g.all[at].Anchor {
			d.incident.Members.Add(piece.Number)
			d.bytes += int64(max(0, g.all[at].Shape.Length-8))
			d.short = d.short || d.v4 && g.all[at].Shape.Length < 8
		}
		d.incident.First, d.last = min(d.incident.First, piece.Time), max(d.last, piece.Time)
		for _, seen := range append([]sighting{g.sightings[at]}, g.further[piece.Number]...) {
			d.sight(seen)
			r := frames[seen.evidence]
			if r == nil {
				r = &rules.Ranges{}
				frames[seen.evidence] = r
			}
			seen.mark(r)
		}
	}
	return frames
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
