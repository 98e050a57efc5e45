package capture

import (
	"math"
	bigint "math/big"
	"math/rand/v2"
	"testing"
)

func TestClock(t *testing.T) {
	tests := []struct {
		name       string
		resolution uint8
		offset     int64
		ticks      uint64
		want       int64
		units      uint64
	}{
		{"microseconds", 6, 0, 1_700_000_000_000_007, 1_700_000_000_000_007_000, 1_000_000},
		{"nanoseconds", 9, 0, 1_700_000_000_000_000_007, 1_700_000_000_000_000_007, 1_000_000_000},
		{"seconds", 0, 0, 1_700_000_000, 1_700_000_000_000_000_000, 1},
		{"picoseconds", 12, 0, 1_500_000_000_999, 1_500_000_000, 1_000_000_000_000},
		{"10^-19", 19, 0, 15_000_000_000_000_000_000, 1_500_000_000, 10_000_000_000_000_000_000},
		{"10^-20", 20, 0, 15_000_000_000_000_000_000, 150_000_000, math.MaxUint64},
		{"10^-28", 28, 0, 15_000_000_000_000_000_000, 1, math.MaxUint64},
		{"10^-29", 29, 0, math.MaxUint64, 0, math.MaxUint64},
		{"10^-127", 127, 0, math.MaxUint64, 0, math.MaxUint64},
		{"2^-10, half a second", 0x80 | 10, 0, 512, 500_000_000, 1024},
		{"2^-32, half a second", 0x80 | 32, 0, 1 << 31, 500_000_000, 1 << 32},
		{"2^-32, one and a half", 0x80 | 32, 0, 3 << 31, 1_500_000_000, 1 << 32},
		{"2^-0", 0x80, 0, 5, 5_000_000_000, 1},
		{"2^-63", 0x80 | 63, 0, 3 << 62, 1_500_000_000, 1 << 63},
		{"2^-64, half a second", 0x80 | 64, 0, 1 << 63, 500_000_000, math.MaxUint64},
		{"2^-127", 0x80 | 127, 0, math.MaxUint64, 0, math.MaxUint64},
		{"offset", 6, 3600, 5, 3_600_000_005_000, 1_000_000},
		{"offset back before 1970", 6, -3600, 5, -3_599_999_995_000, 1_000_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClock(tt.resolution)
			c.offset = tt.offset
			if got, ok := c.nanoseconds(tt.ticks); got != tt.want || !ok {
				t.Errorf("%d ns (%v), want %d", got, ok, tt.want)
			}
			if c.units != tt.units {
				t.Errorf("%d ticks per second, want %d", c.units, tt.units)
			}
		})
	}
}

// TestClockExact compares every resolution with exact arithmetic.
func TestClockExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for resolution := range 256 {
		for range 200 {
			c := newClock(uint8(resolution))
			c.offset = int64(random.Uint64()) >> (random.IntN(64))
			ticks := random.Uint64() >> random.IntN(64)
			got, ok := c.nanoseconds(ticks)
			want := exact(uint8(resolution), c.offset, ticks)
			if ok != want.IsInt64() && new(bigint.Int).Abs(want).Cmp(bigint.NewInt(math.MaxInt64-2*second)) < 0 {
				t.Fatalf("resolution %#x, offset %d, %d ticks: ok is %v, exactly %v", resolution, c.offset, ticks, ok, want)
			}
			if ok && (!want.IsInt64() || got != want.Int64()) {
				t.Fatalf("resolution %#x, offset %d, %d ticks: %d ns, exactly %v", resolution, c.offset, ticks, got, want)
			}
		}
	}
}

func exact(resolution uint8, offset int64, ticks uint64) *bigint.Int {
	base := bigint.NewInt(10)
	if resolution&0x80 != 0 {
		base.SetInt64(2)
	}
	units := base.Exp(base, bigint.NewInt(int64(resolution&0x7f)), nil)
	ns := new(bigint.Int).Mul(new(bigint.Int).SetUint64(ticks), bigint.NewInt(second))
	ns.Div(ns, units)
	return ns.Add(ns, new(bigint.Int).Mul(bigint.NewInt(offset), bigint.NewInt(second)))
}
