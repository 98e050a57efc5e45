package spool

import (
	"math/rand"
	"testing"
)

// Whatever the order and however often keys repeat, each is told once: from memory, from a file, and where runs were merged.
func TestDistinct(t *testing.T) {
	for name, bytesAllowed := range budgets {
		for _, kinds := range []int{1, 1000, 300_000} {
			d := NewDistinct(NewBudget(bytesAllowed, t.TempDir()))
			rnd := rand.New(rand.NewSource(3))
			want := map[Key]bool{}
			for i := range 2 * kinds {
				k := Key{uint64(rnd.Intn(kinds)), uint64(i % 2)}
				want[k] = true
				if d.Add(k); i == kinds && d.log != nil {
					d.merge()
				}
			}
			got, last := map[Key]bool{}, Key{}
			err := d.Each(func(k Key) {
				if got[k] || k.compare(last) < 0 {
					t.Fatalf("%s: %v a second time, or out of order", name, k)
				}
				got[k], last = true, k
			})
			if err != nil || len(got) != len(want) {
				t.Errorf("%s: %d of %d keys, error %v", name, len(got), len(want), err)
			}
			for k := range got {
				if !want[k] {
					t.Fatalf("%s: %v was never added", name, k)
				}
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
