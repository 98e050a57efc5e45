package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/netip"
	"slices"

	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/recover"
)

// pair is who sends to whom.
type pair struct{ src, dst netip.Addr }

func (p pair) turned() pair { return pair{p.dst, p.src} }

// carve brings back the bytes of the drafts whose rule says so. Drafts of rules that demand something believable, and for which
// nothing came back, go.
func carve(ctx context.Context, t *timeline.Timeline, talks *talks, drafts []*draft) ([]*draft, error) {
	digs, err := plan(drafts, t.Budget().Work())
	if err != nil {
		return nil, err
	}
	if len(digs.all) > 0 {
		pairs := slices.AppendSeq(slices.Collect(maps.Keys(digs.by)), maps.Keys(digs.asking))
		err = t.Some(ctx, talks.among(pairs...), digs.see)
	}
	for _, g := range digs.all {
		if !g.d.guarded(g.step, g.finish) {
			g.all, g.sightings, g.further = nil, nil, nil
		}
	}
	return slices.DeleteFunc(drafts, func(d *draft) bool {
		r := d.x.rule.Recover
		return r != nil && r.Required && len(d.carved) == 0
	}), err
}

func (d *draft) pair() pair {
	src, one := d.from.single()
	dst, other := d.to.single()
	if !one || !other {
		return pair{}
	}
	return pair{src, dst}
}

// finish makes artefacts of the candidates; the packets they came from join the finding, or are the finding, if it stands by what
// came back alone.
func (g *dig) finish() {
	r := g.d.x.rule.Recover
	if !r.Search && len(g.d.carved) > 0 { // by a carrier before this one
		g.all, g.sightings, g.further = nil, nil, nil
		return
	}
	o := recover.Options{Order: recover.Order(r.Order), Decode: r.Decode, Plain: r.Plain, Required: r.Required || r.Search, Spread: g.peers != nil}
	found := recover.Recover(g.all, g.carrier, o)
	if len(found) > 0 && r.Required && len(g.d.carved) == 0 {
		g.d.narrow()
	}
	if len(found) > 0 && g.peers != nil {
		for i := range found {
			found[i].Why = append([]string{g.among(found[i])}, found[i].Why...)
		}
		g.onlyCarriers(found)
	}
	for _, f := range found {
		g.d.unread = f.ByValues && r.Required && (g.d.unread || len(g.d.carved) == 0)
		g.d.carved = append(g.d.carved, g.artefact(f))
	}
	if r.Search {
		g.d.carved = likeliest(g.d.carved)
	}
	g.all, g.sightings, g.further = nil, nil, nil
}

// maxSearched bounds what a search over all carriers gives back.
const maxSearched = 3

// likeliest keeps the surest artefacts of a search.
func likeliest(all []*rules.Artefact) []*rules.Artefact {
	rank := map[string]int{"high": 0, "medium": 1, "low": 2}
	slices.SortStableFunc(all, func(a, b *rules.Artefact) int { return cmp.Compare(rank[a.Confidence], rank[b.Confidence]) })
	return all[:min(len(all), maxSearched)]
}

// narrow takes all packets out of the draft: those that carried something come back.
func (d *draft) narrow() {
	d.incident.Members, d.incident.More, d.frames, d.bytes, d.back, d.returned = nil, 0, places{}, 0, 0, 0
	d.incident.First, d.last = 1<<63-1, -1<<63
	d.seen = interval{1<<63 - 1, -1 << 63}
}

func (g *dig) artefact(f recover.Found) *rules.Artefact {
	sum := sha256.Sum256(f.Bytes)
	a := &rules.Artefact{Bytes: f.Bytes, Raw: f.Raw, SHA256: hex.EncodeToString(sum[:]), MediaType: f.Verdict.Media, Extension: f.Verdict.Extension,
		Name: f.Name, Carrier: f.Carrier, Order: string(f.Order), Encodings: f.Encodings, Why: f.Why, Src: g.d.from.name(), Dst: g.d.to.name(),
		Packets: int64(len(f.Pieces)), Complete: len(f.Gaps) == 0 && !f.Refuted && !g.d.truncated, Vouched: f.Vouched, Refuted: f.Refuted}
	for _, x := range f.Gaps {
		a.Gaps = append(a.Gaps, rules.Gap(x))
	}
	a.Frames = sources(g.claim(f.Pieces))
	if a.Confidence = trust(f.Verdict.Known(), a.Complete); f.Reading > 0 {
		a.Confidence = lessSure[a.Confidence]
	}
	return a
}

// claim makes the pieces' packets members of the finding; it gives their frames.
func (g *dig) claim(pieces []recover.Piece) places {
	frames := places{}
	d := g.d
	for _, piece := range slices.SortedFunc(slices.Values(pieces), func(a, b recover.Piece) int { return cmp.Compare(a.Number, b.Number) }) {
		at, _ := g.find(piece.Number)
		if !d.incident.Members.Has(piece.Number) {
			d.incident.Members.Add(piece.Number)
			d.incident.More = max(0, d.incident.More-1) // it was counted there
			d.carry(int64(max(0, g.all[at].Shape.Length-8)), d.from.name())
			d.short = d.short || d.v4 && g.all[at].Shape.Length < 8
		}
		d.incident.First, d.last = min(d.incident.First, piece.Time), max(d.last, piece.Time)
		for _, seen := range append([]sighting{g.sightings[at]}, g.further[piece.Number]...) {
			d.sight(seen)
			frames.mark(seen)
		}
	}
	return frames
}

// carry counts a packet that a host sent, and its payload bytes.
func (d *draft) carry(n int64, sender string) {
	if d.bytes += n; sender == d.dst.name() {
		d.back += n
		d.returned++
	}
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
