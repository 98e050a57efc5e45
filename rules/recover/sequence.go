package recover

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
)

// reading is one way to read the sequence numbers as a counter.
type reading struct {
	place []int64 // of each packet, on a line without wraps
	order []int   // packets by place; those of one place by time
}

// numbering reads the sequence numbers as a counter. Senders write the counter in either byte order, and it may wrap; the
// reading that counts most steadily wins. counts is false where the numbers are no counter: constant, random, or reused
// for different pieces.
func numbering(members []Candidate) (r reading, counts bool) {
	best := 0
	for _, swap := range []bool{false, true} {
		x := read(members, swap)
		if steady := x.steady(); steady > best && x.lossless(members) {
			r, best = x, steady
		}
	}
	if best == 0 {
		return read(members, false), false
	}
	return r, true
}

// read turns 16-bit numbers into places on one line: each lies where it is nearest to the highest before it.
func read(members []Candidate, swap bool) reading {
	r := reading{place: make([]int64, len(members)), order: make([]int, len(members))}
	var high int64
	for i, c := range members {
		seq := c.Seq
		if swap {
			seq = bits.ReverseBytes16(seq)
		}
		at := int64(seq)
		if i > 0 {
			at = high + int64(int16(seq-uint16(high)))
		}
		r.place[i], r.order[i] = at, i
		if i == 0 || at > high {
			high = at
		}
	}
	slices.SortFunc(r.order, func(i, j int) int { return cmp.Or(cmp.Compare(r.place[i], r.place[j]), cmp.Compare(i, j)) })
	return r
}

// steady counts the places that follow another by 1; it is 0 if most do not.
func (r reading) steady() (n int) {
	places := slices.Clone(r.place)
	slices.Sort(places)
	places = slices.Compact(places)
	for i := 1; i < len(places); i++ {
		if places[i] == places[i-1]+1 {
			n++
		}
	}
	if len(places) < 3 || 3*n < 2*(len(places)-1) {
		return 0
	}
	return n
}

// lossless tells whether ordering by place would lose nothing: packets with one number carry one piece.
func (r reading) lossless(members []Candidate) bool {
	for i := 1; i < len(r.order); i++ {
		a, b := r.order[i-1], r.order[i]
		if r.place[a] == r.place[b] && !members[a].agrees(members[b]) {
			return false
		}
	}
	return true
}

// agrees tells whether two packets carry the same piece, as far as both were captured.
func (c Candidate) agrees(o Candidate) bool {
	n := min(len(c.Value), len(o.Value))
	return c.Wire == o.Wire && bytes.Equal(c.Value[:n], o.Value[:n])
}

// byIdentifier reads the identifier as a counter, where the sequence number is always the same: tools that count there begin at 0 or 1, or
// leave nothing out. Process ids, which grow too, do neither for long.
func byIdentifier(members []Candidate) (r reading, counts bool) {
	for i := range members {
		if members[i].Seq != members[0].Seq {
			return r, false
		}
	}
	swapped := make([]Candidate, len(members))
	for i, c := range members {
		c.Seq = c.Ident
		swapped[i] = c
	}
	r, counts = numbering(swapped)
	steps := r.steady()
	return r, counts && 20*(steps+1) >= 19*len(members) && (slices.Min(r.place) <= 1 || slices.Max(r.place)-slices.Min(r.place) == int64(steps))
}

// once drops packets that say again what one shortly before said, under the same identifier and number, where those differ between
// packets otherwise: without a count nothing else tells a repeat from data that repeats.
func once(members []Candidate) (out []Candidate, repeats int) {
	type label struct {
		ident, seq uint16
		host       int
	}
	last, labels := map[label]int{}, map[label]bool{}
	for _, c := range members {
		labels[label{c.Ident, c.Seq, c.Host}] = true
	}
	if 2*len(labels) < len(members) {
		return members, 0
	}
	for _, c := range members {
		k, seen := last[label{c.Ident, c.Seq, c.Host}]
		if seen && c.Wire >= leastRepeat && out[k].agrees(c) && c.Time-out[k].Time < maxRepeat {
			repeats++
			continue
		}
		last[label{c.Ident, c.Seq, c.Host}] = len(out)
		out = append(out, c)
	}
	return out, repeats
}

// A repeat comes so many nanoseconds after its packet at most, and holds so many bytes at least: chance makes fewer of them equal.
const (
	maxRepeat   = 30e9
	leastRepeat = 4
)
