package field

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"

	"icmpsift/ingest"
)

// arpFields are ARP's and its relatives' (RFC 826, RFC 903, RFC 2390). What Wireshark says of addresses used twice needs the
// packets before.
var arpFields = in(ingest.ProtoARP,
	row("arp", Protocol, header, "Address Resolution Protocol packet"),
	row("arp.hw.type", Uint16, arpHead(number(0, 2)), "hardware type, 1 is Ethernet"),
	row("arp.proto.type", Uint16, arpHead(number(2, 2)), "EtherType of the addresses asked for").hex().named(etherTypes),
	row("arp.hw.size", Uint8, arpHead(number(4, 1)), "bytes of a hardware address"),
	row("arp.proto.size", Uint8, arpHead(number(5, 1)), "bytes of a protocol address"),
	row("arp.opcode", Uint16, arpHead(number(6, 2)), "1 request, 2 reply").named(arpOpcodes),
	row("arp.isgratuitous", Boolean, arpWhen(arpGratuitous), "asks for or tells the sender's own address"),
	row("arp.isprobe", Boolean, arpWhen(arpProbe), "asks whether an address is in use"),
	row("arp.isannouncement", Boolean, arpWhen(arpAnnouncement), "asks for the sender's own address, to tell it"),
	row("arp.src.hw", Bytes, arp(arpHardware(0, false)), "sender's hardware address, if it is no MAC address"),
	row("arp.src.hw_mac", Ether, arp(arpHardware(0, true)), "sender's MAC address"),
	row("arp.src.proto", Bytes, arp(arpProtocol(1, false)), "sender's protocol address, if it is no IPv4 address"),
	row("arp.src.proto_ipv4", IPv4, arp(arpProtocol(1, true)), "sender's IPv4 address"),
	row("arp.dst.hw", Bytes, arp(arpHardware(2, false)), "target's hardware address, if it is no MAC address"),
	row("arp.dst.hw_mac", Ether, arp(arpHardware(2, true)), "target's MAC address"),
	row("arp.dst.proto", Bytes, arp(arpProtocol(3, false)), "target's protocol address, if it is no IPv4 address"),
	row("arp.dst.proto_ipv4", IPv4, arp(arpProtocol(3, true)), "target's IPv4 address"),
)

var arpOpcodes = map[int64]string{
	1: "request", 2: "reply", 3: "reverse request", 4: "reverse reply", 5: "drarp request", 6: "drarp reply", 7: "drarp error",
	8: "inverse request", 9: "inverse reply", 10: "arp nak", 23: "mapos unarp", 24: "experimental 1", 25: "experimental 2",
}

// arpHead reads from packets whose first eight bytes were captured, arp from packets whose addresses were.
func arpHead(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if len(p.Layers[i].Bytes) >= 8 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func arp(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if arpWhole(p.Layers[i].Bytes) {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func arpWhole(b []byte) bool { return len(b) >= 8 && len(b) >= arpLength(b) }

func arpLength(b []byte) int { return 8 + 2*(int(b[4])+int(b[5])) }

// arpAddress is an address of a packet that is whole: 0 sender's hardware, 1 sender's protocol, 2 and 3 the target's.
func arpAddress(b []byte, which int) []byte {
	sizes := [...]int{int(b[4]), int(b[5]), int(b[4]), int(b[5])}
	off := 8
	for _, n := range sizes[:which] {
		off += n
	}
	return span(b, off, sizes[which])
}

// arpMAC tells whether hardware addresses are MAC addresses, arpIPv4 whether protocol addresses are IPv4's.
func arpMAC(b []byte) bool { t := be(b[:2]); return b[4] == 6 && (t == 1 || t == 6) }

func arpIPv4(b []byte) bool { return b[5] == 4 && be(b[2:4]) == 0x0800 }

func arpHardware(which int, mac bool) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		b := p.Layers[i].Bytes
		if address := arpAddress(b, which); len(address) > 0 && arpMAC(b) == mac {
			dst = append(dst, Value{Bytes: address})
		}
		return dst
	}
}

func arpProtocol(which int, v4 bool) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		b := p.Layers[i].Bytes
		v := Value{Bytes: arpAddress(b, which)}
		if len(v.Bytes) == 0 || arpIPv4(b) != v4 || which == 3 && be(b[6:8]) == arpError {
			return dst
		}
		if v4 {
			v.Addr = netip.AddrFrom4([4]byte(v.Bytes))
		}
		return append(dst, v)
	}
}

