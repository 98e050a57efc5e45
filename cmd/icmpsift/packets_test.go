package main

import (
	"bytes"
	"io"
	"testing"

	"icmpsift/ingest/evidence"
)

// Files that are read at the same time are listed in their order, whether packets are printed as soon as they are read or once their
// file is.
func TestPacketsOfManyFiles(t *testing.T) {
	const folder = "../../testdata/case"
	files, err := evidence.Walk([]string{folder})
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, form := range [][]string{{"-T", "fields", "-e", "frame.number", "-e", "ip.src"}, {"-T", "ek", "-Y", "icmp.type == 8"}} {
		list := func(paths ...string) []byte {
			var out bytes.Buffer
			d := door{stdout: &out, stderr: io.Discard}
			if code := d.enter(t.Context(), append(append([]string{"packets"}, form...), paths...)); code != exitDone && code != exitIncomplete {
				t.Fatalf("%v: exit code %d", paths, code)
			}
			return out.Bytes()
		}
		var want []byte
		for _, f := range files {
			want = append(want, list(f.Name)...)
		}
		if got := list(folder); len(want) == 0 || !bytes.Equal(got, want) {
			t.Errorf("%v: %d bytes of all at once, %d of one after the other, or others", form, len(got), len(want))
		}
	}
}
