package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

// Mutants of the lab's captures go through reading, rules and recovery in cases of a hundred. ICMPSIFT_MUTANTS in the environment says how
// many, "100000" or "100000@7" to begin with another seed; then each case is told before it runs, so that one which ends the
// process is known, and recovery, which takes nine tenths of the time, has a look at every tenth case.
const (
	mutantsAsked  = "ICMPSIFT_MUTANTS"
	mutantsByWont = 500
	perCase       = 100
	caseTakes     = 2 * time.Minute // a case that takes longer hangs
	longestMutant = 40              // frames
	recoverEvery  = 10
)

// No mutant of a capture's structure (lengths, offsets, counts, types, nesting, of blocks and records, headers and options) makes
// icmpsift panic or hang: not even where the panic would have been caught.
func TestMutantsBreakNothing(t *testing.T) {
	count, seed, loud := mutantsWanted(t)
	c := facts(t)
	list := pack(t, c)
	bare := withoutRecovery(list)
	stock := mutantStock(t)
	var sum survey
	for ; sum.mutants < count; seed++ {
		if loud {
			fmt.Fprintf(os.Stderr, "case %d\n", seed)
		}
		asked := list
		if loud && seed%recoverEvery != 0 {
			asked = bare
		}
		sum.add(mutantCase(t, asked, c, stock, seed))
	}
	t.Logf("%+v", sum)
	if sum.icmp < 20*int64(sum.mutants) || sum.damaged < sum.mutants/20 || sum.odd < int64(sum.mutants) || sum.malformed < int64(sum.mutants/4) || sum.findings == 0 {
		t.Errorf("%+v: the mutants hardly reach the decoder and the rules", sum)
	}
}

// withoutRecovery are the rules without what they bring back.
func withoutRecovery(list []*rules.Rule) (out []*rules.Rule) {
	for _, r := range list {
		bare := *r
		bare.Recover = nil
		out = append(out, &bare)
	}
	return out
}

// mutantStock are the captures of the lab and of the rules' tests.
func mutantStock(t *testing.T) (stock [][]ingest.Frame) {
	cases := labCaptures(t)
	small, err := filepath.Glob("../builtin/testdata/*.pcap*")
	if err != nil || len(small) < 100 {
		t.Fatalf("%d captures of rules' tests, error %v", len(small), err)
	}
	for _, path := range small {
		cases = append(cases, []string{path})
	}
	for _, paths := range cases {
		all := captured(t, paths)
		for from := 0; from < len(all) && from < 10*longestMutant; from += longestMutant {
			stock = append(stock, all[from:min(len(all), from+longestMutant)])
		}
	}
	return stock
}

func mutantsWanted(t *testing.T) (count int, seed int64, loud bool) {
	asked := os.Getenv(mutantsAsked)
	if asked == "" {
		return oracle.Trials(t, mutantsByWont, 10), 1, false
	}
	number, first, _ := strings.Cut(asked, "@")
	count, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("%s=%q: expected a number", mutantsAsked, asked)
	}
	if seed = 1; first != "" {
		if seed, err = strconv.ParseInt(first, 10, 64); err != nil {
			t.Fatalf("%s=%q: expected a seed behind the @", mutantsAsked, asked)
		}
	}
	return count, seed, true
}

// survey tells how far mutants came.
type survey struct {
	mutants, damaged, findings, artefacts int
	frames, icmp, malformed, odd          int64 // odd are those with any problem
}

func (s *survey) add(o survey) {
	s.mutants, s.damaged, s.findings, s.artefacts = s.mutants+o.mutants, s.damaged+o.damaged, s.findings+o.findings, s.artefacts+o.artefacts
	s.frames, s.icmp, s.malformed, s.odd = s.frames+o.frames, s.icmp+o.icmp, s.malformed+o.malformed, s.odd+o.odd
}

