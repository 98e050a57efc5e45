package recover

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// field is how a number field carries a file: the values of its packets.
var fields = map[string]struct {
	carrier string
	write   func(file []byte, rnd *rand.Rand) []uint32
	width   int
}{
	"id": {"sift.id", words16, 2},
	"id, swapped": {"sift.id", func(b []byte, rnd *rand.Rand) []uint32 {
		return each32(words16(b, rnd), func(v uint32) uint32 { return v>>8 | v&255<<8 })
	}, 2},
	"seq":            {"sift.seq", words16, 2},
	"seq, low byte":  {"sift.seq", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v }) }, 2},
	"seq, high byte": {"sift.seq", func(b []byte, rnd *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v << 8 }) }, 2},
	"ip.id":          {"ip.id", words16, 2},
	"seq, high byte, a count in the other": {"sift.seq", func(b []byte, _ *rand.Rand) []uint32 {
		out := octets32(b, func(v uint32) uint32 { return v << 8 })
		for i := range out {
			out[i] |= uint32(i+1) & 255
		}
		return out
	}, 2},
	"seq, low byte, a count in the other": {"sift.seq", func(b []byte, _ *rand.Rand) []uint32 {
		out := octets32(b, func(v uint32) uint32 { return v })
		for i := range out {
			out[i] |= uint32(i+1) & 255 << 8
		}
		return out
	}, 2},
	"length, two for one": {"sift.payload.length", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return 2 * v }) }, 4},
	"ip.id, 1000 and":     {"ip.id", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v + 1000 }) }, 2},
	"ttl":                 {"sift.ttl", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v }) }, 1},
	"ttl, 3 hops on":      {"sift.ttl", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v - 3 }) }, 1},
	"ttl, low half":       {"sift.ttl", func(b []byte, _ *rand.Rand) []uint32 { return halves32(b, 64) }, 1},
	"ttl, 50 and":         {"sift.ttl", func(b []byte, _ *rand.Rand) []uint32 { return halves32(b, 50) }, 1},
	"ttl, two values":     {"sift.ttl", func(b []byte, _ *rand.Rand) []uint32 { return bits32(b, 64, 128) }, 1},
	"dsfield":             {"sift.dsfield", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v }) }, 1},
	"dscp":                {"sift.dsfield", func(b []byte, _ *rand.Rand) []uint32 { return sixes32(b) }, 1},
	"length":              {"sift.payload.length", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v }) }, 4},
	"length, 56 and":      {"sift.payload.length", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v + 56 }) }, 4},
	"flow":                {"ipv6.flow", words16, 3},
	"seq, counted by":     {"sift.seq", func(b []byte, _ *rand.Rand) []uint32 { return summed32(b, 0) }, 2},
	"seq, from 4000 on":   {"sift.seq", func(b []byte, _ *rand.Rand) []uint32 { return append([]uint32{4000}, summed32(b, 4000)...) }, 2},
	"code":                {"sift.code", func(b []byte, _ *rand.Rand) []uint32 { return octets32(b, func(v uint32) uint32 { return v }) }, 1},
}

func words16(b []byte, _ *rand.Rand) (out []uint32) {
	for i := 0; i < len(b); i += 2 {
		v := uint32(b[i]) << 8
		if i+1 < len(b) {
			v |= uint32(b[i+1])
		}
		out = append(out, v)
	}
	return out
}

// summed32 counts up by each byte.
func summed32(b []byte, from uint32) (out []uint32) {
	for _, c := range b {
		from = (from + uint32(c)) & 0xffff
		out = append(out, from)
	}
	return out
}

func each32(list []uint32, of func(uint32) uint32) []uint32 {
	for i := range list {
		list[i] = of(list[i])
	}
	return list
}

func octets32(b []byte, of func(uint32) uint32) (out []uint32) {
	for _, c := range b {
		out = append(out, of(uint32(c)))
	}
	return out
}

func halves32(b []byte, base uint32) (out []uint32) {
	for _, c := range b {
		out = append(out, base+uint32(c>>4), base+uint32(c&15))
	}
	return out
}

func bits32(b []byte, zero, one uint32) (out []uint32) {
	for _, c := range b {
		for i := 7; i >= 0; i-- {
			out = append(out, []uint32{zero, one}[c>>i&1])
		}
	}
	return out
}

