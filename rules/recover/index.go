package recover

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
)

// deepestIndex is the last offset at which a number in the piece is looked for.
const deepestIndex = 48

// numeral is a way to write a number.
type numeral struct {
	width int
	read  func(b []byte) (uint64, bool)
}

var numerals = []numeral{
	{4, func(b []byte) (uint64, bool) { return uint64(binary.BigEndian.Uint32(b)), true }},
	{4, func(b []byte) (uint64, bool) { return uint64(binary.LittleEndian.Uint32(b)), true }},
	{8, func(b []byte) (uint64, bool) { return decimal(b) }},
	{6, func(b []byte) (uint64, bool) { return decimal(b) }},
	{5, func(b []byte) (uint64, bool) { return decimal(b) }},
	{4, func(b []byte) (uint64, bool) { return decimal(b) }},
	{3, func(b []byte) (uint64, bool) { return decimal(b) }},
	{2, func(b []byte) (uint64, bool) { return uint64(binary.BigEndian.Uint16(b)), true }},
	{2, func(b []byte) (uint64, bool) { return uint64(binary.LittleEndian.Uint16(b)), true }},
	{1, func(b []byte) (uint64, bool) { return uint64(b[0]), true }},
}

func decimal(b []byte) (uint64, bool) {
	for _, c := range b {
		if !figure(c) {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(string(b), 10, 32)
	return v, err == nil
}

// placed is an index that was found.
type placed struct {
	at, width int
	place     []int64
	step      int64 // what it rises by from piece to piece: 1, or the pieces' length where it is an offset
}

// indexed finds a number at a fixed offset that counts the pieces, or says where they lie, and takes it off with what belongs to the
// same header: a length, a total, constant bytes before it. Where one count does not explain the packets, those of each
// value of another header field are tried by themselves.
func indexed(t transfer) []transfer {
	if len(t.members) < 3 || t.place != nil || t.ofLines() {
		return nil
	}
	if x, ok := t.index(); ok {
		return []transfer{t.behind(x)}
	}
	return t.sessions()
}

// glanced are as many packets as are looked at before all of them are.
const glanced = 64

// index finds the number: one that begins at 0 or 1 rather than elsewhere.
func (t transfer) index() (first placed, ok bool) {
	limit := min(shortest(t.members), deepestIndex+8)
	few := transfer{members: t.members[:min(len(t.members), glanced)]}
	for _, n := range numerals {
		for at := 0; at+n.width < limit && at <= deepestIndex; at++ {
			if _, found := few.indexAt(at, n); !found {
				continue
			}
			x, found := t.indexAt(at, n)
			if found && slices.Min(x.place) <= 1 {
				return x, true
			}
			if found && !ok {
				first, ok = x, true
			}
		}
	}
	return first, ok
}

// indexAt reads the numbers at an offset; ok if they count.
func (t transfer) indexAt(at int, n numeral) (x placed, ok bool) {
	x = placed{at: at, width: n.width, place: make([]int64, len(t.members))}
	high, wrap := int64(0), int64(1)<<(8*n.width)
	for i, c := range t.members {
		v, good := n.read(c.Value[at : at+n.width])
		if !good {
			return x, false
		}
		p := int64(v)
		if n.width < 4 && i > 0 {
			p += (high - p + wrap/2) / wrap * wrap // nearest to the highest before
			if p < high-wrap/2 {
				p += wrap
			}
		}
		x.place[i], high = p, max(high, p)
	}
	return x, t.explains(&x)
}

// explains tells whether the places count the pieces one by one, or by their length, so that each place holds one piece.
func (t transfer) explains(x *placed) bool {
	sorted := slices.Clone(x.place)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	if len(sorted) < 3 || 2*len(sorted) < len(t.members) {
		return false
	}
	x.step = t.stride(sorted)
	if x.step == 0 {
		return false
	}
	follows := 0
	for i := 1; i < len(sorted); i++ {
		if sorted[i]-sorted[i-1] == x.step {
			follows++
		}
	}
	if least := len(sorted) - 1; 3*follows < 2*least || len(sorted) < 6 && follows < least-1 || len(sorted) < 4 && follows < least {
		return false
	}
	if x.width == 1 && len(sorted) < 4 || sorted[0] > 1+x.step*int64(len(sorted)) && 10*follows < 9*(len(sorted)-1) {
		return false
	}
	return t.consistent(*x)
}

// stride is 1, or what an offset rises by: the length of most pieces less that of a header.
func (t transfer) stride(sorted []int64) int64 {
	counts := map[int64]int{}
	for i := 1; i < len(sorted); i++ {
		counts[sorted[i]-sorted[i-1]]++
	}
	best := int64(0)
	for s, n := range counts {
		if best == 0 || n > counts[best] || n == counts[best] && s < best {
			best = s
		}
	}
	length, _ := commonLength(t.members)
	if best == 1 || best >= 8 && best < int64(length) && int64(length)-best <= 64 {
		return best
	}
	return 0
}

// consistent tells whether packets of one place carry the same bytes: repeats, and no other piece.
func (t transfer) consistent(x placed) bool {
	first := map[int64]int{}
	for i, p := range x.place {
		k, seen := first[p]
		if !seen {
			first[p] = i
			continue
		}
		a, b := t.members[i], t.members[k]
		a.Value, b.Value = a.Value[min(x.at, len(a.Value)):], b.Value[min(x.at, len(b.Value)):]
		if !a.agrees(b) {
			return false
		}
	}
	return true
}

// behind gives what stands behind the header that holds the index.
func (t transfer) behind(x placed) transfer {
	out := transfer{name: t.name}
	start := t.headerEnd(x)
	for i, c := range t.members {
		c.Value, c.Wire = c.Value[min(start, len(c.Value)):], c.Wire-start
		if c.Wire > 0 {
			out.members, out.place = append(out.members, c), append(out.place, x.place[i]/x.step)
		}
	}
	return out
}

// headerEnd follows the fields behind an index: the length of the piece, the number of pieces or bytes, a separator.
func (t transfer) headerEnd(x placed) int {
	at := x.at + x.width
	for range 4 {
		n := t.fieldAt(at, x)
		if n == 0 {
			break
		}
		at += n
	}
	if end := t.openingBehind(at); end > 0 {
		return end
	}
	return at
}

// fieldAt gives the width of a header field at an offset, 0 if there is none.
func (t transfer) fieldAt(at int, x placed) int {
	if at >= shortest(t.members) {
		return 0
	}
	for _, n := range numerals {
		if at+n.width < shortest(t.members) && (t.tellsLength(at, n) || n.width > 1 && t.tellsTotal(at, n, x)) {
			return n.width
		}
	}
	if n := sharedFrom(t.members, at); n > 0 && len(t.members) >= 4 && bytes.IndexByte([]byte("|:;,#/~ \x1f\x1e\x00"), t.members[0].Value[at]) >= 0 && n < 4 {
		return 1
	}
	return 0
}

// tellsLength tells whether the number at an offset is the length of what stands behind it, in all packets or all but one.
func (t transfer) tellsLength(at int, n numeral) bool {
	wrong, kinds := 0, map[uint64]bool{}
	for _, c := range t.members {
		v, ok := n.read(c.Value[at : at+n.width])
		if !ok || v != uint64(c.Wire-at-n.width) {
			wrong++
		}
		kinds[v] = true
	}
	return wrong == 0 || wrong == 1 && len(t.members) > 4 && len(kinds) == 2
}

// tellsTotal tells whether the number at an offset is the same in all packets, and that of the pieces or of the bytes in them.
func (t transfer) tellsTotal(at int, n numeral, x placed) bool {
	first, ok := n.read(t.members[0].Value[at : at+n.width])
	bytesIn := uint64(0)
	for _, c := range t.members {
		v, good := n.read(c.Value[at : at+n.width])
		if !ok || !good || v != first {
			return false
		}
		bytesIn += uint64(max(0, c.Wire-at-n.width))
	}
	last := uint64(slices.Max(x.place) / x.step)
	return first == last || first == last+1 || first == bytesIn || first > last && first < 2*last && 3*int(last) >= 2*len(t.members)
}

// openingBehind finds a known file's first bytes behind constant ones; 0 if there is none.
func (t transfer) openingBehind(at int) int {
	first := t.opening()
	shared := sharedFrom(t.members, at)
	for n := 0; n <= min(shared, 32); n++ {
		if at+n < len(first) {
			if name, _ := structureOf(first[at+n:]); name != "" {
				return at + n
			}
		}
	}
	return 0
}

// opening is the piece that the file begins with: of the lowest number.
func (t transfer) opening() []byte {
	if t.place == nil {
		return t.inOrder()[0].Value
	}
	k := 0
	for i, p := range t.place {
		if p < t.place[k] {
			k = i
		}
	}
	return t.members[k].Value
}

// sharedFrom is how many bytes all pieces share from an offset on.
func sharedFrom(members []Candidate, at int) (n int) {
	for n = 0; len(members) > 0; n++ {
		for _, c := range members {
			if at+n >= len(c.Value) || c.Value[at+n] != members[0].Value[at+n] {
				return n
			}
		}
	}
	return 0
}

// sessions parts packets by a header field of few values, in each of which an index counts.
func (t transfer) sessions() []transfer {
	limit := min(shortest(t.members), 17)
	for _, width := range []int{4, 2, 1} {
		for at := 0; at+width < limit; at++ {
			if out := t.sessionsAt(at, width); out != nil {
				return out
			}
		}
	}
	return nil
}

func (t transfer) sessionsAt(at, width int) (out []transfer) {
	where := map[string]int{}
	for _, c := range t.members {
		key := string(c.Value[at : at+width])
		k, known := where[key]
		if !known {
			if k = len(out); k == 8 {
				return nil
			}
			where[key] = k
			out = append(out, transfer{name: t.name})
		}
		out[k].members = append(out[k].members, c)
	}
	if len(out) < 2 {
		return nil
	}
	for i, g := range out {
		x, ok := g.index()
		if !ok || len(g.members) < 4 {
			return nil
		}
		if x.at < at+width && x.at+x.width > at { // the key is the index
			return nil
		}
		if x.at < at { // the key stands behind the index
			g.members = slices.Clone(g.members)
			x.width = at + width - x.at
		}
		out[i] = g.behind(x)
	}
	return out
}
