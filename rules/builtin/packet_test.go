package builtin_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// sent is an ICMP message on its way.
type sent struct {
	at       time.Duration // since the capture's start
	src, dst string        // "" where message is a whole IP packet
	message  []byte        // its checksum is filled in
}

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// start is when the captures begin.
var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// message is type, code, four bytes of the header, and what follows.
func message(typ, code byte, rest uint32, body []byte) []byte {
	return append(be.AppendUint32([]byte{typ, code, 0, 0}, rest), body...)
}

func echo(typ byte, id, seq uint16, body []byte) []byte {
	return message(typ, 0, uint32(id)<<16|uint32(seq), body)
}

func sum(b []byte) uint16 {
	var s uint32
	for i := 0; i < len(b); i += 2 {
		s += uint32(b[i]) << 8
		if i+1 < len(b) {
			s += uint32(b[i+1])
		}
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// packet puts an IP header before the message.
func (s sent) packet() []byte {
	if s.src == "" {
		return slices.Clone(s.message)
	}
	src, dst, m := netip.MustParseAddr(s.src), netip.MustParseAddr(s.dst), slices.Clone(s.message)
	if src.Is6() {
		pseudo := be.AppendUint32(slices.Concat(src.AsSlice(), dst.AsSlice()), uint32(len(m)))
		be.PutUint16(m[2:], sum(slices.Concat(pseudo, []byte{0, 0, 0, 58}, m)))
		return slices.Concat([]byte{0x60, 0, 0, 0, byte(len(m) >> 8), byte(len(m)), 58, 64}, src.AsSlice(), dst.AsSlice(), m)
	}
	be.PutUint16(m[2:], sum(m))
	n := 20 + len(m)
	h := slices.Concat([]byte{0x45, 0, byte(n >> 8), byte(n), 0, 1, 0, 0, 64, 1, 0, 0}, src.AsSlice(), dst.AsSlice())
	be.PutUint16(h[10:], sum(h))
	return append(h, m...)
}

// pcap writes the messages in order of time as a capture of Ethernet frames, in microseconds.
func pcap(list []sent) []byte {
	slices.SortStableFunc(list, func(a, b sent) int { return int(a.at - b.at) })
	b := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0}
	for _, v := range []uint32{0, 0, 262144, 1} {
		b = le.AppendUint32(b, v)
	}
	for _, s := range list {
		ip, at := s.packet(), start.Add(s.at)
		frame := append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, []byte{8, 0}...)
		if ip[0]>>4 == 6 {
			frame[12], frame[13] = 0x86, 0xdd
		}
		frame = append(frame, ip...)
		for _, v := range []int64{at.Unix(), int64(at.Nanosecond() / 1000), int64(len(frame)), int64(len(frame))} {
			b = le.AppendUint32(b, uint32(v))
		}
		b = append(b, frame...)
	}
	return b
}
