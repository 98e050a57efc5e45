package payload

import (
	"math/rand/v2"
	"testing"
)

// The floors must be what random bytes stay above: one in ten thousand falls below, so of three thousand hardly any.
func TestFloorsOfRandomBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, n := range []int{32, 40, 64, 100, 256, 700, 1024, 3000, 9000, 40000, 100000} {
		rounds := min(3000, 4_000_000/n)
		below := 0
		b := make([]byte, n)
		for range rounds {
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			if !random(n, Entropy(b)) {
				below++
			}
		}
		if below > rounds/500 {
			t.Errorf("%d bytes: %d of %d below the floor", n, below, rounds)
		}
	}
	if random(31, 5) {
		t.Error("31 bytes are too few to tell")
	}
}
