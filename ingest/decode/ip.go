package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// IP protocol numbers the decoder goes on with, or must know to tell that nothing of interest can follow.
const (
	protoHopByHop  = 0
	protoICMP      = 1
	protoIPv4      = 4
	protoTCP       = 6
	protoUDP       = 17
	protoIPv6      = 41
	protoRouting   = 43
	protoFragment  = 44
	protoGRE       = 47
	protoESP       = 50
	protoAH        = 51
	protoICMPv6    = 58
	protoDestOpts  = 60
	protoEtherIP   = 97
	protoPIM       = 103
	protoL2TP      = 115
	protoSCTP      = 132
	protoUDPLite   = 136
	protoMPLS      = 137
	protoShim6     = 140
	protoEthernet  = 143 // RFC 8986
	maxDatagram    = 65535
	ipv4MinimumLen = 20
	ipv6HeaderLen  = 40
)

// protocolStep is what decodes an IP protocol; the numbers are shared by both versions of IP, so ICMP for IPv4 inside
// IPv6, and the reverse, are found too.
func protocolStep(protocol uint8) step {
	if next := protocolKnown(protocol); next != nil {
		return next
	}
	return data
}

// protocolKnown is nil for what is data.
func protocolKnown(protocol uint8) step {
	switch protocol {
	case protoICMP:
		return icmp4
	case protoICMPv6:
		return icmp6
	case protoTCP:
		return tcp
	case protoUDP:
		return udp
	case protoIPv4:
		return ipv4
	case protoIPv6:
		return ipv6
	case protoHopByHop:
		return hopByHop
	case protoRouting:
		return routing
	case protoFragment:
		return fragment
	case protoDestOpts:
		return destOpts
	case protoAH:
		return ah
	case protoGRE:
		return gre
	case protoEtherIP:
		return etherIP
	case protoEthernet:
		return ethernet
	case protoMPLS:
		return mpls
	case protoPIM:
		return pim
	case protoL2TP:
		return l2tpIP
	case protoUDPLite:
		return udpLite
	case protoShim6:
		return shim6
	}
	return nil
}

