package timeline_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
)

// fact is what a timeline says of one packet.
type fact struct {
	bytes string
	time  int64
	reply ingest.Reply
	icmp  string // the message, of a packet put together from fragments that of all of them
}

// facts lists the unique packets; their place is their number.
func facts(t *testing.T, line *timeline.Timeline) (out []fact) {
	t.Helper()
	err := line.Each(context.Background(), func(p *ingest.Packet) {
		if p.Case.Copy {
			return
		}
		f := fact{string(p.Data), p.Case.Time, p.Case.Reply, ""}
		if m := p.Message(); m != nil {
			f.icmp = string(m.Bytes)
		}
		out = append(out, f)
		if p.Case.Number != int64(len(out)) {
			t.Fatalf("packet %d has number %d", len(out), p.Case.Number)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameFacts(t *testing.T, got, want []fact) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d packets, want %d", len(got), len(want))
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("packet %d: %x at %d, %+v\nwant %x at %d, %+v", i+1, got[i].bytes, got[i].time, got[i].reply, want[i].bytes, want[i].time, want[i].reply)
			return
		}
	}
}

// A capture in pieces, whatever the pieces and their order, is the same case as the capture in one.
func TestSplits(t *testing.T) {
	splits := map[string]func(i, n, of int, rnd *rand.Rand) []int{ // into which files packet i of n goes
		"rotated":  func(i, n, of int, _ *rand.Rand) []int { return []int{i * of / n} },
		"dealt":    func(i, n, of int, _ *rand.Rand) []int { return []int{i % of} },
		"shuffled": func(i, n, of int, rnd *rand.Rand) []int { return []int{rnd.Intn(of)} },
		"overlapping": func(i, n, of int, _ *rand.Rand) []int {
			return slices.Compact([]int{i * of / n, max(0, i-n/10) * of / n})
		},
		"with copies": func(i, n, of int, rnd *rand.Rand) []int {
			return slices.Compact(slices.Sorted(slices.Values([]int{rnd.Intn(of), rnd.Intn(of)})))
		},
	}
	for _, name := range []string{"exf-type-bigendian.pcap", "exf-ttl.pcap", "ben-ping4-sizes.pcap", "ben-ping4-loss.pcap", "atk-naspoof.pcap", "ben-monitor-periodic.pcap", "ben-frag-ping.pcap"} {
		all := frames(t, lab+name)
		want := facts(t, build(t, 64<<20, write(t, "all.pcap", all)))
		for kind, split := range splits {
			for _, of := range []int{2, 3, 7} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, kind, of), func(t *testing.T) {
					rnd := rand.New(rand.NewSource(int64(of)))
					parts := make([][]record, of)
					for i, r := range all {
						for _, k := range split(i, len(all), of, rnd) {
							parts[k] = append(parts[k], r)
						}
					}
					var paths []string
					for i, k := range rnd.Perm(of) {
						paths = append(paths, write(t, fmt.Sprintf("%d.pcap", i), parts[k]))
					}
					rnd.Shuffle(of, func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
					for _, memory := range []int64{64 << 20, 0} {
						sameFacts(t, facts(t, build(t, memory, paths...)), want)
					}
				})
			}
		}
	}
}

// One capture in several formats is one capture.
func TestFormats(t *testing.T) {
	for _, name := range []string{"exf-type-bigendian.pcap", "ben-ping4-sizes.pcap"} {
		all := frames(t, lab+name)
		for i := range all {
			all[i].at = all[i].at.Truncate(time.Microsecond)
		}
		want := facts(t, build(t, 64<<20, write(t, "all.pcap", all)))
		pcap := write(t, "a.pcap", all)
		copies := []string{pcap, writeNG(t, all), packed(t, pcap)}
		line := build(t, 64<<20, append(copies, lab+name)...)
		sameFacts(t, facts(t, line), want)
		// The lab's own file has nanoseconds: it is the fourth.
		if s := line.Stats(); s.Copies != int64(3*len(want)) {
			t.Errorf("%s: %d copies of %d packets", name, s.Copies, len(want))
		}
	}
}

