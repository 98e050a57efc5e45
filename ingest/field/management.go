package field

import "icmpsift/ingest"

// managementFields are ICMPv6's rarer bodies: router renumbering (RFC 2894), Mobile IPv6 (RFC 6275), secure neighbor
// discovery (RFC 3971), fast handovers (RFC 5568), multicast router discovery (RFC 4286).
var managementFields = in(ingest.ProtoICMPv6,
	management("icmpv6.rr.sequence_number", Uint32, "router renumbering: sequence number"),
	management("icmpv6.rr.segment_number", Uint8, "router renumbering: segment number"),
	management("icmpv6.rr.flag", Uint8, "router renumbering: flags").hex(),
	management("icmpv6.rr.flag.t", Boolean, "router renumbering: a test").named(setNotSet),
	management("icmpv6.rr.flag.r", Boolean, "router renumbering: a result is wanted").named(setNotSet),
	management("icmpv6.rr.flag.a", Boolean, "router renumbering: all interfaces").named(setNotSet),
	management("icmpv6.rr.flag.s", Boolean, "router renumbering: site-specific").named(setNotSet),
	management("icmpv6.rr.flag.p", Boolean, "router renumbering: processed before").named(setNotSet),
	management("icmpv6.rr.flag.rsv", Uint8, "router renumbering: reserved bits"),
	management("icmpv6.rr.maxdelay", Uint16, "router renumbering: milliseconds a router may wait"),
	management("icmpv6.rr.pco.mp", None, "router renumbering: a match-prefix part"),
	management("icmpv6.rr.pco.mp.opcode", Uint8, "match-prefix: 1 add, 2 change, 3 set global"),
	management("icmpv6.rr.pco.mp.oplength", Uint8, "match-prefix: length of the operation, units of 8 bytes"),
	management("icmpv6.rr.pco.mp.ordinal", Uint8, "match-prefix: ordinal").hex(),
	management("icmpv6.rr.pco.mp.matchlen", Uint8, "match-prefix: bits to match"),
	management("icmpv6.rr.pco.mp.minlen", Uint8, "match-prefix: least bits of a prefix"),
	management("icmpv6.rr.pco.mp.maxlen", Uint8, "match-prefix: most bits of a prefix"),
	management("icmpv6.rr.pco.mp.matchprefix", IPv6, "match-prefix: the prefix"),
	management("icmpv6.rr.rm", None, "router renumbering: a result"),
	management("icmpv6.rr.rm.flag", Uint16, "result: flags").hex(),
	management("icmpv6.rr.rm.flag.b", Boolean, "result: out of bounds").named(setNotSet),
	management("icmpv6.rr.rm.flag.f", Boolean, "result: forbidden").named(setNotSet),
	management("icmpv6.rr.rm.flag.reserved", Uint16, "result: reserved bits"),
	management("icmpv6.rr.rm.ordinal", Uint8, "result: ordinal").hex(),
	management("icmpv6.rr.rm.matchedlen", Uint8, "result: bits of the prefix that matched"),
	management("icmpv6.rr.rm.interfaceindex", Uint32, "result: interface"),
	management("icmpv6.rr.rm.matchedprefix", IPv6, "result: prefix that matched"),
	management("icmpv6.mip6.identifier", Uint16, "Mobile IPv6: identifier"),
	management("icmpv6.mip6.home_agent_address", IPv6, "Mobile IPv6: address of a home agent"),
	management("icmpv6.mip6.flag", Uint16, "Mobile IPv6: flags").hex(),
	management("icmpv6.mip6.flag.m", Boolean, "Mobile IPv6: managed address configuration").named(setNotSet),
	management("icmpv6.mip6.flag.o", Boolean, "Mobile IPv6: other configuration").named(setNotSet),
	management("icmpv6.mip6.flag.rsv", Uint16, "Mobile IPv6: reserved bits"),
	management("icmpv6.send.identifier", Uint16, "certification path: identifier"),
	management("icmpv6.send.all_components", Uint16, "certification path: how many components"),
	management("icmpv6.send.component", Uint16, "certification path: this component"),
	management("icmpv6.fmip6.subtype", Uint8, "fast handover: subtype"),
	management("icmpv6.fmip6.identifier", Uint16, "fast handover: identifier"),
	management("icmpv6.ilnp.nb_locs", Uint8, "locator update: how many locators (RFC 6743)"),
	management("icmpv6.mcast_ra.query_interval", Uint16, "multicast router advertisement: seconds between queries"),
	management("icmpv6.mcast_ra.robustness_variable", Uint16, "multicast router advertisement: robustness"),
)

