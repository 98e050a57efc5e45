package engine_test

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"slices"

	"icmpsift/ingest"
)

// lists are the fields of the header that stand in lists: lengths and types of options, of extension objects, of records. They lie
// where the bytes before them say, so structural cannot name them.
func lists(l *ingest.Layer) (out []place) {
	b := l.Bytes
	switch l.Proto {
	case ingest.ProtoIPv4:
		return options(b[:min(len(b), l.Header)], 20, 1, 0)
	case ingest.ProtoHopByHop, ingest.ProtoDestOpts:
		return options(b[:min(len(b), l.Header)], 2, 1, 2)
	case ingest.ProtoICMPv6:
		if start := l.OptionStart(); start >= 0 {
			return options(b, start, 8, 0)
		}
		if len(b) > 0 && b[0] == 143 { // MLDv2
			return records(b)
		}
	case ingest.ProtoICMPv4:
	default:
		return nil
	}
	return objects(b)
}

// options walks types and lengths, which count in units and do not count the first extra bytes.
func options(b []byte, at, unit, extra int) (out []place) {
	for at+1 < len(b) && len(out) < 60 {
		out = append(out, place{at, 1}, place{at + 1, 1}, place{at + 1, 2})
		if unit == 1 && b[at] <= 1 && !(extra > 0 && b[at] == 1) { // padding of one byte
			at++
			continue
		}
		n := int(b[at+1])*unit + extra
		if n == 0 {
			break
		}
		at += n
	}
	return out
}

// records are those of MLDv2: their number, and their lengths.
func records(b []byte) (out []place) {
	out = append(out, place{6, 2})
	for at := 8; at+20 <= len(b) && len(out) < 60; at += 20 + 16*int(binary.BigEndian.Uint16(b[at+2:])) + 4*int(b[at+1]) {
		out = append(out, place{at, 1}, place{at + 1, 1}, place{at + 2, 2})
	}
	return out
}

// objects are those of RFC 4884, behind the quote, whose length stands in the header or is 128.
func objects(b []byte) (out []place) {
	if len(b) < 12 {
		return nil
	}
	quote := 4 * int(b[5])
	if b[0] < 3 { // ICMPv6
		quote = 8 * int(b[4])
	}
	if quote == 0 {
		quote = 128
	}
	out = append(out, place{8 + quote, 1})
	for at := 8 + quote + 4; at+4 <= len(b) && len(out) < 60; at += max(4, int(binary.BigEndian.Uint16(b[at:]))) {
		out = append(out, place{at, 2}, place{at + 2, 1}, place{at + 3, 1}, place{at + 4, 4}, place{at + 8, 2})
	}
	return out
}

// fitted makes the lengths of the IP headers in front of a place agree with a frame that got longer or shorter there, so that what
// follows is reached; of other headers, too, which hold the length of what is behind them.
func fitted(p *ingest.Packet, data []byte, at, by int) {
	for i := range p.Layers {
		l := &p.Layers[i]
		start, ok := ingest.Place(l.Bytes, p.Data)
		if !ok || start >= at || start+8 > len(data) {
			continue
		}
		add := func(field int) {
			b := data[start+field:]
			binary.BigEndian.PutUint16(b, uint16(int(binary.BigEndian.Uint16(b))+by))
		}
		switch l.Proto {
		case ingest.ProtoIPv4:
			add(2)
		case ingest.ProtoIPv6, ingest.ProtoUDP:
			add(4)
		}
	}
}

// options that may be put in, of all kinds of lists, whole or with lengths that lie.
var grafts = [][]byte{
	{7, 7, 4, 0, 0, 0, 0, 0}, {68, 8, 5, 0, 0, 0, 0, 0}, {131, 7, 4, 10, 0, 0, 1, 0}, {148, 4, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 1},
	{5, 2, 0, 0}, {1, 4, 0, 0, 0, 0}, {0xc2, 4, 0, 1, 0, 0}, {0x63, 4, 0, 0, 0, 0}, {0x26, 0},
	{1, 1, 2, 0, 0, 0, 0, 1}, {5, 1, 0, 0, 0, 0, 5, 0xdc}, append([]byte{3, 4, 64, 0xc0}, make([]byte, 28)...), append([]byte{25, 3, 0, 0, 0, 0, 0, 9}, make([]byte, 16)...),
	append([]byte{31, 2, 0, 0, 0, 0, 0, 9, 2, 'a', 'b', 0xc0, 0}, 0, 0, 0), {24, 1, 64, 0, 0, 0, 0, 9}, {4, 1, 0, 0, 0, 0, 0, 0},
	{0x20, 0, 0, 0, 0, 8, 1, 1, 0, 16, 1, 1}, {0, 8, 2, 0x0f, 0, 0, 0, 1}, {0, 12, 3, 1, 0, 1, 4, 0, 10, 0, 0, 1}, {0, 4, 0, 0}, {0xff, 0xff, 1, 1},
	{59, 0, 1, 4, 0, 0, 0, 0}, {44, 0, 0, 1, 0, 0, 0, 1}, {43, 2, 0, 1}, {41, 0, 0, 0, 0, 0, 0, 9},
}

