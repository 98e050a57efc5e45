package timeline_test

import (
	"context"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
)

// What a limit does not let through is not read any more; what it lets through keeps its number and its partner.
func TestLimit(t *testing.T) {
	const name = lab + "ben-ping4-sizes.pcap"
	whole := build(t, 64<<20, name)
	all := packets(t, whole)
	at := func(i int) *time.Time { x := time.Unix(0, all[i].Time).UTC(); return &x }
	reply := func(p *ingest.Packet) bool { _, r := p.Echo(); return r }
	for what, tt := range map[string]struct {
		limit timeline.Limit
		wants func(i int, c ingest.Case, reply bool) bool
	}{
		"from is within, to is not": {timeline.Limit{From: at(4), To: at(9)}, func(i int, c ingest.Case, _ bool) bool { return c.Time >= all[4].Time && c.Time < all[9].Time }},
		"a filter":                  {timeline.Limit{Passes: reply}, func(_ int, _ ingest.Case, r bool) bool { return r }},
		"everything":                {timeline.Limit{From: at(0)}, func(int, ingest.Case, bool) bool { return true }},
		"nothing":                   {timeline.Limit{To: at(0)}, func(int, ingest.Case, bool) bool { return false }},
	} {
		line := build(t, 64<<20, name)
		if err := line.Limit(context.Background(), tt.limit); err != nil {
			t.Fatal(err)
		}
		var want []ingest.Case
		for i, c := range all {
			if tt.wants(i, c, c.Reply.To != 0) {
				want = append(want, c)
			}
		}
		got := packets(t, line)
		if len(got) != len(want) || line.Stats().Outside != int64(len(all)-len(want)) {
			t.Fatalf("%s: %d packets and %d outside, want %d of %d", what, len(got), line.Stats().Outside, len(want), len(all))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %+v, want %+v", what, got[i], want[i])
			}
		}
	}
}

// A packet stands or falls with its first sighting; a further one that does not pass is dropped alone.
func TestLimitSightings(t *testing.T) {
	paths := []string{write(t, "a.pcap", frames(t, lab+"ben-ping4-sizes.pcap")), write(t, "b.pcap", frames(t, lab+"ben-ping4-sizes.pcap")[:10])}
	from := func(evidence int) timeline.Limit {
		return timeline.Limit{Passes: func(p *ingest.Packet) bool { return p.Case.Evidence == evidence }}
	}
	first, second := build(t, 64<<20, paths...), build(t, 64<<20, paths...)
	copies := first.Stats().Copies
	if copies == 0 {
		t.Fatal("no copies: the test tests nothing")
	}
	for evidence, line := range []*timeline.Timeline{first, second} {
		if err := line.Limit(context.Background(), from(evidence)); err != nil {
			t.Fatal(err)
		}
	}
	if s := first.Stats(); s.Outside != 0 || s.Astray != 0 || len(packets(t, first)) != int(s.Packets) {
		t.Errorf("first sightings pass: %+v", s)
	}
	if s := second.Stats(); s.Astray != copies || s.Outside != s.Packets || len(packets(t, second)) != 0 {
		t.Errorf("further sightings pass: %+v, %d copies", s, copies)
	}
}

// packets lists what is read, copies included.
func packets(t *testing.T, line *timeline.Timeline) (out []ingest.Case) {
	t.Helper()
	if err := line.Each(context.Background(), func(p *ingest.Packet) { out = append(out, p.Case) }); err != nil {
		t.Fatal(err)
	}
	return out
}
