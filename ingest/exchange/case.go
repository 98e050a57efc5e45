package exchange

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"icmpsift/ingest"
)

// Expiry is how long a request waits for its reply in case scope. Six times ping's default deadline of 10 s is generous;
// the bound keeps state small and makes "unanswered" decidable.
const Expiry = 60 * time.Second

const (
	maxBytes   = 64 << 20 // of payloads kept to compare replies with
	keptBuffer = 128      // payload buffers up to here are used again: they hold what ping sends by default
)

// Case pairs echo requests with replies on the merged timeline: by address pair, direction, identifier and sequence
// number, the latest request, within [Expiry]. Unlike Wireshark's matching it does not look at the checksum, so a reply
// whose payload differs from its request pairs here and says so. Make one with [NewCase].
type Case struct {
	open    map[caseKey]*asked
	queue   []*asked // in order of arrival, to expire from the front
	first   int
	limit   int
	free    []*asked
	bytes   int // payload bytes held for open requests
	evicted int64
	blind   int64 // until this time a request may be one that was given up
	tell    func(number int64, r ingest.Reply)
}

type caseKey struct {
	from, to   netip.Addr // of the request; to is zero for requests to many, which anybody may answer
	ident, seq uint16
	v6         bool
}

// asked is a request that waits for replies.
type asked struct {
	key          caseKey
	number, time int64
	wire         int // payload length on the wire
	payload      []byte
	replies      int
}

// NewCase holds at most limit open requests (the oldest are given up and counted). tell is called with facts as they
// become known: for a reply at once, for a request when its first reply is seen. A request never told of is unanswered;
// of one that was given up an empty fact is told, since nobody can know.
func NewCase(limit int, tell func(number int64, r ingest.Reply)) *Case {
	return &Case{open: map[caseKey]*asked{}, limit: limit, tell: tell}
}

// Evicted counts requests given up before they expired, to stay within the limits.
func (c *Case) Evicted() int64 { return c.evicted }

// Add takes the next unique packet of the timeline; packets that are no echo messages are passed over.
func (c *Case) Add(p *ingest.Packet) {
	request, reply := p.Echo()
	if !request && !reply || len(p.Message().Bytes) < 8 || !p.Src().IsValid() || !p.Dst().IsValid() {
		return
	}
	c.expire(p.Case.Time)
	if request {
		c.ask(p)
		return
	}
	switch a := c.find(p); {
	case a != nil:
		c.answer(a, p)
	case c.evicted > 0 && p.Case.Time <= c.blind:
		c.tell(p.Case.Number, ingest.Reply{})
	default:
		c.tell(p.Case.Number, ingest.Reply{Unsolicited: true})
	}
}

func keyFor(p *ingest.Packet, from, to netip.Addr) caseKey {
	b := p.Message().Bytes
	return caseKey{from: from, to: to, ident: binary.BigEndian.Uint16(b[4:]), seq: binary.BigEndian.Uint16(b[6:]), v6: p.V6()}
}

func (c *Case) ask(p *ingest.Packet) {
	key, m := keyFor(p, p.Src(), p.Dst()), p.Message()
	if many(key.to) {
		key.to = netip.Addr{}
	}
	a := c.take()
	*a = asked{key: key, number: p.Case.Number, time: p.Case.Time, wire: m.Reported - 8, payload: append(a.payload[:0], m.Bytes[8:]...)}
	c.open[key] = a
	c.queue = append(c.queue, a)
	c.bytes += len(a.payload)
	for len(c.queue)-c.first > c.limit || c.bytes > maxBytes {
		c.evict()
	}
}

// find gives the request that a reply answers: one to its sender, or one to many.
func (c *Case) find(p *ingest.Packet) *asked {
	for _, to := range [...]netip.Addr{p.Src(), {}} {
		if a := c.open[keyFor(p, p.Dst(), to)]; a != nil && within(p.Case.Time-a.time) {
			return a
		}
	}
	return nil
}

// within tells whether a reply this much later than its request can belong to it. A reply may be a little early, where
// the clocks of two sensors differ.
func within(elapsed int64) bool { return -int64(Expiry) <= elapsed && elapsed <= int64(Expiry) }

func (c *Case) answer(a *asked, p *ingest.Packet) {
	elapsed := p.Case.Time - a.time
	r := ingest.Reply{To: a.number, Time: elapsed, Extra: a.replies}
	r.Differs, r.Truncated = a.compare(p.Message())
	c.tell(p.Case.Number, r)
	if a.replies == 0 {
		c.tell(a.number, ingest.Reply{In: p.Case.Number, Time: elapsed})
	}
	a.replies++
}

// compare weighs the reply's payload against the request's as far as both were captured (RFC 792: the data received in
// the echo message must be returned in the echo reply message). A reply that returns nothing at all is not truncated.
func (a *asked) compare(reply *ingest.Layer) (differs, truncated bool) {
	got, wire := reply.Bytes[8:], reply.Reported-8
	n := min(len(got), len(a.payload))
	if !bytes.Equal(got[:n], a.payload[:n]) {
		return true, false
	}
	return wire != a.wire, 0 < wire && wire < a.wire
}

// expire forgets requests older than [Expiry] before now.
func (c *Case) expire(now int64) {
	for c.first < len(c.queue) && now-c.queue[c.first].time > int64(Expiry) {
		c.drop()
	}
}

// evict gives up the oldest request. From then on it cannot be told whether its replies were asked for.
func (c *Case) evict() {
	a := c.queue[c.first]
	number, replies, until := a.number, a.replies, a.time+int64(Expiry)
	if !c.drop() {
		return // a later request took its place long ago
	}
	c.evicted++
	c.blind = max(c.blind, until)
	if replies == 0 {
		c.tell(number, ingest.Reply{})
	}
}

// drop forgets the oldest request; it tells whether it was still the latest under its key.
func (c *Case) drop() bool {
	a := c.queue[c.first]
	c.queue[c.first] = nil
	if c.first++; c.first > len(c.queue)/2 {
		c.queue, c.first = append(c.queue[:0], c.queue[c.first:]...), 0
	}
	c.bytes -= len(a.payload)
	live := c.open[a.key] == a
	if live {
		delete(c.open, a.key)
	}
	if a.payload = a.payload[:0]; cap(a.payload) > keptBuffer {
		a.payload = nil
	}
	c.free = append(c.free, a)
	return live
}

func (c *Case) take() *asked {
	if k := len(c.free); k > 0 {
		a := c.free[k-1]
		c.free = c.free[:k-1]
		return a
	}
	return &asked{}
}

// many tells whether an address may be answered by hosts under their own addresses: multicast, limited broadcast, and
// the usual look of a directed broadcast, whose mask no packet tells.
func many(a netip.Addr) bool {
	return !Unicast(a) || a.Is4() && a.As4()[3] == 255
}
