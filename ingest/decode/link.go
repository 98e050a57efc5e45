package decode

import (
	"encoding/binary"
	"math/bits"

	"icmpsift/ingest"
)

// Supported tells whether frames of the link type can be decoded.
func Supported(l ingest.LinkType) bool { return linkStep(l) != nil }

// linkStep is what decodes a link type (https://www.tcpdump.org/linktypes.html); nil if nothing does.
func linkStep(l ingest.LinkType) step {
	switch l {
	case ingest.LinkEthernet:
		return ethernetFrame
	case ingest.LinkRaw, ingest.LinkRawBSD, ingest.LinkRawOpen:
		return anyIP
	case ingest.LinkIPv4:
		return ipv4
	case ingest.LinkIPv6:
		return ipv6
	case ingest.LinkNull:
		return null
	case ingest.LinkLoop:
		return loop
	case ingest.LinkSLL:
		return sll
	case ingest.LinkSLL2:
		return sll2
	case ingest.LinkIEEE80211:
		return wlanFrame
	case ingest.LinkRadiotap:
		return radiotap
	}
	return rareLinkStep(l)
}

func rareLinkStep(l ingest.LinkType) step {
	switch l {
	case 6:
		return tokenRing
	case 7:
		return arcnet
	case 9, 50:
		return ppp
	case 10:
		return fddi
	case 11, 100:
		return llc
	case 19, 106:
		return clip
	case 51:
		return pppoe
	case 104:
		return chdlc
	case 107:
		return frameRelay
	case 109:
		return enc
	case 117:
		return pflog
	case 119:
		return prism
	case 122:
		return ipfc
	case ingest.LinkSunATM:
		return sunATM
	case 129:
		return arcnetLinux
	case 138:
		return firewire
	case linkUserPKTAP:
		return userPKTAP
	case 163:
		return avs
	case linkPPI:
		return ppi
	case ingest.LinkPPPDirection:
		return pppDirection
	case 226:
		return ipnet
	case 239:
		return nflog
	case 242:
		return ipoib
	case linkPKTAP:
		return pktap
	case 281:
		return brcm
	case 282:
		return brcmPrepended
	case 284:
		return dsa
	case 285:
		return edsa
	}
	return nil
}

// Link types that headers inside a frame must not name again.
const (
	linkUserPKTAP ingest.LinkType = 149
	linkPPI       ingest.LinkType = 192
	linkPKTAP     ingest.LinkType = 258
)

// ethernetFrame is a frame on Ethernet: unlike a tunnelled one it may end in a frame check sequence.
func ethernetFrame(d *Decoder, s span) (step, span) {
	return ethernet(d, s.limit(max(s.wire-max(d.walk.frame.FCS, 0), 0)))
}

func ethernet(d *Decoder, s span) (step, span) {
	if s.quoted > 0 && len(s.bytes) < 14 { // Wireshark shows none of it then
		return nil, s
	}
	return d.typedWrap(ingest.ProtoEthernet, s, 14)
}

// typed goes on behind an Ethernet type, or an IEEE 802.3 length before LLC.
func typed(t uint16, rest span) (step, span) {
	switch {
	case t <= maxLength:
		return llc, rest.limit(int(t))
	case t < 0x0600: // neither a length nor a type
		return data, rest
	}
	return etherStep(t), rest
}

const maxLength = 1500 // of a frame's payload, where the header tells a length (IEEE 802.3)

// etherStep is what decodes an Ethernet type.
func etherStep(t uint16) step {
	if next := etherKnown(t); next != nil {
		return next
	}
	return data
}

// etherKnown is what Wireshark's table "ethertype" has; nil for what is data.
func etherKnown(t uint16) step {
	switch t {
	case 0x0800:
		return ipv4
	case 0x86dd:
		return ipv6
	case 0x8100, 0x9100:
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
	case 0x8870:
		return llc
	}
	return bridgeStep(t)
}

func vlan(d *Decoder, s span) (step, span) { return d.tag(ingest.ProtoVLAN, s) }
func qinq(d *Decoder, s span) (step, span) { return d.tag(ingest.ProtoQinQ, s) }

// tag is an 802.1Q or 802.1ad tag: the two bytes behind the Ethernet type that announced it, and the next type.
func (d *Decoder) tag(proto ingest.Proto, s span) (step, span) {
	if len(s.bytes) >= 4 && !d.walk.tagged {
		d.walk.vlan, d.walk.tagged = binary.BigEndian.Uint16(s.bytes)&0x0fff, true
	}
	return d.typedWrap(proto, s, 4)
}

