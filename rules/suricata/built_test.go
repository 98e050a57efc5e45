package suricata

import (
	"encoding/binary"
	"math/rand"
	"net/netip"

	"icmpsift/ingest"
)

// builder makes frames of all sorts from a fixed seed: message types, headers, payloads and ways of carrying them that
// rules tell apart and the lab does not have.
type builder struct {
	*rand.Rand
	out []*ingest.Frame
}

const builtTimes = 1_700_000_000_000_000_000

// builtFrames are Ethernet frames, a tenth of a second apart.
func builtFrames() []*ingest.Frame {
	b := &builder{Rand: rand.New(rand.NewSource(7))}
	for range 550 {
		b.frame(0x0800, b.ip4(1, b.message(false)))
		if b.Intn(2) == 0 {
			b.frame(0x86dd, b.ip6(58, b.message(true)))
		}
	}
	for range 25 {
		b.carried()
		b.fragmented()
		b.short()
	}
	return b.out
}

func (b *builder) frame(ether uint16, packet []byte) {
	h := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	for range max(0, b.Intn(8)-5) {
		h = binary.BigEndian.AppendUint16(append(h, 0x81, 0), uint16(b.Intn(4095)))
	}
	data := append(binary.BigEndian.AppendUint16(h, ether), packet...)
	for len(data) < 60 {
		data = append(data, 'P')
	}
	n := len(b.out)
	b.out = append(b.out, &ingest.Frame{Number: int64(n + 1), Time: builtTimes + int64(n)*100_000_000, Link: ingest.LinkEthernet, Data: data, Wire: len(data)})
}

var (
	types4 = []byte{0, 0, 0, 3, 3, 4, 5, 6, 8, 8, 8, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 30, 37, 40, 42, 43, 128, 253, 255}
	types6 = []byte{0, 1, 2, 3, 4, 8, 100, 128, 128, 128, 128, 129, 129, 130, 131, 132, 133, 134, 135, 136, 137, 139, 143, 151, 160, 200, 255}
	pieces = []string{"abc", "d", "def", "efg", "ABCD", "abcdefghi", "wabcdefghi", "\x00", "\x00\x00", "\x01", "\x10\x11\x12", "a", "b", "i", ";", "\"", "zzz", "x", "\x80\xff", "\n"}
)

func (b *builder) payload() (out []byte) {
	for range b.Intn(9) {
		out = append(out, pieces[b.Intn(len(pieces))]...)
	}
	return append(out, make([]byte, []int{0, 0, 0, 0, 16, 800}[b.Intn(6)])...)
}

// message is an ICMP message with a checksum that still lacks the pseudo-header of IPv6.
func (b *builder) message(v6 bool) []byte {
	m := []byte{types4[b.Intn(len(types4))], byte(max(0, b.Intn(8)-4)), 0, 0, byte(b.Intn(2)), byte(0x34 + b.Intn(2)), 0, byte(b.Intn(3))}
	if v6 {
		m[0] = types6[b.Intn(len(types6))]
	}
	if b.Intn(20) == 0 {
		m[1] = byte(b.Intn(256))
	}
	switch typ := m[0]; {
	case !v6 && (typ == 13 || typ == 14) && b.Intn(5) > 0:
		m = append(m, "\x00\x00abdefg\x01\x02\x03\x04"...)
	case !v6 && (typ == 17 || typ == 18):
		m = append(m, 255, 255, 255, 0)
	case !v6 && typ == 9 && b.Intn(3) > 0:
		m[4], m[5] = byte(b.Intn(4)), byte(1+b.Intn(2))
		m = append(m, make([]byte, int(m[4])*int(m[5])*4)...)
	case !v6 && (typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12) && b.Intn(4) > 0:
		m = append(m, b.ip4([]byte{1, 6, 17}[b.Intn(3)], b.quoted())...)
	case v6 && typ >= 1 && typ <= 4 && b.Intn(4) > 0:
		m = append(m, b.ip6([]byte{6, 17, 58}[b.Intn(3)], b.quoted())...)
	case v6 && (typ == 135 || typ == 136):
		m = append(m, netip.MustParseAddr("fe80::1").AsSlice()...)
		m = append(m, 1+byte(b.Intn(2)), 1, 2, 0, 0, 0, 0, 1)
	}
	return append(m, b.payload()...)
}