// mutantCase runs one case of mutants through everything.
func mutantCase(t *testing.T, list []*rules.Rule, c *field.Context, stock [][]ingest.Frame, seed int64) (s survey) {
	defer time.AfterFunc(caseTakes, func() { panic(fmt.Sprintf("case %d hangs", seed)) }).Stop()
	r := rand.New(rand.NewSource(seed))
	dir := t.TempDir()
	defer os.RemoveAll(dir)
	for i := range perCase {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("mutant-%02d", i)), mutant(r, stock[r.Intn(len(stock))]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := evidence.Walk([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	budget := spool.NewBudget(64<<20, dir)
	all, err := read.Files(context.Background(), files, read.Options{Jobs: 2, Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	line, err := timeline.Build(context.Background(), all.Extracts, budget)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	result, err := engine.Analyze(context.Background(), line, &rules.Set{Rules: list}, c, func(p *ingest.Packet) {
		if p.Problems&ingest.Malformed != 0 {
			s.malformed++
		}
		if p.Problems != 0 {
			s.odd++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if all.Stats.Panics > 0 {
		t.Errorf("case %d: %d frames made the decoder panic", seed, all.Stats.Panics)
	}
	for _, e := range all.Ledger {
		if strings.Contains(e.Problem, "icmpsift failed") {
			t.Errorf("case %d: %s: %s", seed, e.Path, e.Problem)
		}
		if s.mutants++; e.Status != ingest.Complete {
			s.damaged++
		}
		s.frames, s.icmp = s.frames+e.Frames, s.icmp+e.ICMPFrames
	}
	s.findings, s.artefacts = len(result.Findings), len(result.Artefacts)
	return s
}

// mutant is a capture file of the frames, some of which are changed in their structure, and so may the file be.
func mutant(r *rand.Rand, frames []ingest.Frame) []byte {
	frames = slices.Clone(frames)
	for range r.Intn(2 + len(frames)/2) {
		at := r.Intn(len(frames))
		frames = slices.Replace(frames, at, at+1, bent(r, &frames[at])...)
	}
	write := writtenPlain
	if r.Intn(2) == 0 {
		write = writtenBlocks
	}
	file, marks := write(r, frames)
	if r.Intn(2) == 0 {
		file = bentFile(r, file, marks)
	}
	return file
}

// odd is a number of the width in bytes that parsers stumble over, or near what stood there.
func odd(r *rand.Rand, width int, was uint64) uint64 {
	top := uint64(1)<<(8*width) - 1
	choices := []uint64{0, 1, 2, 3, 4, 7, 8, 19, 20, 40, 60, top, top - 1, top / 2, top/2 + 1, was + 1, was - 1, was * 2, was / 2, was ^ 1<<r.Intn(8*width), r.Uint64()}
	return choices[r.Intn(len(choices))] & top
}

func bend(r *rand.Rand, order binary.ByteOrder, b []byte, width int) {
	switch {
	case len(b) < width:
	case width == 1:
		b[0] = byte(odd(r, 1, uint64(b[0])))
	case width == 2:
		order.PutUint16(b, uint16(odd(r, 2, uint64(order.Uint16(b)))))
	default:
		order.PutUint32(b, uint32(odd(r, 4, uint64(order.Uint32(b)))))
	}
}

// place is a field of a header: where it begins, and how wide it is.
type place struct{ at, width int }

// structural are the fields of headers that say what follows, how much, and where.
var structural = map[ingest.Proto][]place{
	ingest.ProtoEthernet:     {{12, 2}},
	ingest.ProtoVLAN:         {{2, 2}},
	ingest.ProtoSLL:          {{0, 2}, {4, 2}, {14, 2}, {8, 2}, {11, 1}},
	ingest.ProtoNull:         {{0, 4}},
	ingest.ProtoARP:          {{2, 2}, {4, 1}, {5, 1}},
	ingest.ProtoIPv4:         {{0, 1}, {2, 2}, {6, 2}, {8, 1}, {9, 1}, {20, 1}, {21, 1}, {22, 1}},
	ingest.ProtoIPv6:         {{0, 1}, {4, 2}, {6, 1}},
	ingest.ProtoHopByHop:     {{0, 1}, {1, 1}, {2, 1}, {3, 1}},
	ingest.ProtoRouting:      {{0, 1}, {1, 1}, {2, 1}, {3, 1}},
	ingest.ProtoIPv6Fragment: {{0, 1}, {2, 2}},
	ingest.ProtoDestOpts:     {{0, 1}, {1, 1}, {2, 1}, {3, 1}},
	ingest.ProtoAH:           {{0, 1}, {1, 1}},
	ingest.ProtoGRE:          {{0, 2}, {2, 2}},
	ingest.ProtoUDP:          {{0, 2}, {2, 2}, {4, 2}},
	ingest.ProtoTCP:          {{12, 1}},
	ingest.ProtoICMPv4:       {{0, 1}, {1, 1}, {4, 1}, {5, 1}, {4, 2}, {6, 2}, {8, 1}, {10, 2}, {17, 1}, {136, 2}, {140, 2}, {142, 1}, {143, 1}},
	ingest.ProtoICMPv6:       {{0, 1}, {1, 1}, {4, 1}, {4, 2}, {6, 2}, {8, 1}, {12, 2}, {14, 1}, {24, 1}, {25, 1}, {26, 1}, {136, 2}},
}

// wrappings are headers that another packet of the same kind may stand in.
var wrappings = []struct {
	proto ingest.Proto
	of    ingest.Proto
	bytes []byte
}{
	{ingest.ProtoIPv4, ingest.ProtoIPv4, append([]byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, 4, 0, 0}, 10, 0, 0, 1, 10, 0, 0, 2)},
	{ingest.ProtoIPv4, ingest.ProtoIPv4, append([]byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, 47, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 0, 0, 8, 0)},
	{ingest.ProtoIPv4, ingest.ProtoIPv4, append([]byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 3, 1, 0, 0, 0, 0, 0, 0)},
	{ingest.ProtoIPv6, ingest.ProtoIPv6, append([]byte{0x60, 0, 0, 0, 0, 0, 41, 64}, bytes.Repeat([]byte{0x20}, 32)...)},
	{ingest.ProtoIPv6, ingest.ProtoIPv6, append(append([]byte{0x60, 0, 0, 0, 0, 0, 0, 64}, bytes.Repeat([]byte{0x20}, 32)...), 41, 0, 1, 4, 0, 0, 0, 0)},
	{ingest.ProtoIPv6, ingest.ProtoIPv6, append(append([]byte{0x60, 0, 0, 0, 0, 0, 58, 64}, bytes.Repeat([]byte{0x20}, 32)...), 1, 0, 0, 0, 0, 0, 0, 0)},
	{ingest.ProtoIPv6, ingest.ProtoIPv6, append(append([]byte{0x60, 0, 0, 0, 0, 0, 44, 64}, bytes.Repeat([]byte{0x20}, 32)...), 41, 0, 0, 1, 0, 0, 0, 9)},
}

// bent changes the structure of one frame, or makes several of it.
func bent(r *rand.Rand, f *ingest.Frame) []ingest.Frame {
	g := *f
	g.Data = bytes.Clone(f.Data)
	var p ingest.Packet
	for range 1 + r.Intn(3) {
		decode.New(decode.Options{}).Decode(&g, &p)
		layer, at := chosen(r, &p, g.Data)
		if layer == nil {
			break
		}
		if (layer.Proto == ingest.ProtoIPv4 || layer.Proto == ingest.ProtoIPv6) && r.Intn(5) == 0 {
			if all := shredded(r, &g, layer, at); all != nil {
				return all
			}
		}
		g.Data = changed(r, &p, layer, g.Data, at)
		if g.Wire = len(g.Data); r.Intn(10) == 0 { // as a capture that cuts frames
			g.Wire += r.Intn(100)
		}
	}
	return []ingest.Frame{g}
}

// changed changes a frame at a layer of it.
func changed(r *rand.Rand, p *ingest.Packet, layer *ingest.Layer, data []byte, at int) []byte {
	switch choice := r.Intn(12); {
	case choice < 7:
		bendField(r, layer, data[at:])
		return data
	case choice < 9:
		return grafted(r, p, layer, data, at)
	case choice < 10:
		return wrapped(r, layer.Proto, data, at)
	case choice < 11:
		cut := data[:at+r.Intn(len(data)-at+1)]
		if r.Intn(2) == 0 {
			fitted(p, cut, len(cut), len(cut)-len(data))
		}
		return cut
	default: // the header once more in front of itself, or all from here twice
		again := data[at : at+1+r.Intn(len(data)-at)]
		return slices.Concat(data[:at], again, data[at:])
	}
}

// chosen is one layer of the packet that stands in the frame as it was captured, and where.
func chosen(r *rand.Rand, p *ingest.Packet, data []byte) (*ingest.Layer, int) {
	for _, i := range r.Perm(len(p.Layers)) {
		l := &p.Layers[i]
		at := cap(data) - cap(l.Bytes)
		if len(l.Bytes) > 0 && at >= 0 && at < len(data) && &data[at] == &l.Bytes[0] {
			return l, at
		}
	}
	return nil, 0
}

func bendField(r *rand.Rand, l *ingest.Layer, header []byte) {
	fields := structural[l.Proto]
	if more := lists(l); len(more) > 0 && r.Intn(2) == 0 {
		fields = more
	}
	if len(fields) == 0 || r.Intn(8) == 0 {
		fields = []place{{r.Intn(len(header)), 1 << r.Intn(3)}}
	}
	if f := fields[r.Intn(len(fields))]; f.at < len(header) {
		bend(r, binary.BigEndian, header[f.at:], f.width)
	}
}

// wrapped puts the packet at a place into others, up to 120 deep, with lengths that fit.
func wrapped(r *rand.Rand, proto ingest.Proto, data []byte, at int) []byte {
	inner := bytes.Clone(data[at:])
	for range 1 + r.Intn(120)>>r.Intn(7) {
		w := wrappings[r.Intn(len(wrappings))]
		if w.proto != proto {
			continue
		}
		outer := bytes.Clone(w.bytes)
		if w.proto == ingest.ProtoIPv4 {
			binary.BigEndian.PutUint16(outer[2:], uint16(len(outer)+len(inner)))
		} else {
			binary.BigEndian.PutUint16(outer[4:], uint16(len(outer)-40+len(inner)))
		}
		inner = append(outer, inner...)
	}
	return append(data[:at:at], inner...)
}

// mark is a field of the file's structure, or a record or block (of width 0).
type mark struct{ at, end, width int }

// writtenPlain is a pcap file of those frames that have the first one's link type.
func writtenPlain(r *rand.Rand, frames []ingest.Frame) (b []byte, marks []mark) {
	le, magic := binary.LittleEndian, []uint32{0xa1b2c3d4, 0xa1b23c4d}[r.Intn(2)]
	b = le.AppendUint32(b, magic)
	b = le.AppendUint32(b, 2|4<<16)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(le.AppendUint32(b, 1<<18), uint32(frames[0].Link))
	marks = []mark{{0, 0, 4}, {4, 0, 2}, {6, 0, 2}, {8, 0, 4}, {16, 0, 4}, {20, 0, 4}, {22, 0, 2}}
	for _, f := range frames {
		if f.Link != frames[0].Link {
			continue
		}
		at := len(b)
		b = le.AppendUint32(le.AppendUint32(b, uint32(f.Time/1e9)), uint32(f.Time%1e9/1000))
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(f.Data))), uint32(f.Wire))
		b = append(b, f.Data...)
		marks = append(marks, mark{at, 0, 4}, mark{at + 4, 0, 4}, mark{at + 8, 0, 4}, mark{at + 12, 0, 4}, mark{at, len(b), 0})
	}
	return b, marks
}

// writtenBlocks is a pcapng file.
func writtenBlocks(r *rand.Rand, frames []ingest.Frame) (b []byte, marks []mark) {
	le := binary.LittleEndian
	block := func(kind uint32, body []byte, fields ...int) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		at, length := len(b), uint32(len(body)+12)
		b = le.AppendUint32(le.AppendUint32(b, kind), length)
		b = le.AppendUint32(append(b, body...), length)
		marks = append(marks, mark{at, 0, 4}, mark{at + 4, 0, 4}, mark{len(b) - 4, 0, 4}, mark{at, len(b), 0})
		for _, f := range fields {
			marks = append(marks, mark{at + 8 + f, 0, 2}, mark{at + 8 + f, 0, 4})
		}
	}
	options := func(body []byte, code uint16, value string) []byte {
		for body = append(le.AppendUint16(le.AppendUint16(body, code), uint16(len(value))), value...); len(body)%4 != 0; {
			body = append(body, 0)
		}
		return append(body, 0, 0, 0, 0)
	}
	head := le.AppendUint64([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, 1<<64-1)
	block(0x0a0d0d0a, options(head, 4, "mutant"), 0, 4, 6, 8, 16, 18)
	links := map[ingest.LinkType]uint32{}
	for _, f := range frames {
		if _, ok := links[f.Link]; !ok {
			links[f.Link] = uint32(len(links))
			block(1, options([]byte{byte(f.Link), byte(f.Link >> 8), 0, 0, 0, 0, 4, 0}, 9, "\x09"), 0, 4, 8, 10, 12)
		}
		body := le.AppendUint32(nil, links[f.Link])
		body = le.AppendUint32(le.AppendUint32(body, uint32(f.Time>>32)), uint32(f.Time))
		body = le.AppendUint32(le.AppendUint32(body, uint32(len(f.Data))), uint32(f.Wire))
		for body = append(body, f.Data...); len(body)%4 != 0; {
			body = append(body, 0)
		}
		block(6, options(body, 1, "note"), 0, 4, 8, 12, 16, len(body), len(body)+2)
	}
	return b, marks
}

// bentFile changes some marked fields, or cuts, doubles, moves or nests a record.
func bentFile(r *rand.Rand, b []byte, marks []mark) []byte {
	for range 1 + r.Intn(4) {
		m := marks[r.Intn(len(marks))]
		if m.width > 0 {
			bend(r, binary.LittleEndian, b[m.at:], m.width)
			continue
		}
		record := bytes.Clone(b[m.at:m.end])
		switch r.Intn(4) {
		case 0:
			return b[:m.at+r.Intn(len(record))]
		case 1:
			return slices.Concat(b[:m.end], record, b[m.end:])
		case 2:
			return slices.Concat(b[:m.at], b[m.end:], record)
		default: // inside itself
			inside := m.at + r.Intn(len(record))
			return slices.Concat(b[:inside], record, b[inside:])
		}
	}
	return b
}
