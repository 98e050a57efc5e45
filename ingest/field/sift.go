package field

import (
	"bytes"
	"hash/fnv"
	"net/netip"

	"icmpsift/ingest"
)

// siftFields are icmpsift's own: facts of the ICMP message that is really on the wire, ICMPv4 and ICMPv6 alike, whatever
// tunnels carry it and whatever it quotes. A Boolean is present with value 0 where its question applies and the answer is
// no, and absent where the question does not apply.
var siftFields = in(ingest.ProtoSift,
	row("sift.number", Uint64, timelineNumber, "place in the timeline of the case, from 1; copies share it").ahead(),
	row("sift.src", Address, packetAddress((*ingest.Packet).Src), "source address of the IP header that carries the message"),
	row("sift.dst", Address, packetAddress((*ingest.Packet).Dst), "destination address of the IP header that carries the message"),
	row("sift.version", Uint8, message(version), "4 for ICMP, 6 for ICMPv6"),
	row("sift.type", Uint8, message(octet(0)), "message type"),
	row("sift.type.name", String, message(typeName), "name of the message type"),
	row("sift.type.assigned", Boolean, message(assigned),
		"IANA assigns the type and does not deprecate it, in its own protocol; applies to every message"),
	row("sift.code", Uint8, message(octet(1)), "message code"),
	row("sift.id", Uint16, echo(word(4)), "identifier of an echo request or reply"),
	row("sift.seq", Uint16, echo(word(6)), "sequence number of an echo request or reply"),
	row("sift.ttl", Uint8, hops, "time to live or hop limit of the IP header that carries the message"),
	row("sift.dsfield", Uint8, services, "differentiated services field or traffic class of the IP header that carries the message"),
	row("sift.length", Uint32, messageLength, "bytes of the message on the wire, its header included"),
	row("sift.checksum", String, messageChecksum, `"good", "bad" or "unverified" (cut, or a fragment)`),
	row("sift.echo.request", Boolean, message(isRequest), "the message is an echo request; applies to every message"),
	row("sift.echo.reply", Boolean, message(isReply), "the message is an echo reply; applies to every message"),
	row("sift.error", Boolean, message(isError), "the message is an ICMP error (RFC 1122, RFC 4443); applies to every message"),
	row("sift.body", Bytes, message(freeBody), "what a message holds where no standard says what to put: all of a type that IANA does not assign, has withdrawn, or leaves to experiments; what follows the fields of queries; what errors hold that is no quoted datagram; unknown options of neighbor discovery; absent where it is all zero"),
	row("sift.unused", Bytes, message(unusedWord),
		"the four bytes behind the checksum of unreachables, time exceeded and source quench, which have no use for them but RFC 4884's length; absent where they hold an MTU, or are all zero"),
	row("sift.options", Bytes, looseOptions, "what the options of the IP header that carries the message hold where nothing has to stand: the data of options that no standard knows or hosts do not send, unused slots of routes and times, padding that is not zero"),
	row("sift.multicast", Boolean, isMulticast, "the destination is multicast; applies to every message"),
	row("sift.datagram", Uint32, carrierLength, "bytes of the IP datagram that carries the message, headers included, put together where it came in fragments"),
	row("sift.fragment.overlap", Boolean, overlaps, "fragments of the datagram overlap that are no copies of each other; applies to messages"),
	row("sift.fragmented", Boolean, isFragmented, "the datagram came in fragments; applies to messages and to fragments"),
	row("sift.cut", Boolean, isCut, "the capture holds less of the frame than was on the wire; applies to every frame"),
	row("sift.malformed", Boolean, isMalformed, "the packet is malformed; applies to every frame"),
	row("sift.mtu", Uint32, message(mtu), "MTU that a fragmentation needed or packet too big message asks for"),
	row("sift.zone.src", String, zone((*ingest.Packet).Src, false), zoneMeaning+"source"),
	row("sift.zone.dst", String, zone((*ingest.Packet).Dst, true), zoneMeaning+"destination"),
	row("sift.near", Address, side(true), "of the two hosts that one in the home networks; where both or none are, the one with the lower address"),
	row("sift.far", Address, side(false), "the other one of the two hosts"),
	row("sift.quoted.src", Address, quoted(quotedAddress((*ingest.Layer).Src)), "source of the datagram an error quotes"),
	row("sift.quoted.dst", Address, quoted(quotedAddress((*ingest.Layer).Dst)), "destination of the datagram an error quotes"),
	row("sift.quoted.length", Uint32, quoted(quotedLength), "bytes of the datagram an error quotes, as that datagram's header states"),
	row("sift.quoted.offset", Uint16, quoted(quotedOffset), "where the fragment that an error quotes begins in its datagram, bytes; 0 in a whole datagram"),
	row("sift.quoted.ttl", Uint8, quoted(quotedHops), "time to live or hop limit of the datagram an error quotes: what was left of it"),
	row("sift.quoted.datagram", Uint64, quoted(quotedDatagram), "number that stands for the datagram an error quotes: of its header without what routers change, and the 8 bytes behind it"),
	row("sift.quoted.proto", Uint8, quoted(quotedProtocol), "protocol of the datagram an error quotes").named(ipProtocols),
	row("sift.quoted.sport", Uint16, quoted(quotedPort(0)), "TCP or UDP source port of the datagram an error quotes"),
	row("sift.quoted.dport", Uint16, quoted(quotedPort(2)), "TCP or UDP destination port of the datagram an error quotes"),
	row("sift.quoted.payload", Bytes, quoted(quotedPayload), "what an error quotes behind the transport header of the datagram"),
)

