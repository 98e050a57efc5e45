package read

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/spool"
)

// TestTake: packets that are taken as they come are those of the extract, with the same values for all fields but those
// that say of themselves that they need more of the file.
func TestTake(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"../decode/testdata/*", "../field/testdata/*.pcap*", "../exchange/testdata/*", "../crosscheck/testdata/made/*", "../../testdata/lab/*1*"} {
		more, _ := filepath.Glob(pattern)
		paths = append(paths, more...)
	}
	fields := field.All()
	packets := 0
	for _, f := range walk(t, paths...) {
		taken := values(t, f, fields, true)
		kept := values(t, f, fields, false)
		if len(taken) != len(kept) {
			t.Errorf("%s: %d packets were taken, %d kept", f.Path, len(taken), len(kept))
			continue
		}
		for i := range kept {
			for k, x := range fields {
				if !x.Linked && taken[i][k] != kept[i][k] {
					t.Errorf("%s: packet %d: %s is %q, in the extract %q", f.Path, i, x.Name, taken[i][k], kept[i][k])
				}
			}
		}
		packets += len(kept)
	}
	if packets < 1000 {
		t.Errorf("only %d packets", packets)
	}
}

// values are what each packet of a file has for the fields, as text.
func values(t *testing.T, f evidence.File, fields []*field.Field, take bool) (out [][]string) {
	t.Helper()
	add := func(p *ingest.Packet) error {
		row := make([]string, len(fields))
		for i, x := range fields {
			if len(out) >= 20 { // of later packets it counts only that they are there
				break
			}
			row[i] = fmt.Sprint(x.Values(&field.Context{}, p, nil))
		}
		out = append(out, row)
		return nil
	}
	o := Options{Jobs: 1, Budget: spool.NewBudget(1<<20, t.TempDir()), All: true}
	if take {
		o.Take = add
	}
	c, err := Files(context.Background(), []evidence.File{f}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, p := range everything(t, c) {
		add(p)
	}
	return out
}

// TestTakeOutsideArchives: members of archives are kept, for copies among them are only told by their hash.
func TestTakeOutsideArchives(t *testing.T) {
	for _, f := range walk(t, evidenceFolder) {
		taken := 0
		c, err := Files(context.Background(), []evidence.File{f}, Options{Jobs: 1, Budget: spool.NewBudget(1<<20, t.TempDir()), Unhashed: true,
			Take: func(*ingest.Packet) error { taken++; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		archive, kept := c.Ledger[0].Archive, len(everything(t, c))
		if archive && taken > 0 || !archive && kept > 0 || taken+kept == 0 && c.Ledger[0].ICMPFrames > 0 {
			t.Errorf("%s: %d packets were taken, %d kept", f.Path, taken, kept)
		}
		if e := c.Ledger[0]; e.SHA256 != "" {
			t.Errorf("%s was hashed", f.Path)
		}
		c.Close()
	}
}
