package timeline_test

import (
	"context"
	"testing"
	"time"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
)

// A clock that the analyst sets is moved before captures are compared, and those that share packets with it follow it.
func TestClockShift(t *testing.T) {
	original := frames(t, lab+"ben-ping4-sizes.pcap")
	later, start := make([]record, len(original)), packets(t, build(t, 64<<20, write(t, "a.pcap", original)))[0].Time
	for i, r := range original {
		later[i] = record{r.at + time.Hour, r.data}
	}
	for name, tt := range map[string]struct {
		a, b, first, estimatedA, estimatedB time.Duration // first: less the original's
	}{
		"none":          {first: 0, estimatedB: time.Hour},
		"b is right":    {b: -time.Hour},
		"b leads":       {b: 30 * time.Minute, first: 90 * time.Minute, estimatedA: -90 * time.Minute},
		"a leads":       {a: -time.Minute, first: -time.Minute, estimatedB: time.Hour + time.Minute},
		"both were set": {a: time.Minute, b: -time.Hour, first: time.Minute, estimatedB: -time.Minute},
	} {
		files, err := evidence.Walk([]string{write(t, "a.pcap", original), write(t, "b.pcap", later)})
		if err != nil {
			t.Fatal(err)
		}
		budget := spool.NewBudget(64<<20, t.TempDir())
		c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		c.Ledger[0].ClockShift, c.Ledger[1].ClockShift = int64(tt.a), int64(tt.b)
		line, err := timeline.Build(context.Background(), c.Extracts, budget)
		if err != nil {
			t.Fatal(err)
		}
		all := packets(t, line)
		if first := all[0].Time - start; first != int64(tt.first) || line.Stats().Copies*2 != int64(len(all)) {
			t.Errorf("%s: begins at %v, want %v; %d copies of %d", name, time.Duration(first), tt.first, line.Stats().Copies, len(all))
		}
		for i, want := range []time.Duration{tt.estimatedA, tt.estimatedB} {
			if got := c.Ledger[i].Estimated(); got != int64(want) {
				t.Errorf("%s: file %d is ahead by %v, want %v", name, i, time.Duration(got), want)
			}
		}
		line.Close()
		c.Close()
	}
}