func (b *builder) quoted() []byte {
	return append([]byte{8, 0, 0x12, 0x34, 0, 53, 0, byte(b.Intn(3))}, make([]byte, 16)...)
}

func checksum16(data []byte, sum uint32) uint16 {
	for i := 0; i+1 < len(data); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	if len(data)%2 == 1 {
		sum += uint32(data[len(data)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// seal writes the checksum; one in nine is wrong.
func (b *builder) seal(m []byte, proto byte, addresses []byte) {
	if len(m) < 4 || proto != 1 && proto != 58 {
		return
	}
	m[2], m[3] = 0, 0
	var sum uint32
	if proto == 58 {
		sum = uint32(^checksum16(addresses, 0)) + uint32(len(m)) + 58
	}
	binary.BigEndian.PutUint16(m[2:], checksum16(m, sum)+uint16(1-min(1, b.Intn(9))))
}

var hosts4 = []string{"10.0.0.1", "10.0.0.2", "10.9.0.7", "192.168.1.1", "203.0.113.9", "198.51.100.4", "8.8.8.8"}
var hosts6 = []string{"fd00::1", "fd00::2", "fe80::1", "2001:db8::1", "2001:db8:1::2"}

func (b *builder) hosts(of []string) (src, dst []byte) {
	s, d := b.Intn(len(of)), b.Intn(len(of))
	return netip.MustParseAddr(of[s]).AsSlice(), netip.MustParseAddr(of[d]).AsSlice()
}

func (b *builder) header4(proto byte, n int) []byte {
	options := [][]byte{nil, nil, nil, {7, 7, 4, 0, 0, 0, 0, 0}, {1, 1, 1, 0}, {131, 7, 8, 10, 0, 0, 9, 0}, {148, 4, 0, 0}, {68, 8, 5, 0, 0, 0, 0, 0},
		{1, 137, 7, 8, 10, 0, 0, 9}, {136, 4, 0, 1}, {130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {148, 4, 0, 0, 7, 3, 4, 0}, {134, 6, 0, 0, 0, 0, 0, 0}}[max(0, b.Intn(17)-4)]
	h := make([]byte, 20, 60)
	h[0], h[1] = 0x45+byte(len(options)/4), []byte{0, 0xc0, 0x10, 3}[b.Intn(4)]
	h[8], h[9] = []byte{1, 4, 5, 64, 64, 128, 255}[b.Intn(7)], proto
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(options)+n))
	binary.BigEndian.PutUint16(h[4:], []uint16{0, 4660, 7, 65535}[b.Intn(4)])
	h[6] = []byte{0, 0x40, 0x40, 0xc0, 0x80}[b.Intn(5)]
	src, dst := b.hosts(hosts4)
	copy(h[12:], src)
	copy(h[16:], dst)
	return append(h, options...)
}

func sealed4(h []byte) []byte {
	h[10], h[11] = 0, 0
	binary.BigEndian.PutUint16(h[10:], checksum16(h, 0))
	return h
}

func (b *builder) ip4(proto byte, m []byte) []byte {
	h := sealed4(b.header4(proto, len(m)))
	b.seal(m, proto, h[12:20])
	return append(h, m...)
}

// ip6 puts extension headers before some messages.
func (b *builder) ip6(proto byte, m []byte) []byte {
	src, dst := b.hosts(hosts6)
	b.seal(m, proto, append(src, dst...))
	next := proto
	for range max(0, b.Intn(6)-4) {
		kind := []byte{0, 60, 43}[b.Intn(3)]
		header := []byte{next, 0, 1, 4, 0, 0, 0, 0}
		if kind == 43 {
			header = []byte{next, 0, 253, 0, 0, 0, 0, 0}
		}
		m, next = append(header, m...), kind
	}
	h := make([]byte, 40, 40+len(m))
	h[0], h[1], h[6], h[7] = 0x60+byte(b.Intn(2)), byte(b.Intn(2))<<4, next, []byte{1, 64, 255}[b.Intn(3)]
	binary.BigEndian.PutUint16(h[4:], uint16(len(m)))
	copy(h[8:], src)
	copy(h[24:], dst)
	return append(h, m...)
}

// carried are messages in tunnels, of the other family's protocol, and frames without any.
func (b *builder) carried() {
	gre := func(ether uint16) []byte { return binary.BigEndian.AppendUint16([]byte{0, 0}, ether) }
	b.frame(0x0800, b.ip4(47, append(gre(0x0800), b.ip4(1, b.message(false))...)))
	b.frame(0x0800, b.ip4(47, append(gre(0x86dd), b.ip6(58, b.message(true))...)))
	b.frame(0x0800, b.ip4(41, b.ip6(58, b.message(true))))
	b.frame(0x0800, b.ip4(4, b.ip4(1, b.message(false))))
	b.frame(0x86dd, b.ip6(4, b.ip4(1, b.message(false))))
	b.frame(0x86dd, b.ip6(41, b.ip6(58, b.message(true))))
	b.frame(0x0800, b.ip4(58, b.message(true)))
	b.frame(0x86dd, b.ip6(1, b.message(false)))
	b.frame(0x0800, b.ip4(17, append([]byte{0x12, 0x34, 0, 9, 0, 16, 0, 0}, "abcdefgh"...)))
	b.frame(0x86dd, b.ip6(6, append([]byte{0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 4, 0, 0, 0, 0, 0}, b.payload()...)))
}

// fragmented is a message in two or three fragments, of which the last may be missing.
func (b *builder) fragmented() {
	m := append(b.message(false), make([]byte, 64)...)
	h := b.header4(1, 0)
	h = append(h[:0:0], h[:20]...)
	h[0] = 0x45
	binary.BigEndian.PutUint16(h[4:], uint16(1000+len(b.out)))
	b.seal(m, 1, nil)
	size := 8 * (1 + len(m)/8/(2+b.Intn(2)))
	for at := 0; at < len(m) && (at == 0 || b.Intn(6) > 0); at += size {
		part := m[at:min(at+size, len(m))]
		f := append([]byte(nil), h...)
		binary.BigEndian.PutUint16(f[2:], uint16(20+len(part)))
		binary.BigEndian.PutUint16(f[6:], uint16(at/8))
		if at+size < len(m) {
			f[6] |= 0x20
		}
		b.frame(0x0800, append(sealed4(f), part...))
	}
	b.fragmented6()
}

func (b *builder) fragmented6() {
	m := append(b.message(true), make([]byte, 64)...)
	src, dst := b.hosts(hosts6)
	b.seal(m, 58, append(src, dst...))
	size, id := 8*(1+len(m)/8/(1+b.Intn(3))), uint32(len(b.out))
	for at := 0; at < len(m); at += size {
		part := m[at:min(at+size, len(m))]
		f := make([]byte, 40)
		f[0], f[6], f[7] = 0x60, 44, 64
		copy(f[8:], src)
		copy(f[24:], dst)
		binary.BigEndian.PutUint16(f[4:], uint16(8+len(part)))
		more := uint16(0)
		if at+size < len(m) {
			more = 1
		}
		f = binary.BigEndian.AppendUint16(append(f, 58, 0), uint16(at)|more)
		f = binary.BigEndian.AppendUint32(f, id)
		b.frame(0x86dd, append(f, part...))
	}
}

// short are messages that end early, or whose IP header says more or less than there is.
func (b *builder) short() {
	m := b.message(false)
	b.frame(0x0800, b.ip4(1, m[:min(len(m), b.Intn(20))]))
	m = b.message(true)
	b.frame(0x86dd, b.ip6(58, m[:min(len(m), b.Intn(20))]))
	p := b.ip4(1, b.message(false))
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)+b.Intn(9)-4))
	b.frame(0x0800, append(sealed4(p[:(p[0]&15)*4]), p[(p[0]&15)*4:]...))
}