func timelineNumber(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.Case.Number > 0 {
		dst = append(dst, Value{Int: p.Case.Number})
	}
	return dst
}

func packetAddress(get func(*ingest.Packet) netip.Addr) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if a := get(p); a.IsValid() {
			dst = append(dst, Value{Addr: a})
		}
		return dst
	}
}

// message reads from the captured bytes of the message on the wire; ok is false when they do not hold the value.
func message(get func(v6 bool, b []byte) (v Value, ok bool)) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		m := p.Message()
		if m == nil || len(m.Bytes) == 0 {
			return dst
		}
		if v, ok := get(m.Proto == ingest.ProtoICMPv6, m.Bytes); ok {
			dst = append(dst, v)
		}
		return dst
	}
}

// echo reads from echo requests and replies only.
func echo(get func(v6 bool, b []byte) (v Value, ok bool)) getter {
	read := message(get)
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if m := p.Message(); m != nil && echoes(m) {
			dst = read(c, p, i, dst)
		}
		return dst
	}
}

func version(v6 bool, _ []byte) (Value, bool) { return Value{Int: 4 + 2*truth(v6)}, true }

func octet(off int) func(bool, []byte) (Value, bool) {
	return func(_ bool, b []byte) (Value, bool) {
		if len(b) <= off {
			return Value{}, false
		}
		return Value{Int: int64(b[off])}, true
	}
}

func word(off int) func(bool, []byte) (Value, bool) {
	return func(_ bool, b []byte) (Value, bool) {
		w := span(b, off, 2)
		return Value{Int: be(w)}, w != nil
	}
}

func typeName(v6 bool, b []byte) (Value, bool) { return Value{Text: TypeName(v6, b[0])}, true }

func assigned(v6 bool, b []byte) (Value, bool) {
	if v6 {
		return Value{Int: truth(assigned6[b[0]])}, true
	}
	return Value{Int: truth(assigned4[b[0]])}, true
}

func freeBody(v6 bool, b []byte) (Value, bool) {
	free := Free(v6, b)
	return Value{Bytes: free}, len(bytes.Trim(free, "\x00")) > 0
}

// Unused tells whether a message has no use for the four bytes behind its checksum, but for RFC 4884's length.
func Unused(v6 bool, typ, code uint8) bool {
	if v6 {
		return typ == 1 || typ == 3
	}
	return typ == 3 && code != 4 || typ == 4 || typ == 11
}

func unusedWord(v6 bool, b []byte) (Value, bool) {
	if len(b) < 8 || !Unused(v6, b[0], b[1]) || be(b[4:8]) == 0 {
		return Value{}, false
	}
	return Value{Bytes: b[4:8]}, true
}

