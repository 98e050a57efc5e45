package engine

import (
	"net/netip"
	"runtime"
	"testing"

	"icmpsift/ingest"
	"icmpsift/rules"
)

// packetBetween is the nth packet of a timeline, from one host to another.
func packetBetween(n int64, src, dst uint32) *ingest.Packet {
	b := make([]byte, 28)
	b[0], b[9], b[20] = 0x45, 1, 8
	for i := range 4 {
		b[12+i], b[16+i] = byte(src>>(24-8*i)), byte(dst>>(24-8*i))
	}
	return &ingest.Packet{Layers: []ingest.Layer{{Proto: ingest.ProtoIPv4, Header: 20, Bytes: b, Parent: -1}, {Proto: ingest.ProtoICMPv4, Header: 8, Bytes: b[20:], Reported: 8}},
		ICMP: 1, IP: 0, Case: ingest.Case{Number: n, Time: n}}
}

// gatedRules are rules that wait for so many packets, or different values.
func gatedRules(least ...float64) (out []*compiled) {
	for i, n := range least {
		x := &compiled{least: int(n), rule: &rules.Rule{Recover: &rules.Recover{Required: true}}, correlation: rules.Correlation{Type: rules.EventCount, GroupBy: []string{"sift.src", "sift.dst"},
			Condition: []rules.Condition{{Op: "gte", Value: n}}}}
		if i%2 == 1 {
			x.correlation.Type = rules.ValueCount
		}
		x.sinks = []sink{{to: x}}
		out = append(out, x)
	}
	return out
}

// Gates open for the pairs that reach a threshold, though a flood of others goes by, and what these cost has a bound.
func TestGatesOutlastFloods(t *testing.T) {
	all := gatedRules(20, 20, 3, 5)
	g := newGates(all)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := int64(0)
	add := func(src, dst uint32, value byte) {
		n++
		for _, x := range all {
			if p := packetBetween(n, src, dst); x.correlation.Type == rules.ValueCount {
				g.add(x, p, 1+uint32(value))
			} else {
				g.add(x, p, 0)
			}
		}
	}
	for i := range uint32(2 * maxGated) {
		add(0x0a000000+i, 0xc0000201, byte(i))
		if i%(maxGated/10) == 0 {
			add(0xc6336401, 0xc0000201, byte(i/(maxGated/10))) // another value each time
			add(0xc6336402, 0xc0000201, 1)                     // the same
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(g.by) > maxGated || g.evicted == 0 || after.HeapAlloc > before.HeapAlloc && after.HeapAlloc-before.HeapAlloc > 64<<20 {
		t.Errorf("%d pairs in %d bytes, %d given up", len(g.by), int64(after.HeapAlloc)-int64(before.HeapAlloc), g.evicted)
	}
	for src, want := range map[uint32][4]bool{0xc6336401: {true, true, true, true}, 0xc6336402: {true, false, true, false}} {
		for i, x := range all {
			if got := g.open(x, packetBetween(n, src, 0xc0000201)); got != want[i] {
				t.Errorf("%s, rule %d: open %v, want %v", netip.AddrFrom4([4]byte{198, 51, 100, byte(src)}), i, got, want[i])
			}
		}
	}
	marks := 0
	for _, e := range g.by {
		marks += len(e.marks)
	}
	if marks != g.marks {
		t.Errorf("%d marks, believed %d", marks, g.marks)
	}
}
