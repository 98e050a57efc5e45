package recover

import (
	"fmt"
	"math/rand"
	"testing"
)

// Lengths of time that stand for one, two or four bits are read, with jitter.
func TestLevels(t *testing.T) {
	files := kinds(t, rand.New(rand.NewSource(4)))
	c, err := Lookup("sift.gap")
	if err != nil {
		t.Fatal(err)
	}
	for bits, jitters := range map[int][]float64{1: {0.1}, 2: {0, 0.1}, 4: {0, 0.08}} {
		for _, jitter := range jitters {
			for _, kind := range []string{"prose", "png", "zip"} {
				for _, low := range []bool{false, true} {
					file, rnd := files[kind], rand.New(rand.NewSource(int64(bits)))
					list := timed(file, bits, low, 0.2, 0.1, jitter, rnd)
					if found := Recover(list, c, Options{Required: true}); !brought(found, file) {
						t.Errorf("%d bits, jitter %v, %s, low first %v: %.300v", bits, jitter, kind, low, fmt.Sprint(tell(found)))
					}
				}
			}
		}
	}
}

// timed sends pings whose distance is the data: base seconds, and step for each count.
func timed(file []byte, bits int, low bool, base, step, jitter float64, rnd *rand.Rand) (out []Candidate) {
	at := 1_795_000_000.0
	add := func() {
		v := make([]byte, 56)
		out = append(out, Candidate{Number: int64(len(out) + 1), Time: int64(at * 1e9), Value: v, Wire: 56, Anchor: true, Ident: 3, Seq: uint16(len(out)), Shape: Shape{TTL: 64, Length: 64, Tail: 56}})
	}
	add()
	for _, b := range file {
		for i := range 8 / bits {
			shift := 8 - bits*(i+1)
			if low {
				shift = bits * i
			}
			at += base + step*float64(int(b)>>shift&(1<<bits-1)) + step*jitter*rnd.NormFloat64()
			add()
		}
	}
	return out
}

// Pings of ordinary senders have no levels that spell anything.
func TestNoLevels(t *testing.T) {
	c, err := Lookup("sift.gap")
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewSource(9))
	for how, next := range map[string]func(i int) float64{
		"steady":         func(int) float64 { return 1 + 0.0004*rnd.NormFloat64() },
		"jitter":         func(int) float64 { return 30 * (0.5 + rnd.Float64()) },
		"ticks":          func(int) float64 { return 0.004 * float64(240+rnd.Intn(10)) },
		"levels by luck": func(int) float64 { return float64(1 + rnd.Intn(4)) },
		"turns":          func(i int) float64 { return []float64{0.1, 0.2, 0.5, 1}[i%4] + 0.001*rnd.NormFloat64() },
		"sixteen":        func(int) float64 { return 0.1 * float64(1+rnd.Intn(16)) },
		"exponential":    func(int) float64 { return rnd.ExpFloat64() },
	} {
		for _, n := range []int{200, 2000} {
			at, list := 1_795_000_000.0, []Candidate{}
			for i := range n {
				at += next(i)
				list = append(list, Candidate{Number: int64(i + 1), Time: int64(at * 1e9), Value: make([]byte, 56), Wire: 56, Anchor: true, Ident: 3, Seq: uint16(i), Shape: Shape{TTL: 64, Length: 64, Tail: 56}})
			}
			if found := Recover(list, c, Options{Required: true}); len(found) > 0 {
				t.Errorf("%s, %d pings: %v", how, n, tell(found))
			}
		}
	}
}
