package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"icmpsift/ingest"
)

// An export of tshark is evidence like a capture: identified by its content in any compression, hashed as it lies on
// disk, and what it does not hold is said.
func TestExport(t *testing.T) {
	samples := filepath.Join("..", "tshark", "testdata")
	for name, tt := range map[string]struct {
		pack                func([]byte) []byte
		format, compression string
		frames              int64
		status              ingest.Status
		problem, limit      string
	}{
		"v44-x.json.gz": {nil, "tshark-json", "gzip", 9, ingest.Complete, "", "14 of the capture's frames"},
		"v40.ek":        {nil, "tshark-ek", "", 9, ingest.Complete, "", "9 frames have no raw bytes"},
		"v40.json":      {packed, "tshark-json", "zstd", 9, ingest.Complete, "", "3 ICMP messages hold bytes that tshark does not show"},
		"v36.json":      {func(b []byte) []byte { return b[:len(b)-200] }, "tshark-json", "", 4, ingest.Cut, "line 446, offset 14109: the export ends inside a packet", "frame numbers and times are the capture's"},
	} {
		b, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		if tt.pack != nil {
			b = tt.pack(b)
		}
		path := filepath.Join(t.TempDir(), "anything")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(File{Path: name, Name: path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		e := r.Finish()
		sum := sha256.Sum256(b)
		if err != io.EOF || e.Format != tt.format || e.Compression != tt.compression || e.Frames != tt.frames || e.Status != tt.status || e.SHA256 != hex.EncodeToString(sum[:]) ||
			e.Problem != tt.problem || !strings.Contains(strings.Join(e.Limits, "\n"), tt.limit) || e.First != 1700000000e9 {
			t.Errorf("%s: %+v, error %v", name, e, err)
		}
	}
}

func packed(b []byte) []byte {
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	if err == nil {
		_, err = z.Write(b)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}
