package recover

import (
	"fmt"
	"testing"
)

// What it takes to bring a stream back grows with its packets, no faster.
func BenchmarkRecover(b *testing.B) {
	c, err := Lookup("sift.payload")
	if err != nil {
		b.Fatal(err)
	}
	for _, framing := range []string{"bare", "u16 index, total", "magic, u16, length", "tag"} {
		for _, n := range []int{10_000, 100_000} {
			list := carried(some(48*n, 1), 48, framed[framing], [2]string{}, func(i int) uint16 { return uint16(i) })
			b.Run(fmt.Sprintf("%s/%d", framing, n), func(b *testing.B) {
				for range b.N {
					Recover(list, c, Options{})
				}
			})
		}
	}
}
