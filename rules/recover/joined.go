package recover

import (
	"fmt"
	"math/bits"
	"regexp"
	"slices"

	"icmpsift/ingest"
)

// joint is where one field's name ends and the next begins.
var joint = regexp.MustCompile(`\+[a-z]`)

// joined is the carrier of two fields, "sift.id+sift.seq": each packet gives what both of them hold.
func joined(name string, at int) (c Carrier, err error) {
	var of [2]Carrier
	for i, part := range []string{name[:at], name[at+1:]} {
		if of[i], err = Lookup(part); err != nil {
			return c, err
		}
		if of[i].kind != number || of[i].bits > 0 {
			return c, fmt.Errorf("%s cannot be joined with another: expected two number fields of whole bytes such as sift.id+sift.seq", part)
		}
	}
	c = Carrier{Name: name, Meaning: of[0].Meaning + ", and " + of[1].Meaning, Field: true, kind: number, first: &of[0]}
	c.read = func(p *ingest.Packet, asked []byte) ([]byte, int) {
		a, n := of[0].read(p, asked)
		b, m := of[1].read(p, asked)
		if n == 0 || m == 0 || n+m > 4 {
			return nil, 0
		}
		return append(append([]byte(nil), a...), b...), n + m
	}
	return c, nil
}

// fromJoined reads two fields as one; where they make nothing together, or the second is no data, the first is read by itself.
func fromJoined(members []Candidate, c Carrier, o Options) []Found {
	alone, rest := parted(members)
	if n := numbersOf(sequence{members: rest, order: ByTime}); n.kinds >= leastKinds && !n.walks() {
		both, needed := c, o
		both.first, both.both = nil, true
		needed.Required = true
		if out := slices.DeleteFunc(fromNumbers(members, both, needed), Found.guessed); len(out) > 0 {
			return out
		}
	}
	return fromNumbers(alone, *c.first, o)
}

// parted gives the packets with what each of two joined fields holds.
func parted(members []Candidate) (a, b []Candidate) {
	for _, c := range members {
		first, second := c, c
		first.Value, first.Wire = c.Value[:c.first], c.first
		second.Value, second.Wire = c.Value[c.first:], c.Wire-c.first
		a, b = append(a, first), append(b, second)
	}
	return a, b
}

// together lists the ways to read two fields as one number: as they stand on the wire, with the bytes of each field turned, or those of the whole.
func (n numbers) together(name string) (out []view) {
	width := 8 * n.width
	add := func(of func(v uint32) uint32) { out = append(out, view{name: name, bits: width, of: of}) }
	add(func(v uint32) uint32 { return v })
	add(func(v uint32) uint32 { return bits.ReverseBytes32(v) >> (32 - width) })
	if n.width == 4 {
		add(func(v uint32) uint32 { return v>>8&0x00ff00ff | v&0x00ff00ff<<8 })
		add(func(v uint32) uint32 { return v>>16 | v<<16 })
	}
	return out
}
