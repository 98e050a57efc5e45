package recover

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// view is one way to read numbers as data.
type view struct {
	name   string // the carrier, narrowed to what is read
	bits   int    // that each number gives
	of     func(v uint32) uint32
	low    bool // the first number holds the low bits of a byte
	skip   int  // numbers before the data
	fitted bool // it was chosen to fit: what comes of it must speak for itself all the more
}

// Least numbers, and different ones, for data to be told from what ordinary senders do.
const (
	leastNumbers = 16
	leastKinds   = 8  // different bytes
	leastSpan    = 24 // between the lowest and the highest byte
	leastNibbles = 10 // different half bytes
	leastBits    = 128
)

// numbers is a sequence of values of a number field.
type numbers struct {
	sequence
	values []uint32
	width  int // bytes
	kinds  int
	lowest uint32
	most   uint32
}

func numbersOf(q sequence) numbers {
	n := numbers{sequence: q, lowest: math.MaxUint32}
	seen := map[uint32]bool{}
	for _, c := range q.members {
		var v uint32
		for _, b := range c.Value[:min(4, len(c.Value))] {
			v = v<<8 | uint32(b)
		}
		n.values, n.width = append(n.values, v), max(n.width, len(c.Value))
		n.lowest, n.most = min(n.lowest, v), max(n.most, v)
		if len(seen) < 1<<16 {
			seen[v] = true
		}
	}
	n.kinds = len(seen)
	return n
}

// whole reads numbers as they are.
func whole(name string, width int) view {
	return view{name: name, bits: 8 * width, of: func(v uint32) uint32 { return v }}
}

func byteOf(name string, at, shift int) view {
	return view{name: fmt.Sprintf("%s[%d]", name, at), bits: 8, of: func(v uint32) uint32 { return v >> shift & 255 }}
}

// views lists the ways to read the numbers, plain ones first.
func (n numbers) views(c Carrier) (out []view) {
	switch {
	case c.both, n.width > 2 && c.bits == 0 && c.kind == number:
		return n.together(c.Name)
	case c.bits > 0:
		mask := uint32(1)<<c.bits - 1
		v := view{name: c.Name, bits: c.bits, of: func(v uint32) uint32 { return v & mask }}
		out = append(out, v)
		if c.bits < 8 {
			v.low = true
			out = append(out, v)
		}
		if c.bits > 16 {
			out = append(out, view{name: c.Name + "&0xffff", bits: 16, of: func(v uint32) uint32 { return v & 0xffff }}, byteOf(c.Name, 2, 0))
		}
		return out
	case c.kind == size:
		out = slices.Concat(n.above(c.Name), n.halves(c.Name), n.steps(c.Name))
	case n.width == 1:
		out = append([]view{whole(c.Name, 1)}, n.halves(c.Name)...)
		out = append(out, n.sixes(c.Name)...)
		out = append(out, n.above(c.Name)...)
	case n.width == 2 && n.plainView(c).bits == 8:
		out = append([]view{n.plainView(c)}, n.above(c.Name)...)
	case n.width == 2:
		out = []view{whole(c.Name, 2), {name: c.Name, bits: 16, of: func(v uint32) uint32 { return v>>8&255 | v&255<<8 }}, byteOf(c.Name, 1, 0), byteOf(c.Name, 0, 8)}
		out = append(out, n.above(c.Name)...)
	}
	return append(out, n.two(c.Name)...)
}

// steps reads two or four bits from each number, where there are four or sixteen that lie evenly.
func (n numbers) steps(name string) []view {
	seen := map[uint32]bool{}
	for _, v := range n.values {
		if seen[v] = true; len(seen) > mostLevels {
			return nil
		}
	}
	sorted := slices.Sorted(maps.Keys(seen))
	if len(sorted) < 3 || len(n.values) < leastBits/4 {
		return nil
	}
	step := sorted[1] - sorted[0]
	for i := 2; i < len(sorted); i++ {
		step = min(step, sorted[i]-sorted[i-1])
	}
	level := func(v uint32) uint32 { return (v - n.lowest) / step }
	for _, v := range sorted {
		if (v-n.lowest)%step != 0 || level(v) >= mostLevels {
			return nil
		}
	}
	on := n
	on.most, on.kinds = level(n.most), len(sorted)
	out := on.levelViews(name)
	for i, v := range out {
		of := v.of
		out[i].of = func(x uint32) uint32 { return of(level(x)) }
	}
	return out
}

