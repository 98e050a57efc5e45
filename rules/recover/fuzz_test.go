package recover

import (
	"bytes"
	"math"
	"testing"
)

// candidates makes packets of fuzzed bytes: each begins with a byte of length, one of flags, and the header fields that the flags ask to
// change.
func candidates(data []byte) (out []Candidate) {
	at, ident, seq := int64(1_795_000_000)*second, uint16(7), uint16(0)
	for len(data) > 2 && len(out) < 400 {
		n, flags := int(data[0]), data[1]
		data = data[2:]
		n = min(n, len(data))
		c := Candidate{Number: int64(len(out) + 1), Value: data[:n:n], Wire: n, Anchor: flags&1 == 0, Ordinary: flags&2 != 0, Shape: Shape{TTL: 64 + flags>>6, Length: 8 + n, Tail: n}}
		if flags&4 != 0 && n > 1 {
			ident = uint16(data[0])<<8 | uint16(data[1])
		}
		if flags&8 != 0 && n > 1 {
			seq = uint16(data[0])<<8 | uint16(data[1])
		} else {
			seq++
		}
		if flags&16 != 0 {
			c.Wire += int(flags) // cut
		}
		at += int64(flags&32) * second
		c.Ident, c.Seq, c.Time = ident, seq, at
		at += second / 10
		if data = data[n:]; c.Wire > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Whatever packets hold, recovery comes to an end, stays within bounds, and what it says of pieces and gaps is true.
func FuzzRecover(f *testing.F) {
	for _, send := range senders {
		var data []byte
		for _, v := range send([]byte("a file of some words, sent in many ways: the quick brown fox jumps over the lazy dog, again and again\n")) {
			data = append(append(data, byte(len(v)), 0), v[:min(len(v), 255)]...)
		}
		f.Add(data, uint8(0))
		f.Add(data, uint8(7))
	}
	names := []string{"sift.payload", "sift.id", "sift.seq", "sift.ttl", "sift.payload.length", "ipv6.flow", "ip.dsfield.dscp", "sift.gap", "sift.timestamps", "sift.quoted.payload"}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		c, err := Lookup(names[int(which)%len(names)])
		if err != nil {
			t.Fatal(err)
		}
		list := candidates(data[:min(len(data), 1<<11)])
		list = list[:min(len(list), 64)]
		if c.kind != pieces {
			for i := range list {
				if width := min(len(list[i].Value), 4); width > 0 {
					list[i].Value, list[i].Wire = list[i].Value[:width], width
				} else {
					list[i].Value, list[i].Wire = []byte{0}, 1
				}
			}
		}
		options := []Options{{}, {All: true, Plain: true}, {Required: true}, {Decode: []string{"base64", "xor"}, Order: BySeq}}
		for _, found := range Recover(list, c, options[int(which)/len(names)%len(options)]) {
			checkFound(t, list, found)
		}
	})
}

// checkFound checks what must be true of everything that comes back.
func checkFound(t *testing.T, list []Candidate, f Found) {
	t.Helper()
	if len(f.Bytes) == 0 || len(f.Bytes) > maxInflated+1 || len(f.Pieces) == 0 || f.Reading >= maxOfStream {
		t.Fatalf("%d bytes of %d pieces, reading %d", len(f.Bytes), len(f.Pieces), f.Reading)
	}
	for _, p := range f.Pieces {
		if p.Number < 1 || p.Number > int64(len(list)) {
			t.Fatalf("piece %v of %d packets", p, len(list))
		}
	}
	for _, g := range f.Gaps {
		if g.Offset < 0 || g.Offset > int64(len(f.Bytes)) || g.Length < -1 {
			t.Fatalf("gap %v in %d bytes", g, len(f.Bytes))
		}
	}
	if f.Raw != nil && bytes.Equal(f.Raw, f.Bytes) {
		t.Fatal("the raw bytes are the same")
	}
}

// Framings of any packets are inferred within bounds, and what they leave of a packet is a part of it.
func FuzzFraming(f *testing.F) {
	for _, name := range []string{"magic, u16, length", "u16 index, total", "text fields", "unit fields", "offset"} {
		var data []byte
		for i := range 8 {
			v := framed[name](i, 8, 160, 20*i, some(20-i/7, int64(i)))
			data = append(append(data, byte(len(v)), 0), v...)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list := candidates(data[:min(len(data), 1<<12)])
		if len(list) > 48 {
			list = list[:48]
		}
		for _, way := range inferred(transfer{members: list}) {
			for _, file := range way {
				if file.place != nil && len(file.place) != len(file.members) {
					t.Fatalf("%d places of %d packets", len(file.place), len(file.members))
				}
				for _, c := range file.members {
					if from := list[c.Number-1]; len(c.Value) > c.Wire || c.Wire > from.Wire || !bytes.Contains(from.Value, c.Value) {
						t.Fatalf("%d of %d bytes left of %d", len(c.Value), c.Wire, from.Wire)
					}
				}
			}
		}
	})
}

// Encodings of any bytes are undone within bounds.
func FuzzDecode(f *testing.F) {
	for _, encode := range encoded {
		f.Add(encode([]byte("user anna, password correct-horse; door code 4417; next change on monday\n")), uint16(9))
	}
	f.Add([]byte("\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3"), uint16(0))
	f.Add([]byte("\x04\"M\x18d@\xa7\x05\x00\x00\x80hello\x00\x00\x00\x00"), uint16(0))
	f.Fuzz(func(t *testing.T, b []byte, hole uint16) {
		b = b[:min(len(b), 1<<13)]
		var gaps []Gap
		if int(hole) < len(b) {
			gaps = []Gap{{int64(hole), int64(hole%7) - 1}}
		}
		layers, _ := unwrap(b, gaps, nil)
		for _, l := range layers {
			if len(l.bytes) > maxInflated+1 {
				t.Fatalf("%d bytes", len(l.bytes))
			}
			for _, g := range l.gaps {
				if g.Offset < 0 || g.Offset > int64(len(l.bytes)) || g.Length < -1 {
					t.Fatalf("gap %v in %d bytes, %v", g, len(l.bytes), l.encodings)
				}
			}
		}
	})
}

// What files of any content say of themselves is within them.
func FuzzContainer(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	for _, x := range formats {
		f.Add([]byte(x.magic + "\x00\x00\x00\x10 and more bytes of whatever is to come behind it, as many as a header has"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 1<<14)]
		v := Judge(b)
		if v.end < 0 || v.end > len(b) || v.good < 0 || v.good > 1 || math.IsNaN(v.good) {
			t.Fatalf("%+v of %d bytes", v, len(b))
		}
		if missing, ok := short(v.Format, b); ok && (missing < -1 || missing == 0 || missing > maxInflated) {
			t.Fatalf("%s: %d bytes missing", v.Format, missing)
		}
	})
}
