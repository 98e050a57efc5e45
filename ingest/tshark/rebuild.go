package tshark

import "encoding/binary"

// rebuild makes the bytes of one packet from the values of its fields: what the native decoder then reads is what tshark
// read. Bytes that no field tells stay unknown.
type rebuild struct {
	number   int64
	arrived  func(frame int64) bool // a fragment of that number was in the export
	bytewise bool                   // ip.frag_offset is in bytes: Wireshark before 4.0
	src, dst []byte                 // of the IP header in hand
	quoted   bool                   // inside an ICMP error, where tshark does not check checksums
	partial  bool                   // the IP header in hand is longer than what there is of it

	message              bool // an ICMP message that is not quoted was met
	proven, contradicted bool // by its checksum
	folded               bool // a datagram was put together although fragments of it are missing in the export
	dropped              bool // options or extension headers that cannot be rebuilt were left out
}

// chain is layers one behind the other, each carrying the next.
type chain []*layer

// encode gives the bytes of the chain's first layer and of all it carries. size is how many there should be, -1 if
// nobody tells.
func (r *rebuild) encode(c chain, size int) span {
	if len(c) == 0 {
		return span{}
	}
	l, rest := c[0], c[1:]
	switch l.name {
	case "eth":
		return r.ethernet(l, rest, size)
	case "vlan":
		return r.wrap(l.header(4, vlanSlots...), rest, size)
	case "ieee8021ad":
		return r.wrap(l.header(4, qinqSlots...), rest, size)
	case "sll":
		return r.cooked(l, rest, size)
	case "raw":
		return r.encode(rest, size)
	case "mpls":
		return r.wrap(l.header(4, mplsSlots...), rest, size)
	case "vxlan":
		return r.wrap(l.header(8, vxlanSlots...), rest, size)
	case "gre":
		return r.gre(l, rest, size)
	case "ah":
		return r.ah(l, rest, size)
	case "arp":
		return l.header(28, arpSlots...)
	case "ip":
		return r.ip4(l, rest, size)
	case "ipv6":
		return r.ip6(l, rest, size)
	case "udp":
		return r.udp(l, rest, size)
	case "tcp":
		return r.tcp(l)
	case "icmp":
		return r.icmp4(l, rest, size)
	case "icmpv6":
		return r.icmp6(l, rest, size)
	case "data":
		return payload(l)
	}
	return blank(max(0, size))
}

// encodable are the layers that may stand in front of an IP header.
var encodable = map[string]bool{"eth": true, "vlan": true, "ieee8021ad": true, "sll": true, "raw": true, "mpls": true, "vxlan": true, "gre": true, "ip": true,
	"ipv6": true, "udp": true, "ah": true}

// wrap puts a header in front of what the rest of the chain makes.
func (r *rebuild) wrap(s span, rest chain, size int) span {
	s.add(r.encode(rest, left(size, len(s.b))))
	return s
}

// left is what is left of a size behind n bytes, -1 if nobody tells the size.
func left(size, n int) int {
	if size < 0 {
		return -1
	}
	return max(0, size-n)
}

// payload is the bytes of a data layer.
func payload(l *layer) span {
	v, _ := l.peek("data.data")
	b, _ := octets(v)
	return told(b)
}

// ethernet is the header, what it carries and what fills up the frame. IP says how long it is itself; of anything else
// the end is not told, and neither is where padding begins.
func (r *rebuild) ethernet(l *layer, rest chain, size int) span {
	s := r.wrap(l.header(14, ethernetSlots...), rest, size)
	for _, name := range []string{"eth.padding", "eth.trailer"} {
		if v, ok := l.take(name); ok {
			b, _ := octets(v)
			s.add(told(b))
		}
	}
	if v, ok := l.take("eth.fcs"); ok {
		n, _ := integer(v)
		check := blank(4)
		check.number(0, 4, 0, n)
		s.add(check)
	}
	return s
}

