package decode

import (
	"bytes"
	"encoding/binary"

	"icmpsift/ingest"
)

// wlanFrame is IEEE 802.11 without a radio header.
func wlanFrame(d *Decoder, s span) (step, span) {
	return wlan(d, s.limit(max(s.wire-max(d.walk.frame.FCS, 0), 0)))
}

// radio goes on with the IEEE 802.11 frame behind a radio header; padded tells that its header is filled up to a
// multiple of four bytes.
func (d *Decoder) radio(s span, padded bool) (step, span) {
	s = s.behind(0, d.add(ingest.ProtoWLANRadio, s, 0))
	if padded {
		return wlanPadded, s
	}
	return wlan, s
}

// Flags of radiotap's and PPI's frame fields.
const (
	radiotapFCS    = 0x10
	radiotapPadded = 0x20
	ppiFCS         = 0x01
)

// radiotap is https://www.radiotap.org: of its fields the flags matter.
func radiotap(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		return nil, s
	}
	header := int(binary.LittleEndian.Uint16(s.bytes[2:]))
	layer := d.add(ingest.ProtoRadiotap, s, header)
	if header < 8 || !d.need(s, header) {
		return nil, s
	}
	flags := radiotapFlags(s.bytes[:header])
	if flags&radiotapFCS != 0 {
		s = s.limit(max(header, s.wire-4))
	}
	return d.radio(s.behind(header, layer), flags&radiotapPadded != 0)
}

// radiotapFlags finds the flags field: behind the presence words and an aligned 8-byte timestamp, if there is one.
func radiotapFlags(b []byte) byte {
	present, at := binary.LittleEndian.Uint32(b[4:]), 8
	for word := present; word>>31 != 0; at += 4 {
		if at+4 > len(b) {
			return 0
		}
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if present&1 != 0 {
		at = (at+7)&^7 + 8
	}
	if present&2 == 0 || at >= len(b) {
		return 0
	}
	return b[at]
}

// ppi is the Per-Packet Information header (CACE Technologies); its 802.11-Common field says whether the FCS is there.
func ppi(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		return nil, s
	}
	header, link := int(binary.LittleEndian.Uint16(s.bytes[2:])), ingest.LinkType(binary.LittleEndian.Uint32(s.bytes[4:]))
	layer := d.add(ingest.ProtoPPI, s, header)
	if header < 8 || !d.need(s, header) {
		return nil, s
	}
	if link != ingest.LinkIEEE80211 {
		return d.inner(link, s.behind(header, layer))
	}
	if ppiFlags(s.bytes[8:header])&ppiFCS != 0 {
		s = s.limit(max(header, s.wire-4))
	}
	return d.radio(s.behind(header, layer), false)
}

// ppiFlags finds the flags of the 802.11-Common field.
func ppiFlags(fields []byte) byte {
	for len(fields) >= 4 {
		kind, size := binary.LittleEndian.Uint16(fields), int(binary.LittleEndian.Uint16(fields[2:]))
		if kind == 2 && size >= 10 && len(fields) >= 14 {
			return fields[4+8]
		}
		fields = fields[min(len(fields), 4+size):]
	}
	return 0
}

const avsMagic = 0x80211000

// prism is the header of 144 bytes of Prism chipsets' drivers; some put AVS's in its place.
func prism(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoPrism, s, 0)
	if len(s.bytes) >= 4 && binary.BigEndian.Uint32(s.bytes)&0xfffff000 == avsMagic {
		return avs, s.behind(0, layer)
	}
	d.walk.packet.Layers[layer].Header = min(144, len(s.bytes))
	if !d.need(s, 144) {
		return nil, s
	}
	return d.radio(s.behind(144, layer), false)
}

// avs is the header of the AVS WLAN project, which states its length.
func avs(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		return nil, s
	}
	header := int(binary.BigEndian.Uint32(s.bytes[4:]) & 0xffff)
	layer := d.add(ingest.ProtoAVS, s, header)
	if header < 8 || !d.need(s, header) {
		return nil, s
	}
	return d.radio(s.behind(header, layer), false)
}

func wlan(d *Decoder, s span) (step, span)        { return d.dot11(s, false, false) }
func wlanPadded(d *Decoder, s span) (step, span)  { return d.dot11(s, true, false) }
func wlanSwapped(d *Decoder, s span) (step, span) { return d.dot11(s, false, true) } // CAPWAP