// ipv4 is RFC 791.
func ipv4(d *Decoder, s span) (step, span) {
	if len(s.bytes) > 0 && s.bytes[0]>>4 != 4 {
		return d.notIPv4(s)
	}
	if !d.need(s, ipv4MinimumLen) {
		d.walk.ip = d.add(ingest.ProtoIPv4, s, ipv4MinimumLen)
		return nil, s
	}
	d.ip4.DecodeFromBytes(s.bytes, feedback) // it refuses odd options, which keep no host from answering; the fields are set before that
	header, total := int(d.ip4.IHL)*4, d.total4(s)
	if header < ipv4MinimumLen || total < header {
		return d.bogus4(s, header)
	}
	s = s.limit(total)
	d.walk.ip = d.add(ingest.ProtoIPv4, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	d.walk.src, d.walk.dst, d.walk.fragLength = s.bytes[12:16], s.bytes[16:20], 0
	if header > ipv4MinimumLen {
		d.walk.dst = d.route4(d.walk.ip)
	}
	return d.body4(s, header, total)
}

// route4 is the destination of an IPv4 header with options: the end of its source route, if it has one.
func (d *Decoder) route4(layer int) []byte {
	a := d.walk.packet.Layers[layer].Dst().As4()
	return append(d.final[:0], a[:]...)
}

// notIPv4 is what stands where an IPv4 header should: IPv6, or a header of which nothing but the version can be told.
func (d *Decoder) notIPv4(s span) (step, span) {
	if s.bytes[0]>>4 == 6 {
		d.add(ingest.ProtoIPSwitch, s, 0)
		return ipv6, s
	}
	s.bytes = s.bytes[:1]
	d.walk.ip = d.add(ingest.ProtoIPv4, s, 1)
	return nil, s
}

// total4 is the datagram's length. 0 is segmentation offload: the frame's end counts.
func (d *Decoder) total4(s span) int {
	total := int(binary.BigEndian.Uint16(s.bytes[2:]))
	if total == 0 {
		return s.wire
	}
	if total > s.wire {
		d.problem(s, ingest.BogusLength)
	}
	return total
}

// bogus4 ends a walk at a header whose lengths cannot be: the layer has the bytes up to the wrong one, as in Wireshark.
func (d *Decoder) bogus4(s span, header int) (step, span) {
	d.problem(s, ingest.BogusLength)
	n := 4
	if header < ipv4MinimumLen {
		n = 1
	}
	s.bytes = s.bytes[:n]
	d.walk.ip = d.add(ingest.ProtoIPv4, s, n)
	return nil, s
}

// body4 goes on behind an IPv4 header, with the whole datagram where the header is a fragment's.
func (d *Decoder) body4(s span, header, total int) (step, span) {
	offset, more := int(d.ip4.FragOffset)*8, d.ip4.Flags&1 != 0
	protocol, rest := uint8(d.ip4.Protocol), s.behind(header, d.walk.ip)
	d.walk.fragmented = false
	if offset == 0 && !more {
		return carry4(protocol, rest)
	}
	if total == header || len(s.bytes) < total { // as Wireshark: what is not all there takes no part
		d.walk.fragmented = more
		if offset == 0 {
			return carry4(protocol, rest)
		}
		return d.part(rest)
	}
	return d.join(rest, piece{key: d.key4(protocol), start: offset, more: more, next: protocol, header: header})
}

// carry4 goes on with what an IPv4 datagram carries: nothing where it ends behind its header, not even an empty message.
func carry4(protocol uint8, rest span) (step, span) {
	if rest.wire == 0 {
		return nil, rest
	}
	return protocolStep(protocol), rest
}

// key4 tells datagrams apart. As Wireshark does, the VLAN counts for addresses that can be used twice.
func (d *Decoder) key4(protocol uint8) key {
	k := key{id: uint32(d.ip4.Id), protocol: protocol}
	copy(k.src[:], d.walk.src)
	copy(k.dst[:], d.walk.dst)
	if local(d.walk.src) || local(d.walk.dst) {
		k.vlan = d.walk.vlan
	}
	return k
}

func local(a []byte) bool {
	return a[0] == 10 || a[0] == 172 && a[1]&0xf0 == 16 || a[0] == 192 && a[1] == 168 || a[0] == 169 && a[1] == 254
}

// ipv6 is RFC 8200.
func ipv6(d *Decoder, s span) (step, span) {
	if len(s.bytes) > 0 && s.bytes[0]>>4 != 6 {
		s.bytes = s.bytes[:1]
		d.walk.ip = d.add(ingest.ProtoIPv6, s, 1)
		return nil, s
	}
	if !d.need(s, ipv6HeaderLen) {
		d.walk.ip = d.add(ingest.ProtoIPv6, s, ipv6HeaderLen)
		return nil, s
	}
	d.ip6.DecodeFromBytes(s.bytes[:ipv6HeaderLen], feedback) // the header alone: gopacket would read options past the payload's end
	s = s.limit(ipv6HeaderLen + d.length6(s))
	d.walk.ip = d.add(ingest.ProtoIPv6, s, ipv6HeaderLen)
	d.walk.src, d.walk.dst = s.bytes[8:24], s.bytes[24:40]
	return protocolStep(uint8(d.ip6.NextHeader)), s.behind(ipv6HeaderLen, d.walk.ip)
}

// length6 is the payload's length. 0 is nothing, or a jumbogram where a hop-by-hop header says so (RFC 2675).
func (d *Decoder) length6(s span) int {
	length := int(d.ip6.Length)
	d.walk.fragLength = length
	if length == 0 && d.ip6.NextHeader == protoHopByHop {
		length = jumbo(s.bytes[ipv6HeaderLen:])
	}
	if length > s.wire-ipv6HeaderLen {
		d.problem(s, ingest.BogusLength)
	}
	return length
}

// jumbo finds the jumbo payload option in a hop-by-hop header; 0 if it has none.
func jumbo(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	b = b[2:min(len(b), int(b[1])*8+8)]
	for len(b) >= 6 {
		switch {
		case b[0] == 0: // Pad1
			b = b[1:]
		case b[0] == 0xc2 && b[1] == 4:
			if n := binary.BigEndian.Uint32(b[2:]); n > maxDatagram && n < 1<<31 {
				return int(n)
			}
			return 0
		default:
			b = b[min(len(b), 2+int(b[1])):]
		}
	}
	return 0
}
