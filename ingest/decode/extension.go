package decode

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

func hopByHop(d *Decoder, s span) (step, span) { return d.extend(ingest.ProtoHopByHop, s) }

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
	if !d.reads(s, 3, 4, 8, length) || d.extension.DecodeFromBytes(s.bytes, feedback) != nil {
		return nil, s, nil
	}
	d.walk.fragLength -= length
	return protocolStep(uint8(d.extension.NextHeader)), s.behind(length, layer), d.extension.Contents
}

// destOpts are destination options. Behind a home address, packets are the home's.
func destOpts(d *Decoder, s span) (step, span) {
	layer := len(d.walk.packet.Layers)
	next, rest, header := d.extension8(ingest.ProtoDestOpts, s)
	if home := d.walk.packet.Layers[layer].Home(); header != nil && home != nil && len(d.walk.src) == 16 {
		d.walk.src = home
	}
	return next, rest
}

// routing is a routing header. While segments are left, what is behind it is for the final destination.
func routing(d *Decoder, s span) (step, span) {
	layer := len(d.walk.packet.Layers)
	next, rest, header := d.extension8(ingest.ProtoRouting, s)
	if header != nil && len(d.walk.dst) == 16 {
		final := d.walk.packet.Layers[layer].FinalDst(netip.AddrFrom16([16]byte(d.walk.dst)))
		d.final = final.As16()
		d.walk.dst = d.final[:]
	}
	return next, rest
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
	if s.unseen(2, 8) {
		return nil, s
	}
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
	k := key{id: binary.BigEndian.Uint32(s.bytes[4:]), kind: keyIPv6}
	copy(k.src[:], d.walk.src)
	copy(k.dst[:], d.walk.dst)
	rest.bytes = rest.bytes[:length]
	return d.join(rest, piece{key: k, start: start, more: more, next: next})
}

// part ends a walk at a fragment whose datagram is not complete with it.
func (d *Decoder) part(rest span) (step, span) {
	if rest.quoted == 0 && d.walk.packet.ICMP < 0 {
		d.walk.packet.Fragment = true
	}
	return data, rest
}

// join goes on with the datagram that the fragment completes, or ends the walk. As in Wireshark, quoted fragments take
// part too.
func (d *Decoder) join(rest span, p piece) (step, span) {
	if p.header+p.start+len(rest.bytes) > maxDatagram {
		d.problem(rest, ingest.TooLong)
	}
	whole, body := d.assemble(rest, p)
	if whole == nil {
		return d.part(rest)
	}
	d.walk.fragmented, d.walk.fragLength = false, 0
	return protocolStep(whole.Next), body
}

// assemble gives what the fragment completes, hung into the packet, and its payload; nil if it does not complete anything.
func (d *Decoder) assemble(rest span, p piece) (*ingest.Datagram, span) {
	whole := d.whole(rest, p)
	if whole == nil {
		return nil, rest
	}
	whole.Layer = rest.parent
	*d.walk.hang, d.walk.hang = whole, &whole.Inner
	d.judge(rest, whole, p.header)
	return whole, span{bytes: whole.Payload, wire: len(whole.Payload), parent: rest.parent, quoted: rest.quoted}
}

// whole is the datagram that a fragment completes: put together now, or on replay the one stored with the frame.
func (d *Decoder) whole(rest span, p piece) *ingest.Datagram {
	if d.walk.replay {
		w := d.walk.given
		if w == nil || w.Layer != rest.parent {
			return nil
		}
		d.walk.given = w.Inner
		return w
	}
	w, disputed := d.table.add(rest.bytes, p, d.walk.frame.Number)
	if disputed {
		d.problem(rest, ingest.NextHeaders)
	}
	return w
}

// judge tells what is wrong with the fragments of a datagram.
func (d *Decoder) judge(rest span, w *ingest.Datagram, header int) {
	var all ingest.PartFlags
	for _, p := range w.Parts {
		all |= p.Flags
	}
	problems := ingest.Problem(0)
	if all&ingest.PartOverlap != 0 {
		problems |= ingest.Overlap
	}
	if all&(ingest.PartConflict|ingest.PartMultipleTails|ingest.PartTooLong) != 0 {
		problems |= ingest.Conflict
	}
	if header+len(w.Payload) > maxDatagram {
		problems |= ingest.TooLong
	}
	d.problem(rest, problems)
	if !d.walk.replay {
		d.table.stats.count(problems)
	}
}
