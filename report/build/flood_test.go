package build

import (
	"context"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/extract"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules/builtin"
	"icmpsift/rules/engine"
	"icmpsift/rules/file"
)

// flood is an extract of requests, each between two hosts that no other is between, each of so many sources to a destination of its own.
func flood(t *testing.T, b *spool.Budget, pairs int64) *extract.Extract {
	t.Helper()
	w, d := extract.NewWriter(b), decode.New(decode.Options{})
	frame := make([]byte, 14+20+8+56)
	frame[12], frame[14], frame[22], frame[23], frame[34] = 8, 0x45, 64, 1, 8
	binary.BigEndian.PutUint16(frame[16:], uint16(len(frame)-14))
	var p ingest.Packet
	for i := range pairs {
		binary.BigEndian.PutUint32(frame[26:], 0x2d000000+uint32(i))
		binary.BigEndian.PutUint32(frame[30:], 0x0a000000+uint32(i*7919%pairs))
		binary.BigEndian.PutUint64(frame[42:], uint64(i)*0x9e3779b97f4a7c15) // a payload that no ping has
		d.Decode(&ingest.Frame{Number: i + 1, Time: 1e18 + i*50_000, Link: ingest.LinkEthernet, Wire: len(frame), Data: frame}, &p)
		check(t, w.Add(&p))
	}
	return w.Done(ingest.Evidence{First: 1e18, Last: 1e18 + pairs*50_000, Frames: pairs, ICMPFrames: pairs, DuplicateOf: -1, Status: ingest.Complete})
}

// A flood between very many hosts takes no more memory than tables may have, with the builtin rules and all that a report
// counts; and its numbers are true.
func TestFloodIsBounded(t *testing.T) {
	const pairs, most = 100_000, 140 << 20 // of the 256 MiB; a tenth of it is the compiled pack
	c := homeContext(t)
	set, err := file.Load(c, file.Embedded(builtin.Files))
	check(t, err)
	b, ctx := spool.Divide(spool.Least, t.TempDir()), context.Background()
	x := flood(t, b, pairs)
	defer x.Close()
	line, err := timeline.Build(ctx, []ingest.Extract{x}, b)
	check(t, err)
	defer line.Close()
	tally, held, seen := NewTally([]*ingest.Evidence{x.Evidence()}, c, b), uint64(0), 0
	found, err := engine.Analyze(ctx, line, &set.Set, c, func(p *ingest.Packet) {
		tally.Add(p)
		if seen++; seen%(pairs/3) == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			held = max(held, m.HeapAlloc)
		}
	})
	check(t, err)
	check(t, tally.Settle())
	r := Report(Input{Case: report.Case{Timezone: "UTC"}, Ledger: []*ingest.Evidence{x.Evidence()}, Timeline: line.Stats(), Result: found, Rules: set.Rules, Tally: tally, Context: c})
	if held == 0 || held > most {
		t.Errorf("%d MiB held, expected no more than %d", held>>20, most>>20)
	}
	equal(t, "packets", r.Totals.ICMPPackets, pairs)
	equal(t, "hosts", r.Totals.HostsTotal, 2*pairs)
	equal(t, "conversations", r.Totals.ExchangesTotal, pairs)
	equal(t, "rows", [2]int{len(r.Hosts), len(r.Exchanges)}, [2]int{maxRows, maxRows})
	for _, f := range r.Figures {
		if want := "Shown are 65,536 of 100,000 ICMP packets"; f.Kind == "contacts" && !strings.Contains(f.Caption, want) {
			t.Errorf("no %q in %q", want, f.Caption)
		}
	}
	t.Logf("%d MiB held, %d pieces of state given up", held>>20, r.Totals.Evicted)
}
