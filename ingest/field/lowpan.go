package field

// lowpanOption walks the options of neighbor discovery in low-power networks (RFC 6775, RFC 7400, RFC 8505).
func lowpanOption(d *dissection, typ, off, n int) (end int) {
	switch typ {
	case 33:
		return addressRegistration(d, off)
	case 34:
		d.number("icmpv6.opt.6co.context_length", off+2, 1)
		d.masks("icmpv6.opt.6co.flag", off+3, 1, bitField{"icmpv6.opt.6co.flag.c", 0x10}, bitField{"icmpv6.opt.6co.flag.cid", 0x0f},
			bitField{"icmpv6.opt.6co.flag.reserved", 0xe0})
		d.reserved(off + 4)
		d.number("icmpv6.opt.6co.valid_lifetime", off+6, 2)
		return d.variablePrefix("icmpv6.opt.6co.context_prefix", off+8, n-8)
	case 35:
		d.number("icmpv6.opt.abro.version_low", off+2, 2)
		d.number("icmpv6.opt.abro.version_high", off+4, 2)
		d.number("icmpv6.opt.abro.valid_lifetime", off+6, 2)
		d.ip6("icmpv6.opt.abro.6lbr_address", off+8)
		return off + 24
	}
	d.bits("icmpv6.opt.6cio.unassigned1", off+2, 2, 0xfffe)
	d.bits("icmpv6.opt.6cio.flag_g", off+2, 2, 0x0001)
	d.number("icmpv6.opt.6cio.unassigned2", off+4, 4)
	return off + 8
}

// addressRegistration got flags and a transaction number in what were reserved bytes.
func addressRegistration(d *dissection, off int) int {
	d.number("icmpv6.opt.aro.status", off+2, 1)
	if d.c.since("4.2") {
		d.number("icmpv6.opt.earo.opaque", off+3, 1)
		d.masks("icmpv6.opt.earo.flag", off+4, 1, bitField{"icmpv6.opt.earo.flag.p", 0x30}, bitField{"icmpv6.opt.earo.flag.i", 0x0c},
			bitField{"icmpv6.opt.earo.flag.r", 0x02}, bitField{"icmpv6.opt.earo.flag.t", 0x01})
		d.number("icmpv6.opt.earo.tid", off+5, 1)
	} else {
		d.reserved(off + 3)
	}
	d.number("icmpv6.opt.aro.registration_lifetime", off+6, 2)
	d.bytes("icmpv6.opt.aro.eui64", off+8, 8)
	return off + 16
}
