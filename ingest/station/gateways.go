package station

import "icmpsift/ingest"

// gateways knows behind which link-layer address each IPv4 host and IPv6 router first stood, and which of these addresses
// brought packets that had come by a router: those are routers'. Who gets the packets of hosts on the link and sends them on
// does not count: they stood behind addresses of their own.
type gateways struct {
	behind   map[place][6]byte
	forwards map[card]bool
}

// card is a link-layer address on a link.
type card struct {
	segment
	mac [6]byte
}

func newGateways() gateways {
	return gateways{behind: map[place][6]byte{}, forwards: map[card]bool{}}
}

// pass takes a packet.
func (g *gateways) pass(p *ingest.Packet, on segment) {
	typ, _, _ := p.Type()
	mac, ok := bringer(p)
	if !ok || redirects(p) || p.V6() && typ != 134 { // of IPv6 routers say what they are
		return
	}
	at := place{on, p.Src()}
	first, known := g.behind[at]
	if !known {
		first = mac
		put(g.behind, at, mac)
	}
	if c := (card{on, mac}); first == mac && !g.forwards[c] && (p.V6() || travelled(p)) {
		put(g.forwards, c, true)
	}
}

// redirected tells of a redirect whether a router sent it, or another station than its sender, by all that the evidence holds.
func (g *gateways) redirected(p *ingest.Packet, on segment) (routed, foreign bool) {
	mac, ok := bringer(p)
	if !ok || !redirects(p) {
		return false, false
	}
	first, known := g.behind[place{on, p.Src()}]
	foreign = known && first != mac
	return !foreign && g.forwards[card{on, mac}], foreign
}

func redirects(p *ingest.Packet) bool {
	typ, _, ok := p.Type()
	return ok && (p.V6() && typ == 137 || !p.V6() && typ == 5)
}

// bringer is the link-layer address that the packet came from, if its own link has any.
func bringer(p *ingest.Packet) (mac [6]byte, ok bool) {
	b, ok := p.Sender()
	if !ok || p.IP < 1 || p.IP > 1 && p.Layers[p.IP-1].Proto != ingest.ProtoVLAN {
		return mac, false
	}
	return [6]byte(b), true
}

// travelled tells whether a router had the packet in hand: no host begins with such a time to live, but traceroute with a
// few hops.
func travelled(p *ingest.Packet) bool {
	ip := p.Layers[p.IP].Bytes
	if len(ip) < 9 {
		return false
	}
	switch ip[8] {
	case 32, 60, 64, 100, 128, 200, 254, 255:
		return false
	}
	return ip[8] > 32
}
