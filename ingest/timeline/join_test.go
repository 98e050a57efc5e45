package timeline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
)

// pieces are the fragments of an echo request, each of 24 bytes but for the last; of one protocol number, or GRE around IPv4.
func pieces(id, seq uint16, fill byte, tunnel bool) (out [][]byte) {
	body := append([]byte{8, 0, 0, 0, 0, 1, byte(seq >> 8), byte(seq)}, bytes.Repeat([]byte{fill}, 60)...)
	protocol := byte(1)
	if tunnel {
		inner := append([]byte{0x45, 0, 0, byte(20 + len(body)), 0, 7, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, body...)
		body, protocol = append([]byte{0, 0, 8, 0}, inner...), 47
	}
	for at := 0; at < len(body); at += 24 {
		part := body[at:min(at+24, len(body))]
		b := make([]byte, 34, 64)
		b[12], b[14], b[22], b[23] = 8, 0x45, 64, protocol
		binary.BigEndian.PutUint16(b[16:], uint16(20+len(part)))
		binary.BigEndian.PutUint16(b[18:], id)
		binary.BigEndian.PutUint16(b[20:], uint16(at/8))
		if at+24 < len(body) {
			b[20] |= 0x20
		}
		copy(b[26:], "\x0a\x00\x00\x01\x0a\x00\x00\x02")
		out = append(out, append(b, part...))
	}
	return out
}

// said lists the messages that are told once, with the frames they come from.
func said(t *testing.T, line *timeline.Timeline) (out []string) {
	t.Helper()
	visit := func(into *[]string) func(p *ingest.Packet) {
		return func(p *ingest.Packet) {
			if m := p.Message(); m != nil && !p.Case.Copy {
				w := p.Whole
				*into = append(*into, fmt.Sprintf("%d bytes of %q in frames %d of files %d", len(m.Bytes), m.Bytes[len(m.Bytes)-1], w.Frames, w.Files))
			}
		}
	}
	if err := line.Each(context.Background(), visit(&out)); err != nil {
		t.Fatal(err)
	}
	var some []string // read the other way, without decoding what is not asked for
	if err := line.Some(context.Background(), func(int64) bool { return true }, visit(&some)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out, some) {
		t.Errorf("all: %q\nsome: %q", out, some)
	}
	return out
}

// Fragments are put together over the files of a case, and as those of a case: not those that a file alone would take for one datagram.
func TestFragmentsOfTheCase(t *testing.T) {
	at := func(list [][]byte, from time.Duration) (out []record) {
		for i, b := range list {
			out = append(out, record{from + time.Duration(i)*time.Millisecond, b})
		}
		return out
	}
	same := slices.Concat(pieces(1, 1, 'a', false), pieces(1, 2, 'b', false), pieces(1, 3, 'c', false)) // one identification for all
	one := at(pieces(5, 1, 'x', false), 0)
	deep := at(pieces(6, 1, 'g', true), 0)
	again := slices.Clone(one)
	for i := range again {
		again[i].at += 10 * time.Second
	}
	for name, c := range map[string]struct {
		files            [][]record
		want             []string
		unfinished, lone int64
	}{
		"cut between fragments": {files: [][]record{one[:1], one[1:]}, want: []string{"68 bytes of 'x' in frames [1 1 2] of files [0 1 1]"}, lone: 2},
		"in three files":        {files: [][]record{one[:1], one[1:2], one[2:]}, want: []string{"68 bytes of 'x' in frames [1 1 1] of files [0 1 2]"}, lone: 2},
		"whole in one file":     {files: [][]record{one}, want: []string{"68 bytes of 'x' in frames [1 2 3] of files []"}, lone: 2},
		"one identification, cut where the second file alone goes wrong": {
			files: [][]record{at(same, 0)[:2], at(same, 0)[2:]},
			want: []string{"68 bytes of 'a' in frames [1 2 1] of files [0 0 1]", "68 bytes of 'b' in frames [2 3 4] of files []",
				"68 bytes of 'c' in frames [5 6 7] of files []"}, lone: 6},
		"two sensors that lost one each": {files: [][]record{{one[0], one[2]}, {one[1], one[2]}},
			want: []string{"68 bytes of 'x' in frames [1 1 2] of files [0 1 0]"}, lone: 3},
		"overlapping files, one of which has it all":  {files: [][]record{one, one[1:]}, want: []string{"68 bytes of 'x' in frames [1 2 3] of files []"}, lone: 4},
		"out of order in the file":                    {files: [][]record{{one[2], one[0], one[1]}}, want: []string{"68 bytes of 'x' in frames [2 3 1] of files []"}, lone: 2},
		"in a tunnel":                                 {files: [][]record{deep[:2], deep[2:]}, want: []string{"68 bytes of 'g' in frames [1 2 1 2] of files [0 0 1 1]"}, lone: 3},
		"one missing":                                 {files: [][]record{one[:1], one[2:]}, unfinished: 1, lone: 2},
		"the same twice, and the second time not all": {files: [][]record{slices.Concat(one, again[:1])}, want: []string{"68 bytes of 'x' in frames [1 2 3] of files []"}, unfinished: 1, lone: 3},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			for i, list := range c.files {
				paths = append(paths, write(t, fmt.Sprintf("%d.pcap", i), list))
			}
			line := build(t, 64<<20, paths...)
			if got := said(t, line); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if s := line.Stats(); s.Unfinished != c.unfinished || s.Fragments != c.lone {
				t.Errorf("%d unfinished and %d lone fragments, want %d and %d", s.Unfinished, s.Fragments, c.unfinished, c.lone)
			}
		})
	}
}
