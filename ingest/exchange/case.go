package exchange

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"icmpsift/ingest"
)

// Expiry is how long a request waits for its reply in case scope. Eight times ping's default deadline is generous; the
// bound keeps state small and makes "unanswered" decidable.
const Expiry = 60 * time.Second

// maxBytes bounds the payloads kept to compare replies with.
const maxBytes = 64 << 20

// Case pairs echo requests with replies on the merged timeline: by address pair, direction, identifier and sequence
// number, the latest request, within [Expiry]. Unlike Wireshark's matching it does not look at the checksum, so a reply
// whose payload differs from its request pairs here and says so. Make one with [NewCase].
type Case struct {
	open    map[caseKey]*asked
	queue   []queued // by time of the request, to expire from the front
	first   int
	limit   int
	free    []*asked
	bytes   int // payload bytes held for open requests
	evicted int64
	tell    func(number int64, r ingest.Reply)
}

type caseKey struct {
	from, to   netip.Addr // of the request; to is zero for requests to many, which anybody may answer
	ident, seq uint16
	v6         bool
}

type asked struct {
	number, time int64
	wire         int // payload length on the wire
	payload      []byte
	replies      int
}

type queued struct {
	key  caseKey
	held *asked
	time int64
}

// NewCase holds at most limit open requests (the oldest are given up and counted). tell is called with facts as they
// become known: for a reply at once, for a request when its first reply is seen. A request never told of is unanswered.
func NewCase(limit int, tell func(number int64, r ingest.Reply)) *Case {
	return &Case{open: map[caseKey]*asked{}, limit: limit, tell: tell}
}

// Evicted counts requests given up before they expired, to stay within the limit.
func (c *Case) Evicted() int64 { return c.evicted }

// Add takes the next unique packet of the timeline.
func (c *Case) Add(p *ingest.Packet) {
	request, reply := p.Echo()
	m := p.Message()
	if !request && !reply || len(m.Bytes) < 8 || p.IP < 0 {
		return
	}
	c.expire(p.Case.Time)
	key := caseKey{from: p.Src(), to: p.Dst(), ident: binary.BigEndian.Uint16(m.Bytes[4:]), seq: binary.BigEndian.Uint16(m.Bytes[6:]), v6: p.V6()}
	if request {
		c.ask(key, p)
		return
	}
	key.from, key.to = key.to, key.from
	a := c.open[key]
	if a == nil {
		key.to = netip.Addr{}
		a = c.open[key]
	}
	if a == nil || p.Case.Time-a.time > int64(Expiry) {
		c.tell(p.Case.Number, ingest.Reply{Unsolicited: true})
		return
	}
	c.answer(a, p)
}

func (c *Case) ask(key caseKey, p *ingest.Packet) {
	if many(key.to) {
		key.to = netip.Addr{}
	}
	m := p.Message()
	a := c.take()
	*a = asked{number: p.Case.Number, time: p.Case.Time, wire: m.Reported - 8, payload: append(a.payload[:0], m.Bytes[8:]...)}
	c.open[key] = a
	c.queue = append(c.queue, queued{key, a, a.time})
	c.bytes += len(a.payload)
	for len(c.queue)-c.first > c.limit || c.bytes > maxBytes {
		if c.drop() {
			c.evicted++
		}
	}
}

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
// the echo message must be returned in the echo reply message).
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

// drop forgets the oldest request; it tells whether it was still the latest under its key.
func (c *Case) drop() bool {
	q := c.queue[c.first]
	c.queue[c.first] = queued{}
	if c.first++; c.first > len(c.queue)/2 {
		c.queue, c.first = append(c.queue[:0], c.queue[c.first:]...), 0
	}
	c.bytes -= len(q.held.payload)
	live := c.open[q.key] == q.held
	if live {
		delete(c.open, q.key)
	}
	c.free = append(c.free, q.held)
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