// halves reads half bytes: the low or the high half of each number, or what it exceeds a base by.
func (n numbers) halves(name string) (out []view) {
	add := func(name string, of func(uint32) uint32) {
		kinds := map[uint32]bool{}
		for _, v := range n.values {
			kinds[of(v)] = true
		}
		if len(kinds) >= leastNibbles {
			out = append(out, view{name: name, bits: 4, of: of}, view{name: name, bits: 4, of: of, low: true})
		}
	}
	add(name+"&0x0f", func(v uint32) uint32 { return v & 15 })
	add(name+"&0xf0", func(v uint32) uint32 { return v >> 4 & 15 })
	if n.most-n.lowest > 15 {
		return out
	}
	for base := max(int64(0), int64(n.most)-15); base <= int64(n.lowest); base++ {
		if base%16 != 0 {
			b := uint32(base)
			add(fmt.Sprintf("%s-%d", name, base), func(v uint32) uint32 { return v - b })
		}
	}
	return out
}

// sixes reads the six bits of a code point, where the other two never change.
func (n numbers) sixes(name string) []view {
	for _, v := range n.values {
		if v&3 != n.values[0]&3 {
			return nil
		}
	}
	return []view{{name: name + "&0xfc", bits: 6, of: func(v uint32) uint32 { return v >> 2 }}}
}

// above reads bytes that numbers exceed a base by, where they span no more than a byte: the bases under which the most speaks for
// text, and those under which a known file begins.
func (n numbers) above(name string) (out []view) {
	if n.most-n.lowest > 255 || len(n.values) < leastNumbers {
		return nil
	}
	var h [256]int
	for _, v := range n.values {
		h[v-n.lowest]++
	}
	type fit struct {
		base  int64
		prose float64
	}
	var fits []fit
	for base := int64(n.most) - 255; base <= int64(n.lowest); base++ {
		f := fit{base: base}
		for v, k := range h {
			if k > 0 {
				f.prose += float64(k) * weight[byte(int64(n.lowest)+int64(v)-base)]
			}
		}
		if base == 0 || n.beginsAbove(base) {
			f.prose += 1e12
		}
		fits = append(fits, f)
	}
	slices.SortStableFunc(fits, func(a, b fit) int { return int(math.Copysign(1, b.prose-a.prose)) })
	for _, f := range fits[:min(len(fits), 4)] {
		v := view{name: name, bits: 8, of: func(v uint32) uint32 { return uint32(int64(v) - f.base) }, fitted: f.base != 0}
		if f.base != 0 {
			v.name = fmt.Sprintf("%s%+d", name, -f.base)
		}
		out = append(out, v)
	}
	return out
}

// beginsAbove tells whether a known file begins, if a base is taken off.
func (n numbers) beginsAbove(base int64) bool {
	b := make([]byte, 0, openingBytes)
	for _, v := range n.values[:min(len(n.values), openingBytes)] {
		b = append(b, byte(int64(v)-base))
	}
	name, _ := structureOf(b)
	return name != ""
}

// two reads one bit from each number, where there are but two.
func (n numbers) two(name string) (out []view) {
	if n.kinds != 2 || len(n.values) < leastBits {
		return nil
	}
	return bitViews(name, func(v uint32) uint32 { return uint32(btof(v == n.most)) })
}

// bitViews are the ways to read bits: which of two values is 1, which bit of a byte comes first, seven or eight to a character, and where
// the data begins.
func bitViews(name string, one func(uint32) uint32) (out []view) {
	zero := func(v uint32) uint32 { return 1 - one(v) }
	for skip := range 8 {
		for _, of := range []func(uint32) uint32{one, zero} {
			for _, low := range []bool{false, true} {
				out = append(out, view{name: name, bits: 1, of: of, low: low, skip: skip, fitted: skip > 0})
			}
		}
	}
	return out
}

