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
	for _, tt := range carriers {
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
	f.Add([]byte{0, 4, 9, 0, 0, 1, 4, 9, 0, 0, 2, 4, 8, 0, 0})                // IEEE 802.11
	f.Add([]byte{0, 4, 17, 0, 0, 2, 4, 17, 0, 0, 4, 4, 16, 0, 0})             // CAPWAP
	f.Add([]byte{0, 2, 33, 0, 0, 1, 9, 34, 0, 0, 0, 2, 37, 0, 0})             // quoted
	f.Add([]byte{0, 3, 1, 0, 0, 0, 3, 1, 1, 0, 2, 5, 0, 0, 0, 1, 1, 0, 0, 0}) // overlapping, past the end
	f.Fuzz(func(t *testing.T, script []byte) {
		d := decode.New(decode.Options{MaxReassembly: 1 << 16})
		var p ingest.Packet
		for n := int64(1); len(script) >= 5; script = script[5:] {
			offset, size, flags := (int(script[0])|int(script[4]&31)<<8)*8, int(script[1])*4, script[2]
			payload := make([]byte, size)
			for i := range payload {
				payload[i] = byte(offset+i) ^ script[3]
			}
			fr := scripted(flags, offset, payload)
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

// scripted is a fragment: of IPv4, or of what else the flags say.
func scripted(flags byte, offset int, payload []byte) *ingest.Frame {
	id, more := int(flags>>6), flags&1 != 0
	b := datagram{protocol: 1, id: id, offset: offset, more: more, payload: payload}.bytes()
	switch {
	case flags&4 != 0:
		b = fragment6(id, int(58^flags&2), offset, more, payload)
	case flags&8 != 0:
		f := wireless(8, 1|flags&1<<2, nil, payload)
		f[22] = byte(offset/8)&0x0f | byte(id)<<4
		return frame(105, f)
	case flags&16 != 0:
		last := byte(0x40)
		if more {
			last = 0
		}
		b = overUDP(5247, join([]byte{0, 0x10, 2, 0x80 | last}, be16(id), be16(offset), payload))
	}
	if flags&32 != 0 {
		b = ip4(1, icmp(3, 1, be32(0), b))
	}
	return frame(101, b)
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
