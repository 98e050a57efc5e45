package recover

import (
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
	hidden  uint64  // of a count: the key that it is under
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
	deepestGap   = 72 // bytes before a mark, or a piece, that nothing but what follows explains
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
				if m.near > 0 && (gap >= m.near || slices.Contains(m.mark.gap, -1)) {
					continue
				}
				next := parse{p.framing, slices.Clone(ends), p.k}
				next.marks = append(slices.Clone(p.marks), m.mark)
				next.bits += m.bits - unexplained(m.mark.gap) - lookElsewhere
				if m.role == lengthRole && m.from && gap == 0 && len(p.marks) == 0 {
					next.bits += lookElsewhere // it is looked for there first
				}
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

func (f framing) has(r role) bool {
	return slices.ContainsFunc(f.marks, func(m mark) bool { return m.role == r })
}

// filled tells whether a length says where the piece ends in packets that are filled up.
func (f framing) filled() bool {
	return slices.ContainsFunc(f.marks, func(m mark) bool { return m.padding })
}

// Lengths count, beside the packet's own bytes, its ICMP header, and that of IP.
var counted = []int{0, -8, -28, -48}

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
	if p.filled() {
		tail = 0 // it is what packets are filled up with
	}
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

// sharedTail is how many bytes at their end all packets but those at the edges share. The padding of base64 is the piece's.
func (s *sample) sharedTail(p parse) int {
	n, b := s.commonTail(p), s.members[s.core[0]].Value
	for n > 0 && b[len(b)-n] == '=' {
		n--
	}
	return n
}

func (s *sample) commonTail(p parse) (n int) {
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

// deepestSeal is as far as the bytes that a check sum covers are looked for to begin.
const deepestSeal = 72

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
