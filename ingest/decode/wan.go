package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// frameRelay is Q.922 with RFC 2427's multiprotocol header, or Cisco's: an Ethernet type at once.
func frameRelay(d *Decoder, s span) (step, span) {
	n := 2
	for n < 4 && len(s.bytes) >= n && s.bytes[n-1]&1 == 0 { // address extension
		n++
	}
	if !d.need(s, n+2) {
		d.add(ingest.ProtoFrameRelay, s, n+2)
		return nil, s
	}
	if s.bytes[n] != 0x03 { // unnumbered information
		return etherStep(binary.BigEndian.Uint16(s.bytes[n:])), s.behind(n+2, d.add(ingest.ProtoFrameRelay, s, n+2))
	}
	if n++; s.bytes[n] == 0 { // padding
		n++
	}
	return d.frameRelayID(s, n)
}

// frameRelayID goes on behind the NLPID at n.
func (d *Decoder) frameRelayID(s span, n int) (step, span) {
	if !d.need(s, n+1) {
		d.add(ingest.ProtoFrameRelay, s, n+1)
		return nil, s
	}
	id := s.bytes[n]
	if next := nlpid(id); next != nil {
		return next, s.behind(n+1, d.add(ingest.ProtoFrameRelay, s, n+1))
	}
	if id == 0x80 && len(s.bytes) >= n+6 {
		next, _ := snap(s.bytes[n+1:])
		return next, s.behind(n+6, d.add(ingest.ProtoFrameRelay, s, n+6))
	}
	return data, s.behind(n+1, d.add(ingest.ProtoFrameRelay, s, n+1))
}

// chdlc is Cisco HDLC: address, control, Ethernet type.
func chdlc(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 4 {
		switch t := binary.BigEndian.Uint16(s.bytes[2:]); t {
		case 0x0800, 0x86dd, 0x6558, 0x8847, 0x8848:
			next = etherStep(t)
		case 0xfefe:
			next = osi
		}
	}
	return d.wrap(ingest.ProtoCHDLC, s, 4, next)
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

// pppDirection is PPP behind a byte that tells which way the packet went. Wireshark counts the byte as PPP's.
func pppDirection(d *Decoder, s span) (step, span) {
	if !d.need(s, 1) {
		return nil, s
	}
	return ppp, s.behind(1, -1)
}

// ppp is RFC 1661, with the HDLC address and control bytes of RFC 1662 where they were not left out, and a protocol of
// one byte where it was compressed. Cisco HDLC is told by its own address.
func ppp(d *Decoder, s span) (step, span) {
	b, header := s.bytes, 0
	if len(b) >= 1 && (b[0] == 0x0f || b[0] == 0x8f) {
		return chdlc, s.behind(0, d.add(ingest.ProtoPPP, s, 0))
	}
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
	case 0x21, 0x0800:
		return ipv4
	case 0x57, 0x86dd:
		return ipv6
	case 0x23:
		return osi
	case 0x31:
		return bcp
	case 0x3d:
		return multilink
	case 0x4b:
		return llc
	case 0x281, 0x283:
		return mpls
	}
	return data
}

// bcp is a bridged frame in PPP (RFC 3518): flags with a count of padding, then the kind of LAN.
func bcp(d *Decoder, s span) (step, span) {
	if !d.need(s, 2) {
		d.add(ingest.ProtoBCP, s, 2)
		return nil, s
	}
	next := step(data)
	if s.bytes[1] == 1 {
		next = ethernet
	}
	return d.wrap(ingest.ProtoBCP, s, 2, next)
}

// multilink is a packet of RFC 1990 that is all in one fragment, with long sequence numbers as Wireshark takes them.
func multilink(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 1 && s.bytes[0]&0xc0 == 0xc0 { // beginning and end
		next = multilinkBody
	}
	return d.wrap(ingest.ProtoMultilink, s, 4, next)
}

// multilinkBody is a PPP protocol and what it carries, without a layer of its own.
func multilinkBody(d *Decoder, s span) (step, span) {
	n := 2
	if len(s.bytes) > 0 && s.bytes[0]&1 != 0 {
		n = 1
	}
	if !d.need(s, n) {
		return nil, s
	}
	return pppStep(s.bytes[:n]), s.behind(n, int(s.parent))
}

// clip is Classical IP over ATM as Linux captures it: IP with nothing in front.
func clip(d *Decoder, s span) (step, span) {
	return ipv4, s.behind(0, d.add(ingest.ProtoCLIP, s, 0))
}

// sunATM is Sun's header: the kind of traffic, and the circuit.
func sunATM(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 1 {
		switch s.bytes[0] & 0x0f {
		case 1:
			next = lane
		case 2:
			next = llc
		}
	}
	return d.wrap(ingest.ProtoATM, s, 4, next)
}

// lane is ATM LAN emulation: the sender's number, then an Ethernet frame.
func lane(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoLANE, s, 2, ethernet) }
