package field

func options(d *dissection, off, reported int) {
	for off < reported && !d.cut {
		d.at(off, 2)
		d.put("icmpv6.opt", Value{Int: 1, Bytes: span(d.b, off, 8*int(be(span(d.b, off+1, 1))))})
		d.number("icmpv6.opt.type", off, 1)
		d.number("icmpv6.opt.length", off+1, 1)
		n := 8 * d.peek(off+1, 1)
		if n == 0 && !d.cut {
			d.put("icmpv6.invalid_option_length", Value{})
			return
		}
		used := optionBody(d, d.peek(off, 1), off, n)
		if off += n; used < off {
			d.unknown(used, off-used)
		}
	}
}

// optionBody walks one option of n bytes at off and returns where what it understood ends.
func optionBody(d *dissection, typ, off, n int) (end int) {
	switch typ {
	case 1, 2:
		return linkAddress(d, typ, off, n)
	case 3:
		return prefixInformation(d, off)
	case 4:
		return redirected(d, off, n)
	case 5:
		d.reserved(off + 2)
		d.number("icmpv6.opt.mtu", off+4, 4)
	case 6: // Wireshark counts the reserved bytes wrong
		d.number("icmpv6.opt.nbma.shortcut_limit", off+2, 1)
		d.reserved(off + 2)
		d.reserved(off + 3)
		return off + 7
	case 7:
		d.reserved(off + 2)
		d.number("icmpv6.opt.advertisement_interval", off+4, 4)
	case 8:
		d.reserved(off + 2)
		d.number("icmpv6.opt.home_agent_preference", off+4, 2)
		d.number("icmpv6.opt.home_agent_lifetime", off+6, 2)
	case 9, 10:
		d.reserved(off + 2)
		return addresses(d, "icmpv6.opt.ipv6_address", off+8, off+n)
	case 11, 12, 13, 14, 15, 16, 32:
		return secureOption(d, typ, off, n)
	case 17, 18, 19, 20, 23, 27, 28, 29, 30:
		return handoverOption(d, typ, off, n)
	case 33, 34, 35, 36:
		return lowpanOption(d, typ, off, n)
	default:
		return laterOption(d, typ, off, n)
	}
	return off + 8
}

// laterOption decodes what came after RFC 4861's own documents.
func laterOption(d *dissection, typ, off, n int) (end int) {
	switch typ {
	case 21:
		if d.c.since("4.2") {
			return provisioningDomain(d, off, off+n)
		}
	case 24:
		return routeInformation(d, off, n)
	case 25:
		d.reserved(off + 2)
		d.number("icmpv6.opt.rdnss.lifetime", off+4, 4)
		return addresses(d, "icmpv6.opt.rdnss", off+8, off+n)
	case 26:
		return flagsExpansion(d, off)
	case 31:
		d.reserved(off + 2)
		d.number("icmpv6.opt.dnssl.lifetime", off+4, 4)
		return searchList(d, off+8, off+n)
	case 37:
		d.ascii("icmpv6.opt.captive_portal", off+2, n-2)
		return off + n
	case 38:
		return nat64Prefix(d, off)
	}
	d.put("icmpv6.undecoded.option", Value{Int: int64(typ)})
	d.bytes("icmpv6.data", off+2, n-2)
	return off + n
}

// provisioningDomain is the PvD option (RFC 8801), which holds options of its own. The header of a router advertisement may
// stand before them; Wireshark shows it as a message of its own, the table does not.
func provisioningDomain(d *dissection, off, end int) int {
	d.bits("icmpv6.opt.pvd_id.flags", off+2, 2, 0xfff0)
	d.bits("icmpv6.opt.pvd_id.flags.h", off+2, 2, 0x8000)
	d.bits("icmpv6.opt.pvd_id.flags.l", off+2, 2, 0x4000)
	d.bits("icmpv6.opt.pvd_id.flags.r", off+2, 2, 0x2000)
	d.bits("icmpv6.opt.pvd_id.flags.reserved", off+2, 2, 0x1ff0)
	d.bits("icmpv6.opt.pvd_id.delay", off+2, 2, 0x000f)
	d.number("icmpv6.opt.pvd_id.sequence_number", off+4, 2)
	router := d.peek(off+2, 2)&0x2000 != 0
	off += 6 + d.domain("icmpv6.opt.pvd_id.fqdn", off+6)
	if pad := -off & 7; pad > 0 {
		d.none("icmpv6.opt.padding", off)
		off += pad
	}
	if router {
		off += 16
	}
	options(d, off, end)
	return max(off, end)
}

