package extract

import (
	"encoding/binary"
	"io"
	"os"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/spool"
)

const lab = "../../testdata/lab/"

// decoded reads every packet of a capture, as the decoder gives it first.
func decoded(t testing.TB, name string) (out []*ingest.Packet) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := decode.New(decode.Options{})
	for {
		frame, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var p ingest.Packet
		if d.Decode(frame, &p); p.ICMP >= 0 || p.Fragment {
			out = append(out, p.Clone())
		}
	}
}

// stored writes packets to an extract.
func stored(t testing.TB, memory int64, packets []*ingest.Packet) *Extract {
	t.Helper()
	w := NewWriter(spool.NewBudget(memory, t.TempDir()))
	for _, p := range packets {
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	x := w.Done(ingest.Evidence{})
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func opened(t testing.TB, x *Extract) ingest.PacketReader {
	t.Helper()
	r, err := x.Open()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ping is an echo request in an Ethernet frame.
func ping(seq uint16, payload int) *ingest.Packet {
	b := make([]byte, 14+20+8+payload)
	b[12], b[14], b[22], b[23] = 8, 0x45, 64, 1
	binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
	copy(b[26:], "\x0a\x00\x00\x01\x0a\x00\x00\x02\x08")
	binary.BigEndian.PutUint16(b[40:], seq)
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&ingest.Frame{Number: int64(seq), Time: int64(seq), Link: ingest.LinkEthernet, Wire: len(b), Data: b}, &p)
	return &p
}
