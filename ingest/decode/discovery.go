package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

// Types that gopacket does not name.
const (
	typeRenumbering  = 138 // RFC 2894
	typeExtendedEcho = 160 // RFC 8335
	optionPREF64     = 38  // RFC 8781
)

// discovery looks into messages of neighbour discovery (RFC 4861), multicast listener discovery (RFC 3810) and router
// renumbering, whose lengths depend on what is in them. Of their contents it needs one thing: the packet that a redirect quotes.
func (d *Decoder) discovery(layer int, s span, messageType uint8) {
	if start := d.walk.packet.Layers[layer].OptionStart(); start >= 0 {
		d.options(layer, s.behind(start, layer))
	}
	switch messageType {
	case layers.ICMPv6TypeMLDv1MulticastListenerQueryMessage:
		if len(s.bytes) >= 28 {
			d.need(s, 28+16*int(binary.BigEndian.Uint16(s.bytes[26:])))
		}
	case layers.ICMPv6TypeMLDv2MulticastListenerReportMessageV2:
		d.records(s.behind(8, layer))
	case typeRenumbering:
		for r := s.behind(16, layer); s.bytes[1] == 1 && r.wire > 0 && d.need(r, 24); {
			r = r.behind(24, layer)
		}
	}
}

// options walks the options of a neighbour discovery message.
func (d *Decoder) options(layer int, o span) {
	for o.wire > 0 && d.need(o, 2) && o.bytes[1] != 0 {
		length := int(o.bytes[1]) * 8
		if layers.ICMPv6Opt(o.bytes[0]) == layers.ICMPv6OptRedirectedHeader {
			d.run(quote6, o.limit(length).behind(8, layer))
		}
		if !strangePrefix(o.bytes) && !d.need(o, max(length, fixed(o.bytes[0]))) {
			return
		}
		o = o.behind(length, layer)
	}
}

// strangePrefix tells a PREF64 option of a length that nobody knows, behind which Wireshark reads nothing of it.
func strangePrefix(b []byte) bool { return b[0] == optionPREF64 && len(b) >= 4 && b[3]&7 > 5 }

// fixed is how many bytes Wireshark reads of an option whatever its length says.
func fixed(option byte) int {
	switch option {
	case 3: // prefix information
		return 32
	case optionPREF64:
		return 16
	}
	return 0
}

// records walks the multicast address records of a listener report to its end, as Wireshark does, whatever their number says.
func (d *Decoder) records(r span) {
	for r.wire > 0 && d.need(r, 4) {
		length := 20 + 16*int(binary.BigEndian.Uint16(r.bytes[2:])) + 4*int(r.bytes[1])
		if !d.need(r, length) {
			return
		}
		r = r.behind(length, int(r.parent))
	}
}
