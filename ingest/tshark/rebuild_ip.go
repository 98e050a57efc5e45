package tshark

import (
	"encoding/binary"
	"strings"
)

// ip4 is RFC 791: header, options where they can be told, and as much behind them as the header says.
func (r *rebuild) ip4(l *layer, rest chain, size int) span {
	s := l.header(20, ip4Slots...)
	r.src, r.dst = s.b[12:16], s.b[16:20]
	header, sound := l.number("ip.hdr_len")
	total, _ := l.number("ip.len")
	if sound {
		s.number(0, 1, 0x0f, uint64(header/4))
	}
	l.flags(&s)
	r.offset(l, &s)
	offloaded(&s, sound && header == 20)
	body := max(0, total-header)
	if size >= 0 && body > left(size, header) { // the header claims more than there is
		body = left(size, header)
		defer func(q bool) { r.partial = q }(r.partial)
		r.partial = true
	}
	if header > 20 {
		s = r.options4(l, s, header)
	}
	if fragment := binary.BigEndian.Uint16(s.b[6:]) & 0x3fff; fragment != 0 {
		return r.part4(l, s, rest, int(fragment&0x1fff)*8, body)
	}
	s.add(r.carried(rest, body))
	return s
}

// offloaded takes back the length that tshark worked out where the header has none (segmentation offload), if its checksum
// says so.
func offloaded(s *span, plain bool) {
	if !plain || s.reach() < 20 || sum16(0, s.b) == 0xffff {
		return
	}
	t := span{}
	t.add(*s)
	if t.number(2, 2, 0, 0); sum16(0, t.b) == 0xffff {
		*s = t
	}
}

// carried is what an IP header carries: size bytes of it.
func (r *rebuild) carried(rest chain, size int) span {
	s := r.encode(rest, size)
	s.limit(size)
	return s
}

// flags puts the three flags, which up to Wireshark 3.6 stood where they stand in their byte: no number above 7 is one of
// three bits.
func (l *layer) flags(s *span) {
	if n, ok := l.number("ip.flags"); ok {
		if n > 7 {
			n >>= 5
		}
		s.number(6, 2, 0xe000, uint64(n))
	}
}

// offset puts the fragment offset, which was in bytes up to Wireshark 3.6. The header's own checksum tells which it is,
// or else what other frames showed.
func (r *rebuild) offset(l *layer, s *span) {
	n, ok := l.number("ip.frag_offset")
	if !ok {
		return
	}
	units := n
	if r.bytewise {
		units = n / 8
	}
	s.number(6, 2, 0x1fff, uint64(units))
	if n == 0 || s.reach() < 20 || sum16(0, s.b) == 0xffff {
		return
	}
	t := blank(20)
	t.put(0, s.b)
	if t.number(6, 2, 0x1fff, uint64(n/8)); sum16(0, t.b) == 0xffff {
		*s = t
	}
}

// options4 appends the options if they are told whole or the header checksum proves them; otherwise the header is shortened
// and they are left out, which keeps what follows.
func (r *rebuild) options4(l *layer, s span, header int) span {
	o := options4(l, header-20)
	t := span{}
	t.add(s)
	t.add(o)
	if t.reach() == len(t.b) || t.guessed() && sum16(0, t.b) == 0xffff {
		t.settle()
		return t
	}
	r.dropped = true
	s.number(0, 1, 0x0f, 5)
	if n := int(binary.BigEndian.Uint16(s.b[2:])) - (header - 20); n >= 20 {
		s.number(2, 2, 0, uint64(n))
	}
	return s
}

// options4 is size bytes of options. tshark shows each option's bytes, and apart from them the types in their order.
func options4(l *layer, size int) span {
	s := blank(0)
	for len(s.b) < size {
		kind, ok := l.take("ip.opt.type")
		b := l.option4(kind)
		if !ok || len(b) == 0 {
			break
		}
		s.add(told(b))
	}
	n := len(s.b)
	s.limit(size)
	s.reserve(n, size)
	return s
}

// option4 takes the next option of a type.
func (l *layer) option4(kind string) []byte {
	want, _ := integer(kind)
	for i := range l.fields {
		f := &l.fields[i]
		if f.taken || !strings.HasPrefix(f.name, "ip.options.") {
			continue
		}
		if b, ok := octets(f.value); ok && len(b) > 0 && uint64(b[0]) == want {
			f.taken = true
			return b
		}
	}
	return nil
}

// part4 is a fragment. The frame that completes a datagram shows the whole one: its own bytes are cut out of that again;
// but if the export lacks other fragments, the datagram is kept whole in this frame.
func (r *rebuild) part4(l *layer, s span, rest chain, offset, body int) span {
	whole, ok := l.whole("ip.reassembled.data", "ip.fragments")
	switch {
	case !ok:
		s.add(r.loose(rest, body))
	case r.complete(l, "ip.fragment") && offset+body <= len(whole) && !l.has("ip.fragment.overlap.conflict"):
		s.add(told(whole[offset : offset+body]))
		r.message = true
	case len(whole)+len(s.b) <= 0xffff:
		r.folded, r.message = true, true
		s.number(2, 2, 0, uint64(len(s.b)+len(whole)))
		s.number(6, 2, 0x3fff, 0)
		s.add(told(whole))
	default:
		s.limit(len(s.b) + body)
	}
	return s
}

// loose is the bytes of a fragment that completes nothing: tshark shows them as data, or as the message they begin.
func (r *rebuild) loose(rest chain, size int) span {
	if len(rest) > 0 && rest[0].name != "data" {
		defer func(quoted bool) { r.quoted = quoted }(r.quoted)
		r.quoted = true // a checksum over more than this fragment proves nothing
	}
	return r.carried(rest, size)
}

// whole is the datagram that the frame completes.
func (l *layer) whole(names ...string) ([]byte, bool) {
	for _, name := range names {
		if v, ok := l.peek(name); ok {
			if b, ok := octets(v); ok && len(b) > 0 {
				return b, true
			}
		}
	}
	return nil, false
}

// complete tells whether all other fragments of the datagram were in the export.
func (r *rebuild) complete(l *layer, name string) bool {
	for i := range l.fields {
		if f := &l.fields[i]; f.name == name {
			n, ok := integer(f.value)
			if !ok || int64(n) != r.number && !r.arrived(int64(n)) {
				return false
			}
		}
	}
	return true
}
