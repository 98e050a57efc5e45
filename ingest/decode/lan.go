package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// LANs other than Ethernet.

// tokenRing is IEEE 802.5: access and frame control, addresses, and where the source's first bit says so a route.
func tokenRing(d *Decoder, s span) (step, span) {
	header := 14
	if len(s.bytes) > 14 && s.bytes[8]&0x80 != 0 {
		header += int(s.bytes[14] & 0x1f)
	}
	next := step(data)
	if len(s.bytes) > 1 && s.bytes[1]&0xc0 == 0x40 {
		next = llc
	}
	return d.wrap(ingest.ProtoTokenRing, s, header, next)
}

// fddi is ISO 9314.
func fddi(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) > 0 && s.bytes[0]&0xf0 == 0x50 {
		next = llc
	}
	return d.wrap(ingest.ProtoFDDI, s, 13, next)
}

func arcnet(d *Decoder, s span) (step, span)      { return d.arcnet(s, 2) }
func arcnetLinux(d *Decoder, s span) (step, span) { return d.arcnet(s, 4) }

// arcnet is ARCNET, with the protocol at the given offset. What RFC 1201 carries comes behind a flag and a sequence
// number, what RFC 1051 carries does not.
func (d *Decoder) arcnet(s span, at int) (step, span) {
	if !d.need(s, at+1) {
		d.add(ingest.ProtoARCNET, s, at+1)
		return nil, s
	}
	switch s.bytes[at] {
	case 0xf0:
		return d.wrap(ingest.ProtoARCNET, s, at+1, ipv4)
	case 0xd4:
		return d.wrap(ingest.ProtoARCNET, s, at+4, ipv4)
	case 0xc4:
		return d.wrap(ingest.ProtoARCNET, s, at+4, ipv6)
	case 0xf1:
		return d.wrap(ingest.ProtoARCNET, s, at+1, arp)
	case 0xd5, 0xd6:
		return d.wrap(ingest.ProtoARCNET, s, at+4, arp)
	}
	return d.wrap(ingest.ProtoARCNET, s, at+1, data)
}

// ipoib is IP over InfiniBand: a 40-byte global routing header or what stands for it, then RFC 4391's type.
func ipoib(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 44 {
		next = etherStep(binary.BigEndian.Uint16(s.bytes[40:]))
	}
	return d.wrap(ingest.ProtoIPoIB, s, 44, next)
}

// ipfc is IP over Fibre Channel (RFC 4338): two addresses, LLC.
func ipfc(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoIPFC, s, 16, llc) }

// firewire is Apple's IP over IEEE 1394: two addresses, an Ethernet type.
func firewire(d *Decoder, s span) (step, span) {
	next := step(data)
	if len(s.bytes) >= 18 {
		next = etherStep(binary.BigEndian.Uint16(s.bytes[16:]))
	}
	return d.wrap(ingest.ProtoFireWire, s, 18, next)
}
