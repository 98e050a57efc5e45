package field

import "icmpsift/ingest"

var ethernetFields = in(ingest.ProtoEthernet,
	row("eth", Protocol, header, "Ethernet II or 802.3 header"),
	row("eth.dst", Ether, octets(0, 6), "destination MAC address"),
	row("eth.dst.ig", Boolean, bits(0, 3, 0x010000), "the destination is a group address").named(groupAddress),
	row("eth.dst.lg", Boolean, bits(0, 3, 0x020000), "the destination is locally administered").named(localAddress),
	row("eth.dst.oui", Uint24, number(0, 3), "vendor number of the destination"),
	row("eth.src", Ether, octets(6, 6), "source MAC address"),
	row("eth.src.ig", Boolean, bits(6, 3, 0x010000), "the source is a group address").named(groupAddress),
	row("eth.src.lg", Boolean, bits(6, 3, 0x020000), "the source is locally administered").named(localAddress),
	row("eth.src.oui", Uint24, number(6, 3), "vendor number of the source"),
	row("eth.addr", Ether, both(octets(0, 6), octets(6, 6)), "destination and source MAC address"),
	row("eth.addr.oui", Uint24, both(number(0, 3), number(6, 3)), "vendor numbers of destination and source"),
	row("eth.ig", Boolean, both(bits(0, 3, 0x010000), bits(6, 3, 0x010000)), "destination, source: group address").named(groupAddress),
	row("eth.lg", Boolean, both(bits(0, 3, 0x020000), bits(6, 3, 0x020000)), "destination, source: locally administered").named(localAddress),
	row("eth.type", Uint16, etherType, "EtherType of what the frame carries").hex().named(etherTypes),
	row("eth.len", Uint16, etherLength, "length of an 802.3 frame's payload"),
	row("eth.padding", Bytes, padding, "zeros behind the payload that fill the frame to its minimum of 60 bytes"),
	row("eth.trailer", Bytes, trailer, "bytes behind the payload that are not padding"),
	row("eth.fcs", Uint32, frameCheck, "last four bytes of a frame long enough to have its check sequence").hex(),
	row("eth.fcs.status", Uint8, frameCheckStatus, "always unverified: Wireshark does not check it by default").named(checksumNames),
	row("eth.src_not_group", None, groupSource, "expert warning: the source is a group address"),
	row("eth.padding_bad", None, paddingBad, "expert note: the padding is not zeros"),
)

var groupAddress = map[int64]string{0: "Individual address (unicast)", 1: "Group address (multicast/broadcast)"}

var localAddress = map[int64]string{
	0: "Globally unique address (factory default)",
	1: "Locally administered address (this is NOT the factory default)",
}

// etherType: numbers below 0x600 are a length (IEEE 802.3).
func etherType(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 12, 2); b != nil && be(b) >= 0x0600 {
		dst = append(dst, Value{Int: be(b)})
	}
	return dst
}

func etherLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 12, 2); b != nil && be(b) <= 1500 {
		dst = append(dst, Value{Int: be(b)})
	}
	return dst
}

// minimum is what an Ethernet frame is padded to, frame check sequence not counted (IEEE 802.3).
const minimum = 60

// behind splits what follows the payload of the frame's outermost Ethernet header into padding, trailer and frame check
// sequence, as captured; bad tells that bytes in the place of padding are not zero, and so count as trailer.
func behind(p *ingest.Packet, i int) (pad, rest, check []byte, bad bool) {
	end := payloadEnd(p)
	if i != 0 || end < 0 || end >= len(p.Data) {
		return nil, nil, nil, false
	}
	start := end
	if end < minimum && p.Wire >= minimum {
		if len(p.Data) < minimum {
			return nil, nil, nil, false
		}
		start, bad = minimum, !zeros(p.Data[end:minimum])
		if bad {
			start = end
		}
	}
	stop := p.Wire
	if stop-start >= 4 && (p.FCS == 4 || p.Wire >= minimum+4) { // else the frame is too short to have its check sequence
		stop -= 4
	}
	stop = min(stop, len(p.Data))
	return p.Data[end:start], p.Data[start:max(start, stop)], p.Data[max(start, stop):], bad
}

