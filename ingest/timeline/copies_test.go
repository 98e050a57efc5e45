package timeline

import (
	"encoding/binary"
	"math/rand"
	"runtime"
	"testing"
	"time"

	"icmpsift/ingest/oracle"
)

func always(int, int) int64 { return int64(steady) }

// remembers counts what is held, by hand.
func (c *copies) remembers(t *testing.T) (originals int) {
	t.Helper()
	for _, s := range c.seen {
		originals += len(s.originals)
		if len(s.next) > maxVantages {
			t.Errorf("%d vantages of one identity", len(s.next))
		}
	}
	if originals != c.held || len(c.queue)-c.first != len(c.seen) {
		t.Errorf("%d originals, %d counted; %d identities, %d queued", originals, c.held, len(c.seen), len(c.queue)-c.first)
	}
	return originals
}

// Floods of packets that look alike stay small, and no packet is taken for another.
func TestFloods(t *testing.T) {
	packets := 1_000_000
	if oracle.Raced {
		packets /= 20
	}
	mac := func(i int) uint64 { return uint64(i)*0x9e3779b97f4a7c15 + 1 }
	tests := []struct {
		name    string
		step    time.Duration
		vantage func(i int) vantage
		id      func(i int) int
	}{
		{"equal packets", time.Microsecond, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, nil},
		{"equal packets at one time", 0, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, nil},
		{"256 TTLs", time.Microsecond, func(i int) vantage { return vantage{ttl: uint8(i), from: 1, to: 2} }, nil},
		{"any TTL and sender", time.Microsecond, func(i int) vantage { return vantage{ttl: uint8(i * 7), from: mac(i), to: 2} }, nil},
		{"any receiver", time.Microsecond, func(i int) vantage { return vantage{ttl: 64, from: mac(i), to: mac(-i)} }, nil},
		{"different packets", time.Microsecond, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, func(i int) int { return i }},
		{"different packets at one time", 0, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, func(i int) int { return i }},
		{"many identities, many packets", 0, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, func(i int) int { return i % 1000 }},
		{"time runs back", -time.Microsecond, func(int) vantage { return vantage{ttl: 64, from: 1, to: 2} }, func(i int) int { return i }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCopies(always)
			before, began := inUse(), time.Now()
			for i := range packets {
				var id identity
				if tt.id != nil {
					binary.BigEndian.PutUint64(id[:], uint64(tt.id(i)))
				}
				if got := c.add(id, tt.vantage(i), int64(i)*int64(tt.step), int64(i+1)); got != int64(i+1) {
					t.Fatalf("packet %d was taken for %d", i+1, got)
				}
			}
			took, held := time.Since(began), inUse()-before
			t.Logf("%.0f ns a packet, %d MiB held", float64(took.Nanoseconds())/float64(packets), held>>20)
			if n := c.remembers(t); n > maxOriginals || len(c.seen) > maxIdentities || held > 160<<20 {
				t.Errorf("%d originals, %d identities, %d MiB", n, len(c.seen), held>>20)
			}
			runtime.KeepAlive(c)
		})
	}
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Two sensors of one flood, the second a little behind: every packet is told once.
func TestFloodAtTwoSensors(t *testing.T) {
	const packets, behind = 200_000, 500
	c := newCopies(always)
	a, b := vantage{ttl: 64}, vantage{point: point{evidence: 1}, ttl: 63}
	var unique int64
	for i := range packets + behind {
		now := int64(i) * int64(10*time.Microsecond)
		for _, v := range []vantage{a, b} {
			if v == a && i >= packets || v == b && i < behind {
				continue
			}
			if n := c.add(identity{}, v, now, unique+1); n > unique {
				unique = n
			}
		}
	}
	if unique != packets {
		t.Errorf("%d packets, want %d", unique, packets)
	}
}

// What one sensor lost, the other tells, though all packets look alike and the sender varies the TTL.
func TestLossWithVariedTTL(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 200 {
		c, unique, sent := newCopies(always), int64(0), int64(0)
		for i := range 50 {
			ttl, now, seen := uint8(64+rnd.Intn(4)), int64(i)*int64(time.Second), false
			for e, lost := range []bool{rnd.Intn(3) == 0, rnd.Intn(3) == 0} {
				if lost {
					continue
				}
				seen = true
				v := vantage{point: point{evidence: int32(e)}, ttl: ttl - uint8(e)}
				unique = max(unique, c.add(identity{}, v, now+int64(e)*int64(time.Millisecond), unique+1))
			}
			if seen {
				sent++
			}
		}
		if unique != sent {
			t.Fatalf("%d packets, want %d", unique, sent)
		}
	}
}

func TestForwarded(t *testing.T) {
	first := vantage{ttl: 64, from: 1, to: 2}
	tests := []struct {
		name string
		v    vantage
		want bool
	}{
		{"by a router", vantage{ttl: 63, from: 3, to: 4}, true},
		{"by several", vantage{ttl: 60, from: 3, to: 4}, true},
		{"again", first, false},
		{"another TTL", vantage{ttl: 63, from: 1, to: 2}, false},
		{"another sender", vantage{ttl: 63, from: 3, to: 2}, false},
		{"a higher TTL", vantage{ttl: 65, from: 3, to: 4}, false},
		{"by too many", vantage{ttl: 59, from: 3, to: 4}, false},
		{"bridged", vantage{ttl: 64, from: 3, to: 4}, false},
	}
	for _, tt := range tests {
		if got := tt.v.forwarded(first); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