// llc is IEEE 802.2 with SNAP (RFC 1042), IP's own SAP, or ISO's, behind which an NLPID says what follows.
func llc(d *Decoder, s span) (step, span) {
	b := s.bytes
	switch {
	case !d.need(s, 3):
		d.add(ingest.ProtoLLC, s, 3)
		return nil, s
	case b[0] == 0xaa && b[1] == 0xaa && b[2] == 0x03 && len(b) >= 8:
		next, skip := snap(b[3:8])
		return next, s.behind(8+skip, d.add(ingest.ProtoLLC, s, 8))
	case b[0] == 0x06 && b[2] == 0x03:
		return ipv4, s.behind(3, d.add(ingest.ProtoLLC, s, 3))
	case b[0] == 0xfe && b[2] == 0x03:
		return osi, s.behind(3, d.add(ingest.ProtoLLC, s, 3))
	}
	return data, s.behind(3, d.add(ingest.ProtoLLC, s, 3))
}

// snap tells what follows the organisation and protocol of a SNAP header, and how many bytes of padding come before it.
func snap(b []byte) (next step, skip int) {
	protocol := binary.BigEndian.Uint16(b[3:])
	switch organisation := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]); {
	case organisation == 0 || organisation == 0x0000f8:
		return etherStep(protocol), 0
	case organisation == 0x0080c2 && (protocol == 1 || protocol == 7): // bridged Ethernet, RFC 2684
		return ethernet, 2
	}
	return data, 0
}

// osi is a network layer protocol identifier (ISO/IEC TR 9577).
func osi(d *Decoder, s span) (step, span) {
	if !d.need(s, 1) {
		return nil, s
	}
	next := nlpid(s.bytes[0])
	if next == nil {
		return data, s.behind(0, d.add(ingest.ProtoOSI, s, 0))
	}
	return next, s.behind(1, d.add(ingest.ProtoOSI, s, 1))
}

// nlpid is what decodes a network layer protocol identifier; nil if nothing does.
func nlpid(id byte) step {
	switch id {
	case 0xcc:
		return ipv4
	case 0x8e:
		return ipv6
	case 0xcf:
		return ppp
	}
	return nil
}

func arp(d *Decoder, s span) (step, span) {
	d.add(ingest.ProtoARP, s, 28)
	d.need(s, 8)
	return nil, s
}

// sll is Linux cooked capture v1. gopacket's parser panics on an address length over 10, so the type is read here.
func sll(d *Decoder, s span) (step, span) { return d.cooked(s, 16, 14, 2) }

// sll2 is Linux cooked capture v2 (LINKTYPE_LINUX_SLL2), which gopacket does not know.
func sll2(d *Decoder, s span) (step, span) { return d.cooked(s, 20, 0, 8) }

// cooked is a header with the protocol and the kind of interface at the given offsets.
func (d *Decoder) cooked(s span, header, protocol, hardware int) (step, span) {
	layer := d.add(ingest.ProtoSLL, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	t, kind := binary.BigEndian.Uint16(s.bytes[protocol:]), binary.BigEndian.Uint16(s.bytes[hardware:])
	return cookedStep(t, kind, s), s.behind(header, layer)
}

// cookedStep is what decodes a protocol of Linux cooked capture, by if_ether.h and if_arp.h.
func cookedStep(t, kind uint16, s span) step {
	const tunnelGRE, frameRelayLink, radiotapLink = 778, 770, 803
	switch {
	case kind == tunnelGRE:
		return greStep(t, s.bytes)
	case t >= 0x0600:
		return etherStep(t)
	case t == 3: // ETH_P_ALL, libpcap's word for Ethernet
		return ethernet
	case t == 4: // ETH_P_802_2
		return llc
	case t == 7: // ETH_P_WAN_PPP
		return ppp
	case kind == frameRelayLink:
		return frameRelay
	case kind == radiotapLink:
		return radiotap
	}
	return data
}

// null is BSD loopback: the address family in the byte order of the host that captured, or instead of it an Ethernet type.
func null(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoNull, s, 4)
	if len(s.bytes) >= 2 && s.bytes[0] == 0xff && s.bytes[1] == 3 {
		d.walk.packet.Layers[layer].Header = 0
		return ppp, s.behind(0, layer)
	}
	if !d.need(s, 4) {
		return nil, s
	}
	family := anyOrder(binary.LittleEndian.Uint32(s.bytes))
	if family > 1500 && family <= 0xffff {
		return etherStep(uint16(family)), s.behind(4, layer)
	}
	return familyStep(family), s.behind(4, layer)
}

// anyOrder turns a number around where that makes it small, by Wireshark's rule.
func anyOrder(v uint32) uint32 {
	switch {
	case v>>16 != 0 && v>>16 < 6:
		return v >> 16
	case v>>16 != 0:
		return bits.ReverseBytes32(v)
	case v&0xff == 0 && v < 0x600:
		return v >> 8
	}
	return v
}

// loop is OpenBSD's: always in network order.
func loop(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoNull, s, 4)
	if !d.need(s, 4) {
		return nil, s
	}
	return familyStep(binary.BigEndian.Uint32(s.bytes)), s.behind(4, layer)
}

// familyStep is what decodes a BSD address family; IPv6 has a number on each of NetBSD and OpenBSD, FreeBSD, macOS.
func familyStep(family uint32) step {
	switch family {
	case 2:
		return ipv4
	case 24, 28, 30:
		return ipv6
	}
	return data
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
