package rules

import (
	"math/rand"
	"testing"
)

// The set must hold just what was added, in whatever order, as the fewest ranges.
func TestRangesAgreeWithAMap(t *testing.T) {
	rnd := rand.New(rand.NewSource(4))
	for range 500 {
		var r, o Ranges
		want := map[int64]bool{}
		for range rnd.Intn(60) {
			n := rnd.Int63n(50)
			r.Add(n)
			want[n] = true
		}
		for range rnd.Intn(9) {
			o.Add(rnd.Int63n(60))
		}
		check(t, r, want)
		both := r.Union(o)
		for n := range int64(61) {
			if both.Has(n) != (r.Has(n) || o.Has(n)) {
				t.Fatalf("union of %v and %v is %v", r, o, both)
			}
		}
		less, shared := r.Minus(o), int64(0)
		for n := range int64(61) {
			if less.Has(n) != (r.Has(n) && !o.Has(n)) {
				t.Fatalf("%v without %v is %v", r, o, less)
			}
			if r.Has(n) && o.Has(n) {
				shared++
			}
		}
		if r.Shared(o) != shared || less.Total() != r.Total()-shared {
			t.Fatalf("%v and %v share %d, want %d; without: %v", r, o, r.Shared(o), shared, less)
		}
		first := rnd.Int63n(50)
		last := first + rnd.Int63n(9)
		var between int64
		for n := range want {
			if first <= n && n <= last {
				between++
			}
		}
		if got := r.Between(first, last); got != between {
			t.Fatalf("%v between %d and %d: %d, want %d", r, first, last, got, between)
		}
	}
}

func check(t *testing.T, r Ranges, want map[int64]bool) {
	t.Helper()
	for n := range int64(51) {
		if r.Has(n) != want[n] {
			t.Fatalf("%v has %d: %v, want %v", r, n, r.Has(n), want[n])
		}
	}
	if r.Total() != int64(len(want)) {
		t.Fatalf("%v: total %d, want %d", r, r.Total(), len(want))
	}
	for i := 1; i < len(r); i++ {
		if r[i].First <= r[i-1].Last+1 {
			t.Fatalf("%v is not the fewest ranges", r)
		}
	}
}

func TestRangesPrint(t *testing.T) {
	var r Ranges
	for _, n := range []int64{3, 1, 2, 9} {
		r.Add(n)
	}
	if got := r.String(); got != "1-3,9" {
		t.Errorf("got %q", got)
	}
}
