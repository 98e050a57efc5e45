package suricata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/rules/filter"
)

const perCapture = 20

// labPackets are the first packets of every lab capture that is no archive of its own.
func labPackets(t *testing.T) (out []*ingest.Packet) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/lab/*.pcap*")
	if err != nil || len(paths) < 50 {
		t.Fatalf("%d captures, error %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := capture.NewReader(bytes.NewReader(data)); err == nil { // compressed ones are not for this reader
			out = append(out, decoded(t, r)...)
		}
	}
	return out
}

func decoded(t *testing.T, r *capture.Reader) (out []*ingest.Packet) {
	d := decode.New(decode.Options{})
	for len(out) < perCapture {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		var p ingest.Packet
		if d.Decode(f, &p); p.Message() != nil && !p.Sampled() {
			out = append(out, p.Clone())
		}
	}
	return out
}

// builtPackets are messages of all sorts, made from a fixed seed: types, headers and payloads that rules look for.
func builtPackets() (out []*ingest.Packet) {
	r := rand.New(rand.NewSource(1))
	types := []byte{0, 3, 5, 8, 8, 8, 9, 11, 13, 14, 15, 17, 128, 129, 134, 135, 136, 2}
	d := decode.New(decode.Options{})
	for i := range 1500 {
		var payload []byte
		for range r.Intn(8) {
			payload = append(payload, pieces[r.Intn(len(pieces))]...)
		}
		typ := types[r.Intn(len(types))]
		if typ == 13 || typ == 14 {
			payload = append(make([]byte, 12), payload...) // Suricata does not decode shorter ones
		}
		payload = append(payload, make([]byte, []int{0, 0, 0, 16, 800}[r.Intn(5)])...)
		m := append([]byte{typ, byte(r.Intn(3)), 0, 0, 0x12, byte(0x34 + i%2), 0, byte(r.Intn(3))}, payload...)
		frame := ip4(r, m)
		if m[0] >= 128 || m[0] == 2 {
			frame = ip6(r, m)
		}
		var p ingest.Packet
		d.Decode(&ingest.Frame{Number: int64(i + 1), Link: ingest.LinkRaw, Data: frame, Wire: len(frame)}, &p)
		out = append(out, p.Clone())
	}
	return out
}

func ip4(r *rand.Rand, m []byte) []byte {
	options := [][]byte{nil, nil, {7, 7, 4, 0, 0, 0, 0, 0}, {1, 1, 1, 0}, {131, 7, 4, 10, 0, 0, 9, 0}}[r.Intn(5)]
	h := make([]byte, 20, 60)
	h[0], h[1], h[8], h[9] = 0x45+byte(len(options)/4), []byte{0, 0xc0}[r.Intn(2)], []byte{1, 4, 5, 64, 255}[r.Intn(5)], 1
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(options)+len(m)))
	binary.BigEndian.PutUint16(h[4:], []uint16{0, 4660, 7}[r.Intn(3)])
	h[6] = []byte{0, 0x40, 0xc0}[r.Intn(3)]
	copy(h[12:], []byte{10, 0, 0, 1, 10, 0, 0, byte(1 + r.Intn(3))})
	return append(append(h, options...), m...)
}

func ip6(r *rand.Rand, m []byte) []byte {
	h := make([]byte, 40, 40+len(m))
	h[0], h[6], h[7] = 0x60, 58, []byte{1, 64, 255}[r.Intn(3)]
	binary.BigEndian.PutUint16(h[4:], uint16(len(m)))
	h[8], h[23], h[24], h[39] = 0xfd, 1, 0xfd, byte(1+r.Intn(2))
	return append(h, m...)
}

// TestMeaning: each rule's filter matches the packets that Snort's way of matching matches, and nearly every one tells
// packets apart. Suricata's is compared with itself: TestOracle, TestRecorded.
func TestMeaning(t *testing.T) {
	packets := append(labPackets(t), builtPackets()...)
	if oracle.Raced {
		packets = thinned(packets, 4)
	}
	compared, dull := 0, 0
	for _, l := range lines {
		if l.only == Suricata {
			continue
		}
		im := Importer{Dialect: Snort2}
		line := im.File("x.rules", []byte("alert icmp any any -> any any (sid:1; "+l.options+";)"))[0]
		if line.YAML == nil {
			t.Errorf("%s: %v", l.options, line.Reasons)
			continue
		}
		f, err := filter.Compile(line.Filter, &field.Context{}, nil)
		if err != nil {
			t.Errorf("%s: %v", l.options, err)
			continue
		}
		hits, wrong := 0, 0
		for _, p := range packets {
			if len(p.Message().Bytes) > 100 && strings.Contains(l.options, "pcre") {
				continue // the reference tries every part of the payload
			}
			want := referenceMatch(l.options, p)
			if got := f.Match(p); got != want && wrong < 2 {
				wrong++
				t.Errorf("%s\n%s\nframe %d %x: %v, want %v", l.options, line.Filter, p.Number, p.Message().Bytes[:min(60, len(p.Message().Bytes))], got, want)
			}
			if want {
				hits++
			}
		}
		if compared++; hits == 0 || hits == len(packets) {
			dull++
			t.Logf("%s: %d of %d packets", l.options, hits, len(packets))
		}
	}
	t.Logf("%d rules on %d packets, %d of them match none or all", compared, len(packets), dull)
	if compared < 60 || !oracle.Raced && dull > compared/10 {
		t.Errorf("%d rules compared, %d of them tell nothing", compared, dull)
	}
}

func thinned(in []*ingest.Packet, one int) (out []*ingest.Packet) {
	for i := 0; i < len(in); i += one {
		out = append(out, in[i])
	}
	return out
}
