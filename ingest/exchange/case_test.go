package exchange_test

import (
	"math"
	"math/rand"
	"runtime"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/spool"
)

// long is a recording that began long before every packet.
func long(int) exchange.Recording { return exchange.Recording{Start: -int64(time.Hour)} }

// paired works out case scope of messages in order of time.
func paired(t *testing.T, limit int, messages ...message) (map[int64]ingest.Reply, int64) {
	t.Helper()
	var packets []*ingest.Packet
	for i, m := range messages {
		packets = append(packets, m.packet(int64(i+1)))
	}
	return told(t, limit, long, packets)
}

// told works out case scope of packets in order.
func told(t *testing.T, limit int, recording func(int) exchange.Recording, packets []*ingest.Packet) (map[int64]ingest.Reply, int64) {
	t.Helper()
	facts := exchange.NewFacts(spool.NewBudget(0, t.TempDir()))
	defer facts.Close()
	c := exchange.NewCase(limit, recording, facts)
	for _, p := range packets {
		c.Add(p)
	}
	out := map[int64]ingest.Reply{}
	for _, p := range packets {
		out[p.Case.Number] = facts.Of(p)
	}
	if facts.Err() != nil {
		t.Fatal(facts.Err())
	}
	return out, c.Evicted()
}

func TestCase(t *testing.T) {
	const a, b, c, ms = "10.0.0.1", "10.0.0.2", "10.0.0.3", time.Millisecond
	ask := func(at time.Duration, dst, payload string) message {
		return message{at: at, src: a, dst: dst, id: 1, seq: 1, payload: payload}
	}
	answer := func(at time.Duration, src, payload string) message {
		return message{at: at, src: src, dst: a, reply: true, id: 1, seq: 1, payload: payload}
	}
	cut := func(m message, captured int) message { m.captured = captured; return m }
	const six, six2, all6 = "2001:db8::1", "2001:db8::2", "ff02::1"
	type replies map[int64]ingest.Reply
	tests := []struct {
		name     string
		messages []message
		want     replies
	}{
		{"answered", []message{ask(0, b, "same"), answer(ms, b, "same")},
			replies{1: {In: 2, Time: int64(ms), Count: 1}, 2: {To: 1, Time: int64(ms)}}},
		{"differs", []message{ask(0, b, "ls -l"), answer(ms, b, "total")},
			replies{1: {In: 2, Time: int64(ms), Count: 1}, 2: {To: 1, Time: int64(ms), Differs: true}}},
		{"truncated", []message{ask(0, b, "long text"), answer(0, b, "long")},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, Differs: true, Truncated: true}}},
		{"longer", []message{ask(0, b, "long"), answer(0, b, "long text")},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, Differs: true}}},
		{"unasked", []message{ask(0, b, ""), answer(0, b, "whoami"), answer(0, b, "")},
			replies{1: {In: 2, Count: 2}, 2: {To: 1, Differs: true, Unasked: true}, 3: {To: 1, Extra: 1, Unlike: true}}},
		{"returns nothing", []message{ask(0, b, "text"), answer(0, b, "")},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, Differs: true}}},
		{"cut by snaplen, same as far as it goes", []message{ask(0, b, "long text"), cut(answer(0, b, "long text"), 10)},
			replies{1: {In: 2, Count: 1}, 2: {To: 1}}},
		{"cut by snaplen, differs before", []message{cut(ask(0, b, "long text"), 10), answer(0, b, "Long text")},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, Differs: true}}},
		{"cut by snaplen, another length", []message{cut(ask(0, b, "long text"), 8), answer(0, b, "long texts")},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, Differs: true}}},
		{"cut inside the header", []message{cut(ask(0, b, "text"), 6), answer(0, b, "text")},
			replies{1: {Unanswered: true}, 2: {Unsolicited: true}}},
		{"several replies", []message{ask(0, b, "x"), answer(0, b, "x"), answer(0, b, "y"), answer(0, b, "x")},
			replies{1: {In: 2, Count: 3}, 2: {To: 1}, 3: {To: 1, Differs: true, Unlike: true, Extra: 1}, 4: {To: 1, Extra: 2}}},
		{"unsolicited", []message{answer(0, b, "x")}, replies{1: {Unsolicited: true}}},
		{"reply before request", []message{answer(0, b, "x"), ask(ms, b, "x")}, replies{1: {Unsolicited: true}, 2: {Unanswered: true}}},
		{"unanswered", []message{ask(0, b, "x")}, replies{1: {Unanswered: true}}},
		{"from another host", []message{ask(0, b, "x"), answer(0, c, "x")}, replies{1: {Unanswered: true}, 2: {Unsolicited: true}}},
		{"the latest request", []message{ask(0, b, "x"), ask(0, b, "y"), answer(0, b, "y")},
			replies{1: {Unanswered: true}, 2: {In: 3, Count: 1}, 3: {To: 2}}},
		{"under one number, each answered late", []message{ask(0, b, "x"), ask(0, b, "y"), ask(0, b, "z"), answer(ms, b, "x"), answer(ms, b, "y"), answer(ms, b, "z")},
			replies{1: {In: 4, Count: 1, Time: int64(ms)}, 2: {In: 5, Count: 1, Time: int64(ms)}, 3: {In: 6, Count: 1, Time: int64(ms)},
				4: {To: 1, Time: int64(ms)}, 5: {To: 2, Time: int64(ms)}, 6: {To: 3, Time: int64(ms)}}},
		{"what none of them said answers the latest", []message{ask(0, b, "x"), ask(0, b, "y"), answer(0, b, "z")},
			replies{1: {Unanswered: true}, 2: {In: 3, Count: 1}, 3: {To: 2, Differs: true}}},
		{"one of them is answered once", []message{ask(0, b, "x"), ask(0, b, "y"), answer(0, b, "x"), answer(0, b, "x")},
			replies{1: {In: 3, Count: 1}, 2: {In: 4, Count: 1}, 3: {To: 1}, 4: {To: 2, Differs: true}}},
		{"one of them is too old", []message{ask(0, b, "x"), ask(time.Minute, b, "y"), answer(time.Minute+1, b, "x")},
			replies{1: {Unanswered: true}, 2: {In: 3, Count: 1, Time: 1}, 3: {To: 2, Time: 1, Differs: true}}},
		{"just in time", []message{ask(0, b, "x"), answer(exchange.Expiry, b, "x")},
			replies{1: {In: 2, Time: int64(exchange.Expiry), Count: 1}, 2: {To: 1, Time: int64(exchange.Expiry)}}},
		{"too late", []message{ask(0, b, "x"), answer(exchange.Expiry+1, b, "x")}, replies{1: {Unanswered: true}, 2: {Unsolicited: true}}},
		{"a little early by the clock", []message{ask(ms, b, "x"), answer(0, b, "x")},
			replies{1: {In: 2, Time: -int64(ms), Count: 1}, 2: {To: 1, Time: -int64(ms)}}},
		{"far too early", []message{ask(time.Hour, b, "x"), answer(0, b, "x")}, replies{1: {Unanswered: true}, 2: {Unsolicited: true}}},
		{"limited broadcast", []message{ask(0, "255.255.255.255", "x"), answer(0, b, "x"), answer(0, c, "x")},
			replies{1: {In: 2, Count: 2}, 2: {To: 1, Group: true}, 3: {To: 1, Group: true, Extra: 1}}},
		{"directed broadcast", []message{ask(0, "10.0.0.255", "x"), answer(0, b, "x")}, replies{1: {In: 2, Count: 1}, 2: {To: 1, Group: true}}},
		{"multicast", []message{ask(0, "224.0.0.1", "x"), answer(0, b, "x")}, replies{1: {In: 2, Count: 1}, 2: {To: 1, Group: true}}},
		{"multicast, IPv6", []message{{src: six, dst: all6}, {src: six2, dst: six, reply: true}}, replies{1: {In: 2, Count: 1}, 2: {To: 1, Group: true}}},
		{"its own request goes before one to many", []message{ask(0, b, "x"), ask(0, "224.0.0.1", "x"), answer(0, b, "x"), answer(0, c, "x")},
			replies{1: {In: 3, Count: 1}, 2: {In: 4, Count: 1}, 3: {To: 1}, 4: {To: 2, Group: true}}},
		{"reply to all", []message{{src: "0.0.0.0", dst: b}, {src: b, dst: "255.255.255.255", reply: true}},
			replies{1: {Unanswered: true}, 2: {Unsolicited: true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, evicted := paired(t, 100, tt.messages...)
			for n, want := range tt.want {
				if got[n] != want {
					t.Errorf("message %d: %+v, want %+v", n, got[n], want)
				}
			}
			if len(got) != len(tt.want) || evicted != 0 {
				t.Errorf("%d messages, %d evicted", len(got), evicted)
			}
		})
	}
}

