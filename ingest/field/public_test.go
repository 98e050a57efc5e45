package field_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/field"
)

// public counts what the comparison of the public captures finds.
type public struct {
	captures, frames, differing int
	fields                      map[string]int
	first                       map[string]string // where each field differs first
}

// TestTsharkPublic compares the frames with ICMP of the public captures, where those are present. Hostile ones are among them, so
// that one frame in fifty may differ; the log tells which fields do.
func TestTsharkPublic(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every public capture")
	}
	bin, version := tshark(t)
	fields := comparable(knownTo(t, bin))
	seen := public{fields: map[string]int{}, first: map[string]string{}}
	err := filepath.WalkDir(shared(t, "captures", "public"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && readable(path) {
			seen.compare(t, bin, version, path, fields)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d captures, %d frames with ICMP, %d fields each, %d frames differ", seen.captures, seen.frames, len(fields), seen.differing)
	for _, name := range slices.Sorted(maps.Keys(seen.fields)) {
		t.Logf("%6d %-40s %s", seen.fields[name], name, seen.first[name])
	}
	if seen.differing*50 > seen.frames {
		t.Errorf("%d of %d frames differ", seen.differing, seen.frames)
	}
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = capture.NewReader(f)
	return err == nil
}

func (s *public) compare(t *testing.T, bin, version, path string, fields []*field.Field) {
	t.Run(filepath.Base(path), func(t *testing.T) {
		packets, rows := load(t, path), ask(t, bin, path, fields)
		at := slices.IndexFunc(fields, func(f *field.Field) bool { return f.Name == "frame.protocols" })
		c, found := &field.Context{Wireshark: version}, false
		for i := range min(len(rows), len(packets)) {
			if p := packets[i]; p.Message() != nil && strings.Contains(rows[i][at], "icmp") {
				s.frames, found = s.frames+1, true
				s.differing += s.row(path, c, p, rows[i], at, fields)
			}
		}
		if found {
			s.captures++
		}
	})
}

// row compares one frame; it gives 1 if any field differs.
func (s *public) row(path string, c *field.Context, p *ingest.Packet, row []string, protocols int, fields []*field.Field) (differs int) {
	for k, f := range fields {
		got := answer(f, c, p)
		if got == row[k] || byDesign(f, p, row[protocols], row[k]) {
			continue
		}
		differs = 1
		if s.fields[f.Name]++; s.fields[f.Name] == 1 {
			s.first[f.Name] = filepath.Base(path) + " #" + strconv.FormatInt(p.Number, 10) + ": " + abridged(got) + " | " + abridged(row[k])
		}
	}
	return differs
}
