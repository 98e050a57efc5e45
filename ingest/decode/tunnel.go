package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// gre is RFC 2784 and 2890, with the acknowledgement of RFC 2637.
func gre(d *Decoder, s span) (step, span) {
	length := greLength(s.bytes)
	layer := d.add(ingest.ProtoGRE, s, length)
	if !d.need(s, length) || d.gre.DecodeFromBytes(s.bytes, feedback) != nil { // gopacket reads on without looking how far
		return nil, s
	}
	next, rest := etherStep(uint16(d.gre.Protocol)), s.behind(length, layer)
	switch d.gre.Protocol {
	case 0x88be: // the sequence number tells types I and II apart
		if next = erspan1; d.gre.SeqPresent {
			next = erspan2
		}
	case 0x22eb:
		next = erspan3
	}
	if rest.wire == 0 {
		next = nil
	}
	return next, rest
}

// greLength is the length of a GRE header as its flags state it, source routes included; where the bytes end before
// that can be told, it is more than there is.
func greLength(b []byte) int {
	if len(b) < 4 {
		return 4
	}
	length := 4
	for _, flag := range [...]byte{0xc0, 0x20, 0x10} { // checksum or routing, key, sequence number
		if b[0]&flag != 0 {
			length += 4
		}
	}
	if b[0]&0x40 != 0 {
		length = greRoutes(b, length)
	}
	if b[1]&0x80 != 0 {
		length += 4
	}
	return length
}

// greRoutes skips source route entries (RFC 1701) up to the empty one.
func greRoutes(b []byte, at int) int {
	for at+4 <= len(b) {
		family, size := binary.BigEndian.Uint16(b[at:]), int(b[at+3])
		at += 4 + size
		if family == 0 && size == 0 {
			return at
		}
	}
	return max(at, len(b)+1)
}

// erspan1 has no header at all.
func erspan1(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoERSPAN, s, 0, ethernet) }

func erspan2(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoERSPAN, s, 8, ethernet) }

// erspan3 has 12 bytes of header, and 8 more where its O flag says so.
func erspan3(d *Decoder, s span) (step, span) {
	header := 12
	if len(s.bytes) >= 12 && s.bytes[11]&1 != 0 {
		header = 20
	}
	return d.wrap(ingest.ProtoERSPAN, s, header, ethernet)
}

// wrap is a header whose length and follower are known.
func (d *Decoder) wrap(proto ingest.Proto, s span, header int, next step) (step, span) {
	layer := d.add(proto, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	return next, s.behind(header, layer)
}

// etherIP is RFC 3378: two bytes, then a frame. It has no layer of its own.
func etherIP(d *Decoder, s span) (step, span) {
	if !d.need(s, 2) {
		return nil, s
	}
	return ethernet, s.behind(2, int(s.parent))
}

func vxlan(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 8 || d.vxlan.DecodeFromBytes(s.bytes, feedback) != nil || !d.vxlan.ValidIDFlag {
		return data, s
	}
	return d.wrap(ingest.ProtoVXLAN, s, 8, ethernet)
}

// geneve is RFC 8926. gopacket's parser gathers options without end and computes their offset in 8 bits: read here.
func geneve(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 8 || s.bytes[0]>>6 != 0 {
		return data, s
	}
	return d.wrap(ingest.ProtoGeneve, s, 8+int(s.bytes[0]&0x3f)*4, etherStep(binary.BigEndian.Uint16(s.bytes[2:])))
}

// gtp is GTP-U version 1 (3GPP TS 29.281); only messages of type 255 carry a packet. gopacket's parser prints to
// standard output and wraps lengths at 16 bits: read here.
func gtp(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 8 || s.bytes[0]>>5 != 1 || s.bytes[0]&0x10 == 0 {
		return data, s
	}
	s = s.limit(8 + int(binary.BigEndian.Uint16(s.bytes[2:])))
	header, next := gtpLength(s.bytes), step(anyIP)
	if s.bytes[1] != 255 {
		next = data
	}
	return d.wrap(ingest.ProtoGTP, s, header, next)
}

// gtpLength is the header's length with optional fields and extension headers, whose lengths are in units of 4 bytes.
func gtpLength(b []byte) int {
	if b[0]&7 == 0 {
		return 8
	}
	at := 12
	for b[0]&4 != 0 && at <= len(b) && b[at-1] != 0 {
		if at == len(b) || b[at] == 0 {
			return len(b) + 1
		}
		at += int(b[at]) * 4
	}
	return at
}

// teredo is RFC 4380: authentication and origin indications, each announced by a zero byte, then IPv6.
func teredo(d *Decoder, s span) (step, span) {
	b, header := s.bytes, 0
	if len(b) >= 13 && b[0] == 0 && b[1] == 1 {
		header = 13 + int(b[2]) + int(b[3])
	}
	if len(b) >= header+8 && b[header] == 0 && b[header+1] == 0 {
		header += 8
	}
	if len(b) <= header || b[header]>>4 != 6 {
		return data, s
	}
	return d.wrap(ingest.ProtoTeredo, s, header, ipv6)
}

// mpls is one label of RFC 3032; below the last, the first nibble tells what there is (RFC 4928).
func mpls(d *Decoder, s span) (step, span) {
	next, rest := d.wrap(ingest.ProtoMPLS, s, 4, mpls)
	if next == nil || s.bytes[2]&1 == 0 {
		return next, rest
	}
	if len(rest.bytes) >= 4 && rest.bytes[0]>>4 == 0 { // control word of an Ethernet pseudowire, RFC 4448
		return ethernet, rest.behind(4, int(rest.parent))
	}
	return anyIP, rest
}

// pppoe is a session packet of RFC 2516.
func pppoe(d *Decoder, s span) (step, span) {
	if len(s.bytes) >= 6 {
		s = s.limit(6 + int(binary.BigEndian.Uint16(s.bytes[4:])))
	}
	if len(s.bytes) >= 2 && s.bytes[1] != 0 {
		return data, s
	}
	return d.wrap(ingest.ProtoPPPoE, s, 6, ppp)
}

// ppp is RFC 1661, with the HDLC address and control bytes of RFC 1662 where they were not left out, and a protocol of
// one byte where it was compressed.
func ppp(d *Decoder, s span) (step, span) {
	b, header := s.bytes, 0
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		header = 2
	}
	if len(b) > header && b[header]&1 != 0 {
		header, b = header+1, b[header:header+1]
	} else {
		header, b = header+2, b[min(header, len(b)):min(header+2, len(b))]
	}
	return d.wrap(ingest.ProtoPPP, s, header, pppStep(b))
}

func pppStep(protocol []byte) step {
	n := 0
	for _, b := range protocol {
		n = n<<8 | int(b)
	}
	switch n {
	case 0x21:
		return ipv4
	case 0x57:
		return ipv6
	case 0x281, 0x283:
		return mpls
	}
	return data
}