func isRequest(v6 bool, b []byte) (Value, bool) {
	return Value{Int: truth(!v6 && b[0] == 8 || v6 && b[0] == 128)}, true
}

func isReply(v6 bool, b []byte) (Value, bool) {
	return Value{Int: truth(!v6 && b[0] == 0 || v6 && b[0] == 129)}, true
}

// isError: RFC 1122, 3.2.2 lists ICMP's errors; ICMPv6's are the types below 128 (RFC 4443, 2.1).
func isError(v6 bool, b []byte) (Value, bool) {
	switch {
	case v6:
		return Value{Int: truth(b[0] < 128)}, true
	case b[0] == 3 || b[0] == 4 || b[0] == 5 || b[0] == 11 || b[0] == 12:
		return Value{Int: 1}, true
	}
	return Value{}, true
}

func hops(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.IP < 0 {
		return dst
	}
	off := 8
	if p.Layers[p.IP].Proto == ingest.ProtoIPv6 {
		off = 7
	}
	if b := span(p.Layers[p.IP].Bytes, off, 1); b != nil {
		dst = append(dst, Value{Int: int64(b[0])})
	}
	return dst
}

// carrierLength: fragments may reach past the 65,535 bytes that a header can state.
func carrierLength(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.ICMP < 0 || p.IP < 0 {
		return dst
	}
	n := p.Layers[p.IP].Reported
	if w := p.Reassembled(); w != nil {
		fragment := &p.Layers[w.Layer]
		n -= fragment.Reported
		if fragment.Proto == ingest.ProtoIPv4 {
			n += fragment.Header
		}
		n += len(w.Payload)
	}
	return append(dst, Value{Int: int64(n)})
}

// mtu: RFC 1191 and RFC 4443, 3.2.
func mtu(v6 bool, b []byte) (Value, bool) {
	switch {
	case v6 && b[0] == 2:
		m := span(b, 4, 4)
		return Value{Int: be(m)}, m != nil
	case !v6 && b[0] == 3 && len(b) > 1 && b[1] == 4:
		m := span(b, 6, 2)
		return Value{Int: be(m)}, m != nil
	}
	return Value{}, false
}

func services(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.IP < 0 {
		return dst
	}
	b := span(p.Layers[p.IP].Bytes, 0, 2)
	switch {
	case b == nil:
	case p.Layers[p.IP].Proto == ingest.ProtoIPv6:
		dst = append(dst, Value{Int: be(b) >> 4 & 255})
	default:
		dst = append(dst, Value{Int: int64(b[1])})
	}
	return dst
}

func messageLength(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if m := p.Message(); m != nil {
		dst = append(dst, Value{Int: int64(m.Reported)})
	}
	return dst
}

func messageChecksum(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	m := p.Message()
	if m == nil {
		return dst
	}
	switch m.Checksum {
	case ingest.ChecksumGood:
		return append(dst, Value{Text: "good"})
	case ingest.ChecksumBad:
		return append(dst, Value{Text: "bad"})
	}
	return append(dst, Value{Text: "unverified"})
}

func isMulticast(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if a := p.Dst(); a.IsValid() {
		dst = append(dst, Value{Int: truth(a.IsMulticast())})
	}
	return dst
}

func isFragmented(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.ICMP >= 0 || p.Fragment {
		dst = append(dst, Value{Int: truth(p.Fragment || p.Whole != nil)})
	}
	return dst
}

// overlaps looks at the datagrams put together that the message lies in. Their parts are in order of offset.
func overlaps(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.ICMP < 0 {
		return dst
	}
	found, w := false, p.Reassembled()
	for i, end := 0, 0; w != nil && i < len(w.Parts); i++ {
		x := w.Parts[i]
		copied := i > 0 && x.Offset == w.Parts[i-1].Offset && x.Length == w.Parts[i-1].Length
		found = found || x.Offset < end && (!copied || x.Flags&ingest.PartConflict != 0)
		end = max(end, x.Offset+x.Length)
	}
	return append(dst, Value{Int: truth(found)})
}

