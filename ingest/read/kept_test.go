package read

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/spool"
)

// A packet that no block of an extract can hold costs its file the extract, not the run its end; what was read of it counts.
func TestTooLargeForAnExtract(t *testing.T) {
	dir := t.TempDir()
	var file bytes.Buffer
	w := capture.NewWriter(&file, "")
	ping := []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x01\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x08\x00\x00\x00\x00\x00\x00\x00")
	frame := ingest.Frame{Number: 1, Wire: len(ping), Data: ping}
	for range 200 { // an extract holds them once for people and once for itself
		frame.Comments = append(frame.Comments, strings.Repeat("x", 60_000))
	}
	w.Kept(w.Interface(ingest.LinkEthernet, 0, "", ""), &frame, nil)
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	small, err := os.ReadFile("../../testdata/lab/exf-seq.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"large.pcap": file.Bytes(), "small.pcap": small} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, always := range []bool{true, false} {
		kept := &Kept{Dir: t.TempDir(), Name: Plain, Always: always}
		c, err := Files(context.Background(), walk(t, dir), Options{Jobs: 2, Budget: spool.NewBudget(1<<20, t.TempDir()), Kept: kept})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		large, there := c.Ledger[0], &kept.used
		told := large.Status == ingest.Unsupported && strings.Contains(large.Problem, "no extract of it")
		if told != always || large.ICMPFrames != 1 || large.SHA256 == "" {
			t.Errorf("always %t: %+v", always, large)
		}
		if there.has("large.pcap"+Suffix) || !there.has("small.pcap"+Suffix) {
			t.Errorf("always %t: extracts %v", always, there.in)
		}
		if left, _ := filepath.Glob(filepath.Join(kept.Dir, ".*")); len(left) > 0 {
			t.Errorf("always %t: %v is left", always, left)
		}
	}
}
