package exchange

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"time"

	"icmpsift/ingest"
)

// Expiry is how long a request waits for its reply in case scope. Six times ping's default deadline of 10 s is generous;
// the bound keeps state small and makes "unanswered" decidable.
const Expiry = 60 * time.Second

const (
	maxBytes   = 24 << 20 // of payloads kept to compare replies with
	keptBuffer = 128      // payload buffers up to here are used again: they hold what ping sends by default
	maxSame    = 64       // requests under one number that are looked at for the one that a reply returns
	maxAnswers = 256      // different replies to one request that are told apart
)

// Case pairs requests with replies on the merged timeline, of every [ingest.Exchange]: by address pair, direction,
// identifier and sequence number, the latest request, within [Expiry]; or of several that programs send under one number, before the first is
// answered, the one that the reply returns. Unlike Wireshark's matching it does not look at
// the checksum, so a reply that differs from its request pairs here and says so. It also links ICMP errors to the request
// or reply they quote. Make one with [NewCase].
type Case struct {
	facts   *Facts
	open    map[uint64]*asked // by hash of the key
	queue   []*asked          // in order of arrival, to expire from the front
	first   int
	limit   int
	free    []*asked
	bytes   int // payload bytes held for open requests
	evicted int64
	blind   int64 // until this time a request may be one that was given up
	seed    maphash.Seed
	quotes  quotes
	view    view
}

type caseKey struct {
	from, to   netip.Addr // of the request; to is zero for requests to many, which anybody may answer
	ident, seq uint16
	kind       ingest.Exchange
	v6         bool
}

// hash stands for a key: equal for others never but by a chance of 2^-64, which nobody can help along.
func (c *Case) hash(k caseKey) uint64 { return maphash.Comparable(c.seed, k) }

// asked is a request that waits for replies.
type asked struct {
	key          uint64 // its hash
	kind         ingest.Exchange
	many         bool // it went to many
	number, time int64
	wire         int // payload length on the wire
	payload      []byte
	in, elapsed  int64 // the first reply
	replies      int
	answer       uint64   // content of the first reply
	others       []uint64 // of further ones that differ
	older, newer *asked   // the requests before and after it under the same key
}

// NewCase tells facts as they become known, and holds at most limit open requests, and as many messages that errors may
// quote: the oldest are given up and counted, and nothing is told that depends on them, since nobody can know.
// recording says which recording an evidence file belongs to.
func NewCase(limit int, recording func(evidence int) Recording, facts *Facts) *Case {
	seed := maphash.MakeSeed()
	return &Case{facts: facts, open: map[uint64]*asked{}, limit: limit, seed: seed, quotes: newQuotes(seed, limit), view: newView(recording)}
}

// Evicted counts requests given up before they expired, to stay within the limits, and messages that errors may have
// quoted.
func (c *Case) Evicted() int64 { return c.evicted + c.quotes.evicted }

// Sighted takes a further sighting of a packet: another sensor, or another place, saw its sender, too.
func (c *Case) Sighted(p *ingest.Packet) {
	if !p.Sampled() {
		c.view.see(p)
	}
}

// Add takes the next unique packet of the timeline; what is neither request, reply nor error is passed over, and so are
// samples, whose requests and replies mostly went by unseen.
func (c *Case) Add(p *ingest.Packet) {
	if p.Sampled() {
		return
	}
	c.view.see(p)
	x, request := p.Exchange()
	switch {
	case x == ingest.NoExchange:
		c.fault(p)
		return
	case len(p.Message().Bytes) < 8 || !p.Src().IsValid() || !p.Dst().IsValid():
		return
	}
	c.expire(p.Case.Time)
	c.quotes.add(p)
	if request {
		c.ask(p, x)
		return
	}
	switch a := c.find(p, x); {
	case a != nil:
		c.answer(a, p)
	case c.evicted > 0 && p.Case.Time <= c.blind:
		c.facts.put(p.Case.Number, ingest.Reply{})
	default:
		c.facts.put(p.Case.Number, ingest.Reply{Unsolicited: true})
	}
}

func keyFor(p *ingest.Packet, x ingest.Exchange, from, to netip.Addr) caseKey {
	id, seq := identity(p.V6(), p.Message().Bytes)
	return caseKey{from: from, to: to, ident: id, seq: seq, kind: x, v6: p.V6()}
}

