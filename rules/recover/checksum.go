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
)

// seal is the check sum of some bytes, as it stands in a packet.
type seal struct {
	name string
	sum  []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seals are the check sums that tools put on their pieces, in both byte orders; those of a single byte are left out where bytes are too few.
func seals(b []byte) (out []seal) {
	four := func(name string, v uint32) {
		out = append(out, seal{name, binary.BigEndian.AppendUint32(nil, v)}, seal{name, binary.LittleEndian.AppendUint32(nil, v)})
	}
	two := func(name string, v uint16) {
		out = append(out, seal{name, binary.BigEndian.AppendUint16(nil, v)}, seal{name, binary.LittleEndian.AppendUint16(nil, v)})
	}
	four("CRC-32", crc32.ChecksumIEEE(b))
	four("CRC-32C", crc32.Checksum(b, castagnoli))
	four("Adler-32", adler32.Checksum(b))
	two("CRC-16/CCITT-FALSE", crc16(b, 0xffff, 0x1021))
	two("CRC-16/XMODEM", crc16(b, 0, 0x1021))
	two("CRC-16/ARC", crc16Reflected(b, 0, 0xa001))
	two("CRC-16/MODBUS", crc16Reflected(b, 0xffff, 0xa001))
	two("Internet checksum", internetSum(b))
	sum, xor := uint32(0), byte(0)
	for _, c := range b {
		sum, xor = sum+uint32(c), xor^c
	}
	four("sum", sum)
	two("sum", uint16(sum))
	m, s, l := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b)
	for _, n := range []int{16, 8, 4} {
		out = append(out, seal{"MD5", m[:n]})
	}
	for _, n := range []int{20, 8, 4} {
		out = append(out, seal{"SHA-1", s[:n]})
	}
	for _, n := range []int{32, 16, 8, 4} {
		out = append(out, seal{"SHA-256", l[:n]})
	}
	for _, x := range out[:len(out):len(out)] {
		if len(x.sum) >= 4 {
			out = append(out, seal{x.name + " in hexadecimal", hex.AppendEncode(nil, x.sum)}, seal{x.name + " in hexadecimal", bytes.ToUpper(hex.AppendEncode(nil, x.sum))})
		}
	}
	return append(out, seal{"sum", []byte{byte(sum)}}, seal{"sum", []byte{-byte(sum)}}, seal{"XOR", []byte{xor}})
}

func crc16(b []byte, crc, poly uint16) uint16 {
	for _, c := range b {
		crc ^= uint16(c) << 8
		for range 8 {
			crc = crc<<1 ^ poly*(crc>>15)
		}
	}
	return crc
}

func crc16Reflected(b []byte, crc, poly uint16) uint16 {
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			crc = crc>>1 ^ poly*(crc&1)
		}
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