func zeros(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

// payloadEnd is where the datagram that the frame carries ends, -1 when it is none whose length is known.
func payloadEnd(p *ingest.Packet) int {
	end := 0
	for i := range p.Layers {
		l := &p.Layers[i]
		switch l.Proto {
		case ingest.ProtoEthernet, ingest.ProtoVLAN, ingest.ProtoQinQ, ingest.ProtoPPPoE, ingest.ProtoPPP, ingest.ProtoMPLS, ingest.ProtoLLC:
			end += l.Header
		case ingest.ProtoIPv4, ingest.ProtoIPv6:
			return end + len(l.Bytes)
		case ingest.ProtoARP:
			return end + l.Header
		default:
			return -1
		}
	}
	return -1
}

func padding(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if pad, _, _, _ := behind(p, i); len(pad) > 0 {
		dst = append(dst, Value{Bytes: pad})
	}
	return dst
}

func trailer(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, rest, _, _ := behind(p, i); len(rest) > 0 {
		dst = append(dst, Value{Bytes: rest})
	}
	return dst
}

func frameCheck(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, check, _ := behind(p, i); len(check) == 4 {
		dst = append(dst, Value{Int: be(check)})
	}
	return dst
}

func frameCheckStatus(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, check, _ := behind(p, i); len(check) == 4 {
		dst = append(dst, Value{Int: int64(ingest.ChecksumUnverified)})
	}
	return dst
}

func paddingBad(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, _, bad := behind(p, i); bad {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func groupSource(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 6, 1); b != nil && b[0]&1 != 0 {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

var vlanFields = append(in(ingest.ProtoVLAN,
	row("vlan", Protocol, header, "802.1Q tag"),
	row("vlan.priority", Uint16, bits(0, 2, 0xe000), "priority code point").named(priorities),
	row("vlan.dei", Boolean, bits(0, 2, 0x1000), "drop eligible").named(eligible),
	row("vlan.id", Uint16, bits(0, 2, 0x0fff), "VLAN id"),
	row("vlan.etype", Uint16, number(2, 2), "EtherType of what the tagged frame carries").hex().named(etherTypes),
), in(ingest.ProtoQinQ,
	row("ieee8021ad", Protocol, header, "802.1ad service tag"),
	row("ieee8021ad.priority", Uint16, bits(0, 2, 0xe000), "priority code point of the service tag").named(priorities),
	row("ieee8021ad.dei", Uint16, bits(0, 2, 0x1000), "drop eligible"),
	row("ieee8021ad.id", Uint16, bits(0, 2, 0x0fff), "VLAN id of the service tag"),
)...)

var eligible = map[int64]string{0: "Ineligible", 1: "Eligible"}

// priorities are those of IEEE 802.1Q-2005 and later.
var priorities = map[int64]string{
	0: "Best Effort (default)", 1: "Background", 2: "Excellent Effort", 3: "Critical Applications",
	4: "Video, < 100ms latency and jitter", 5: "Voice, < 10ms latency and jitter", 6: "Internetwork Control", 7: "Network Control",
}

// cookedFields cover Linux cooked captures, versions 1 (16-byte header) and 2 (20 bytes), and BSD null/loop.
var cookedFields = append(in(ingest.ProtoSLL,
	row("sll", Protocol, header, "Linux cooked capture header"),
	row("sll.etype", Uint16, cooked(14, 2, 0, 2), "EtherType of what the frame carries").hex().named(etherTypes),
	row("sll.ifindex", Uint32, cooked(0, 0, 4, 4), "index of the interface on the capturing host (version 2)"),
	row("sll.hatype", Uint16, cooked(2, 2, 8, 2), "ARPHRD_ type of the interface"),
	row("sll.pkttype", Uint16, cooked(0, 2, 10, 1), "direction of the packet").named(packetTypes),
	row("sll.halen", Uint16, cooked(4, 2, 11, 1), "length of the sender's link-layer address"),
	row("sll.src.eth", Ether, cookedSource, "sender's MAC address"),
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
			dst = append(dst, Value{Int: be(b)})
		}
		return dst
	}
}

func cookedSource(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	length, off := span(l.Bytes, 4, 2), 6
	if l.Header == 20 {
		length, off = span(l.Bytes, 11, 1), 12
	}
	if b := span(l.Bytes, off, 6); b != nil && be(length) == 6 {
		dst = append(dst, Value{Bytes: b})
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

var arpFields = in(ingest.ProtoARP,
	row("arp", Protocol, header, "Address Resolution Protocol packet"),
	row("arp.hw.type", Uint16, number(0, 2), "hardware type, 1 is Ethernet"),
	row("arp.proto.type", Uint16, number(2, 2), "EtherType of the addresses asked for").hex().named(etherTypes),
	row("arp.hw.size", Uint8, number(4, 1), "bytes of a hardware address"),
	row("arp.proto.size", Uint8, number(5, 1), "bytes of a protocol address"),
	row("arp.opcode", Uint16, number(6, 2), "1 request, 2 reply").named(arpOpcodes),
	row("arp.src.hw_mac", Ether, arp(octets(8, 6)), "sender's MAC address"),
	row("arp.src.proto_ipv4", IPv4, arp(ip4(14)), "sender's IPv4 address"),
	row("arp.dst.hw_mac", Ether, arp(octets(18, 6)), "target's MAC address"),
	row("arp.dst.proto_ipv4", IPv4, arp(ip4(24)), "target's IPv4 address"),
)

var arpOpcodes = map[int64]string{1: "request", 2: "reply", 3: "reverse request", 4: "reverse reply", 8: "inverse request", 9: "inverse reply"}

// arp reads from packets that ask for IPv4 addresses on Ethernet (RFC 826).
func arp(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, 0, 28); b != nil && be(b[2:6]) == 0x08000604 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}
