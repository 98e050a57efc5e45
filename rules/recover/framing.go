package recover

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// role is what a number in a header says.
type role uint8

const (
	countRole  role = iota // the pieces, one by one or by where they lie
	lengthRole             // of bytes
	timeRole               // the time
)

// mark is a number of a header, found by what it says of the packets.
type mark struct {
	script
	role
	gap     []int16 // the bytes before it, from the end of the mark before; -1 where they differ
	step    int64   // of a count: what it rises by, or falls
	from    bool    // of a measure: it begins behind the mark, else with the packet
	over    int     // of a measure: what lies behind the bytes that it counts
	padding bool    // of a measure: packets are filled up behind them
}

// framing is what a tool puts around each piece: marks, and other bytes between them, before the piece and behind it.
type framing struct {
	marks []mark
	after []int16 // the bytes between the last mark and the piece; -1 where they differ
	tail  []int16 // the bytes behind the piece
	seals []string
	bits  float64 // what speaks for it: how unlikely chance makes it
}

// Bounds of the search for framings.
const (
	maxMarks     = 4
	deepestGap   = 64 // bytes before a mark, or a piece, that nothing but what follows explains
	followed     = 5  // parses that are followed, of each kind
	leastFraming = 6  // bits
	sureFraming  = 14
	maxFramings  = 5

	lookElsewhere = 8 // bits: a number may stand at many places, and be written in many ways
)

// parse is a framing as far as it is known, in a sample.
type parse struct {
	framing
	at []int // of each packet, the end of the last mark
	k  int   // bytes behind the last measure that are no piece: header and tail; -1 if that is not known
}

// sample is packets that a framing is inferred from; those at the edges may be messages about the transfer.
type sample struct {
	members []Candidate
	core    []int             // those not at the edges
	run     []int             // of them those that follow each other as they came
	whole   bool              // all were captured whole
	length  int               // what most are long
	sums    map[[2]int][]seal // check sums of parts of one packet, as they were needed
}

const sampledRun = 56

func sampleOf(members []Candidate) (s sample) {
	n := len(members)
	for i := 0; i < n; i++ {
		if i < sampledRun || i >= n-4 || i%max(1, n/12) == 0 {
			s.members = append(s.members, members[i])
		}
	}
	edge := min(2, (len(s.members)-3)/3)
	s.whole = true
	for i, c := range s.members {
		s.whole = s.whole && len(c.Value) == c.Wire
		if i >= edge && i < len(s.members)-edge {
			s.core = append(s.core, i)
			if i < sampledRun {
				s.run = append(s.run, i)
			}
		}
	}
	s.length, _ = commonLength(s.members)
	s.sums = map[[2]int][]seal{}
	return s
}

// framings are the likeliest ways to take a framing off, those that most speaks for first.
func framings(members []Candidate) (out []framing) {
	if len(members) < 4 {
		return nil
	}
	s := sampleOf(members)
	start := parse{at: make([]int, len(s.members)), k: -1}
	states, done := []parse{start}, []parse{start}
	for range maxMarks {
		var next []parse
		for _, p := range states {
			next = append(next, s.extend(p)...)
		}
		slices.SortStableFunc(next, func(a, b parse) int { return cmp.Compare(b.bits, a.bits) })
		states = varied(next)
		done = append(done, states...)
	}
	slices.SortStableFunc(done, func(a, b parse) int { return cmp.Compare(b.bits, a.bits) })
	for _, p := range done[:min(len(done), 3*followed)] {
		out = append(out, s.close(p)...)
	}
	slices.SortStableFunc(out, func(a, b framing) int { return cmp.Compare(b.bits, a.bits) })
	return out
}

// varied keeps the parses that most speaks for, of every kind some, and of those that come to the same end one.
func varied(sorted []parse) (out []parse) {
	of := map[role]int{}
	for _, p := range sorted {
		r := p.marks[len(p.marks)-1].role
		if of[r] < followed && !slices.ContainsFunc(out, func(o parse) bool { return o.marks[len(o.marks)-1].role == r && slices.Equal(o.at, p.at) }) {
			out = append(out, p)
			of[r]++
		}
	}
	return out
}

// extend finds the marks that may come next.
func (s *sample) extend(p parse) (out []parse) {
	deepest := deepestGap
	if len(p.marks) > 0 {
		deepest = deepestGap / 2
	}
	values, ends := make([]uint64, len(s.members)), make([]int, len(s.members))
	for gap := range deepest {
		for _, x := range scripts {
			if !s.read(p, x, gap, values, ends) {
				continue
			}
			for _, m := range s.roles(p, x, values, ends) {
				m.mark.gap = s.pattern(func(i int) []byte { return s.members[i].Value[p.at[i]:][:gap] })
				next := parse{p.framing, slices.Clone(ends), p.k}
				next.marks = append(slices.Clone(p.marks), m.mark)
				next.bits += m.bits - unexplained(m.mark.gap) - lookElsewhere
				switch {
				case m.role == lengthRole && m.from:
					next.k = m.over
				case p.k >= 0 && x.width == 0:
					next.k = -1 // of no fixed width
				case p.k >= 0:
					next.k = p.k - gap - x.width
				}
				if p.k >= 0 && next.k < 0 && x.width > 0 {
					continue // it would stand in the piece
				}
				out = append(out, next)
			}
		}
	}
	return out
}

