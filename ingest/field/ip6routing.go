package field

import (
	"net/netip"

	"icmpsift/ingest"
)

// routing declares a field of the routing header's body.
func routing(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		d := dissection{c: c, want: name, dst: dst, b: l.Bytes[:min(max(l.Header, 0), len(l.Bytes))]}
		routingBody(&d, carrier6(p, i).Dst())
		return d.dst
	}, meaning)
}

// carrier6 is the IPv6 header before the extension header i.
func carrier6(p *ingest.Packet, i int) *ingest.Layer {
	for k := i - 1; k >= 0; k-- {
		if p.Layers[k].Proto == ingest.ProtoIPv6 {
			return &p.Layers[k]
		}
	}
	return &ingest.Layer{}
}

// routingBody walks what the type tells is behind the first four bytes; to is the packet's destination.
func routingBody(d *dissection, to netip.Addr) {
	switch typ := d.peek(2, 1); typ {
	case 0:
		d.bytes("ipv6.routing.src.reserved", 4, 4)
		routes(d, "ipv6.routing.src.addr", 8)
		if 8+8*d.peek(1, 1) <= len(d.b) { // all there
			d.present("ipv6.routing.deprecated")
		}
	case 2:
		d.bytes("ipv6.routing.mipv6.reserved", 4, 4)
		d.ip6("ipv6.routing.mipv6.home_address", 8)
	case 3:
		rplRoutes(d, to)
	case 4:
		d.number("ipv6.routing.srh.last_entry", 4, 1)
		d.number("ipv6.routing.srh.flags", 5, 1)
		d.bytes("ipv6.routing.srh.tag", 6, 2)
		for off, left := 8, d.peek(4, 1); left >= 0 && !d.cut; off, left = off+16, left-1 {
			d.ip6("ipv6.routing.srh.addr", off)
		}
	case 5:
		compactRoute(d, "ipv6.routing.crh16.current_sid", "ipv6.routing.crh16.sid", 2)
	case 6:
		compactRoute(d, "ipv6.routing.crh32.current_sid", "ipv6.routing.crh32.sid", 4)
	default:
		d.bytes("ipv6.routing.unknown_data", 4, 4+8*d.peek(1, 1))
		d.present("ipv6.routing.undecoded")
	}
}

// compactRoute is a list of numbers in the place of addresses (RFC 9631); the segments left count down to the current one.
func compactRoute(d *dissection, current, name string, size int) {
	if at := 4 + size*d.peek(3, 1); at+size <= len(d.b) {
		d.number(current, at, size)
	}
	for off := 4; off+size <= len(d.b) && len(d.b) > 4+size; off += size {
		d.number(name, off, size)
	}
}

func routes(d *dissection, name string, off int) {
	for ; off+16 <= len(d.b) && !d.cut; off += 16 {
		d.ip6(name, off)
	}
}

// rplRoutes: the front of each address is the destination's, so that it can be left out (RFC 6554).
func rplRoutes(d *dissection, to netip.Addr) {
	d.bits("ipv6.routing.rpl.cmprI", 4, 4, 0xf0000000)
	d.bits("ipv6.routing.rpl.cmprE", 4, 4, 0x0f000000)
	d.bits("ipv6.routing.rpl.pad", 4, 4, 0x00f00000)
	d.bits("ipv6.routing.rpl.reserved", 4, 4, 0x000fffff)
	first, pad := d.peek(4, 1), d.peek(5, 1)>>4
	inner, last := 16-first>>4, 16-first&0x0f
	count := (len(d.b)-8-pad-last)/inner + 1
	d.put("ipv6.routing.rpl.addr_count", Value{Int: int64(count)})
	for off := 8; count > 0 && !d.cut; count-- {
		size := inner
		if count == 1 {
			size = last
		}
		d.bytes("ipv6.routing.rpl.address", off, size)
		if b := d.at(off, size); b != nil && to.Is6() && d.wants("ipv6.routing.rpl.full_address") {
			full := to.As16()
			copy(full[16-size:], b)
			d.add("ipv6.routing.rpl.full_address", Value{Addr: netip.AddrFrom16(full), Bytes: b})
		}
		off += size
	}
}
