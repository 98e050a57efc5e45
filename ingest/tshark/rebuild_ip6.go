package tshark

import "encoding/binary"

// ip6 is RFC 8200.
func (r *rebuild) ip6(l *layer, rest chain, size int) span {
	s := l.header(40, ip6Slots...)
	r.src, r.dst = s.b[8:24], s.b[24:40]
	length, _ := l.number("ipv6.plen")
	if size >= 0 && length > left(size, 40) {
		length = left(size, 40)
		defer func(q bool) { r.partial = q }(r.partial)
		r.partial = true
	}
	next, _ := l.number("ipv6.nxt")
	link := 6 // where the number of the next header stands
	for extension(next) {
		e, after, ok := l.extension6(next)
		if next == 44 && ok && !atomic(e) {
			return r.part6(l, s, e, link, rest, length-(len(s.b)-40))
		}
		if !ok || e.reach() < len(e.b) {
			r.dropped = true
			length -= len(e.b)
			s.number(4, 2, 0, uint64(max(0, length)))
			s.number(link, 1, 0, uint64(after))
		} else {
			r.final(e, next)
			link = len(s.b)
			s.add(e)
		}
		if next = after; !ok {
			break
		}
	}
	s.add(r.carried(rest, max(0, length-(len(s.b)-40))))
	return s
}

// atomic tells whether a fragment header splits nothing (RFC 6946).
func atomic(e span) bool { return binary.BigEndian.Uint16(e.b[2:])&^6 == 0 }

// final takes the destination of a routing header that has not ended: checksums are over that (RFC 8200 section 8.1).
func (r *rebuild) final(e span, kind int) {
	if kind == 43 && len(e.b) >= 24 && e.b[3] > 0 && (e.b[2] == 0 || e.b[2] == 2) {
		r.dst = e.b[len(e.b)-16:]
	}
}

func extension(next int) bool { return next == 0 || next == 43 || next == 44 || next == 60 }

// extension6 is one extension header and the number of what follows it.
func (l *layer) extension6(kind int) (s span, after int, ok bool) {
	prefix := map[int]string{0: "ipv6.hopopts", 43: "ipv6.routing", 44: "ipv6.fraghdr", 60: "ipv6.dstopts"}[kind]
	v, ok := l.take(prefix + ".nxt")
	n, _ := integer(v)
	if !ok {
		return s, 59, false // no next header
	}
	if kind == 44 {
		s = l.header(8, fragmentSlots...)
		s.number(0, 1, 0, n)
		return s, int(n), true
	}
	v, _ = l.take(prefix + ".len")
	size, _ := integer(v)
	s = blank(int(size&0xff)*8 + 8)
	s.number(0, 1, 0, n)
	s.number(1, 1, 0, size)
	if kind == 43 {
		l.routing(&s)
	} else {
		l.options6(&s)
	}
	return s, int(n), true
}

// routing is a routing header; of its types 0 and 2 the addresses are told.
func (l *layer) routing(s *span) {
	l.fill(s, 0, num("ipv6.routing.type", 2, 1), num("ipv6.routing.segleft", 3, 1), oct("ipv6.routing.src.reserved", 4, 4), oct("ipv6.routing.mipv6.reserved", 4, 4))
	for at := 8; at+16 <= len(s.b); at += 16 {
		l.fill(s, at, addr("ipv6.routing.src.addr", 0, 16), addr("ipv6.routing.mipv6.home_address", 0, 16))
	}
}

// options6 are the options of a hop-by-hop or destination options header.
func (l *layer) options6(s *span) {
	for at := 2; at < len(s.b); {
		v, ok := l.take("ipv6.opt.type")
		kind, _ := integer(v)
		if !ok {
			return
		}
		s.number(at, 1, 0, kind)
		if at++; kind == 0 {
			continue
		}
		v, _ = l.take("ipv6.opt.length")
		n, _ := integer(v)
		s.number(at, 1, 0, n)
		l.option6(s, at+1, kind, int(n))
		at += 1 + int(n)
	}
}

func (l *layer) option6(s *span, at int, kind uint64, n int) {
	name := "ipv6.opt.unknown"
	switch kind {
	case 1:
		name = "ipv6.opt.padn"
	case 5:
		l.fill(s, at, num("ipv6.opt.router_alert", 0, 2))
		return
	case 0x1e, 0x3e, 0x5e, 0x7e, 0x9e, 0xbe, 0xde, 0xfe:
		name = "ipv6.opt.experimental"
	}
	if v, ok := l.take(name); ok || n == 0 {
		if b, ok := octets(v); ok && len(b) == n {
			s.put(at, b)
		}
	}
}

// part6 is a fragment behind a fragment header; see part4.
func (r *rebuild) part6(l *layer, s, head span, link int, rest chain, length int) span {
	whole, ok := l.whole("ipv6.reassembled.data", "ipv6.fragments")
	body := max(0, length-8)
	offset := int(binary.BigEndian.Uint16(head.b[2:]) &^ 7)
	switch {
	case !ok:
		s.add(head)
		s.add(r.loose(rest, body))
	case r.complete(l, "ipv6.fragment") && offset+body <= len(whole) && !l.has("ipv6.fragment.overlap.conflict"):
		s.add(head)
		s.add(told(whole[offset : offset+body]))
		r.message = true
	case len(whole)+len(s.b)-40 <= 0xffff:
		r.folded, r.message = true, true
		s.number(link, 1, 0, uint64(head.b[0]))
		s.number(4, 2, 0, uint64(len(s.b)-40+len(whole)))
		s.add(told(whole))
	default:
		s.add(head)
		s.limit(len(s.b) + body)
	}
	return s
}
