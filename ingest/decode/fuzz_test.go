package decode_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
)

// FuzzDecode decodes any bytes on any link, cut anywhere: nothing panics, spans stay inside the data, Replay gives
// what Decode gave, and what is no candidate holds no ICMP.
func FuzzDecode(f *testing.F) {
	for _, tt := range layerTests {
		f.Add(uint16(tt.link), uint16(0), byte(0), tt.bytes)
	}
	seed(f, func(fr *ingest.Frame) { f.Add(uint16(fr.Link), uint16(fr.Wire-len(fr.Data)), byte(0), fr.Data) })
	f.Fuzz(func(t *testing.T, link, missing uint16, fcs byte, b []byte) {
		d := decode.New(decode.Options{})
		var p ingest.Packet
		fr := frame(ingest.LinkType(link%300), b)
		fr.Wire, fr.FCS = len(b)+int(missing), int(fcs%8)
		d.Decode(fr, &p)
		check(t, d, fr, &p)
		if p.ICMP < 0 {
			return
		}
		if m := p.Message(); m.Proto != ingest.ProtoICMPv4 && m.Proto != ingest.ProtoICMPv6 {
			t.Errorf("the message is %v", m.Proto)
		}
	})
}

// FuzzReassembly sends fragments as the bytes say: each takes offset, length, flags and identification from 5 of them.
func FuzzReassembly(f *testing.F) {
	f.Add([]byte{0, 2, 1, 0, 0, 2, 2, 1, 0, 0, 4, 1, 0, 0, 0})
	f.Add([]byte{0, 9, 3, 0, 0, 1, 9, 2, 0, 0, 255, 255, 3, 0, 31})
	f.Add([]byte{4, 1, 4, 0, 0, 0, 2, 5, 0, 0, 2, 2, 5, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		d := decode.New(decode.Options{MaxReassembly: 1 << 16})
		var p ingest.Packet
		for n := int64(1); len(script) >= 5; script = script[5:] {
			offset, size, flags := (int(script[0])|int(script[4]&31)<<8)*8, int(script[1])*4, script[2]
			payload := make([]byte, size)
			for i := range payload {
				payload[i] = byte(offset+i) ^ script[3]
			}
			b := datagram{protocol: 1, id: int(flags >> 6), offset: offset, more: flags&1 != 0, payload: payload}.bytes()
			if flags&4 != 0 {
				b = fragment6(int(flags>>6), 58, offset, flags&1 != 0, payload)
			}
			fr := frame(101, b)
			fr.Number = n
			d.Decode(fr, &p)
			check(t, d, fr, &p)
			if p.Whole != nil && p.Fragment {
				t.Error("whole and fragment at once")
			}
			n++
		}
	})
}

// seed hands the frames of the testdata captures on.
func seed(f *testing.F, add func(*ingest.Frame)) {
	files, _ := filepath.Glob("testdata/*.pcap*")
	for _, file := range files {
		in, err := os.Open(file)
		if err != nil {
			f.Fatal(err)
		}
		defer in.Close()
		r, err := capture.NewReader(in)
		if err != nil {
			f.Fatal(err)
		}
		for n := 0; n < 20; n++ {
			fr, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				f.Fatal(err)
			}
			c := *fr
			c.Data = append([]byte(nil), fr.Data...)
			add(&c)
		}
	}
}
