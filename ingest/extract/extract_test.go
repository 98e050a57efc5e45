package extract

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/spool"
)

// same compares a packet read back with the one written; file scope, and what only the file's end tells, is the
// extract's own, and checked elsewhere.
func same(t *testing.T, got, want *ingest.Packet) {
	t.Helper()
	g := *got
	g.Link, g.On = want.Link, want.On // the ledger entry knows the interfaces; here it is empty
	g.Problems &^= ingest.Unassembled
	if !reflect.DeepEqual(g.Clone(), want) {
		t.Fatalf("frame %d:\nread  %+v\nwrote %+v", want.Number, g, *want)
	}
}

var budgets = map[string]int64{"in memory": 64 << 20, "partly": 20 << 10, "spooled": 0}

// What is read from an extract is what the decoder made of the file, as often as it is read.
func TestReplayIsTheFirstDecoding(t *testing.T) {
	for _, name := range []string{"ben-frag-ping.pcap", "atk-pingofdeath.pcap", "ben-ping6.pcapng", "ben-snap64.pcap", "ben-vlan30.pcap", "ben-any-sll2.pcap",
		"ben-traceroute.pcapng", "atk-blacknurse.pcap.gz", "atk-flood.pcapng.zst"} {
		packets := decoded(t, lab+name)
		if len(packets) == 0 {
			t.Fatalf("%s has no packets", name)
		}
		for where, memory := range budgets {
			t.Run(name+", "+where, func(t *testing.T) {
				x := stored(t, memory, packets)
				for range 2 {
					r := opened(t, x)
					for _, want := range packets {
						got, err := r.Next()
						if err != nil {
							t.Fatal(err)
						}
						same(t, got, want)
					}
					for range 2 {
						if _, err := r.Next(); err != io.EOF {
							t.Fatalf("behind the last packet: %v", err)
						}
					}
				}
			})
		}
	}
}

func TestFragmentsAreKept(t *testing.T) {
	whole, fragments := 0, 0
	for _, p := range decoded(t, lab+"ben-frag-ping.pcap") {
		if p.Whole != nil {
			whole++
		}
		if p.Fragment {
			fragments++
		}
	}
	if whole == 0 || fragments == 0 {
		t.Errorf("%d datagrams of fragments, %d fragments: the capture tests nothing", whole, fragments)
	}
}

// Fragments know the frame that completes their datagram, or that none does.
func TestReassembledIn(t *testing.T) {
	for where, memory := range budgets {
		t.Run(where, func(t *testing.T) {
			packets := decoded(t, lab+"ben-frag-ping.pcap")
			last := packets[len(packets)-1].Number
			for i := range 3 { // first fragments of datagrams that stay incomplete
				packets = append(packets, fragment(last+int64(i)+1, uint16(i)))
			}
			in := map[int64]int64{}
			for _, p := range packets {
				for w := p.Whole; w != nil; w = w.Inner {
					for _, f := range w.Frames {
						in[f] = p.Number
					}
				}
			}
			r, linked, alone := opened(t, stored(t, memory, packets)), 0, 0
			for range packets {
				p, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				want := in[p.Number]
				if want == p.Number { // Wireshark gives the completing frame none
					want = 0
				}
				if p.Link.ReassembledIn != want || (p.Problems&ingest.Unassembled != 0) != (p.Fragment && want == 0) {
					t.Errorf("frame %d: completed in %d, want %d, problems %b", p.Number, p.Link.ReassembledIn, want, p.Problems)
				}
				if want != 0 {
					linked++
				}
				if p.Problems&ingest.Unassembled != 0 {
					alone++
				}
			}
			if linked == 0 || alone != 3 {
				t.Errorf("%d fragments linked, %d alone", linked, alone)
			}
		})
	}
}

// fragment is the first of a fragmented echo request.
func fragment(number int64, id uint16) *ingest.Packet {
	b := append([]byte(nil), ping(1, 56).Data...)
	binary.BigEndian.PutUint16(b[18:], id)
	b[20] = 0x20 // more fragments
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&ingest.Frame{Number: number, Link: ingest.LinkEthernet, Wire: len(b), Data: b}, &p)
	return &p
}

// Readers of one extract may take turns.
func TestReadersTakeTurns(t *testing.T) {
	packets := decoded(t, lab+"ben-ping4-sizes.pcap")
	for where, memory := range budgets {
		t.Run(where, func(t *testing.T) {
			x := stored(t, memory, packets)
			ahead, behind := opened(t, x), opened(t, x)
			for i := range packets {
				a, err := ahead.Next()
				if err != nil {
					t.Fatal(err)
				}
				a = a.Clone()
				if i%2 == 1 {
					for _, want := range packets[i-1 : i+1] {
						b, err := behind.Next()
						if err != nil {
							t.Fatal(err)
						}
						same(t, b, want)
					}
				}
				same(t, a, packets[i])
			}
		})
	}
}

