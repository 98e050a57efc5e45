package tshark

import "encoding/binary"

// sum16 is the one's complement sum of b, on top of a start (RFC 1071).
func sum16(start uint32, b []byte) uint16 {
	sum := uint64(start)
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// pseudo is the sum of the pseudo-header of ICMPv6 (RFC 8200 section 8.1).
func (r *rebuild) pseudo(length int) uint32 {
	return uint32(sum16(0, r.src)) + uint32(sum16(0, r.dst)) + uint32(length>>16) + uint32(length&0xffff) + 58
}

const checksumGood = 1

// prove makes the message's guessed bytes known if the checksum agrees: tshark says that it is good, or, of a quoted
// message, it turns out to be. Where everything is told and a good checksum disagrees all the same, something was told
// wrongly: nothing behind the first 8 bytes is kept.
func (r *rebuild) prove(l *layer, s *span, start uint32, status string, guesses []span) {
	r.message = r.message || !r.quoted
	v, _ := l.number(status)
	good := v == checksumGood && !r.quoted
	if !good && !r.quoted {
		return
	}
	open := s.reach() < len(s.b)
	for _, g := range append(guesses, span{}) {
		if r.partial { // the checksum is over more than is here
			break
		}
		t := span{}
		t.add(*s)
		t.suppose(8, g.b)
		if t.guessed() && sum16(start, t.b) == 0xffff {
			t.settle()
			*s = t
			r.proven = r.proven || open
			return
		}
	}
	switch {
	case r.quoted && len(guesses) > 0:
		s.suppose(8, guesses[0].b) // the error's own checksum may prove the usual order
	case good && !open:
		r.contradicted = true
		clear(s.known[min(8, len(s.b)):])
	}
}
