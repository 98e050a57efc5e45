package field_test

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// Packets for tests, built from the inside out.

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

func u16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func a6(s string) []byte { return netip.MustParseAddr(s).AsSlice() }

func a4(s string) []byte { return netip.MustParseAddr(s).AsSlice() }

func onesComplement(parts ...[]byte) uint16 {
	b := cat(parts...)
	var n uint32
	for i := 0; i < len(b); i += 2 {
		n += uint32(b[i]) << 8
		if i+1 < len(b) {
			n += uint32(b[i+1])
		}
	}
	for n > 0xffff {
		n = n>>16 + n&0xffff
	}
	return ^uint16(n)
}

// icmp4 is a message with its right checksum.
func icmp4(typ, code byte, rest ...[]byte) []byte {
	b := cat([]byte{typ, code, 0, 0}, cat(rest...))
	binary.BigEndian.PutUint16(b[2:], onesComplement(b))
	return b
}

const (
	alice, bob   = "10.0.0.1", "192.0.2.9"
	alice6, bob6 = "fd00::1", "2001:db8::9"
)

func icmp6(typ, code byte, rest ...[]byte) []byte {
	b := cat([]byte{typ, code, 0, 0}, cat(rest...))
	binary.BigEndian.PutUint16(b[2:], onesComplement(a6(alice6), a6(bob6), u32(uint32(len(b))), u32(58), b))
	return b
}

// ip4With carries payload in a header with options.
func ip4With(proto byte, options, payload []byte) []byte {
	n := 20 + len(options)
	b := cat([]byte{0x40 | byte(n/4), 0}, u16(n+len(payload)), u16(7), u16(0x4000), []byte{64, proto, 0, 0}, a4(alice), a4(bob), options)
	binary.BigEndian.PutUint16(b[10:], onesComplement(b))
	return append(b, payload...)
}

func ip4(proto byte, payload []byte) []byte { return ip4With(proto, nil, payload) }

func ip6(next byte, payload []byte) []byte {
	return cat([]byte{0x60, 0, 0, 0}, u16(len(payload)), []byte{next, 64}, a6(alice6), a6(bob6), payload)
}

var macs = []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}

func eth4(payload []byte) []byte { return cat(macs, u16(0x0800), payload) }

func eth6(payload []byte) []byte { return cat(macs, u16(0x86dd), payload) }

const epoch = int64(1700000000) * 1e9

// decoded is the packet of one frame.
func decoded(t testing.TB, frame []byte) *ingest.Packet {
	t.Helper()
	var p ingest.Packet
	f := ingest.Frame{Number: 1, Time: epoch, Link: ingest.LinkEthernet, Wire: len(frame), Data: frame}
	decode.New(decode.Options{}).Decode(&f, &p)
	return &p
}