// A request that was given up is neither answered nor unanswered, and its reply not unsolicited: nobody knows.
func TestCaseEviction(t *testing.T) {
	ask := func(seq uint16, payload string) message {
		return message{src: "10.0.0.1", dst: "10.0.0.2", seq: seq, payload: payload}
	}
	answer := func(seq uint16, payload string) message {
		return message{src: "10.0.0.2", dst: "10.0.0.1", seq: seq, payload: payload, reply: true}
	}
	got, evicted := paired(t, 2, ask(1, ""), ask(2, ""), ask(3, ""), answer(1, ""), answer(2, ""), answer(3, ""))
	want := []ingest.Reply{{}, {In: 5, Count: 1}, {In: 6, Count: 1}, {}, {To: 2}, {To: 3}}
	for i, w := range want {
		if got[int64(i+1)] != w {
			t.Errorf("message %d: %+v, want %+v", i+1, got[int64(i+1)], w)
		}
	}
	if evicted != 1+4 {
		t.Errorf("%d evicted, want a request and four of the messages that an error might quote", evicted)
	}
	late := answer(1, "")
	late.at = exchange.Expiry + 1
	if got, _ := paired(t, 1, ask(1, ""), ask(2, ""), late); !got[3].Unsolicited {
		t.Errorf("after the request would have expired: %+v", got[3])
	}
	// A request that a later one replaced counts only as what an error might quote.
	if _, evicted := paired(t, 1, ask(1, ""), ask(1, "")); evicted != 1 {
		t.Errorf("%d evicted, want 1", evicted)
	}
	if got, evicted := paired(t, 0, ask(1, ""), answer(1, "")); evicted != 1+2 || got[1].Unanswered || got[2].Unsolicited {
		t.Errorf("no room at all: %+v, %d evicted", got, evicted)
	}
}

