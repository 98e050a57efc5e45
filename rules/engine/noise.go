package engine

import (
	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// noise watches whether all that a draft's packets carry is random bytes of one length, as tests of a line send them
// (fping -R).
type noise struct {
	size  int
	other bool // something else was seen
}

func (n *noise) add(d *draft, p *ingest.Packet) {
	b, ok := p.EchoPayload()
	if n.other || !ok || d.context.Stock == nil {
		n.other = true
		return
	}
	size := p.Message().Reported
	class := d.context.Stock.Classify(b, size-8).Class
	n.other = n.size != 0 && n.size != size || class != payload.HighEntropy && class != payload.Unknown
	n.size = size
}

// lineTests marks drafts of a host that sends random bytes of one length to many: what is stolen goes to few.
func lineTests(drafts []*draft) {
	type test struct {
		x    *compiled
		src  string
		size int
	}
	targets := map[test][]*draft{}
	for _, d := range drafts {
		if d.x.correlation.Type == rules.ValueCount && !d.noise.other && d.noise.size > 0 {
			t := test{d.x, d.src.name(), d.noise.size}
			targets[t] = append(targets[t], d)
		}
	}
	for _, list := range targets {
		for _, d := range list {
			d.lineTest = len(list) >= manyTargets
		}
	}
}

// monitor tells whether the draft is what monitors and tests of a line do: told at low, once, and nothing is recovered.
func (d *draft) monitor() bool { return d.lineTest || d.counters.only() }
