package crosscheck

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
)

var lab = filepath.Join("..", "..", "testdata", "lab")

// extracts reads a capture; none comes of what is no capture.
func extracts(t testing.TB, path string) []ingest.Extract {
	t.Helper()
	files, err := evidence.Walk([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.Extracts
}

func extract(t testing.TB, path string) ingest.Extract {
	t.Helper()
	all := extracts(t, path)
	if len(all) != 1 {
		t.Fatalf("%s: %d extracts", path, len(all))
	}
	return all[0]
}

func accepted(t testing.TB) *Accepted {
	t.Helper()
	list, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// against compares a capture with an export.
func against(t testing.TB, capture, export, wireshark string) *Result {
	t.Helper()
	a, err := OpenExport(export)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compare(context.Background(), extract(t, capture), a, accepted(t), wireshark)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// changed writes a copy of a recorded export with texts replaced.
func changed(t testing.TB, export string, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", export))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(pairs...).Replace(string(b))
	if text == string(b) {
		t.Fatalf("%s holds none of %q", export, pairs)
	}
	path := filepath.Join(t.TempDir(), export)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// unexplained lists the fields that differ without a reason.
func unexplained(r *Result) (out []string) {
	for _, row := range r.Rows {
		for _, d := range row.Differences {
			if d.Reason == "" {
				out = append(out, row.Field)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// row finds the comparison of a field.
func row(t testing.TB, r *Result, name string) Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Field == name {
			return row
		}
	}
	t.Fatalf("%s was not compared", name)
	return Row{}
}
