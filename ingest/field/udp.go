package field

import (
	"bytes"
	"fmt"

	"icmpsift/ingest"
)

var udpFields = in(ingest.ProtoUDP,
	row("udp", Protocol, ports(header), "UDP header"),
	row("udp.srcport", Uint16, ports(number(0, 2)), "source port").alsoIn(ingest.ProtoUDPLite),
	row("udp.dstport", Uint16, number(2, 2), "destination port").alsoIn(ingest.ProtoUDPLite),
	row("udp.port", Uint16, ports(both(number(0, 2), number(2, 2))), "source and destination port").alsoIn(ingest.ProtoUDPLite),
	row("udp.possible_traceroute", None, tracerouteProbe, "expert item: a destination port of classic traceroute"),
	row("udp.length", Uint16, udpLength, "bytes of the datagram, header included").alsoIn(ingest.ProtoUDPLite),
	row("udp.length.bad", None, badUDPLength, "expert error: the length is impossible"),
	row("udp.length.bad_zero", None, zeroUDPLength, "expert error: no length, which only jumbograms may have"),
	row("udp.checksum", Uint16, soundUDP(number(6, 2)), "checksum as sent, 0 for none").hex().alsoIn(ingest.ProtoUDPLite),
	row("udp.checksum.status", Uint8, soundUDP(udpChecksum), "not present, illegal (none in IPv6) or unverified: Wireshark does not check it by default").named(checksumNames).alsoIn(ingest.ProtoUDPLite),
	row("udp.checksum.zero", None, soundUDP(illegalChecksum), "expert error: no checksum, which IPv6 demands").alsoIn(ingest.ProtoUDPLite),
	row("udp.payload", Bytes, soundUDP(udpPayload), "what the datagram carries").alsoIn(ingest.ProtoUDPLite),
)

// soundUDP reads from headers whose length is possible: 8 or more, or 0 for an IPv6 jumbogram (RFC 2675); the coverage that
// UDP-Lite has in its place may be 0 for all.
func soundUDP(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if n := be(span(p.Layers[i].Bytes, 4, 2)); n >= 8 || n == 0 && (inIPv6(p, i) || p.Layers[i].Proto == ingest.ProtoUDPLite) {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// udpLength is the header's, but UDP-Lite has none: its packet's counts (RFC 3828).
func udpLength(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if l := &p.Layers[i]; l.Proto == ingest.ProtoUDPLite && len(l.Bytes) >= 6 {
		return append(dst, Value{Int: int64(l.Reported), Bytes: l.Bytes[4:6]})
	}
	return number(4, 2)(c, p, i, dst)
}

// inIPv6 tells whether an IPv6 header carries the layer.
func inIPv6(p *ingest.Packet, i int) bool {
	for k := int(p.Layers[i].Parent); k >= 0; k = int(p.Layers[k].Parent) {
		switch p.Layers[k].Proto {
		case ingest.ProtoIPv6:
			return true
		case ingest.ProtoIPv4:
			return false
		}
	}
	return false
}

// badUDPLength: too small anywhere, or more than the IP header's where it is not quoted.
func badUDPLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	b := span(l.Bytes, 4, 2)
	if b == nil {
		return dst
	}
	n := int(be(b))
	if n < 8 && (n > 0 || !inIPv6(p, i)) || n > l.Reported && l.Quoted == 0 {
		dst = append(dst, Value{Int: int64(n)})
	}
	return dst
}

func badLengthMessage(_ *ingest.Packet, _ int, v Value) string {
	if v.Int < 8 {
		return fmt.Sprintf("Bad length value %d < 8", v.Int)
	}
	return fmt.Sprintf("Bad length value %d > IP payload length", v.Int)
}

func zeroUDPLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if b := span(l.Bytes, 4, 2); b != nil && be(b) == 0 && inIPv6(p, i) && l.Reported < 65536 {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func udpChecksum(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	b := span(l.Bytes, 6, 2)
	if b == nil {
		return dst
	}
	if be(b) != 0 {
		return append(dst, Value{Int: int64(ingest.ChecksumUnverified)})
	}
	status := ingest.ChecksumNotPresent
	if l.Quoted == 0 && (inIPv6(p, i) || l.Proto == ingest.ProtoUDPLite) { // which demand one
		status = ingest.ChecksumIllegal
	}
	return append(dst, Value{Int: int64(status), Bytes: b}) // Wireshark marks the bytes of these alone
}

func illegalChecksum(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	from := len(dst)
	if dst = udpChecksum(c, p, i, dst); len(dst) > from && dst[from].Int != int64(ingest.ChecksumIllegal) {
		dst = dst[:from]
	}
	return dst
}

// udpPayload is everything the IP header carries behind this one, whatever the length here says.
func udpPayload(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if n := be(span(l.Bytes, 4, 2)); n == 8 && l.Proto == ingest.ProtoUDP {
		return dst
	}
	if l.Parent < 0 || len(l.Bytes) < 8 {
		return carried(c, p, i, dst)
	}
	if b := p.Layers[l.Parent].Payload(); len(b) > 8 && bytes.HasPrefix(b, l.Bytes) { // not reassembled
		return append(dst, Value{Bytes: b[8:]})
	}
	return carried(c, p, i, dst)
}

// carried is what stands behind the layer's header, if anything.
func carried(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Payload(); len(b) > 0 {
		dst = append(dst, Value{Bytes: b})
	}
	return dst
}