// read reads a number from every packet; all but those at the edges must have it.
func (s *sample) read(p parse, x script, gap int, values []uint64, ends []int) bool {
	for i, c := range s.members {
		v, end, ok := x.at(c.Value, p.at[i]+gap)
		if !ok || end >= len(c.Value) {
			if i >= s.core[0] && i <= s.core[len(s.core)-1] {
				return false
			}
			v, end = math.MaxUint64, len(c.Value)
		}
		values[i], ends[i] = v, end
	}
	return true
}

// pattern is the bytes that all packets but those at the edges share, -1 where they differ.
func (s *sample) pattern(of func(i int) []byte) (out []int16) {
	first := of(s.core[0])
	for _, c := range first {
		out = append(out, int16(c))
	}
	for _, i := range s.core[1:] {
		for k, c := range of(i) {
			if out[k] != int16(c) {
				out[k] = -1
			}
		}
	}
	return out
}

// unexplained is what speaks against a framing that leaves bytes unexplained.
func unexplained(gap []int16) (bits float64) {
	for _, c := range gap {
		bits += 0.2
		if c < 0 {
			bits++
		}
	}
	return bits
}

// reason is a mark, and how much speaks for it.
type reason struct {
	mark
	bits float64
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

func (f framing) has(r role) bool {
	return slices.ContainsFunc(f.marks, func(m mark) bool { return m.role == r })
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
	r.mark, r.bits = mark{script: x, role: countRole, step: step}, min(float64(follows)*min(x.bits(), 6), 90)
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

// Lengths count, beside the packet's own bytes, its ICMP header, and that of IP.
var counted = []int{0, -8, -28, -48}

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
		if !good || from && (over < 0 || over > deepestGap) || !from && !slices.Contains(counted, over) {
			continue
		}
		kinds, padded, amiss := map[uint64]bool{}, 0, 0
		for i := range s.members {
			if rest(i) == over {
				kinds[values[i]] = true
			} else if i >= s.core[0] && i <= s.core[len(s.core)-1] || rest(i) > over && s.members[i].Wire == s.length {
				padded++
			} else if values[i] == values[s.core[0]] {
				amiss++
			}
		}
		if padded > 1 || len(kinds) == 1 && amiss > 0 || len(kinds) < 2 && (over > 0 || len(s.members) < 4) {
			continue
		}
		if bits := min(x.bits(), 16) * float64(min(len(kinds), 4)); bits > 2 {
			return reason{mark{script: x, role: lengthRole, from: from, over: over, padding: padded > 0}, bits}, true
		}
	}
	return r, false
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
			return reason{mark{script: x, role: timeRole}, 14 + 30*btof(rate == 1)}, true
		}
	}
	return r, false
}

