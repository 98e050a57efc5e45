package read

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/spool"
)

const evidenceFolder = "../../testdata/case"

func walk(t *testing.T, paths ...string) []evidence.File {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// everything reads the packets of all extracts, as copies.
func everything(t *testing.T, c *Case) (out []*ingest.Packet) {
	t.Helper()
	for _, x := range c.Extracts {
		r, err := x.Open()
		if err != nil {
			t.Fatal(err)
		}
		for {
			p, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p.Clone())
		}
	}
	return out
}

// Neither the number of workers nor the memory they may use shows in what comes back.
func TestSameWhateverTheWorkers(t *testing.T) {
	read := func(jobs int, memory int64) *Case {
		c, err := Files(context.Background(), walk(t, evidenceFolder), Options{Jobs: jobs, Budget: spool.NewBudget(memory, t.TempDir())})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	want := read(1, 64<<20)
	packets := everything(t, want)
	if len(want.Ledger) < 8 || len(packets) < 1000 {
		t.Fatalf("only %d files and %d packets", len(want.Ledger), len(packets))
	}
	for _, other := range []struct {
		jobs   int
		memory int64
	}{{4, 64 << 20}, {4, 0}, {100, 100 << 10}} {
		got := read(other.jobs, other.memory)
		if !reflect.DeepEqual(got.Ledger, want.Ledger) || got.Stats != want.Stats {
			t.Errorf("%+v: the ledger differs", other)
		}
		if !reflect.DeepEqual(everything(t, got), packets) {
			t.Errorf("%+v: the packets differ", other)
		}
	}
}

// spy is a watcher that a test looks through.
type spy struct {
	began func(evidence.File)
	read  func(int64)
}

func (s spy) Began(f evidence.File) {
	if s.began != nil {
		s.began(f)
	}
}
func (s spy) Read(n int64) {
	if s.read != nil {
		s.read(n)
	}
}
func (s spy) Done(*ingest.Evidence) {}

// A file that fails, in whatever way, has its line in the ledger, and the others are read.
func TestOneFileFails(t *testing.T) {
	capture, err := os.ReadFile("../../testdata/lab/ben-ping4-sizes.pcap")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		spoil   func(name string) // called before the file is opened
		problem string
	}{
		{"vanished", func(name string) { os.Remove(name) }, "cannot be opened"},
		{"its folder vanished", func(name string) { os.RemoveAll(filepath.Dir(name)) }, "cannot be opened"},
		{"a folder in its place", func(name string) { os.Remove(name); os.Mkdir(name, 0o700) }, "directory"},
		{"fault", func(name string) { panic("as planned") }, "icmpsift failed on this file, please report it: as planned"},
	}
	for _, tt := range tests {
		for _, jobs := range []int{1, 3} {
			t.Run(tt.name, func(t *testing.T) {
				root := t.TempDir()
				for _, name := range []string{"a/x.pcap", "b/bad.pcap", "c/x.pcap"} {
					path := filepath.Join(root, name)
					os.MkdirAll(filepath.Dir(path), 0o700)
					// A different tail makes each file its own; what stands behind the last record only damages it.
					if err := os.WriteFile(path, append(capture[:len(capture):len(capture)], name[0]), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				watch := spy{began: func(f evidence.File) {
					if strings.HasSuffix(f.Path, "bad.pcap") {
						tt.spoil(f.Name)
					}
				}}
				c, err := Files(context.Background(), walk(t, root), Options{Jobs: jobs, Budget: spool.NewBudget(64<<20, ""), Watch: watch})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if len(c.Ledger) != 3 || c.Ledger[0].ICMPFrames == 0 || c.Ledger[2].ICMPFrames != c.Ledger[0].ICMPFrames {
					t.Fatalf("ledger: %+v", c.Ledger)
				}
				bad := c.Ledger[1]
				if bad.Path != "b/bad.pcap" || bad.ID != 1 || !strings.Contains(bad.Problem, tt.problem) || bad.DuplicateOf != -1 ||
					bad.Status != ingest.Damaged && bad.Status != ingest.Unsupported {
					t.Errorf("entry: %+v", *bad)
				}
			})
		}
	}
}

// A fault in the middle of a file keeps the packets read before it.
func TestFaultKeepsWhatWasRead(t *testing.T) {
	left := 2 // the watcher hears of progress every few thousand frames, and at the end
	watch := spy{read: func(int64) {
		if left--; left == 0 {
			panic("as planned")
		}
	}}
	c, err := Files(context.Background(), walk(t, "../../testdata/lab/atk-naflood.pcap"), Options{Budget: spool.NewBudget(64<<20, ""), Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if e := c.Ledger[0]; e.Status != ingest.Damaged || e.ICMPFrames == 0 || int64(len(everything(t, c))) != e.ICMPFrames {
		t.Errorf("entry: %+v", *e)
	}
}

// endless writes a large sparse file, which takes seconds to hash.
func endless(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "large.bin")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("no capture\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(16 << 30); err != nil {
		t.Skipf("skipped: no large files here: %v", err)
	}
	return name
}

func TestCancel(t *testing.T) {
	large := endless(t)
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	inner, stop := context.WithCancel(context.Background())
	context.AfterFunc(ctx, stop)
	began := time.Now()
	c, err := Files(inner, walk(t, large, evidenceFolder, "../../testdata/lab"), Options{Jobs: 2, Budget: spool.NewBudget(0, folder)})
	if !errors.Is(err, context.Canceled) || c != nil {
		t.Errorf("case %v, error %v", c, err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("%d spool files are left", len(left))
	}
	if n := spooling(t); n > 0 {
		t.Errorf("%d spool files are open", n)
	}
}

// spooling counts the spool files this process holds open, where the system tells.
func spooling(t *testing.T) (n int) {
	t.Helper()
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range open {
		if target, _ := os.Readlink(name); strings.Contains(target, ".icmpsift-spool-") {
			n++
		}
	}
	return n
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Files(ctx, walk(t, evidenceFolder), Options{Budget: spool.NewBudget(0, "")}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A spool that cannot be written to ends the run: the packets have nowhere to go.
func TestNoSpool(t *testing.T) {
	_, err := Files(context.Background(), walk(t, evidenceFolder), Options{Jobs: 2, Budget: spool.NewBudget(0, filepath.Join(t.TempDir(), "missing"))})
	if err == nil || !strings.Contains(err.Error(), "write extract") {
		t.Errorf("error %v", err)
	}
}
