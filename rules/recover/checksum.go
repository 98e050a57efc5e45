package recover

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/adler32"
	"hash/crc32"
	"slices"
	"strings"
)

// seal is the check sum of some bytes, as it stands in a packet.
type seal struct {
	name string
	sum  []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumKind is a check sum that tools put on their pieces; sums gives it in every way it is written: in both byte orders, or cut.
type sumKind struct {
	name string
	sums func(b []byte) [][]byte
}

var sumKinds = []sumKind{
	{"CRC-32", four(crc32.ChecksumIEEE)},
	{"CRC-32C", four(func(b []byte) uint32 { return crc32.Checksum(b, castagnoli) })},
	{"Adler-32", four(adler32.Checksum)},
	{"CRC-16/CCITT-FALSE", two(func(b []byte) uint16 { return crc16(b, 0xffff) })},
	{"CRC-16/XMODEM", two(func(b []byte) uint16 { return crc16(b, 0) })},
	{"CRC-16/ARC", two(func(b []byte) uint16 { return crc16Reflected(b, 0) })},
	{"CRC-16/MODBUS", two(func(b []byte) uint16 { return crc16Reflected(b, 0xffff) })},
	{"Internet checksum", two(internetSum)},
	{"sum", plainSums},
	{"MD5", func(b []byte) [][]byte { m := md5.Sum(b); return cuts(m[:], 16, 8, 4) }},
	{"SHA-1", func(b []byte) [][]byte { m := sha1.Sum(b); return cuts(m[:], 20, 8, 4) }},
	{"SHA-256", func(b []byte) [][]byte { m := sha256.Sum256(b); return cuts(m[:], 32, 16, 8, 4) }},
	{"XOR", func(b []byte) [][]byte {
		xor := byte(0)
		for _, c := range b {
			xor ^= c
		}
		return [][]byte{{xor}}
	}},
}

func four(sum func(b []byte) uint32) func(b []byte) [][]byte {
	return func(b []byte) [][]byte {
		v := sum(b)
		return [][]byte{binary.BigEndian.AppendUint32(nil, v), binary.LittleEndian.AppendUint32(nil, v)}
	}
}

func two(sum func(b []byte) uint16) func(b []byte) [][]byte {
	return func(b []byte) [][]byte {
		v := sum(b)
		return [][]byte{binary.BigEndian.AppendUint16(nil, v), binary.LittleEndian.AppendUint16(nil, v)}
	}
}

func cuts(sum []byte, widths ...int) (out [][]byte) {
	for _, n := range widths {
		out = append(out, sum[:n])
	}
	return out
}

// plainSums adds the bytes up, in four, two and one byte; the last also as what makes the whole zero.
func plainSums(b []byte) [][]byte {
	sum := uint32(0)
	for _, c := range b {
		sum += uint32(c)
	}
	out := append(four(func([]byte) uint32 { return sum })(nil), two(func([]byte) uint16 { return uint16(sum) })(nil)...)
	return append(out, []byte{byte(sum)}, []byte{-byte(sum)})
}

// inFigures ends the name of a check sum that is written in hexadecimal figures.
const inFigures = " in hexadecimal"

// written gives a check sum as bytes, and in figures if it is long enough to tell from chance.
func (k sumKind) written(b []byte) (out []seal) {
	for _, sum := range k.sums(b) {
		out = append(out, seal{k.name, sum})
		if figures := hex.AppendEncode(nil, sum); len(sum) >= 4 {
			out = append(out, seal{k.name + inFigures, figures}, seal{k.name + inFigures, bytes.ToUpper(figures)})
		}
	}
	return out
}

// seals are the check sums of some bytes, of every kind.
func seals(b []byte) (out []seal) {
	for _, k := range sumKinds {
		out = append(out, k.written(b)...)
	}
	return out
}

// isSeal tells whether some bytes are a check sum, of a named kind, of others.
func isSeal(name string, sum, b []byte) bool {
	i := slices.IndexFunc(sumKinds, func(k sumKind) bool { return k.name == strings.TrimSuffix(name, inFigures) })
	return slices.ContainsFunc(sumKinds[i].written(b), func(s seal) bool { return s.name == name && bytes.Equal(s.sum, sum) })
}

// The polynomials of CCITT and of IBM, by the byte that is shifted out.
var ccitt, ibm = func() (left, right [256]uint16) {
	for i := range 256 {
		l, r := uint16(i)<<8, uint16(i)
		for range 8 {
			l, r = l<<1^0x1021*(l>>15), r>>1^0xa001*(r&1)
		}
		left[i], right[i] = l, r
	}
	return left, right
}()

func crc16(b []byte, crc uint16) uint16 {
	for _, c := range b {
		crc = crc<<8 ^ ccitt[byte(crc>>8)^c]
	}
	return crc
}

func crc16Reflected(b []byte, crc uint16) uint16 {
	for _, c := range b {
		crc = crc>>8 ^ ibm[byte(crc)^c]
	}
	return crc
}

// internetSum is that of RFC 1071.
func internetSum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// sealAt is a check sum's place in a packet.
type sealAt struct {
	at, width int
	name      string
}
