package build

import (
	"net/netip"
	"testing"

	"icmpsift/rules"
)

// Few values are all kept; of many the sample stays small, and its ranks come near the true ones.
func TestSample(t *testing.T) {
	var s sample
	if s.rank(50) != nil {
		t.Error("a rank of nothing")
	}
	for i := range 63 {
		s.add(int64(i+1) * 1e6)
	}
	equal(t, "kept of 63", len(s.kept), 63)
	equal(t, "median of 63", *s.rank(50), 32.0)
	equal(t, "95 % of 63", *s.rank(95), 60.0)
	for i := range 100_000 {
		s.add(int64(i*7919%100_000) * 1e4) // in no order, from 0 to 1 s
		if n := len(s.kept); n < maxSample/2 || n >= maxSample {
			t.Fatalf("%d kept", n)
		}
	}
	if m, h := *s.rank(50), *s.rank(95); m < 350 || m > 650 || h < 850 || h > 1000 {
		t.Errorf("median %g, 95 %% %g of times that are even from 0 to 1000 ms", m, h)
	}
}

func TestKindLog(t *testing.T) {
	var l kindLog
	ask, answer := kind{false, 8, 0}, kind{true, 129, 0}
	for n := range int64(200_000) {
		if k := ask; n%4 != 3 {
			if n%4 == 1 {
				k = answer
			}
			l.add(n, k)
		}
	}
	l.add(maxLogged, ask)
	got := l.count(rules.Ranges{{First: 0, Last: 3}, {First: 131_072, Last: 131_075}, {First: 300_000, Last: maxLogged + 5}})
	equal(t, "kinds", len(got), 2)
	equal(t, "requests", got[ask], 4)
	equal(t, "replies", got[answer], 2)
	for typ := range 256 { // no more kinds than a byte tells apart
		l.add(int64(typ), kind{false, uint8(typ), 1})
	}
	equal(t, "kinds told apart", len(l.kinds), maxKinds)
}

func TestSystem(t *testing.T) {
	for name, tt := range map[string]struct {
		address  string
		payloads []string
		ttls     []uint8
		want     string
	}{
		"at home":                     {"10.0.0.1", []string{"iputils ping"}, []uint8{64}, "likely Linux"},
		"from afar, with traceroute":  {"10.0.0.1", []string{"iputils ping (no time)", "mtr"}, []uint8{1, 2, 51}, "likely Linux"},
		"Windows":                     {"10.0.0.1", []string{"Windows ping", "unknown"}, []uint8{117}, "likely Windows"},
		"payload of Windows by Linux": {"10.0.0.1", []string{"Windows ping"}, []uint8{64}, ""},
		"two systems":                 {"10.0.0.1", []string{"Windows ping", "iputils ping"}, []uint8{128}, ""},
		"no ping":                     {"10.0.0.1", []string{"text"}, []uint8{64}, ""},
		"a router's TTL":              {"10.0.0.1", []string{"iputils ping"}, []uint8{255}, ""},
		"neighbour discovery":         {"fd00::1", []string{"BSD ping"}, []uint8{64, 255}, "likely BSD or macOS"},
	} {
		h := host{address: netip.MustParseAddr(tt.address), payloads: tt.payloads, ttls: tt.ttls}
		equal(t, name, h.system(), tt.want)
	}
}
