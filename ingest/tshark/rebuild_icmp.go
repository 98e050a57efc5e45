package tshark

import "slices"

// message is type, code and checksum of an ICMP message of size bytes, and the fields its type has.
func message(l *layer, prefix string, size int, slots map[int][]slot) (span, int) {
	s := blank(max(0, size))
	l.fill(&s, 0, num(prefix+".type", 0, 1), num(prefix+".code", 1, 1), num(prefix+".checksum", 2, 2))
	kind, ok := l.number(prefix + ".type")
	if !ok {
		return s, -1
	}
	l.fill(&s, 0, slots[kind]...)
	return s, kind
}

// icmp4 is an ICMP message of size bytes (RFC 792).
func (r *rebuild) icmp4(l *layer, rest chain, size int) span {
	s, kind := message(l, "icmp", size, icmp4Slots)
	var guesses []span
	switch kind {
	case 0, 8:
		guesses = r.echo(l, &s, "icmp.data_time")
	case 3, 4, 5, 11, 12:
		l.unused(&s, kind)
		r.quote(l, rest, &s)
	case 9:
		l.routers(&s)
		l.trailing(&s)
	case 10:
		s.reserve(4, 4)
	case 42:
		l.extension(&s, 8)
	}
	r.prove(l, &s, 0, "icmp.checksum.status", guesses)
	return s
}

// unused puts the header bytes that a type does not use, wherever they stand.
func (l *layer) unused(s *span, kind int) {
	at := []int{4, 6}
	if kind == 12 {
		at = []int{5, 6}
		if l.has("icmp.length") {
			at = at[1:]
		}
	}
	for _, at := range at {
		if v, ok := l.take("icmp.unused"); ok {
			b, _ := octets(v)
			s.put(at, b)
		}
	}
	s.reserve(4, 4)
}

// routers are the entries of a router advertisement (RFC 1256).
func (l *layer) routers(s *span) {
	for at := 8; at+8 <= len(s.b); at += 8 {
		l.fill(s, at, addr("icmp.router_address", 0, 4), num("icmp.pref_level", 4, 4))
	}
}

// trailing puts the data at the message's end.
func (l *layer) trailing(s *span) {
	if d := l.find("data"); d != nil {
		b := payload(d).b
		s.put(max(8, len(s.b)-len(b)), b)
	}
}

// echo puts the payload. Where tshark took a time off its front, the ways in which senders write it are to be tried.
func (r *rebuild) echo(l *layer, s *span, stamp string) []span {
	var b []byte
	if d := l.find("data"); d != nil {
		b = payload(d).b
	}
	v, timed := l.peek(stamp)
	if !timed {
		s.put(8, b)
		return nil
	}
	taken := len(s.b) - 8 - len(b)
	if taken != 8 && taken != 16 {
		return nil // the payload was cut by the snaplen, or is no longer than the time
	}
	s.put(8+taken, b)
	return stampings(v, taken)
}

// ranks put the layers of a quote in order where the export has none.
var ranks = map[string]int{"udp": 1, "tcp": 1, "icmp": 1, "icmpv6": 1, "data": 2}

// quote puts the packet that an error quotes, zeros behind it (RFC 4884 pads up to an extension, routers do to the end), and
// the extension.
func (r *rebuild) quote(l *layer, rest chain, s *span) {
	defer func(q bool, src, dst []byte) { r.quoted, r.src, r.dst = q, src, dst }(r.quoted, r.src, r.dst)
	r.quoted = true
	end := len(s.b)
	if n := l.extended(); n > 0 && len(s.b)-n >= 8 {
		end = len(s.b) - n
		l.extension(s, end)
	}
	inner := slices.Clone(chain(l.inner))
	slices.SortStableFunc(inner, func(a, b *layer) int { return ranks[a.name] - ranks[b.name] })
	q := r.encode(append(inner, rest...), max(0, end-8))
	q.limit(min(len(q.b), max(0, end-8)))
	s.paste(8, q)
	s.reserve(8+len(q.b), end-8-len(q.b))
}

