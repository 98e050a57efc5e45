package filter

import (
	"icmpsift/ingest/field"
)

// substrings finds texts and bytes within a value, all of them in one walk over it: each part is known by one pair of its bytes.
// Letters count in either case.
type substrings struct {
	typ   field.Type
	pairs [1 << 10]uint64 // which pairs there are
	known map[uint16][]part
}

type part struct {
	text  string // letters in lower case
	at    int    // where in it the pair is
	place int32
}

func newSubstrings(all []waiting, t field.Type) *substrings {
	x := &substrings{typ: t, known: map[uint16][]part{}}
	for _, w := range all {
		p := part{text: folded(w.part), place: w.place}
		p.at = x.rarest(p.text)
		pair := pairOf(p.text[p.at], p.text[p.at+1])
		x.known[pair] = append(x.known[pair], p)
		x.pairs[pair/64] |= 1 << (pair % 64)
	}
	return x
}

func pairOf(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

// rarest picks the pair to know a part by: one that few others have, and that is not what pings are filled with, which are
// bytes that count up and bytes that are all the same.
func (x *substrings) rarest(text string) (at int) {
	least := -1
	for i := range len(text) - 1 {
		a, b := text[i], text[i+1]
		cost := 2 * len(x.known[pairOf(a, b)])
		if a == b || a+1 == b {
			cost += 5
		}
		if least < 0 || cost < least {
			at, least = i, cost
		}
	}
	return at
}

func (x *substrings) find(v *field.Value, may marks) {
	if x.typ == field.String {
		search(x, v.Text, may)
	} else {
		search(x, searched(x.typ, v), may)
	}
}

func search[T string | []byte](x *substrings, in T, may marks) {
	var before byte
	for i := range len(in) {
		c := lower[in[i]]
		pair := pairOf(before, c)
		before = c
		if x.pairs[pair/64]>>(pair%64)&1 != 0 && i > 0 {
			for _, p := range x.known[pair] {
				if !may.has(p.place) && isAt(p.text, in, i-1-p.at) {
					may.set(p.place)
				}
			}
		}
	}
}

// isAt tells whether a text in lower case stands at a place.
func isAt[T string | []byte](text string, in T, at int) bool {
	if at < 0 || len(in)-at < len(text) {
		return false
	}
	for i := range len(text) {
		if lower[in[at+i]] != text[i] {
			return false
		}
	}
	return true
}

// lower is ASCII in lower case.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

func folded(text string) string {
	b := []byte(text)
	for i := range b {
		b[i] = lower[b[i]]
	}
	return string(b)
}
