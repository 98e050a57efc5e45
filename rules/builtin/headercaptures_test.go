package builtin_test

import (
	"maps"
	"slices"
	"time"
)

func init() {
	maps.Copy(captures, map[string]func() []sent{
		"error-code-hit":  func() []sent { return slices.Concat(hidden(8, codeIn(3))...) },
		"error-code-miss": func() []sent { return slices.Concat(scarce(8, codeIn(3)), hidden(8, codeIn(8))[0]) },
		"query-hit": func() []sent {
			return slices.Concat(hidden(16, identIn(13), identIn(15), identIn(17), numberIn(15))...)
		},
		"query-miss": func() []sent {
			return slices.Concat(scarce(16, identIn(13)), slices.Concat(hidden(16, identIn(8), identIn(14), identIn(16), identIn(18), identIn(12))...))
		},
		"choice-hit": func() []sent {
			return slices.Concat(hidden(2, choiceIn(8, 13), choiceIn(8, 15), choiceIn(13, 17))...)
		},
		"choice-miss": func() []sent {
			return slices.Concat(scarce(2, choiceIn(8, 13)), slices.Concat(hidden(2, choiceIn(8, 0), choiceIn(8, 3), choiceIn(13, 14))...))
		},
	})
}

// hideaway is a place for a few bytes of a file in a message.
type hideaway struct {
	unit int
	v6   bool
	make func(p parcel, b []byte) sent
}

// inPlace sends a text in so many bytes a packet.
func inPlace(h hideaway, src, dst string, text []byte, at func(i, n int) time.Duration) (out []sent) {
	if h.v6 {
		src, dst = six(src), six(dst)
	}
	n := (len(text) + h.unit - 1) / h.unit
	for i, b := range slices.Collect(slices.Chunk(text, h.unit)) {
		b = append(slices.Clone(b), make([]byte, h.unit-len(b))...)
		out = append(out, h.make(parcel{at(i, n), src, dst, 7, uint16(i)}, b))
	}
	return out
}

// six is the IPv6 address of a host.
func six(a string) string {
	return map[string]string{inside: inside6, inside2: inside62, inside3: "fd20::13", outside: outside6, outside2: outside62, outside3: "2001:db8::68"}[a]
}

// hidden are files in each of the places, of as many values as a rule asks for, in no half of its time span enough. Each place has hosts of
// its own.
func hidden(least int, places ...hideaway) (out [][]sent) {
	for i, h := range places {
		text := enough(h, least)
		hosts := [][2]string{{inside, outside}, {inside2, outside}, {inside, outside2}, {inside3, outside}, {inside2, outside3}, {inside3, outside3}}
		out = append(out, inPlace(h, hosts[i][0], hosts[i][1], text, bursts(17*time.Hour)))
		if len(places) == 1 {
			out = append(out, inPlace(h, inside2, outside, text, bursts(17*time.Hour)), inPlace(h, inside, outside2, text, bursts(17*time.Hour)))
		}
	}
	return out
}

// enough is a text of as many different values as a rule asks for, or one that is long enough to be read.
func enough(h hideaway, least int) []byte {
	switch {
	case least == 2:
		var bits []byte
		for i := range 8 * len(spelled) {
			bits = append(bits, '0'+spelled[i/8]>>(7-i%8)&1)
		}
		return bits
	case h.unit == 1:
		return []byte("the tree met the three there so those sheets host these toes")
	case h.unit == 2 && least > 8:
		return []byte(key)
	case h.unit == 2:
		return []byte(longer[:16])
	}
	return []byte(longer[:h.unit*least])
}

// scarce is one value less than a rule asks for, again and again, and a text over too long a time.
func scarce(least int, h hideaway) []sent {
	text := enough(h, least)
	few := slices.Concat(text[:h.unit*(least-1)], text[:h.unit*(least-1)])
	if h.unit == 1 && least > 2 {
		few = []byte("the mother met the other three there more or to the tree he met me there")
	}
	return slices.Concat(inPlace(h, inside2, outside2, few, bursts(0)), inPlace(h, inside3, outside2, text, bursts(36*time.Hour)))
}

func codeIn(typ byte) hideaway {
	return hideaway{unit: 1, make: func(p parcel, b []byte) sent {
		return sent{p.at, p.src, p.dst, message(typ, b[0], 0, quote(p.dst, p.src, echo(8, 7, 1, nil)))}
	}}
}

func identIn(typ byte) hideaway {
	return hideaway{unit: 2, make: func(p parcel, b []byte) sent {
		return sent{p.at, p.src, p.dst, message(typ, 0, uint32(be.Uint16(b))<<16|uint32(p.seq), make([]byte, 12))}
	}}
}

func numberIn(typ byte) hideaway {
	return hideaway{unit: 2, make: func(p parcel, b []byte) sent {
		return sent{p.at, p.src, p.dst, message(typ, 0, uint32(p.seq)<<16|uint32(be.Uint16(b)), nil)}
	}}
}

// choiceIn is a bit a message, by its type; the text is spelled bit by bit.
func choiceIn(zero, one byte) hideaway {
	return hideaway{unit: 1, make: func(p parcel, b []byte) sent {
		typ := zero
		if b[0] == '1' {
			typ = one
		}
		return sent{p.at, p.src, p.dst, message(typ, 0, 7<<16|uint32(p.seq), make([]byte, 12))}
	}}
}
