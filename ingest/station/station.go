// Package station remembers, along the timeline of a case, who turned to whom before, and what neighbour discovery (RFC
// 4861) said of each link: a [Book] is shown every packet once, in order, and tells of each what those before it make of
// it, as [ingest.Past]. Its state is bounded; what it forgets makes it silent, never wrong.
package station

import (
	"net/netip"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
)

// Bounds of what is remembered.
const (
	maxPairs  = 1 << 18 // of a source and a destination
	maxClaims = 1 << 16 // addresses with a link-layer address; as many tentative ones, routers and prefixes
)

// probing is how long a node waits for an answer: to its tentative address one second (RFC 4862), to solicitations for a
// neighbour three times as long (RFC 4861); and a margin.
const probing = 5 * time.Second

// Book is what is known so far.
type Book struct {
	recording func(evidence int) int
	facts     *spool.Slots
	contacts  contacts
	sought    contacts // by neighbour solicitations
	open      map[place]solicited
	claims    map[place][6]byte
	tentative map[place]question
	routers   routers
	gateways  gateways
}

// New makes an empty book, whose facts go to slots of the budget. recording numbers the recordings that evidence files
// belong to: what one sensor wrote saw the same links throughout.
func New(b *spool.Budget, recording func(evidence int) int) *Book {
	return &Book{recording: recording, facts: spool.NewSlots(b), contacts: newContacts(), sought: newContacts(), open: map[place]solicited{},
		claims: map[place][6]byte{}, tentative: map[place]question{}, routers: newRouters(), gateways: newGateways()}
}

// segment is a link as a sensor saw it.
type segment struct {
	recording int
	vlan      uint16
}

// place is an address on a link.
type place struct {
	segment
	address netip.Addr
}

// solicited are the latest solicitations for an address that wait for an answer: where they stand, and how many there are.
type solicited struct {
	number [4]int64
	at     int64
	n      int
}

// question is somebody looking whether an address is free.
type question struct {
	at    int64
	asker [6]byte
}

// Add takes the next unique packet.
func (b *Book) Add(p *ingest.Packet) {
	if p.Message() == nil || p.Sampled() {
		return
	}
	var past ingest.Past
	b.gateways.pass(p, b.segment(p))
	if x, request := p.Exchange(); request {
		past.Contact, past.Acquainted = b.contacts.since(p.Src(), p.Dst(), p.Case.Time)
	} else if x != ingest.NoExchange {
		b.contacts.answer(p.Dst(), p.Src())
	} else if on, ok := b.discovers(p); ok {
		b.discovery(p, on, &past)
	}
	if past != (ingest.Past{}) {
		b.facts.Set(p.Case.Number, pack(past))
	}
}

// discovers tells whether the packet is a neighbour discovery message that nodes would take (hop limit 255), and on which
// link it was: a capture of all interfaces of a host does not say.
func (b *Book) discovers(p *ingest.Packet) (on segment, ok bool) {
	typ, _, ok := p.Type()
	if !ok || p.IP < 0 || !p.V6() || typ < 133 || typ > 136 || p.Layers[0].Proto == ingest.ProtoSLL {
		return on, false
	}
	if ip := p.Layers[p.IP].Bytes; len(ip) < 8 || ip[7] != 255 {
		return on, false
	}
	return b.segment(p), true
}

func (b *Book) segment(p *ingest.Packet) segment {
	return segment{b.recording(p.Case.Evidence), vlanOf(p)}
}

func vlanOf(p *ingest.Packet) (id uint16) {
	for i := range p.Layers[:p.IP] {
		if l := &p.Layers[i]; l.Proto == ingest.ProtoVLAN && len(l.Bytes) >= 2 {
			id = uint16(l.Bytes[0]&0x0f)<<8 | uint16(l.Bytes[1])
		}
	}
	return id
}

func (b *Book) discovery(p *ingest.Packet, on segment, past *ingest.Past) {
	if a, ok := p.Tentative(); ok {
		if mac, ok := p.Sender(); ok {
			put(b.tentative, place{on, a}, question{p.Case.Time, [6]byte(mac)})
		}
		return
	}
	if c, ok := p.Claim(); ok {
		at := place{on, c.Address}
		before, known := b.claims[at]
		past.Moved = known && before != [6]byte(c.MAC)
		past.Usurped = past.Moved && b.routers.named[at]
		put(b.claims, at, [6]byte(c.MAC))
	}
	switch typ, _, _ := p.Type(); typ {
	case 134:
		b.routers.advertise(p, on, past)
	case 135:
		b.solicit(p, on, past)
	case 136:
		b.routers.confirm(p, on)
		b.answer(p, on)
		past.Denied = b.denied(p, on)
	}
}