// flagsExpansion was sixteen bits of named flags before its 48 bits were opened to experiments.
func flagsExpansion(d *dissection, off int) int {
	if d.c.since("4.4") {
		d.masks("icmpv6.opt.efo", off+2, 6, bitField{"icmpv6.opt.efo.rsv", 0xfffffffffffc}, bitField{"icmpv6.opt.efo.pex", 0x3})
		return off + 8
	}
	d.masks("icmpv6.opt.efo", off+2, 2, bitField{"icmpv6.opt.efo.rsv", 0x02ff})
	d.reserved(off + 4)
	return off + 8
}

func nat64Prefix(d *dissection, off int) int {
	d.bits("icmpv6.opt.pref64.scaled_lifetime", off+2, 2, 0xfff8)
	d.bits("icmpv6.opt.pref64.plc", off+2, 2, 0x0007)
	if plc := d.peek(off+2, 2) & 7; plc < len(pref64) {
		d.prefix("icmpv6.opt.pref64.prefix", off+4, pref64[plc]/8)
	} else {
		d.put("icmpv6.invalid_option_length", Value{Int: 1})
	}
	return off + 16
}

// redirected holds a packet; what the packet does not fill is unknown data.
func redirected(d *dissection, off, n int) int {
	d.reserved(off + 2)
	if n > 8 {
		d.none("icmpv6.opt.redirected_packet", off+8)
	}
	if n < 8+40 || d.peek(off+8, 1)>>4 != 6 {
		return off + n
	}
	return off + 8 + 40 + d.peek(off+12, 2)
}

// pref64 is the prefix length, in bits, of each code (RFC 8781).
var pref64 = [...]int{96, 64, 56, 48, 40, 32}

// reserved notes reserved bytes.
func (d *dissection) reserved(off int) { d.none("icmpv6.opt.reserved", off) }

func linkAddress(d *dissection, typ, off, n int) int {
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
	return off + n
}

func prefixInformation(d *dissection, off int) int {
	d.number("icmpv6.opt.prefix.length", off+2, 1)
	d.number("icmpv6.opt.prefix.flag", off+3, 1)
	d.bits("icmpv6.opt.prefix.flag.l", off+3, 1, 0x80)
	d.bits("icmpv6.opt.prefix.flag.a", off+3, 1, 0x40)
	d.bits("icmpv6.opt.prefix.flag.r", off+3, 1, 0x20)
	d.bits("icmpv6.opt.prefix.flag.reserved", off+3, 1, 0x1f)
	d.number("icmpv6.opt.prefix.valid_lifetime", off+4, 4)
	d.number("icmpv6.opt.prefix.preferred_lifetime", off+8, 4)
	d.reserved(off + 12)
	d.ip6("icmpv6.opt.prefix", off+16)
	return off + 32
}

// routeInformation holds as much of the prefix as the option's length says (RFC 4191).
func routeInformation(d *dissection, off, n int) int {
	d.number("icmpv6.opt.prefix.length", off+2, 1)
	d.masks("icmpv6.opt.route_info.flag", off+3, 1, bitField{"icmpv6.opt.route_info.flag.route_preference", 0x18},
		bitField{"icmpv6.opt.route_info.flag.reserved", 0xe7})
	d.number("icmpv6.opt.route_lifetime", off+4, 4)
	return d.variablePrefix("icmpv6.opt.prefix", off+8, n-8)
}

func addresses(d *dissection, name string, off, end int) int {
	for ; off < end && !d.cut; off += 16 {
		d.ip6(name, off)
	}
	return off
}

// searchList holds domain names one behind the other, zero-padded (RFC 8106).
func searchList(d *dissection, off, end int) int {
	for off < end && !d.cut {
		if d.peek(off, 1) == 0 {
			d.none("icmpv6.opt.padding", off)
			return end
		}
		off += d.domain("icmpv6.opt.dnssl", off)
	}
	return off
}
