package field

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// Times in ISO 8601 are those of package time, however far from 1970.
func TestISO(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	moments := []int64{0, -1, 1, math.MinInt64, math.MaxInt64, -86400e9, 951782400e9, 951868800e9, 4107542399999999999}
	for range 20000 {
		moments = append(moments, int64(random.Uint64()))
	}
	for _, ns := range moments {
		want := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
		if got := string(appendISO(nil, ns)); got != want {
			t.Fatalf("%d: %s, want %s", ns, got, want)
		}
	}
}