// grafted puts something into a header, behind a place where a list may stand, or takes bytes out; mostly with lengths that follow.
func grafted(r *rand.Rand, p *ingest.Packet, l *ingest.Layer, data []byte, at int) []byte {
	spots := []int{min(8, len(l.Bytes)), min(l.Header, len(l.Bytes)), r.Intn(len(l.Bytes) + 1)}
	for _, f := range lists(l) {
		spots = append(spots, min(f.at, len(l.Bytes)))
	}
	spot := at + spots[r.Intn(len(spots))]
	var out []byte
	if r.Intn(3) == 0 {
		out = slices.Concat(data[:spot], data[min(len(data), spot+1+r.Intn(24)):])
	} else {
		g := grafts[r.Intn(len(grafts))]
		out = slices.Concat(data[:spot], bytes.Repeat(g, 1+r.Intn(3)*r.Intn(8)), data[spot:])
	}
	if by := len(out) - len(data); r.Intn(4) > 0 {
		fitted(p, out, spot, by)
		if spot-at <= l.Header && r.Intn(2) == 0 && l.Proto == ingest.ProtoIPv4 && at < len(out) { // and the header's own
			out[at] = out[at]&0xf0 | byte(min(15, max(5, int(out[at]&15)+by/4)))
		}
	}
	return out
}

// shredded makes fragments of an IPv4 or IPv6 packet: mostly as a sender would, then with some missing, doubled, out of order,
// overlapping, too far, or with other ends.
func shredded(r *rand.Rand, f *ingest.Frame, l *ingest.Layer, at int) (out []ingest.Frame) {
	head, body := f.Data[:at+min(l.Header, len(l.Bytes))], f.Data[at+min(l.Header, len(l.Bytes)):]
	v6 := l.Proto == ingest.ProtoIPv6
	if len(l.Bytes) < l.Header || len(body) < 16 || !v6 && l.Header < 20 || v6 && l.Header < 40 {
		return nil
	}
	id := uint16(r.Intn(4))
	step := 8 * (1 + r.Intn(1+len(body)/8))
	for from := 0; from < len(body) && len(out) < 30; from += step {
		start, end := from, min(len(body), from+step)
		flags := uint16(start) | 1
		if end == len(body) {
			flags &^= 1
		}
		switch r.Intn(12) {
		case 0:
			continue // lost
		case 1:
			flags = uint16(odd(r, 2, uint64(flags)))
		case 2:
			start = max(0, start-8*r.Intn(3))
		case 3:
			end = start + r.Intn(1+end-start)
		}
		g := *f
		g.Data = fragmentOf(head, body[start:end], at, v6, id, flags)
		g.Wire = len(g.Data)
		out = append(out, g)
		if r.Intn(10) == 0 {
			out = append(out, g)
		}
	}
	if r.Intn(3) == 0 {
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// fragmentOf is one fragment: flags are the offset in bytes, and 1 for more, as in the header of IPv6.
func fragmentOf(head, part []byte, at int, v6 bool, id, flags uint16) []byte {
	b := bytes.Clone(head)
	ip := b[at:]
	if !v6 {
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(part)))
		binary.BigEndian.PutUint16(ip[4:], id)
		binary.BigEndian.PutUint16(ip[6:], flags>>3|flags&1<<13)
		return append(b, part...)
	}
	next := ip[6]
	ip[6] = 44
	binary.BigEndian.PutUint16(ip[4:], uint16(len(ip)-40+8+len(part)))
	return slices.Concat(b, []byte{next, 0, byte(flags >> 8), byte(flags), 0, 0, byte(id >> 8), byte(id)}, part)
}
