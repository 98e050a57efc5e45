package timeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/timeline"
)

// What panics in a visitor, whichever goroutine that runs in, is an error that names file and frame.
func TestVisitorPanics(t *testing.T) {
	line := build(t, 64<<20, "../../testdata/lab/exf-payload-raw.pcapng")
	for place := range 3 {
		visitors := make([]timeline.Visitor, 3)
		for i := range visitors {
			visitors[i] = func(_ int, p *ingest.Packet) {
				if i == place && p.Number >= 5 {
					panic("out of its mind")
				}
			}
		}
		var bug *fault.Bug
		err := line.Stream(context.Background(), visitors...)
		if !errors.As(err, &bug) || bug.Frame < 5 || !strings.HasSuffix(bug.Path, "exf-payload-raw.pcapng") || bug.Cause != "out of its mind" {
			t.Errorf("visitor %d: got %v", place, err)
		}
	}
	if err := line.Each(context.Background(), func(*ingest.Packet) {}); err != nil {
		t.Errorf("the timeline cannot be read any more: %v", err)
	}
}
