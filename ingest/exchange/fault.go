package exchange

import (
	"net/netip"
	"time"

	"icmpsift/ingest"
)

// verdict is what an error message says of the packet that it quotes.
type verdict uint8

const (
	nothing verdict = iota // no error
	advice                 // the packet was sent on, or may have been: redirect, source quench
	failure                // it was not
)

// verdictOf tells errors apart: RFC 792, RFC 4443, and the redirects of RFC 792 and RFC 4861, which quote as errors do.
func verdictOf(p *ingest.Packet) verdict {
	typ, _, ok := p.Type()
	switch {
	case !ok:
	case p.V6():
		switch typ {
		case 1, 2, 3, 4:
			return failure
		case 137:
			return advice
		}
	case typ == 3 || typ == 11 || typ == 12:
		return failure
	case typ == 4 || typ == 5:
		return advice
	}
	return nothing
}

// lead is how long an error may come after its cause: a round trip and, at worst, the few seconds for which address
// resolution is tried. A reassembly that timed out takes far longer (RFC 1122, 3.3.2: 60 to 120 s).
const lead = 10 * time.Second

// fault links an error to the request or reply it quotes. That the evidence does not hold such a message is told only if
// it should: the recording runs long enough and sees what the sender sends, and nothing was given up.
func (c *Case) fault(p *ingest.Packet) {
	says := verdictOf(p)
	if says == nothing {
		return
	}
	m, ip := quoted(p)
	if m == nil {
		return
	}
	found, certain := c.quotes.find(ip.Src(), ip.Dst(), m, ipID(ip), p.Case.Time)
	switch {
	case found != nil && within(p.Case.Time-found.time):
		c.accuse(found, p, says)
	case found == nil && certain && !late(p) && !fragment(p, ip) && c.view.covers(p, ip.Src()):
		c.facts.put(p.Case.Number, ingest.Reply{Unseen: true})
	}
}

func (c *Case) accuse(found *mention, p *ingest.Packet, says verdict) {
	c.facts.put(p.Case.Number, ingest.Reply{ErrorTo: found.number, Time: p.Case.Time - found.time})
	if says > found.verdict { // the first, but a failure goes before advice
		found.verdict = says
		c.facts.accuse(found.number, p.Case.Number, says == failure)
	}
}

// quoted gives the request or reply that an error quotes, if its first 8 bytes and both addresses are there, and the IP
// header that carries it.
func quoted(p *ingest.Packet) (m, ip *ingest.Layer) {
	for i := p.ICMP + 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		switch {
		case l.Quoted != 1:
		case l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6:
			ip = l
		case (l.Proto == ingest.ProtoICMPv4 || l.Proto == ingest.ProtoICMPv6) && len(l.Bytes) >= 8:
			m = l
		}
		if m != nil {
			break
		}
	}
	if m == nil || ip == nil || !ip.Dst().IsValid() {
		return nil, nil
	}
	if x, _ := ingest.ExchangeOf(m.Proto == ingest.ProtoICMPv6, m.Bytes[0]); x == ingest.NoExchange {
		return nil, nil
	}
	return m, ip
}

// late tells errors that come long after their cause: fragments that were waited for in vain.
func late(p *ingest.Packet) bool {
	typ, code, _ := p.Type()
	return code == 1 && (typ == 11 && !p.V6() || typ == 3 && p.V6())
}

// fragment tells whether a piece of a datagram is quoted: the evidence may hold pieces, and no whole.
func fragment(p *ingest.Packet, ip *ingest.Layer) bool {
	if ip.Proto == ingest.ProtoIPv4 {
		return ip.Bytes[6]&0x3f != 0 || ip.Bytes[7] != 0
	}
	for i := range p.Layers {
		if p.Layers[i].Quoted > 0 && p.Layers[i].Proto == ingest.ProtoIPv6Fragment {
			return true
		}
	}
	return false
}

// Recording is what one sensor wrote without a break: a capture file, or several that follow on one another.
type Recording struct {
	ID    int
	Start int64 // time of its first frame
}

// view knows whose messages each recording holds.
type view struct {
	recording func(evidence int) Recording
	senders   map[sender]bool
	last      [2]sender // seen last: mostly two hosts take turns
}

type sender struct {
	recording int
	address   netip.Addr
}

// maxSenders bounds the addresses that are known; of further ones nothing is claimed.
const maxSenders = 1 << 16

func newView(recording func(evidence int) Recording) view {
	return view{recording: recording, senders: map[sender]bool{}}
}

func (v *view) see(p *ingest.Packet) {
	s := sender{v.recording(p.Case.Evidence).ID, p.Src()}
	if s == v.last[0] || s == v.last[1] || len(v.senders) >= maxSenders {
		return
	}
	v.last[1], v.last[0] = v.last[0], s
	v.senders[s] = true
}

// covers tells whether the recording that holds p would hold what src sent to provoke it.
func (v *view) covers(p *ingest.Packet, src netip.Addr) bool {
	r := v.recording(p.Case.Evidence)
	return p.Case.Time-r.Start >= int64(lead) && v.senders[sender{r.ID, src}]
}
