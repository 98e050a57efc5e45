package main

import (
	"runtime/debug"

	"icmpsift/ingest/spool"
)

// The heap of analyze. The tables of rules, pairing and report have bounds of their own, which fit into [spool.Least], however much
// --memory there is. What is more goes to packets, and to what recovery holds: only very large transfers come out differently.
const (
	outside     = 32 << 20 // what the program takes beside the heap
	heapGrowth  = 25       // percent by which garbage may add to what is in use
	normalHeaps = 100      // the same, of other commands
)

// divide makes the budget of a run that may use so much memory, and holds the heap to that until done is called.
func divide(memory int64, dir string) (b *spool.Budget, done func()) {
	debug.SetGCPercent(heapGrowth)
	before := debug.SetMemoryLimit(max(memory, spool.Least) - outside)
	return spool.Divide(memory, dir), func() {
		debug.SetGCPercent(normalHeaps)
		debug.SetMemoryLimit(before)
	}
}
