package tshark

import (
	"math/bits"
	"strings"
)

// icmp6 is an ICMPv6 message of size bytes (RFC 4443).
func (r *rebuild) icmp6(l *layer, rest chain, size int) span {
	s, kind := message(l, "icmpv6", size, icmp6Slots)
	start := r.pseudo(len(s.b))
	var guesses []span
	switch kind {
	case 128, 129:
		guesses = r.echo(l, &s, "icmpv6.data_time")
	case 1, 3:
		l.reserved6(&s)
		r.quote(l, rest, &s)
	case 2, 4:
		r.quote(l, rest, &s)
	case 130:
		l.query(&s)
	case 143:
		l.reports(&s)
	case 133, 134, 135, 136, 137:
		r.options(l, rest, &s, optionsAt[kind])
	case 160:
		l.extension(&s, 8)
	default:
		l.rest(&s)
	}
	r.prove(l, &s, start, "icmpv6.checksum.status", guesses)
	return s
}

// reserved6 is the rest of the header of an error: all four bytes, or three behind a length (RFC 4884).
func (l *layer) reserved6(s *span) {
	if v, ok := l.take("icmpv6.reserved"); ok {
		b, _ := octets(v)
		s.put(8-len(b), b)
	}
}

// rest is everything behind the checksum, of types that tshark does not decode.
func (l *layer) rest(s *span) {
	if v, ok := l.take("icmpv6.data"); ok {
		b, _ := octets(v)
		s.put(4, b)
	}
}

// query is a listener query of version 2 (RFC 3810 section 5.1), which tshark shows with its codes worked out.
func (l *layer) query(s *span) {
	if v, ok := l.take("icmpv6.mld.maximum_response_code"); ok {
		if n, ok := integer(v); ok {
			s.number(4, 2, 0, floating(n, 12))
		}
	}
	if len(s.b) < 28 {
		return
	}
	l.fill(s, 24, num("icmpv6.mld.flag", 0, 1), num("icmpv6.mld.nb_sources", 2, 2))
	if v, ok := l.take("icmpv6.mld.qqi"); ok {
		if n, ok := integer(v); ok {
			s.number(25, 1, 0, floating(n, 4))
		}
	}
	for at := 28; at+16 <= len(s.b); at += 16 {
		l.fill(s, at, addr("icmpv6.mld.source_address", 0, 16))
	}
}

// floating is the code of a number: itself below 2^(mantissa+3), else three bits of exponent and a mantissa, marked by the bit
// in front (RFC 3810 sections 5.1.3 and 5.1.9).
func floating(n uint64, mantissa int) uint64 {
	if n < 1<<(mantissa+3) {
		return n
	}
	exponent := bits.Len64(n) - mantissa - 4
	if exponent > 7 {
		return 1<<(mantissa+4) - 1
	}
	return 1<<(mantissa+3) | uint64(exponent)<<mantissa | n>>(exponent+3)&(1<<mantissa-1)
}

// reports are the records of a listener report of version 2 (RFC 3810 section 5.2).
func (l *layer) reports(s *span) {
	for at := 8; at+20 <= len(s.b); {
		v, ok := l.take("icmpv6.mldr.mar.nb_sources")
		sources, _ := integer(v)
		a, _ := l.peekNext("icmpv6.mldr.mar.aux_data_len")
		auxiliary, _ := integer(a)
		if !ok {
			return
		}
		s.number(at+2, 2, 0, sources)
		l.fill(s, at, num("icmpv6.mldr.mar.record_type", 0, 1), num("icmpv6.mldr.mar.aux_data_len", 1, 1), addr("icmpv6.mldr.mar.multicast_address", 4, 16))
		at += 20
		for range min(int(sources), len(s.b)/16) {
			l.fill(s, at, addr("icmpv6.mldr.mar.source_address", 0, 16))
			at += 16
		}
		if auxiliary > 0 {
			l.fill(s, at, oct("icmpv6.mldr.mar.auxiliary_data", 0, int(auxiliary&0xff)*4))
			at += int(auxiliary&0xff) * 4
		}
	}
}

// peekNext is what take would give.
func (l *layer) peekNext(name string) (string, bool) {
	for i := range l.fields {
		if f := &l.fields[i]; f.name == name && !f.taken {
			return f.value, true
		}
	}
	return "", false
}

// options are those of neighbor discovery (RFC 4861 section 4.6 and successors). Reserved bytes are guessed to be zero.
func (r *rebuild) options(l *layer, rest chain, s *span, at int) {
	for at+2 <= len(s.b) {
		v, ok := l.take("icmpv6.opt.type")
		kind, _ := integer(v)
		v, _ = l.take("icmpv6.opt.length")
		words, _ := integer(v)
		if !ok {
			return
		}
		s.number(at, 1, 0, kind)
		s.number(at+1, 1, 0, words)
		n := int(words&0xff) * 8
		if n == 0 {
			return
		}
		r.option(l, rest, s, at, n, int(kind))
		at += n
	}
}

