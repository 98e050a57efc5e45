package decode_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// cut is one fragment of a message: bytes from..to of it.
type cut struct {
	from, to int
	last     bool
}

func fragments4(message []byte, cuts []cut) (out [][]byte) {
	for _, c := range cuts {
		out = append(out, datagram{protocol: 1, id: 7, offset: c.from, more: !c.last, payload: message[c.from:c.to]}.bytes())
	}
	return out
}

func fragments6(message []byte, cuts []cut) (out [][]byte) {
	for _, c := range cuts {
		out = append(out, fragment6(7, 58, c.from, !c.last, message[c.from:c.to]))
	}
	return out
}

func TestReassembly(t *testing.T) {
	a, b, c := cut{0, 16, false}, cut{16, 32, false}, cut{32, 43, true}
	for _, tt := range []struct {
		name     string
		cuts     []cut
		complete int // frame that completes the datagram, 0 if none
		frames   []int64
		problems ingest.Problem
	}{
		{"in order", []cut{a, b, c}, 3, []int64{1, 2, 3}, 0},
		{"backwards", []cut{c, b, a}, 3, []int64{3, 2, 1}, 0},
		{"last first", []cut{c, a, b}, 3, []int64{2, 3, 1}, 0},
		{"copies", []cut{a, a, b, b, c, c}, 5, []int64{1, 2, 3, 4, 5}, ingest.Overlap},
		{"overlap", []cut{a, {8, 32, false}, c}, 3, []int64{1, 2, 3}, ingest.Overlap},
		{"first fragment alone", []cut{a}, 0, nil, 0},
		{"last fragment alone", []cut{c}, 0, nil, 0},
		{"gap", []cut{a, c}, 0, nil, 0},
	} {
		for version, build := range map[string]func() ([][]byte, []byte){
			"v4": func() ([][]byte, []byte) { m := echo(text); return fragments4(m, tt.cuts), m },
			"v6": func() ([][]byte, []byte) { m := echo6(text); return fragments6(m, tt.cuts), m },
		} {
			t.Run(tt.name+" "+version, func(t *testing.T) {
				packets, message := build()
				reassemble(t, packets, message, tt.complete, tt.frames, tt.problems)
			})
		}
	}
}

const text = "the quick brown fox jumps over the "

func reassemble(t *testing.T, packets [][]byte, message []byte, complete int, frames []int64, problems ingest.Problem) {
	t.Helper()
	d := decode.New(decode.Options{})
	for i, b := range packets {
		var p ingest.Packet
		f := frame(101, b)
		f.Number = int64(i + 1)
		d.Decode(f, &p)
		check(t, d, f, &p)
		if i+1 != complete {
			if p.ICMP >= 0 || p.Whole != nil || !p.Fragment {
				t.Errorf("frame %d: %s, fragment %v", i+1, layers(&p), p.Fragment)
			}
			continue
		}
		if p.Fragment || p.Whole == nil || p.ICMP < 0 {
			t.Fatalf("frame %d does not complete the datagram: %s", i+1, layers(&p))
		}
		if m := p.Message(); !bytes.Equal(m.Bytes, message) || &m.Bytes[0] != &p.Whole.Payload[0] || m.Checksum != ingest.ChecksumGood {
			t.Errorf("message %q, checksum status %d, want %q", m.Bytes, m.Checksum, message)
		}
		if !slices.Equal(p.Whole.Frames, frames) || p.Problems != problems {
			t.Errorf("frames %v, problems %b, want %v, %b", p.Whole.Frames, p.Problems, frames, problems)
		}
	}
}

// A message over an Ethernet jumbo of fragments reaching past 65,535 bytes is a ping of death; it is kept.
func TestTooLong(t *testing.T) {
	message := echo(strings.Repeat("x", 65520))
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for i, b := range fragments4(message, []cut{{0, 32768, false}, {32768, len(message), true}}) {
		f := frame(101, b)
		f.Number = int64(i + 1)
		d.Decode(f, &p)
		check(t, d, f, &p)
	}
	if p.ICMP < 0 || len(p.Message().Bytes) != len(message) || p.Problems != ingest.TooLong {
		t.Errorf("%s, problems %b", layers(&p), p.Problems)
	}
}

