package build

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/spool"
	"icmpsift/report"
)

// steps is how many steps of activity there are at most.
const steps = 200

// followed is how many hosts, and how many conversations, have a row of their own; further ones are counted.
const followed = 1 << 16

// Bounds of what is told of one host.
const (
	maxMACs     = 4
	maxTTLs     = 16
	maxPayloads = 16
)

// Tally sums up a case while the rules look at it: hosts, conversations, types, activity. Make one with [NewTally]; it
// sees each packet by [Tally.Add], and is ready for a report after [Tally.Settle].
type Tally struct {
	context   *field.Context
	hosts     map[uint64]*host     // by hash
	exchanges map[uint64]*exchange // by hash
	types     map[kind]*typeCount
	activity  []step
	start     int64
	end       int64
	width     int64
	latest    int64
	totals    report.Totals
	rows      int // hosts, and conversations, that are followed
	members   members
	settled   bool
	log       kindLog
	class     *field.Field
	body      *field.Field
	values    []field.Value
}

type host struct {
	address                              netip.Addr
	first, last                          int64
	sent, received, replies, errs, other int64
	out, in                              int64
	peers                                int64
	macs                                 [][6]byte
	payloads                             []string
	ttls                                 []uint8
}

type kind struct {
	v6        bool
	typ, code uint8
}

type typeCount struct {
	packets, bytes, first, last int64
	sources, destinations       int64
}

// step is a share of the time, with the timeline numbers that fall into it, and its packets by class.
type step struct {
	packets, first, last             int64
	requests, replies, errors, other int64
}

// NewTally prepares for the packets of the given evidence. What it counts beyond its memory goes to files of the budget.
func NewTally(ledger []*ingest.Evidence, c *field.Context, b *spool.Budget) *Tally {
	t := &Tally{context: c, hosts: map[uint64]*host{}, exchanges: map[uint64]*exchange{}, types: map[kind]*typeCount{}, rows: followed, members: newMembers(b)}
	t.class, _ = field.Lookup("sift.payload.class")
	t.body, _ = field.Lookup("sift.payload.body")
	var end int64
	for _, e := range ledger {
		if e.First == 0 || e.DuplicateOf >= 0 {
			continue
		}
		first, last := e.First-e.ClockOffset, e.Last-e.ClockOffset
		if t.start == 0 || first < t.start {
			t.start = first
		}
		end = max(end, last)
	}
	t.span(t.start, end)
	return t
}

// Limit makes activity that of a shorter time, which is all that will be seen; nil is open. Call it before the first packet.
func (t *Tally) Limit(from, to *time.Time) {
	start, end := t.start, t.end
	if from != nil {
		start = max(start, from.UnixNano())
	}
	if to != nil {
		end = min(end, to.UnixNano())
	}
	t.span(start, max(start, end))
}

// span prepares for the activity from start to end.
func (t *Tally) span(start, end int64) {
	t.start, t.end = start, end
	t.width = niceStep(time.Duration(end - t.start))
	t.start -= t.start % t.width
	t.activity = make([]step, (end-t.start)/t.width+1)
}

// niceStep is the shortest usual step that divides the span into few enough.
func niceStep(span time.Duration) int64 {
	for _, s := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute,
		30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		if span/s < steps {
			return int64(s)
		}
	}
	return int64((span/steps/(24*time.Hour) + 1) * 24 * time.Hour)
}

// Add takes the next packet of the timeline, copies included.
func (t *Tally) Add(p *ingest.Packet) {
	switch {
	case p.Message() == nil || p.IP < 0:
		if p.Fragment && !p.Case.Copy {
			t.totals.Fragments++
		}
		return
	case p.Case.Copy:
		t.totals.Copies++
		return
	}
	t.totals.ICMPPackets++
	t.flags(p)
	t.count(p)
	t.step(p)
	from, to := t.members.address(p.Src()), t.members.address(p.Dst())
	own := t.own(p)
	t.members.add(p, from, to)
	t.converse(p, rowKey(conversation(from, to)), own)
	t.meet(p, from, to, own)
}

// flags counts what is wrong with a message.
func (t *Tally) flags(p *ingest.Packet) {
	m := p.Message()
	if p.Problems&ingest.Malformed != 0 {
		t.totals.Malformed++
	}
	if m.Cut() {
		t.totals.SnapCut++
	}
	if m.Checksum == ingest.ChecksumBad {
		t.totals.BadChecksum++
	}
}

