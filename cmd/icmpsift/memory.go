package main

import (
	"runtime/debug"

	"icmpsift/ingest/spool"
)

// How analyze divides --memory. The tables of rules, pairing and report have bounds of their own, which fit into least: so the
// same evidence gives the same report however much there is. What is more goes to packets, and to what recovery holds.
const (
	least       = 256 << 20
	outside     = 32 << 20 // what the program takes beside the heap
	spoolShare  = 64       // one part in so many for packets: files hold the others nearly as fast
	heapGrowth  = 25       // percent by which garbage may add to what is in use
	normalHeaps = 100      // the same, of other commands
)

// divide makes the budget for packets of a run that may use so much memory, and holds the heap to that until done is called.
func divide(memory int64, dir string) (b *spool.Budget, done func()) {
	debug.SetGCPercent(heapGrowth)
	before := debug.SetMemoryLimit(max(memory, least) - outside)
	return spool.NewBudget(memory/spoolShare, dir), func() {
		debug.SetGCPercent(normalHeaps)
		debug.SetMemoryLimit(before)
	}
}
