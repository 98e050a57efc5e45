package exchange_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
)

// tell is what file scope says of a frame, in the words of the recorded answers.
type tell struct{ in, to, none, time string }

// links works out file scope of packets in file order.
func links(packets []*ingest.Packet) map[int64]tell {
	var x exchange.File
	out := map[int64]tell{}
	for i, p := range packets {
		out[p.Number] = tell{"-", "-", "-", "-"}
		if request, _ := p.Echo(); request && exchange.Matchable(p) && exchange.Unicast(p.Dst()) {
			out[p.Number] = tell{"-", "-", "1", "-"}
		}
		if m, ok := x.Add(p, int64(i)); ok {
			request := packets[m.Request.Place]
			if request.Number != m.Request.Frame || request.Time != m.Request.Time {
				panic("place, frame and time of a request disagree")
			}
			out[request.Number] = tell{fmt.Sprint(p.Number), "-", "-", "-"}
			out[p.Number] = tell{"-", fmt.Sprint(m.Request.Frame), "-", strconv.FormatFloat(float64(m.Time)/1e6, 'f', -1, 64)}
		}
	}
	return out
}

func decoded(t *testing.T, name string) (out []*ingest.Packet) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := decode.New(decode.Options{})
	for {
		frame, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var p ingest.Packet
		d.Decode(frame, &p)
		out = append(out, p.Clone())
	}
}

// The captures hold every case that is known to matter; the answers are tshark's, recorded.
func TestFileIsWiresharks(t *testing.T) {
	for _, name := range []string{"echo4", "echo6", "tunnel", "route6", "short"} {
		t.Run(name, func(t *testing.T) {
			recorded, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			got, rows := links(decoded(t, "testdata/"+name+".pcap")), 0
			for line := range strings.Lines(string(recorded)) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				var n int64
				var want tell
				if _, err := fmt.Sscan(line, &n, &want.in, &want.to, &want.none, &want.time); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				if rows++; got[n] != want {
					t.Errorf("frame %d: %v, tshark says %v", n, got[n], want)
				}
			}
			if rows != len(got) || rows < 19 {
				t.Errorf("%d frames, %d recorded", len(got), rows)
			}
		})
	}
}

// Cases that the captures lack.
func TestFile(t *testing.T) {
	const a, b, a6, b6 = "10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2"
	request, reply := message{src: a, dst: b, id: 1, seq: 1, payload: "same"}, message{src: b, dst: a, reply: true, id: 1, seq: 1, payload: "same"}
	change := func(m message, f func(*message)) message { f(&m); return m }
	both6 := func(m *message) {
		m.src, m.dst = strings.NewReplacer(a, a6, b, b6).Replace(m.src), strings.NewReplacer(a, a6, b, b6).Replace(m.dst)
	}
	tests := []struct {
		name     string
		messages []message
		matched  bool
	}{
		{"plain", []message{request, reply}, true},
		{"reply inside UDP", []message{request, change(reply, func(m *message) { m.tunnel = true })}, false},
		{"both inside UDP", []message{change(request, func(m *message) { m.tunnel = true }), change(reply, func(m *message) { m.tunnel = true })}, true},
		{"cut by snaplen", []message{change(request, func(m *message) { m.captured = 8 }), change(reply, func(m *message) { m.captured = 9 })}, true},
		{"cut inside the header", []message{change(request, func(m *message) { m.captured = 7 }), reply}, false},
		{"another sequence number", []message{request, change(reply, func(m *message) { m.seq = 2 })}, false},
		{"ICMP over IPv6", []message{change(request, func(m *message) { both6(m); m.wrapped = true }), change(reply, func(m *message) { both6(m); m.wrapped = true })}, true},
		{"ICMPv6 over IPv4", []message{change(request, func(m *message) { m.wrapped = true }), change(reply, func(m *message) { m.wrapped = true })}, true},
		{"ICMP and ICMPv6", []message{request, change(reply, func(m *message) { m.wrapped = true })}, false},
		{"IPv4 and what embeds it", []message{request, change(reply, func(m *message) { m.src, m.dst, m.wrapped = "::ffff:"+b, "::ffff:"+a, true })}, false},
		{"sum of ffff", []message{change(request, func(m *message) { m.checksum = 0xf7ff }), change(reply, func(m *message) { m.checksum = 0xffff })}, true},
		{"sum with carry", []message{change(request, func(m *message) { m.checksum = 0xf900 }), change(reply, func(m *message) { m.checksum = 0x0101 })}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var packets []*ingest.Packet
			for i, m := range tt.messages {
				packets = append(packets, m.packet(int64(i+1)))
			}
			if got := links(packets)[2].to == "1"; got != tt.matched {
				t.Errorf("matched: %v", got)
			}
		})
	}
}

// A frame that Wireshark does not show takes no part.
func TestFileSalvaged(t *testing.T) {
	request := message{src: "10.0.0.1", dst: "10.0.0.2"}.packet(1)
	request.Salvaged = true
	reply := message{src: "10.0.0.2", dst: "10.0.0.1", reply: true}.packet(2)
	if got := links([]*ingest.Packet{request, reply}); got[1].none != "-" || got[2].to != "-" {
		t.Errorf("got %v", got)
	}
}

// Open requests are kept for ever: they must not cost much.
func TestFileMemory(t *testing.T) {
	const requests = 1_000_000
	var x exchange.File
	p := message{src: "10.0.0.1", dst: "10.0.0.2", payload: "x"}.packet(1)
	before := heap()
	for i := range requests {
		b := p.Layers[1].Bytes
		b[2], b[4], b[5], b[6], b[7] = byte(i>>24), byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
		x.Add(p, int64(i))
	}
	each := float64(heap()-before) / requests
	t.Logf("%.0f bytes for each open request", each)
	if each > 200 {
		t.Errorf("%.0f bytes for each open request, want at most 200", each)
	}
	runtime.KeepAlive(&x)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkFile(b *testing.B) {
	var x exchange.File
	request := message{src: "10.0.0.1", dst: "10.0.0.2", payload: "x", at: time.Second}.packet(1)
	reply := message{src: "10.0.0.2", dst: "10.0.0.1", payload: "x", reply: true}.packet(2)
	b.ReportAllocs()
	for b.Loop() {
		x.Add(request, 0)
		if _, ok := x.Add(reply, 1); !ok {
			b.Fatal("not matched")
		}
	}
}
