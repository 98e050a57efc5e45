package exchange_test

import (
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/spool"
)

// FuzzCase takes two frames, the second one twice, and checks that what is told of them is possible.
func FuzzCase(f *testing.F) {
	request := datagram{src: "10.0.0.1", dst: "10.0.0.2", message: ping(8, 1, 1, "data")}
	request6 := datagram{src: "2001:db8::1", dst: "2001:db8::2", message: ping(128, 1, 1, "data")}
	f.Add(request.bytes(), datagram{src: "10.0.0.2", dst: "10.0.0.1", message: ping(0, 1, 1, "data")}.bytes())
	f.Add(request.bytes(), datagram{src: "10.0.0.9", dst: "10.0.0.1", message: complain(3, 1, request.bytes())}.bytes())
	f.Add(request6.bytes(), datagram{src: "2001:db8::9", dst: "2001:db8::1", message: complain(1, 1, request6.bytes())}.bytes())
	f.Add(datagram{src: "10.0.0.1", dst: "10.0.0.2", message: ping(13, 1, 1, "originate...")}.bytes(),
		datagram{src: "10.0.0.2", dst: "10.0.0.1", message: ping(14, 1, 1, "originate...")}.bytes())
	facts := exchange.NewFacts(spool.NewBudget(1<<20, f.TempDir()))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		c := exchange.NewCase(2, long, facts)
		s := exchange.NewSpooled(spool.NewBudget(0, ""), func(int64, int64, exchange.Match) {})
		var d [3]*ingest.Packet
		for i, data := range [][]byte{a, b, b} {
			var p ingest.Packet
			decode.New(decode.Options{}).Decode(&ingest.Frame{Number: int64(i + 1), Link: ingest.LinkRaw, Wire: len(data), Data: data}, &p)
			p.Case = ingest.Case{Number: int64(i + 1), Time: int64(i) * int64(time.Second)}
			d[i] = p.Clone()
			facts.Put(p.Case.Number, ingest.Reply{})
			c.Add(d[i])
			if err := s.Add(d[i], int64(i)); err != nil {
				t.Fatal(err)
			}
		}
		for i, p := range d {
			r := facts.Of(p)
			x, request := p.Exchange()
			if r.To > 3 || r.In > 3 || r.ErrorTo > 3 || r.ErrorIn > 3 || x == ingest.NoExchange && (r.To != 0 || r.In != 0) || request && r.To != 0 || r.To == int64(i+1) {
				t.Errorf("packet %d: %+v", i+1, r)
			}
		}
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
	})
}