func TestCaseBytes(t *testing.T) {
	large := strings.Repeat("x", 65000)
	c := exchange.NewCase(1<<20, long, exchange.NewFacts(spool.NewBudget(1<<20, t.TempDir())))
	const requests = 2000 // 130 MB
	p := message{src: "10.0.0.1", dst: "10.0.0.2", payload: large}.packet(1)
	before := heap()
	for i := range requests {
		p.Case.Number = int64(i + 1)
		p.Layers[1].Bytes[6], p.Layers[1].Bytes[7] = byte(i>>8), byte(i)
		c.Add(p)
	}
	if held := heap() - before; held > 32<<20 {
		t.Errorf("%d MiB are held", held>>20)
	}
	if kept := int64(requests) - c.Evicted(); kept != 24<<20/65000 {
		t.Errorf("%d requests are kept, want %d", kept, 24<<20/65000)
	}
	p.Case.Time = int64(2 * exchange.Expiry) // all expire
	c.Add(p)
	if held := heap() - before; held > 2<<20 {
		t.Errorf("%d KiB are held when all have expired", held>>10)
	}
}

func TestFacts(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	maybe := func() bool { return rnd.Intn(2) == 0 }
	request, reply, fault := message{src: "10.0.0.1", dst: "10.0.0.2"}.packet(1), message{src: "10.0.0.1", dst: "10.0.0.2", reply: true}.packet(2), message{src: "10.0.0.1", dst: "10.0.0.2"}.packet(3)
	fault.Message().Bytes[0] = 3
	facts := exchange.NewFacts(spool.NewBudget(1<<20, t.TempDir()))
	defer facts.Close()
	if facts.Of(request) != (ingest.Reply{Unanswered: true}) || facts.Of(reply) != (ingest.Reply{}) || facts.Of(fault) != (ingest.Reply{}) {
		t.Error("nothing told: only a request is unanswered")
	}
	number := func() int64 { return 1 + rnd.Int63n(1<<37-1)>>uint(rnd.Intn(37)) }
	for range 100_000 {
		by, failed, time := number(), maybe(), rnd.Int63()-rnd.Int63()
		facts.Accuse(1, by, failed)
		facts.Accuse(2, by, failed)
		for p, r := range map[*ingest.Packet]ingest.Reply{
			request: {In: number(), Time: time, Count: 1 + rnd.Intn(1<<16-1), ErrorIn: by},
			reply:   {To: number(), Time: time, Differs: maybe(), Truncated: maybe(), Group: maybe(), Unlike: maybe(), Unasked: maybe(), Extra: rnd.Intn(1 << 16), ErrorIn: by},
			fault:   {ErrorTo: number(), Time: time},
		} {
			if facts.Put(p.Case.Number, r); facts.Of(p) != r {
				t.Fatalf("told %+v, read %+v", r, facts.Of(p))
			}
		}
	}
	for p, r := range map[*ingest.Packet]ingest.Reply{request: {ErrorIn: 7}, reply: {Unsolicited: true, ErrorIn: 7}, fault: {Unseen: true}} {
		facts.Accuse(1, 7, true)
		facts.Accuse(2, 7, false)
		if facts.Put(p.Case.Number, r); facts.Of(p) != r {
			t.Errorf("told %+v, read %+v", r, facts.Of(p))
		}
	}
	if facts.Put(2, ingest.Reply{To: 1, Extra: math.MaxInt32}); facts.Of(reply).Extra != 65535 {
		t.Error("too large an Extra is not cut to 65,535")
	}
}