// Links point both ways, and replies know their requests, however far away.
func TestLinks(t *testing.T) {
	for where, memory := range budgets {
		t.Run(where, func(t *testing.T) {
			x := stored(t, memory, decoded(t, lab+"ben-ping4-loss.pcap"))
			links := map[int64]ingest.Link{}
			replies, lost := 0, 0
			r := opened(t, x)
			for p, err := r.Next(); err != io.EOF; p, err = r.Next() {
				if err != nil {
					t.Fatal(err)
				}
				links[p.Number] = p.Link
			}
			for n, l := range links {
				if l.NoResp {
					lost++
				}
				if l.RespTo == 0 {
					continue
				}
				if replies++; links[l.RespTo].RespIn != n || links[l.RespTo].RespTime != l.RespTime {
					t.Errorf("frame %d answers %d, which says %+v", n, l.RespTo, links[l.RespTo])
				}
			}
			if replies == 0 || lost == 0 {
				t.Errorf("%d replies, %d requests without one", replies, lost)
			}
		})
	}
}

func TestDisorder(t *testing.T) {
	at := func(times ...int64) (out []*ingest.Packet) {
		for i, time := range times {
			p := ping(uint16(i), 0)
			p.Time = time
			out = append(out, p)
		}
		return out
	}
	tests := []struct {
		name  string
		times []int64
		want  int64
	}{
		{"in order", []int64{1, 2, 2, 3}, 0},
		{"one back", []int64{10, 3, 11}, 7},
		{"before 1970", []int64{-50, -40, -45}, 5},
		{"as far as can be", []int64{1<<63 - 1, -1 << 63}, 1<<63 - 1},
		{"none", nil, 0},
	}
	for _, tt := range tests {
		if got := stored(t, 1<<20, at(tt.times...)).Disorder(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	late := at(100, 5)
	late[1].NoTime = true
	if got := stored(t, 1<<20, late).Disorder(); got != 0 {
		t.Errorf("a packet without a time counts: %d", got)
	}
}

// A frame larger than any buffer comes back whole.
func TestLargeFrame(t *testing.T) {
	for where, memory := range budgets {
		want := []*ingest.Packet{ping(1, 10), ping(2, 60_000), ping(3, 65_000), ping(4, 0)}
		want[2].Data = append(want[2].Data, make([]byte, 300_000)...)
		want[2].Wire = len(want[2].Data)
		decode.New(decode.Options{}).Decode(&want[2].Frame, want[2])
		r := opened(t, stored(t, memory, want))
		for _, w := range want {
			got, err := r.Next()
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			same(t, got, w.Clone())
		}
	}
}

// A spool file that was tampered with gives an error that says so, never a panic.
func TestDamagedSpool(t *testing.T) {
	packets := decoded(t, lab+"ben-ping4-sizes.pcap")
	x := stored(t, 64<<20, packets)
	x.w.count++ // the spool ends early
	r := opened(t, x)
	var err error
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, errRecord) {
		t.Errorf("error %v", err)
	}
}

func TestSpoolIsRemoved(t *testing.T) {
	dir := t.TempDir()
	w := NewWriter(spool.NewBudget(0, dir))
	if err := w.Add(ping(1, 56)); err != nil {
		t.Fatal(err)
	}
	if err := w.Done(ingest.Evidence{}).Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	w = NewWriter(spool.NewBudget(0, filepath.Join(dir, "missing")))
	if err := w.Add(ping(1, 56)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// replayed reads a flood again and again.
func replayed(b testing.TB, memory int64) (next func()) {
	var packets []*ingest.Packet
	for i := range 20_000 {
		packets = append(packets, ping(uint16(i), 56))
	}
	x := stored(b, memory, packets)
	r := opened(b, x)
	return func() {
		_, err := r.Next()
		if err == io.EOF {
			r = opened(b, x)
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

func TestReplayAllocatesNothing(t *testing.T) {
	for where, memory := range budgets {
		next := replayed(t, memory)
		next()
		if n := testing.AllocsPerRun(15_000, next); n > 0 {
			t.Errorf("%s: %v allocations for each packet", where, n)
		}
	}
}

func BenchmarkReplay(b *testing.B) {
	for where, memory := range budgets {
		b.Run(where, func(b *testing.B) {
			next := replayed(b, memory)
			b.ReportAllocs()
			for b.Loop() {
				next()
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	w := NewWriter(spool.NewBudget(0, b.TempDir()))
	defer w.Close()
	p := ping(1, 56)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Add(p); err != nil {
			b.Fatal(err)
		}
	}
}
