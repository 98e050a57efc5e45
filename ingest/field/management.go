package field

import "icmpsift/ingest"

// managementFields are ICMPv6's rarer bodies: router renumbering (RFC 2894), Mobile IPv6 (RFC 6275), secure neighbor
// discovery (RFC 3971), fast handovers (RFC 5568), multicast router discovery (RFC 4286).
var managementFields = in(ingest.ProtoICMPv6,
	body("icmpv6.rr.sequence_number", Uint32, "router renumbering: sequence number"),
	body("icmpv6.rr.segment_number", Uint8, "router renumbering: segment number"),
	body("icmpv6.rr.flag", Uint8, "router renumbering: flags").hex(),
	body("icmpv6.rr.flag.t", Boolean, "router renumbering: a test").named(setNotSet),
	body("icmpv6.rr.flag.r", Boolean, "router renumbering: a result is wanted").named(setNotSet),
	body("icmpv6.rr.flag.a", Boolean, "router renumbering: all interfaces").named(setNotSet),
	body("icmpv6.rr.flag.s", Boolean, "router renumbering: site-specific").named(setNotSet),
	body("icmpv6.rr.flag.p", Boolean, "router renumbering: processed before").named(setNotSet),
	body("icmpv6.rr.flag.rsv", Uint8, "router renumbering: reserved bits"),
	body("icmpv6.rr.maxdelay", Uint16, "router renumbering: milliseconds a router may wait"),
	body("icmpv6.rr.pco.mp", None, "router renumbering: a match-prefix part"),
	body("icmpv6.rr.pco.mp.opcode", Uint8, "match-prefix: 1 add, 2 change, 3 set global"),
	body("icmpv6.rr.pco.mp.oplength", Uint8, "match-prefix: length of the operation, units of 8 bytes"),
	body("icmpv6.rr.pco.mp.ordinal", Uint8, "match-prefix: ordinal").hex(),
	body("icmpv6.rr.pco.mp.matchlen", Uint8, "match-prefix: bits to match"),
	body("icmpv6.rr.pco.mp.minlen", Uint8, "match-prefix: least bits of a prefix"),
	body("icmpv6.rr.pco.mp.maxlen", Uint8, "match-prefix: most bits of a prefix"),
	body("icmpv6.rr.pco.mp.matchprefix", IPv6, "match-prefix: the prefix"),
	body("icmpv6.rr.pco.mp.matchlen.gt128", None, "expert warning: more bits to match than an address has"),
	body("icmpv6.rr.pco.up", None, "router renumbering: a use-prefix part"),
	body("icmpv6.rr.pco.up.uselen", Uint8, "use-prefix: bits of the prefix"),
	body("icmpv6.rr.pco.up.keeplen", Uint8, "use-prefix: bits to keep behind it"),
	body("icmpv6.rr.pco.up.flagmask", Uint8, "use-prefix: which flags to set").hex(),
	body("icmpv6.rr.pco.up.flagmask.l", Boolean, "use-prefix: set the on-link flag").named(setNotSet),
	body("icmpv6.rr.pco.up.flagmask.a", Boolean, "use-prefix: set the autonomous flag").named(setNotSet),
	body("icmpv6.rr.pco.up.flagmask.reserved", Uint8, "use-prefix: reserved bits"),
	body("icmpv6.rr.pco.up.raflags", Uint8, "use-prefix: flags of the prefix information option").hex(),
	body("icmpv6.rr.pco.up.validlifetime", Uint32, "use-prefix: seconds valid"),
	body("icmpv6.rr.pco.up.preferredlifetime", Uint32, "use-prefix: seconds preferred"),
	body("icmpv6.rr.pco.up.flag", Uint32, "use-prefix: flags").hex(),
	body("icmpv6.rr.pco.up.flag.v", Boolean, "use-prefix: decrement the valid lifetime").named(setNotSet),
	body("icmpv6.rr.pco.up.flag.p", Boolean, "use-prefix: decrement the preferred lifetime").named(setNotSet),
	body("icmpv6.rr.pco.up.flag.reserved", Uint32, "use-prefix: reserved bits"),
	body("icmpv6.rr.pco.up.useprefix", IPv6, "use-prefix: the prefix"),
	body("icmpv6.rr.pco.mp.matchedlen.gt128", None, "expert warning: more bits matched than an address has"),
	body("icmpv6.rr.rm", None, "router renumbering: a result"),
	body("icmpv6.rr.rm.flag", Uint16, "result: flags").hex(),
	body("icmpv6.rr.rm.flag.b", Boolean, "result: out of bounds").named(setNotSet),
	body("icmpv6.rr.rm.flag.f", Boolean, "result: forbidden").named(setNotSet),
	body("icmpv6.rr.rm.flag.reserved", Uint16, "result: reserved bits"),
	body("icmpv6.rr.rm.ordinal", Uint8, "result: ordinal").hex(),
	body("icmpv6.rr.rm.matchedlen", Uint8, "result: bits of the prefix that matched"),
	body("icmpv6.rr.rm.interfaceindex", Uint32, "result: interface"),
	body("icmpv6.rr.rm.matchedprefix", IPv6, "result: prefix that matched"),
	body("icmpv6.mip6.identifier", Uint16, "Mobile IPv6: identifier"),
	body("icmpv6.mip6.home_agent_address", IPv6, "Mobile IPv6: address of a home agent"),
	body("icmpv6.mip6.flag", Uint16, "Mobile IPv6: flags").hex(),
	body("icmpv6.mip6.flag.m", Boolean, "Mobile IPv6: managed address configuration").named(setNotSet),
	body("icmpv6.mip6.flag.o", Boolean, "Mobile IPv6: other configuration").named(setNotSet),
	body("icmpv6.mip6.flag.rsv", Uint16, "Mobile IPv6: reserved bits"),
	body("icmpv6.send.identifier", Uint16, "certification path: identifier"),
	body("icmpv6.send.all_components", Uint16, "certification path: how many components"),
	body("icmpv6.send.component", Uint16, "certification path: this component"),
	body("icmpv6.fmip6.subtype", Uint8, "fast handover: subtype"),
	body("icmpv6.fmip6.hi.flag", Uint8, "handover initiate: flags").hex(),
	body("icmpv6.fmip6.hi.flag.s", Boolean, "handover initiate: assign an address").named(setNotSet),
	body("icmpv6.fmip6.hi.flag.a", Boolean, "handover initiate: buffer packets").named(setNotSet),
	body("icmpv6.fmip6.hi.flag.reserved", Uint8, "handover initiate: reserved bits"),
	body("icmpv6.fmip6.identifier", Uint16, "fast handover: identifier"),
	body("icmpv6.ilnp.nb_locs", Uint8, "locator update: how many locators (RFC 6743)"),
	body("icmpv6.ilnp.nb_locator", Uint64, "locator update: a locator").hex(),
	body("icmpv6.ilnp.nb_preference", Uint32, "locator update: preference of a locator"),
	body("icmpv6.ilnp.nb_lifetime", Uint32, "locator update: seconds a locator is valid"),
	body("icmpv6.6lowpannd.da.status", Uint8, "duplicate address request: status (RFC 6775)"),
	body("icmpv6.6lowpannd.da.rsv", Uint8, "duplicate address request: reserved byte"),
	body("icmpv6.6lowpannd.da.lifetime", Uint16, "duplicate address request: minutes"),
	body("icmpv6.6lowpannd.da.eui64", Bytes, "duplicate address request: EUI-64 of the host").display(Colon),
	body("icmpv6.6lowpannd.da.reg_addr", IPv6, "duplicate address request: the address"),
	body("icmpv6.mpl.seed_info.min_sequence", Uint8, "MPL control: least sequence number of a seed (RFC 7731)"),
	body("icmpv6.mpl.seed_info.bm_len", Uint8, "MPL control: bytes of the bitmap of buffered messages"),
	body("icmpv6.mpl.seed_info.s", Uint8, "MPL control: kind of the seed's name"),
	body("icmpv6.mpl.seed_info.seed_id", String, "MPL control: the seed"),
	body("icmpv6.mpl.seed_info.sequence", Uint8, "MPL control: sequence number of a buffered message"),
	body("icmpv6.mcast_ra.query_interval", Uint16, "multicast router advertisement: seconds between queries"),
	body("icmpv6.mcast_ra.robustness_variable", Uint16, "multicast router advertisement: robustness"),
)

