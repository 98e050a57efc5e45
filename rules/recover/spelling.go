package recover

import (
	"bytes"
	"encoding/ascii85"
	"encoding/binary"
	"slices"
	"strconv"
	"unicode/utf16"
)

// spelling is an encoding that leaves text or bytes of no known kind, so that only what comes of it tells.
type spelling struct {
	coding
	sure func(inside layer) bool
}

// wideText is the name of UTF-16.
const wideText = "utf-16"

func spellings() []spelling {
	return []spelling{
		{coding{wideText, func(l layer) ([]byte, string, bool) { b := wide(l.bytes); return b, "", b != nil && !l.numbers }, 2}, isText},
		{coding{"bits", func(l layer) ([]byte, string, bool) { b, ok := unbits(l.bytes); return b, "", ok }, 8}, sensible},
		{coding{"decimal", func(l layer) ([]byte, string, bool) { b, ok := undecimal(l.bytes); return b, "", ok }, 0}, sensible},
		{coding{"rot13", func(l layer) ([]byte, string, bool) {
			return rot13(l.bytes), "", l.verdict.clear || ofAlphabet(trimmed(l.bytes))
		}, 1}, func(inside layer) bool { return rotated(inside) || clearer(rot13)(inside) }},
		{coding{"rot47", func(l layer) ([]byte, string, bool) { return rot47(l.bytes), "", l.verdict.clear }, 1}, clearer(rot47)},
		{coding{"lzma", func(l layer) ([]byte, string, bool) { b, ok := unlzma(l.bytes); return b, "", ok && len(l.gaps) == 0 }, 0}, varies},
		{coding{"percent", func(l layer) ([]byte, string, bool) { b, ok := unpercent(l.bytes); return b, "", ok }, 0}, sensible},
		{coding{"quoted-printable", func(l layer) ([]byte, string, bool) { b, ok := unquoted(l.bytes); return b, "", ok }, 0}, sensible},
		{coding{"uuencode", func(l layer) ([]byte, string, bool) { b, ok := unuu(l.bytes); return b, "", ok && len(l.gaps) == 0 }, 0}, sensible},
		{coding{"base85", func(l layer) ([]byte, string, bool) { b, ok := unbase85(l.bytes); return b, "", ok }, 1.25}, beyondDoubt},
		{coding{"doubled", unrepeated(2), 2}, varies},
		{coding{"tripled", unrepeated(3), 3}, varies},
		{coding{"quadrupled", unrepeated(4), 4}, varies},
		{coding{"reversed", func(l layer) ([]byte, string, bool) { return reversed(l.bytes), "", len(l.gaps) == 0 }, 0}, fromEnd},
	}
}

// spelled undoes the first of them that makes sense.
func spelled(l layer) (next layer, ok bool) {
	for _, s := range spellings() {
		if next, ok = l.within(s.coding); ok && s.sure(next) {
			next.either = l.verdict.grade == text && (s.name == "rot13" || s.name == "rot47") && !rotated(next) // a file of such text may be what was sent
			return next, true
		}
	}
	return layer{}, false
}

// unrepeated keeps one of n bytes, all n of which are the same.
func unrepeated(n int) func(l layer) ([]byte, string, bool) {
	return func(l layer) ([]byte, string, bool) {
		if len(l.bytes)%n != 0 || len(l.bytes) < n*leastText {
			return nil, "", false
		}
		out := make([]byte, 0, len(l.bytes)/n)
		for group := range slices.Chunk(l.bytes, n) {
			if bytes.Count(group, group[:1]) < n {
				return nil, "", false
			}
			out = append(out, group[0])
		}
		return out, "", true
	}
}

// stutters tells whether the pieces say each byte several times.
func (t transfer) stutters() bool {
	b := t.start(0)
	for n := 2; n <= 4; n++ {
		whole := b[:len(b)/n*n]
		if out, _, ok := unrepeated(n)(layer{bytes: whole}); ok && varies(layer{bytes: out}) {
			return true
		}
	}
	return false
}

// varies: bytes of more kinds than fillings have, each of which was there so many times by no chance; what is there more times yet comes later.
func varies(l layer) bool { return count(l.bytes).distinct >= leastDistinct }

func isText(l layer) bool   { return l.verdict.grade == text }
func sensible(l layer) bool { return l.verdict.grade > nothing }
func fromEnd(l layer) bool  { return l.verdict.grade == entire }

