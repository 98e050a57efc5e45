package field_test

import (
	"net/netip"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// addresses6 hold everything that Wireshark reads out of IPv6 addresses, and what is next to it.
const addresses6 = `:: ::1 ::2 ::1.2.3.4 ::ffff:1.2.3.4 64:ff9b::1.2.3.4 64:ff9b:1::1.2.3.4 64:ff9b:2::1 100::1 100:0:0:1::1 100:0:0:2::1 100:1:: 200::1 400:: 1000::
2000::1 2001::1 2001:0:102:304:8000:1122:efdf:fcfd 2001:1::1 2001:1::2 2001:1::3 2001:1::4 2001:2::1 2001:2:1::1 2001:3::1 2001:4:112::1 2001:4:113:: 2001:5::1
2001:10::1 2001:1f::1 2001:20::1 2001:2f::1 2001:30::1 2001:3f::1 2001:40:: 2001:db8::1 2001:db9:: 2002::1 2002:102:304:5::1 2003:: 2620:4f:8000::1 2fff:: 3000::
3fff::1 3fff:fff::1 3fff:1000::1 4000:: 5f00::1 5f01:: 6000:: 6fff:: 7000:: 8000:: a000:: b000:: c000:: e000:: efff:: f000:: f800:: fc00::1 fd00::1 fdff:: fe00::1
fe80::1 fe80::200:5efe:1.2.3.4 fe80::5efe:1.2.3.4 fe80::211:22ff:fe33:4455 2001:db8::211:22ff:fe33:4455 fe90::1 fec0::1 ff00:: ff02::1 ff05::2 ff12::1 ff32::1
ff7e:140:2001:db8::1 ff85:: fff2::1 2001:db8:1:2:200:5efe:1.2.3.4 fd00::300:5efe:1.2.3.4 ff02::211:22ff:fe33:4455 64:ff9b:1:ffff::5 ff02::1:ff00:1`

func TestTsharkAddresses(t *testing.T) {
	bin, version := tshark(t)
	var frames [][]byte
	for text := range strings.FieldsSeq(addresses6) {
		from, to := netip.MustParseAddr(text).AsSlice(), ip6(58, icmp6(128, 0, u32(1)))
		if a := netip.MustParseAddr(text).As16(); len(from) == 4 {
			from = a[:]
		}
		copy(to[8:], from)
		frames = append(frames, eth6(to))
		back := ip6(58, icmp6(129, 0, u32(1)))
		copy(back[24:], from)
		frames = append(frames, eth6(back))
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), byDesign)
}

// options6 gives an option header for every type with a body of each length that is asked for.
func options6(types []byte, lengths []int, next byte, payload []byte) (headers [][]byte) {
	for _, typ := range types {
		for _, n := range lengths {
			b := []byte{next, 0, typ, byte(n)}
			for k := range n {
				b = append(b, byte(0x11+k))
			}
			if left := (8 - len(b)%8) % 8; left == 1 {
				b = append(b, 0)
			} else if left > 1 {
				b = append(b, cat([]byte{1, byte(left - 2)}, make([]byte, left-2))...)
			}
			b[1] = byte(len(b)/8 - 1)
			headers = append(headers, cat(b, payload))
		}
	}
	return headers
}

// TestTsharkOptions6 compares hop-by-hop and destination options, and routing headers of every type.
func TestTsharkOptions6(t *testing.T) {
	bin, version := tshark(t)
	echo := icmp6(128, 0, u32(1))
	lengths := []int{0, 1, 2, 3, 4, 6, 8, 10, 16}
	var frames [][]byte
	anywhere := []byte{1, 2, 3, 8, 30, 38, 62, 99, 109, 127, 195, 222}
	for _, b := range options6(anywhere, lengths[1:], 58, echo) {
		frames = append(frames, eth6(ip6(0, b)))
	}
	for _, b := range options6([]byte{19}, []int{8, 12, 20, 24}, 58, echo) {
		frames = append(frames, eth6(ip6(60, b)))
	}
	for _, b := range options6([]byte{5}, []int{2, 3}, 58, echo) {
		frames = append(frames, eth6(ip6(0, b)))
	}
	for _, b := range options6([]byte{4, 15, 65, 139}, []int{1, 2, 4, 10, 16}, 58, echo) {
		frames = append(frames, eth6(ip6(60, b)))
	}
	for _, b := range options6([]byte{201}, []int{16}, 58, echo) {
		frames = append(frames, eth6(ip6(60, b)))
	}
	for _, typ := range []byte{0, 1, 2, 3, 4, 7, 253} {
		for units := range byte(6) {
			if units < 2 && (typ == 2 || typ == 4) {
				continue // too short for their addresses: Wireshark gives the packet up
			}
			b := cat([]byte{58, units, typ, 0}, make([]byte, 4+8*int(units)), echo)
			for k := range 4 + 8*int(units) {
				b[4+k] = byte(k)
			}
			if typ == 3 {
				copy(b[4:], []byte{0x99, 0, 0, 0})
			}
			frames = append(frames, eth6(ip6(43, b)))
		}
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), hostile)
}