// identity reads identifier and sequence number, which in extended echo has 8 bits: flags follow.
func identity(v6 bool, b []byte) (id, seq uint16) {
	id, seq = binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	if x, _ := ingest.ExchangeOf(v6, b[0]); x == ingest.ExtendedExchange {
		seq >>= 8
	}
	return id, seq
}

func (c *Case) ask(p *ingest.Packet, x ingest.Exchange) {
	key, m := keyFor(p, x, p.Src(), p.Dst()), p.Message()
	group := many(key.to)
	if group {
		key.to = netip.Addr{}
	}
	a := c.take()
	*a = asked{key: c.hash(key), kind: x, many: group, number: p.Case.Number, time: p.Case.Time, wire: m.Reported - 8, payload: append(a.payload[:0], m.Bytes[8:]...), others: a.others[:0], older: c.open[c.hash(key)]}
	if a.older != nil {
		a.older.newer = a
	}
	c.open[a.key] = a
	c.queue = append(c.queue, a)
	c.bytes += len(a.payload)
	c.shrink()
}

func (c *Case) shrink() {
	for len(c.queue)-c.first > c.limit || c.bytes > maxBytes {
		c.evict()
	}
}

// find gives the request that a reply answers: one to its sender, or one to many.
func (c *Case) find(p *ingest.Packet, x ingest.Exchange) *asked {
	for _, to := range [...]netip.Addr{p.Src(), {}} {
		if a := c.open[c.hash(keyFor(p, x, p.Dst(), to))]; a != nil && within(p.Case.Time-a.time) {
			return a.returned(p)
		}
	}
	return nil
}

// returned gives the request that a reply returns: this one, the latest, or one before it that nothing has answered. What no request said answers the latest.
func (a *asked) returned(p *ingest.Packet) *asked {
	if a.older == nil {
		return a
	}
	reply, left := bodyOf(p.Message()), maxSame
	for x := a; x != nil && left > 0; x, left = x.older, left-1 {
		if x != a && x.replies > 0 {
			continue
		}
		if differs, cut := forms[x.kind].compare(body{x.payload, x.wire}, reply); !differs && !cut {
			return x
		}
	}
	return a
}

// within tells whether a reply this much later than its request can belong to it. A reply may be a little early, where
// the clocks of two sensors differ.
func within(elapsed int64) bool { return -int64(Expiry) <= elapsed && elapsed <= int64(Expiry) }

func (c *Case) answer(a *asked, p *ingest.Packet) {
	r := ingest.Reply{To: a.number, Time: p.Case.Time - a.time, Extra: a.replies, Group: a.many}
	reply := bodyOf(p.Message())
	r.Differs, r.Truncated = forms[a.kind].compare(body{a.payload, a.wire}, reply)
	r.Unasked = reply.wire > 0 && a.wire == 0 && a.kind == ingest.EchoExchange
	sum := content(c.seed, a.kind, p.Message())
	if a.replies == 0 {
		a.in, a.elapsed, a.answer = p.Case.Number, r.Time, sum
	} else {
		r.Unlike = a.unlike(sum)
	}
	if r.Unlike && len(a.others) < maxAnswers-1 {
		a.others = append(a.others, sum)
		c.bytes += 8
	}
	a.replies++
	c.facts.put(p.Case.Number, r)
	c.facts.put(a.number, ingest.Reply{In: a.in, Time: a.elapsed, Count: a.replies})
	c.shrink()
}

// unlike tells whether no earlier reply said the same.
func (a *asked) unlike(sum uint64) bool {
	for _, other := range a.others {
		if other == sum {
			return false
		}
	}
	return sum != a.answer
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
		c.facts.put(number, ingest.Reply{})
	}
}

// drop forgets the oldest request; it tells whether it was still the latest under its key.
func (c *Case) drop() bool {
	a := c.queue[c.first]
	c.queue[c.first] = nil
	if c.first++; c.first > len(c.queue)/2 {
		c.queue, c.first = append(c.queue[:0], c.queue[c.first:]...), 0
	}
	c.bytes -= len(a.payload) + 8*len(a.others)
	live := c.open[a.key] == a
	if live {
		delete(c.open, a.key)
	} else if a.newer != nil {
		a.newer.older = nil
	}
	if a.payload = a.payload[:0]; cap(a.payload) > keptBuffer {
		a.payload = nil
	}
	if a.others = a.others[:0]; cap(a.others) > keptBuffer/8 {
		a.others = nil
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
