package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// gre is RFC 2784 and 2890, with the acknowledgement of RFC 2637. gopacket's parser takes the flag of the latter for set in
// other versions, and reads on without looking how far: read here.
func gre(d *Decoder, s span) (step, span) {
	if s.unseen(2, 4) {
		return nil, s
	}
	length := greLength(s.bytes)
	layer := d.add(ingest.ProtoGRE, s, length)
	if !d.need(s, length) {
		return nil, s
	}
	next, rest := greStep(binary.BigEndian.Uint16(s.bytes[2:]), s.bytes), s.behind(length, layer)
	if rest.wire == 0 { // a keepalive
		next = nil
	}
	return next, rest
}

// greStep is what decodes a protocol that GRE carries, as Wireshark's table "gre.proto" has it.
func greStep(protocol uint16, header []byte) step {
	switch protocol {
	case 0x0800, 0x86dd, 0x0806, 0x6558, 0x8847, 0x8848, 0x894f:
		return etherStep(protocol)
	case 0x6400: // Cisco's Ethernet
		return ethernet
	case ingest.EtherPPP:
		return ppp
	case 0x883e:
		return wccp
	case 0x6559:
		return frameRelay
	case 0x8909:
		return greCMD
	case 0x2001:
		return nhrp
	case 0x88be: // the sequence number tells types I and II apart
		if header[0]&0x10 != 0 {
			return erspan2
		}
		return erspan1
	case 0x22eb:
		return erspan3
	}
	if protocol >= 0x8200 && protocol <= 0x8350 && protocol&0x0f == 0 { // Aruba
		return wlan
	}
	return data
}

// wccp is a packet redirected by Cisco's Web Cache Communication Protocol, version 2 with a header of four bytes.
func wccp(d *Decoder, s span) (step, span) {
	if len(s.bytes) > 0 && s.bytes[0]>>4 != 4 {
		s = s.behind(4, int(s.parent))
	}
	return ipv4, s
}

// greCMD is Cisco MetaData in GRE, where the type comes first.
func greCMD(d *Decoder, s span) (step, span) {
	if !d.need(s, 4) {
		d.add(ingest.ProtoCMD, s, 4)
		return nil, s
	}
	return d.wrap(ingest.ProtoCMD, s, 4+4*int(s.bytes[3]), greStep(binary.BigEndian.Uint16(s.bytes), s.bytes))
}

// nhrp is RFC 2332. Indications of an error and of traffic quote the packet they are about.
func nhrp(d *Decoder, s span) (step, span) {
	if !d.need(s, 24) {
		d.add(ingest.ProtoNHRP, s, 24)
		return nil, s
	}
	b := s.bytes
	header := 20 + 8 + int(b[18]&0x3f) + int(b[19]&0x3f) + int(b[20]) + int(b[21])
	layer := d.add(ingest.ProtoNHRP, s, header)
	if b[17] != 8 { // traffic indication; what an error quotes is NHRP again
		return nil, s
	}
	if end := int(binary.BigEndian.Uint16(b[14:])); end > header {
		s = s.limit(end)
	}
	rest := s.behind(header, layer)
	rest.quoted++
	return ipv4, rest
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
	if proto := binary.BigEndian.Uint16(b[2:]); b[1]&0x80 != 0 && (proto == ingest.EtherPPP || proto == ingest.Ether3GPP2) { // acknowledgment
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

// erspan3 has 12 bytes of header, and 8 more where its O flag says so. Frames of type 0 are Ethernet's.
func erspan3(d *Decoder, s span) (step, span) {
	header, next := 12, data
	if len(s.bytes) >= 12 && s.bytes[11]&1 != 0 {
		header = 20
	}
	if len(s.bytes) >= 12 && s.bytes[10]&0x7c == 0 {
		next = ethernet
	}
	return d.wrap(ingest.ProtoERSPAN, s, header, next)
}

// wrap is a header whose length and follower are known.
func (d *Decoder) wrap(proto ingest.Proto, s span, header int, next step) (step, span) {
	layer := d.add(proto, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	return next, s.behind(header, layer)
}

// etherIP is RFC 3378: two bytes, then a frame.
func etherIP(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoEtherIP, s, 2, ethernet) }

// pim is RFC 7761: a register message carries a packet. Version 1 does not.
func pim(d *Decoder, s span) (step, span) {
	next := step(nil)
	if len(s.bytes) >= 1 && s.bytes[0] == 0x21 {
		next = anyIP
	}
	return d.wrap(ingest.ProtoPIM, s, 8, next)
}

// shim6 is RFC 5533, an extension header. Behind a control message should be nothing, which its next header says then.
func shim6(d *Decoder, s span) (step, span) {
	next, length := step(nil), 8
	if len(s.bytes) >= 8 {
		next, length = protocolStep(s.bytes[0]), 8+8*int(s.bytes[1])
	}
	return d.wrap(ingest.ProtoShim6, s, length, next)
}

// mpls is one label of RFC 3032; what is below the last, its first bytes must tell.
func mpls(d *Decoder, s span) (step, span) {
	next, rest := d.wrap(ingest.ProtoMPLS, s, 4, mpls)
	if next == nil || s.bytes[2]&1 == 0 {
		return next, rest
	}
	return below, rest
}

// below is what stands below a stack of labels: IP by its version, an associated channel (RFC 5586), or an Ethernet
// pseudowire with or without a control word (RFC 4448).
func below(d *Decoder, s span) (step, span) {
	if !d.need(s, 1) {
		return nil, s
	}
	switch s.bytes[0] >> 4 {
	case 4:
		return ipv4, s
	case 6:
		return ipv6, s
	case 1:
		return channel(d, s)
	case 0:
		if !ethernetAt(s.bytes) {
			return d.wrap(ingest.ProtoPWEthCW, s, 4, ethernet)
		}
	}
	if ethernetAt(s.bytes) {
		return ethernet, s.behind(0, d.add(ingest.ProtoPWEth, s, 0))
	}
	return data, s
}

// ethernetAt tells whether an Ethernet frame that can lead somewhere begins right here.
func ethernetAt(b []byte) bool {
	if len(b) < 14 {
		return false
	}
	switch binary.BigEndian.Uint16(b[12:]) {
	case 0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x8847, 0x8864:
		return true
	}
	return false
}

// channel is an associated channel header; IP has a type in it.
func channel(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 4 {
		switch binary.BigEndian.Uint16(s.bytes[2:]) {
		case 0x21:
			next = ipv4
		case 0x57:
			next = ipv6
		}
	}
	return d.wrap(ingest.ProtoPWACH, s, 4, next)
}
