package listing

import (
	"context"
	"io"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
)

// BenchmarkPrint prints echo messages; an operation is one packet.
func BenchmarkPrint(b *testing.B) {
	c := &field.Context{}
	packets := kept(b, "../../testdata/lab/atk-flood.pcapng.zst", 1000)
	rows, err := Choose(c, []string{"frame.number", "ip.src", "ip.dst", "icmp.type", "icmp.ident", "icmp.seq"})
	if err != nil {
		b.Fatal(err)
	}
	for name, p := range map[string]Printer{
		"text": NewText(io.Discard, c), "fields": NewFields(io.Discard, rows, Options{}),
		"json": NewJSON(io.Discard, c, Forms{}), "ek": NewEK(io.Discard, c, Forms{}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Packet(packets[i%len(packets)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// kept reads the first packets of a capture.
func kept(b *testing.B, path string, n int) (out []*ingest.Packet) {
	b.Helper()
	files, err := evidence.Walk([]string{path})
	if err != nil {
		b.Fatal(err)
	}
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, b.TempDir())})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	r, err := c.Extracts[0].Open()
	if err != nil {
		b.Fatal(err)
	}
	for len(out) < n {
		p, err := r.Next()
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, p.Clone())
	}
	return out
}