func BenchmarkCase(b *testing.B) {
	facts := exchange.NewFacts(spool.NewBudget(64<<20, b.TempDir()))
	c := exchange.NewCase(500_000, long, facts)
	request := message{src: "10.0.0.1", dst: "10.0.0.2", payload: strings.Repeat("x", 56)}.packet(1)
	reply := message{src: "10.0.0.2", dst: "10.0.0.1", payload: strings.Repeat("x", 56), reply: true}.packet(2)
	b.ReportAllocs()
	for b.Loop() {
		request.Case.Time += int64(time.Millisecond)
		c.Add(request)
		reply.Case.Time = request.Case.Time
		c.Add(reply)
	}
}

// What is held has bounds, whoever sends: requests that wait, and messages that an error may quote.
func TestCaseMemory(t *testing.T) {
	const limit = 100_000
	facts := exchange.NewFacts(spool.NewBudget(0, t.TempDir()))
	defer facts.Close()
	c := exchange.NewCase(limit, long, facts)
	p := message{src: "10.0.0.1", dst: "10.0.0.2"}.packet(1)
	before := heap()
	for i := range 4 * limit {
		p.Case.Number++
		p.Layers[0].Bytes[13], p.Layers[0].Bytes[14], p.Layers[0].Bytes[15] = byte(i>>16), byte(i>>8), byte(i)
		c.Add(p)
	}
	held := heap() - before
	t.Logf("%d bytes for each request of the limit", held/limit)
	if held > 600*limit {
		t.Errorf("%d MiB are held", held>>20)
	}
	if c.Evicted() != 3*limit+3*limit {
		t.Errorf("%d evicted", c.Evicted())
	}
	runtime.KeepAlive(c)
}