// save writes frames as a nanosecond pcap, a millisecond and a nanosecond apart; wire lengths of 0 are the captured ones.
func save(t testing.TB, frames [][]byte, wire []int) string {
	t.Helper()
	le := binary.LittleEndian
	out := le.AppendUint32(nil, 0xa1b23c4d)
	out = le.AppendUint32(out, 2|4<<16)
	out = append(out, make([]byte, 8)...)
	out = le.AppendUint32(out, 1<<18)
	out = le.AppendUint32(out, 1)
	for i, b := range frames {
		at := epoch + int64(i)*1_000_001
		out = le.AppendUint32(out, uint32(at/1e9))
		out = le.AppendUint32(out, uint32(at%1e9))
		out = le.AppendUint32(out, uint32(len(b)))
		n := len(b)
		if i < len(wire) && wire[i] > n {
			n = wire[i]
		}
		out = le.AppendUint32(out, uint32(n))
		out = append(out, b...)
	}
	path := filepath.Join(t.TempDir(), "built.pcap")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pad fills b to n bytes.
func pad(b []byte, n int) []byte { return append(slices.Clone(b), make([]byte, max(0, n-len(b)))...) }

// ext is an extension block (RFC 4884) with its right checksum.
func ext(objects ...[]byte) []byte {
	b := cat([]byte{0x20, 0, 0, 0}, cat(objects...))
	binary.BigEndian.PutUint16(b[2:], onesComplement(b))
	return b
}

func object(class, ctype byte, body ...[]byte) []byte {
	b := cat(body...)
	return cat(u16(4+len(b)), []byte{class, ctype}, b)
}

// option is a neighbor discovery option, padded to units of eight bytes.
func option(typ byte, body ...[]byte) []byte {
	b := cat(body...)
	n := (len(b) + 2 + 7) / 8
	return pad(cat([]byte{typ, byte(n)}, b), 8*n)
}

// structures are packets whose fields few captures hold.
func structures() [][]byte {
	probe := ip4(17, cat(u16(40000), u16(33437), u16(12), u16(0), []byte("abcd")))
	quote := func(objects ...[]byte) []byte {
		return eth4(ip4(1, icmp4(11, 0, []byte{0, 32, 0, 0}, pad(probe, 128), ext(objects...))))
	}
	nd := func(typ byte, fixed int, options ...[]byte) []byte {
		return eth6(ip6(58, icmp6(typ, 0, make([]byte, fixed-4), cat(options...))))
	}
	eth0 := pad([]byte{8, 'e', 't', 'h', '0'}, 8)
	list := [][]byte{
		quote(object(1, 1, u32(0x00abc1ff), u32(0x00def3fe)), object(1, 2, u32(9)), object(200, 1)),
		quote(object(2, 0x0f, u32(7), u16(1), u16(0), a4(alice), eth0, u32(1500))),
		quote(object(2, 0x45, u16(2), u16(0), a6(alice6), u32(9000)), object(2, 0x82, eth0)),
		quote(object(2, 0x04, u16(9), u16(0), u32(1))),
		quote(object(3, 1, []byte("eth0"))), quote(object(3, 2, u32(3))), quote(object(3, 3, u16(1), []byte{4, 0}, a4(alice))),
		quote(object(3, 3, u16(2), []byte{16, 0}, a6(alice6))), quote(object(3, 3, u16(6), []byte{6, 0}, macs[:6])),
		quote(object(3, 9, u32(3))), quote(object(1, 1), []byte{0, 3, 1, 1}), quote(object(1, 1, u32(1)), []byte{0, 99, 7, 7, 1}),
		eth4(ip4(1, icmp4(42, 0, u16(5), []byte{3, 1}, ext(object(3, 1, []byte("eth0")))))), eth4(ip4(1, icmp4(43, 2, u16(5), []byte{3, 0x4e}))),
		eth4(ip4(1, icmp4(9, 0, []byte{2, 2}, u16(1800), a4(alice), u32(5), a4(bob), u32(0x80000000), []byte{16, 10, 0, 9, 0, 60, 0xa5, 0x7f}, a4(bob),
			[]byte{19, 2, 24, 16, 0, 24, 4, 1, 2, 3, 4, 77, 2, 8, 9}))),
		eth4(ip4(1, icmp4(9, 5, []byte{1, 2}, u16(1800), a4(alice), u32(5)))), eth4(ip4(1, icmp4(3, 4, []byte{0, 8}, u16(1400), pad(probe, 32)))),
		eth4(ip4(1, icmp4(12, 0, []byte{7, 0, 0, 0}, probe))), eth4(ip4(1, icmp4(5, 1, a4(bob), probe))), eth4(ip4(1, icmp4(17, 0, u32(1), u32(0xffffff00)))),
		eth4(ip4With(1, []byte{7, 11, 8, 10, 0, 0, 3, 0, 0, 0, 0, 0}, icmp4(8, 0, u32(1), []byte("ping -R")))),
		eth4(ip4With(1, []byte{0x94, 4, 0, 0}, icmp4(8, 0, u32(1)))), eth4(ip4With(1, []byte{131, 11, 8, 10, 0, 0, 3, 10, 0, 0, 4, 1}, icmp4(8, 0, u32(1)))),
		eth4(ip4With(1, []byte{68, 12, 13, 0x10, 0, 0, 0, 1, 0, 0, 0, 2}, icmp4(8, 0, u32(1)))), eth4(ip4With(1, []byte{1, 1, 1, 0}, icmp4(8, 0, u32(1)))),
		nd(134, 16, option(1, macs[:6]), option(5, u16(0), u32(1480)), option(3, []byte{64, 0xc0}, u32(86400), u32(600), u32(0), a6("2001:db8::"))),
		nd(134, 16, option(24, []byte{48, 0x08}, u32(60), a6("2001:db8:7::")[:8]), option(24, []byte{0, 0x18}, u32(60)), option(24, []byte{64, 0}, u32(1), a6("2001:db8::"))),
		nd(134, 16, option(25, u16(0), u32(60), a6(alice6), a6(bob6)), option(31, u16(0), u32(60), []byte("\x07example\x03com\x00\x02de\x00"))),
		nd(134, 16, option(7, u16(0), u32(1000)), option(8, u16(0), u16(3), u16(9)), option(37, []byte("https://portal.example/")), option(38, u16(0x0781), a6("64:ff9b::")[:12])),
		nd(134, 16, option(38, u16(0x0782), a6("64:ff9b::")[:12]), option(38, u16(0x0785), a6("2001:db8::")[:12]), option(99, []byte("what"))),
		nd(135, 24, option(14, []byte("nonce!")), option(13, make([]byte, 6), u16(0), u32(1700000000), u16(0x8000))),
		nd(135, 24, option(1, macs[:8], make([]byte, 6))), nd(135, 24, option(2, macs[:6], make([]byte, 8), make([]byte, 8))), nd(135, 24, option(33, []byte{1, 0, 0, 0}, u16(9), macs[:8])),
		nd(137, 40, option(2, macs[:6]), option(4, make([]byte, 6), ip6(58, icmp6(128, 0, u32(1), []byte("q"))))), nd(141, 8, option(9, make([]byte, 6), a6(alice6))),
		eth6(ip6(58, icmp6(143, 0, u16(0), u16(2), []byte{4, 1, 0, 1}, a6("ff02::fb"), a6(alice6), u32(7), []byte{3, 0, 0, 0}, a6("ff02::16")))),
		eth6(ip6(58, icmp6(130, 0, u16(0x9123), u16(0), a6("ff02::1"), []byte{0x1a, 0x9f}, u16(1), a6(alice6)))), eth6(ip6(58, icmp6(130, 0, u16(100), u16(0), a6("::")))),
		eth6(ip6(58, icmp6(139, 0, u16(2), u16(0x3f), u32(1), u32(2), a6(bob6)))), eth6(ip6(58, icmp6(139, 2, u16(2), u16(0), u32(1), u32(2), a4(bob)))),
		eth6(ip6(58, icmp6(3, 0, []byte{16, 0, 0, 0}, pad(ip6(17, make([]byte, 12)), 128), ext(object(1, 1, u32(0x00abc1ff)))))),
		eth6(ip6(0, cat([]byte{58, 0, 5, 2, 0, 0, 1, 0}, icmp6(128, 0, u32(1), []byte("x"))))), eth6(ip6(43, cat([]byte{58, 2, 253, 0, 0, 0, 0, 0}, a6(bob6), icmp6(128, 0, u32(1))))),
		eth6(ip6(58, icmp6(1, 4, u32(0), ip6(17, cat(u16(5), u16(53), u16(8), u16(0)))))), eth6(ip6(58, icmp6(255, 1, []byte("private")))),
		cat([]byte{0x33, 0x33, 0, 0, 0, 1, 3, 0, 0, 0, 0, 1}, u16(0x86dd), ip6(58, icmp6(128, 0, u32(1)))),
		cat(macs, u16(0x8100), u16(0x7064), u16(0x0800), ip4(1, icmp4(8, 0, u32(1)))), cat(macs, u16(0x88a8), u16(0xb00a), u16(0x8100), u16(0x0014), u16(0x0800), ip4(1, icmp4(8, 0, u32(1)))),
		pad(eth4(ip4(1, icmp4(8, 0, u32(1)))), 60), pad(eth4(ip4(1, icmp4(8, 0, u32(1)))), 70), cat(eth4(ip4(1, icmp4(8, 0, u32(1)))), []byte("trail")),
		cat(macs, u16(0x0806), u16(1), u16(0x0800), []byte{6, 4}, u16(1), macs[6:], a4(alice), make([]byte, 6), a4(bob)),
	}
	return list
}
