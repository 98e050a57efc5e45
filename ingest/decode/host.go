package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// Headers that the capturing host puts in front of a packet.

const familyIP4 = 2 // AF_INET, everywhere

// enc is BSD's IPsec interface: the address family in either byte order, an index, flags.
func enc(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 4 {
		switch family := binary.LittleEndian.Uint32(s.bytes); {
		case family == familyIP4 || family == familyIP4<<24:
			next = ipv4
		case family == 24 || family == 24<<24:
			next = ipv6
		}
	}
	return d.wrap(ingest.ProtoENC, s, 12, next)
}

// pflog is OpenBSD's packet filter log; the header's length, in its first byte, is rounded up.
func pflog(d *Decoder, s span) (step, span) {
	if !d.need(s, 2) {
		d.add(ingest.ProtoPFLOG, s, 2)
		return nil, s
	}
	return d.wrap(ingest.ProtoPFLOG, s, (int(s.bytes[0])+3)&^3, familyStep(uint32(s.bytes[1])))
}

// ipnet is Solaris's.
func ipnet(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 24 {
		s = s.limit(24 + int(binary.BigEndian.Uint32(s.bytes[4:])))
		switch s.bytes[1] {
		case familyIP4:
			next = ipv4
		case 26: // AF_INET6 of Solaris
			next = ipv6
		}
	}
	return d.wrap(ingest.ProtoIPNET, s, 24, next)
}

// nflog is Linux's netfilter log: attributes in the host's byte order, of which one is the packet. Another has its
// Ethernet type; without that, the address family in the header tells.
func nflog(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoNFLOG, s, 4)
	if !d.need(s, 4) {
		return nil, s
	}
	next := linuxFamily(s.bytes[0])
	for at := 4; at < s.wire; {
		rest := s.behind(at, layer)
		if !d.need(rest, 4) {
			return nil, s
		}
		size, kind := d.attribute(rest.bytes)
		if size < 4 {
			return nil, s
		}
		switch {
		case kind == nflogPacket && size >= 6 && len(rest.bytes) >= 6:
			next = etherStep(binary.BigEndian.Uint16(rest.bytes[4:]))
		case kind == nflogPayload:
			return next, rest.limit(size).behind(4, layer)
		}
		at += (size + 3) &^ 3
	}
	return nil, s
}

func linuxFamily(family byte) step {
	switch family {
	case familyIP4:
		return ipv4
	case 10: // AF_INET6
		return ipv6
	}
	return data
}

// Attributes of linux/netfilter/nfnetlink_log.h.
const (
	nflogPacket  = 1
	nflogPayload = 9
)

// attribute reads the length and type of a netlink attribute.
func (d *Decoder) attribute(b []byte) (size int, kind uint16) {
	order := binary.ByteOrder(binary.LittleEndian)
	if d.walk.frame.BigEndian {
		order = binary.BigEndian
	}
	return int(order.Uint16(b)), order.Uint16(b[2:])
}

// pktap is Apple's: the header's length, the kind of record, the link type of what follows.
func pktap(d *Decoder, s span) (step, span) {
	if !d.need(s, 12) {
		d.add(ingest.ProtoPKTAP, s, 12)
		return nil, s
	}
	header, kind := binary.LittleEndian.Uint32(s.bytes), binary.LittleEndian.Uint32(s.bytes[4:])
	link := ingest.LinkType(binary.LittleEndian.Uint32(s.bytes[8:]))
	if header < 108 || header > maxPKTAP || kind != 1 {
		d.add(ingest.ProtoPKTAP, s, 12)
		return nil, s
	}
	layer := d.add(ingest.ProtoPKTAP, s, int(header))
	if !d.need(s, int(header)) {
		return nil, s
	}
	return d.inner(link, s.behind(int(header), layer))
}

const maxPKTAP = 1 << 16

// userPKTAP is PKTAP under DLT_USER2, as Apple's own files number it. Wireshark knows it.
func userPKTAP(d *Decoder, s span) (step, span) {
	if len(s.bytes) < 4 || binary.LittleEndian.Uint32(s.bytes) < 108 {
		d.walk.packet.Problems |= ingest.UnknownLink
		return nil, s
	}
	return pktap, s.behind(0, d.add(ingest.ProtoUserDLT, s, 0))
}

// inner goes on with a packet whose link type a header inside the frame named.
func (d *Decoder) inner(link ingest.LinkType, s span) (step, span) {
	s = s.behind(0, d.add(ingest.ProtoPacketData, s, 0))
	next := linkStep(link)
	switch link {
	case ingest.LinkRaw, ingest.LinkRawBSD, ingest.LinkRawOpen:
		s = s.behind(0, d.add(ingest.ProtoRaw, s, 0))
	case linkPPI, linkPKTAP, linkUserPKTAP: // no header of this kind stands in another
		next = nil
	}
	if next == nil {
		d.walk.packet.Problems |= ingest.UnknownLink
		return data, s
	}
	return next, s
}