// dot11 is IEEE 802.11. Only data frames carry packets, and of these protected ones and fragments stay opaque.
func (d *Decoder) dot11(s span, padded, swapped bool) (step, span) {
	if !d.need(s, 2) {
		d.add(ingest.ProtoWLAN, s, 2)
		return nil, s
	}
	kind, flags := s.bytes[0], s.bytes[1]
	if swapped {
		kind, flags = flags, kind
	}
	header := dot11Length(kind, flags, padded)
	layer := d.add(ingest.ProtoWLAN, s, header)
	if kind&0x0c != 0x08 || kind&0x40 != 0 { // not data, or a data frame without any
		return nil, s
	}
	if !d.need(s, header) {
		return nil, s
	}
	return d.msdu(s, s.behind(header, layer), kind, flags)
}

// Flags in the second byte of frame control, and the subtype bit of QoS in the first.
const (
	dot11ToDS      = 0x01
	dot11FromDS    = 0x02
	dot11More      = 0x04
	dot11Protected = 0x40
	dot11Order     = 0x80
	dot11QoS       = 0x80
)

// dot11Length is the length of a data frame's header.
func dot11Length(kind, flags byte, padded bool) int {
	header := 24
	if flags&(dot11ToDS|dot11FromDS) == dot11ToDS|dot11FromDS {
		header += 6 // fourth address
	}
	if kind&dot11QoS != 0 {
		header += 2
		if flags&dot11Order != 0 {
			header += 4 // HT control
		}
	}
	if padded {
		header = (header + 3) &^ 3
	}
	return header
}

// msdu goes on with what a data frame carries.
func (d *Decoder) msdu(s, rest span, kind, flags byte) (step, span) {
	if flags&dot11Protected != 0 {
		return data, rest
	}
	rest, whole := d.defragment(s, rest, flags&dot11More != 0)
	if !whole {
		return data, rest
	}
	wds := flags&(dot11ToDS|dot11FromDS) == dot11ToDS|dot11FromDS
	if kind&dot11QoS != 0 {
		at := 24
		if wds {
			at = 30
		}
		if s.bytes[at]&0x80 != 0 {
			return aggregate, rest
		}
		if wds && s.bytes[at+1]&1 != 0 {
			rest = mesh(rest)
		}
	}
	if b := rest.bytes; len(b) >= 14 && (b[0] != 0xaa || b[1] != 0xaa) && (bytes.Equal(b[:6], s.bytes[4:10]) || bytes.Equal(b[6:12], s.bytes[10:16])) {
		return ethernet, rest // some drivers leave the Ethernet header in
	}
	return llc, rest
}

// defragment puts the fragments of a packet together; they come in order. Like Wireshark it takes a last fragment that
// stands alone for a whole packet: some senders number so.
func (d *Decoder) defragment(s, rest span, more bool) (span, bool) {
	sequence := binary.LittleEndian.Uint16(s.bytes[22:])
	number := int(sequence & 0x0f)
	if number == 0 && !more {
		return rest, true
	}
	k := key{id: uint32(sequence >> 4), kind: keyWLAN}
	copy(k.src[:], s.bytes[10:16])
	copy(k.dst[:], s.bytes[4:10])
	start, ok := 0, len(rest.bytes) == rest.wire
	if ok && !d.walk.replay {
		start, ok = d.table.next(k, number)
	}
	if ok {
		if whole, body := d.assemble(rest, piece{key: k, start: start, more: more}); whole != nil {
			return body, true
		}
	}
	return rest, !more
}

// mesh skips a mesh control header (IEEE 802.11-2020, 9.2.4.8.3).
func mesh(s span) span {
	if len(s.bytes) < 6 || s.bytes[0]&^3 != 0 || s.bytes[0] == 3 {
		return s
	}
	return s.behind(6+6*int(s.bytes[0]), int(s.parent))
}

// aggregate is an A-MSDU: several packets, each behind addresses and a length, and padded to a multiple of four bytes.
func aggregate(d *Decoder, s span) (step, span) {
	for s.wire >= 14 && d.need(s, 14) {
		length := 14 + int(binary.BigEndian.Uint16(s.bytes[12:]))
		d.run(llc, s.limit(length).behind(14, int(s.parent)))
		s = s.behind((length+3)&^3, int(s.parent))
	}
	return nil, s
}
