package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"icmpsift/ingest/spool"
)

// The heap of analyze. The tables of rules, pairing and report have bounds of their own, which fit into [spool.Least], however much
// --memory there is. What is more goes to packets, and to what recovery holds: only very large transfers come out differently.
const (
	outside     = 32 << 20 // what the program takes beside the heap
	smallHeap   = 32 << 20 // up to here garbage may pile up
	heapGrowth  = 25       // percent by which garbage may add to what is in use, where that is more
	firstGrowth = 200      // the same, before anything is known of the heap, and at most
	normalHeaps = 100      // the same, of other commands
)

// divide makes the budget of a run that may use so much memory, and holds the heap to that until done is called.
func divide(memory int64, dir string) (b *spool.Budget, done func()) {
	p := &pacer{live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}, percent: firstGrowth}
	debug.SetGCPercent(firstGrowth)
	p.wait()
	before := debug.SetMemoryLimit(max(memory, spool.Least) - outside)
	return spool.Divide(memory, dir), func() {
		p.end()
		debug.SetMemoryLimit(before)
	}
}

// pacer lets small heaps collect garbage less often than large ones: it looks at the heap after each collection.
type pacer struct {
	live    []metrics.Sample
	percent int
	lock    sync.Mutex
	done    bool
}

// wait sets the pace when the next collection is over: then something that nobody refers to is finalized.
func (p *pacer) wait() {
	runtime.SetFinalizer(&struct{ *pacer }{p}, func(*struct{ *pacer }) {
		if p.set() {
			p.wait()
		}
	})
}

// set tells whether it goes on.
func (p *pacer) set() bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.done {
		return false
	}
	metrics.Read(p.live)
	if next := growth(int64(p.live[0].Value.Uint64())); next != p.percent {
		p.percent = next
		debug.SetGCPercent(next)
	}
	return true
}

func (p *pacer) end() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.done = true
	debug.SetGCPercent(normalHeaps)
}

// growth is by how many percent garbage may add to so many bytes in use.
func growth(live int64) int {
	return int(min(max(100*(smallHeap-live)/max(live, 1), heapGrowth), firstGrowth))
}