// arpError is DRARP's error, which has a status in the place of the target's protocol address.
const arpError = 7

func arpWhen(is func(b []byte) bool) getter {
	return arp(func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if is(p.Layers[i].Bytes) {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	})
}

func arpGratuitous(b []byte) bool {
	op := be(b[6:8])
	return (op == 1 || op == 2) && b[5] > 0 && bytes.Equal(arpAddress(b, 1), arpAddress(b, 3))
}

// arpAsks tells a request that does not know the target's hardware address.
func arpAsks(b []byte) bool { return be(b[6:8]) == 1 && leadingZeros(arpAddress(b, 2)) == int(b[4]) }

func arpAnnouncement(b []byte) bool { return arpAsks(b) && arpGratuitous(b) }

func arpProbe(b []byte) bool {
	return arpAsks(b) && be(b[2:4]) == 0x0800 && leadingZeros(arpAddress(b, 1)) == int(b[5]) && !arpGratuitous(b)
}

// arpTexts are the Info texts by opcode; the addresses are sender's hardware and protocol, target's hardware and protocol.
var arpTexts = map[int64]string{
	1: "Who has %[4]s? Tell %[2]s", 2: "%[2]s is at %[1]s", 3: "Who is %[3]s? Tell %[1]s", 4: "%[3]s is at %[4]s", 5: "Who is %[3]s? Tell %[1]s",
	6: "%[3]s is at %[4]s", 8: "Who is %[3]s? Tell %[1]s", 9: "%[1]s is at %[2]s", 23: "MAPOS UNARP request from %[1]s at %[2]s",
}

var arpPlainTexts = map[int64]string{
	0: "Reserved opcode 0", arpError: "DRARP Error", 10: "ARP NAK", 24: "Experimental 1 ( opcode 24 )", 25: "Experimental 2 ( opcode 25 )",
}

// arpInfo is the Info column of ARP.
func arpInfo(b []byte) string {
	if !arpWhole(b) {
		return ""
	}
	op := be(b[6:8])
	target := arpText(b, 3)
	switch {
	case arpAnnouncement(b):
		return "ARP Announcement for " + target
	case arpGratuitous(b):
		return "Gratuitous ARP for " + target + map[int64]string{1: " (Request)", 2: " (Reply)"}[op]
	case arpProbe(b):
		return "Who has " + target + "? (ARP Probe)"
	case arpTexts[op] != "":
		return fmt.Sprintf(arpTexts[op], arpText(b, 0), arpText(b, 1), arpText(b, 2), target)
	case arpPlainTexts[op] != "":
		return arpPlainTexts[op]
	}
	return fmt.Sprintf("Unknown ARP opcode 0x%04x", op)
}

func arpText(b []byte, which int) string {
	address := arpAddress(b, which)
	switch hardware := which%2 == 0; {
	case len(address) == 0:
		return "<No address>"
	case hardware && arpMAC(b):
		return string(appendColon(nil, address))
	case !hardware && arpIPv4(b):
		return addressText(netip.AddrFrom4([4]byte(address)))
	}
	return hex.EncodeToString(address)
}

// arpName is the Protocol column of ARP.
func arpName(b []byte) string {
	switch op := be(span(b, 6, 2)); op {
	case 3, 4:
		return "RARP"
	case 5, 6, arpError:
		return "DRARP"
	case 8, 9:
		return "Inverse ARP"
	case 23:
		return "MAPOS"
	}
	return "ARP"
}