// Fragments inside fragments: an inner datagram cut in two, each half in a tunnel packet cut in two again.
func TestNestedFragments(t *testing.T) {
	message := echo(text)
	var packets [][]byte
	for i, inner := range fragments4(message, []cut{{0, 24, false}, {24, 43, true}}) {
		for _, c := range []cut{{0, 16, false}, {16, len(inner), true}} {
			packets = append(packets, datagram{protocol: 4, id: 100 + i, offset: c.from, more: !c.last, payload: inner[c.from:c.to]}.bytes())
		}
	}
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for i, b := range packets {
		f := frame(101, b)
		f.Number = int64(i + 1)
		d.Decode(f, &p)
		check(t, d, f, &p)
	}
	if p.ICMP < 0 || !bytes.Equal(p.Message().Bytes, message) || p.Whole == nil || p.Whole.Inner == nil || !slices.Equal(p.Whole.Inner.Frames, []int64{2, 4}) {
		t.Errorf("%s, %+v", layers(&p), p.Whole)
	}
}

// RFC 8200, 4.5: the first fragment says what follows, whatever the others say. Wireshark believes the one that comes
// last, and so do its users; that they differ is marked.
func TestNextHeader(t *testing.T) {
	m := echo6(text)
	first, last := fragment6(7, 59, 0, true, m[:24]), fragment6(7, 58, 24, false, m[24:])
	reassemble(t, [][]byte{first, last}, m, 2, []int64{1, 2}, ingest.NextHeaders)
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for _, b := range [][]byte{last, first} {
		d.Decode(frame(101, b), &p)
	}
	if p.ICMP >= 0 || p.Whole == nil || p.Whole.Next != 59 || p.Problems != ingest.NextHeaders {
		t.Errorf("%s, problems %b", layers(&p), p.Problems)
	}
}

func TestKeysKeepDatagramsApart(t *testing.T) {
	m := echo(text)
	first := datagram{protocol: 1, id: 1, more: true, payload: m[:16]}
	for name, other := range map[string]datagram{
		"identification": {protocol: 1, id: 2, offset: 16, payload: m[16:]},
		"protocol":       {protocol: 17, id: 1, offset: 16, payload: m[16:]},
	} {
		d := decode.New(decode.Options{})
		var p ingest.Packet
		d.Decode(frame(101, first.bytes()), &p)
		d.Decode(frame(101, other.bytes()), &p)
		if p.Whole != nil || d.Stats().Unfinished != 2 {
			t.Errorf("%s does not keep fragments apart", name)
		}
	}
}

// The memory of unfinished datagrams is bounded: the oldest goes, and is counted.
func TestEviction(t *testing.T) {
	d := decode.New(decode.Options{MaxReassembly: 10_000})
	var p ingest.Packet
	half := func(id, offset int, more bool) {
		d.Decode(frame(101, datagram{protocol: 1, id: id, offset: offset, more: more, payload: make([]byte, 1000)}.bytes()), &p)
	}
	for id := range 20 {
		half(id, 0, true)
	}
	s := d.Stats()
	if s.Evicted == 0 || s.Evicted+int64(s.Unfinished) != 20 || s.Unfinished < 5 {
		t.Errorf("%+v", s)
	}
	half(0, 1000, false)
	if p.Whole != nil {
		t.Error("the oldest datagram was not given up")
	}
	half(19, 1000, false)
	if p.Whole == nil {
		t.Error("the latest datagram was given up")
	}
}

// Endless repetition inside one datagram must not cost ever more.
func TestManyParts(t *testing.T) {
	d := decode.New(decode.Options{})
	var p ingest.Packet
	b := datagram{protocol: 1, id: 1, offset: 8, more: true, payload: make([]byte, 8)}.bytes()
	for range 100_000 {
		d.Decode(frame(101, b), &p)
	}
	if s := d.Stats(); s.Evicted == 0 || s.Unfinished > 1 {
		t.Errorf("%+v", s)
	}
}

