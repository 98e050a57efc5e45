package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/report"
)

// steps is how many steps of activity there are at most.
const steps = 200

// bounds keep memory small however long the capture is.
type bounds struct {
	rows    int // hosts, and conversations, that are followed
	counted int // further ones that are at least told apart for the totals
	members int // of all sets together: peers, addresses of a type, identifiers
}

var usual = bounds{rows: 1 << 17, counted: 1 << 21, members: 1 << 21}

// Tally sums up a case while the rules look at it: hosts, conversations, types, activity. Make one with [NewTally]; it
// sees each packet by [Tally.Add].
type Tally struct {
	context   *field.Context
	hosts     map[netip.Addr]*host
	exchanges map[pair]*exchange
	types     map[kind]*typeCount
	activity  []step
	start     int64
	width     int64
	latest    int64
	totals    report.Totals
	bounds    bounds
	members   int             // of all sets
	beyond    map[uint64]bool // hosts and conversations that have no row
	full      bool            // something could not be told apart any more: such counts are lower bounds
	class     *field.Field
	values    []field.Value
}

type host struct {
	first, last                          int64
	sent, received, replies, errs, other int64
	out, in                              int64
	peers                                map[netip.Addr]bool
	macs, payloads                       map[string]bool
	ttls                                 map[int]bool
}

type kind struct {
	v6        bool
	typ, code uint8
}

type typeCount struct {
	packets, bytes, first, last int64
	sources, destinations       map[netip.Addr]bool
}

// step is a share of the time, with the timeline numbers that fall into it.
type step struct{ packets, first, last int64 }

// NewTally prepares for the packets of the given evidence.
func NewTally(ledger []*ingest.Evidence, c *field.Context) *Tally {
	t := &Tally{context: c, hosts: map[netip.Addr]*host{}, exchanges: map[pair]*exchange{}, types: map[kind]*typeCount{},
		bounds: usual, beyond: map[uint64]bool{}}
	t.class, _ = field.Lookup("sift.payload.class")
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
	t.width = niceStep(time.Duration(end - t.start))
	t.start -= t.start % t.width
	t.activity = make([]step, (end-t.start)/t.width+1)
	return t
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
	t.converse(p)
	t.meet(p)
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
	c := t.types[k]
	if c == nil {
		c = &typeCount{first: p.Case.Time, sources: map[netip.Addr]bool{}, destinations: map[netip.Addr]bool{}}
		t.types[k] = c
	}
	c.packets++
	c.bytes += int64(p.Message().Reported)
	c.first, c.last = min(c.first, p.Case.Time), max(c.last, p.Case.Time)
	put(t, c.sources, p.Src())
	put(t, c.destinations, p.Dst())
}

// put adds to a set while there is room.
func put[K comparable](t *Tally, set map[K]bool, k K) {
	switch {
	case set[k]:
	case t.members >= t.bounds.members:
		t.full = true
	default:
		t.members++
		set[k] = true
	}
}

// further tells whether a host or conversation that has no row is a new one.
func (t *Tally) further(a, b netip.Addr) bool {
	x, y := a.As16(), b.As16()
	sum := sha256.Sum256(append(x[:], y[:]...))
	key := binary.BigEndian.Uint64(sum[:])
	switch {
	case t.beyond[key]:
		return false
	case len(t.beyond) >= t.bounds.counted:
		t.full = true
		return false
	}
	t.beyond[key] = true
	return true
}

func (t *Tally) step(p *ingest.Packet) {
	i := (p.Case.Time - t.start) / t.width
	if i < 0 || i >= int64(len(t.activity)) {
		return
	}
	s := &t.activity[i]
	s.packets++
	if p.Case.Time < t.latest {
		return // its number is out of order: it must not stretch the step's
	}
	t.latest = p.Case.Time
	if s.first == 0 {
		s.first = p.Case.Number
	}
	s.last = p.Case.Number
}

func (t *Tally) meet(p *ingest.Packet) {
	from, to := t.host(p.Src(), p), t.host(p.Dst(), p)
	if from != nil {
		put(t, from.peers, p.Dst())
		t.payload(from, p)
		from.send(p)
	}
	if to != nil {
		put(t, to.peers, p.Src())
		to.receive(p)
	}
}

// payload notes which ping the host sends. The class is asked for here, for whether a rule has asked before depends on the rules.
func (t *Tally) payload(h *host, p *ingest.Packet) {
	if request, _ := p.Echo(); !request && !p.Case.Reply.Unsolicited || len(h.payloads) >= 16 {
		return
	}
	if t.values = t.class.Values(t.context, p, t.values[:0]); len(t.values) == 0 {
		return
	}
	h.payloads[cmp.Or(p.Facts.Stock, p.Facts.Tool, p.Facts.Class)] = true
}

func (t *Tally) host(a netip.Addr, p *ingest.Packet) *host {
	h := t.hosts[a]
	if h == nil {
		if len(t.hosts) >= t.bounds.rows {
			if t.further(a, a) {
				t.totals.HostsTotal++
			}
			return nil
		}
		t.totals.HostsTotal++
		h = &host{first: p.Case.Time, peers: map[netip.Addr]bool{}, macs: map[string]bool{}, payloads: map[string]bool{}, ttls: map[int]bool{}}
		t.hosts[a] = h
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
	at, ip := 8, p.Layers[p.IP] // of the TTL; the hop limit stands one byte before
	if ip.Proto == ingest.ProtoIPv6 {
		at = 7
	}
	if len(ip.Bytes) > at && len(h.ttls) < 16 {
		h.ttls[int(ip.Bytes[at])] = true
	}
	if e := p.Layers[0]; e.Proto == ingest.ProtoEthernet && len(e.Bytes) >= 12 && len(h.macs) < 4 {
		h.macs[net.HardwareAddr(e.Bytes[6:12]).String()] = true
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

func sorted[K cmp.Ordered](m map[K]bool) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
