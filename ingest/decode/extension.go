package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

func hopByHop(d *Decoder, s span) (step, span) { return d.extend(ingest.ProtoHopByHop, s) }
func destOpts(d *Decoder, s span) (step, span) { return d.extend(ingest.ProtoDestOpts, s) }

// extend is an IPv6 extension header of the common form: next header, length in units of 8 bytes beyond the first.
func (d *Decoder) extend(proto ingest.Proto, s span) (step, span) {
	next, rest, _ := d.extension8(proto, s)
	return next, rest
}

func (d *Decoder) extension8(proto ingest.Proto, s span) (next step, rest span, header []byte) {
	if !d.need(s, 2) {
		d.add(proto, s, 2)
		return nil, s, nil
	}
	length := int(s.bytes[1])*8 + 8
	layer := d.add(proto, s, length)
	if !d.need(s, length) || d.extension.DecodeFromBytes(s.bytes, feedback) != nil {
		return nil, s, nil
	}
	d.walk.fragLength -= length
	return protocolStep(uint8(d.extension.NextHeader)), s.behind(length, layer), d.extension.Contents
}

// routing is a routing header. While segments are left, the checksums behind it are over the final destination
// (RFC 8200, 8.1).
func routing(d *Decoder, s span) (step, span) {
	next, rest, header := d.extension8(ingest.ProtoRouting, s)
	if header != nil && header[3] > 0 && len(d.walk.dst) == 16 {
		if final := finalDestination(header, d.walk.dst); final != nil {
			d.walk.dst = final
		}
	}
	return next, rest
}

func finalDestination(header, dst []byte) []byte {
	switch kind := header[2]; {
	case kind == 3:
		return finalRPL(header, dst)
	case len(header) < 24:
		return nil
	case kind == 0: // source route, RFC 2460: the last address
		return header[8+(len(header)-24)/16*16:][:16]
	case kind == 2 || kind == 4: // mobile IPv6, RFC 6275; segment routing, RFC 8754, lists the last segment first
		return header[8:24]
	}
	return nil
}

// finalRPL is the last address of an RPL source route, whose first bytes are elided (RFC 6554, 3).
func finalRPL(header, dst []byte) []byte {
	elided, padding := int(header[4]&0x0f), int(header[5]>>4)
	end := len(header) - padding
	if end-(16-elided) < 8 {
		return nil
	}
	return append(append(make([]byte, 0, 16), dst[:elided]...), header[end-(16-elided):end]...)
}

// ah is the authentication header (RFC 4302); its length is in units of 4 bytes, less 2.
func ah(d *Decoder, s span) (step, span) {
	if !d.need(s, 2) {
		d.add(ingest.ProtoAH, s, 2)
		return nil, s
	}
	length := int(s.bytes[1])*4 + 8
	layer := d.add(ingest.ProtoAH, s, length)
	if !d.need(s, max(length, 12)) {
		return nil, s
	}
	d.walk.fragLength -= length
	return protocolStep(s.bytes[0]), s.behind(length, layer)
}

// fragment is the IPv6 fragment header; gopacket has no reusable parser for it. A fragment that is all of its
// datagram (RFC 6946) is decoded at once.
func fragment(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoIPv6Fragment, s, 8)
	if !d.need(s, 8) {
		return nil, s
	}
	next, field := s.bytes[0], binary.BigEndian.Uint16(s.bytes[2:])
	rest := s.behind(8, layer)
	d.walk.fragLength -= 8
	length, start, more := d.walk.fragLength, int(field&^7), field&1 != 0
	if start == 0 && !more || length <= 0 {
		return protocolStep(next), rest
	}
	if len(rest.bytes) < length {
		return d.part(rest)
	}
	k := key{id: binary.BigEndian.Uint32(s.bytes[4:]), v6: true}
	copy(k.src[:], d.walk.src)
	copy(k.dst[:], d.walk.dst)
	rest.bytes = rest.bytes[:length]
	return d.join(rest, piece{key: k, start: start, more: more, next: next})
}

// part ends a walk at a fragment whose datagram is not complete with it.
func (d *Decoder) part(rest span) (step, span) {
	if rest.quoted == 0 {
		d.walk.packet.Fragment = true
	}
	return data, rest
}

// join goes on with the datagram that the fragment completes, or ends the walk. Quoted fragments take no part: their
// datagram was on the wire elsewhere.
func (d *Decoder) join(rest span, p piece) (step, span) {
	if rest.quoted > 0 {
		return d.part(rest)
	}
	if p.header+p.start+len(rest.bytes) > maxDatagram {
		d.problem(rest, ingest.TooLong)
	}
	whole := d.whole(rest.bytes, p)
	if whole == nil {
		return d.part(rest)
	}
	if p.header+len(whole.Payload) > maxDatagram {
		d.problem(rest, ingest.TooLong)
	}
	*d.walk.hang, d.walk.hang = whole, &whole.Inner
	d.walk.fragmented, d.walk.fragLength = false, 0
	return protocolStep(whole.Next), span{bytes: whole.Payload, wire: len(whole.Payload), parent: rest.parent}
}

// whole is the datagram that a fragment completes: put together now, or on replay the one stored with the frame.
func (d *Decoder) whole(b []byte, p piece) *ingest.Datagram {
	if d.walk.replay {
		w := d.walk.given
		if w != nil {
			d.walk.given = w.Inner
		}
		return w
	}
	w, overlap := d.table.add(b, p, d.walk.frame.Number)
	if overlap {
		d.walk.packet.Problems |= ingest.Overlap
	}
	return w
}