// beyondDoubt: chance makes text of printable characters often enough that it must read as such.
func beyondDoubt(l layer) bool {
	return l.verdict.grade > text && l.verdict.Believable() || fluent(l.bytes, 60, 8)
}

// rotated: base64 whose letters were rotated is base64 still, and only one of the two makes sense.
func rotated(l layer) bool {
	inside, ok := l.within(codingNamed("base64"))
	if !ok || !beyondDoubt(inside) {
		return false
	}
	straight, ok := layer{bytes: rot13(l.bytes), gaps: l.gaps}.within(codingNamed("base64"))
	return !ok || straight.verdict.grade == nothing
}

// unbits reads figures 0 and 1, eight a byte, the highest first, with blanks between or without.
func unbits(b []byte) (out []byte, ok bool) {
	n, value := 0, byte(0)
	for _, c := range trimmed(b) {
		switch {
		case c == '0' || c == '1':
			value = value<<1 | c&1
			if n++; n%8 == 0 {
				out = append(out, value)
			}
		case !blank(c):
			return nil, false
		}
	}
	return out, len(out) > 1
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// undecimal reads numbers below 256, with blanks, commas or semicolons between.
func undecimal(b []byte) (out []byte, ok bool) {
	for _, word := range bytes.FieldsFunc(trimmed(b), func(r rune) bool { return r == ',' || r == ';' || r < 0x80 && blank(byte(r)) }) {
		n, err := strconv.ParseUint(string(word), 10, 8)
		if err != nil {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, len(out) > 1
}

// rot13 moves letters by half the alphabet, which undoes itself.
func rot13(b []byte) []byte {
	out := slices.Clone(b)
	for i, c := range b {
		if upper := c &^ 0x20; upper >= 'A' && upper <= 'Z' {
			out[i] = c&0x20 | (upper-'A'+13)%26 + 'A'
		}
	}
	return out
}

func reversed(b []byte) []byte {
	out := slices.Clone(b)
	slices.Reverse(out)
	return out
}

// base85Letters is the alphabet of RFC 1924, which git and Python's b85encode use; Adobe's Ascii85 counts from "!".
const base85Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

// unbase85 decodes either alphabet. Ascii85 may stand between "<~" and "~>".
func unbase85(b []byte) ([]byte, bool) {
	b = trimmed(b)
	if len(b) < 10 {
		return nil, false
	}
	if out, ok := unascii85(bytes.TrimSuffix(bytes.TrimPrefix(b, []byte("<~")), []byte("~>"))); ok && beyondDoubt(layer{bytes: out, verdict: Judge(out)}) {
		return out, true
	}
	adobe := make([]byte, 0, len(b))
	for _, c := range b {
		i := bytes.IndexByte([]byte(base85Letters), c)
		if i < 0 && !blank(c) {
			return nil, false
		} else if i >= 0 {
			adobe = append(adobe, byte('!'+i))
		}
	}
	return unascii85(adobe)
}

func unascii85(b []byte) ([]byte, bool) {
	out := make([]byte, 4*len(b)+4) // "z" is four zero bytes
	n, _, err := ascii85.Decode(out, b, true)
	return out[:n], err == nil && n > 0
}

// wide turns UTF-16 into UTF-8 (small numbers of two bytes each look like it, and are none), in the byte order that a mark in front or the zero bytes of ASCII tell; nil if b is none. A last zero
// byte may have been taken for padding.
func wide(b []byte) []byte {
	if len(b)%2 == 1 {
		b = append(b[:len(b):len(b)], 0)
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(b) < 2 || b[0] != 0 && b[1] != 0 && !ordered16(b):
		return nil
	case b[0] == 0 || b[0] == 0xfe:
		order = binary.BigEndian
	}
	var units []uint16
	latin := 0
	for i := 0; i < len(b); i += 2 {
		u := order.Uint16(b[i:])
		if units = append(units, u); u < 0x100 {
			latin++
		}
	}
	if !ordered16(b) && 2*latin < len(units) { // chance makes characters of any script
		return nil
	}
	return bytes.TrimPrefix([]byte(string(utf16.Decode(units))), []byte("\ufeff"))
}

// ordered16 tells whether a byte order mark stands in front.
func ordered16(b []byte) bool { return b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff }
