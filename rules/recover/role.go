package recover

import (
	"bytes"
	"maps"
	"math"
	"slices"
)

// reason is a mark, and how much speaks for it.
type reason struct {
	mark
	bits float64
	near int // it does not stand by itself: so many bytes at most, all the same, may stand between it and the mark before; 0: no matter
}

// roles are what the numbers may say.
func (s *sample) roles(p parse, x script, values []uint64, ends []int) (out []reason) {
	if !p.has(lengthRole) {
		if r, ok := s.measuring(x, values, ends); ok {
			out = append(out, r)
		}
	}
	if !p.has(timeRole) { // those of one each second count, too
		if r, ok := s.clocking(x, values); ok {
			return append(out, r)
		}
	}
	if !p.has(countRole) {
		if r, ok := s.counting(x, values, ends); ok {
			out = append(out, r)
		}
	}
	return out
}

// line puts numbers on one line without wraps, each nearest to the one before it.
func line(x script, values []uint64, of []int) []int64 {
	out := make([]int64, len(of))
	for k, i := range of {
		v := int64(values[i])
		if x.base == 0 && x.width < 8 && k > 0 {
			shift := 64 - 8*x.width
			v = out[k-1] + (v-out[k-1])<<shift>>shift
		}
		out[k] = v
	}
	return out
}

// counting tells whether numbers count the pieces, up or down, by one or by their length.
func (s *sample) counting(x script, values []uint64, ends []int) (r reason, ok bool) {
	hidden := s.hiddenUnder(x, values)
	if hidden != 0 {
		values = slices.Clone(values)
		for i := range values {
			values[i] ^= hidden
		}
	}
	places := line(x, values, s.run)
	down, steps := falls(places), map[int64]int{}
	for i := 1; i < len(places); i++ {
		d := places[i] - places[i-1]
		if i == 16 && len(steps) == 15 { // each is another
			return r, false
		}
		steps[d]++
	}
	slices.Sort(places)
	places = slices.Compact(places)
	if n := len(places); n < 3 || 2*n < len(s.run) {
		return r, false
	}
	step := s.stride(places)
	follows := 0
	for i := 1; i < len(places); i++ {
		follows += int(btof(places[i]-places[i-1] == step))
	}
	if most := len(places) - 1; step == 0 || 3*follows < 2*most || most < 5 && follows < most || places[0] < 0 {
		return r, false
	}
	r.mark, r.bits = mark{script: x, role: countRole, step: step, hidden: hidden}, min(float64(follows)*min(x.bits(), 6), 90)
	if r.bits -= float64(len(places)-1-follows) * 3; down {
		r.step = -step
	}
	r.bits -= float64(len(s.run) - len(places))
	r.bits += 2 * float64(s.atEdges(values, places, step))
	if places[0] <= 4*step { // those at the edge come first
		r.bits += 6 + max(0, x.bits()-8)/4
	} else if x.base == 0 && x.width > 1 && places[0]>>(8*x.width-8) != 0 {
		r.bits -= 8 // bytes that do not change, of something else
	}
	if x.base == 0 && s.printed(values, x) {
		r.bits -= 20 * float64(x.width)
	}
	return r, r.bits > 10
}

// hiddenUnder is the key under which numbers, which do not count as they stand, count the packets as they came: a sender that hides its pieces under a
// key may hide its header, too. It is 0 if there is none.
func (s *sample) hiddenUnder(x script, values []uint64) uint64 {
	if x.base != 0 || x.width > 4 || len(s.run) < 8 {
		return 0
	}
	for first := range uint64(2) {
		key, hits, plain := values[s.run[0]]^(first+uint64(s.run[0])), 0, 0
		for k, i := range s.run {
			hits += int(btof(values[i]^key == first+uint64(i)))
			plain += int(btof(k > 0 && values[i]-values[s.run[max(0, k-1)]] == 1))
		}
		if key != 0 && 10*hits >= 9*len(s.run) && 10*plain < 9*(len(s.run)-1) {
			return key
		}
	}
	return 0
}

