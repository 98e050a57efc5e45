package capture

import (
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/oracle"
)

// shared finds the folder of captures that is beside the repository on some machines.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no module root above the working directory")
		}
	}
	captures := filepath.Join(dir, "..", "shared", "captures")
	if _, err := os.Stat(captures); err != nil {
		t.Skip("skipped: ../shared/captures is not here")
	}
	return captures
}

// TestFramesAreWiresharks compares the number of frames of every capture at hand with capinfos, or with the manifest's
// count by tcpdump where capinfos does not know the link type.
func TestFramesAreWiresharks(t *testing.T) {
	root := shared(t)
	if _, err := exec.LookPath("capinfos"); err != nil {
		t.Skip("skipped: capinfos is not installed")
	}
	manifest := manifestCounts(t, filepath.Join(root, "public", "MANIFEST.csv"))
	compared := 0
	for _, folder := range []string{"public", "bad", "lab", "case"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			ours, ok := frameCount(t, path)
			theirs, known := capinfos(path)
			if rel, _ := filepath.Rel(filepath.Join(root, "public"), path); !known {
				theirs, known = manifest[filepath.ToSlash(rel)]
			}
			if !known {
				return nil
			}
			compared++
			if !ok || ours != theirs {
				t.Errorf("%s: %d frames (readable: %v), Wireshark has %d", path, ours, ok, theirs)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if compared < 300 {
		t.Errorf("only %d captures were compared", compared)
	}
}

// frameCount reads the file; false if it is no capture.
func frameCount(t *testing.T, path string) (int64, bool) {
	file, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return 0, false
	}
	defer file.Close()
	begin := time.Now()
	r, err := NewReader(file)
	for err == nil {
		_, err = r.Next()
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("%s took %v", path, took)
	}
	if !errors.Is(err, io.EOF) {
		return 0, false
	}
	return r.State().Frames, true
}

var readBefore = regexp.MustCompile(`An error occurred after reading (\d+) packets`)

var isCapture = regexp.MustCompile(`,[a-z0-9_]*pcap(ng)?,\d+$`)

// capinfos counts the packets up to damage; false if it cannot open the file.
func capinfos(path string) (int64, bool) {
	out, err := exec.Command("capinfos", "-t", "-c", "-M", "-T", "-m", "-r", path).CombinedOutput()
	if m := readBefore.FindSubmatch(out); m != nil && !strings.Contains(string(out), "will continue anyway") {
		n, err := strconv.ParseInt(string(m[1]), 10, 64)
		return n, err == nil
	}
	line := strings.TrimSpace(string(out))
	if err != nil || !isCapture.MatchString(line) {
		return 0, false // also the pictures and texts that Wireshark can show
	}
	n, err := strconv.ParseInt(line[strings.LastIndexByte(line, ',')+1:], 10, 64)
	return n, err == nil
}

func manifestCounts(t *testing.T, path string) map[string]int64 {
	file, err := os.Open(path)
	if err != nil {
		t.Skip("skipped: no manifest of the public captures")
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("manifest: %v", err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	counts := map[string]int64{}
	for _, row := range rows[1:] {
		if n, err := strconv.ParseInt(row[column["packets"]], 10, 64); err == nil {
			counts[row[column["path"]]] = n
		}
	}
	return counts
}

// TestTimesAreWiresharks compares times, lengths and numbers of frames with tshark, for a few captures of each kind.
func TestTimesAreWiresharks(t *testing.T) {
	root := shared(t)
	paths, err := filepath.Glob(filepath.Join(root, "lab", "*.pcap*"))
	if err != nil || len(paths) == 0 {
		t.Skip("skipped: no lab captures")
	}
	for i, path := range paths {
		if i%8 == 0 {
			t.Run(filepath.Base(path), func(t *testing.T) { compareFields(t, path) })
		}
	}
}

func compareFields(t *testing.T, path string) {
	out, err := exec.Command(oracle.Tshark(t), "-n", "-r", path, "-T", "fields", "-e", "frame.number", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.interface_id").Output()
	if err != nil {
		t.Skipf("skipped: tshark: %v", err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := readAll(t, file)
	if len(lines) != len(r.frames) {
		t.Fatalf("%d frames, tshark has %d", len(r.frames), len(lines))
	}
	for i, f := range r.frames {
		if got := fields(&f, strings.HasSuffix(lines[i], "\t")); got != lines[i] {
			t.Fatalf("frame %d: %q, tshark has %q", i+1, got, lines[i])
		}
	}
}

func fields(f *ingest.Frame, unnamed bool) string {
	at := f.Timestamp()
	epoch := strconv.FormatInt(at.Unix(), 10) + "." + strconv.Itoa(second + at.Nanosecond())[1:]
	id := strconv.Itoa(f.Interface)
	if unnamed {
		id = ""
	}
	return strings.Join([]string{strconv.FormatInt(f.Number, 10), epoch, strconv.Itoa(f.Wire), strconv.Itoa(len(f.Data)), id}, "\t")
}
