package field

// renumbering is a header and, by the message's code, a command or results.
func renumbering(d *dissection, reported int) {
	d.number("icmpv6.rr.sequence_number", 4, 4)
	d.number("icmpv6.rr.segment_number", 8, 1)
	d.number("icmpv6.rr.flag", 9, 1)
	d.bits("icmpv6.rr.flag.t", 9, 1, 0x80)
	d.bits("icmpv6.rr.flag.r", 9, 1, 0x40)
	d.bits("icmpv6.rr.flag.a", 9, 1, 0x20)
	d.bits("icmpv6.rr.flag.s", 9, 1, 0x10)
	d.bits("icmpv6.rr.flag.p", 9, 1, 0x08)
	d.bits("icmpv6.rr.flag.rsv", 9, 1, 0x07)
	d.number("icmpv6.rr.maxdelay", 10, 2)
	d.bytes("icmpv6.reserved", 12, 4)
	switch d.peek(1, 1) {
	case 0:
		if reported > 16 {
			matchPrefix(d, 16)
		}
		for off := 40; off < reported && !d.cut; off += 32 {
			usePrefix(d, off)
		}
	case 1:
		for off := 16; off < reported && !d.cut; off += 24 {
			renumbered(d, off)
		}
	}
}

func matchPrefix(d *dissection, off int) {
	d.present("icmpv6.rr.pco.mp")
	d.number("icmpv6.rr.pco.mp.opcode", off, 1)
	d.number("icmpv6.rr.pco.mp.oplength", off+1, 1)
	d.number("icmpv6.rr.pco.mp.ordinal", off+2, 1)
	d.number("icmpv6.rr.pco.mp.matchlen", off+3, 1)
	if d.peek(off+3, 1) > 128 {
		d.present("icmpv6.rr.pco.mp.matchlen.gt128")
	}
	d.number("icmpv6.rr.pco.mp.minlen", off+4, 1)
	d.number("icmpv6.rr.pco.mp.maxlen", off+5, 1)
	d.bytes("icmpv6.reserved", off+6, 2)
	d.ip6("icmpv6.rr.pco.mp.matchprefix", off+8)
}

func renumbered(d *dissection, off int) {
	d.present("icmpv6.rr.rm")
	d.number("icmpv6.rr.rm.flag", off, 2)
	d.bits("icmpv6.rr.rm.flag.reserved", off, 2, 0xfffc)
	d.bits("icmpv6.rr.rm.flag.b", off, 2, 0x0002)
	d.bits("icmpv6.rr.rm.flag.f", off, 2, 0x0001)
	d.number("icmpv6.rr.rm.ordinal", off+2, 1)
	d.number("icmpv6.rr.rm.matchedlen", off+3, 1)
	if d.peek(off+3, 1) > 128 {
		d.present("icmpv6.rr.pco.mp.matchedlen.gt128")
	}
	d.number("icmpv6.rr.rm.interfaceindex", off+4, 4)
	d.ip6("icmpv6.rr.rm.matchedprefix", off+8)
}

// usePrefix: the flags of the router advertisement go by the names of the mask's in Wireshark.
func usePrefix(d *dissection, off int) {
	parts := []bitField{{"icmpv6.rr.pco.up.flagmask.l", 0x80}, {"icmpv6.rr.pco.up.flagmask.a", 0x40}, {"icmpv6.rr.pco.up.flagmask.reserved", 0x3f}}
	d.present("icmpv6.rr.pco.up")
	d.number("icmpv6.rr.pco.up.uselen", off, 1)
	d.number("icmpv6.rr.pco.up.keeplen", off+1, 1)
	d.masks("icmpv6.rr.pco.up.flagmask", off+2, 1, parts...)
	d.masks("icmpv6.rr.pco.up.raflags", off+3, 1, parts...)
	d.number("icmpv6.rr.pco.up.validlifetime", off+4, 4)
	d.number("icmpv6.rr.pco.up.preferredlifetime", off+8, 4)
	d.masks("icmpv6.rr.pco.up.flag", off+12, 4, bitField{"icmpv6.rr.pco.up.flag.v", 0x80000000}, bitField{"icmpv6.rr.pco.up.flag.p", 0x40000000},
		bitField{"icmpv6.rr.pco.up.flag.reserved", 0x3fffffff})
	d.ip6("icmpv6.rr.pco.up.useprefix", off+16)
}
