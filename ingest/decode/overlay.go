package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// Tunnels over UDP.

// tunnel is what decodes a tunnel over UDP by its port, as Wireshark's table "udp.port" has it; nil for other ports.
func tunnel(port layers.UDPPort) step {
	switch port {
	case 4789, 8472: // RFC 7348; Linux's port before it, Wireshark's since 4.2
		return vxlan
	case 4790:
		return vxlanGPE
	case 6081:
		return geneve
	case 2152, 2123:
		return gtp
	case 3386:
		return gtpPrime
	case ingest.TeredoPort:
		return teredo
	case 6635: // RFC 7510
		return mpls
	case 4754: // RFC 8086
		return gre
	case 1701:
		return l2tp
	}
	return rareTunnel(port)
}

func rareTunnel(port layers.UDPPort) step {
	switch port {
	case 2268:
		return amt
	case 4341:
		return lisp
	case 5072:
		return ayiya
	case 5247:
		return capwap
	case 6343:
		return sflow
	case 12000, 12001, 12002, 12003, 12004: // IBM's LLC over UDP
		return llc
	case 30030:
		return jmirror
	case 37008:
		return tzsp
	}
	return nil
}

// vxlan is RFC 7348. Wireshark does not ask for the flag that the identifier is valid.
func vxlan(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoVXLAN, s, 8, ethernet) }

// vxlanGPE is the generic protocol extension (draft-ietf-nvo3-vxlan-gpe), which has no name in Wireshark's list of protocols.
func vxlanGPE(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 8 || s.bytes[0]&0x04 == 0 {
		return data, s
	}
	return d.wrap(ingest.ProtoVXLANGPE, s, 8, nshStep(s.bytes[3]))
}

// geneve is RFC 8926. gopacket's parser gathers options without end and computes their offset in 8 bits: read here.
func geneve(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 8 || s.bytes[0]>>6 != 0 {
		return data, s
	}
	return d.wrap(ingest.ProtoGeneve, s, 8+int(s.bytes[0]&0x3f)*4, etherStep(binary.BigEndian.Uint16(s.bytes[2:])))
}

// gtp is GTP-U: version 1 (3GPP TS 29.281) or 0 (3GPP TS 29.060). Messages of type 255 carry a packet. gopacket's parser
// prints to standard output and wraps lengths at 16 bits: read here.
func gtp(d *Decoder, s span) (step, span)      { return d.gtp(ingest.ProtoGTP, s) }
func gtpPrime(d *Decoder, s span) (step, span) { return d.gtp(ingest.ProtoGTPPrime, s) }

func (d *Decoder) gtp(proto ingest.Proto, s span) (step, span) {
	if len(s.bytes) < 8 || s.bytes[0]&0x10 == 0 || s.bytes[0]>>5 > 1 {
		return data, s
	}
	header := 20
	if s.bytes[0]>>5 == 1 {
		s = s.limit(8 + int(binary.BigEndian.Uint16(s.bytes[2:])))
		header = gtpLength(s.bytes)
	} else {
		s = s.limit(20 + int(binary.BigEndian.Uint16(s.bytes[2:])))
	}
	next := step(gtpPayload)
	if s.bytes[1] != 255 {
		next = nil
	}
	return d.wrap(proto, s, header, next)
}

// gtpPayload is a user's packet: IP, or Ethernet; PPP, which Wireshark knows by its first byte, is left alone.
func gtpPayload(d *Decoder, s span) (step, span) {
	if len(s.bytes) == 0 {
		return nil, s
	}
	switch b := s.bytes[0]; {
	case b >= 0x45 && b <= 0x4e:
		return ipv4, s
	case b>>4 == 6:
		return ipv6, s
	case b == 0xff:
		return nil, s
	}
	return ethernet, s
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

// l2tp is RFC 2661: data messages of version 2 carry PPP. What a session of version 3 carries (RFC 3931), its control
// messages agreed on.
func l2tp(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 2 || s.bytes[1]&0x0f < 2 || s.bytes[1]&0x0f > 3 {
		return data, s
	}
	header, next := 6, step(ppp)
	switch flags := s.bytes[0]; {
	case flags&0x80 != 0: // control
		next = nil
	case s.bytes[1]&0x0f == 3:
		header, next = 8, data
	default:
		header = l2tpLength(flags, s.bytes)
	}
	return d.wrap(ingest.ProtoL2TP, s, min(header, max(s.wire, 2)), next)
}

// l2tpLength is the length of a data message's header: length, sequence numbers and an offset are optional.
func l2tpLength(flags byte, b []byte) int {
	header := 6
	if flags&0x40 != 0 {
		header += 2
	}
	if flags&0x08 != 0 {
		header += 4
	}
	if flags&0x02 != 0 {
		if header+2 > len(b) {
			return header + 2
		}
		header += 2 + int(binary.BigEndian.Uint16(b[header:]))
	}
	return header
}

// l2tpIP is version 3 over IP.
func l2tpIP(d *Decoder, s span) (step, span) {
	if s.unseen(4) {
		return nil, s
	}
	return d.wrap(ingest.ProtoL2TP, s, 4, data)
}

// lisp is a data packet of RFC 9300.
func lisp(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoLISP, s, 8, anyIP) }

