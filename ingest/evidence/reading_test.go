package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
)

// read opens the file and finishes it at once.
func read(t *testing.T, f File) ingest.Evidence {
	t.Helper()
	r, err := Open(f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Finish()
}

// kept writes the file and gives it as evidence.
func kept(t *testing.T, name string, content []byte) File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return File{Path: name, Name: path}
}

// pcap is a capture of n frames of the given size, a second apart.
func pcap(n, size int) []byte {
	b := binary.LittleEndian
	out := b.AppendUint32(nil, 0xa1b2c3d4)
	out = append(out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0)
	for i := range n {
		for _, field := range []int{1_700_000_000 + i, 5, size, size} {
			out = b.AppendUint32(out, uint32(field))
		}
		out = append(out, bytes.Repeat([]byte{byte(i)}, size)...)
	}
	return out
}

func TestFinish(t *testing.T) {
	const first, nanos = 1_700_000_000_000_005_000, 1_000_000_000
	noon, err := os.ReadFile("testdata/office-noon.pcapng.gz")
	if err != nil {
		t.Fatal(err)
	}
	damaged, err := os.ReadFile("testdata/damaged.pcap")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		content []byte
		want    ingest.Evidence
		problem string
	}{
		{"whole", pcap(5, 60), ingest.Evidence{Status: ingest.Complete, Format: "pcap", Frames: 5, First: first, Last: first + 4*nanos, Offset: -1}, ""},
		{"large", pcap(20_000, 1000), ingest.Evidence{Status: ingest.Complete, Format: "pcap", Frames: 20_000, First: first, Last: first + 19_999*nanos, Offset: -1}, ""},
		{"without packets", pcap(0, 0), ingest.Evidence{Status: ingest.Empty, Format: "pcap", Offset: -1}, ""},
		{"empty", nil, ingest.Evidence{Status: ingest.Empty, Offset: -1}, ""},
		{"cut", pcap(5, 60)[:200], ingest.Evidence{Status: ingest.Cut, Format: "pcap", Frames: 2, First: first, Last: first + nanos, Offset: 176}, "offset 176: the file ends inside a record"},
		{"text", []byte("notes\n"), ingest.Evidence{Status: ingest.NotCapture, Format: "text/plain", Offset: -1}, ""},
		{"large, no capture", bytes.Repeat([]byte("notes\n"), 1<<20), ingest.Evidence{Status: ingest.NotCapture, Format: "text/plain", Offset: -1}, ""},
		{"snoop", []byte("snoop\x00\x00\x00\x00\x00\x00\x02"), ingest.Evidence{Status: ingest.Unsupported, Format: "snoop", Offset: -1}, "captures of format snoop are not supported"},
		{"gzip", noon, ingest.Evidence{Status: ingest.Complete, Format: "pcapng", Compression: "gzip", Frames: 76, Offset: -1, First: 1, Last: 1}, ""},
		{"gzip with a note behind", append(bytes.Clone(noon), "a note behind it"...), ingest.Evidence{Status: ingest.Damaged, Format: "pcapng", Compression: "gzip", Frames: 76, Offset: 1, First: 1, Last: 1}, "neither gzip nor padding"},
		{"from the lab, cut", damaged, ingest.Evidence{Status: ingest.Cut, Format: "pcap", Frames: 85, Offset: 8650, First: 1, Last: 1}, "89 of 118 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, kept(t, tt.name, tt.content))
			sum := sha256.Sum256(tt.content)
			if got.SHA256 != hex.EncodeToString(sum[:]) || got.Size != int64(len(tt.content)) || got.Changed || got.DuplicateOf != -1 {
				t.Errorf("SHA-256 %s, %d bytes, changed %v, duplicate of %d", got.SHA256, got.Size, got.Changed, got.DuplicateOf)
			}
			w := tt.want
			if got.Status != w.Status || got.Format != w.Format || got.Compression != w.Compression || got.Frames != w.Frames || got.FramesAfter != 0 {
				t.Errorf("got %+v", got)
			}
			if w.First != 1 && (got.First != w.First || got.Last != w.Last) || w.First == 1 && got.First >= got.Last {
				t.Errorf("from %d to %d, want %d to %d", got.First, got.Last, w.First, w.Last)
			}
			if w.Offset != 1 && got.Offset != w.Offset || !strings.Contains(got.Problem, tt.problem) || (tt.problem == "") != (got.Problem == "") {
				t.Errorf("offset %d, problem %q", got.Offset, got.Problem)
			}
		})
	}
}

func TestFrames(t *testing.T) {
	r, err := Open(kept(t, "x.pcap", pcap(3, 60)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if f, err := r.Next(); err != nil || f.Number != int64(i+1) || f.Data[0] != byte(i) {
			t.Errorf("frame %+v, %v", f, err)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
	if n := r.Progress(); n != 24+3*76 {
		t.Errorf("progress %d", n)
	}
	if e := r.Finish(); e.Frames != 3 || e.First == 0 || len(e.Interfaces) != 1 || e.Modified.IsZero() {
		t.Errorf("entry %+v", e)
	}
	if e := r.Finish(); e.Frames != 3 || e.SHA256 == "" {
		t.Errorf("second entry %+v", e)
	}
}

func TestChanged(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string){
		"grown": func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(pcap(1, 60)[24:])
			f.Close()
		},
		"touched": func(t *testing.T, path string) { os.Chtimes(path, time.Time{}, time.Unix(1, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			file := kept(t, "x.pcap", pcap(3, 60))
			r, err := Open(file, Options{})
			if err != nil {
				t.Fatal(err)
			}
			change(t, file.Name)
			if e := r.Finish(); !e.Changed {
				t.Errorf("entry %+v", e)
			}
		})
	}
}

func TestOpenMissing(t *testing.T) {
	e := read(t, File{Path: "gone.pcap", Name: filepath.Join(t.TempDir(), "gone.pcap")})
	if e.Status != ingest.Unsupported || !strings.HasPrefix(e.Problem, "cannot be opened: ") || e.SHA256 != "" || e.Path != "gone.pcap" {
		t.Errorf("entry %+v", e)
	}
}

// TestUnreadable: a folder opens like a file, and then fails to be read.
func TestUnreadable(t *testing.T) {
	e := read(t, File{Path: "x", Name: t.TempDir()})
	if e.Status != ingest.Damaged && e.Status != ingest.Unsupported || e.Problem == "" || e.SHA256 != "" {
		t.Errorf("entry %+v", e)
	}
}

func TestClose(t *testing.T) {
	r, err := Open(kept(t, "x.pcap", pcap(10_000, 1000)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Next()
	r.Close()
	r.Close()
	if _, err := r.bytes.file.Stat(); err == nil {
		t.Error("the file is still open")
	}
}

func TestMarkDuplicates(t *testing.T) {
	ledger := []*ingest.Evidence{
		{Path: "copy of a", SHA256: "1"}, {Path: "b", SHA256: "1"}, {Path: "a", SHA256: "1"}, {Path: "c", SHA256: "2"}, {Path: "d"}, {Path: "e"},
	}
	MarkDuplicates(ledger)
	for i, want := range []int{2, 2, -1, -1, -1, -1} {
		if ledger[i].DuplicateOf != want {
			t.Errorf("%s is a duplicate of %d, want %d", ledger[i].Path, ledger[i].DuplicateOf, want)
		}
	}
}

// BenchmarkFinish is reading with hashing, to be set against BenchmarkRead of package capture.
func BenchmarkFinish(b *testing.B) {
	content := pcap(100_000, 664)
	path := filepath.Join(b.TempDir(), "x.pcap")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(File{Name: path}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		r.Finish()
	}
}
