package recover

import (
	"bytes"
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
		list := candidates(data)
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