func management(name string, t Type, meaning string) Field {
	return row(name, t, func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{want: name, dst: dst, b: p.Layers[i].Bytes}
		managed(&d, p.Layers[i].Reported)
		return d.dst
	}, meaning)
}

func managed(d *dissection, reported int) {
	switch first(d.b) {
	case 138:
		renumbering(d, reported)
	case 144, 145, 146, 147:
		mobile6(d, reported)
	case 148:
		d.number("icmpv6.send.identifier", 4, 2)
		d.number("icmpv6.send.component", 6, 2)
	case 149:
		d.number("icmpv6.send.identifier", 4, 2)
		d.number("icmpv6.send.all_components", 6, 2)
		d.number("icmpv6.send.component", 8, 2)
		d.bytes("icmpv6.reserved", 10, 2)
	case 150, 154:
		d.number("icmpv6.fmip6.subtype", 4, 1)
		d.number("icmpv6.fmip6.identifier", 6, 2)
	case 156:
		d.number("icmpv6.ilnp.nb_locs", 4, 1)
		d.bytes("icmpv6.reserved", 5, 1)
		d.bytes("icmpv6.reserved", 6, 2)
	case 151:
		d.number("icmpv6.mcast_ra.query_interval", 4, 2)
		d.number("icmpv6.mcast_ra.robustness_variable", 6, 2)
	}
}

func mobile6(d *dissection, reported int) {
	d.number("icmpv6.mip6.identifier", 4, 2)
	if d.b[0] != 147 {
		d.bytes("icmpv6.reserved", 6, 2)
	} else {
		d.number("icmpv6.mip6.flag", 6, 2)
		d.bits("icmpv6.mip6.flag.m", 6, 2, 0x8000)
		d.bits("icmpv6.mip6.flag.o", 6, 2, 0x4000)
		d.bits("icmpv6.mip6.flag.rsv", 6, 2, 0x3fff)
	}
	for off := 8; d.b[0] == 145 && off < reported && !d.cut; off += 16 {
		d.ip6("icmpv6.mip6.home_agent_address", off)
	}
}

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
		matchPrefix(d, 16)
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
	d.number("icmpv6.rr.pco.mp.minlen", off+4, 1)
	d.number("icmpv6.rr.pco.mp.maxlen", off+5, 1)
	d.bytes("icmpv6.reserved", off+6, 2)
	d.ip6("icmpv6.rr.pco.mp.matchprefix", off+8)
}

func renumbered(d *dissection, off int) {
	d.present("icmpv6.rr.rm")
	d.number("icmpv6.rr.rm.flag", off, 2)
	d.bits("icmpv6.rr.rm.flag.b", off, 2, 0x0002)
	d.bits("icmpv6.rr.rm.flag.f", off, 2, 0x0001)
	d.bits("icmpv6.rr.rm.flag.reserved", off, 2, 0xfffc)
	d.number("icmpv6.rr.rm.ordinal", off+2, 1)
	d.number("icmpv6.rr.rm.matchedlen", off+3, 1)
	d.number("icmpv6.rr.rm.interfaceindex", off+4, 4)
	d.ip6("icmpv6.rr.rm.matchedprefix", off+8)
}
