package recover

import (
	"math"
	"slices"
)

// gapsOf reads the time between packets as numbers: 0 for a short one, 1 for a long one. ok is false where they are not of two
// kinds that stand apart.
func gapsOf(q sequence) (n numbers, ok bool) {
	if len(q.members) <= leastBits {
		return n, false
	}
	gaps := make([]float64, len(q.members)-1)
	for i := range gaps {
		gaps[i] = math.Log(math.Max(1e3, float64(q.members[i+1].Time-q.members[i].Time)))
	}
	limit, ok := apart(gaps)
	if !ok {
		return n, false
	}
	n = numbers{sequence: sequence{members: q.members[1:], order: ByTime}, width: 1, kinds: 2, most: 1}
	for _, g := range gaps {
		n.values = append(n.values, uint32(btof(g > limit)))
	}
	return n, true
}

// apart finds where the values part in two (Otsu), and tells whether the parts are clearly two: most of the spread is between them, and
// next to nothing lies in the middle.
func apart(values []float64) (limit float64, ok bool) {
	s := slices.Clone(values)
	slices.Sort(s)
	total, sum := 0.0, 0.0
	for _, v := range s {
		total += v
	}
	mean, spread := total/float64(len(s)), 0.0
	for _, v := range s {
		spread += (v - mean) * (v - mean)
	}
	best, at := 0.0, 0
	for i := 1; i < len(s); i++ {
		sum += s[i-1]
		a, b := float64(i), float64(len(s)-i)
		d := sum/a - (total-sum)/b
		if between := a * b / (a + b) * d * d; between > best {
			best, at = between, i
		}
	}
	if at == 0 || spread == 0 || best < 0.8*spread || 10*min(at, len(s)-at) < len(s) {
		return 0, false
	}
	lower, upper := s[at/2], s[at+(len(s)-at)/2]
	limit = (lower + upper) / 2
	doubtful := 0
	for _, v := range s {
		if math.Abs(v-limit) < (upper-lower)/8 {
			doubtful++
		}
	}
	return limit, upper-lower > 0.3 && 50*doubtful < len(s)
}

// Bounds of lengths of time that stand for several bits.
const (
	mostLevels   = 16
	leastLeveled = 96   // lengths: of fewer, several readings may be as good as each other
	leastEven    = 0.6  // of 1: how well lengths lie on evenly spaced levels; what jitter leaves of that
	sampledGaps  = 4096 // lengths that levels are looked for in
)

// levelsOf reads the time between packets as numbers of 2, 3 or 4 bits, where they lie on as many evenly spaced levels.
func levelsOf(members []Candidate) (n numbers, ok bool) {
	if len(members) <= leastLeveled {
		return n, false
	}
	gaps := make([]float64, len(members)-1)
	for i := range gaps {
		gaps[i] = float64(members[i+1].Time - members[i].Time)
	}
	sorted := slices.Clone(gaps)
	slices.Sort(sorted)
	low, high := sorted[len(sorted)/100], sorted[len(sorted)-1-len(sorted)/100]
	step, start := even(gaps[:min(len(gaps), sampledGaps)], high-low)
	if step == 0 {
		return n, false
	}
	first := math.Round((low - start) / step)
	n = numbers{sequence: sequence{members: members[1:], order: ByTime}, width: 1}
	seen := map[uint32]bool{}
	for _, g := range gaps {
		v := uint32(max(0, min(mostLevels-1, math.Round((g-start)/step)-first)))
		seen[v] = true
		n.values, n.most = append(n.values, v), max(n.most, v)
	}
	n.kinds = len(seen)
	return n, n.kinds > 2
}

// even finds the space between levels that lengths of time lie on, and where one of the levels is: the widest of those that they lie on
// about as well as on any. 0 if they lie on none.
func even(gaps []float64, spread float64) (step, start float64) {
	type fit struct{ step, start, good float64 }
	var fits []fit
	best := 0.0
	for turns := 1.9; turns < mostLevels && spread > 0; turns += 0.04 {
		s, re, im := spread/turns, 0.0, 0.0
		for _, g := range gaps {
			sin, cos := math.Sincos(2 * math.Pi * g / s)
			re, im = re+cos, im+sin
		}
		f := fit{s, math.Atan2(im, re) / (2 * math.Pi) * s, math.Hypot(re, im) / float64(len(gaps))}
		fits, best = append(fits, f), max(best, f.good)
	}
	for i, f := range fits {
		if best < leastEven || f.good < 0.9*best || i+1 < len(fits) && fits[i+1].good > f.good {
			continue
		}
		return f.step, f.start
	}
	return 0, 0
}

// levelViews are the ways to read levels as bits: the lowest may not have been sent, the longest may stand for nothing, and the data may begin
// in the midst of a byte.
func (n numbers) levelViews(name string) (out []view) {
	for bits := 2; bits <= 4; bits++ {
		most := uint32(1)<<bits - 1
		if n.most > most || bits > 2 && n.most < most/2 {
			continue
		}
		for base := uint32(0); base+n.most <= most; base++ {
			up := func(v uint32) uint32 { return v + base }
			down := func(v uint32) uint32 { return most - v - base }
			for _, of := range []func(uint32) uint32{up, down} {
				for skip := range (7 + bits) / bits {
					out = append(out, view{name: name, bits: bits, of: of, skip: skip, fitted: true})
					if 8%bits == 0 {
						out = append(out, view{name: name, bits: bits, of: of, low: true, skip: skip, fitted: true})
					}
				}
			}
		}
	}
	return out
}
