package field

import "icmpsift/ingest"

var ethernetFields = in(ingest.ProtoEthernet,
	row("eth", Protocol, header, "Ethernet II or 802.3 header"),
	row("eth.dst", Ether, octets(0, 6), "destination MAC address"),
	row("eth.dst_resolved", String, octets(0, 6), "destination MAC address as text").asMAC(),
	row("eth.dst.ig", Boolean, bits(0, 3, 0x010000), "the destination is a group address").named(groupAddress),
	row("eth.dst.lg", Boolean, bits(0, 3, 0x020000), "the destination is locally administered").named(localAddress),
	row("eth.dst.oui", Uint24, number(0, 3), "vendor number of the destination"),
	row("eth.src", Ether, octets(6, 6), "source MAC address"),
	row("eth.src_resolved", String, octets(6, 6), "source MAC address as text").asMAC(),
	row("eth.src.ig", Boolean, bits(6, 3, 0x010000), "the source is a group address").named(groupAddress),
	row("eth.src.lg", Boolean, bits(6, 3, 0x020000), "the source is locally administered").named(localAddress),
	row("eth.src.oui", Uint24, number(6, 3), "vendor number of the source"),
	row("eth.addr", Ether, both(octets(0, 6), octets(6, 6)), "destination and source MAC address"),
	row("eth.addr_resolved", String, both(octets(0, 6), octets(6, 6)), "destination and source MAC address as text").asMAC(),
	row("eth.addr.oui", Uint24, both(number(0, 3), number(6, 3)), "vendor numbers of destination and source"),
	row("eth.ig", Boolean, both(bits(0, 3, 0x010000), bits(6, 3, 0x010000)), "destination, source: group address").named(groupAddress),
	row("eth.lg", Boolean, both(bits(0, 3, 0x020000), bits(6, 3, 0x020000)), "destination, source: locally administered").named(localAddress),
	row("eth.type", Uint16, etherType, "EtherType of what the frame carries").hex().named(etherTypes),
	row("eth.len", Uint16, etherLength, "length of an 802.3 frame's payload"),
	row("eth.invalid_lentype", Uint16, lengthOrType(1501, 0x05ff), "a number that is neither an EtherType nor a possible length").hex(),
	row("eth.invalid_lentype.expert", None, lengthOrType(1501, 0x05ff), "expert warning: neither an EtherType nor a possible length"),
	row("eth.len.past_end", None, lengthPastEnd, "expert error: the length exceeds what the frame holds"),
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

// etherType: numbers below 0x600 are a length, up to 1500 (IEEE 802.3).
var (
	etherType   = lengthOrType(0x0600, 0xffff)
	etherLength = lengthOrType(0, 1500)
)

// lengthOrType reads the header's last number if it lies between low and high.
func lengthOrType(low, high int64) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, 12, 2); b != nil && be(b) >= low && be(b) <= high {
			dst = append(dst, Value{Int: be(b), Bytes: b, reading: readNumber})
		}
		return dst
	}
}

func lengthPastEnd(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	from := len(dst)
	if dst = etherLength(c, p, i, dst); len(dst) > from && dst[from].Int <= int64(p.Layers[i].Reported-14) {
		dst = dst[:from]
	}
	return dst
}

// asMAC spells MAC addresses out: what Wireshark shows as resolved when it resolves no names.
func (f Field) asMAC() Field {
	return f.spelled(Ether, func(dst []byte, v Value) []byte { return appendColon(dst, v.Bytes) })
}

// minimum is what an Ethernet frame is padded to, frame check sequence not counted (IEEE 802.3).
const minimum = 60

