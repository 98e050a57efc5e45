package evidence

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/spool"
)

type entry struct {
	name    string
	content []byte
}

var day = time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)

func tarred(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o600, ModTime: day, Typeflag: tar.TypeReg}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		w.Write(e.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: day})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(e.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// everything reads a file and all that is in it, and says of each what became of it.
func everything(t testing.TB, f File, o Options) (out []string) {
	t.Helper()
	if o.Scratch == nil {
		budget := spool.NewBudget(1<<20, t.TempDir())
		o.Scratch = func(r io.Reader) (Copy, error) { return budget.Copy(r) }
	}
	r, err := Open(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return told(t, r)
}

func told(t testing.TB, r *Reading) (out []string) {
	t.Helper()
	for {
		m, err := r.Member()
		if err == io.EOF {
			break
		}
		out = append(out, told(t, m)...)
	}
	e := r.Finish()
	line := strings.TrimSpace(fmt.Sprintf("%s: %s %d %s", e.Path, e.Status, e.Frames, e.Problem))
	if e.Container != "" && e.Path != e.Container+"/"+e.Member && !strings.HasSuffix(e.Path, ")") {
		t.Errorf("path %q, container %q, member %q", e.Path, e.Container, e.Member)
	}
	return append([]string{line}, out...)
}

func TestArchives(t *testing.T) {
	a, b := pcap(3, 60), pcap(5, 60)
	plain := []entry{{"day1/", nil}, {"day1/a.pcap", a}, {"notes.txt", []byte("seen by nobody\n")}, {"day2/b.pcap.gz", gzipped(t, b)}}
	tests := []struct {
		name string
		file []byte
		want []string
	}{
		{"x.tar", tarred(t, plain...), []string{"x.tar: complete 0", "x.tar/day1/a.pcap: complete 3", "x.tar/notes.txt: not-capture 0", "x.tar/day2/b.pcap.gz: complete 5"}},
		{"x.tgz", gzipped(t, tarred(t, plain...)), []string{"x.tgz: complete 0", "x.tgz/day1/a.pcap: complete 3", "x.tgz/notes.txt: not-capture 0", "x.tgz/day2/b.pcap.gz: complete 5"}},
		{"x.zip", zipped(t, plain...), []string{"x.zip: complete 0", "x.zip/day1/a.pcap: complete 3", "x.zip/notes.txt: not-capture 0", "x.zip/day2/b.pcap.gz: complete 5"}},
		{"x.zip.gz", gzipped(t, zipped(t, plain[1])), []string{"x.zip.gz: complete 0", "x.zip.gz/day1/a.pcap: complete 3"}},
		{"same names", tarred(t, plain[1], entry{"day1/a.pcap", b}), []string{"same names: complete 0", "same names/day1/a.pcap: complete 3", "same names/day1/a.pcap (2): complete 5"}},
		{"outward", zipped(t, entry{"../../etc/a.pcap", a}), []string{"outward: complete 0", "outward/../../etc/a.pcap: complete 3"}},
		{"nested", tarred(t, entry{"in.zip", zipped(t, plain[1])}, entry{"in.tar.gz", gzipped(t, tarred(t, plain[1]))}),
			[]string{"nested: complete 0", "nested/in.zip: complete 0", "nested/in.zip/day1/a.pcap: complete 3", "nested/in.tar.gz: complete 0", "nested/in.tar.gz/day1/a.pcap: complete 3"}},
		{"deep", tarred(t, entry{"in.tar", tarred(t, entry{"in.tar", tarred(t, plain[1])})}),
			[]string{"deep: complete 0", "deep/in.tar: complete 0", "deep/in.tar/in.tar: unsupported 0 is an archive in an archive in an archive, which is not opened: unpack it first"}},
		{"cut.tar", tarred(t, plain...)[:1024+24+76+50], []string{"cut.tar: cut 0 the archive cannot be read on behind \"day1/a.pcap\": unexpected EOF",
			"cut.tar/day1/a.pcap: cut 1 offset 150: the archive ends inside this file: unexpected EOF"}},
		{"document inside.tar.gz", gzipped(t, tarred(t, entry{"note.txt", []byte("%PDF-1.7 <html> PK\x03\x04\n")}, plain[1])), []string{"document inside.tar.gz: complete 0",
			"document inside.tar.gz/note.txt: not-capture 0", "document inside.tar.gz/day1/a.pcap: complete 3"}},
		{"empty.tar", tarred(t), []string{"empty.tar: not-capture 0"}},
		{"empty.zip", zipped(t), []string{"empty.zip: complete 0"}},
		{"cut.zip", zipped(t, plain...)[:150], []string{"cut.zip: damaged 0 the archive cannot be opened: zip: not a valid zip file"}},
		{"x.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x04"), []string{"x.7z: unsupported 0 archives of format 7z are not opened: unpack it first"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := everything(t, kept(t, tt.name, tt.file), Options{}); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// The ledger has the hash of an archive as it lies on disk, and of each member as it comes out.
func TestArchiveHashes(t *testing.T) {
	a := pcap(3, 60)
	for name, file := range map[string][]byte{"x.zip": zipped(t, entry{"a.pcap", a}), "x.tar": tarred(t, entry{"a.pcap", a})} {
		r, err := Open(kept(t, name, file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := r.Member()
		if err != nil {
			t.Fatal(err)
		}
		inner := m.Finish()
		outer := r.Finish()
		for _, x := range []struct {
			e       ingest.Evidence
			content []byte
		}{{inner, a}, {outer, file}} {
			sum := sha256.Sum256(x.content)
			if x.e.SHA256 != hex.EncodeToString(sum[:]) || x.e.Size != int64(len(x.content)) || x.e.Changed {
				t.Errorf("%s: %s, %d bytes, changed %t", x.e.Path, x.e.SHA256, x.e.Size, x.e.Changed)
			}
		}
		if !inner.Modified.Equal(day) || !outer.Archive || inner.Archive || inner.Container != name || inner.Member != "a.pcap" {
			t.Errorf("%+v in %+v", inner, outer)
		}
	}
}

// TestEncrypted: zip archives that real programs encrypt, in PKWARE's way and in WinZip's.
func TestEncrypted(t *testing.T) {
	pack := func(program string, options ...string) []byte {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.pcap"), pcap(2000, 60), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(oracle.Program(t, program), append(options, "out.zip", "a.pcap")...)
		if c.Dir = dir; true {
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", program, err, out)
			}
		}
		b, err := os.ReadFile(filepath.Join(dir, "out.zip"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, file := range map[string][]byte{
		"zip":         pack("zip", "-P", "infected"),
		"zip, stored": pack("zip", "-0", "-P", "infected"),
		"AES-256":     pack("7z", "a", "-tzip", "-mem=AES256", "-pinfected"),
		"AES-128":     pack("7z", "a", "-tzip", "-mem=AES128", "-mx=0", "-pinfected"),
	} {
		for password, want := range map[string]string{"infected": "complete 2000", "": "unsupported 0 is encrypted: give its password", "guess": "unsupported 0 is encrypted with another password"} {
			got := everything(t, kept(t, "x.zip", file), Options{Password: password})
			if len(got) != 2 || got[0] != "x.zip: complete 0" || !strings.HasPrefix(got[1], "x.zip/a.pcap: "+want) {
				t.Errorf("%s, password %q: %q, want %q", name, password, got, want)
			}
		}
		if strings.HasPrefix(name, "AES") {
			bent := bytes.Clone(file)
			bent[len(bent)/2] ^= 1
			if got := everything(t, kept(t, "x.zip", bent), Options{Password: "infected"}); !strings.Contains(got[1], "damaged") {
				t.Errorf("%s, one bit changed: %q", name, got)
			}
		}
	}
}

// FuzzArchive: no archive stops the reader, or makes it read for ever.
func FuzzArchive(f *testing.F) {
	a := pcap(2, 60)
	for _, seed := range [][]byte{zipped(f, entry{"a", a}), tarred(f, entry{"a", a}), gzipped(f, tarred(f, entry{"a", a})), tarred(f, entry{"in", zipped(f, entry{"a", a})})} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "x")
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		everything(t, File{Path: "x", Name: path}, Options{Password: "p"})
	})
}
