package recover

import (
	"bytes"
	"encoding/base32"
	"slices"
)

// eachEncoded decodes packets that are encoded each by itself: where padding stands inside the stream, or where all of them decode
// and something that frames pieces is inside.
func eachEncoded(t transfer) []transfer {
	if len(t.members) < 3 {
		return nil
	}
	// What decodes as base32 is of base64's alphabet, too, but not the other way round.
	if out := t.eachText(padded32, func(b []byte) bool { return len(b)%8 == 0 }); out != nil {
		return out
	}
	return t.eachText(unbase64Whole, ofAlphabet)
}

// padded32 decodes base32 with its padding, as short as a piece may be.
func padded32(b []byte) ([]byte, bool) {
	out := make([]byte, base32.StdEncoding.DecodedLen(len(b)))
	n, err := base32.StdEncoding.Decode(out, b)
	return out[:n], err == nil && n > 0
}

// inText gives the packets without the encoding that each of them is in as a whole, its header with it; nil if they are in none.
func (t transfer) inText() []Candidate {
	for _, decode := range []func([]byte) ([]byte, bool){unhex, padded32, unbase64Alone} {
		undone, good := slices.Clone(t.members), true
		for i := range undone {
			c := &undone[i]
			b, ok := decode(c.Value)
			if good = ok && c.Wire == len(c.Value); !good {
				break
			}
			c.Value, c.Wire = b, len(b)
		}
		if good {
			return undone
		}
	}
	return nil
}

// unbase64Alone decodes a text that is encoded by itself.
func unbase64Alone(b []byte) ([]byte, bool) {
	if b = trimmed(b); len(b)%4 != 0 || !ofAlphabet(b) {
		return nil, false
	}
	return unbase64Whole(b)
}

func (t transfer) eachText(decode func(b []byte) ([]byte, bool), fits func(b []byte) bool) []transfer {
	padded, undone, last := 0, make([]Candidate, len(t.members)), t.last()
	for i, c := range t.members {
		b := bytes.TrimRight(c.Value, "\x00\r\n ")
		if len(b) < 4 || len(b) < len(c.Value)-4 || c.Wire != len(c.Value) || !fits(b) {
			return nil
		}
		out, ok := decode(b)
		if !ok {
			return nil
		}
		if i != last && b[len(b)-1] == '=' {
			padded++
		}
		c.Value, c.Wire = out, len(out)
		undone[i] = c
	}
	next := t
	next.members = undone
	if padded == 0 && !next.packed() && (t.place != nil || !framesInside(undone)) {
		return nil
	}
	if t.place != nil {
		return []transfer{next}
	}
	for _, s := range []func(transfer) []transfer{separated, marked, indexed} {
		if got := s(next); got != nil {
			return got
		}
	}
	return []transfer{next}
}

// framesInside tells whether decoded packets hold separators or an index.
func framesInside(members []Candidate) bool {
	t := transfer{members: members}
	return separated(t) != nil || indexed(t) != nil
}

// packed tells whether the packets are compressed each by itself.
func (t transfer) packed() bool { return eachUnpacked(t) != nil }

// eachUnpacked undoes compression where each packet is compressed by itself, from its first byte to its last. All of them must be, in one
// format.
func eachUnpacked(t transfer) []transfer {
	if len(t.members) < 2 {
		return nil
	}
	name, _ := structureOf(t.members[0].Value)
	if !(Verdict{Format: name}).packed() {
		name = "deflate"
	}
	if name == "deflate" && len(t.members) < 3 {
		return nil
	}
	undone, all := slices.Clone(t.members), 0
	for i, c := range t.members {
		out, ok := c.unpacked(name)
		if all += len(out); !ok || all > maxInflated {
			return nil
		}
		undone[i].Value, undone[i].Wire = out, len(out)
	}
	t.members = undone
	return []transfer{t}
}

// unpacked undoes a compression that takes all of a packet but zero bytes that fill it up.
func (c Candidate) unpacked(name string) (out []byte, ok bool) {
	b := c.Value
	if len(b) < leastPacked || c.Wire != len(b) {
		return nil, false
	}
	if name == "deflate" {
		out, ok = inflate(b)
		return out, ok && len(out) > 0
	}
	format, s := structureOf(b)
	if format != name || !s.whole || s.end > 0 && len(trimmed(b[s.end:])) > 0 {
		return nil, false
	}
	l, ok := layer{bytes: b, verdict: Verdict{Format: name, grade: entire}}.within(codingNamed(name))
	return l.bytes, ok
}

// leastPacked is as few bytes as compressed ones can be and still be told from chance.
const leastPacked = 3