// behind splits what follows the payload of an Ethernet header into padding, trailer and, of the frame's own header, frame
// check sequence, as captured; bad tells that the bytes in the place of padding are not zero, and so count as trailer; since 4.4 the zeros
// before the first other byte are padding all the same.
func behind(c *Context, p *ingest.Packet, i int) (pad, rest, check []byte, bad bool) {
	frame, wire, end := p.Layers[i].Bytes, p.Layers[i].Reported, payloadEnd(p, i)
	if end < 0 || end >= len(frame) {
		return nil, nil, nil, false
	}
	start := end
	if end < minimum && wire >= minimum {
		if len(frame) < minimum {
			return nil, nil, nil, false
		}
		start = end + leadingZeros(frame[end:minimum])
		if start < minimum && (start == end || !c.since("4.4")) {
			start, bad = end, true
		}
	}
	stop := wire
	if i == 0 && stop-start >= 4 && (p.FCS == 4 || wire >= minimum+4) { // else the frame is too short to have its check sequence
		stop -= 4
	}
	stop = min(stop, len(frame))
	return frame[end:start], frame[start:max(start, stop)], frame[max(start, stop):], bad
}

func leadingZeros(b []byte) (n int) {
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// payloadEnd is where the datagram that the link header at from carries ends, counted from that header; -1 when it is none
// whose length is known.
func payloadEnd(p *ingest.Packet, from int) int {
	end := 0
	for i := from; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		switch l.Proto {
		case ingest.ProtoEthernet, ingest.ProtoVLAN, ingest.ProtoQinQ, ingest.ProtoPPPoE, ingest.ProtoPPP, ingest.ProtoMPLS, ingest.ProtoLLC:
			end += l.Header
		case ingest.ProtoIPv4:
			if len(l.Bytes) == 0 || soundness(l) < soundLength { // Wireshark gave up before it knew the length
				return -1
			}
			return end + len(l.Bytes)
		case ingest.ProtoIPv6:
			return end + len(l.Bytes)
		case ingest.ProtoARP:
			if !arpWhole(l.Bytes) {
				return -1
			}
			return end + arpLength(l.Bytes)
		default:
			return -1
		}
	}
	return -1
}

func padding(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if pad, _, _, _ := behind(c, p, i); len(pad) > 0 {
		dst = append(dst, Value{Bytes: pad})
	}
	return dst
}

func trailer(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, rest, _, _ := behind(c, p, i); len(rest) > 0 {
		dst = append(dst, Value{Bytes: rest})
	}
	return dst
}

func frameCheck(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, check, _ := behind(c, p, i); len(check) == 4 {
		dst = append(dst, Value{Int: be(check), Bytes: check})
	}
	return dst
}

func frameCheckStatus(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, check, _ := behind(c, p, i); len(check) == 4 {
		dst = append(dst, Value{Int: int64(ingest.ChecksumUnverified)})
	}
	return dst
}

func paddingBad(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if _, _, _, bad := behind(c, p, i); bad {
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
	row("vlan.etype", Uint16, vlanNumber(0x0600, 0xffff), "EtherType of what the tagged frame carries").hex().named(etherTypes),
	row("vlan.len", Uint16, vlanNumber(0, 1500), "length of a tagged 802.3 frame's payload"),
), in(ingest.ProtoQinQ,
	row("ieee8021ad", Protocol, header, "802.1ad service tag"),
	row("ieee8021ad.priority", Uint16, bits(0, 2, 0xe000), "priority code point of the service tag").named(priorities),
	row("ieee8021ad.dei", Uint16, bits(0, 2, 0x1000), "drop eligible"),
	row("ieee8021ad.id", Uint16, bits(0, 2, 0x0fff), "VLAN id of the service tag"),
)...)

// vlanNumber reads the number behind a tag if it lies between low and high: an EtherType or a length.
func vlanNumber(low, high int64) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, 2, 2); b != nil && be(b) >= low && be(b) <= high {
			dst = append(dst, Value{Int: be(b), Bytes: b, reading: readNumber})
		}
		return dst
	}
}

var eligible = map[int64]string{0: "Ineligible", 1: "Eligible"}

// priorities are those of IEEE 802.1Q-2005 and later.
var priorities = map[int64]string{
	0: "Best Effort (default)", 1: "Background", 2: "Excellent Effort", 3: "Critical Applications",
	4: "Video, < 100ms latency and jitter", 5: "Voice, < 10ms latency and jitter", 6: "Internetwork Control", 7: "Network Control",
}