// writeNG writes a pcapng file of microsecond resolution.
func writeNG(t *testing.T, list []record) string {
	t.Helper()
	var out []byte
	block := func(kind uint32, body []byte) {
		body = append(body, make([]byte, -len(body)&3)...)
		size := uint32(len(body) + 12)
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, kind), size)
		out = binary.LittleEndian.AppendUint32(append(out, body...), size)
	}
	block(0x0a0d0d0a, []byte("\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
	block(1, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	for _, r := range list {
		var body []byte
		ticks := uint64(r.at / time.Microsecond)
		for _, field := range []uint32{0, uint32(ticks >> 32), uint32(ticks), uint32(len(r.data)), uint32(len(r.data))} {
			body = binary.LittleEndian.AppendUint32(body, field)
		}
		block(6, append(body, r.data...))
	}
	path := filepath.Join(t.TempDir(), "b.pcapng")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func packed(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	path := filepath.Join(t.TempDir(), "c.gz")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Two runs of a script, each in its own file, a moment apart, are two runs: nothing is a copy.
func TestSecondRunSoonAfter(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	length := all[len(all)-1].at - all[0].at
	for _, gap := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 2 * time.Second} {
		var again []record
		for _, r := range all {
			again = append(again, record{r.at + length + gap, r.data})
		}
		line := build(t, 64<<20, write(t, "a.pcap", all), write(t, "b.pcap", again))
		if s := line.Stats(); s.Copies != 0 || s.Packets != int64(2*len(all)) {
			t.Errorf("%v apart: %+v, want no copies of %d packets", gap, s, 2*len(all))
		}
	}
}

// A sender that varies its TTL and its own MAC still sends to the router's: its repeats are packets of their own.
func TestVariedSenderIsNotForwarding(t *testing.T) {
	var list []record
	rnd := rand.New(rand.NewSource(1))
	one := frames(t, lab+"exf-type-bigendian.pcap")[0]
	for i := range 500 {
		d := bytes.Clone(one.data)
		rnd.Read(d[7:12])
		d[22] = byte(rnd.Intn(256))
		list = append(list, record{one.at + time.Duration(i)*time.Millisecond, d})
	}
	if s := build(t, 64<<20, write(t, "a.pcap", list)).Stats(); s.Packets != 500 {
		t.Errorf("%d packets, want the 500 that were sent", s.Packets)
	}
}

func TestForwardedInOneCapture(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	var list []record
	for i, out := range forwarded(all, 300*time.Microsecond, 0) {
		out.at -= time.Duration(i%7) * time.Millisecond
		list = append(list, all[i], out)
	}
	if s := build(t, 64<<20, write(t, "a.pcap", list)).Stats(); s.Packets != int64(len(all)) {
		t.Errorf("%+v, want %d packets", s, len(all))
	}
}

func TestBuildIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x := &fake{count: 1 << 40}
	if _, err := timeline.Build(ctx, []ingest.Extract{x}, budget(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if x.open != 0 {
		t.Errorf("%d readers are open", x.open)
	}
}

// fake is an extract of equal pings that fails, at will, at its n-th opening or packet.
type fake struct {
	count, disorder     int64
	from                int64
	id                  int
	failOpen, failAt    int64
	opened, open, twice int
	make                func(i int64, p *ingest.Packet)
}

func (f *fake) Evidence() *ingest.Evidence { return &ingest.Evidence{ID: f.id} }
func (f *fake) Earliest() int64            { return f.from }
func (f *fake) Disorder() int64            { return f.disorder }
func (f *fake) Close() error               { return nil }
func (f *fake) Open() (ingest.PacketReader, error) {
	if f.opened++; int64(f.opened) == f.failOpen {
		return nil, io.ErrClosedPipe
	}
	f.open++
	return &fakeReader{f: f, p: template()}, nil
}

type fakeReader struct {
	f      *fake
	p      *ingest.Packet
	n      int64
	closed bool
}

func (r *fakeReader) Next() (*ingest.Packet, error) {
	if r.n++; r.n == r.f.failAt {
		return nil, io.ErrClosedPipe
	}
	if r.n > r.f.count {
		return nil, io.EOF
	}
	r.p.Number, r.p.Time = r.n, r.n*1000
	if r.f.make != nil {
		r.f.make(r.n, r.p)
	}
	return r.p, nil
}

func (r *fakeReader) Close() error {
	if r.closed {
		r.f.twice++
	}
	r.closed = true
	r.f.open--
	return nil
}

// Captures that follow one another are open one after another, those that overlap together, whatever the order they come in.
func TestFewReadersAreOpen(t *testing.T) {
	const files, packets = 100, 50
	for _, overlap := range []int64{0, 1} {
		var list []*fake
		var extracts []ingest.Extract
		most := 0
		for i := range files {
			f := &fake{id: i, count: packets, from: int64(i*37%files) * packets * 1000}
			f.make = func(n int64, p *ingest.Packet) {
				p.Time = f.from + (n-1)*1000*(1+overlap)
				open := 0
				for _, f := range list {
					open += f.open
				}
				most = max(most, open)
			}
			list, extracts = append(list, f), append(extracts, f)
		}
		line, err := timeline.Build(context.Background(), extracts, budget(t))
		if err != nil {
			t.Fatal(err)
		}
		seen, last := 0, int64(-1)
		err = line.Each(context.Background(), func(p *ingest.Packet) {
			if seen++; p.Case.Time < last {
				t.Fatalf("packet of %d behind one of %d", p.Case.Time, last)
			}
			last = p.Case.Time
		})
		if late := line.Stats().Late; err != nil || seen != files*packets || late != 0 || most != int(1+overlap) {
			t.Errorf("overlap %d: %d packets, %d late, %d readers open at a time, error %v", overlap, seen, late, most, err)
		}
		if err := line.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Whichever read fails, all readers are closed, once, and the error comes out.
func TestReadersAreClosed(t *testing.T) {
	for _, disorder := range []int64{0, 5} {
		for opening := range int64(4) {
			for at := range int64(7) {
				list := []*fake{{id: 0}, {id: 1, count: 3, disorder: disorder, failOpen: opening, failAt: at}, {id: 2, count: 5}}
				var extracts []ingest.Extract
				for _, f := range list {
					extracts = append(extracts, f)
				}
				line, err := timeline.Build(context.Background(), extracts, budget(t))
				if err == nil {
					err = line.Each(context.Background(), func(*ingest.Packet) {})
				}
				if want := opening > 0 || at > 0 && at <= 4; (err != nil) != want {
					t.Errorf("opening %d, packet %d: error %v", opening, at, err)
				}
				for _, f := range list {
					if f.open != 0 || f.twice != 0 {
						t.Errorf("opening %d, packet %d: %d readers of extract %d are open, %d were closed twice", opening, at, f.open, f.id, f.twice)
					}
				}
			}
		}
	}
}
