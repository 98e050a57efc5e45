package payload

import (
	"math"
	"sort"
)

// Entropy is the Shannon entropy of b's byte values in bits per byte: 0 for one value over and over, at most
// min(8, log2 len(b)).
func Entropy(b []byte) float64 {
	if len(b) == 0 {
		return 0
	}
	var counts [256]uint32
	for _, c := range b {
		counts[c]++
	}
	var sum float64
	for _, n := range counts {
		if n > 1 {
			sum += float64(n) * log2(n)
		}
	}
	return max(0, math.Log2(float64(len(b)))-sum/float64(len(b)))
}

func log2(n uint32) float64 {
	if int(n) < len(log2s) {
		return log2s[n]
	}
	return math.Log2(float64(n))
}

// log2s saves the logarithms of small counts, the bulk of the work.
var log2s = func() (t [64]float64) {
	for i := 1; i < len(t); i++ {
		t[i] = math.Log2(float64(i))
	}
	return t
}()

// floors says below which entropy one in ten thousand strings of random bytes of that length falls (measured, see the
// test). Lengths between are interpolated over the logarithm.
var floors = []struct {
	length int
	bits   float64
}{
	{32, 4.45}, {48, 5.05}, {64, 5.44}, {96, 5.94}, {128, 6.27}, {192, 6.72}, {256, 6.98},
	{512, 7.45}, {1024, 7.73}, {1472, 7.82}, {4096, 7.93}, {16384, 7.98}, {65536, 7.99},
}

// random tells whether n bytes with that entropy are as even as random bytes. Below 32 bytes nobody can tell.
func random(n int, entropy float64) bool {
	i := sort.Search(len(floors), func(i int) bool { return floors[i].length > n })
	switch {
	case i == 0:
		return false
	case i == len(floors):
		return entropy >= floors[i-1].bits
	}
	lo, hi := floors[i-1], floors[i]
	at := math.Log(float64(n)/float64(lo.length)) / math.Log(float64(hi.length)/float64(lo.length))
	return entropy >= lo.bits+at*(hi.bits-lo.bits)
}