// cooked is Linux cooked capture, of which version 2 alone names the interface.
func (r *rebuild) cooked(l *layer, rest chain, size int) span {
	if l.has("sll.ifindex") {
		s := l.header(20, cooked2Slots...)
		return r.wrap(r.address(l, s, 12), rest, size)
	}
	return r.wrap(r.address(l, l.header(16, cooked1Slots...), 6), rest, size)
}

// address marks the bytes behind a short link-layer address as the zeros the kernel writes: loopback has none at all.
// Nothing there is evidence, so these zeros need no proof.
func (r *rebuild) address(l *layer, s span, at int) span {
	used, ok := l.number("sll.halen")
	if !ok || used > 8 {
		return s
	}
	for i := at + used; i < at+8; i++ {
		s.known[i] = 0xff
	}
	if len(s.b) == 20 {
		s.known[2], s.known[3] = 0xff, 0xff // reserved, zero
	}
	return s
}

// gre is RFC 2890: what flags announce follows in order.
func (r *rebuild) gre(l *layer, rest chain, size int) span {
	s := l.header(4, num("gre.flags_and_version", 0, 2), num("gre.proto", 2, 2))
	flags, _ := l.number("gre.flags_and_version")
	for _, o := range []struct {
		flag int
		slot slot
	}{{0x8000, num("gre.checksum", 0, 2)}, {0x2000, num("gre.key", 0, 4)}, {0x1000, num("gre.sequence_number", 0, 4)}, {0x0080, num("gre.ack_number", 0, 4)}} {
		if flags&o.flag == 0 {
			continue
		}
		part := l.header(4, o.slot)
		if o.flag == 0x8000 {
			l.fill(&part, 0, num("gre.offset", 2, 2))
		}
		s.add(part)
	}
	return r.wrap(s, rest, size)
}

// ah is RFC 4302: twelve bytes and the check value, whose length is in units of four bytes, two of them less.
func (r *rebuild) ah(l *layer, rest chain, size int) span {
	words, _ := l.number("ah.length")
	s := l.header(min(words, 255)*4+8, num("ah.next_header", 0, 1), num("ah.length", 1, 1), oct("ah.reserved", 2, 2), num("ah.spi", 4, 4), num("ah.sequence", 8, 4))
	for _, name := range []string{"ah.icv", "ah.iv"} {
		if v, ok := l.peek(name); ok {
			b, _ := octets(v)
			s.put(12, b)
		}
	}
	return r.wrap(s, rest, size)
}

// udp is RFC 768. Its payload is mostly told whole.
func (r *rebuild) udp(l *layer, rest chain, size int) span {
	s := l.header(8, udpSlots...)
	v, whole := l.peek("udp.payload")
	if b, ok := octets(v); whole && ok {
		s.add(told(b))
	} else {
		s.add(r.encode(rest, left(size, 8)))
	}
	if n, ok := l.number("udp.length"); ok && n >= 8 && n < len(s.b) {
		s.limit(n)
	}
	return s
}

// tcp is RFC 9293, as far as it is told; errors quote 8 bytes of it.
func (r *rebuild) tcp(l *layer) span {
	s := l.header(20, tcpSlots...)
	n, ok := l.number("tcp.hdr_len")
	if v, told := l.peek("tcp.seq"); told && !l.has("tcp.seq_raw") { // in an error tshark may not know the first number, and shows it as it is
		seq, _ := integer(v)
		s.suppose(4, binary.BigEndian.AppendUint32(nil, uint32(seq)))
	}
	if !ok || n < 20 {
		s.limit(8)
		return s
	}
	s.number(12, 1, 0xf0, uint64(n/4))
	for _, name := range []string{"tcp.options", "tcp.payload"} {
		if v, ok := l.peek(name); ok {
			b, _ := octets(v)
			s.add(told(b))
		}
		if name == "tcp.options" {
			s.limit(n)
		}
	}
	return s
}