func sixes32(b []byte) (out []uint32) {
	acc, n := uint32(0), 0
	for _, c := range b {
		acc, n = acc<<8|uint32(c), n+8
		for n >= 6 {
			out = append(out, acc>>(n-6)&63<<2)
			n -= 6
		}
		acc &= 1<<n - 1
	}
	if n > 0 {
		out = append(out, acc<<(6-n)&63<<2)
	}
	return out
}

// valued are packets with the values in a field.
func valued(values []uint32, width int, ident, seq func(i int) uint16) (out []Candidate) {
	for i, v := range values {
		b := []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}[4-width:]
		c := Candidate{Value: b, Wire: width, Anchor: true, Ident: ident(i), Seq: seq(i), Shape: Shape{TTL: 64, Length: 40, Tail: 32}}
		out = append(out, c)
	}
	return today(retime(out))
}

func carrierNamed(t *testing.T, name string) Carrier {
	t.Helper()
	c, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Files come back from every field, in every way that fields are written.
func TestNumbers(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	files := kinds(t, rnd)
	for name, f := range fields {
		for kind, file := range files {
			switch {
			case kind == "random", kind == "text":
				continue // nothing tells random bytes from random numbers
			case kind != "prose" && kind != "csv" && strings.Contains(name, "hops"):
				continue // bytes below the number of hops do not get there
			case kind == "csv" && strings.Contains(name, "hops"):
				continue
			}
			file = file[:min(len(file), 1<<13)]
			if kind == "prose" {
				file = file[:200]
			}
			values := f.write(file, rnd)
			seq := func(i int) uint16 { return uint16(i + 1) }
			if strings.HasPrefix(name, "seq") {
				seq = func(i int) uint16 { return uint16(values[i]) }
			}
			ident := func(int) uint16 { return 7 }
			if strings.HasPrefix(name, "id") {
				ident = func(i int) uint16 { return uint16(values[i]) }
			}
			list := valued(values, f.width, ident, seq)
			if !strings.HasPrefix(name, "seq") {
				list = disorder(list, rnd)
			}
			found := Recover(list, carrierNamed(t, f.carrier), Options{Required: true})
			if !brought(found, file) {
				t.Errorf("%s, %s of %d bytes: got %v", name, kind, len(file), tell(found))
			}
		}
	}
}

// ordinaryFields are what fields of ordinary senders hold.
var ordinaryFields = map[string]func(i int, rnd *rand.Rand) uint32{
	"constant":             func(i int, _ *rand.Rand) uint32 { return 64 },
	"counter":              func(i int, _ *rand.Rand) uint32 { return uint32(i + 1) },
	"counter, others too":  func(i int, rnd *rand.Rand) uint32 { return uint32(i*7 + rnd.Intn(5)) },
	"counter, swapped":     func(i int, _ *rand.Rand) uint32 { return uint32(i+1)&255<<8 | uint32(i+1)>>8 },
	"random 16":            func(_ int, rnd *rand.Rand) uint32 { return uint32(rnd.Intn(1 << 16)) },
	"random 8":             func(_ int, rnd *rand.Rand) uint32 { return uint32(rnd.Intn(256)) },
	"random ttl of nmap":   func(_ int, rnd *rand.Rand) uint32 { return uint32(37 + rnd.Intn(23)) },
	"two paths":            func(_ int, rnd *rand.Rand) uint32 { return uint32(55 + rnd.Intn(2)) },
	"two paths, far":       func(_ int, rnd *rand.Rand) uint32 { return uint32(52 + 9*rnd.Intn(2)) },
	"six paths":            func(_ int, rnd *rand.Rand) uint32 { return uint32(108 + rnd.Intn(6)) },
	"twelve paths":         func(_ int, rnd *rand.Rand) uint32 { return uint32(52 + rnd.Intn(12)) },
	"traceroute":           func(i int, _ *rand.Rand) uint32 { return uint32(1 + i/3%30) },
	"mtr":                  func(i int, _ *rand.Rand) uint32 { return uint32(1 + i%17) },
	"mtr, 26 hops":         func(i int, _ *rand.Rand) uint32 { return uint32(1 + i%26) },
	"classes":              func(i int, _ *rand.Rand) uint32 { return uint32(i % 64 * 4) },
	"classes, each thrice": func(i int, _ *rand.Rand) uint32 { return uint32(i / 3 % 64 * 4) },
	"named classes": func(i int, rnd *rand.Rand) uint32 {
		return []uint32{0, 0x20, 0x28, 0x48, 0x68, 0x88, 0xb8, 0xc0}[rnd.Intn(8)]
	},
	"sizes":                 func(i int, _ *rand.Rand) uint32 { return uint32(56 + i%200*8) },
	"sizes by one":          func(i int, _ *rand.Rand) uint32 { return uint32(32 + i%120) },
	"random sizes":          func(_ int, rnd *rand.Rand) uint32 { return uint32(56 + rnd.Intn(1400)) },
	"random small sizes":    func(_ int, rnd *rand.Rand) uint32 { return uint32(32 + rnd.Intn(96)) },
	"random letters' sizes": func(_ int, rnd *rand.Rand) uint32 { return uint32(97 + rnd.Intn(26)) },
	"binary search": func(i int, _ *rand.Rand) uint32 {
		return []uint32{500, 1000, 1250, 1375, 1437, 1468, 1484, 1476, 1472, 1470, 1471}[i%11]
	},
	"host counter": func() func(int, *rand.Rand) uint32 {
		at := uint32(9000)
		return func(_ int, rnd *rand.Rand) uint32 { at += uint32(1 + rnd.Intn(900)); return at & 0xffff }
	}(),
	"pids": func() func(int, *rand.Rand) uint32 {
		at := uint32(20000)
		return func(_ int, rnd *rand.Rand) uint32 { at += uint32(1 + rnd.Intn(40)); return at & 0xffff }
	}(),
}

// ordinaryIn says which of them which field has.
var ordinaryIn = map[string][]string{
	"sift.id":             {"constant", "counter", "counter, others too", "counter, swapped", "random 16", "host counter", "pids"},
	"sift.seq":            {"constant", "counter", "counter, others too", "counter, swapped", "mtr", "traceroute"},
	"ip.id":               {"constant", "counter", "counter, others too", "counter, swapped", "random 16", "host counter"},
	"sift.checksum":       {"constant", "random 16", "counter, swapped"},
	"ipv6.flow":           {"constant", "random 16"},
	"sift.ttl":            {"constant", "random ttl of nmap", "two paths", "two paths, far", "six paths", "twelve paths", "traceroute", "mtr", "mtr, 26 hops"},
	"sift.dsfield":        {"constant", "classes", "classes, each thrice", "named classes"},
	"sift.payload.length": {"constant", "sizes", "sizes by one", "random sizes", "random small sizes", "random letters' sizes", "binary search", "two paths, far"},
}

// Nothing believable is in the fields of ordinary senders, however many there are.
func TestOrdinaryNumbersAreSilent(t *testing.T) {
	rnd := rand.New(rand.NewSource(4))
	widths := map[string]int{"sift.ttl": 1, "sift.dsfield": 1, "sift.payload.length": 4, "ipv6.flow": 3}
	for name, kinds := range ordinaryIn {
		c, width := carrierNamed(t, name), max(widths[name], 1)
		if widths[name] == 0 {
			width = 2
		}
		for _, what := range kinds {
			for range 5 {
				var values []uint32
				for i := range []int{20, 100, 600, 2000}[rnd.Intn(4)] {
					values = append(values, ordinaryFields[what](i, rnd))
				}
				seq := func(i int) uint16 { return uint16(i) }
				if name == "sift.seq" {
					seq = func(i int) uint16 { return uint16(values[i]) }
				}
				if what == "random ttl of nmap" {
					seq = func(int) uint16 { return 0 }
				}
				ident := func(int) uint16 { return 7 }
				if name == "ipv6.flow" { // a new process is a new flow
					ident = func(i int) uint16 { return uint16(i * 40503) }
				}
				if found := Recover(valued(values, width, ident, seq), c, Options{Required: true}); len(found) > 0 {
					t.Errorf("%s, %s, %d packets: %v", name, what, len(values), tell(found))
				}
			}
		}
	}
}

// The time between packets carries a file, and the time between ordinary ones does not.
func TestGaps(t *testing.T) {
	c := carrierNamed(t, "sift.gap")
	rnd := rand.New(rand.NewSource(5))
	at := func(gaps []float64) (out []Candidate) {
		now := int64(1_795_000_000) * second
		for i := 0; i <= len(gaps); i++ {
			out = append(out, Candidate{Number: int64(i + 1), Time: now, Wire: 1, Anchor: true, Ident: 7, Seq: uint16(i), Shape: Shape{TTL: 64}})
			if i < len(gaps) {
				now += int64(gaps[i] * 1e9)
			}
		}
		return out
	}
	text := []byte("Attack at dawn; bring ropes, lamps and two days of water.")
	for name, of := range map[string]func(b byte) []int{
		"high bit first":  func(b byte) (out []int) { return bitsOf(b, 8, false) },
		"low bit first":   func(b byte) (out []int) { return bitsOf(b, 8, true) },
		"seven bits":      func(b byte) (out []int) { return bitsOf(b, 7, false) },
		"seven, low bits": func(b byte) (out []int) { return bitsOf(b, 7, true) },
	} {
		for _, long := range []float64{0.25, 0.02} {
			var gaps []float64
			for _, b := range text {
				for _, bit := range of(b) {
					gap := 0.08
					if bit == 1 {
						gap = long
					}
					gaps = append(gaps, gap*(0.9+0.2*rnd.Float64()))
				}
			}
			if found := Recover(at(gaps), c, Options{Required: true}); !brought(found, text) {
				t.Errorf("%s, %g s: got %v", name, long, tell(found))
			}
		}
	}
	for text, levels := range map[string]int{"exfil by timing 7!": 2, "meet at dock 7, 04:30 am": 4} {
		var gaps []float64
		for _, b := range []byte(text) {
			for shift := 8; shift > 0; {
				shift -= levels / 2
				gaps = append(gaps, 0.2+0.3*float64(int(b)>>shift&(levels-1))+0.02*rnd.Float64())
			}
		}
		if found := Recover(at(gaps), c, Options{Required: true}); !brought(found, []byte(text)) {
			t.Errorf("%s: got %v", text, tell(found))
		}
	}
	for name, of := range map[string]func(i int) float64{
		"steady":         func(int) float64 { return 1 + 0.01*rnd.Float64() },
		"by chance":      func(int) float64 { return rnd.ExpFloat64() },
		"two intervals":  func(int) float64 { return []float64{0.2, 1}[rnd.Intn(2)] * (0.95 + 0.1*rnd.Float64()) },
		"lost now, then": func(int) float64 { return []float64{1, 1, 1, 2}[rnd.Intn(4)] + 0.01*rnd.Float64() },
		"bursts of five": func(i int) float64 { return []float64{0.01, 0.01, 0.01, 0.01, 60}[i%5] * (0.9 + 0.2*rnd.Float64()) },
		"bursts of four": func(i int) float64 { return []float64{1, 1, 1, 300}[i%4] },
	} {
		for range 20 {
			var gaps []float64
			for i := range 150 + rnd.Intn(2000) {
				gaps = append(gaps, of(i))
			}
			if found := Recover(at(gaps), c, Options{Required: true}); len(found) > 0 {
				t.Errorf("%s: %v", name, tell(found))
			}
		}
	}
}

func bitsOf(b byte, n int, low bool) (out []int) {
	for i := range n {
		shift := n - 1 - i
		if low {
			shift = i
		}
		out = append(out, int(b>>shift&1))
	}
	return out
}

// Lost packets leave holes where they were, also where a packet holds half a byte.
func TestLostNumbers(t *testing.T) {
	text := []byte(strings.Repeat("the night watch changes at two, be quick and quiet. ", 4))
	list := valued(halves32(text, 64), 1, func(int) uint16 { return 7 }, func(i int) uint16 { return uint16(i) })
	list = slices.Delete(list, 101, 102)
	found := Recover(list, carrierNamed(t, "sift.ttl"), Options{Required: true})
	want := slices.Delete(bytes.Clone(text), 50, 51)
	if !brought(found, want) || fmt.Sprint(found[0].Gaps) != "[{50 1}]" {
		t.Errorf("got %v", tell(found))
		if len(found) > 0 {
			t.Errorf("gaps %v", found[0].Gaps)
		}
	}
}

// Encrypted bytes in a field that every ordinary sender fills otherwise are told and come back as they were sent.
func TestAlien(t *testing.T) {
	secret := some(400, 7)
	for name, list := range map[string][]Candidate{
		"sift.seq":     valued(words16(secret, nil), 2, func(int) uint16 { return 7 }, func(i int) uint16 { return uint16(secret[2*i])<<8 | uint16(secret[2*i+1]) }),
		"sift.ttl":     valued(octets32(secret, func(v uint32) uint32 { return v }), 1, func(int) uint16 { return 7 }, func(i int) uint16 { return uint16(i) }),
		"sift.dsfield": valued(octets32(secret, func(v uint32) uint32 { return v }), 1, func(int) uint16 { return 7 }, func(i int) uint16 { return uint16(i) }),
	} {
		found := Recover(list, carrierNamed(t, name), Options{Required: true})
		if !brought(found, secret) {
			t.Errorf("%s: got %v", name, tell(found))
		}
	}
}
