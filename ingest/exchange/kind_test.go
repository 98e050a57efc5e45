package exchange_test

import (
	"math/rand"
	"testing"
	"time"

	"icmpsift/ingest"
)

// Pairs of every exchange, and what a reply of each has to return.
func TestExchanges(t *testing.T) {
	const a, b, a6, b6 = "10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2"
	const stamps, stamped = "orig\x00\x00\x00\x00\x00\x00\x00\x00", "origrecvsent"
	const clock, info, mask, extended = ingest.TimestampExchange, ingest.InformationExchange, ingest.MaskExchange, ingest.ExtendedExchange
	same, differs, truncated := ingest.Reply{To: 1}, ingest.Reply{To: 1, Differs: true}, ingest.Reply{To: 1, Differs: true, Truncated: true}
	tests := []struct {
		name           string
		kind           ingest.Exchange
		request, reply string
		want           ingest.Reply
	}{
		{"timestamp", clock, stamps, stamped, same},
		{"timestamp, another originate", clock, stamps, "ORIGrecvsent", differs},
		{"timestamp, no originate", clock, stamps, "", differs},
		{"timestamp, half an originate", clock, stamps, "or", differs},
		{"timestamp, data returned", clock, stamps + "data", stamped + "data", same},
		{"timestamp, data left off", clock, stamps + "data", stamped, same},
		{"timestamp, data cut short", clock, stamps + "data", stamped + "da", truncated},
		{"timestamp, data added", clock, stamps, stamped + "data", differs},
		{"timestamp, other data", clock, stamps + "data", stamped + "DATA", differs},
		{"timestamp, no room for stamps", clock, "orig", "orig", same},
		{"information", info, "", "", same},
		{"information, data added", info, "", "data", differs},
		{"information, data left off", info, "data", "", same},
		{"mask", mask, "\x00\x00\x00\x00", "\xff\xff\xff\x00", same},
		{"mask, data added", mask, "\x00\x00\x00\x00", "\xff\xff\xff\x00data", differs},
		{"extended echo, as RFC 8335 has it", extended, "\x20\x00\x00\x00\x00\x08\x03\x01eth0", "", same},
		{"extended echo, as Linux has it", extended, "\x20\x00\x00\x00\x00\x08\x03\x01eth0", "\x20\x00\x00\x00\x00\x08\x03\x01eth0", same},
		{"extended echo, other data", extended, "\x20\x00\x00\x00\x00\x08\x03\x01eth0", "\x20\x00\x00\x00\x00\x08\x03\x01eth1", differs},
		{"echo", ingest.EchoExchange, "data", "data", same},
		{"echo, data left off", ingest.EchoExchange, "data", "", differs},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ask := message{src: a, dst: b, id: 1, seq: 0x0200, kind: tt.kind, payload: tt.request}
			answer := message{src: b, dst: a, id: 1, seq: 0x0200, kind: tt.kind, payload: tt.reply, reply: true, flags: 0x42}
			got, _ := paired(t, 100, ask, answer)
			if got[2] != tt.want || got[1] != (ingest.Reply{In: 2, Count: 1}) {
				t.Errorf("request %+v, reply %+v, want %+v", got[1], got[2], tt.want)
			}
		})
	}
	t.Run("extended echo, IPv6", func(t *testing.T) {
		got, _ := paired(t, 100, message{src: a6, dst: b6, kind: extended, flags: 1}, message{src: b6, dst: a6, kind: extended, flags: 0x44, reply: true})
		if got[2] != same {
			t.Errorf("%+v", got)
		}
	})
	t.Run("kinds do not mix", func(t *testing.T) {
		for x := ingest.EchoExchange; x < ingest.Exchanges; x++ {
			for y := ingest.EchoExchange; y < ingest.Exchanges; y++ {
				got, _ := paired(t, 100, message{src: a, dst: b, kind: x}, message{src: b, dst: a, kind: y, reply: true})
				if paired := got[2].To == 1; paired != (x == y) || got[2].Unsolicited == paired || got[1].Unanswered == paired {
					t.Errorf("%v and %v: %+v", x, y, got)
				}
			}
		}
	})
}

// Of several replies to one request each says whether it is like one before.
func TestUnlike(t *testing.T) {
	const a, b = "10.0.0.1", "10.0.0.2"
	messages := []message{{src: a, dst: b, payload: "x"}}
	for _, payload := range []string{"x", "x", "y", "z", "y", "x", "xx"} {
		messages = append(messages, message{src: b, dst: a, payload: payload, reply: true})
	}
	messages = append(messages, message{src: b, dst: a, payload: "x", reply: true, code: 1})
	got, _ := paired(t, 100, messages...)
	for i, want := range []bool{false, false, true, true, false, false, true, true} {
		if r := got[int64(i+2)]; r.Unlike != want || r.Extra != i {
			t.Errorf("reply %d: %+v, unlike the others: want %v", i+1, r, want)
		}
	}
	if got[1].Count != 8 {
		t.Errorf("%d replies are counted", got[1].Count)
	}
	clock := message{src: b, dst: a, kind: ingest.TimestampExchange, payload: "origrecvsent", reply: true}
	later := clock
	later.payload = "origlater---"
	got, _ = paired(t, 100, message{src: a, dst: b, kind: ingest.TimestampExchange, payload: "orig"}, clock, later)
	if r := got[3]; r.Differs || !r.Unlike {
		t.Errorf("another time of day: %+v", r)
	}
}

// What holds of every run of messages, whatever they are.
func TestCaseHolds(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	for range 200 {
		var messages []message
		hosts, at := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.255"}, time.Duration(0)
		for range 200 {
			at += time.Duration(rnd.Int63n(int64(4 * time.Second)))
			messages = append(messages, message{at: at, src: hosts[rnd.Intn(3)], dst: hosts[rnd.Intn(4)], id: uint16(rnd.Intn(2)), kind: ingest.Exchange(1 + rnd.Intn(5)),
				reply: rnd.Intn(2) == 0, payload: "abcdabcdabcdabcd"[:rnd.Intn(16)]})
		}
		got, _ := paired(t, 1000, messages...)
		replies := map[int64]int{}
		for n, r := range got {
			m := messages[n-1]
			switch {
			case !m.reply && (r.To != 0 || r.Unsolicited || r.Differs || r.Unlike || r.Unanswered == (r.In != 0) || (r.In != 0) != (r.Count > 0)):
				t.Fatalf("request %d: %+v", n, r)
			case m.reply && (r.In != 0 || r.Unanswered || r.Unsolicited == (r.To != 0) || r.Truncated && !r.Differs || r.Unlike && r.Extra == 0):
				t.Fatalf("reply %d: %+v", n, r)
			case m.reply && r.To != 0:
				replies[r.To]++
				if q := messages[r.To-1]; q.reply || q.kind != m.kind || q.id != m.id || q.src != m.dst || m.at-q.at != time.Duration(r.Time) || r.To >= n {
					t.Fatalf("reply %d, %+v, to %+v: %+v", n, m, q, r)
				}
			}
		}
		for n, count := range replies {
			if got[n].Count != count || got[got[n].In].To != n || got[got[n].In].Extra != 0 {
				t.Fatalf("request %d has %d replies: %+v", n, count, got[n])
			}
		}
	}
}
