package field_test

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// bodies are ICMPv6 messages with every option and body that the table reads, filled at random.
func bodies(random *rand.Rand) (frames [][]byte) {
	fill := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.IntN(256) >> random.IntN(8))
		}
		return b
	}
	add := func(typ, code byte, parts ...[]byte) {
		frames = append(frames, eth6(ip6(58, icmp6(typ, code, parts...))))
	}
	for typ := range 42 {
		for units := 1; units <= 5; units++ {
			b := fill(8 * units)
			b[0], b[1] = byte(typ), byte(units)
			if typ == 11 || typ == 16 || typ == 15 && b[2] == 1 || typ == 21 || typ == 13 && units == 1 { // certificates are other dissectors', and PvD options hold options
				continue
			}
			if typ == 13 && units > 1 {
				clear(b[8:12]) // times beyond the year 2262
			}
			add(134, 0, fill(12), b, option(5, u16(0), u32(1500)))
		}
	}
	for _, code := range []byte{0, 1, 2, 3, 4, 5, 128, 129, 130, 131, 132, 133, 138} {
		for typ := range 12 {
			for range 3 {
				b := fill(random.IntN(50))
				add(155, code, fill(4+random.IntN(40)))
				add(155, code, pad(fill(4), 24), cat([]byte{byte(typ), byte(len(b))}, b))
			}
		}
	}
	for _, typ := range []byte{130, 131, 138, 138, 138, 139, 140, 143, 144, 145, 146, 147, 148, 149, 150, 151, 154, 156, 157, 158, 159, 159, 159} {
		for code := range 3 {
			for range 4 {
				add(typ, byte(code), fill(8+random.IntN(60)))
			}
		}
	}
	return frames
}

// TestTsharkBodies compares what few captures hold. Random lengths break most messages somewhere.
func TestTsharkBodies(t *testing.T) {
	bin, version := tshark(t)
	frames := bodies(rand.New(rand.NewPCG(3, 4)))
	wrong := differences(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), hostile)
	for _, d := range wrong {
		t.Log(d)
	}
	if len(wrong)*500 > len(frames) { // random bodies reach corners that are not pinned down
		t.Errorf("%d of %d bodies have a field that differs from tshark's", len(wrong), len(frames))
	}
}

// options4 are headers with every option that Wireshark knows, sound and broken ones.
const options4 = `070b080a0000030000000000 070b040a0000030000000000 070b030a0000030000000000 070b060a0000030000000000 070b140a0000030000000000 07030401
440c0d100000000100000002 440c05210a00000100000002 440c0d010a00000100000002 440c05030a00000100000002 44040500 4408010201020304
440a050001020304aabb0000 820b00010002000300040500 8203ab00 8204ab80 85040102 860a00000001010400050000 88041234 0b0405dc 0c0405dc
520c0001000200030a000009 94040000 9405000000000000 950800000a000008 19080f4000000005 19088f4000000005 19083f4000000005 0101010101010101
01010101 01010100 00000000 00070707 c8040102 c8010102 07000101 07280401 01010107 8307040102030400 8907080102030400 830b08010203040506070800
5e040102 930c01020304050607080900 820b789a0000000041424300 820b00010000000041424300 860c0000000101060005c001 860b0000000101050005ff00
860e0000000102080007000100220000 860e0000000105080007002000010000 861000000001050a0007002000010009 860c00000001060661626364
860c00000001090661626364 86100000000182066162636401040005 8608000000010101 860900000001012000000000 820cab010101010101010101 85030900
8805010203000000 9506010203040000`

// TestTsharkOptions compares IPv4 headers: their options, impossible lengths, versions.
func TestTsharkOptions(t *testing.T) {
	bin, version := tshark(t)
	echo := icmp4(8, 0, u32(1))
	var frames [][]byte
	for text := range strings.FieldsSeq(options4) {
		options, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, eth4(ip4With(1, options, echo)))
	}
	for _, first := range []byte{0x44, 0x40, 0x4f} {
		frames = append(frames, eth4(cat([]byte{first}, ip4(1, echo)[1:])), eth4(ip4(1, icmp4(3, 3, u32(0), []byte{first}, ip4(1, echo)[1:]))))
	}
	for _, length := range []int{0, 1, 10, 19, 20, 27, 28, 29, 60} {
		packet := ip4(1, echo)
		binary.BigEndian.PutUint16(packet[2:], uint16(length))
		frames = append(frames, eth4(packet), eth4(ip4(1, icmp4(3, 3, u32(0), packet))))
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), byDesign)
}
