package main

import (
	"runtime"
	"runtime/debug"
	"testing"

	"icmpsift/ingest/spool"
)

// Garbage may fill a small heap; of a large one it is a quarter, and never less.
func TestGrowth(t *testing.T) {
	for live, want := range map[int64]int{0: firstGrowth, 1 << 20: firstGrowth, smallHeap / 2: 100, smallHeap / 5 * 4: heapGrowth, smallHeap: heapGrowth, 1 << 30: heapGrowth} {
		if got := growth(live); got != want {
			t.Errorf("%d bytes in use: %d percent, want %d", live, got, want)
		}
	}
}

// The pace follows the heap, and is as before when all is done.
func TestPace(t *testing.T) {
	_, done := divide(spool.Least, t.TempDir())
	held := make([]byte, 2*smallHeap)
	pace := 0
	for range 50 {
		runtime.GC()
		if pace = debug.SetGCPercent(heapGrowth); pace == heapGrowth {
			break
		}
		debug.SetGCPercent(pace)
		runtime.Gosched()
	}
	runtime.KeepAlive(held)
	if done(); pace != heapGrowth || debug.SetGCPercent(normalHeaps) != normalHeaps {
		t.Errorf("with a large heap the pace is %d", pace)
	}
}