// falls tells whether numbers go down, by and large.
func falls(places []int64) bool {
	mean, middle, both, own, of := 0.0, float64(len(places)-1)/2, 0.0, 0.0, 0.0
	for _, p := range places {
		mean += float64(p) / float64(len(places))
	}
	for i, p := range places {
		x, y := float64(p)-mean, float64(i)-middle
		both, own, of = both+x*y, own+x*x, of+y*y
	}
	return both < -0.6*math.Sqrt(own*of)
}

// atEdges counts the packets at the edges whose numbers go on with the others, less those whose numbers do not.
func (s *sample) atEdges(values []uint64, sorted []int64, step int64) (n int) {
	for i, v := range values {
		if i >= s.core[0] && i <= s.core[len(s.core)-1] {
			continue
		}
		if reach := 8 * step; v <= math.MaxInt64 && int64(v) >= sorted[0]-reach && (i >= sampledRun || int64(v) <= sorted[len(sorted)-1]+reach) {
			n++
		} else {
			n--
		}
	}
	return n
}

// printed tells whether all bytes of numbers are characters.
func (s *sample) printed(values []uint64, x script) bool {
	for _, i := range s.run {
		for k := range x.width {
			if c := byte(values[i] >> (8 * k)); c < 0x20 || c >= 0x7f {
				return false
			}
		}
	}
	return true
}

// stride is 1, or the length of a piece: what most numbers rise by.
func (s *sample) stride(sorted []int64) int64 {
	counts := map[int64]int{}
	for i := 1; i < len(sorted); i++ {
		counts[sorted[i]-sorted[i-1]]++
	}
	best := int64(0)
	for d, n := range counts {
		if best == 0 || n > counts[best] || n == counts[best] && d < best {
			best = d
		}
	}
	if over := int64(s.length) - best; best == 1 || best >= 8 && over >= 0 && over <= 2*deepestGap {
		return best
	}
	return 0
}

// measuring tells whether numbers are the lengths of what follows them, of a part of that, or of the whole packet.
func (s *sample) measuring(x script, values []uint64, ends []int) (r reason, ok bool) {
	behind := func(i int) int { return s.members[i].Wire - ends[i] - int(min(values[i], 1<<30)) }
	whole := func(i int) int { return s.members[i].Wire - int(min(values[i], 1<<30)) }
	for _, from := range []bool{true, false} {
		rest := whole
		if from {
			rest = behind
		}
		over, good := s.agree(rest)
		filled := from && s.filledUp(values, ends)
		if !good && !filled || from && (over < 0 || over > deepestGap) || !from && !slices.Contains(counted, over) {
			continue
		}
		kinds, padded, amiss := map[uint64]bool{}, 0, 0
		if filled {
			over = 0
		}
		for i := range s.members {
			if rest(i) == over {
				kinds[values[i]] = true
			} else if i >= s.core[0] && i <= s.core[len(s.core)-1] || rest(i) > over && s.members[i].Wire == s.length {
				padded++
			} else if values[i] == values[s.core[0]] {
				amiss++
			}
		}
		if filled {
			bits := min(x.bits(), 16)*float64(min(len(kinds), 4)) + 16
			return reason{mark{script: x, role: lengthRole, from: true, padding: true}, bits, 0}, true
		}
		if padded > 1 || len(kinds) == 1 && amiss > 0 || len(kinds) < 2 && (over > 0 || len(s.members) < 4) {
			continue
		}
		if bits := min(x.bits(), 16) * float64(min(len(kinds), 4)); bits > 2 {
			return reason{mark{script: x, role: lengthRole, from: from, over: over, padding: padded > 0}, bits, 0}, true
		}
	}
	return s.filledAnyhow(x, values, ends)
}

// Bytes that may stand before a length that nothing but what comes of it proves.
const (
	nearLength = 8
	nearest    = 1 // where the length never changes: none

	leastFilled = 8 // what such a length is at least: smaller numbers are all kinds of things
)

