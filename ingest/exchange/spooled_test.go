package exchange_test

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/spool"
)

// answers are the matches of a file: request's and reply's frames and the time between them.
type answers map[[2]int64]int64

func inMemory(packets []*ingest.Packet) answers {
	var x exchange.File
	out := answers{}
	for i, p := range packets {
		if m, ok := x.Add(p, int64(i)); ok {
			out[[2]int64{m.Request.Frame, p.Number}] = m.Time
		}
	}
	return out
}

// spilled matches with hold open requests in memory and a budget for some more.
func spilled(t *testing.T, packets []*ingest.Packet, hold int, bytes int64) (out answers, spilled bool) {
	t.Helper()
	dir := t.TempDir()
	budget := spool.NewBudget(bytes, dir)
	out = answers{}
	s := exchange.NewSpooled(budget, func(place, frame int64, m exchange.Match) {
		at := [2]int64{m.Request.Frame, frame}
		if _, twice := out[at]; twice || packets[place].Number != frame || packets[m.Request.Place].Number != m.Request.Frame {
			t.Errorf("match %v at %d, %d: told twice, or at a wrong place", at, place, m.Request.Place)
		}
		out[at] = m.Time
	})
	s.Hold(hold)
	for i, p := range packets {
		if err := s.Add(p, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	spilled = s.Spilled()
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(dir)
	if !budget.Take(int(bytes)) || len(left) > 0 {
		t.Errorf("not everything was given back: %v", left)
	}
	return out, spilled
}

func sameAnswers(t *testing.T, got, want answers) {
	t.Helper()
	for at, time := range want {
		if other, ok := got[at]; !ok || other != time {
			t.Errorf("request %d, reply %d: %d, %v, want %d", at[0], at[1], other, ok, time)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d matches, want %d", len(got), len(want))
	}
}

// flood makes echo messages among few or many hosts, identifiers and payloads, in both versions of IP, over UDP and not:
// duplicates, equal keys, replies before their requests, multicast, replies never asked for.
func flood(seed int64, count, hosts, ids int) (out []*ingest.Packet) {
	rnd := rand.New(rand.NewSource(seed))
	var sent []message
	address := func(six bool) string {
		if n := rnd.Intn(hosts); six {
			return fmt.Sprintf("2001:db8::%x:%x", n>>16, n&0xffff)
		} else {
			return fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255)
		}
	}
	for n := range int64(count) {
		six := rnd.Intn(4) == 0
		m := message{src: address(six), dst: address(six), id: uint16(rnd.Intn(ids)), seq: uint16(rnd.Intn(4)), payload: "abcd"[:rnd.Intn(4)], reply: rnd.Intn(5) == 0,
			wrapped: rnd.Intn(8) == 0, tunnel: rnd.Intn(8) == 0}
		if k := len(sent); k > 0 && rnd.Intn(2) == 0 {
			m = sent[max(0, k-1-rnd.Intn(200))]
			m.src, m.dst, m.reply = m.dst, m.src, rnd.Intn(8) > 0
		}
		m.at = time.Duration(rnd.Int63n(1e12))
		sent = append(sent, m)
		out = append(out, m.packet(n+1))
	}
	return out
}

// Whatever the memory, the answers are the same.
func TestSpooledIsExact(t *testing.T) {
	for _, tt := range []struct {
		name              string
		count, hosts, ids int
	}{
		{"few keys, often", 20_000, 3, 2},
		{"many hosts", 20_000, 5000, 3},
		{"nearly all alike", 5000, 2, 1},
		{"nearly all unlike", 20_000, 1 << 20, 1 << 16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packets := flood(int64(len(tt.name)), tt.count, tt.hosts, tt.ids)
			want := inMemory(packets)
			if len(want) < tt.count/100 {
				t.Fatalf("only %d matches: the test tests nothing", len(want))
			}
			for _, m := range []struct {
				hold  int
				bytes int64
				files bool
			}{{1 << 20, 0, false}, {1000, 64 << 20, false}, {7, 480 << 10, tt.hosts > 1000}, {40, 0, true}} {
				got, files := spilled(t, packets, m.hold, m.bytes)
				if sameAnswers(t, got, want); files != m.files {
					t.Errorf("hold %d, budget %d: went to files: %v", m.hold, m.bytes, files)
				}
			}
		})
	}
}

// Real captures go the same way.
func TestSpooledOnCaptures(t *testing.T) {
	var captures []string
	for _, pattern := range []string{"testdata/*.pcap", "../../testdata/lab/*.pcap", "../../testdata/lab/*.pcapng"} {
		names, _ := filepath.Glob(pattern)
		captures = append(captures, names...)
	}
	matches := 0
	for _, name := range captures {
		packets := decoded(t, name)
		want := inMemory(packets)
		got, _ := spilled(t, packets, 3, 0)
		if sameAnswers(t, got, want); t.Failed() {
			t.Fatal(name)
		}
		matches += len(want)
	}
	t.Logf("%d captures, %d matches", len(captures), matches)
	if len(captures) < 80 || matches < 1000 {
		t.Errorf("%d captures, %d matches: where are the captures?", len(captures), matches)
	}
}

// What is written is read back, at the borders of every number.
func TestSpooledKeepsNumbers(t *testing.T) {
	request := message{src: "255.255.255.254", dst: "0.0.0.1", id: 0xffff, seq: 0xffff, checksum: 0xf7ff}.packet(1 << 40)
	reply := message{src: "0.0.0.1", dst: "255.255.255.254", id: 0xffff, seq: 0xffff, checksum: 0xffff, reply: true}.packet(1<<40 + 1)
	request.Time, reply.Time = -1<<62, 1<<62-1
	other := message{src: "::ffff:0.0.0.1", dst: "::1"}.packet(2)
	budget, matches := spool.NewBudget(0, t.TempDir()), 0
	s := exchange.NewSpooled(budget, func(place, frame int64, m exchange.Match) {
		matches++
		if place != 1<<41 || frame != 1<<40+1 || m != (exchange.Match{Request: exchange.Request{Frame: 1 << 40, Time: -1 << 62, Place: 1 << 40}, Time: 1<<63 - 1}) {
			t.Errorf("place %d, frame %d: %+v", place, frame, m)
		}
	})
	s.Hold(1)
	for _, step := range []struct {
		p     *ingest.Packet
		place int64
	}{{request, 1 << 40}, {other, 1<<40 + 1}, {reply, 1 << 41}} {
		if err := s.Add(step.p, step.place); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Spilled() {
		t.Fatal("nothing went to files")
	}
	if err := s.Finish(); err != nil || matches != 1 {
		t.Errorf("%d matches, error %v", matches, err)
	}
}

func TestSpooledWithoutPlace(t *testing.T) {
	s := exchange.NewSpooled(spool.NewBudget(0, t.TempDir()+"/missing"), func(int64, int64, exchange.Match) {})
	s.Hold(0)
	if err := s.Add(message{src: "10.0.0.1", dst: "10.0.0.2"}.packet(1), 0); err == nil {
		t.Error("there is no place for files, and nothing is said")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A flood of requests from made-up addresses costs a bounded amount of memory.
func TestSpooledMemory(t *testing.T) {
	const requests, allowed = 1_000_000, 16 << 20
	s := exchange.NewSpooled(spool.NewBudget(allowed, t.TempDir()), func(int64, int64, exchange.Match) { t.Error("a match") })
	p := message{src: "10.0.0.1", dst: "10.0.0.2", payload: "x"}.packet(1)
	before, most := heap(), int64(0)
	for i := range requests {
		p.Number++
		binary.BigEndian.PutUint32(p.Layers[0].Bytes[12:], uint32(i))
		if err := s.Add(p, int64(i)); err != nil {
			t.Fatal(err)
		}
		if i%50_000 == 0 {
			most = max(most, heap()-before)
		}
	}
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB at most", most>>20)
	if most > allowed+8<<20 {
		t.Errorf("%d MiB are held, allowed are %d", most>>20, allowed>>20)
	}
}

func BenchmarkSpooled(b *testing.B) {
	s := exchange.NewSpooled(spool.NewBudget(64<<20, b.TempDir()), func(int64, int64, exchange.Match) {})
	request := message{src: "10.0.0.1", dst: "10.0.0.2", payload: "x", at: time.Second}.packet(1)
	reply := message{src: "10.0.0.2", dst: "10.0.0.1", payload: "x", reply: true}.packet(2)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(request, 0)
		s.Add(reply, 1)
	}
}

// BenchmarkSpooledFlood is requests that nobody answers, beyond the budget: writing, dividing, matching.
func BenchmarkSpooledFlood(b *testing.B) {
	const requests = 1_000_000
	p := message{src: "10.0.0.1", dst: "10.0.0.2", payload: "x"}.packet(1)
	for name, allowed := range map[string]int64{"memory": 1 << 30, "files": 8 << 20} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := exchange.NewSpooled(spool.NewBudget(allowed, b.TempDir()), func(int64, int64, exchange.Match) {})
				for i := range requests {
					p.Number++
					binary.BigEndian.PutUint32(p.Layers[0].Bytes[12:], uint32(i))
					if err := s.Add(p, int64(i)); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Finish(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/requests, "ns/packet")
		})
	}
}
