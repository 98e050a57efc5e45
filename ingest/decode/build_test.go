package decode_test

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

// The builders below make frames from the inside out. Checksums of ICMP are right unless a test says otherwise.

func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func be32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func ether(kind int, payload []byte) []byte {
	return join([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, be16(kind), payload)
}

func tag(id, kind int, payload []byte) []byte { return join(be16(id), be16(kind), payload) }

const (
	hostA, hostB = "198.51.100.1", "203.0.113.2"
	host6A       = "2001:db8::1"
	host6B       = "2001:db8::2"
)

// datagram is an IPv4 header under construction.
type datagram struct {
	protocol, id, offset int // offset in bytes
	more                 bool
	length               int // total length; 0 is the right one
	options              []byte
	payload              []byte
}

func (d datagram) bytes() []byte {
	header := 20 + len(d.options)
	if d.length == 0 {
		d.length = header + len(d.payload)
	}
	field := d.offset / 8
	if d.more {
		field |= 0x2000
	}
	a, b := netip.MustParseAddr(hostA).As4(), netip.MustParseAddr(hostB).As4()
	return join([]byte{byte(0x40 | header/4), 0}, be16(d.length), be16(d.id), be16(field), []byte{64, byte(d.protocol), 0, 0}, a[:], b[:], d.options, d.payload)
}

func ip4(protocol int, payload []byte) []byte {
	return datagram{protocol: protocol, payload: payload}.bytes()
}

func ip6(next int, payload []byte) []byte {
	a, b := netip.MustParseAddr(host6A).As16(), netip.MustParseAddr(host6B).As16()
	return join([]byte{0x60, 0, 0, 0}, be16(len(payload)), []byte{byte(next), 64}, a[:], b[:], payload)
}

func fragment6(id, next, offset int, more bool, payload []byte) []byte {
	field := offset
	if more {
		field |= 1
	}
	return ip6(44, join([]byte{byte(next), 0}, be16(field), be32(id), payload))
}

// icmp is an ICMPv4 message: rest is the 4 bytes behind the checksum.
func icmp(kind, code int, rest, payload []byte) []byte {
	m := join([]byte{byte(kind), byte(code), 0, 0}, rest, payload)
	return seal(m, 0)
}

// icmp6 is an ICMPv6 message between host6A and host6B.
func icmp6(kind, code int, rest, payload []byte) []byte {
	m := join([]byte{byte(kind), byte(code), 0, 0}, rest, payload)
	a, b := netip.MustParseAddr(host6A).As16(), netip.MustParseAddr(host6B).As16()
	return seal(m, add(a[:])+add(b[:])+len(m)+58)
}

func seal(m []byte, pseudo int) []byte {
	s := pseudo + add(m)
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	binary.BigEndian.PutUint16(m[2:], ^uint16(s))
	return m
}

func add(b []byte) (s int) {
	for i, v := range b {
		s += int(v) << (8 * (1 - i%2))
	}
	return s
}

func echo(payload string) []byte  { return icmp(8, 0, []byte{0x12, 0x34, 0, 1}, []byte(payload)) }
func echo6(payload string) []byte { return icmp6(128, 0, []byte{0x12, 0x34, 0, 1}, []byte(payload)) }

func udp(src, dst int, payload []byte) []byte {
	return join(be16(src), be16(dst), be16(8+len(payload)), be16(0), payload)
}

func tcp() []byte {
	return join(be16(40000), be16(443), make([]byte, 8), []byte{0x50, 2, 0, 1, 0, 0, 0, 0}, make([]byte, 12))
}

func frame(link ingest.LinkType, b []byte) *ingest.Frame {
	return &ingest.Frame{Number: 1, Link: link, Wire: len(b), Data: b}
}

func address(s string) []byte { b := netip.MustParseAddr(s).As16(); return b[:] }

// through sets the destination of an IPv6 packet on its way to the next stop of its route.
func through(dst string, p []byte) []byte {
	copy(p[24:40], address(dst))
	return p
}
