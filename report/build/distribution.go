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
	if len(s.kept) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(s.kept))
	at := (len(sorted)*percent + 99) / 100
	v := ms(int64(sorted[max(at, 1)-1]) * tick)
	return &v
}

// evenness is how evenly byte values are spread in payloads, in bits per byte.
type evenness struct {
	n         int64
	sum, most float64
}

func (e *evenness) add(bits float64) {
	e.n++
	e.sum += bits
	e.most = max(e.most, bits)
}

func (e *evenness) numbers() (mean, most *float64) {
	if e.n == 0 {
		return nil, nil
	}
	m, h := e.sum/float64(e.n), e.most
	return &m, &h
}
