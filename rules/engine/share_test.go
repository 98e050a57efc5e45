package engine

import (
	"math"
	"testing"
)

// What findings hold together is bounded, and it is the largest that give something up.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		kept []int
		most int
		want int
	}{
		{nil, 100, math.MaxInt},
		{[]int{10, 20, 30}, 60, math.MaxInt},
		{[]int{1000, 10, 20}, 130, 100},
		{[]int{50, 50, 50, 50}, 100, 25},
		{[]int{5, 1000, 3000}, 505, 250},
	} {
		if got := share(c.kept, c.most); got != c.want {
			t.Errorf("%v in %d: %d, want %d", c.kept, c.most, got, c.want)
		}
	}
}
