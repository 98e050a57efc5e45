package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

const icmpHeaderLen = 8

// message adds an ICMP layer. The innermost that is not quoted is the packet's own; in a frame that only samples others'
// packets (sFlow, NHRP), the first.
func (d *Decoder) message(proto ingest.Proto, s span, header int) int {
	layer := d.add(proto, s, header)
	if s.quoted == 0 || d.walk.packet.ICMP < 0 {
		d.walk.packet.ICMP, d.walk.packet.IP, d.walk.packet.Fragment = layer, d.walk.ip, false
	}
	return layer
}

// icmp4 is RFC 792.
func icmp4(d *Decoder, s span) (step, span) {
	if s.unseen(2, 6) {
		return nil, s
	}
	layer := d.message(ingest.ProtoICMPv4, s, icmpHeaderLen)
	d.verify(layer, 0)
	if !d.need(s, 6) { // Wireshark wants byte 5 of every type
		return nil, s
	}
	if d.icmp4.DecodeFromBytes(s.bytes, feedback) != nil {
		d.need(s, minimum4(s.bytes))
		return nil, s
	}
	rest := s.behind(icmpHeaderLen, layer)
	switch d.icmp4.TypeCode.Type() {
	case layers.ICMPv4TypeEchoRequest, layers.ICMPv4TypeEchoReply:
		return data, rest
	case layers.ICMPv4TypeDestinationUnreachable, layers.ICMPv4TypeSourceQuench, layers.ICMPv4TypeRedirect,
		layers.ICMPv4TypeTimeExceeded, layers.ICMPv4TypeParameterProblem:
		if quote, ok := d.quote4(s, rest); ok {
			return ipv4, quote
		}
		return nil, s
	}
	if d.need(s, minimum4(s.bytes)) && s.bytes[0] == layers.ICMPv4TypeRouterAdvertisement && s.bytes[5] != routerWords {
		return data, rest // entries of a size that nobody knows
	}
	return nil, s
}

const routerWords = 2 // of 4 bytes in an entry of a router advertisement: address and preference

// minimum4 is how many bytes a message of its type has at least.
func minimum4(b []byte) int {
	switch b[0] {
	case 0, 3, 4, 5, 8, 11, 12, 15, 16, 42, 43:
		return 8
	case 9:
		return routers(b)
	case 13, 14:
		return 20
	case 17, 18:
		return 12
	}
	return 6
}

// routers is the length of a router advertisement (RFC 1256) with all the addresses it announces.
func routers(b []byte) int {
	if len(b) > 5 && b[5] == routerWords {
		return 8 + 8*int(b[4])
	}
	return 8
}

// quote4 bounds the packet that an ICMPv4 error quotes, by Wireshark 4.4's rule: a redirect quotes an IP header and 8
// bytes; elsewhere byte 5 may say how many words are quoted before an extension begins (RFC 4884), to which Wireshark
// adds the IP header's. An error that ends before what the rule looks at is malformed or short.
func (d *Decoder) quote4(s, rest span) (span, bool) {
	rest.quoted++
	b, words := rest.bytes, int(s.bytes[5])
	switch {
	case s.bytes[0] == layers.ICMPv4TypeRedirect:
		if !d.need(s, 9) {
			return rest, false
		}
		rest = rest.limit(int(b[0]&0x0f)*4 + 8)
	case words > 0 && rest.wire > 4*words:
		if !d.need(s, 12) {
			return rest, false
		}
		if int(binary.BigEndian.Uint16(b[2:])) > 4*words {
			rest = rest.limit((int(b[0]&0x0f) + words) * 4)
		}
	case rest.wire > 128:
		return rest, d.need(s, 12)
	}
	return rest, true
}

// icmp6 is RFC 4443.
func icmp6(d *Decoder, s span) (step, span) {
	layer := d.message(ingest.ProtoICMPv6, s, 4)
	d.verify(layer, protoICMPv6)
	if !d.need(s, 4) || d.icmp6.DecodeFromBytes(s.bytes, feedback) != nil || !d.need(s, minimum6(s.bytes)) {
		return nil, s
	}
	rest := s.behind(icmpHeaderLen, layer)
	switch t := d.icmp6.TypeCode.Type(); t {
	case layers.ICMPv6TypeEchoRequest, layers.ICMPv6TypeEchoReply:
		d.walk.packet.Layers[layer].Header = icmpHeaderLen
		if d.walk.teredo { // a nonce, see [ingest.Packet.ConnectivityTest]
			return nil, rest
		}
		return data, rest
	case typeExtendedEcho:
		if !extended(rest.bytes) {
			return data, rest
		}
	case layers.ICMPv6TypeDestinationUnreachable, layers.ICMPv6TypePacketTooBig, layers.ICMPv6TypeTimeExceeded, layers.ICMPv6TypeParameterProblem:
		d.walk.packet.Layers[layer].Header = icmpHeaderLen
		d.need(rest, 1) // Wireshark looks at the version
		return quote6, rest
	default:
		d.discovery(layer, s, t)
	}
	return nil, s
}

// extended tells whether an extension header (RFC 4884) of a known version begins here.
func extended(b []byte) bool {
	return len(b) >= 4 && (b[0]>>4 == 1 || b[0]>>4 == 2)
}

// minimum6 is how many bytes a message of its type has at least.
func minimum6(b []byte) int {
	switch b[0] {
	case 1, 2, 3, 4, 128, 129, 133, 141, 142, 143, 160, 161:
		return 8
	case 134, typeRenumbering:
		return 16
	case 130, 131, 132, 135, 136:
		return 24
	case 137:
		return 40
	}
	return 4
}

// quote6 is the packet that an ICMPv6 error quotes: IPv6, or else just bytes.
func quote6(d *Decoder, s span) (step, span) {
	s.quoted++
	if len(s.bytes) == 0 || s.bytes[0]>>4 != 6 {
		return data, s
	}
	return ipv6, s
}

// trail adds as data what stands where the length of an ICMPv6 error (RFC 4884) promises an extension block and is none of
// a version anybody knows, as Wireshark does.
func (d *Decoder) trail() {
	p := d.walk.packet
	l := p.Message()
	if l == nil || l.Proto != ingest.ProtoICMPv6 || l.Quoted > 0 || p.Problems&(ingest.Malformed|ingest.Short) != 0 || len(l.Bytes) <= icmpHeaderLen {
		return
	}
	typ, words := l.Bytes[0], int(l.Bytes[4])
	if words == 0 || typ != layers.ICMPv6TypeDestinationUnreachable && typ != layers.ICMPv6TypeTimeExceeded {
		return
	}
	s := span{bytes: l.Bytes, wire: l.Reported}.behind(icmpHeaderLen+8*words, p.ICMP)
	if !extended(s.bytes) {
		data(d, s)
	}
}
