package workbook

import (
	"runtime"
	"testing"
	"time"

	"icmpsift/report"
	"icmpsift/report/sample"
)

// TestMemoryOfPackets holds the workbook of many packets to a bound that does not grow with them: what is in use is looked at while rows are
// written and while they are packed.
func TestMemoryOfPackets(t *testing.T) {
	const rows = 150_000
	r := sample.Incident(t)
	r.Packets = &report.Packets{Total: rows, Most: rows, Each: func(visit func(*report.Packet) error) error {
		for i := range int64(rows) {
			e, n := float64(i*2654435761%1000003)/7, i*40503%65536
			if err := visit(&report.Packet{Number: i + 1, Evidence: "E1", Frame: i + 1, Time: time.Unix(1_700_000_000, i*1_000_003), Src: "10.0.0.1", Dst: "10.0.0.2", ID: &n, Seq: &n, RTT: &e, Entropy: &e}); err != nil {
				return err
			}
		}
		return nil
	}}
	runtime.GC()
	before, peak := heap(), uint64(0)
	w := writerFunc(func(b []byte) (int, error) {
		peak = max(peak, heap())
		return len(b), nil
	})
	done := make(chan struct{})
	seen := watch(done)
	if err := Write(w, r, Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	close(done)
	peak = max(peak, <-seen)
	t.Logf("heap %d MiB, peak %d MiB", before>>20, peak>>20)
	if most := before + 128<<20; peak > most {
		t.Errorf("heap of %d MiB, expected at most %d", peak>>20, most>>20)
	}
}

// watch gives the largest heap until done.
func watch(done <-chan struct{}) <-chan uint64 {
	out := make(chan uint64, 1)
	go func() {
		most := uint64(0)
		for {
			select {
			case <-done:
				out <- most
				return
			case <-time.After(50 * time.Millisecond):
				most = max(most, heap())
			}
		}
	}()
	return out
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
