package filter

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// marks is a set of filters, by their place in a bucket.
type marks []uint64

func (m marks) set(places ...int32) {
	for _, i := range places {
		m[i/64] |= 1 << (i % 64)
	}
}

func (m marks) has(i int32) bool { return m[i/64]>>(i%64)&1 != 0 }

// gate asks a packet for the values of an operand, once for all filters that need certain ones.
type gate struct {
	on   operand
	find finder
}

// finder marks the filters that a value lets through, and possibly others.
type finder interface {
	find(v *field.Value, may marks)
}

func (g *gate) open(m *machine, p *ingest.Packet, may marks) {
	m.arena = m.arena[:0]
	values := g.on.eval(m, p)
	for i := range values {
		g.find.find(&values[i], may)
	}
}

// waiting is a filter at a gate.
type waiting struct {
	need
	place int32
}

// newGate makes the gate of filters that need values of one operand and are looked up alike.
func newGate(all []waiting) gate {
	g := gate{on: all[0].on}
	switch first := all[0]; {
	case first.texts != nil:
		g.find = newWords(all, g.on.typ)
	case first.part != "":
		g.find = newSubstrings(all, g.on.typ)
	case first.spans != nil && isAddressType(g.on.typ):
		g.find = newLine(all, addressOf, netip.Addr.Compare, nextAddress)
	case first.spans != nil:
		g.find = newLine(all, numberOf, cmp.Compare[int64], nextNumber)
		if l, ok := g.find.(line[int64]); ok {
			g.find = numbers{l.from, l.places}
		}
	default:
		g.find = everyone(all)
	}
	return g
}

// anyValue lets all through.
type anyValue []int32

func everyone(all []waiting) (out anyValue) {
	for _, w := range all {
		out = append(out, w.place)
	}
	return out
}

func (a anyValue) find(_ *field.Value, may marks) { may.set(a...) }

// words finds texts and byte sequences as a whole.
type words struct {
	places map[string][]int32
	text   bool
}

func newWords(all []waiting, t field.Type) words {
	w := words{map[string][]int32{}, t == field.String}
	for _, x := range all {
		for _, text := range x.texts {
			w.places[text] = append(w.places[text], x.place)
		}
	}
	return w
}

func (w words) find(v *field.Value, may marks) {
	if w.text {
		may.set(w.places[v.Text]...)
	} else {
		may.set(w.places[string(v.Bytes)]...)
	}
}

// line finds the spans a value lies in: between each mark on the line and the next, the filters are the same.
type line[K any] struct {
	from   []K
	places [][]int32 // from there on
	key    func(v *field.Value) K
	order  func(a, b K) int
}

func numberOf(v *field.Value) int64       { return v.Int }
func addressOf(v *field.Value) netip.Addr { return v.Addr }

// What follows a value on the line; ok is false at the end of it.
func nextNumber(n int64) (next int64, ok bool) { return n + 1, n < math.MaxInt64 }

func nextAddress(a netip.Addr) (next netip.Addr, ok bool) {
	next = a.Next()
	return next, next.IsValid()
}

// longestLine bounds the memory of spans that overlap.
const longestLine = 1 << 22

// end is where a filter's span starts, or the first value behind it.
type end[K any] struct {
	at    K
	place int32
	by    int // 1 or -1
}

// newLine lets everyone through if there are too many spans.
func newLine[K any](all []waiting, key func(*field.Value) K, order func(a, b K) int, next func(K) (K, bool)) finder {
	var ends []end[K]
	for _, w := range all {
		for _, s := range w.spans {
			ends = append(ends, end[K]{key(&s.low), w.place, 1})
			if behind, ok := next(key(&s.high)); ok {
				ends = append(ends, end[K]{behind, w.place, -1})
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b end[K]) int { return order(a.at, b.at) })
	l, within, size := line[K]{key: key, order: order}, map[int32]int{}, 0
	for i, e := range ends {
		if within[e.place] += e.by; within[e.place] == 0 {
			delete(within, e.place)
		}
		if i+1 < len(ends) && order(ends[i+1].at, e.at) == 0 {
			continue
		}
		l.from, l.places = append(l.from, e.at), append(l.places, slices.Sorted(maps.Keys(within)))
		if size += len(within); size > longestLine {
			return everyone(all)
		}
	}
	return l
}

func (l line[K]) find(v *field.Value, may marks) {
	at, found := slices.BinarySearchFunc(l.from, l.key(v), l.order)
	if !found {
		at--
	}
	if at >= 0 {
		may.set(l.places[at]...)
	}
}

// numbers is a line of numbers, which are compared without a call.
type numbers struct {
	from   []int64
	places [][]int32
}

func (l numbers) find(v *field.Value, may marks) {
	at, n := -1, v.Int
	for low, high := 0, len(l.from); low < high; {
		if mid := int(uint(low+high) >> 1); l.from[mid] <= n {
			at, low = mid, mid+1
		} else {
			high = mid
		}
	}
	if at >= 0 {
		may.set(l.places[at]...)
	}
}
