package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"icmpsift/ingest"
	"icmpsift/ingest/oracle"
)

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zst(t testing.TB, b []byte, options ...zstd.EOption) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, options...)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

// packed is what a program writes that compresses its standard input.
func packed(t testing.TB, b []byte, program string, options ...string) []byte {
	t.Helper()
	c := exec.Command(oracle.Program(t, program), append(options, "-c")...)
	c.Stdin = bytes.NewReader(b)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return out
}

// noisy is a capture that hardly compresses, so that half of its compressed bytes hold about half of its frames.
func noisy(n int) []byte {
	random := rand.New(rand.NewPCG(3, 4))
	var out []byte
	for i := range n {
		data := make([]byte, 400)
		for j := range data {
			data[j] = byte(random.Uint32())
		}
		out = append(out, le.record(epoch+i, 0, 400, 400, nil, data)...)
	}
	return le.pcap(out)
}

func TestCompression(t *testing.T) {
	plain := le.pcap(le.packets(6))
	a, b := plain[:150], plain[150:]
	skippable := cat(le.u32(0x184d2a53), le.u32(4), []byte("skip"))
	bad := gz(t, plain)
	bad[len(bad)-6] ^= 1 // of its checksum
	badFirst := gz(t, a)
	badFirst[len(badFirst)-6] ^= 1
	tests := []struct {
		name, compression string
		file              []byte
		want              expect
	}{
		{"gzip", "gzip", gz(t, plain), expect{frames: 6}},
		{"gzip of several members", "gzip", cat(gz(t, a), gz(t, nil), gz(t, b)), expect{frames: 6}},
		{"gzip with zeros behind", "gzip", cat(gz(t, plain), make([]byte, 500)), expect{frames: 6}},
		{"gzip with junk behind", "gzip", cat(gz(t, plain), []byte("junk behind it")), expect{status: ingest.Damaged, frames: 6, offset: int64(len(plain)), problem: "neither gzip nor padding"}},
		{"gzip with a wrong checksum", "gzip", bad, expect{status: ingest.Damaged, frames: 6, offset: int64(len(plain)), problem: "checksum"}},
		{"gzip with a wrong checksum in its first member", "gzip", cat(badFirst, gz(t, b)), expect{status: ingest.Damaged, frames: 6, offset: int64(len(plain)), problem: "checksum"}},
		{"gzip without its end", "gzip", gz(t, plain)[:len(gz(t, plain))-3], expect{status: ingest.Cut, frames: 6, offset: int64(len(plain)), problem: "gzip stream is cut short"}},
		{"zstd", "zstd", zst(t, plain), expect{frames: 6}},
		{"zstd of several frames", "zstd", cat(zst(t, a), zst(t, b)), expect{frames: 6}},
		{"zstd with skippable frames", "zstd", cat(skippable, zst(t, a), skippable, zst(t, b), skippable), expect{frames: 6}},
		{"zstd with junk behind", "zstd", cat(zst(t, plain), []byte("junk behind it")), expect{status: ingest.Damaged, frames: 6, offset: int64(len(plain)), problem: "zstd stream is damaged"}},
		{"both", "gzip+zstd", gz(t, zst(t, plain)), expect{frames: 6}},
		{"inner cut", "gzip", gz(t, plain[:110]), expect{status: ingest.Cut, frames: 1, offset: 100, problem: "a record header"}},
	}
	for _, program := range []string{"xz", "bzip2", "lz4"} {
		whole, first, second := packed(t, plain, program), packed(t, a, program), packed(t, b, program)
		tests = append(tests, []struct {
			name, compression string
			file              []byte
			want              expect
		}{
			{program, program, whole, expect{frames: 6}},
			{program + " of several streams", program, cat(first, second), expect{frames: 6}},
			{program + " with junk behind", program, cat(whole, []byte("junk behind it...")), expect{status: ingest.Damaged, frames: 6, offset: int64(len(plain)), problem: program + " stream is damaged"}},
			{program + " without its end", program, whole[:len(whole)-3], expect{status: ingest.Cut, frames: 6, offset: int64(len(plain)), problem: program + " stream is cut short"}},
			{program + " in gzip", "gzip+" + program, gz(t, whole), expect{frames: 6}},
		}...)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := readBytes(t, tt.file)
			tt.want.check(t, r)
			if got := r.reader.Compression(); got != tt.compression {
				t.Errorf("compression %q, want %q", got, tt.compression)
			}
		})
	}
}

