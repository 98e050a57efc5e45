package field

import (
	"net/netip"

	"icmpsift/ingest"
)

// cookedFields cover Linux cooked captures, versions 1 (16-byte header) and 2 (20 bytes), and BSD null/loop.
var cookedFields = append(in(ingest.ProtoSLL,
	row("sll", Protocol, header, "Linux cooked capture header"),
	row("sll.etype", Uint16, cookedProtocol(cookedEther), "EtherType of what the frame carries").hex().named(etherTypes),
	row("sll.ltype", Uint16, cookedProtocol(cookedLinux), "Linux's number of what the frame carries").hex(),
	row("sll.gretype", Uint16, cookedProtocol(cookedGRE), "EtherType of what a GRE interface carries").hex().named(etherTypes),
	row("sll.ifindex", Uint32, cooked(0, 0, 4, 4), "index of the interface on the capturing host (version 2)"),
	row("sll.hatype", Uint16, cooked(2, 2, 8, 2), "ARPHRD_ type of the interface"),
	row("sll.pkttype", Uint16, cooked(0, 2, 10, 1), "direction of the packet").named(packetTypes),
	row("sll.halen", Uint16, cooked(4, 2, 11, 1), "length of the sender's link-layer address"),
	row("sll.src.eth", Ether, cookedSource(6, 6), "sender's MAC address"),
	row("sll.src.ipv4", IPv4, cookedSource4, "sender's IPv4 address, of tunnels"),
	row("sll.src.other", Bytes, both(both(cookedSource(1, 3), cookedSource(5, 5)), cookedSource(7, 8)), "sender's link-layer address of another kind"),
	row("sll.unused", Bytes, cookedUnused, "bytes of the header that the address leaves unused"),
), in(ingest.ProtoNull,
	row("null", Protocol, header, "BSD null or loopback header"),
	row("null.family", Uint32, nullFamily, "address family, in the numbers of the capturing host"),
)...)

var packetTypes = map[int64]string{0: "Unicast to us", 1: "Broadcast", 2: "Multicast", 3: "Unicast to another host", 4: "Sent by us"}

// cooked reads n1 bytes at off1 in version 1, n2 at off2 in version 2.
func cooked(off1, n1, off2, n2 int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		off, n := off1, n1
		if l.Header == 20 {
			off, n = off2, n2
		}
		if b := span(l.Bytes, off, n); len(b) > 0 {
			dst = append(dst, Value{Int: be(b), Bytes: b})
		}
		return dst
	}
}

// The kinds of numbers that tell what a frame carries: on GRE interfaces (ARPHRD_IPGRE) they are GRE's, below 0x600 Linux's own.
const (
	cookedEther = iota
	cookedLinux
	cookedGRE
)

func cookedProtocol(kind int) getter {
	read, interfaceType := cooked(14, 2, 0, 2), cooked(2, 2, 8, 2)
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		from := len(dst)
		dst = interfaceType(c, p, i, dst)
		gre := len(dst) > from && dst[from].Int == 778
		dst = read(c, p, i, dst[:from])
		if len(dst) == from {
			return dst
		}
		is := cookedEther
		switch {
		case gre:
			is = cookedGRE
		case dst[from].Int < 0x0600:
			is = cookedLinux
		}
		if is != kind {
			return dst[:from]
		}
		return dst
	}
}

// cookedAddress is where the eight bytes for the sender's address are and how many of them are used.
func cookedAddress(l *ingest.Layer) (room []byte, used int) {
	if l.Header == 20 {
		return span(l.Bytes, 12, 8), min(8, int(be(span(l.Bytes, 11, 1))))
	}
	return span(l.Bytes, 6, 8), min(8, int(be(span(l.Bytes, 4, 2))))
}

// cookedSource reads addresses of least to most bytes.
func cookedSource(least, most int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		room, n := cookedAddress(&p.Layers[i])
		if room != nil && n >= least && n <= most {
			dst = append(dst, Value{Bytes: room[:n]})
		}
		return dst
	}
}

func cookedSource4(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if room, n := cookedAddress(&p.Layers[i]); room != nil && n == 4 {
		dst = append(dst, Value{Addr: netip.AddrFrom4([4]byte(room)), Bytes: room[:4]})
	}
	return dst
}

func cookedUnused(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if room, n := cookedAddress(&p.Layers[i]); room != nil && n < len(room) {
		dst = append(dst, Value{Bytes: room[n:]})
	}
	return dst
}

// nullFamily is in the byte order of the capturing host: families are small, so the bytes tell which.
func nullFamily(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := span(p.Layers[i].Bytes, 0, 4)
	if b == nil {
		return dst
	}
	n := be(b)
	if n > 0xffff {
		n = int64(b[3])<<24 | int64(b[2])<<16 | int64(b[1])<<8 | int64(b[0])
	}
	return append(dst, Value{Int: n})
}
