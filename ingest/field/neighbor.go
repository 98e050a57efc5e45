package field

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// optionFields are neighbor discovery's options (RFC 4861 and successors).
var optionFields = in(ingest.ProtoICMPv6,
	option("icmpv6.opt", None, "an option"),
	option("icmpv6.opt.type", Uint8, "type of an option").named(neighborOptions),
	option("icmpv6.opt.length", Uint8, "length of an option in units of 8 bytes"),
	option("icmpv6.opt.linkaddr", Bytes, "link-layer address option: the address").display(MAC),
	option("icmpv6.opt.src_linkaddr", Bytes, "source link-layer address").display(MAC),
	option("icmpv6.opt.target_linkaddr", Bytes, "target link-layer address").display(MAC),
	option("icmpv6.opt.linkaddr_eui64", Bytes, "link-layer address option: an EUI-64 address").display(Colon),
	option("icmpv6.opt.src_linkaddr_eui64", Bytes, "source link-layer address, EUI-64").display(Colon),
	option("icmpv6.opt.target_linkaddr_eui64", Bytes, "target link-layer address, EUI-64").display(Colon),
	option("icmpv6.opt.prefix.length", Uint8, "prefix or route information: bits of the prefix"),
	option("icmpv6.opt.prefix.flag", Uint8, "prefix information: flags").hex(),
	option("icmpv6.opt.prefix.flag.l", Boolean, "prefix information: on link").named(setNotSet),
	option("icmpv6.opt.prefix.flag.a", Boolean, "prefix information: addresses may be made from it").named(setNotSet),
	option("icmpv6.opt.prefix.flag.r", Boolean, "prefix information: holds the router's address").named(setNotSet),
	option("icmpv6.opt.prefix.flag.reserved", Uint8, "prefix information: reserved bits"),
	option("icmpv6.opt.prefix.valid_lifetime", Uint32, "prefix information: seconds valid"),
	option("icmpv6.opt.prefix.preferred_lifetime", Uint32, "prefix information: seconds preferred"),
	option("icmpv6.opt.prefix", IPv6, "prefix or route information: the prefix"),
	option("icmpv6.opt.reserved", None, "reserved bytes of an option"),
	option("icmpv6.opt.padding", None, "padding of an option"),
	option("icmpv6.opt.redirected_packet", None, "redirected header option"),
	option("icmpv6.opt.mtu", Uint32, "MTU option"),
	option("icmpv6.opt.advertisement_interval", Uint32, "advertisement interval option: milliseconds"),
	option("icmpv6.opt.home_agent_preference", Uint16, "home agent option: preference"),
	option("icmpv6.opt.home_agent_lifetime", Uint16, "home agent option: seconds"),
	option("icmpv6.opt.ipv6_address", IPv6, "address list option: an address"),
	option("icmpv6.opt.timestamp", AbsoluteTime, "timestamp option (RFC 3971)"),
	option("icmpv6.opt.nonce", Bytes, "nonce option (RFC 3971)"),
	option("icmpv6.opt.route_info.flag", Uint8, "route information: flags").hex(),
	option("icmpv6.opt.route_info.flag.route_preference", Uint8, "route information: preference").named(preferences),
	option("icmpv6.opt.route_info.flag.reserved", Uint8, "route information: reserved bits"),
	option("icmpv6.opt.route_lifetime", Uint32, "route information: seconds"),
	option("icmpv6.opt.rdnss.lifetime", Uint32, "recursive DNS server option: seconds"),
	option("icmpv6.opt.rdnss", IPv6, "recursive DNS server"),
	option("icmpv6.opt.dnssl.lifetime", Uint32, "DNS search list option: seconds"),
	option("icmpv6.opt.dnssl", String, "DNS search domain: text from the network"),
	option("icmpv6.opt.aro.status", Uint8, "address registration: status (RFC 6775)"),
	option("icmpv6.opt.aro.registration_lifetime", Uint16, "address registration: minutes"),
	option("icmpv6.opt.aro.eui64", Bytes, "address registration: EUI-64 of the host").display(Colon),
	option("icmpv6.opt.captive_portal", String, "captive portal option: text from the network"),
	option("icmpv6.opt.pref64.scaled_lifetime", Uint16, "NAT64 prefix: seconds / 8 (RFC 8781)"),
	option("icmpv6.opt.pref64.plc", Uint16, "NAT64 prefix: code of the prefix length").hex(),
	option("icmpv6.opt.pref64.prefix", IPv6, "NAT64 prefix"),
	option("icmpv6.unknown_data", Bytes, "bytes behind the packet in a redirected header option"),
	option("icmpv6.unknown_data.expert", None, "expert error: unknown data in an option"),
	option("icmpv6.invalid_option_length", None, "expert error: an option of length zero"),
	option("icmpv6.undecoded.option", None, "expert note: an option that is not decoded"),
)

