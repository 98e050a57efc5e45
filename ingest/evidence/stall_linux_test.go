package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"icmpsift/ingest"
)

// A pipe that nobody writes to, and one whose writer stops in the middle, are given up; what came before the stop counts.
func TestStalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Stall: 300 * time.Millisecond}
	r, err := Open(File{Path: "pipe", Name: path}, o)
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Finish(); e.Status != ingest.Unsupported || e.Problem != "cannot be opened: stalled, nothing came for 300ms" {
		t.Errorf("without a writer: %s %q", e.Status, e.Problem)
	}
	// Open for reading as well, the pipe has a writer from the start.
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	file := pcap(3, 60)
	if _, err := w.Write(file[:len(file)-10]); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(File{Path: "pipe", Name: path}, o); err != nil {
		t.Fatal(err)
	}
	e := r.Finish()
	if e.Status != ingest.Damaged || e.Frames != 2 || !strings.Contains(e.Problem, "stalled, nothing came for 300ms") || e.SHA256 != "" || e.Changed {
		t.Errorf("stopped: %s, %d frames, %q, hash %q, changed %t", e.Status, e.Frames, e.Problem, e.SHA256, e.Changed)
	}
}

// Whatever file is read with a deadline gives the same as without.
func TestPatience(t *testing.T) {
	for _, f := range []File{kept(t, "a.pcap", pcap(5000, 200)), kept(t, "b.tar.gz", gzipped(t, tarred(t, entry{"a.pcap", pcap(3, 60)}))), kept(t, "c.zip", zipped(t, entry{"a.pcap", pcap(3, 60)}))} {
		got, want := everything(t, f, Options{Stall: time.Minute}), everything(t, f, Options{})
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %v, want %v", f.Path, got, want)
		}
	}
}
