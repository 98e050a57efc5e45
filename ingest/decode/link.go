package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// Link types that nothing but the decoder names (https://www.tcpdump.org/linktypes.html).
const (
	linkPPP     ingest.LinkType = 9
	linkRawOpen ingest.LinkType = 14 // OpenBSD's number for raw IP
	linkPPPHDLC ingest.LinkType = 50
	linkCHDLC   ingest.LinkType = 104
)

// Supported tells whether frames of the link type can be decoded.
func Supported(l ingest.LinkType) bool { return linkStep(l) != nil }

func linkStep(l ingest.LinkType) step {
	switch l {
	case ingest.LinkEthernet:
		return ethernetFrame
	case ingest.LinkRaw, ingest.LinkRawBSD, linkRawOpen:
		return anyIP
	case ingest.LinkIPv4:
		return ipv4
	case ingest.LinkIPv6:
		return ipv6
	case ingest.LinkNull, ingest.LinkLoop:
		return null
	case ingest.LinkSLL:
		return sll
	case ingest.LinkSLL2:
		return sll2
	case linkPPP, linkPPPHDLC:
		return ppp
	case linkCHDLC:
		return chdlc
	}
	return nil
}

// ethernetFrame is a frame on Ethernet: unlike a tunnelled one it may end in a frame check sequence.
func ethernetFrame(d *Decoder, s span) (step, span) {
	return ethernet(d, s.limit(max(s.wire-max(d.walk.frame.FCS, 0), 0)))
}

func ethernet(d *Decoder, s span) (step, span) {
	if !d.need(s, 14) || d.ethernet.DecodeFromBytes(s.bytes, feedback) != nil {
		d.add(ingest.ProtoEthernet, s, 14)
		return nil, s
	}
	return typed(d.ethernet.EthernetType, d.ethernet.Length, s.behind(14, d.add(ingest.ProtoEthernet, s, 14)))
}

// typed goes on behind a header that ends in an Ethernet type, or in an IEEE 802.3 length before LLC.
func typed(t layers.EthernetType, length uint16, rest span) (step, span) {
	if t < 0x0600 {
		return llc, rest.limit(int(length))
	}
	return etherStep(uint16(t)), rest
}

func etherStep(t uint16) step {
	switch t {
	case 0x0800:
		return ipv4
	case 0x86dd:
		return ipv6
	case 0x8100, 0x9100, 0x9200:
		return vlan
	case 0x88a8:
		return qinq
	case 0x0806:
		return arp
	case 0x6558:
		return ethernet
	case 0x8847, 0x8848:
		return mpls
	case 0x8864:
		return pppoe
	case 0x880b:
		return ppp
	}
	return data
}

func vlan(d *Decoder, s span) (step, span) { return d.tag(ingest.ProtoVLAN, s) }
func qinq(d *Decoder, s span) (step, span) { return d.tag(ingest.ProtoQinQ, s) }

// tag is an 802.1Q or 802.1ad tag: the two bytes behind the Ethernet type that announced it, and the next type.
func (d *Decoder) tag(proto ingest.Proto, s span) (step, span) {
	layer := d.add(proto, s, 4)
	if !d.need(s, 4) || d.dot1q.DecodeFromBytes(s.bytes, feedback) != nil {
		return nil, s
	}
	if !d.walk.tagged {
		d.walk.vlan, d.walk.tagged = d.dot1q.VLANIdentifier, true
	}
	return typed(d.dot1q.Type, uint16(d.dot1q.Type), s.behind(4, layer))
}

// llc is IEEE 802.2; behind a SNAP header of organisation zero there is an Ethernet type again (RFC 1042).
func llc(d *Decoder, s span) (step, span) {
	if !d.need(s, 3) {
		d.add(ingest.ProtoLLC, s, 3)
		return nil, s
	}
	switch b := s.bytes; {
	case b[0] == 0xaa && b[1] == 0xaa && b[2] == 0x03 && len(b) >= 8:
		layer := d.add(ingest.ProtoLLC, s, 8)
		if b[3]|b[4]|b[5] != 0 {
			return data, s.behind(8, layer)
		}
		return etherStep(binary.BigEndian.Uint16(b[6:])), s.behind(8, layer)
	case b[0] == 0x06 && b[2] == 0x03:
		return ipv4, s.behind(3, d.add(ingest.ProtoLLC, s, 3))
	}
	return data, s.behind(3, d.add(ingest.ProtoLLC, s, 3))
}

func arp(d *Decoder, s span) (step, span) {
	d.add(ingest.ProtoARP, s, 28)
	d.need(s, 8)
	return nil, s
}

// sll is Linux cooked capture v1. gopacket's parser panics on an address length over 10, so the type is read here.
func sll(d *Decoder, s span) (step, span) { return d.cooked(s, 16, 14) }

// sll2 is Linux cooked capture v2 (LINKTYPE_LINUX_SLL2), which gopacket does not know.
func sll2(d *Decoder, s span) (step, span) { return d.cooked(s, 20, 0) }

func (d *Decoder) cooked(s span, header, at int) (step, span) {
	layer := d.add(ingest.ProtoSLL, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	rest := s.behind(header, layer)
	switch t := binary.BigEndian.Uint16(s.bytes[at:]); {
	case t == 4: // LINUX_SLL_P_802_2
		return llc, rest
	case t >= 0x0600:
		return etherStep(t), rest
	}
	return data, rest
}

// null is BSD loopback. gopacket takes the byte order from the family's value, which is right for both orders of
// "null" and for "loop"; it is less than 256 on every system.
func null(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoNull, s, 4)
	if !d.need(s, 4) {
		return nil, s
	}
	if d.loopback.DecodeFromBytes(s.bytes, feedback) != nil {
		return data, s.behind(4, layer)
	}
	return familyStep(d.loopback.Family), s.behind(4, layer)
}

func familyStep(f layers.ProtocolFamily) step {
	switch f {
	case layers.ProtocolFamilyIPv4:
		return ipv4
	case layers.ProtocolFamilyIPv6BSD, layers.ProtocolFamilyIPv6FreeBSD, layers.ProtocolFamilyIPv6Darwin, layers.ProtocolFamilyIPv6Linux, 23: // 23: Windows
		return ipv6
	}
	return data
}

// chdlc is Cisco HDLC: address, control, Ethernet type. It has no layer of its own.
func chdlc(d *Decoder, s span) (step, span) {
	if !d.need(s, 4) {
		return nil, s
	}
	return etherStep(binary.BigEndian.Uint16(s.bytes[2:])), s.behind(4, -1)
}

// anyIP looks at the version, where no header says which IP it is.
func anyIP(d *Decoder, s span) (step, span) {
	if len(s.bytes) == 0 {
		return nil, s
	}
	switch s.bytes[0] >> 4 {
	case 4:
		return ipv4, s
	case 6:
		return ipv6, s
	}
	return data, s
}
