package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// verify judges the checksum of an ICMP layer: RFC 792's, or with a pseudo header for the protocol given (RFC 4443,
// 2.3). What is quoted, cut, or the first of several fragments cannot be checked.
func (d *Decoder) verify(layer int, protocol uint8) {
	l := &d.walk.packet.Layers[layer]
	if l.Quoted > 0 || l.Cut() || d.walk.fragmented || len(l.Bytes) < 4 {
		return
	}
	var pseudo uint64
	if protocol != 0 {
		pseudo = sum(d.walk.src) + sum(d.walk.dst) + uint64(len(l.Bytes)) + uint64(protocol)
	}
	sent := binary.BigEndian.Uint16(l.Bytes[2:])
	rest := pseudo + sum(l.Bytes[:2]) + sum(l.Bytes[4:])
	if l.Checksum, l.Want = ingest.ChecksumBad, fold(uint64(sent)+uint64(^fold(rest+uint64(sent)))); fold(rest+uint64(sent)) == 0xffff { // 0x0000 and 0xffff are one number
		l.Checksum, l.Want = ingest.ChecksumGood, sent
	}
}

// sum adds up 16-bit words in network order, unfolded (RFC 1071). Eight bytes at a time are added as 32-bit words:
// their carries fold to the same end.
func sum(b []byte) (s uint64) {
	for len(b) >= 8 {
		w := binary.BigEndian.Uint64(b)
		s += w>>32 + w&0xffffffff
		b = b[8:]
	}
	for ; len(b) >= 2; b = b[2:] {
		s += uint64(b[0])<<8 | uint64(b[1])
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

// fold brings a sum to the 16 bits of a one's complement sum.
func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