// filledAnyhow takes numbers for the lengths of pieces in packets that are filled up to one size, with whatever bytes: none reaches behind its
// packet, which chance would not keep to, and they are the same until the file's end, or differ.
func (s *sample) filledAnyhow(x script, values []uint64, ends []int) (r reason, ok bool) {
	if x.base != 0 || !s.whole {
		return r, false
	}
	kinds, short := map[uint64]bool{}, false
	for i, c := range s.members {
		rest := uint64(len(c.Value) - ends[i])
		if c.Wire != s.length || values[i] == 0 || values[i] > rest {
			return r, false
		}
		if short = short || values[i] < rest; !kinds[values[i]] {
			r.bits += max(0, float64(8*x.width)-math.Log2(float64(rest+1)))
		}
		kinds[values[i]] = true
	}
	longest := slices.Max(slices.Collect(maps.Keys(kinds)))
	if !short || 2*longest < uint64(s.length-ends[0]) || len(kinds) > 2 && s.printed(values, x) {
		return r, false
	}
	r.mark = mark{script: x, role: lengthRole, from: true, padding: true}
	r.bits, r.near = max(8, min(r.bits, 12)), nearLength
	if len(kinds) == 1 {
		if s.goesOn(ends) {
			return r, false
		}
		r.near = nearest
	}
	return r, len(kinds) > 1 || longest >= leastFilled
}

// goesOn tells whether the byte behind a number is the same in all packets but those at the edges: then both are of one mark, as "SIG!" is.
func (s *sample) goesOn(ends []int) bool {
	first := s.core[0]
	return !slices.ContainsFunc(s.core, func(i int) bool {
		return ends[i] >= len(s.members[i].Value) || s.members[i].Value[ends[i]] != s.members[first].Value[ends[first]]
	})
}

// filledUp tells whether numbers are the lengths of what follows them in packets that are filled up with zero bytes: all are where the
// number says, and in the first byte before them, no zero byte is.
func (s *sample) filledUp(values []uint64, ends []int) bool {
	filled, last := 0, 0
	for i, c := range s.members {
		b := c.Value[min(ends[i], len(c.Value)):]
		n := int(min(values[i], 1<<30))
		switch {
		case n == 0 || n > len(b) || c.Wire != len(c.Value):
			return false
		case len(bytes.Trim(b[n:], "\x00")) > 0:
			return false
		case n < len(b):
			filled += len(b) - n
			last += int(btof(b[n-1] == 0))
		}
	}
	return filled >= 4 && 3*last <= len(s.members)
}

// agree gives the value that all packets but those at the edges, and one that was filled up, have.
func (s *sample) agree(of func(i int) int) (int, bool) {
	first, others := of(s.core[0]), 0
	if len(s.core) > 2 && of(s.core[1]) != first && of(s.core[2]) != first {
		first = of(s.core[1])
	}
	for _, i := range s.core {
		if of(i) != first {
			if others++; others > 1 || of(i) < first {
				return 0, false
			}
		}
	}
	return first, true
}

// clocking tells whether numbers go with the capture's time: in seconds of our era, or in parts of a second since any time.
func (s *sample) clocking(x script, values []uint64) (r reason, ok bool) {
	if x.base == 0 && (x.width < 4 || s.printed(values, x)) || x.base != 0 && x.width != 0 && x.width < 6 || len(s.core) < 4 {
		return r, false
	}
	first, last := s.core[0], s.run[len(s.run)-1]
	span := float64(s.members[last].Time-s.members[first].Time) / 1e9
	for _, rate := range []float64{1, 1e3, 1e6, 1e9} {
		if span*rate < 64 && rate > 1 || rate == 1 && (math.Abs(float64(values[first])-float64(s.members[first].Time)/1e9) > maxSkew || span < 3) {
			continue
		}
		slack, kinds, good := 0.005+0.03*span+5*btof(rate == 1), map[uint64]bool{}, true
		for _, i := range s.run {
			passed := float64(s.members[i].Time-s.members[first].Time) / 1e9
			if good = math.Abs((float64(values[i])-float64(values[first]))/rate-passed) <= slack; !good {
				break
			}
			kinds[values[i]] = true
		}
		if good && (2*len(kinds) > len(s.run) || rate == 1 && len(kinds) > 2) {
			return reason{mark{script: x, role: timeRole}, 14 + 30*btof(rate == 1), 0}, true
		}
	}
	return r, false
}
