package field

// handoverOption walks the options of fast handovers and their relatives (RFC 5568, RFC 5380, RFC 5269, RFC 5271).
func handoverOption(d *dissection, typ, off, n int) (end int) {
	switch typ {
	case 17, 18:
		return handoverAddress(d, typ, off)
	case 19:
		d.number("icmpv6.opt.lla.option_code", off+2, 1)
		d.bytes("icmpv6.opt.lla.bytes", off+3, n-3)
		return off + n
	case 20:
		return handoverAck(d, off, n)
	case 23:
		return anchorPoint(d, off)
	case 27, 28:
		return handoverKey(d, typ, off, n)
	case 29:
		return handoverText(d, "icmpv6.opt.hai.option_code", "icmpv6.opt.hai.length", "icmpv6.opt.hai.value", off, n)
	}
	return handoverText(d, "icmpv6.opt.mn.option_code", "icmpv6.opt.mn.length", "icmpv6.opt.mn.value", off, n)
}

func handoverAddress(d *dissection, typ, off int) int {
	if typ == 17 {
		d.number("icmpv6.opt.ipa.option_code", off+2, 1)
		d.number("icmpv6.opt.ipa.prefix_len", off+3, 1)
		d.reserved(off + 4)
		d.ip6("icmpv6.opt.ipa.ipv6_address", off+8)
		return off + 24
	}
	d.number("icmpv6.opt.nrpi.option_code", off+2, 1)
	d.number("icmpv6.opt.nrpi.prefix_len", off+3, 1)
	d.reserved(off + 4)
	d.ip6("icmpv6.opt.nrpi.prefix", off+8)
	return off + 24
}

func handoverAck(d *dissection, off, n int) int {
	d.number("icmpv6.opt.naack.option_code", off+2, 1)
	d.number("icmpv6.opt.naack.status", off+3, 1)
	if d.peek(off+3, 1) == 2 {
		d.ip6("icmpv6.opt.naack.supplied_ncoa", off+4)
		return off + 20
	}
	d.reserved(off + 4)
	return off + n
}

func anchorPoint(d *dissection, off int) int {
	d.bits("icmpv6.opt.map.distance", off+2, 1, 0xf0)
	d.bits("icmpv6.opt.map.preference", off+2, 1, 0x0f)
	d.masks("icmpv6.opt.map.flag", off+3, 1, bitField{"icmpv6.opt.map.flag.r", 0x80}, bitField{"icmpv6.opt.map.flag.reserved", 0x7f})
	d.number("icmpv6.opt.map.valid_lifetime", off+4, 4)
	d.ip6("icmpv6.opt.map.global_address", off+8)
	return off + 24
}

// handoverKey: Wireshark counts the padding as one byte, whatever its length.
func handoverKey(d *dissection, typ, off, n int) int {
	pad := d.peek(off+2, 1)
	d.number("icmpv6.opt.hkr.pad_length", off+2, 1)
	d.bits("icmpv6.opt.hkr.at", off+3, 1, 0xf0)
	d.bits("icmpv6.opt.hkr.reserved", off+3, 1, 0x0f)
	at, key := off+4, "icmpv6.opt.hkr.encryption_public_key"
	if typ == 28 {
		d.number("icmpv6.opt.hkr.lifetime", off+4, 2)
		at, key = off+6, "icmpv6.opt.hkr.encrypted_handover_key"
	}
	size := off + n - pad - at
	d.bytes(key, at, size)
	d.bytes("icmpv6.opt.hkr.padding", at+size, pad)
	return at + size + 1
}

func handoverText(d *dissection, code, length, value string, off, n int) int {
	size := d.peek(off+3, 1)
	d.number(code, off+2, 1)
	d.number(length, off+3, 1)
	d.bytes(value, off+4, size)
	pad := off + 4 + size
	d.none("icmpv6.opt.padding", pad)
	if d.c.since("4.4") {
		return off + n
	}
	return n // Wireshark took offsets in the message for offsets in the option
}
