package station

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

// routers knows who advertised itself on a link, and who offered each thing first.
type routers struct {
	serving  map[place]bool    // routers that said they are default routers
	named    map[place]bool    // addresses of routers, by their own word in advertisements of either kind
	earliest map[segment]place // the first of each link
	said     map[segment]int   // how often that one said so
	offers   map[offer]offered
	late     map[place]bool // of each router: the link's first one was settled when it came
}

// offer is what a router offers on a link: a prefix, or a server of names as a prefix of full length.
type offer struct {
	segment
	prefix netip.Prefix
	server bool
}

// offered tells who was the first to offer it, and whether the link's first router was settled then.
type offered struct {
	by   netip.Addr
	late bool
}

// settled is how often the first router of a link says that it is one, before what another one offers is new there: of two
// that begin together none is the newcomer.
const settled = 2

func newRouters() routers {
	return routers{serving: map[place]bool{}, named: map[place]bool{}, earliest: map[segment]place{}, said: map[segment]int{}, offers: map[offer]offered{}, late: map[place]bool{}}
}

// advertise takes a router advertisement. A rival is a router that came later, and offers what nobody had offered before, or asks
// to be preferred: routers that share the work offer the same, and those that are preferred on purpose are there all the time.
func (r *routers) advertise(p *ingest.Packet, on segment, past *ingest.Past) {
	m := p.Message()
	if len(m.Bytes) < 16 {
		return
	}
	at := place{on, p.Src()}
	lifetime := binary.BigEndian.Uint16(m.Bytes[6:])
	for o := range m.Options() {
		if n, ok := announced(o); ok {
			past.Rival = r.offer(offer{segment: on, prefix: n}, at) || past.Rival
		}
		if n, ok := resolver(o); ok && lifetime > 0 { // servers of names that are no routers announce themselves, too
			past.Rival = r.offer(offer{on, n, true}, at) || past.Rival
		}
	}
	newcomer := r.newcomer(at)
	if lifetime == 0 {
		past.Withdrawn = r.serving[at]
		return
	}
	past.Rival = past.Rival || newcomer && m.Bytes[5]&0x18 == 0x08
	put(r.serving, at, true)
	put(r.named, at, true)
	if _, known := r.earliest[on]; !known {
		put(r.earliest, on, at)
	}
	if r.earliest[on] == at {
		put(r.said, on, r.said[on]+1)
	}
}

// newcomer tells whether a router first advertised itself when the link's first one was settled.
func (r *routers) newcomer(at place) bool {
	late, known := r.late[at]
	if !known {
		late = r.said[at.segment] >= settled && r.earliest[at.segment] != at
		put(r.late, at, late)
	}
	return late
}

// confirm takes a neighbour advertisement: it has a flag for routers (RFC 4861, 4.4).
func (r *routers) confirm(p *ingest.Packet, on segment) {
	if a, ok := p.Target(); ok && p.Message().Bytes[4]&0x80 != 0 {
		put(r.named, place{on, a}, true)
	}
}

// offer tells whether it is a rival's.
func (r *routers) offer(what offer, at place) bool {
	first, known := r.earliest[at.segment]
	x, before := r.offers[what]
	if !before {
		x = offered{at.address, r.said[at.segment] >= settled}
		put(r.offers, what, x)
	}
	return known && first != at && x.late && x.by == at.address
}

// announced reads a prefix information option (RFC 4861, 4.6.2).
func announced(o []byte) (n netip.Prefix, ok bool) {
	if o[0] != 3 || o[1] != 4 || len(o) < 32 || o[2] > 128 {
		return n, false
	}
	n, err := netip.AddrFrom16([16]byte(o[16:32])).Prefix(int(o[2]))
	return n, err == nil
}

// resolver reads the first address of a recursive DNS server option (RFC 8106, 5.1).
func resolver(o []byte) (n netip.Prefix, ok bool) {
	if o[0] != 25 || o[1] < 3 || len(o) < 24 {
		return n, false
	}
	return netip.PrefixFrom(netip.AddrFrom16([16]byte(o[8:24])), 128), true
}