// TestTsharkUDP compares UDP headers that are wrong, in IPv4, IPv6 and quotes.
func TestTsharkUDP(t *testing.T) {
	bin, version := tshark(t)
	var frames [][]byte
	for _, length := range []int{0, 7, 8, 9, 12, 99} {
		for _, checksum := range []int{0, 0x102} {
			u := cat(u16(40000), u16(40001), u16(length), u16(checksum), []byte("abcd"))
			frames = append(frames, eth4(ip4(17, u)), eth6(ip6(17, u)), eth4(ip4(1, icmp4(3, 3, u32(0), ip4(17, u)))), eth6(ip6(58, icmp6(1, 4, u32(0), ip6(17, u)))),
				eth4(ip4(1, icmp4(3, 3, u32(0), ip4(17, u[:8])))))
		}
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), hostile)
}

// TestTsharkARP compares ARP and its relatives.
func TestTsharkARP(t *testing.T) {
	bin, version := tshark(t)
	none, own, other := make([]byte, 4), a4(alice), a4("10.0.0.9")
	var frames [][]byte
	add := func(opcode int, parts ...[]byte) {
		frames = append(frames, cat(macs, u16(0x0806), u16(1), u16(0x0800), []byte{6, 4}, u16(opcode), cat(parts...)))
	}
	for _, opcode := range []int{0, 1, 3, 4, 5, 6, 8, 9, 10, 23, 24, 25, 99} {
		add(opcode, macs[6:], own, macs[:6], own)
		add(opcode, macs[6:], none, macs[:6], own)
		add(opcode, macs[6:], none, macs[:6], none)
	}
	add(1, macs[6:], own, make([]byte, 6), other)
	add(2, macs[6:], own, macs[6:], own)
	frames = append(frames,
		cat(macs, u16(0x0806), u16(32), u16(0x0800), []byte{8, 4}, u16(1), macs[:8], own, macs[:8], own),
		cat(macs, u16(0x0806), u16(6), u16(0x0800), []byte{6, 4}, u16(1), macs[6:], own, macs[:6], other),
		cat(macs, u16(0x0806), u16(1), u16(0x86dd), []byte{6, 16}, u16(1), macs[6:], a6(alice6), macs[:6], a6(bob6)),
		cat(macs, u16(0x0806), u16(1), u16(0x0800), []byte{0, 4}, u16(1), own, other), cat(macs, u16(0x0806), u16(1), u16(0x0800), []byte{6, 0}, u16(1), macs))
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), hostile)
}

// TestTsharkColumns compares the list columns of frames without ICMP: fragments, protocols nobody dissects, transport headers.
func TestTsharkColumns(t *testing.T) {
	bin, version := tshark(t)
	fragment := func(proto byte, bits, id int) []byte {
		b := ip4(proto, make([]byte, 16))
		copy(b[4:], cat(u16(id), u16(bits)))
		return eth4(b)
	}
	fragment6 := func(next byte, bits int, id uint32) []byte {
		return eth6(ip6(44, cat([]byte{next, 0}, u16(bits), u32(id), make([]byte, 16))))
	}
	segment := func(flags, ports int, options, data []byte) []byte {
		return eth4(ip4(6, cat(u16(ports), u16(7), u32(1000), u32(0), u16((20+len(options))/4<<12|flags), u16(512), u16(0), u16(3), options, data)))
	}
	syn := []byte{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}
	frames := [][]byte{
		fragment(1, 0x2000, 0x64), fragment(1, 0x2002, 0x64), fragment(17, 0x2002, 0xabcd), fragment(222, 0x2002, 0xabcd), fragment(1, 0x0004, 0x64),
		fragment6(58, 1, 9), fragment6(58, 0x11, 9), fragment6(58, 0x20, 9), fragment6(17, 0x21, 10),
		segment(2, 40000, syn, nil), segment(2, 40001, nil, nil), segment(0xc2, 40002, nil, nil), segment(0x22, 40003, nil, nil),
		cat(macs, u16(0x0801), make([]byte, 46)), cat(macs, u16(0x6002), make([]byte, 46)), cat(macs, u16(0x88b5), make([]byte, 46)), cat(macs, u16(0xbabe), make([]byte, 46)),
		cat(macs, u16(0x05dd), make([]byte, 46)),
	}
	for _, proto := range []byte{3, 8, 59, 61, 94, 99, 145, 200, 252, 253, 255} {
		frames = append(frames, eth4(ip4(proto, make([]byte, 20))))
	}
	for _, next := range []byte{59, 61, 200, 253, 255} {
		frames = append(frames, eth6(ip6(next, make([]byte, 24))))
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), listed)
}

// listed looks at the columns alone.
func listed(f *field.Field, _ *ingest.Packet, _, _ string) bool {
	return !strings.HasPrefix(f.Name, "_ws.col.")
}