// TestCutCompression: what could be decompressed is given, whatever is missing.
func TestCutCompression(t *testing.T) {
	plain := noisy(3000)
	for name, packed := range map[string][]byte{"gzip": gz(t, plain), "zstd": zst(t, plain), "xz": packed(t, plain, "xz", "--block-size=65536"),
		"bzip2": packed(t, plain, "bzip2", "-1"), "lz4": packed(t, plain, "lz4", "-B4")} {
		t.Run(name, func(t *testing.T) {
			r := readBytes(t, packed[:len(packed)/2])
			if s := r.state; s.Status != ingest.Cut || !strings.Contains(s.Problem, name+" stream is cut short") {
				t.Errorf("%s, problem %q", s.Status, s.Problem)
			}
			if n := r.state.Frames; n < 1000 || n > 1600 {
				t.Errorf("%d frames of half a file of 3000", n)
			}
		})
		t.Run(name+" corrupt", func(t *testing.T) {
			bent := bytes.Clone(packed)
			for i := range 40 {
				bent[len(bent)/2+i] ^= 0x5a
			}
			r := readBytes(t, bent)
			if s := r.state; s.Status != ingest.Damaged || s.Frames < 1000 {
				t.Errorf("%s, %d frames, problem %q", s.Status, s.Frames, s.Problem)
			}
		})
	}
}

func TestIdentify(t *testing.T) {
	erf := func(n int) []byte {
		var out []byte
		for i := range n {
			out = append(out, cat(le.u32(0), le.u32(epoch+i), []byte{2, 4}, be.u16(16+4), be.u16(0), be.u16(64), []byte("abcd"))...)
		}
		return out
	}
	tests := []struct {
		name, file string
		want       error
	}{
		{"empty", "", ErrEmpty},
		{"empty in gzip", string(gz(t, nil)), ErrEmpty},
		{"text", "some notes\n", &NotCapture{MediaType: "text/plain"}},
		{"text in gzip", string(gz(t, []byte("some notes\n"))), &NotCapture{MediaType: "text/plain", Compression: "gzip"}},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", &NotCapture{MediaType: "image/png"}},
		{"three bytes of a magic number", "\x0a\x0d\x0d", &NotCapture{MediaType: "text/plain"}},
		{"line ends that look like a section header", "\n\r\r\nabcdefgh", &NotCapture{MediaType: "text/plain"}},
		{"gzip header only", "\x1f\x8b\x08", &NotCapture{MediaType: "application/gzip", Problem: "gzip stream is cut short"}},
		{"gzip of nothing readable", string(gz(t, le.pcap())[:11]), &NotCapture{MediaType: "application/octet-stream", Compression: "gzip", Problem: "gzip stream is cut short"}},
		{"snoop", "snoop\x00\x00\x00\x00\x00\x00\x02", &Unsupported{Kind: "snoop", Hint: editcap}},
		{"netmon in zstd", string(zst(t, []byte("GMBU\x00\x02"))), &Unsupported{Kind: "Microsoft Network Monitor 2.x", Compression: "zstd", Hint: editcap}},
		{"ERF", string(erf(5)), &Unsupported{Kind: "Endace ERF", Hint: editcap}},
		{"pcap version 1", string(le.file(0xa1b2c3d4, 1, 4, 9999, 1)), &Unsupported{Kind: "pcap version 1.4", Hint: "expected version 2"}},
		{"pcapng version 0.1", string(le.version(0, 1)), &Unsupported{Kind: "pcapng version 0.1", Hint: "expected version 1.x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(tt.file))
			if !same(err, tt.want) {
				t.Errorf("%#v, want %#v", err, tt.want)
			}
		})
	}
}

const editcap = "convert it with Wireshark's editcap -F pcapng"

func same(got, want error) bool {
	var not *NotCapture
	var unsupported *Unsupported
	switch {
	case errors.As(got, &not):
		w, ok := want.(*NotCapture)
		bare := *not
		bare.Content = nil
		return ok && bare == *w
	case errors.As(got, &unsupported):
		w, ok := want.(*Unsupported)
		return ok && *unsupported == *w
	}
	return errors.Is(got, want)
}

// TestContent: what is no capture can be read from its beginning by others, out of its compression.
func TestContent(t *testing.T) {
	want := strings.Repeat("notes of an analyst\n", 20_000)
	_, err := NewReader(bytes.NewReader(gz(t, []byte(want))))
	var not *NotCapture
	if !errors.As(err, &not) || not.Content == nil {
		t.Fatalf("%#v", err)
	}
	if got, err := io.ReadAll(not.Content); string(got) != want || err != nil {
		t.Errorf("%d bytes, want %d, error %v", len(got), len(want), err)
	}
}

// TestBomb: what is compressed ten thousand times is read to a limit and no further.
func TestBomb(t *testing.T) {
	var file bytes.Buffer
	w, err := zstd.NewWriter(&file, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	w.Write(cat(le.pcap(le.packets(3))))
	for range 1200 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	top, _, err := peel(&file)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, top); n < freeExpansion || n > freeExpansion+2<<20 || err == nil || !strings.Contains(err.Error(), "reading stopped") {
		t.Errorf("%d bytes, error %v", n, err)
	}
}
