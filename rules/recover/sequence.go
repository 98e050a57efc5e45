package recover

import "math/bits"

// numbering reads the sequence numbers as a counter: it gives each packet's place (by timeline number) and the counter's
// step. Senders write the counter in either byte order, and it may wrap; the reading that counts most steadily wins. Step
// 0 means the numbers are no counter: constant, random, or reused for different pieces.
func numbering(members []Candidate) (place map[int64]int64, step int64) {
	best := 0
	for _, swap := range []bool{false, true} {
		p := unwrap(members, swap)
		if s, steady := steps(members, p); steady > best && lossless(members, p) {
			place, step, best = p, s, steady
		}
	}
	if place == nil {
		place = unwrap(members, false)
	}
	return place, step
}

// unwrap turns 16-bit numbers into places on one line: each lies where it is nearest to the highest before it.
func unwrap(members []Candidate, swap bool) map[int64]int64 {
	place := make(map[int64]int64, len(members))
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
		place[c.Number] = at
		if i == 0 || at > high {
			high = at
		}
	}
	return place
}

// steps counts the places that follow another by 1: the step is 1 if most do, else 0.
func steps(members []Candidate, place map[int64]int64) (step int64, steady int) {
	seen := make(map[int64]bool, len(members))
	for _, c := range members {
		seen[place[c.Number]] = true
	}
	for at := range seen {
		if seen[at-1] {
			steady++
		}
	}
	if distinct := len(seen); distinct < 3 || 3*steady < 2*(distinct-1) {
		return 0, 0
	}
	return 1, steady
}

// lossless tells whether ordering by place would lose nothing: packets with one number carry one piece.
func lossless(members []Candidate, place map[int64]int64) bool {
	held := make(map[int64]string, len(members))
	for _, c := range members {
		v := string(c.Value)
		if have, ok := held[place[c.Number]]; ok && have != v {
			return false
		}
		held[place[c.Number]] = v
	}
	return true
}
