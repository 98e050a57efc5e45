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
