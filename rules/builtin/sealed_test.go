package builtin_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"icmpsift/rules"
)

// sealed are n payloads of random bytes, as of an encrypted file.
func sealed(n, size, from int) [][]byte {
	return several(n, func(i int) []byte { return noise(size, from+i) })
}

// sealedHit is three large pings, in ICMPv6, in replies nobody asked for, and among small ones that belong to them; no two of them
// within half of the time.
func sealedHit() (out []sent) {
	const end = 17 * time.Hour
	for i, seq := range []uint16{1, 0, 2} { // numbered, in another order
		out = append(out, sent{time.Duration(i) * end / 2, inside, outside, echo(8, 7, seq, sealed(3, 512, 1)[seq])})
	}
	out = append(out, spread(end, inside6, outside6, pings(true, sealed(3, 900, 5)...)...)...)
	for i, b := range sealed(3, 700, 9) {
		out = append(out, sent{time.Duration(i) * end / 2, inside2, outside2, echo(0, 9, []uint16{30500, 977, 14003}[i], b)})
	}
	mixed := slices.Concat(sealed(2, 600, 20), sealed(2, 100, 30), sealed(1, 600, 40))
	for i, b := range mixed { // answered, with other bytes
		at := time.Duration(i) * time.Minute
		out = append(out, answered(at, inside3, outside3, uint16(i), b, noise(600, 90+i))...)
		out = append(out, answered(at+time.Second, outside3, inside3, uint16(i), line(i), line(i))...)
	}
	return out
}

func sealedMiss() (out []sent) {
	send := func(end time.Duration, from, to string, payloads ...[]byte) {
		out = append(out, spread(end, from, to, pings(false, payloads...)...)...)
	}
	two := sealed(2, 600, 1)
	send(time.Hour, inside, outside, slices.Concat(two, two, two)...)
	send(time.Hour, inside, outside2, sealed(2, 600, 11)...)
	send(time.Hour, inside2, outside, sealed(2, 600, 21)...)
	send(36*time.Hour, inside2, outside2, sealed(3, 600, 31)...)
	send(time.Hour, inside3, outside, sealed(4, 511, 41)...)
	send(time.Hour, inside, inside2, sealed(4, 600, 51)...)
	send(time.Hour, outside2, inside3, sealed(4, 600, 61)...)
	send(time.Hour, outside2, outside3, sealed(4, 600, 71)...)
	send(time.Hour, "10.20.6.1", outside3, several(4, func(i int) []byte { return []byte(repeat(sentence, 20+i)) })...)
	for i, b := range sealed(4, 600, 81) { // what was asked for comes back
		out = append(out, answered(time.Duration(i)*time.Minute, outside3, "10.20.6.2", uint16(i), b, b)...)
	}
	return out
}

// Random bytes of one length, sent as a ping sends them, may be a test of the line: low and without a file where they stay inside,
// medium where they leave. A sign that they are pieces of something puts the level up again.
func TestLineTests(t *testing.T) {
	const gateway = "172.16.0.1"
	random := func(to string, seq func(i int) uint16, gap func(i int) time.Duration, size func(i int) int) (out []sent) {
		at := time.Duration(0)
		for i := range 20 {
			b := noise(size(i), i)
			out = append(out, exchanged(at, desk, to, 9, seq(i), b, echoed(b))...)
			at += gap(i)
		}
		return out
	}
	counting, clocklike, whole := func(i int) uint16 { return uint16(i + 1) }, func(int) time.Duration { return second }, func(int) int { return 1400 }
	wild := func(i int) time.Duration { return time.Duration(1+i*7%5) * second }
	quick := func(int) time.Duration { return 10 * time.Millisecond }
	last := func(i int) int { return 1400 - 300*(i/19) }
	blocks := func(int) int { return 64 }
	for name, tt := range map[string]struct {
		packets []sent
		want    rules.Level
		files   int
	}{
		"to a gateway":                      {random(gateway, counting, clocklike, whole), rules.Low, 0},
		"to a gateway, numbers that jump":   {random(gateway, scattered, clocklike, whole), rules.High, 1},
		"to a gateway, at odd times":        {random(gateway, counting, wild, whole), rules.High, 1},
		"to a gateway, a shorter last one":  {random(gateway, counting, clocklike, last), rules.High, 1},
		"to a gateway, a few cipher blocks": {random(gateway, counting, clocklike, blocks), rules.High, 1},
		"to a gateway, in a hurry":          {random(gateway, counting, quick, whole), rules.High, 1},
		"to the outside":                    {random(away, counting, clocklike, whole), rules.Medium, 1},
		"to the outside, a shorter last":    {random(away, counting, clocklike, last), rules.High, 1},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "line.pcap")
			if err := os.WriteFile(path, pcap(tt.packets), 0o600); err != nil {
				t.Fatal(err)
			}
			c := context_(t)
			r := run(t, pack(t, c), c, []string{path})
			if got := told(r.Findings); len(got) != 1 || r.Findings[0].Rule.Name != "icmp-exfil-payload" || r.Findings[0].Level != tt.want || len(r.Artefacts) != tt.files {
				t.Errorf("got %q and %d files, want %s and %d", got, len(r.Artefacts), tt.want, tt.files)
			}
		})
	}
}
