package build

import "slices"

// maxSample bounds the values of a conversation that are kept.
const maxSample = 64

// sample keeps every so-manieth of a conversation's round-trip times, from the first to the last: of fewer than 64 all, of more 32 to
// 63, evenly spread. It takes no more room for longer conversations, and is the same in every run.
type sample struct {
	kept  []uint32 // in ticks
	every int64    // of so many values one is kept
	seen  int64
}

// tick is the unit of kept times in nanoseconds: a minute, after which no reply counts, fits into 32 bits.
const tick = 16

func (s *sample) add(ns int64) {
	if s.every == 0 {
		s.every = 1
	}
	if s.seen%s.every == 0 {
		s.kept = append(s.kept, uint32(min(max(ns, 0)/tick, 1<<32-1)))
	}
	s.seen++
	if len(s.kept) < maxSample {
		return
	}
	for i := range maxSample / 2 {
		s.kept[i] = s.kept[2*i]
	}
	s.kept, s.every = s.kept[:maxSample/2], 2*s.every
}

// rank is the value in milliseconds that so many per cent do not exceed (nearest rank); nil if there is none.
func (s *sample) rank(percent int) *float64 {
	if s == nil || len(s.kept) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(s.kept))
	at := (len(sorted)*percent + 99) / 100
	v := ms(int64(sorted[max(at, 1)-1]) * tick)
	return &v
}

// contents is what is known of a conversation's echo payloads. There are many conversations: it is kept small.
type contents struct {
	sum, most float64 // of how evenly byte values are spread, in bits per byte
	n         uint32  // payloads that these are of
	different uint32  // payloads, of all
}

func (c *contents) add(bits float64) {
	c.n++
	c.sum += bits
	c.most = max(c.most, bits)
}

// entropy is nil where there is no payload to work it out for.
func (c *contents) entropy() (mean, most *float64) {
	if c.n == 0 {
		return nil, nil
	}
	m, h := c.sum/float64(c.n), c.most
	return &m, &h
}
