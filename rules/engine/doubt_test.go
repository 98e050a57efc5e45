package engine

import (
	"testing"

	"icmpsift/ingest"
	"icmpsift/rules"
)

// A file that came out of torn captures is not called complete, unless an intact one holds all of it.
func TestTornCapturesMakeDoubt(t *testing.T) {
	ledger := map[int]*ingest.Evidence{0: {Status: ingest.Cut}, 1: {Status: ingest.Complete}}
	all, some := rules.Ranges{{First: 1, Last: 9}}, rules.Ranges{{First: 1, Last: 5}}
	for name, tt := range map[string]struct {
		frames   []rules.Source
		complete bool
	}{
		"torn alone":            {[]rules.Source{{Evidence: 0, Ranges: all}}, false},
		"whole alone":           {[]rules.Source{{Evidence: 1, Ranges: all}}, true},
		"whole beside torn":     {[]rules.Source{{Evidence: 0, Ranges: some}, {Evidence: 1, Ranges: all}}, true},
		"torn holds what whole": {[]rules.Source{{Evidence: 0, Ranges: all}, {Evidence: 1, Ranges: some}}, false},
	} {
		a := &rules.Artefact{Frames: tt.frames, Packets: 9, Complete: true, Confidence: "high"}
		if doubt(a, ledger); a.Complete != tt.complete || (a.Confidence == "high") != tt.complete {
			t.Errorf("%s: complete %v, confidence %s", name, a.Complete, a.Confidence)
		}
	}
}