// managed walks every body but those of listener discovery and the options.
func managed(d *dissection, reported int) {
	switch first(d.b) {
	case 138:
		renumbering(d, reported)
	case 139, 140:
		nodeInformation(d, reported)
	case 144, 145, 146, 147:
		mobile6(d)
	case 148, 149:
		certificationPath(d)
	case 150, 154:
		fastHandover(d)
	case 151:
		d.number("icmpv6.mcast_ra.query_interval", 4, 2)
		d.number("icmpv6.mcast_ra.robustness_variable", 6, 2)
	case 155:
		rplControl(d, reported)
	case 156:
		locators(d)
	case 157, 158:
		d.number("icmpv6.6lowpannd.da.status", 4, 1)
		d.number("icmpv6.6lowpannd.da.rsv", 5, 1)
		d.number("icmpv6.6lowpannd.da.lifetime", 6, 2)
		d.bytes("icmpv6.6lowpannd.da.eui64", 8, 8)
		d.ip6("icmpv6.6lowpannd.da.reg_addr", 16)
	case 159:
		seeds(d)
	}
}

func certificationPath(d *dissection) {
	d.number("icmpv6.send.identifier", 4, 2)
	if d.b[0] == 148 {
		d.number("icmpv6.send.component", 6, 2)
		return
	}
	d.number("icmpv6.send.all_components", 6, 2)
	d.number("icmpv6.send.component", 8, 2)
	d.bytes("icmpv6.reserved", 10, 2)
}

