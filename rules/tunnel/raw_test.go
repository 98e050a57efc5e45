package tunnel

import (
	"encoding/binary"
	"slices"
	"testing"
)

// unknown is a tool that no way knows: a header of a mark, a kind, a counter and a length, and keep-alives of headers alone.
func unknown(up, down [][]byte) (out []sent) {
	head := func(kind byte, n int, b []byte) []byte {
		h := append([]byte("Zq"), kind, 7)
		h = binary.LittleEndian.AppendUint32(h, uint32(n))
		return append(binary.LittleEndian.AppendUint16(h, uint16(len(b))), b...)
	}
	for i := range max(len(up), len(down)) {
		if i < len(up) {
			out = append(out, sent{0, head(1, i, up[i])})
		} else {
			out = append(out, sent{0, head(9, i, nil)})
		}
		if i < len(down) {
			out = append(out, sent{1, head(2, i, down[i])})
		}
	}
	return out
}

func TestPayload(t *testing.T) {
	file := random(5000, 41)
	list := unknown([][]byte{ask}, chunks(answered(file), 600))
	for name, tt := range map[string]struct {
		list []sent
		want bool
	}{
		"behind a header": {list, true},
		"sent again":      {slices.Insert(slices.Clone(list), 6, list[3], list[5]), true},
		"a piece lost":    {slices.Delete(slices.Clone(list), 5, 6), false},
		"no HTTP":         {unknown([][]byte{ask}, chunks(file, 600)), false},
	} {
		c := opened("payload", messages(tt.list...))
		sane(t, c, messages(tt.list...))
		f := came(c, file)
		if (f != nil) != tt.want {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
		if f != nil && (f.Name != "plan.bin" || f.Carrier != "sift.payload[10:]" || !f.Complete || f.Src != hosts[1].Address) {
			t.Errorf("%s: %+v", name, f.Name)
		}
		if f == nil && len(c.Finds) != 2 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
		var up []byte
		for _, s := range tt.list {
			if s.from == 0 {
				up = append(up, s.body...)
			}
		}
		if came(c, up) == nil || len(c.Finds) > 3 {
			t.Errorf("%s: the payloads did not come back as they were: %v", name, sizes(c))
		}
	}
}

// Pieces without headers are streams as they are.
func TestPlainStreams(t *testing.T) {
	file := random(3000, 42)
	list := []sent{{0, ask}}
	for _, b := range chunks(answered(file), 500) {
		list = append(list, sent{1, b})
	}
	c := opened("payload", messages(list...))
	if came(c, file) == nil || came(c, ask) == nil || came(c, answered(file)) == nil || len(c.Finds) != 3 || len(c.Notes) != 0 {
		t.Errorf("%v bytes came back, notes %q", sizes(c), c.Notes)
	}
}

func FuzzPayload(f *testing.F) {
	var b []byte
	for _, s := range unknown([][]byte{ask}, chunks(answered([]byte("some words")), 30)) {
		b = append(append(b, byte(s.from), byte(len(s.body)), byte(len(s.body)>>8)), s.body...)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { sane(t, opened("payload", split(b)), split(b)) })
}