// What is wrong with fragments is what Wireshark finds wrong with them.
func TestParts(t *testing.T) {
	overlap, conflict, tails, long := ingest.PartOverlap, ingest.PartConflict, ingest.PartMultipleTails, ingest.PartTooLong
	a, b, c := cut{0, 16, false}, cut{16, 32, false}, cut{32, 43, true}
	for _, tt := range []struct {
		name   string
		cuts   []cut
		frames []int64 // in order of offset
		flags  []ingest.PartFlags
	}{
		{"none", []cut{a, b, c}, []int64{1, 2, 3}, []ingest.PartFlags{0, 0, 0}},
		{"copies", []cut{a, a, b, b, c}, []int64{1, 2, 3, 4, 5}, []ingest.PartFlags{0, overlap, 0, overlap, 0}},
		{"overlap", []cut{a, {8, 32, false}, c}, []int64{1, 2, 3}, []ingest.PartFlags{0, overlap, 0}},
		{"inside", []cut{{0, 32, false}, {8, 24, false}, c}, []int64{1, 2, 3}, []ingest.PartFlags{0, overlap, 0}},
		{"a longer one later", []cut{{0, 8, false}, a, b, c}, []int64{1, 2, 3, 4}, []ingest.PartFlags{0, overlap, 0, 0}},
		{"other bytes", []cut{a, {-8, 32, false}, c}, []int64{1, 2, 3}, []ingest.PartFlags{0, overlap | conflict, 0}},
		{"a copy of other bytes", []cut{a, {-8, 32, false}, {-8, 32, false}, c}, []int64{1, 2, 3, 4}, []ingest.PartFlags{0, overlap | conflict, overlap | conflict, 0}},
		{"two ends", []cut{c, {32, 48, true}, a, b}, []int64{3, 4, 1, 2}, []ingest.PartFlags{0, 0, 0, overlap | tails | long}},
		{"two ends, the longer first", []cut{{32, 48, true}, c, a, b}, []int64{3, 4, 1, 2}, []ingest.PartFlags{0, 0, 0, overlap | tails}},
		{"past the end", []cut{c, {64, 72, false}, a, b}, []int64{3, 4, 1, 2}, []ingest.PartFlags{0, 0, 0, long}},
		{"over the end", []cut{a, c, {16, 48, false}}, []int64{1, 3, 2}, []ingest.PartFlags{0, long, overlap}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frames := sliced(tt.cuts)
			d := decode.New(decode.Options{})
			var p ingest.Packet
			for i, b := range frames {
				f := frame(101, b)
				f.Number = int64(i + 1)
				d.Decode(f, &p)
				check(t, d, f, &p)
			}
			if p.Whole == nil {
				t.Fatal("not complete")
			}
			var flags []ingest.PartFlags
			for _, part := range p.Whole.Parts {
				flags = append(flags, part.Flags)
			}
			if !slices.Equal(p.Whole.Frames, tt.frames) || !slices.Equal(flags, tt.flags) {
				t.Errorf("frames %v, flags %04b, want %v, %04b", p.Whole.Frames, flags, tt.frames, tt.flags)
			}
			if bin := tsharkIfAny(t); bin != "" {
				asTshark(t, bin, p.Whole, written(t, 101, frames))
			}
		})
	}
}

// sliced is a message in fragments; a negative offset brings other bytes.
func sliced(cuts []cut) (out [][]byte) {
	message := join(echo(text), make([]byte, 40))
	for _, c := range cuts {
		payload := message
		if c.from < 0 {
			c.from, payload = -c.from, make([]byte, len(message))
		}
		out = append(out, datagram{protocol: 1, id: 7, offset: c.from, more: !c.last, payload: payload[c.from:c.to]}.bytes())
	}
	return out
}