// option is the contents of one option of n bytes.
func (r *rebuild) option(l *layer, rest chain, s *span, at, n, kind int) {
	guess := true
	switch kind {
	case 1, 2:
		guess = false
		l.linkAddress(s, at, n)
	case 3:
		l.fill(s, at, num("icmpv6.opt.prefix.length", 2, 1), num("icmpv6.opt.prefix.flag", 3, 1), num("icmpv6.opt.prefix.valid_lifetime", 4, 4),
			num("icmpv6.opt.prefix.preferred_lifetime", 8, 4), addr("icmpv6.opt.prefix", 16, 16))
	case 4:
		s.paste(at+8, l.quoted6(r, rest, max(0, min(n, len(s.b)-at)-8)))
	case 5:
		l.fill(s, at, num("icmpv6.opt.mtu", 4, 4))
	case 7:
		l.fill(s, at, num("icmpv6.opt.advertisement_interval", 4, 4))
	case 8:
		l.fill(s, at, num("icmpv6.opt.home_agent_preference", 4, 2), num("icmpv6.opt.home_agent_lifetime", 6, 2))
	case 14:
		l.fill(s, at, oct("icmpv6.opt.nonce", 2, n-2))
	case 24:
		l.route(s, at, n)
	case 25:
		l.fill(s, at, num("icmpv6.opt.rdnss.lifetime", 4, 4))
		l.addresses(s, at+8, at+n, "icmpv6.opt.rdnss")
	case 31:
		l.domains(s, at, n)
	case 33:
		l.fill(s, at, num("icmpv6.opt.aro.status", 2, 1), num("icmpv6.opt.aro.registration_lifetime", 6, 2), oct("icmpv6.opt.aro.eui64", 8, 8))
	case 37:
		l.text(s, at+2, n-2, "icmpv6.opt.captive_portal")
	default:
		guess = false
	}
	if guess {
		s.reserve(at+2, n-2)
	}
}

func (l *layer) linkAddress(s *span, at, n int) {
	for _, name := range []string{"icmpv6.opt.linkaddr", "icmpv6.opt.linkaddr_eui64"} {
		if v, ok := l.take(name); ok {
			b, _ := octets(v)
			s.put(at+2, b[:min(len(b), n-2)])
			s.reserve(at+2+len(b), n-2-len(b))
			return
		}
	}
}

// quoted6 is the packet in a redirected header option, in its size.
func (l *layer) quoted6(r *rebuild, rest chain, size int) span {
	defer func(q bool, src, dst []byte) { r.quoted, r.src, r.dst = q, src, dst }(r.quoted, r.src, r.dst)
	r.quoted = true
	q := r.encode(append(chain(l.inner), rest...), size)
	q.limit(min(len(q.b), size))
	if v, ok := l.take("icmpv6.unknown_data"); ok {
		b, _ := octets(v)
		q.add(told(b))
	}
	return q
}

// route is a route information option (RFC 4191): its prefix takes 0, 8 or 16 bytes.
func (l *layer) route(s *span, at, n int) {
	l.fill(s, at, num("icmpv6.opt.prefix.length", 2, 1), num("icmpv6.opt.route_info.flag", 3, 1), num("icmpv6.opt.route_lifetime", 4, 4))
	if v, ok := l.take("icmpv6.opt.prefix"); ok && n > 8 {
		b, _ := address(v, 16)
		s.put(at+8, b[:min(len(b), n-8)])
	}
}

func (l *layer) addresses(s *span, at, end int, name string) {
	for ; at+16 <= min(end, len(s.b)); at += 16 {
		l.fill(s, at, addr(name, 0, 16))
	}
}

// domains are the names of a DNS search list option (RFC 8106), as labels.
func (l *layer) domains(s *span, at, n int) {
	l.fill(s, at, num("icmpv6.opt.dnssl.lifetime", 4, 4))
	end := at + n
	for at += 8; at < end; {
		v, ok := l.take("icmpv6.opt.dnssl")
		if !ok {
			return
		}
		for label := range strings.SplitSeq(strings.TrimSuffix(v, "."), ".") {
			if len(label) > 63 || at+1+len(label) > end {
				return
			}
			s.put(at, append([]byte{byte(len(label))}, label...))
			at += 1 + len(label)
		}
		s.put(at, []byte{0})
		at++
	}
}

func (l *layer) text(s *span, at, n int, name string) {
	if v, ok := l.take(name); ok {
		s.put(at, []byte(v)[:min(len(v), max(0, n))])
	}
}