func option(name string, t Type, meaning string) Field {
	return row(name, t, func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		start := optionStart(l)
		if start < 0 {
			return dst
		}
		d := dissection{want: name, dst: dst, b: l.Bytes}
		options(&d, start, l.Reported)
		return d.dst
	}, meaning)
}

// optionStart is where the options of a message begin, -1 for types without options.
func optionStart(l *ingest.Layer) int {
	switch first(l.Bytes) {
	case 133, 141, 142, 147, 148, 150, 154:
		return 8
	case 149:
		return 12
	case 134:
		return 16
	case 135, 136:
		return 24
	case 137:
		return 40
	}
	return -1
}

func options(d *dissection, off, reported int) {
	for off < reported && !d.cut {
		d.at(off, 2)
		d.present("icmpv6.opt")
		d.number("icmpv6.opt.type", off, 1)
		d.number("icmpv6.opt.length", off+1, 1)
		n := 8 * d.peek(off+1, 1)
		if n == 0 && !d.cut {
			d.put("icmpv6.invalid_option_length", Value{})
			return
		}
		optionBody(d, d.peek(off, 1), off, n)
		off += n
	}
}

func optionBody(d *dissection, typ, off, n int) {
	switch typ {
	case 1, 2:
		linkAddress(d, typ, off, n)
	case 3:
		prefixInformation(d, off)
	case 4:
		redirected(d, off, n)
	case 5:
		d.reserved(off+2, 2)
		d.number("icmpv6.opt.mtu", off+4, 4)
	case 7:
		d.reserved(off+2, 2)
		d.number("icmpv6.opt.advertisement_interval", off+4, 4)
	case 8:
		d.reserved(off+2, 2)
		d.number("icmpv6.opt.home_agent_preference", off+4, 2)
		d.number("icmpv6.opt.home_agent_lifetime", off+6, 2)
	case 9, 10:
		d.reserved(off+2, 6)
		addresses(d, "icmpv6.opt.ipv6_address", off+8, off+n)
	case 13:
		d.reserved(off+2, 6)
		sendTimestamp(d, off+8)
	case 14:
		d.bytes("icmpv6.opt.nonce", off+2, n-2)
	default:
		laterOption(d, typ, off, n)
	}
}

// laterOption decodes what came after RFC 4861's own documents.
func laterOption(d *dissection, typ, off, n int) {
	switch typ {
	case 24:
		routeInformation(d, off, n)
	case 25:
		d.reserved(off+2, 2)
		d.number("icmpv6.opt.rdnss.lifetime", off+4, 4)
		addresses(d, "icmpv6.opt.rdnss", off+8, off+n)
	case 31:
		d.reserved(off+2, 2)
		d.number("icmpv6.opt.dnssl.lifetime", off+4, 4)
		searchList(d, off+8, off+n)
	case 33:
		d.number("icmpv6.opt.aro.status", off+2, 1)
		d.reserved(off+3, 3)
		d.number("icmpv6.opt.aro.registration_lifetime", off+6, 2)
		d.bytes("icmpv6.opt.aro.eui64", off+8, 8)
	case 37:
		d.text("icmpv6.opt.captive_portal", off+2, n-2)
	case 38:
		d.bits("icmpv6.opt.pref64.scaled_lifetime", off+2, 2, 0xfff8)
		d.bits("icmpv6.opt.pref64.plc", off+2, 2, 0x0007)
		if plc := d.peek(off+2, 2) & 7; plc < len(pref64) {
			d.prefix("icmpv6.opt.pref64.prefix", off+4, pref64[plc]/8)
		}
	default:
		if neighborOptions[int64(typ)] == "" {
			d.put("icmpv6.undecoded.option", Value{Int: int64(typ)})
			d.bytes("icmpv6.data", off+2, n-2)
		}
	}
}

// redirected holds a packet; what the packet does not fill is unknown data.
func redirected(d *dissection, off, n int) {
	d.reserved(off+2, 6)
	d.present("icmpv6.opt.redirected_packet")
	if n < 8+40 || d.peek(off+8, 1)>>4 != 6 {
		return
	}
	if used := 8 + 40 + d.peek(off+12, 2); used < n {
		d.bytes("icmpv6.unknown_data", off+used, n-used)
		d.present("icmpv6.unknown_data.expert")
	}
}

// pref64 is the prefix length, in bits, of each code (RFC 8781).
var pref64 = [...]int{96, 64, 56, 48, 40, 32}

// reserved notes reserved bytes.
func (d *dissection) reserved(off, n int) {
	d.present("icmpv6.opt.reserved")
	d.at(off, n)
}