// close finds where the piece begins behind the last mark, and where it ends.
func (s *sample) close(p parse) (out []framing) {
	limit := deepestGap
	for _, i := range s.core {
		limit = min(limit, len(s.members[i].Value)-p.at[i]-1)
	}
	if limit < 0 {
		return nil
	}
	shared := 0
	front := s.pattern(func(i int) []byte { return s.members[i].Value[p.at[i]:][:limit] })
	for shared < len(front) && front[shared] >= 0 {
		shared++
	}
	tail := s.sharedTail(p)
	for n := 0; n <= limit; n++ {
		for _, back := range []int{0, tail} {
			f, good := s.closed(p, n, back, shared, tail)
			if good {
				out = append(out, f)
			}
			if tail == 0 {
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b framing) int { return cmp.Compare(b.bits, a.bits) })
	return out[:min(len(out), 3)]
}

// sharedTail is how many bytes at their end all packets but those at the edges share.
func (s *sample) sharedTail(p parse) (n int) {
	if !s.whole {
		return 0
	}
	for ; n < 32; n++ {
		first := s.members[s.core[0]].Value
		for _, i := range s.core {
			b := s.members[i].Value
			if len(b)-n-1 <= p.at[i] || b[len(b)-1-n] != first[len(first)-1-n] {
				return n
			}
		}
	}
	return n
}

// closed weighs a piece that begins so many bytes behind the last mark and ends so many before the packet's end, or before a check sum there.
func (s *sample) closed(p parse, n, back, shared, tail int) (f framing, ok bool) {
	f = p.framing
	most := len(s.core)
	constant := 0.4 * float64(min(most, 5))
	front := s.pattern(func(i int) []byte { return s.members[i].Value[p.at[i]:][:n] })
	told := false
	seal, sealed := s.sealOf(p, n, back)
	if sealed {
		f.bits += seal.bits
		f.seals = []string{seal.name}
		back += seal.behind
		told = seal.pins
	}
	if p.k >= 0 && n+back == p.k && (n > 0 || back > 0) {
		f.bits, told = f.bits+8, true
	} else if p.k > 0 && n+back != p.k {
		f.bits -= 12
	}
	if opens, long := s.opens(p, n); opens {
		f.bits, told = f.bits+8+8*btof(long), true
	}
	switch {
	case n < shared && !told && most >= manyPieces:
		return f, false
	case n < shared:
		f.bits -= constant * min(float64(shared-n), 6)
	case n > shared && !told:
		return f, false
	}
	if back < tail {
		f.bits -= constant * min(float64(tail-back), 6)
	}
	if !told || n > shared {
		f.bits -= unexplained(front)
	}
	f.after = front
	f.tail = s.pattern(func(i int) []byte { b := s.members[i].Value; return b[max(0, len(b)-back):] })
	return f, f.bits >= leastFraming && s.fits(p, n, back)
}

// fits tells whether something is left of each packet.
func (s *sample) fits(p parse, n, back int) bool {
	for _, i := range s.core {
		if s.members[i].Wire-p.at[i]-n-back < 1 {
			return false
		}
	}
	return true
}

// opens tells whether a known file begins there, in the piece that comes first or in one of the first packets.
func (s *sample) opens(p parse, n int) (ok, long bool) {
	for i := range min(len(s.members), 6) {
		b := s.members[i].Value
		if at := p.at[i] + n; at < len(b) {
			if name, x := structureOf(b[at:]); name != "" && (x.good > 0 || longMagic(name)) {
				return true, x.good > 0.2
			}
		}
	}
	return false, false
}

// sealing is a check sum that was found.
type sealing struct {
	name   string
	behind int  // bytes of it at the packet's end
	pins   bool // it tells where the piece begins
	bits   float64
}

// deepestSeal is as far as the bytes that a check sum covers are looked for to begin.
const deepestSeal = 48

// sealOf looks for a check sum of the piece, or of all that stands before it.
func (s *sample) sealOf(p parse, n, back int) (best sealing, ok bool) {
	probe := s.core[0]
	b := s.members[probe].Value
	from, to := p.at[probe]+n, len(b)-back
	if !s.whole || to-from < 3 || n > deepestSeal {
		return best, false
	}
	take := func(x seal, at, width int, all bool) {
		if bits := s.holds(p, n, back, sealAt{at, len(x.sum), x.name}, width, all); bits > best.bits {
			best, ok = sealing{x.name, width, !all, bits}, true
		}
	}
	for _, x := range s.sealsOf(b, from, to) {
		if at := bytes.Index(b[:from], x.sum); at >= 0 && (len(x.sum) > 1 || at == from-1) {
			take(x, at, 0, false)
		}
	}
	for _, width := range []int{4, 2, 1, 16, 8, 20, 32} {
		for _, start := range []int{from, 0} {
			if to-width <= from {
				continue
			}
			for _, x := range s.sealsOf(b, start, to-width) {
				if len(x.sum) == width && bytes.Equal(x.sum, b[to-width:to]) {
					take(x, to-width, width, start == 0)
				}
			}
		}
	}
	return best, ok
}

// sealsOf gives the check sums of a part of the packet that is probed first.
func (s *sample) sealsOf(b []byte, from, to int) []seal {
	key := [2]int{from, to}
	if s.sums[key] == nil {
		s.sums[key] = seals(b[from:to])
	}
	return s.sums[key]
}

// holds tells how much speaks for a check sum: it must be right in all packets that are looked at.
func (s *sample) holds(p parse, n, back int, x sealAt, behind int, all bool) float64 {
	shown, distinct := 0, map[string]bool{}
	probe := s.core[0]
	for _, i := range s.core[:min(len(s.core), 16)] {
		b := s.members[i].Value
		from, to := p.at[i]+n, len(b)-back-behind
		at := x.at
		if behind > 0 {
			at = to
		} else if at >= p.at[probe] {
			at += p.at[i] - p.at[probe]
		}
		if all {
			from = 0
		}
		if to <= from || at < 0 || at+x.width > len(b) {
			return 0
		}
		sum := b[at : at+x.width]
		if !slices.ContainsFunc(seals(b[from:to]), func(o seal) bool { return o.name == x.name && bytes.Equal(o.sum, sum) }) {
			return 0
		}
		shown++
		distinct[string(sum)] = true
	}
	if len(distinct) < 2 || x.width == 1 && shown < 6 {
		return 0
	}
	return min(8*float64(x.width)*float64(shown-1), 80)
}

// words says what a framing consists of.
func (f framing) words() string {
	var parts []string
	say := func(gap []int16, what string) {
		if len(gap) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s bytes", len(gap), what))
		}
	}
	for _, m := range f.marks {
		say(m.gap, "other")
		base := m.script.name
		switch m.role {
		case countRole:
			parts = append(parts, "a "+base+" count")
		case lengthRole:
			parts = append(parts, "a "+base+" length")
		case timeRole:
			parts = append(parts, "a "+base+" time")
		}
	}
	say(f.after, "other")
	parts = append(parts, "the piece")
	say(f.tail, "closing")
	if len(f.seals) > 0 {
		parts = append(parts, "checked by "+strings.Join(f.seals, ", "))
	}
	return strings.Join(parts, ", ")
}
