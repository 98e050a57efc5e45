package recover

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// Pieces lost at the end are told: by a total in the packets, or by the file's own structure.
func TestLostEnd(t *testing.T) {
	totals := map[string]func(i, n int, p []byte) []byte{
		"u16 of u16": func(i, n int, p []byte) []byte {
			return append(binary.BigEndian.AppendUint32(nil, uint32(i<<16|n)), p...)
		},
		"text":           func(i, n int, p []byte) []byte { return append(fmt.Appendf(nil, "x7:%d/%d:", i+1, n), p...) },
		"no total":       func(i, n int, p []byte) []byte { return append(fmt.Appendf(nil, "x7:%d:", i+1), p...) },
		"little endians": func(i, n int, p []byte) []byte { return append([]byte{byte(i), 0, 0, 0, byte(n), 0, 0, 0}, p...) },
	}
	for kind, file := range samples(t) {
		for framing, write := range totals {
			size := (len(file) + 19) / 20
			for lost := range 3 {
				var list []Candidate
				pieces := slices.Collect(slices.Chunk(file, size))
				for i, p := range pieces[:len(pieces)-lost] {
					v := write(i, len(pieces), p)
					list = append(list, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: 9, Seq: uint16(i), Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
				}
				found := Recover(today(retime(list)), payloadCarrier(t), Options{})
				if len(found) == 0 {
					t.Fatalf("%s, %s, %d lost: nothing", kind, framing, lost)
				}
				f := found[0]
				atEnd := len(f.Gaps) > 0 && f.Gaps[len(f.Gaps)-1].Offset == int64(len(f.Bytes))
				told := framing != "no total" || slices.Contains([]string{"PNG", "ZIP", "PDF"}, f.Verdict.Format)
				if atEnd != (lost > 0) && (told || atEnd) {
					t.Errorf("%s, %s, %d lost: gaps %v in %d bytes, %v", kind, framing, lost, f.Gaps, len(f.Bytes), f.Why)
				}
			}
		}
	}
}
