package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/recover"
)

// Hand is a recovery that an analyst asks for, without a rule.
type Hand struct {
	Match   *filter.Filter // which packets; nil is all
	Carrier recover.Carrier
	Skip    int // bytes at the front of each packet's share that are not data
	Options recover.Options
}

// handful is what packets of one sender and receiver carry.
type handful struct {
	pair
	all       []recover.Candidate
	truncated bool
}

// Recover brings back what the packets carry, for each sender and receiver by itself, in the order in which their first packets came. The
// likeliest reading of each stream comes before the others.
func (h Hand) Recover(ctx context.Context, t *timeline.Timeline) (out []*rules.Artefact, err error) {
	hands, err := h.collect(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, x := range hands {
		for _, f := range recover.Recover(x.all, h.Carrier, h.Options) {
			out = append(out, x.artefact(f))
		}
	}
	return out, nil
}

func (h Hand) collect(ctx context.Context, t *timeline.Timeline) (out []*handful, err error) {
	by, held := map[pair]*handful{}, 0
	asked := &dig{asked: map[int64][]byte{}}
	err = t.Each(ctx, func(p *ingest.Packet) {
		if p.Message() == nil || p.Case.Copy {
			return
		}
		if h.Carrier.Asks {
			asked.ask(p)
		}
		if h.Match != nil && !h.Match.Match(p) {
			return
		}
		c, ok := h.Carrier.Candidate(p, asked.asked[p.Case.Reply.To])
		if !ok || !h.skip(&c) {
			return
		}
		at := pair{p.Src(), p.Dst()}
		x := by[at]
		if x == nil {
			x = &handful{pair: at}
			by[at], out = x, append(out, x)
		}
		if held += perCandidate + len(c.Value); held > int(t.Budget().Work()) {
			x.truncated = true
			return
		}
		x.all = append(x.all, c)
	})
	return out, err
}

// skip takes off the first bytes; a packet with nothing behind them carries nothing.
func (h Hand) skip(c *recover.Candidate) bool {
	if h.Skip == 0 {
		return true
	}
	n := min(h.Skip, len(c.Value))
	c.Value, c.Wire = c.Value[n:], c.Wire-h.Skip
	return c.Wire > 0
}

func (x *handful) artefact(f recover.Found) *rules.Artefact {
	sum := sha256.Sum256(f.Bytes)
	a := &rules.Artefact{Bytes: f.Bytes, Raw: f.Raw, SHA256: hex.EncodeToString(sum[:]), MediaType: f.Verdict.Media, Extension: f.Verdict.Extension, Name: f.Name,
		Carrier: f.Carrier, Order: string(f.Order), Encodings: f.Encodings, Why: f.Why, Src: x.src.String(), Dst: x.dst.String(), Packets: int64(len(f.Pieces)),
		Complete: len(f.Gaps) == 0 && !f.Refuted && !x.truncated, Vouched: f.Vouched, Refuted: f.Refuted}
	for _, g := range f.Gaps {
		a.Gaps = append(a.Gaps, rules.Gap(g))
	}
	if a.Confidence = trust(f.Verdict.Known(), a.Complete); f.Reading > 0 {
		a.Confidence = lessSure[a.Confidence]
	}
	return a
}