func (t *Tally) count(p *ingest.Packet) {
	typ, code, ok := p.Type()
	if !ok {
		return
	}
	k := kind{p.V6(), typ, code}
	t.log.add(p.Case.Number, k)
	c := t.types[k]
	if c == nil {
		c = &typeCount{first: p.Case.Time}
		t.types[k] = c
	}
	c.packets++
	c.bytes += int64(p.Message().Reported)
	c.first, c.last = min(c.first, p.Case.Time), max(c.last, p.Case.Time)
}

func (t *Tally) step(p *ingest.Packet) {
	i := (p.Case.Time - t.start) / t.width
	if i < 0 || i >= int64(len(t.activity)) {
		return
	}
	s := &t.activity[i]
	s.packets++
	s.classify(p)
	if p.Case.Time < t.latest {
		return // its number is out of order: it must not stretch the step's
	}
	t.latest = p.Case.Time
	if s.first == 0 {
		s.first = p.Case.Number
	}
	s.last = p.Case.Number
}

func (s *step) classify(p *ingest.Packet) {
	kind, request := p.Exchange()
	switch {
	case request:
		s.requests++
	case kind != ingest.NoExchange:
		s.replies++
	case isError(p):
		s.errors++
	default:
		s.other++
	}
}

func (t *Tally) meet(p *ingest.Packet, src, dst uint64, own bool) {
	from, to := t.host(p.Src(), src, p), t.host(p.Dst(), dst, p)
	if from != nil {
		if own {
			from.payloads = note(from.payloads, maxPayloads, cmp.Or(p.Facts.Stock, p.Facts.Tool, p.Facts.Class))
		}
		from.send(p)
	}
	if to != nil {
		to.receive(p)
	}
}

// note adds to a short list what is not in it.
func note[K comparable](list []K, most int, k K) []K {
	if len(list) >= most || slices.Contains(list, k) {
		return list
	}
	return append(list, k)
}

// own tells whether an echo payload is the sender's own and not one that it was sent, and works out the facts of those. The class is
// asked for here, for whether a rule has asked before depends on the rules.
func (t *Tally) own(p *ingest.Packet) bool {
	if request, _ := p.Echo(); !request && !p.Case.Reply.Unsolicited && !p.Case.Reply.Differs {
		return false
	}
	t.values = t.class.Values(t.context, p, t.values[:0])
	return len(t.values) > 0
}

func (t *Tally) host(a netip.Addr, key uint64, p *ingest.Packet) *host {
	h := t.hosts[key]
	if h == nil {
		if len(t.hosts) >= t.rows {
			return nil
		}
		h = &host{address: a, first: p.Case.Time}
		t.hosts[key] = h
	}
	h.first, h.last = min(h.first, p.Case.Time), max(h.last, p.Case.Time)
	return h
}

func (h *host) send(p *ingest.Packet) {
	h.out += int64(max(0, p.Message().Reported-8))
	request, reply := p.Echo()
	switch {
	case request:
		h.sent++
	case reply:
		h.replies++
	case isError(p):
		h.errs++
	default:
		h.other++
	}
	h.look(p)
}

// look notes TTL and MAC, which tell hosts behind a router from neighbours.
func (h *host) look(p *ingest.Packet) {
	at, ip := 8, &p.Layers[p.IP] // of the TTL; the hop limit stands one byte before
	if ip.Proto == ingest.ProtoIPv6 {
		at = 7
	}
	if len(ip.Bytes) > at {
		h.ttls = note(h.ttls, maxTTLs, ip.Bytes[at])
	}
	if e := &p.Layers[0]; e.Proto == ingest.ProtoEthernet && len(e.Bytes) >= 12 {
		h.macs = note(h.macs, maxMACs, [6]byte(e.Bytes[6:12]))
	}
}

func (h *host) receive(p *ingest.Packet) {
	h.in += int64(max(0, p.Message().Reported-8))
	if request, _ := p.Echo(); request {
		h.received++
	}
}

// isError tells error messages: RFC 792 types 3, 4, 5, 11, 12; RFC 4443: types below 128.
func isError(p *ingest.Packet) bool {
	typ, _, ok := p.Type()
	if p.V6() {
		return ok && typ < 128
	}
	return typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12
}
