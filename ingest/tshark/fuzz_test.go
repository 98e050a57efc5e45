package tshark_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/tshark"
)

// seeds are the exports of testdata and pieces of them.
func seeds(f *testing.F, kind string) {
	found, err := filepath.Glob(filepath.Join("testdata", "v*"))
	if err != nil || len(found) < 15 {
		f.Fatalf("%d exports in testdata, error %v", len(found), err)
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			b, _ = io.ReadAll(z)
		}
		if strings.Contains(path, kind) && len(b) < 50_000 {
			f.Add(b)
			f.Add(b[:len(b)/3])
		}
	}
}

var context = func() field.Context {
	stock, err := payload.NewTable()
	if err != nil {
		panic(err)
	}
	return field.Context{Stock: stock}
}()

// read takes an export through reader, rebuilder and decoder, and asks the decoded packets every question.
func read(t *testing.T, b []byte) {
	r, err := tshark.NewReader(bytes.NewReader(b))
	if err != nil {
		return
	}
	frames, d := tshark.NewFrames(r), decode.New(decode.Options{})
	var p ingest.Packet
	last := int64(0)
	for {
		f, err := frames.Next()
		if err != nil {
			break
		}
		if f.Number <= last || len(f.Data) > f.Wire || f.Wire < 0 {
			t.Fatalf("frame %d behind %d, %d of %d bytes", f.Number, last, len(f.Data), f.Wire)
		}
		last = f.Number
		if d.Decode(f, &p); p.Problems&ingest.DecoderPanic != 0 {
			t.Fatalf("the decoder gave up on %x", f.Data)
		}
		for _, x := range field.All() {
			x.Values(&context, &p, nil)
		}
	}
	if s := frames.State(); (s.Problem == "") != (s.Offset < 0) || s.Offset > 3*int64(len(b)) {
		t.Fatalf("%+v", s)
	}
	frames.Limits()
}

func FuzzJSON(f *testing.F) {
	seeds(f, "json")
	f.Add([]byte(`[{"_index":"x","_source":{"layers":{"frame":{"frame.encap_type":"1"},"eth":{"eth.dst":"1"},"ip":{"ip.hdr_len":"60","ip.len":"99999999999"},"icmp":{"icmp.type":"9"}}}}]`))
	f.Fuzz(read)
}

func FuzzEK(f *testing.F) {
	seeds(f, "ek")
	f.Fuzz(read)
}

var quotedValue = regexp.MustCompile(`": ?"[^"]*"`)

// Values that no tshark wrote are read without harm: fields contradict one another, or are no numbers at all.
func TestHostileValues(t *testing.T) {
	odd := []string{"", "0", "1", "4", "6", "7", "20", "60", "255", "0xffff", "65535", "99999999999999999999", "-1", "true", "aa:bb:cc", "zz", "::", "10.0.0.1", "2001:db8::1",
		strings.Repeat("41:", 3000) + "41", "Nov 14, 2023 22:13:20.000000000 UTC", "-5.-3", "eth:ip:ip:icmp"}
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	for _, name := range []string{"v40.json", "v44.ek", "v44-nodup.json", "v40-x.ek"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			rate := 1 + random.IntN(100)
			read(t, quotedValue.ReplaceAllFunc(text, func(b []byte) []byte {
				if random.IntN(rate) > 0 {
					return b
				}
				return []byte(`":"` + odd[random.IntN(len(odd))] + `"`)
			}))
		}
	}
}
