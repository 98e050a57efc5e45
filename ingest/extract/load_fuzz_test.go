package extract

import (
	"bytes"
	"context"
	"io"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/spool"
)

// onDisk saves packets as an extract.
func onDisk(t testing.TB, packets []*ingest.Packet) []byte {
	t.Helper()
	w := NewWriter(spool.NewBudget(1<<20, t.TempDir()))
	e := ingest.Evidence{Path: "a.pcap", Status: ingest.Complete, DuplicateOf: -1}
	for i, p := range packets {
		if p.ICMP >= 0 {
			e.ICMPFrames++
		}
		if i == 0 {
			e.First, e.Last = p.Time, p.Time
		}
		e.First, e.Last = min(e.First, p.Time), max(e.Last, p.Time)
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	x := w.Done(e)
	defer x.Close()
	var b bytes.Buffer
	if err := Save(context.Background(), &b, []Saved{{x, Entry{Evidence: e}}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// loaded loads bytes; the error is what is wrong with them.
func loaded(t testing.TB, b []byte) ([]Loaded, error) {
	r, err := capture.NewReader(bytes.NewReader(b))
	if err != nil || !r.Extract() {
		return nil, errTorn
	}
	l := NewLoader(spool.NewBudget(1<<20, t.TempDir()))
	t.Cleanup(func() { l.Close() })
	if err := l.Load(r, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	return l.Done()
}

// An extract loaded is the one saved; one that is torn or changed anywhere that counts is not taken for whole.
func TestSavedIsLoaded(t *testing.T) {
	packets := decoded(t, lab+"ben-frag-ping.pcap")
	b := onDisk(t, packets)
	all, err := loaded(t, b)
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	r := opened(t, all[0].Extract)
	for _, want := range packets {
		got, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	}
	if again := onDisk(t, packets); !bytes.Equal(b, again) {
		t.Error("the same packets give other bytes")
	}
	for n := 0; n < len(b); n += 97 {
		if _, err := loaded(t, b[:n]); err == nil {
			t.Errorf("cut at %d of %d it is taken for whole", n, len(b))
		}
	}
	frame := bytes.Index(b, packets[3].Data)
	changed := bytes.Clone(b)
	changed[frame+40] ^= 1
	if _, err := loaded(t, changed); err == nil {
		t.Error("a changed packet is not noticed")
	}
}

// FuzzLoader: whatever an extract says, it is read to its end, and what was loaded can be read as often as wanted.
func FuzzLoader(f *testing.F) {
	for _, name := range []string{"ben-frag-ping.pcap", "ben-ping6.pcapng"} {
		packets := decoded(f, lab+name)
		f.Add(onDisk(f, packets[:min(len(packets), 12)]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, _ := loaded(t, b)
		for _, x := range all {
			in, err := x.Extract.Open()
			if err != nil {
				t.Fatal(err)
			}
			for last := int64(0); ; {
				p, err := in.Next()
				if err == io.EOF {
					break
				}
				if err != nil || p.Number <= last {
					t.Fatalf("frame %d behind %d: %v", p.Number, last, err)
				}
				last = p.Number
			}
		}
	})
}
