package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// Tags and tunnels between bridges, told by Ethernet types.

// bridgeStep is what decodes an Ethernet type of a bridge or a switch; data for others.
func bridgeStep(t uint16) step {
	switch t {
	case 0x22f3:
		return trill
	case 0x4305:
		return batman
	case 0x88e5:
		return macsec
	case 0x88e7:
		return pbb
	case 0x8903:
		return fabricPath
	case 0x8909:
		return cmd
	case 0x8926:
		return vntag
	case 0x892f:
		return hsr
	case 0x893f:
		return etag
	case 0x894f:
		return nsh
	}
	return nil
}

// typedWrap is a header that ends in an Ethernet type.
func (d *Decoder) typedWrap(proto ingest.Proto, s span, header int) (step, span) {
	layer := d.add(proto, s, header)
	if !d.need(s, header) {
		return nil, s
	}
	t := binary.BigEndian.Uint16(s.bytes[header-2:])
	return typed(t, s.behind(header, layer))
}

// vntag is Cisco's VN-Tag; etag is IEEE 802.1BR.
func vntag(d *Decoder, s span) (step, span) { return d.typedWrap(ingest.ProtoVNTag, s, 6) }
func etag(d *Decoder, s span) (step, span)  { return d.typedWrap(ingest.ProtoETag, s, 8) }

// pbb is IEEE 802.1ah: the tag holds the addresses of the frame it carries.
func pbb(d *Decoder, s span) (step, span) { return d.typedWrap(ingest.ProtoPBB, s, 18) }

// hsr is IEC 62439-3.
func hsr(d *Decoder, s span) (step, span) { return d.typedWrap(ingest.ProtoHSR, s, 6) }

// cmd is Cisco MetaData: a version, a length in units of 4 bytes less one, and options.
func cmd(d *Decoder, s span) (step, span) {
	header := 8
	if len(s.bytes) >= 2 {
		header = 4 + 4*int(s.bytes[1])
	}
	return d.typedWrap(ingest.ProtoCMD, s, header)
}

// macsec is IEEE 802.1AE. Frames whose integrity alone is protected are as good as plain.
func macsec(d *Decoder, s span) (step, span) {
	const icv = 16
	if !d.need(s, 6) {
		d.add(ingest.ProtoMACsec, s, 6)
		return nil, s
	}
	header, control := 6, s.bytes[0]
	if control&0x20 != 0 {
		header += 8 // secure channel identifier
	}
	if control&0x0c != 0 { // encrypted, or changed
		return d.wrap(ingest.ProtoMACsec, s, header, data)
	}
	if short := int(s.bytes[1] & 0x3f); short > 0 {
		s = s.limit(header + short + icv)
	}
	next, rest := d.typedWrap(ingest.ProtoMACsec, s, header+2)
	return next, rest.limit(max(0, rest.wire-icv))
}

// fabricPath is Cisco's: hierarchical addresses in place of Ethernet's, a tag, then a whole Ethernet frame.
func fabricPath(d *Decoder, s span) (step, span) {
	return d.wrap(ingest.ProtoFabricPath, s, 2, ethernet)
}

// trill is RFC 6325.
func trill(d *Decoder, s span) (step, span) {
	header := 6
	if len(s.bytes) >= 2 {
		header += 4 * int(binary.BigEndian.Uint16(s.bytes)>>6&0x1f)
	}
	return d.wrap(ingest.ProtoTRILL, s, header, ethernet)
}

// nsh is RFC 8300.
func nsh(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		d.add(ingest.ProtoNSH, s, 8)
		return nil, s
	}
	return d.wrap(ingest.ProtoNSH, s, max(8, int(s.bytes[1]&0x3f)*4), nshStep(s.bytes[3]))
}

func nshStep(protocol byte) step {
	switch protocol {
	case 1:
		return ipv4
	case 2:
		return ipv6
	case 3:
		return ethernet
	case 4:
		return nsh
	case 5:
		return mpls
	}
	return data
}

// batman is B.A.T.M.A.N. advanced, versions 14 and 15: packets to one node and to all.
func batman(d *Decoder, s span) (step, span) {
	header := 0
	if len(s.bytes) >= 2 {
		header = batmanLength(s.bytes[1], s.bytes[0])
	}
	if header == 0 {
		d.add(ingest.ProtoBATMAN, s, min(len(s.bytes), 4))
		return nil, s
	}
	return d.wrap(ingest.ProtoBATMAN, s, header, ethernet)
}

// batmanLength is the header's length of packets that carry a frame; 0 for others.
func batmanLength(version, kind byte) int {
	const unicast, broadcast, unicast4 = 10, 14, 18
	switch [2]byte{version, kind} {
	case [2]byte{15, 0x40}, [2]byte{14, 3}:
		return unicast
	case [2]byte{15, 0x42}, [2]byte{14, 9}:
		return unicast4
	case [2]byte{15, 0x01}, [2]byte{14, 4}:
		return broadcast
	}
	return 0
}

// Switch tags between the addresses and the type of an Ethernet frame: Broadcom's and Marvell's, four bytes; Marvell's
// longer form has a type of its own and two bytes of zero in front. tshark does not know these link types.
func brcm(d *Decoder, s span) (step, span) { return d.switchTag(ingest.ProtoBRCM, s, 4) }
func dsa(d *Decoder, s span) (step, span)  { return d.switchTag(ingest.ProtoDSA, s, 4) }
func edsa(d *Decoder, s span) (step, span) { return d.switchTag(ingest.ProtoDSA, s, 8) }

func (d *Decoder) switchTag(proto ingest.Proto, s span, size int) (step, span) {
	layer := d.add(ingest.ProtoEthernet, s, 12)
	if !d.need(s, 12) {
		return nil, s
	}
	return d.typedWrap(proto, s.behind(12, layer), size+2)
}

// brcmPrepended is Broadcom's tag in front of the frame.
func brcmPrepended(d *Decoder, s span) (step, span) { return d.wrap(ingest.ProtoBRCM, s, 4, ethernet) }