// ayiya is draft-massar-v6ops-ayiya: an identity and a signature, of stated lengths, then what the next header says.
func ayiya(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		d.add(ingest.ProtoAYIYA, s, 8)
		return nil, s
	}
	next := step(nil)
	if s.bytes[2]&0x0f == 1 { // forward
		next = protocolStep(s.bytes[3])
	}
	return d.wrap(ingest.ProtoAYIYA, s, 8+1<<(s.bytes[0]>>4)+4*int(s.bytes[1]>>4), next)
}

// amt is RFC 7450: queries, updates and data carry packets.
func amt(d *Decoder, s span) (step, span) {
	header, next := 2, step(nil)
	if len(s.bytes) > 0 {
		switch s.bytes[0] & 0x0f {
		case 4, 5:
			header, next = 12, ipv4
		case 6:
			next = ipv4
		}
	}
	return d.wrap(ingest.ProtoAMT, s, header, next)
}

// capwap is the data channel of RFC 5415. IEEE 802.11 frames have the bytes of frame control swapped, as Cisco sends
// them and Wireshark expects.
func capwap(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) || s.bytes[0]&0x0f != 0 { // DTLS
		d.add(ingest.ProtoCAPWAP, s, 8)
		return nil, s
	}
	header, binding, flags := int(s.bytes[1]>>3)*4, s.bytes[2]>>1&0x1f, s.bytes[3]
	next := step(data)
	switch {
	case flags&0x08 != 0: // keepalive
		next = nil
	case s.bytes[2]&1 == 0:
		next = ethernet
	case binding == 1:
		next = wlanSwapped
	}
	next, rest := d.wrap(ingest.ProtoCAPWAP, s, max(8, header), next)
	if next == nil || flags&0x80 == 0 {
		return next, rest
	}
	if rest, ok := d.capwapWhole(s.bytes, rest, flags&0x40 == 0); ok {
		return next, rest
	}
	return data, rest
}

// capwapWhole puts fragments together, as RFC 5415 (3.4) has them: an identifier, an offset in units of 8 bytes.
func (d *Decoder) capwapWhole(header []byte, rest span, more bool) (span, bool) {
	if len(rest.bytes) < rest.wire {
		return rest, false
	}
	k := key{id: uint32(binary.BigEndian.Uint16(header[4:])), kind: keyCAPWAP}
	copy(k.src[:], d.walk.src)
	copy(k.dst[:], d.walk.dst)
	whole, body := d.assemble(rest, piece{key: k, start: int(binary.BigEndian.Uint16(header[6:]) &^ 7), more: more})
	return body, whole != nil
}

// tzsp is the TaZmen Sniffer Protocol: tags up to one that ends them, then a frame.
func tzsp(d *Decoder, s span) (step, span) {
	if !d.need(s, 4) {
		d.add(ingest.ProtoTZSP, s, 4)
		return nil, s
	}
	next := step(nil)
	if s.bytes[1] < 2 { // a packet received, or to send
		next = tzspStep(binary.BigEndian.Uint16(s.bytes[2:]))
	}
	return d.wrap(ingest.ProtoTZSP, s, tzspLength(s.bytes), next)
}

// tzspLength skips the tags; without their end it is more than there is.
func tzspLength(b []byte) int {
	for at := 4; at < len(b); {
		switch {
		case b[at] == 1: // end
			return at + 1
		case b[at] == 0: // padding
			at++
		case at+1 < len(b):
			at += 2 + int(b[at+1])
		default:
			at++
		}
	}
	return len(b) + 1
}

func tzspStep(encapsulation uint16) step {
	switch encapsulation {
	case 1:
		return ethernet
	case 18:
		return wlan
	case 119:
		return prism
	case 127:
		return avs
	}
	return data
}

// jmirror is Juniper's packet mirroring: an identifier and a session.
func jmirror(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoJMirror, s, 8, anyIP) }