func linkAddress(d *dissection, typ, off, n int) {
	own, own64 := "icmpv6.opt.src_linkaddr", "icmpv6.opt.src_linkaddr_eui64"
	if typ == 2 {
		own, own64 = "icmpv6.opt.target_linkaddr", "icmpv6.opt.target_linkaddr_eui64"
	}
	size := n - 2
	eui64 := n == 16 && be(d.at(off+10, 6)) == 0 // eight bytes and padding
	if eui64 {
		size = 8
	}
	d.bytes("icmpv6.opt.linkaddr", off+2, size)
	d.bytes(own, off+2, size)
	if eui64 {
		d.bytes("icmpv6.opt.linkaddr_eui64", off+2, size)
		d.bytes(own64, off+2, size)
		d.present("icmpv6.opt.padding")
	}
}

func prefixInformation(d *dissection, off int) {
	d.number("icmpv6.opt.prefix.length", off+2, 1)
	d.number("icmpv6.opt.prefix.flag", off+3, 1)
	d.bits("icmpv6.opt.prefix.flag.l", off+3, 1, 0x80)
	d.bits("icmpv6.opt.prefix.flag.a", off+3, 1, 0x40)
	d.bits("icmpv6.opt.prefix.flag.r", off+3, 1, 0x20)
	d.bits("icmpv6.opt.prefix.flag.reserved", off+3, 1, 0x1f)
	d.number("icmpv6.opt.prefix.valid_lifetime", off+4, 4)
	d.number("icmpv6.opt.prefix.preferred_lifetime", off+8, 4)
	d.reserved(off+12, 4)
	d.ip6("icmpv6.opt.prefix", off+16)
}

// routeInformation holds as much of the prefix as the option's length says (RFC 4191).
func routeInformation(d *dissection, off, n int) {
	d.number("icmpv6.opt.prefix.length", off+2, 1)
	d.number("icmpv6.opt.route_info.flag", off+3, 1)
	d.bits("icmpv6.opt.route_info.flag.route_preference", off+3, 1, 0x18)
	if b := d.at(off+3, 1); b != nil {
		d.put("icmpv6.opt.route_info.flag.reserved", Value{Int: int64(b[0] & 0xe7)})
	}
	d.number("icmpv6.opt.route_lifetime", off+4, 4)
	if n > 24 {
		d.put("icmpv6.invalid_option_length", Value{Int: int64(n)})
		d.cut = true
	}
	if n > 8 {
		d.prefix("icmpv6.opt.prefix", off+8, n-8)
	}
}

func addresses(d *dissection, name string, off, end int) {
	for ; off+16 <= end && !d.cut; off += 16 {
		d.ip6(name, off)
	}
}

// sendTimestamp counts seconds since 1970 in 48 bits and 1/64K seconds in 16 (RFC 3971, 5.3.1).
func sendTimestamp(d *dissection, off int) {
	b := d.at(off, 8)
	if b == nil {
		return
	}
	ticks := binary.BigEndian.Uint64(b)
	if ticks>>16 > 1<<33 { // keeps nanoseconds within 64 bits
		return
	}
	d.put("icmpv6.opt.timestamp", Value{Int: int64(ticks>>16)*1e9 + int64(ticks&0xffff)*1e9/65536})
}

// searchList holds domain names as DNS labels, one behind the other, zero-padded (RFC 8106).
func searchList(d *dissection, off, end int) {
	b := d.b[min(off, len(d.b)):min(end, len(d.b))]
	for len(b) > 0 && b[0] != 0 {
		n := domainLength(b)
		if n == 0 {
			return
		}
		if d.want == "icmpv6.opt.dnssl" {
			d.put(d.want, Value{Text: domain(b[:n])})
		}
		b = b[n:]
	}
	d.at(off, end-off)
	if len(b) > 0 {
		d.present("icmpv6.opt.padding")
	}
}

// domainLength is how many bytes a name in DNS label form takes, 0 when it does not end within b.
func domainLength(b []byte) int {
	for off := 0; off < len(b); off += 1 + int(b[off]) {
		switch {
		case b[off] == 0:
			return off + 1
		case b[off] > 63:
			return 0
		}
	}
	return 0
}

// domain reads a name that is whole.
func domain(b []byte) string {
	var text []byte
	for ; b[0] != 0; b = b[1+b[0]:] {
		if len(text) > 0 {
			text = append(text, '.')
		}
		text = appendLabel(text, b[1:1+b[0]])
	}
	return string(text)
}

// appendLabel writes control characters as backslash and three octal digits.
func appendLabel(text, label []byte) []byte {
	for _, x := range label {
		switch {
		case x >= 0x80:
			text = append(text, "\uFFFD"...)
		case x > ' ' && x < 0x7f:
			text = append(text, x)
		default:
			text = append(text, '\\', '0'+x>>6, '0'+x>>3&7, '0'+x&7)
		}
	}
	return text
}