// fastHandover: the byte behind the subtype is reserved in most and flags in a handover initiate (RFC 5568, section 6).
func fastHandover(d *dissection) {
	d.number("icmpv6.fmip6.subtype", 4, 1)
	switch d.peek(4, 1) {
	case 2, 3, 5:
		d.bytes("icmpv6.reserved", 5, 1)
	case 4:
		d.masks("icmpv6.fmip6.hi.flag", 5, 1, bitField{"icmpv6.fmip6.hi.flag.s", 0x80}, bitField{"icmpv6.fmip6.hi.flag.a", 0x40},
			bitField{"icmpv6.fmip6.hi.flag.reserved", 0x3f})
	}
	d.number("icmpv6.fmip6.identifier", 6, 2)
}

// locators is a locator update (RFC 6743).
func locators(d *dissection) {
	d.number("icmpv6.ilnp.nb_locs", 4, 1)
	d.bytes("icmpv6.reserved", 5, 1)
	d.bytes("icmpv6.reserved", 6, 2)
	off := 8
	for count := d.peek(4, 1); count > 0 && !d.cut; count-- {
		d.number("icmpv6.ilnp.nb_locator", off, 8)
		d.number("icmpv6.ilnp.nb_preference", off+8, 2)
		d.number("icmpv6.ilnp.nb_lifetime", off+10, 2)
		off += 12
	}
}

func mobile6(d *dissection) {
	d.number("icmpv6.mip6.identifier", 4, 2)
	if d.b[0] != 147 {
		d.bytes("icmpv6.reserved", 6, 2)
	} else {
		d.number("icmpv6.mip6.flag", 6, 2)
		d.bits("icmpv6.mip6.flag.m", 6, 2, 0x8000)
		d.bits("icmpv6.mip6.flag.o", 6, 2, 0x4000)
		d.bits("icmpv6.mip6.flag.rsv", 6, 2, 0x3fff)
	}
	for off := 8; d.b[0] == 145 && off < len(d.b) && !d.cut; off += 16 {
		d.ip6("icmpv6.mip6.home_agent_address", off)
	}
}
