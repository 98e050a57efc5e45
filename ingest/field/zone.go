package field

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

const zoneMeaning = `"home" (in the home networks, loopback, unspecified), "link-local", "multicast", "broadcast" or "outside": zone of the `

// zone tells where an address lies; destination ones can also be broadcast.
func zone(get func(*ingest.Packet) netip.Addr, destination bool) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		a := get(p)
		if !a.IsValid() {
			return dst
		}
		if destination && broadcast(c, p, a) {
			return append(dst, Value{Text: "broadcast"})
		}
		return append(dst, Value{Text: zoneOf(c, a)})
	}
}

// side gives one host of the two, the same one whichever way a packet goes.
func side(near bool) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		a, b := p.Src(), p.Dst()
		if !a.IsValid() || !b.IsValid() {
			return dst
		}
		inside, other := zoneOf(c, a) == "home", zoneOf(c, b) == "home"
		if inside == other && b.Less(a) || other && !inside {
			a, b = b, a
		}
		if !near {
			a = b
		}
		return append(dst, Value{Addr: a})
	}
}

func zoneOf(c *Context, a netip.Addr) string {
	switch {
	case a.IsMulticast():
		return "multicast"
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "broadcast"
	case a.IsLoopback() || a.IsUnspecified() || c.home(a):
		return "home"
	case a.IsLinkLocalUnicast():
		return "link-local"
	}
	return "outside"
}

func (c *Context) home(a netip.Addr) bool {
	for i := range c.Home {
		if c.Home[i].Contains(a) {
			return true
		}
	}
	return false
}

// broadcast: the limited broadcast, the last address of a home network, or any IPv4 unicast sent to every MAC address, which
// is how a subnet's own broadcast shows.
func broadcast(c *Context, p *ingest.Packet, a netip.Addr) bool {
	if !a.Is4() || a.IsMulticast() {
		return false
	}
	if everyone(p) {
		return true
	}
	for i := range c.Home {
		if isLast(a, c.Home[i]) {
			return true
		}
	}
	return a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// everyone tells whether the frame went to every MAC address: Ethernet and Linux cooked headers, of either version, say so.
func everyone(p *ingest.Packet) bool {
	switch p.Frame.Link {
	case ingest.LinkSLL:
		b := span(p.Data, 0, 2)
		return b != nil && be(b) == 1
	case ingest.LinkSLL2:
		b := span(p.Data, 10, 1)
		return b != nil && b[0] == 1
	}
	b := span(p.Data, 0, 6)
	return b != nil && p.Layers[0].Proto == ingest.ProtoEthernet && be(b) == 0xffffffffffff
}

// isLast tells the broadcast address of an IPv4 network; some have none (RFC 3021).
func isLast(a netip.Addr, n netip.Prefix) bool {
	if n.Bits() > 30 || !n.Addr().Is4() {
		return false
	}
	b, host := a.As4(), uint32(1)<<(32-n.Bits())-1
	return binary.BigEndian.Uint32(b[:])&host == host && n.Contains(a)
}