// solicit notes who asks for a neighbour, and that an answer is to come.
func (b *Book) solicit(p *ingest.Packet, on segment, past *ingest.Past) {
	target, ok := p.Target()
	if !ok {
		return
	}
	past.Contact, past.Acquainted = b.sought.since(p.Src(), target, p.Case.Time)
	at := place{on, target}
	s := b.open[at]
	if p.Case.Time-s.at > int64(probing) {
		s.n = 0
	}
	s.number[s.n%len(s.number)], s.at, s.n = p.Case.Number, p.Case.Time, s.n+1
	put(b.open, at, s)
}

// answer tells the solicitations that an advertisement answers so.
func (b *Book) answer(p *ingest.Packet, on segment) {
	target, ok := p.Target()
	if !ok {
		return
	}
	at := place{on, target}
	s := b.open[at]
	delete(b.open, at)
	for _, number := range s.number[:min(s.n, len(s.number))] {
		if p.Case.Time-s.at <= int64(probing) {
			b.facts.Set(number, b.facts.Get(number)|bitAnswered)
		}
	}
}

// denied tells whether the advertisement answers somebody who had asked whether its target is free. Each such question is
// answered once, and not by who asked it: routers tell everybody of their own new address at once.
func (b *Book) denied(p *ingest.Packet, on segment) bool {
	target, ok := p.Target()
	mac, known := p.Sender()
	if !ok || !known {
		return false
	}
	at := place{on, target}
	asked, ok := b.tentative[at]
	if !ok || asked.asker == [6]byte(mac) {
		return false
	}
	delete(b.tentative, at)
	return p.Case.Time-asked.at <= int64(probing)
}

// put remembers, and forgets everything where that is too much.
func put[K comparable, V any](m map[K]V, k K, v V) {
	if _, ok := m[k]; !ok && len(m) >= maxClaims {
		clear(m)
	}
	m[k] = v
}

// Settle lets go of what only further packets would ask for: there are none.
func (b *Book) Settle() {
	b.contacts.settle()
	b.sought, b.open, b.claims, b.tentative, b.routers = contacts{}, nil, nil, nil, routers{}
}

// What a packet's number is made of: flags, and how long the contact is known.
const (
	bitAcquainted = 1 << iota
	bitMoved
	bitDenied
	bitRival
	bitWithdrawn
	bitAnswered
	bitUsurped
	contactShift = iota
	maxContact   = 1<<(63-contactShift) - 1
)

func pack(past ingest.Past) (v int64) {
	for i, on := range [...]bool{past.Acquainted, past.Moved, past.Denied, past.Rival, past.Withdrawn, past.Answered, past.Usurped} {
		if on {
			v |= 1 << i
		}
	}
	return v | min(past.Contact, maxContact)<<contactShift
}

// Of gives what is told of a packet whose place on the timeline, and whose [ingest.Reply], is known.
func (b *Book) Of(p *ingest.Packet) ingest.Past {
	v := b.facts.Get(p.Case.Number)
	past := ingest.Past{Acquainted: v&bitAcquainted != 0, Contact: v >> contactShift, Moved: v&bitMoved != 0,
		Denied: v&bitDenied != 0, Rival: v&bitRival != 0, Withdrawn: v&bitWithdrawn != 0, Answered: v&bitAnswered != 0, Usurped: v&bitUsurped != 0}
	if _, request := p.Exchange(); request && past.Acquainted {
		past.Silent = b.contacts.silent(p.Src())
		past.Mute = past.Silent > 0 && b.contacts.mute(p.Dst())
	}
	if p.Case.Reply.Unsolicited {
		past.Idle = b.contacts.never(p.Dst())
	}
	if redirects(p) {
		past.Routed, past.Foreign = b.gateways.redirected(p, b.segment(p))
	}
	return past
}

// Err is the first error of the temporary file.
func (b *Book) Err() error { return b.facts.Err() }

// Close gives memory and file back.
func (b *Book) Close() error { return b.facts.Close() }
