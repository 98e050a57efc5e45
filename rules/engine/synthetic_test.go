package engine_test

import (
	"encoding/binary"
	"math/rand"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sent is an ICMP message on its way.
type sent struct {
	at       time.Duration // since 2026-11-22
	src, dst string
	ttl      uint8
	message  []byte // checksum is filled in
}

// echo makes a message with a type, an identifier and a sequence number.
func echo(typ byte, ident, seq uint16, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{typ, 0, 0, 0}, ident)
	return append(binary.BigEndian.AppendUint16(b, seq), body...)
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
	src, dst := netip.MustParseAddr(s.src), netip.MustParseAddr(s.dst)
	m := append([]byte(nil), s.message...)
	ttl := s.ttl
	if ttl == 0 {
		ttl = 64
	}
	if src.Is6() {
		a, b := src.As16(), dst.As16()
		pseudo := append(append(a[:], b[:]...), 0, 0, byte(len(m)>>8), byte(len(m)), 0, 0, 0, 58)
		binary.BigEndian.PutUint16(m[2:], sum(append(pseudo, m...)))
		h := []byte{0x60, 0, 0, 0, byte(len(m) >> 8), byte(len(m)), 58, ttl}
		return append(append(append(h, a[:]...), b[:]...), m...)
	}
	binary.BigEndian.PutUint16(m[2:], sum(m))
	a, b := src.As4(), dst.As4()
	n := 20 + len(m)
	h := append(append([]byte{0x45, 0, byte(n >> 8), byte(n), 0, 1, 0, 0, ttl, 1, 0, 0}, a[:]...), b[:]...)
	binary.BigEndian.PutUint16(h[10:], sum(h))
	return append(h, m...)
}

// links puts a link-layer header before an IP packet, by link type.
var links = map[string]struct {
	number uint32
	wrap   func(ip []byte) []byte
}{
	"Ethernet": {1, func(ip []byte) []byte { return append(append(macs(), etherType(ip)...), ip...) }},
	"VLAN":     {1, func(ip []byte) []byte { return append(append(append(macs(), 0x81, 0, 0, 30), etherType(ip)...), ip...) }},
	"raw":      {101, func(ip []byte) []byte { return ip }},
	"null":     {0, func(ip []byte) []byte { return append([]byte{2 + 22*(ip[0]>>6&^1) + 22*(ip[0]>>5&1), 0, 0, 0}, ip...) }},
	"SLL": {113, func(ip []byte) []byte {
		return append(append([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, etherType(ip)...), ip...)
	}},
}

func macs() []byte { return []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1} }

func etherType(ip []byte) []byte {
	if ip[0]>>4 == 6 {
		return []byte{0x86, 0xdd}
	}
	return []byte{8, 0}
}

// capture writes the messages as a pcap file; order is the file's byte order, snaplen 0 cuts nothing.
func capture(t testing.TB, link string, order binary.AppendByteOrder, snaplen int, list []sent) string {
	t.Helper()
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).Unix()
	b := order.AppendUint32(nil, 0xa1b2c3d4)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	for _, v := range []uint32{0, 0, 262144, links[link].number} {
		b = order.AppendUint32(b, v)
	}
	for _, s := range list {
		data := links[link].wrap(s.packet())
		kept := data
		if snaplen > 0 {
			kept = data[:min(snaplen, len(data))]
		}
		for _, v := range []int64{start + int64(s.at/time.Second), int64(s.at % time.Second / time.Microsecond), int64(len(kept)), int64(len(data))} {
			b = order.AppendUint32(b, uint32(v))
		}
		b = append(b, kept...)
	}
	path := filepath.Join(t.TempDir(), "synthetic.pcap")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t testing.TB, list []sent) string {
	return capture(t, "Ethernet", binary.LittleEndian, 0, list)
}

// every gives the messages times a step apart.
func every(step time.Duration, src, dst string, messages [][]byte) (out []sent) {
	for i, m := range messages {
		out = append(out, sent{at: time.Duration(i) * step, src: src, dst: dst, message: m})
	}
	return out
}

func chunks(b []byte, size int) (out [][]byte) {
	for ; len(b) > size; b = b[size:] {
		out = append(out, b[:size])
	}
	return append(out, b)
}

func random(n int, seed int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

// shuffled sends the messages in an order that is off by a few, at the times there were.
func shuffled(list []sent) []sent {
	rnd := rand.New(rand.NewSource(2))
	for i := range list {
		j := min(len(list)-1, i+rnd.Intn(12))
		list[i].message, list[j].message = list[j].message, list[i].message
	}
	return list
}
