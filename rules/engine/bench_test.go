package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
)

// enlarged is the builtin pack and copies of it with other constants.
func enlarged(b testing.TB, c *field.Context, times int) *rules.Set {
	b.Helper()
	set, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		b.Fatal(err)
	}
	out := set.Set
	for i := 1; i < times; i++ {
		for _, r := range set.Rules {
			other := *r
			other.Name, other.ID = fmt.Sprintf("%s-%d", r.Name, i), fmt.Sprintf("%s-%d", r.ID, i)
			other.Match = fmt.Sprintf("sift.payload.length == %d && (%s)", 9000+i, r.Match)
			out.Rules = append(out.Rules, &other)
		}
	}
	return &out
}

// packets reads captures as one case.
func packets(b testing.TB, each func(*ingest.Packet), paths ...string) {
	b.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		b.Fatal(err)
	}
	ctx, budget := context.Background(), spool.NewBudget(256<<20, b.TempDir())
	all, err := read.Files(ctx, files, read.Options{Jobs: 1, Budget: budget})
	if err != nil {
		b.Fatal(err)
	}
	defer all.Close()
	line, err := timeline.Build(ctx, all.Extracts, budget)
	if err != nil {
		b.Fatal(err)
	}
	defer line.Close()
	if err := line.Each(ctx, each); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPack sends each packet of captures past the whole pack, and past four of it, often enough to time it.
func BenchmarkPack(b *testing.B) {
	const often = 50
	stock, err := payload.NewTable()
	if err != nil {
		b.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	ordinary, _ := filepath.Glob("../../testdata/lab/ben-*.pcap*")
	mixed, _ := filepath.Glob("../../testdata/lab/*.pcap*")
	for _, set := range []struct {
		name  string
		paths []string
	}{{"ordinary", ordinary}, {"mixed", mixed}} {
		for _, times := range []int{1, 4} {
			b.Run(fmt.Sprintf("%s/%dx", set.name, times), func(b *testing.B) {
				m, err := newMatcher(enlarged(b, c, times), c)
				if err != nil {
					b.Fatal(err)
				}
				var spent time.Duration
				n := 0
				for range b.N {
					packets(b, func(p *ingest.Packet) {
						start := time.Now()
						for range often {
							m.add(p)
						}
						spent += time.Since(start)
						n += often
					}, set.paths...)
				}
				b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/packet")
			})
		}
	}
}

// A packet that no rule matches costs no memory.
func TestNoAllocations(t *testing.T) {
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	m, err := newMatcher(enlarged(t, c, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	packets(t, func(p *ingest.Packet) {
		before := matched(m)
		m.add(p)
		if before != matched(m) {
			return
		}
		seen++
		if n := testing.AllocsPerRun(3, func() { m.add(p) }); n > 0 {
			t.Fatalf("packet %d: %g allocations", p.Case.Number, n)
		}
	}, "../../testdata/lab/ben-vlan30.pcap")
	if seen == 0 {
		t.Error("every packet matched a rule")
	}
}

func matched(m *matcher) (n int64) {
	for _, x := range m.rules {
		n += x.matched
	}
	return n
}
