package recover

import (
	"encoding/binary"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// What is put around pieces comes off where it stands behind them, is filled up with whatever bytes, or lies under the key that the pieces do.
func TestHidden(t *testing.T) {
	rnd := rand.New(rand.NewSource(11))
	fill := func(p []byte, to int) []byte { return append(p, some(max(0, to-len(p)), rnd.Int63())...) }
	be, le := binary.BigEndian, binary.LittleEndian
	frames := map[string]func(i, n, all, off int, p []byte) []byte{
		"count behind, 16 bits": func(i, _, _, _ int, p []byte) []byte { return be.AppendUint16(slices.Clone(p), uint16(i)) },
		"count behind, 32 bits, and two bytes": func(i, _, _, _ int, p []byte) []byte {
			return append(le.AppendUint32(slices.Clone(p), uint32(i)), 0x0d, 0x0a)
		},
		"length first, filled up": func(_, _, _, _ int, p []byte) []byte {
			return fill(append([]byte{0, byte(len(p))}, p...), 71)
		},
		"count and length, filled up": func(i, _, _, _ int, p []byte) []byte {
			return fill(slices.Concat(be.AppendUint16(nil, uint16(i)), le.AppendUint16(nil, uint16(len(p))), p), 80)
		},
		"count under the key": func(i, _, _, _ int, p []byte) []byte {
			return xored(append(be.AppendUint16(nil, uint16(i)), p...), []byte{0xc3})
		},
		"a key anew in each": func(_, _, _, _ int, p []byte) []byte { return xored(p, []byte{0x51, 0x9e, 0x0b}) },
	}
	for kind, file := range kinds(t, rnd) {
		if packed(kind) {
			continue // two readings
		}
		for how, frame := range frames {
			list := today(carried(file, 61, frame, [2]string{}, func(i int) uint16 { return uint16(i) }))
			if kind == "random" && strings.Contains(how, "key") || kind == "text" && how == "a key anew in each" {
				continue // nothing tells that there is one, or of figures and signs, which it is
			}
			found := Recover(list, payloadCarrier(t), Options{})
			if !brought(found, file) {
				t.Errorf("%s, %s: %v", kind, how, tell(found))
			}
		}
	}
}

// Pings that are ordinary but for a byte are no decoys where that byte is as ordinary in some.
func TestNearlyOrdinary(t *testing.T) {
	file := []byte("the meeting is in the third house behind the mill, and it is there that the chief hid them")
	var list []Candidate
	for i, c := range file {
		value := append([]byte("abcdefghijklmnopqrstuvwabcdefgh"), c)
		list = append(list, Candidate{Number: int64(i + 1), Value: value, Wire: 32, Anchor: c != 'i', Ordinary: c == 'i', Seq: uint16(i)})
	}
	found := Recover(retime(list), payloadCarrier(t), Options{})
	if !brought(found, file) {
		t.Error(tell(found))
	}
}
