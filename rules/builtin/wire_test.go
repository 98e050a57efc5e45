package builtin_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// wire is an ICMP message on its way over a link, with all that an attacker can set below it.
type wire struct {
	at       time.Duration
	src, dst string
	message  []byte // its checksum is filled in
	station  byte   // last byte of the MAC it comes from
	hops     byte   // 0: 255 for neighbour discovery, else 64
	headers  []byte // IPv6 extension headers; the last one's next header is ICMPv6
	first    byte   // what the first of them is
	cuts     []int  // pairs of offsets: the fragments it is sent in
}

const (
	hopByHop, routing, destination = 0, 43, 60
)

// group is a shape of packets that a rule finds, or does not: the i-th of its packets, where g tells groups apart.
type group func(g, i int) []wire

// one makes a group of single packets.
func one(f func(g, i int) wire) group { return func(g, i int) []wire { return []wire{f(g, i)} } }

// spec says how the captures of a rule are made. In the hit capture there are n packets of each of hits, in four fifths of
// the time span. In the miss capture all that is missing is one packet, or time, or what misses leave out.
type spec struct {
	n      int
	span   time.Duration // 0: the rule has no correlation
	values bool          // it counts different values
	alone  bool          // it does not tell groups apart: what tests one thing keeps away from the rest
	hits   []group
	more   []group // hits of more packets than it takes
	misses []group
}

func (s spec) hit() (out []wire) {
	for g, f := range slices.Concat(s.hits, s.more) {
		switch {
		case s.span == 0:
			out = append(out, series(f, g, 1, 0)...)
		case s.n == 1: // one finding for two packets, and one for the third
			for i, at := range []time.Duration{0, s.span * 3 / 4, s.span * 9 / 4} {
				out = append(out, later(f(g, i), at+s.away(g))...)
			}
		default:
			out = append(out, later(series(f, g, s.n, s.span*4/5), s.away(g))...)
		}
	}
	return out
}

// away is when the k-th thing is tested.
func (s spec) away(k int) time.Duration {
	if s.alone {
		return 10 * s.span * time.Duration(k)
	}
	return 0
}

func (s spec) miss() (out []wire) {
	n := max(s.n, 2)
	for k, f := range s.misses {
		out = append(out, later(series(f, 100+k, n, s.span*4/5), s.away(k))...)
	}
	if s.n < 2 {
		return out
	}
	for k, f := range s.hits {
		out = append(out, later(series(f, 60+k, s.n, s.span*8/5), s.away(100+k))...)
		out = append(out, later(s.short(f, 40+k), s.away(200))...)
		if !s.alone {
			out = append(out, s.short(f, 50+k)...)
		}
	}
	return out
}

// short is one packet less than it takes, each twice if that does not count.
func (s spec) short(f group, g int) []wire {
	less := func(_, i int) []wire { return f(g, i+g) }
	out := series(less, g, s.n-1, s.span*4/5)
	if s.values {
		out = append(out, later(series(less, g, s.n-1, s.span*4/5), time.Millisecond)...)
	}
	return out
}

// series is n packets of a group at even times from 0 to the end.
func series(f group, g, n int, end time.Duration) (out []wire) {
	for i := range n {
		out = append(out, later(f(g, i), end*time.Duration(i)/time.Duration(max(n-1, 1)))...)
	}
	return out
}

func later(list []wire, by time.Duration) []wire {
	out := slices.Clone(list)
	for i := range out {
		out[i].at += by
	}
	return out
}

// frame is what a capture holds.
type frame struct {
	at    time.Duration
	bytes []byte
}

func (w wire) frames() (out []frame) {
	for _, ip := range w.packets() {
		out = append(out, frame{w.at, append(w.ethernet(), ip...)})
	}
	return out
}