// stream packs what a view reads into bytes; group is how many bits make one, 8 or 7. A byte of which bits are missing is left out.
func (n numbers) stream(v view, group int) (s Stream) {
	s.Order, s.Repeats = n.order, n.repeats
	if len(n.values) <= v.skip {
		return s
	}
	at := int64(0)
	p := packer{view: v, group: group, s: &s}
	for i, x := range n.values[v.skip:] {
		i += v.skip
		if n.place != nil && i > v.skip {
			lost := n.place[i] - n.place[i-1] - 1
			if lost > 0 {
				p.lose(lost)
			}
			at += max(0, lost)
		}
		p.take(n.members[i], v.of(x))
		at++
	}
	p.flush()
	return s
}

// packer makes bytes of bits.
type packer struct {
	view
	group  int
	s      *Stream
	bitsIn int
	value  uint32
	broken bool // bits of the byte are missing
	from   []Candidate
}

func (p *packer) take(c Candidate, v uint32) {
	if p.bits%8 == 0 && p.group == 8 {
		p.s.Pieces = append(p.s.Pieces, Piece{c.Number, c.Time, int64(len(p.s.Bytes))})
		for shift := p.bits - 8; shift >= 0; shift -= 8 {
			p.s.Bytes = append(p.s.Bytes, byte(v>>shift))
		}
		return
	}
	p.from = append(p.from, c)
	for i := range p.bits {
		p.bit(v >> (p.bits - 1 - i) & 1)
	}
}

// bit adds one bit. Numbers of several bits that hold the low ones first are put in place as a whole.
func (p *packer) bit(b uint32) {
	at := p.group - 1 - p.bitsIn
	if p.low {
		unit := max(1, p.bits)
		at = p.bitsIn/unit*unit + (unit - 1 - p.bitsIn%unit)
	}
	if at >= 0 {
		p.value |= b << at
	}
	if p.bitsIn++; p.bitsIn == p.group {
		p.flush()
	}
}

// lose passes over what lost packets held.
func (p *packer) lose(n int64) {
	offset := int64(len(p.s.Bytes))
	total := n*int64(p.bits) + int64(p.bitsIn)
	length := total / int64(p.group)
	if rest := total % int64(p.group); rest > 0 && p.group != 8 || rest > 0 && p.bits%8 != 0 {
		p.broken, p.bitsIn = true, int(rest)
		length++
	} else if p.bits%8 != 0 {
		p.bitsIn, p.value, p.from = 0, 0, nil
	}
	p.s.Gaps = append(p.s.Gaps, Gap{offset, length})
}

// flush ends a byte; one that is not full at the end is no byte.
func (p *packer) flush() {
	full := p.bitsIn >= p.group
	if full && !p.broken {
		for _, c := range p.from {
			p.s.Pieces = append(p.s.Pieces, Piece{c.Number, c.Time, int64(len(p.s.Bytes))})
		}
		p.s.Bytes = append(p.s.Bytes, byte(p.value))
	}
	p.bitsIn, p.value, p.broken, p.from = 0, 0, false, nil
}

// proves tells whether what a view reads is beyond what ordinary numbers give. Text made of few different bytes close to each other is
// what a drifting or balanced field looks like; under a view that was fitted, only good text counts; and of single bits there are too many ways to read
// them for a key to prove anything.
func (v view) proves(s Stream, layers []layer) bool {
	last := layers[len(layers)-1].verdict
	if !last.Believable() {
		return false
	}
	if last.grade == entire {
		return true
	}
	if e := layers[len(layers)-1].encodings; len(e) > 0 && strings.HasPrefix(e[len(e)-1], "xor ") {
		return v.bits > 1 && last.grade == text && fluent(layers[len(layers)-1].bytes, 33, 4) && len(e[len(e)-1]) == len("xor 5a")
	}
	if last.grade != text || len(layers) > 1 {
		return true
	}
	b := trimmed(s.Bytes)
	c := count(b)
	low, high := slices.Min(b), slices.Max(b)
	if c.distinct < leastKinds || int(high)-int(low) < leastSpan || !worded(b) {
		return false
	}
	switch {
	case v.fitted && v.bits > 1:
		return len(b) >= 24 && prose(b) > 40+1.6*float64(len(b)) && c.distinct >= 10 && (40*c.blanks >= len(b) || prose(b) > 2.6*float64(len(b)))
	case v.bits == 1:
		return len(b) >= 12 && prose(b) > 30+float64(len(b)) && c.distinct >= 10
	}
	return true
}