// asTshark compares with the last frame's fields in tshark.
func asTshark(t *testing.T, bin string, w *ingest.Datagram, file string) {
	t.Helper()
	var good, bad []string
	counts := map[ingest.PartFlags]int{}
	for i, p := range w.Parts {
		if n := fmt.Sprint(w.Frames[i]); p.Error() {
			bad = append(bad, n)
		} else {
			good = append(good, n)
		}
		for flag := ingest.PartOverlap; flag <= ingest.PartTooLong; flag <<= 1 {
			if p.Flags&flag != 0 {
				counts[flag]++
			}
		}
	}
	got := []string{strings.Join(good, ","), strings.Join(bad, ","), fmt.Sprint(len(w.Parts)), fmt.Sprint(len(w.Payload)),
		fmt.Sprint(counts[ingest.PartOverlap], counts[ingest.PartConflict], counts[ingest.PartMultipleTails], counts[ingest.PartTooLong])}
	want := fragmentFields(t, bin, file)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, tshark says %q", got, want)
	}
}

// fragmentFields are tshark's fields of the last frame, verdicts as counts.
func fragmentFields(t *testing.T, bin, file string) []string {
	t.Helper()
	args := []string{"-n", "-2", "-r", file, "-Y", "ip.reassembled.length", "-T", "fields", "-E", "separator=|"}
	for _, f := range strings.Fields("ip.fragment ip.fragment.error ip.fragment.count ip.reassembled.length ip.fragment.overlap ip.fragment.overlap.conflict ip.fragment.multipletails ip.fragment.toolongfragment") {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(bin, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	cells := strings.Split(strings.TrimSuffix(string(out), "\n"), "|")
	count := func(i int) int { return len(strings.FieldsFunc(cells[i], func(r rune) bool { return r == ',' })) }
	return append(cells[:4:4], fmt.Sprint(count(4), count(5), count(6), count(7)))
}

// The ledger is told of datagrams that overlap, contradict themselves, or never become whole.
func TestStats(t *testing.T) {
	d := decode.New(decode.Options{})
	var p ingest.Packet
	script := func(id int, cuts ...cut) {
		message := echo(text)
		for _, c := range cuts {
			d.Decode(frame(101, datagram{protocol: 1, id: id, offset: c.from, more: !c.last, payload: message[c.from:c.to]}.bytes()), &p)
		}
	}
	script(1, cut{0, 24, false}, cut{16, 43, true})
	script(2, cut{0, 16, false}, cut{0, 16, false}, cut{24, 43, true})
	script(3, cut{24, 43, true}, cut{24, 40, true}, cut{0, 24, false})
	script(4, cut{8, 16, false})
	want := decode.Stats{Fragments: 9, Datagrams: 2, Overlapping: 2, Conflicting: 1, Unfinished: 2, UnfinishedFragments: 4}
	if got := d.Stats(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	var sum decode.Stats
	sum.Add(want)
	sum.Add(want)
	if sum.Fragments != 18 || sum.UnfinishedFragments != 8 || sum.Conflicting != 2 {
		t.Errorf("sum %+v", sum)
	}
}

// Fragments that errors quote are put together too, as Wireshark does, with those on the wire.
func TestQuotedFragments(t *testing.T) {
	m := echo6(text)
	first, last := fragment6(7, 58, 0, true, m[:24]), fragment6(7, 58, 24, false, m[24:])
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for i, b := range [][]byte{ip6(58, icmp6(3, 0, be32(0), first)), ip6(58, icmp6(3, 0, be32(0), last))} {
		f := frame(101, b)
		f.Number = int64(i + 1)
		d.Decode(f, &p)
		check(t, d, f, &p)
	}
	if got := chain(&p); got != "ipv6:icmpv6:ipv6:ipv6.fraghdr:icmpv6:data" || p.ICMP != 1 || p.Reassembled() != nil || p.Completed(3) == nil || p.Fragment {
		t.Errorf("%s, message %d, %+v", got, p.ICMP, p.Whole)
	}
}
