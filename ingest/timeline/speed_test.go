package timeline_test

import (
	"context"
	"encoding/binary"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/extract"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
)

func budget(t testing.TB) *spool.Budget { return spool.NewBudget(256<<20, t.TempDir()) }

// template is an echo request in an Ethernet frame.
func template() *ingest.Packet {
	b := make([]byte, 14+20+8+56)
	b[12], b[14], b[22], b[23] = 8, 0x45, 64, 1
	binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
	copy(b[26:], "\x0a\x00\x00\x01\x0a\x00\x00\x02\x08")
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&ingest.Frame{Link: ingest.LinkEthernet, Wire: len(b), Data: b}, &p)
	return &p
}

// pings makes every second packet the reply to the one before.
func pings(i int64, p *ingest.Packet) {
	binary.BigEndian.PutUint32(p.Data[38:], uint32(i/2)) // identifier and sequence number
	p.Data[34] = 8
	copy(p.Data[26:], "\x0a\x00\x00\x01\x0a\x00\x00\x02")
	if i%2 == 1 {
		p.Data[34] = 0
		copy(p.Data[26:], "\x0a\x00\x00\x02\x0a\x00\x00\x01")
	}
}

// captured is an extract in memory.
func captured(b *testing.B, id int, count int64, budget *spool.Budget) *extract.Extract {
	b.Helper()
	w := extract.NewWriter(budget)
	p := template()
	for i := range count {
		p.Number, p.Time = i+1, i*100_000
		pings(i, p)
		if err := w.Add(p); err != nil {
			b.Fatal(err)
		}
	}
	x := w.Done(ingest.Evidence{ID: id, Last: count * 100_000})
	b.Cleanup(func() { x.Close() })
	return x
}

const benchPackets = 200_000

func benchCase(b *testing.B, files int) []ingest.Extract {
	budget := spool.NewBudget(1<<30, b.TempDir())
	var out []ingest.Extract
	for i := range files {
		out = append(out, captured(b, i, benchPackets/int64(files), budget))
	}
	return out
}

func rate(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchPackets/b.Elapsed().Seconds(), "packets/s")
}

func BenchmarkBuild(b *testing.B) {
	for name, files := range map[string]int{"one file": 1, "two sensors": 2} {
		b.Run(name, func(b *testing.B) {
			extracts := benchCase(b, files)
			b.ReportAllocs()
			for b.Loop() {
				line, err := timeline.Build(context.Background(), extracts, budget(b))
				if err != nil {
					b.Fatal(err)
				}
				if s := line.Stats(); s.Packets != benchPackets/int64(files) {
					b.Fatalf("%+v", s)
				}
				line.Close()
			}
			rate(b)
		})
	}
}

func BenchmarkEach(b *testing.B) {
	line, err := timeline.Build(context.Background(), benchCase(b, 1), budget(b))
	if err != nil {
		b.Fatal(err)
	}
	defer line.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := line.Each(context.Background(), func(*ingest.Packet) {}); err != nil {
			b.Fatal(err)
		}
	}
	rate(b)
}