func (w wire) ethernet() []byte {
	dst, mac, kind := netip.MustParseAddr(w.dst), []byte{2, 0, 0, 0, 1, 1}, []byte{8, 0}
	switch a := dst.AsSlice(); {
	case dst.Is6() && dst.IsMulticast():
		mac = append([]byte{0x33, 0x33}, a[12:]...)
	case dst.IsMulticast():
		mac = []byte{1, 0, 0x5e, a[1] & 0x7f, a[2], a[3]}
	case dst.Is4() && a[3] == 255:
		mac = bytes.Repeat([]byte{0xff}, 6)
	}
	if dst.Is6() {
		kind = []byte{0x86, 0xdd}
	}
	return slices.Concat(mac, []byte{2, 0, 0, 0, 0, max(w.station, 1)}, kind)
}

func (w wire) hopLimit() byte {
	if w.hops != 0 {
		return w.hops
	}
	if t := w.message[0]; netip.MustParseAddr(w.src).Is6() && 133 <= t && t <= 137 {
		return 255
	}
	return 64
}

// packets are the IP packets that carry the message.
func (w wire) packets() (out [][]byte) {
	src, dst := netip.MustParseAddr(w.src), netip.MustParseAddr(w.dst)
	whole := sent{0, w.src, w.dst, w.message}.packet()
	if src.Is4() {
		for i := 0; i < max(len(w.cuts), 2); i += 2 {
			out = append(out, w.piece4(whole, i))
		}
		return out
	}
	body, next := append(slices.Clone(w.headers), whole[40:]...), byte(58)
	if len(w.headers) > 0 {
		next = w.first
	}
	header := func(next byte, body []byte) []byte {
		return slices.Concat([]byte{0x60, 0, 0, 0, byte(len(body) >> 8), byte(len(body)), next, w.hopLimit()}, src.AsSlice(), dst.AsSlice(), body)
	}
	if len(w.cuts) == 0 {
		return append(out, header(next, body))
	}
	for i := 0; i < len(w.cuts); i += 2 {
		offset := uint16(w.cuts[i])
		if w.cuts[i+1] < len(body) {
			offset |= 1
		}
		fragment := slices.Concat([]byte{next, 0, byte(offset >> 8), byte(offset), 0, 0, 0, 7}, body[w.cuts[i]:w.cuts[i+1]])
		out = append(out, header(44, fragment))
	}
	return out
}

func (w wire) piece4(whole []byte, i int) []byte {
	body, flags := whole[20:], uint16(0)
	if len(w.cuts) > 0 {
		flags = uint16(w.cuts[i] / 8)
		if w.cuts[i+1] < len(body) {
			flags |= 0x2000
		}
		body = body[w.cuts[i]:w.cuts[i+1]]
	}
	h := slices.Clone(whole[:20])
	be.PutUint16(h[2:], uint16(20+len(body)))
	be.PutUint16(h[6:], flags)
	h[8], h[10], h[11] = w.hopLimit(), 0, 0
	be.PutUint16(h[10:], sum(h))
	return append(h, body...)
}

// capture writes the messages in order of time, as [pcap] does.
func capture(list []wire) []byte {
	slices.SortStableFunc(list, func(a, b wire) int { return int(a.at - b.at) })
	b := pcap(nil)
	for _, w := range list {
		for _, f := range w.frames() {
			at := start.Add(f.at)
			for _, v := range []int64{at.Unix(), int64(at.Nanosecond() / 1000), int64(len(f.bytes)), int64(len(f.bytes))} {
				b = le.AppendUint32(b, uint32(v))
			}
			b = append(b, f.bytes...)
		}
	}
	return b
}

// The captures of attacks are what attacks_test.go says they are.
func TestAttackCaptures(t *testing.T) {
	for name, s := range attacks {
		for kind, list := range map[string][]wire{"hit": s.hit(), "miss": s.miss()} {
			check(t, fmt.Sprintf("%s-%s.pcap.gz", name, kind), capture(list))
		}
	}
}

// check compares a compressed capture by what it holds: compressors change.
func check(t *testing.T, name string, want []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got, err := os.ReadFile(path)
	if err == nil {
		got, err = unzip(got)
	}
	if err == nil && bytes.Equal(got, want) {
		return
	}
	if !*update {
		t.Errorf("%s is not what attacks_test.go makes: run go test -run Captures -update ./rules/builtin (%v)", path, err)
		return
	}
	if err := os.WriteFile(path, zip(t, want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func zip(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
