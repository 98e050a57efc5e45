package tshark

import (
	"encoding/hex"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// span is a run of bytes of which some are known, down to the bit.
type span struct {
	b     []byte
	known []byte // a bit for each bit of b
	guess []byte // bits that no field tells and that can be guessed, such as reserved ones: right if the checksum agrees
}

func blank(n int) span { return span{make([]byte, n), make([]byte, n), make([]byte, n)} }

// told is bytes that are known.
func told(b []byte) span {
	s := blank(len(b))
	s.put(0, b)
	return s
}

func (s *span) put(at int, b []byte) {
	if at < 0 || at > len(s.b) {
		return
	}
	n := copy(s.b[at:], b)
	for i := range n {
		s.known[at+i] = 0xff
	}
}

// number puts the bits of a mask in a big-endian number of size bytes; v is what stands in the mask, shifted down.
func (s *span) number(at, size int, mask, v uint64) {
	if at < 0 || at+size > len(s.b) {
		return
	}
	if mask == 0 {
		mask = 1<<(8*size) - 1 // 64-bit shifts are zero, less one is all bits
	}
	v = v << bits.TrailingZeros64(mask) & mask
	for i := size - 1; i >= 0; i-- {
		m := byte(mask)
		s.b[at+i] = s.b[at+i]&^m | byte(v)
		s.known[at+i] |= m
		mask, v = mask>>8, v>>8
	}
}

// reserve marks n bytes as zero by standard, as far as they are not known.
func (s *span) reserve(at, n int) {
	for i := max(0, at); i < min(at+n, len(s.b)); i++ {
		s.guess[i] = ^s.known[i]
	}
}

// suppose puts bytes that are known only if the checksum agrees.
func (s *span) suppose(at int, b []byte) {
	for i := range min(len(b), max(0, len(s.b)-at)) {
		s.b[at+i] = s.b[at+i]&s.known[at+i] | b[i]&^s.known[at+i]
		s.guess[at+i] = ^s.known[at+i]
	}
}

// add appends another span.
func (s *span) add(o span) {
	s.b, s.known, s.guess = append(s.b, o.b...), append(s.known, o.known...), append(s.guess, o.guess...)
}

// paste puts another span over the bytes from an offset on.
func (s *span) paste(at int, o span) {
	at = min(at, len(s.b))
	copy(s.b[at:], o.b)
	copy(s.known[at:], o.known)
	copy(s.guess[at:], o.guess)
}

// limit cuts the span to n bytes, or stretches it with unknown ones.
func (s *span) limit(n int) {
	if d := n - len(s.b); d > 0 {
		s.add(blank(d))
		return
	}
	s.b, s.known, s.guess = s.b[:n], s.known[:n], s.guess[:n]
}

// reach is how many bytes at the front are known to the last bit.
func (s *span) reach() int {
	for i, k := range s.known {
		if k != 0xff {
			return i
		}
	}
	return len(s.b)
}

// guessed tells whether every byte is known or guessed.
func (s *span) guessed() bool {
	for i := range s.b {
		if s.known[i]|s.guess[i] != 0xff {
			return false
		}
	}
	return true
}

// settle makes all bytes known: the checksum has proven what was guessed.
func (s *span) settle() {
	for i := range s.known {
		s.known[i] = 0xff
	}
}

// integer reads a number as tshark prints it: decimal, "0x1a", true and false.
func integer(v string) (uint64, bool) {
	switch v {
	case "true", "True":
		return 1, true
	case "false", "False":
		return 0, true
	}
	if h, ok := strings.CutPrefix(v, "0x"); ok {
		n, err := strconv.ParseUint(h, 16, 64)
		return n, err == nil
	}
	if strings.HasPrefix(v, "-") {
		n, err := strconv.ParseInt(v, 10, 64)
		return uint64(n), err == nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	return n, err == nil
}

// octets reads bytes as tshark prints them: pairs of hexadecimal digits, with a separator between them or without.
func octets(v string) ([]byte, bool) {
	plain := make([]byte, 0, len(v))
	for i := range len(v) {
		if c := v[i]; c != ':' && c != '.' && c != '-' {
			plain = append(plain, c)
		}
	}
	n, err := hex.Decode(plain, plain)
	return plain[:n], err == nil
}

// address reads an IP address of n bytes.
func address(v string, n int) ([]byte, bool) {
	a, err := netip.ParseAddr(v)
	if err != nil || a.Zone() != "" || a.BitLen() != 8*n {
		return nil, false
	}
	return a.AsSlice(), true
}