func isCut(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	return append(dst, Value{Int: truth(len(p.Data) < p.Wire)})
}

func isMalformed(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	return append(dst, Value{Int: truth(malformed(c, p))})
}

// quoted reads from the outermost datagram that the message quotes; i is the index of its IP layer.
func quoted(get getter) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		for i := max(p.ICMP, 0); p.ICMP >= 0 && i < len(p.Layers); i++ {
			if l := &p.Layers[i]; l.Quoted == 1 && (l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6) {
				return get(c, p, i, dst)
			}
		}
		return dst
	}
}

func quotedAddress(get func(*ingest.Layer) netip.Addr) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if a := get(&p.Layers[i]); a.IsValid() {
			dst = append(dst, Value{Addr: a})
		}
		return dst
	}
}

// quotedLength: an IPv6 header states the length of what follows it.
func quotedLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	off, header := 2, 0
	if p.Layers[i].Proto == ingest.ProtoIPv6 {
		off, header = 4, 40
	}
	if b := span(p.Layers[i].Bytes, off, 2); b != nil {
		dst = append(dst, Value{Int: be(b) + int64(header)})
	}
	return dst
}

func quotedHops(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	off := 8
	if p.Layers[i].Proto == ingest.ProtoIPv6 {
		off = 7
	}
	if b := span(p.Layers[i].Bytes, off, 1); b != nil {
		dst = append(dst, Value{Int: int64(b[0])})
	}
	return dst
}

// quotedDatagram leaves out the differentiated services, the time to live and the checksum. RFC 792 has errors quote the
// header and 8 bytes.
func quotedDatagram(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	b := span(l.Bytes, 0, l.Header+8)
	if b == nil {
		return dst
	}
	sum := fnv.New64a()
	if l.Proto == ingest.ProtoIPv6 {
		sum.Write(b[4:7])
		sum.Write(b[8:])
	} else {
		sum.Write(b[2:8])
		sum.Write(b[9:10])
		sum.Write(b[12:])
	}
	return append(dst, Value{Int: int64(sum.Sum64() >> 1)})
}

func quotedOffset(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 6, 2); b != nil && p.Layers[i].Proto == ingest.ProtoIPv4 {
		return append(dst, Value{Int: be(b) & 0x1fff * 8})
	}
	for k := i + 1; k < len(p.Layers) && p.Layers[i].Proto == ingest.ProtoIPv6; k++ {
		if b := span(p.Layers[k].Bytes, 2, 2); p.Layers[k].Proto == ingest.ProtoIPv6Fragment && b != nil {
			return append(dst, Value{Int: be(b) & 0xfff8})
		}
	}
	return append(dst, Value{})
}

// quotedProtocol follows IPv6 extension headers to what they lead to.
func quotedProtocol(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	off := 9
	if p.Layers[i].Proto == ingest.ProtoIPv6 {
		off = 6
	}
	next := span(p.Layers[i].Bytes, off, 1)
	for i++; i < len(p.Layers) && extends(p.Layers[i].Proto) && next != nil; i++ {
		next = span(p.Layers[i].Bytes, 0, 1)
	}
	if next != nil {
		dst = append(dst, Value{Int: int64(next[0])})
	}
	return dst
}

func quotedPort(off int) getter {
	port := number(off, 2)
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		for i++; i < len(p.Layers) && p.Layers[i].Quoted == 1; i++ {
			switch p.Layers[i].Proto {
			case ingest.ProtoUDP, ingest.ProtoTCP:
				return port(c, p, i, dst)
			}
		}
		return dst
	}
}

func quotedPayload(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	for ; i < len(p.Layers) && p.Layers[i].Quoted == 1; i++ {
		switch l := &p.Layers[i]; l.Proto {
		case ingest.ProtoUDP, ingest.ProtoTCP, ingest.ProtoICMPv4, ingest.ProtoICMPv6:
			if b := l.Payload(); len(b) > 0 {
				dst = append(dst, Value{Bytes: b})
			}
			return dst
		}
	}
	return dst
}
