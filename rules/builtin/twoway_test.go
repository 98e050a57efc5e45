package builtin_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func nearHost(k int) string { return fmt.Sprintf("10.20.0.%d", 10+k) }
func farHost(k int) string  { return fmt.Sprintf("203.0.113.%d", k) }

// phrase32 is a text of 32 bytes.
func phrase32(i int) []byte { return fmt.Appendf(nil, "%-32.32s", string(line(i))+", says the note") }

// said are payloads of 32 bytes and more, of each kind that counts.
var said = []func(i int) []byte{
	phrase32,
	func(i int) []byte { return []byte(base64.StdEncoding.EncodeToString(noise(24, i))) },
	func(i int) []byte { return []byte(hex.EncodeToString(noise(16, i))) },
	classes[3],
	classes[4],
	classes[5],
	func(i int) []byte { return append(unknown(i), 0x81, 0, 0x81, 0) },
}

// oneWayHit is five payloads of each kind, an answer of each other data, and replies nobody asked for, no four of them within half
// an hour.
func oneWayHit(src, dst func(k int) string) (out []sent) {
	for k, kind := range said {
		out = append(out, spread(45*time.Minute, src(k+1), dst(k+1), pings(false, several(5, kind)...)...)...)
	}
	for i := range 5 {
		at := time.Duration(i) * 11 * time.Minute
		out = append(out, answered(at, dst(8), src(8), uint16(i), []byte("next"), phrase32(i))...)
	}
	return out
}

func oneWayMiss(src, dst func(k int) string) (out []sent) {
	send := func(end time.Duration, from, to string, payloads ...[]byte) {
		out = append(out, spread(end, from, to, pings(false, payloads...)...)...)
	}
	four := several(4, phrase32)
	send(30*time.Minute, src(1), dst(1), slices.Concat(four, four, four)...) // four different ones
	send(30*time.Minute, src(1), dst(2), several(4, said[1])...)
	send(30*time.Minute, src(2), dst(1), several(4, said[2])...)
	send(90*time.Minute, src(3), dst(3), several(5, phrase32)...)
	send(30*time.Minute, src(4), dst(4), several(6, func(i int) []byte { return phrase32(i)[:31] })...)
	send(30*time.Minute, dst(5), src(5), several(6, phrase32)...) // the other way
	windows := bytes.Repeat([]byte("abcdefghijklmnopqrstuvw"), 3)
	for k, kind := range []func(i int) []byte{innerIP, classes[8], func(i int) []byte { return windows[:40+i] }, func(i int) []byte { return make([]byte, 40+i) },
		func(i int) []byte { return slices.Concat(ramp(i), ramp(i+18)) }, func(i int) []byte { return append(clock(8, i), phrase32(0)...) }} {
		send(30*time.Minute, src(6+k), dst(6+k), several(6, kind)...)
	}
	for i := range 6 { // answers that give back all or some of what was asked
		at := time.Duration(i) * time.Minute
		out = append(out, answered(at, dst(20), src(20), uint16(i), phrase32(i), phrase32(i))...)
		out = append(out, answered(at, dst(21), src(21), uint16(i), append(phrase32(i), "and so on"...), phrase32(i))...)
	}
	return out
}

func told5(end time.Duration, src, dst string) []sent {
	return spread(end, src, dst, pings(false, several(5, phrase32)...)...)
}

// twoWayHit is data out, and in 40 minutes later; and the other way round.
func twoWayHit() []sent {
	return append(append(told5(6*time.Minute, outside2, inside2), shifted(40*time.Minute, told5(5*time.Minute, inside2, outside2))...), append(told5(5*time.Minute, inside, outside), shifted(40*time.Minute, told5(5*time.Minute, outside, inside))...)...)
}

// twoWayMiss is data one way between several hosts, and back much later.
func twoWayMiss() []sent {
	const end = 5 * time.Minute
	return slices.Concat(told5(end, "10.20.6.1", outside), told5(end, outside2, "10.20.6.1"), told5(end, outside, "10.20.6.2"),
		told5(end, "10.20.6.3", outside3), shifted(80*time.Minute, told5(end, outside3, "10.20.6.3")))
}

// One incident is told once, and what it brought back is kept.
func TestOneStory(t *testing.T) {
	secret := archived(longer + longer + longer)
	beats := func(payloads ...[]byte) []sent {
		var out []sent
		for i, at := range jittered(len(payloads), 50*second, 0.1, 0, 9) {
			out = append(out, answered(at, desk, away, uint16(i), payloads[i], payloads[i])...)
		}
		return out
	}
	tunnel := func(typ byte) []sent {
		return times(40, func(i int) []sent {
			at := time.Duration(i) * 300 * time.Millisecond
			return []sent{{at, desk, away, echo(8, 5, uint16(i), noise(60+i*37%700, i))}, {at + 90*time.Millisecond, away, desk, echo(typ, 6, uint16(900+i), noise(60+i*53%700, i+100))}}
		})
	}
	for name, tt := range map[string]struct {
		packets []sent
		want    string
		files   int
	}{
		"random beats":                   {beats(several(30, func(i int) []byte { return noise(48, i) })...), "high icmp-beacon", 1},
		"beats of one form":              {beats(several(30, func(i int) []byte { return fmt.Appendf(nil, "%x|DESK40|june|%x", noise(4, i), noise(3, i+99)) })...), "high icmp-beacon", 1},
		"a file at even times":           {beats(slices.Collect(slices.Chunk(secret, 60))...), "high icmp-exfil-payload", 1},
		"a tunnel in unasked replies":    {tunnel(0), "high icmp-two-way", 2},
		"a tunnel in requests both ways": {tunnel(8), "high icmp-two-way", 2},
		"a file fetched by polls":        {orders(time.Minute, desk, away, slices.Collect(slices.Chunk(secret, 60))...), "high icmp-fetch-polled", 1},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "story.pcap")
			if err := os.WriteFile(path, pcap(tt.packets), 0o600); err != nil {
				t.Fatal(err)
			}
			c := context_(t)
			r := run(t, pack(t, c), c, []string{path})
			if got := told(r.Findings); len(got) != 1 || !strings.HasPrefix(got[0], tt.want+" ") || len(r.Artefacts) != tt.files {
				t.Errorf("got %q and %d files, want %s and %d", got, len(r.Artefacts), tt.want, tt.files)
			}
		})
	}
}