// extended is how many bytes the extension takes, by the lengths of its objects; 0 without one.
func (l *layer) extended() int {
	if !l.has("icmp.ext.version") {
		return 0
	}
	n := 4
	for _, f := range l.fields {
		if f.name == "icmp.ext.length" {
			size, _ := integer(f.value)
			n += int(size & 0xffff)
		}
	}
	return n
}

// extension puts the extension structure (RFC 4884, 4950, 5837, 8335).
func (l *layer) extension(s *span, at int) {
	l.fill(s, at, bit("icmp.ext.version", 0, 1, 0xf0), bit("icmp.ext.res", 0, 2, 0x0fff), num("icmp.ext.checksum", 2, 2))
	for at += 4; at+4 <= len(s.b); {
		v, ok := l.take("icmp.ext.length")
		n, _ := integer(v)
		if !ok || n < 4 {
			return
		}
		s.number(at, 2, 0, n)
		l.fill(s, at, num("icmp.ext.class", 2, 1), num("icmp.ext.ctype", 3, 1))
		body := blank(int(min(n-4, uint64(len(s.b)))))
		l.object(&body, int(s.b[at+2]), int(s.b[at+3]))
		s.paste(at+4, body)
		at += int(min(n, uint64(len(s.b))))
	}
}

// object is the contents of an extension object.
func (l *layer) object(s *span, class, kind int) {
	switch {
	case class == 1 && kind == 1:
		for at := 0; at+4 <= len(s.b); at += 4 {
			l.fill(s, at, bit("icmp.mpls.label", 0, 3, 0xfffff0), bit("icmp.mpls.exp", 2, 1, 0x0e), bit("icmp.mpls.s", 2, 1, 1), num("icmp.mpls.ttl", 3, 1))
		}
	case class == 2:
		l.interfaceInfo(s, kind)
	case class == 3 && kind == 1:
		l.label(s, 0, "icmp.int_ident.name")
	case class == 3 && kind == 2:
		l.fill(s, 0, num("icmp.int_ident.index", 0, 4))
	case class == 3 && kind == 3:
		l.fill(s, 0, num("icmp.int_ident.afi", 0, 2), num("icmp.int_ident.addr_length", 2, 1), oct("icmp.int_ident.reserved", 3, 1),
			addr("icmp.int_ident.ipv4", 4, 4), addr("icmp.int_ident.ipv6", 4, 16))
	default:
		if v, ok := l.take("icmp.ext.data"); ok {
			b, _ := octets(v)
			s.put(0, b)
		}
	}
}

// interfaceInfo is RFC 5837: sub-objects in the order of the flags in the object's type.
func (l *layer) interfaceInfo(s *span, flags int) {
	at := 0
	if flags&8 != 0 {
		l.fill(s, at, num("icmp.int_info.index", 0, 4))
		at += 4
	}
	if flags&4 != 0 {
		v, _ := l.peek("icmp.int_info.afi")
		l.fill(s, at, num("icmp.int_info.afi", 0, 2), oct("icmp.reserved", 2, 2), addr("icmp.int_info.ipv4", 4, 4), addr("icmp.int_info.ipv6", 4, 16))
		s.reserve(at+2, 2)
		if at += 8; v == "2" {
			at += 12
		}
	}
	if flags&2 != 0 {
		v, _ := l.peek("icmp.int_info.name_length")
		n, _ := integer(v)
		l.fill(s, at, num("icmp.int_info.name_length", 0, 1))
		l.label(s, at+1, "icmp.int_info.name")
		at += int(n & 0xff)
	}
	if flags&1 != 0 {
		l.fill(s, at, num("icmp.int_info.mtu", 0, 4))
	}
}

// label puts a text; what is behind it are zeros up to a multiple of four bytes.
func (l *layer) label(s *span, at int, field string) {
	if v, ok := l.take(field); ok {
		s.put(at, []byte(v))
		s.reserve(at+len(v), 4)
	}
}
