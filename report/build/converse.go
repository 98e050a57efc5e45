package build

import (
	"encoding/binary"
	"math"
	"net/netip"

	"icmpsift/ingest"
)

type pair struct{ low, high netip.Addr }

type exchange struct {
	src, dst                                     netip.Addr
	asked                                        bool // src is known to ask
	ids                                          int64
	echo                                         kindCount
	queries                                      *[ingest.Exchanges]kindCount // the other kinds; nil if there are none, as mostly
	others                                       int64                        // messages that are not echo
	rtt                                          struct{ min, max, sum, n int64 }
	trips                                        *sample // nil if no reply was timed
	pace                                         pace    // of src
	carried                                      contents
	sizeMin, sizeMax, forward, back, first, last int64
	sent, returned                               int64 // packets from src, and from dst
	fromSrc, fromDst                             bool  // packets of either direction were captured
}

// kindCount is what became of the requests and replies of one kind.
type kindCount struct{ requests, replies, paired, unanswered, failed, unsolicited, mismatched int64 }

func (t *Tally) converse(p *ingest.Packet, key uint64, own bool) {
	x := t.exchanges[key]
	if x == nil {
		if len(t.exchanges) >= t.rows {
			return
		}
		x = &exchange{src: p.Src(), dst: p.Dst(), first: p.Case.Time, sizeMin: int64(p.Message().Reported)}
		t.exchanges[key] = x
	}
	x.add(p)
	if own && p.Facts.Stock == "" {
		x.carried.add(p.Facts.Entropy)
	}
	if t.values = t.body.Values(t.context, p, t.values[:0]); len(t.values) > 0 {
		t.members.payload(key, t.values[0].Bytes)
	}
	x.fromSrc, x.fromDst = x.fromSrc || p.Src() == x.src, x.fromDst || p.Src() == x.dst
}

// oneWay tells whether the captures hold packets between two hosts, and none from the second to the first.
func (t *Tally) oneWay(src, dst string) bool {
	a, err := netip.ParseAddr(src)
	b, other := netip.ParseAddr(dst)
	if err != nil || other != nil || b.IsMulticast() {
		return false
	}
	x := t.exchanges[rowKey(conversation(t.members.address(a), t.members.address(b)))]
	return x != nil && !(x.src == b && x.fromSrc) && !(x.dst == b && x.fromDst)
}

func echoID(p *ingest.Packet) (id uint16, ok bool) {
	request, reply := p.Echo()
	if b := p.Message().Bytes; (request || reply) && len(b) >= 6 {
		return binary.BigEndian.Uint16(b[4:]), true
	}
	return 0, false
}

func (x *exchange) add(p *ingest.Packet) {
	kind, request := p.Exchange()
	if request && !x.asked {
		if x.asked = true; p.Src() != x.src {
			x.src, x.dst, x.forward, x.back, x.fromSrc, x.fromDst = x.dst, x.src, x.back, x.forward, x.fromDst, x.fromSrc
			x.sent, x.returned, x.pace = x.returned, x.sent, pace{}
		}
	}
	size := int64(p.Message().Reported)
	x.first, x.last = min(x.first, p.Case.Time), max(x.last, p.Case.Time)
	x.sizeMin, x.sizeMax = min(x.sizeMin, size), max(x.sizeMax, size)
	if p.Src() == x.src {
		x.forward += max(0, size-8)
		x.sent++
		x.pace.add(p.Case.Time)
	} else {
		x.returned++
		x.back += max(0, size-8)
	}
	if kind != ingest.EchoExchange {
		x.others++
	}
	switch {
	case kind == ingest.NoExchange:
	case request:
		x.of(kind).ask(p.Case.Reply)
	case x.of(kind).answer(p.Case.Reply) && kind == ingest.EchoExchange:
		x.time(p.Case.Reply.Time)
	}
}

func (x *exchange) of(kind ingest.Exchange) *kindCount {
	if kind == ingest.EchoExchange {
		return &x.echo
	}
	if x.queries == nil {
		x.queries = &[ingest.Exchanges]kindCount{}
	}
	return &x.queries[kind]
}

func (k *kindCount) ask(r ingest.Reply) {
	k.requests++
	switch {
	case r.Unanswered:
		k.unanswered++
	case r.In == 0 && r.ErrorIn != 0:
		k.failed++
	}
}

// answer tells whether the reply is the first to its request.
func (k *kindCount) answer(r ingest.Reply) (first bool) {
	k.replies++
	if r.Unsolicited {
		k.unsolicited++
		return false
	}
	if r.Differs {
		k.mismatched++
	}
	if r.To == 0 || r.Extra > 0 { // not known, or a further one
		return false
	}
	k.paired++
	return true
}

// time takes the time of a round trip.
func (x *exchange) time(elapsed int64) {
	if x.rtt.n == 0 || elapsed < x.rtt.min {
		x.rtt.min = elapsed
	}
	if x.trips == nil {
		x.trips = &sample{}
	}
	x.trips.add(elapsed)
	x.rtt.max = max(x.rtt.max, elapsed)
	x.rtt.sum += elapsed
	x.rtt.n++
}

// pace is the time from one packet to the next, its mean and the sum of the squares of what differs from it (Welford).
type pace struct {
	last, n     int64 // intervals
	mean, about float64
}

func (x *pace) add(now int64) {
	if x.last != 0 {
		gap := ms(max(0, now-x.last)) // the order is that of the timeline, where a late packet can stand behind a later one
		x.n++
		d := gap - x.mean
		x.mean += d / float64(x.n)
		x.about += d * (gap - x.mean)
	}
	x.last = now
}

// numbers are mean and standard deviation in milliseconds, nil where there is no interval.
func (x *pace) numbers() (mean, deviation *float64) {
	if x.n == 0 {
		return nil, nil
	}
	m, d := x.mean, math.Sqrt(x.about/float64(x.n))
	return &m, &d
}
