package timeline

import (
	"math/rand"
	"testing"
	"time"
)

// common makes what two files share: packets a moment apart, by the differences between their clocks.
func common(ids int, pace time.Duration, differences ...time.Duration) *shared {
	pairs := map[pair]*shared{}
	for i, d := range differences {
		at := int64(i) * int64(pace)
		note(pairs, sample{index: 0, time: at, ipID: uint16(i % ids)}, sample{index: 1, time: at + int64(d)})
	}
	return pairs[pair{0, 1}]
}

func times(n int, d time.Duration) (out []time.Duration) {
	for i := range n {
		out = append(out, d+time.Duration(i%3)*time.Millisecond)
	}
	return out
}

func TestBelieve(t *testing.T) {
	join := func(a, b []time.Duration) []time.Duration { return append(a[:len(a):len(a)], b...) }
	tests := []struct {
		name    string
		s       *shared
		overlap bool
		want    bool
	}{
		{"steady", common(1, time.Second, times(20, 5*time.Millisecond)...), true, true},
		{"too few", common(1, time.Second, times(2, 5*time.Millisecond)...), true, false},
		{"no wonder, so close together", common(1, time.Millisecond, times(4, 5*time.Millisecond)...), true, false},
		{"a rotated set", common(1, time.Second, times(20, 50*time.Millisecond)...), false, false},
		{"clocks apart", common(1, time.Second, times(20, 3*time.Second)...), true, true},
		{"clocks apart, few packets", common(1, time.Second, times(7, 3*time.Second)...), true, false},
		{"repeated a little later, or earlier", common(1, time.Second, join(times(20, 3*time.Second), times(15, -3*time.Second))...), true, false},
		{"clocks far apart", common(1, time.Second, times(20, time.Hour)...), true, false},
		{"clocks far apart, by IP ids", common(20, time.Second, times(20, time.Hour)...), false, true},
		{"most disagree", common(20, time.Second, join(times(5, 0), []time.Duration{1e9, 2e9, 3e9, 4e9, 5e9, 6e9, 7e9, 8e9, 9e9, 10e9, 11e9})...), true, false},
	}
	for _, tt := range tests {
		if l, got := tt.s.believe(tt.overlap); got != tt.want {
			t.Errorf("%s: %v, %+v", tt.name, got, l)
		}
	}
}

// Unrelated packets are hardly ever believed to be shared.
func TestBelieveByChance(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 100_000 {
		pairs := map[pair]*shared{}
		span := 1 + rnd.Int63n(int64(10*time.Second))
		for range 3 + rnd.Intn(20) {
			note(pairs, sample{index: 0, time: rnd.Int63n(span)}, sample{index: 1, time: rnd.Int63n(span)})
		}
		if l, ok := pairs[pair{0, 1}].believe(true); ok {
			t.Fatalf("%+v of %d", l, len(pairs[pair{0, 1}].differences))
		}
	}
}

func TestTolerance(t *testing.T) {
	same := common(1, time.Second, times(20, 0)...)
	for i := range same.differences {
		same.differences[i] = int64(i%2) * 900 // the same records, cut to microseconds
	}
	if l, ok := same.believe(true); !ok || l.offset != 0 || l.tolerance() != int64(equal) {
		t.Errorf("one clock: %v, %+v", ok, l)
	}
	if l, ok := common(1, time.Second, times(20, 0)...).believe(true); !ok || l.tolerance() != int64(steady) {
		t.Errorf("two clocks: %v, %+v", ok, l)
	}
}
