package field

import (
	"fmt"

	"icmpsift/ingest"
)

// ip6OptionFields are the options of hop-by-hop and destination options headers (IANA ipv6-parameters). Traces of IOAM are not read.
var ip6OptionFields = in(ingest.ProtoHopByHop,
	ip6Option("ipv6.opt", None, "an option"),
	ip6Option("ipv6.opt.type", Uint8, "type of an option").hex().named(ip6Options),
	ip6Option("ipv6.opt.type.action", Uint8, "what a node does that does not know the option"),
	ip6Option("ipv6.opt.type.change", Boolean, "the data may change on the way").named(yesNo),
	ip6Option("ipv6.opt.type.rest", Uint8, "the type's other bits").hex(),
	ip6Option("ipv6.opt.length", Uint8, "bytes of an option's data"),
	ip6Option("ipv6.opt.pad1", None, "padding of one byte"),
	ip6Option("ipv6.opt.padn", Bytes, "padding of more than one byte"),
	ip6Option("ipv6.opt.tel", Uint8, "tunnel encapsulation limit"),
	ip6Option("ipv6.opt.router_alert", Uint16, "router alert value").named(map[int64]string{0: "MLD", 1: "RSVP", 2: "Active Network"}),
	ip6Option("ipv6.opt.calipso.doi", Uint32, "CALIPSO: domain of interpretation (RFC 5570)"),
	ip6Option("ipv6.opt.calipso.cmpt.length", Uint8, "CALIPSO: 32-bit words of compartments"),
	ip6Option("ipv6.opt.calipso.sens_level", Uint8, "CALIPSO: sensitivity"),
	ip6Option("ipv6.opt.calipso.checksum", Uint16, "CALIPSO: checksum").hex(),
	ip6Option("ipv6.opt.calipso.cmpt_bitmap", Bytes, "CALIPSO: compartments"),
	ip6Option("ipv6.opt.smf_dpd.hash_bit", Boolean, "SMF duplicate detection: by hash (RFC 6621)"),
	ip6Option("ipv6.opt.smf_dpd.tid_type", Uint8, "SMF duplicate detection: kind of tagger"),
	ip6Option("ipv6.opt.smf_dpd.tid_len", Uint8, "SMF duplicate detection: bytes of its name less one"),
	ip6Option("ipv6.opt.smf_dpd.tagger_id", Bytes, "SMF duplicate detection: the tagger"),
	ip6Option("ipv6.opt.smf_dpd.ident", Bytes, "SMF duplicate detection: identifier"),
	ip6Option("ipv6.opt.smf_dpd.hav", Bytes, "SMF duplicate detection: hash assist value"),
	ip6Option("ipv6.opt.pdm.scale_dtlr", Uint8, "performance metrics: scale of the time since the last received (RFC 8250)"),
	ip6Option("ipv6.opt.pdm.scale_dtls", Uint8, "performance metrics: scale of the time since the last sent"),
	ip6Option("ipv6.opt.pdm.psn_this_pkt", Uint16, "performance metrics: number of this packet"),
	ip6Option("ipv6.opt.pdm.psn_last_recv", Uint16, "performance metrics: number of the last received"),
	ip6Option("ipv6.opt.pdm.delta_last_recv", Uint16, "performance metrics: time since the last received"),
	ip6Option("ipv6.opt.pdm.delta_last_sent", Uint16, "performance metrics: time since the last sent"),
	ip6Option("ipv6.opt.qs_func", Uint8, "quick-start: function (RFC 4782)"),
	ip6Option("ipv6.opt.qs_rate", Uint8, "quick-start: rate"),
	ip6Option("ipv6.opt.qs_ttl", Uint8, "quick-start: time to live"),
	ip6Option("ipv6.opt.qs_ttl_diff", Uint8, "quick-start: hop limit less that"),
	ip6Option("ipv6.opt.qs_unused", Uint8, "quick-start: unused byte"),
	ip6Option("ipv6.opt.qs_nonce", Uint32, "quick-start: nonce").hex(),
	ip6Option("ipv6.opt.qs_reserved", Uint32, "quick-start: reserved bits").hex(),
	ip6Option("ipv6.opt.pmtu.min", Uint16, "path MTU: least on the way (RFC 9268)"),
	ip6Option("ipv6.opt.pmtu.rtn", Uint16, "path MTU: returned"),
	ip6Option("ipv6.opt.pmtu.r_flag", Boolean, "path MTU: an answer is wanted").named(setNotSet),
	ip6Option("ipv6.opt.ioam.rsv", Uint8, "IOAM: reserved byte (RFC 9486)"),
	ip6Option("ipv6.opt.ioam.opt_type", Uint8, "IOAM: kind of option"),
	ip6Option("ipv6.opt.apn.id.type", Uint8, "application-aware networking: length of the identifier"),
	ip6Option("ipv6.opt.apn.flags", Uint8, "application-aware networking: flags").hex(),
	ip6Option("ipv6.opt.apn.param.type", Uint16, "application-aware networking: parameters that follow").hex(),
	ip6Option("ipv6.opt.apn.id.part1", Uint32, "application-aware networking: first word of the identifier").hex(),
	ip6Option("ipv6.opt.apn.id.part2", Uint32, "application-aware networking: second word of the identifier").hex(),
	ip6Option("ipv6.opt.apn.id.part3", Uint32, "application-aware networking: third word of the identifier").hex(),
	ip6Option("ipv6.opt.apn.id.part4", Uint32, "application-aware networking: fourth word of the identifier").hex(),
	ip6Option("ipv6.opt.apn.invalid.id_type", None, "expert warning: an unknown length of the identifier"),
	ip6Option("ipv6.opt.tpf_information", Uint32, "tunnel payload forwarding information").hex(),
	ip6Option("ipv6.opt.rpl.flag", Uint8, "RPL option: flags (RFC 6553)").hex(),
	ip6Option("ipv6.opt.rpl.flag.o", Boolean, "RPL option: down").named(setNotSet),
	ip6Option("ipv6.opt.rpl.flag.r", Boolean, "RPL option: rank error").named(setNotSet),
	ip6Option("ipv6.opt.rpl.flag.f", Boolean, "RPL option: forwarding error").named(setNotSet),
	ip6Option("ipv6.opt.rpl.flag.rsv", Uint8, "RPL option: reserved bits").hex(),
	ip6Option("ipv6.opt.rpl.instance_id", Uint8, "RPL option: instance").hex(),
	ip6Option("ipv6.opt.rpl.sender_rank", Uint16, "RPL option: rank of the sender").hex(),
	ip6Option("ipv6.opt.mpl.flag", Uint8, "MPL option: flags (RFC 7731)").hex(),
	ip6Option("ipv6.opt.mpl.flag.s", Uint8, "MPL option: kind of the seed's name"),
	ip6Option("ipv6.opt.mpl.flag.m", Boolean, "MPL option: the greatest sequence number sent"),
	ip6Option("ipv6.opt.mpl.flag.v", Boolean, "MPL option: version"),
	ip6Option("ipv6.opt.mpl.flag.rsv", Uint8, "MPL option: reserved bits").hex(),
	ip6Option("ipv6.opt.mpl.sequence", Uint8, "MPL option: sequence number").hex(),
	ip6Option("ipv6.opt.mpl.seed_id", Bytes, "MPL option: the seed"),
	ip6Option("ipv6.opt.mpl.ipv6_src_seed_id", None, "expert item: the seed is the sender"),
	ip6Option("ipv6.opt.ilnp_nonce", Bytes, "ILNP nonce (RFC 6744)"),
	ip6Option("ipv6.opt.lio.length", Uint8, "line identification: bytes (RFC 6788)"),
	ip6Option("ipv6.opt.lio.line_id", String, "line identification: text from the network"),
	ip6Option("ipv6.opt.jumbo", Uint32, "length of a jumbo payload"),
	ip6Option("ipv6.opt.mipv6.home_address", IPv6, "home address of a mobile node"),
	ip6Option("ipv6.opt.dff.flags", Uint8, "depth-first forwarding: flags (RFC 6971)").hex(),
	ip6Option("ipv6.opt.dff.flag.ver", Uint8, "depth-first forwarding: version"),
	ip6Option("ipv6.opt.dff.flag.dup", Boolean, "depth-first forwarding: duplicate").named(setNotSet),
	ip6Option("ipv6.opt.dff.flag.ret", Boolean, "depth-first forwarding: returned").named(setNotSet),
	ip6Option("ipv6.opt.dff.flag.rsv", Uint8, "depth-first forwarding: reserved bits").hex(),
	ip6Option("ipv6.opt.dff.sequence_number", Uint16, "depth-first forwarding: sequence number"),
	ip6Option("ipv6.opt.experimental", Bytes, "data of an experimental option"),
	ip6Option("ipv6.opt.unknown", Bytes, "data of an unknown option"),
	ip6Option("ipv6.opt_unknown_data", Bytes, "what an option's structure leaves over"),
	ip6Option("ipv6.opt.unknown_data.expert", None, "expert note: data that is not decoded"),
	ip6Option("ipv6.opt.invalid_len", None, "expert warning: the wrong length for the option"),
	ip6Option("ipv6.opt.header_mismatch", None, "expert warning: an option that belongs into the other header (before Wireshark 4.4)"),
	ip6Option("ipv6.opt.deprecated", None, "expert note: a deprecated option"),
)

var ip6Options = map[int64]string{
	0: "Pad1", 1: "PadN", 4: "Tunnel Encapsulation Limit", 5: "Router Alert", 7: "CALIPSO", 8: "SMF_DPD",
	15: "Performance and Diagnostic Metrics", 30: "Experimental (0x1E)", 38: "Quick-Start", 48: "Path MTU Option",
	49: "IOAM Option", 62: "Experimental (0x3E)", 65: "Tunnel Payload Forwarding (TPF) Information",
	94: "Experimental (0x5E)", 35: "RPL Option", 99: "RPL Option (deprecated)", 109: "MPL Option", 126: "Experimental (0x7E)",
	138: "Endpoint Identification", 139: "ILNP Nonce", 140: "Line-Identification Option", 158: "Experimental (0x9E)",
	190: "Experimental (0xBE)", 194: "Jumbo Payload", 201: "Home Address", 222: "Experimental (0xDE)", 238: "IP_DFF",
	254: "Experimental (0xFE)",
}

// ip6Option declares a field of the options in hop-by-hop and destination options headers.
func ip6Option(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{c: c, want: name, dst: dst, b: p.Layers[i].Bytes}
		walkIP6Options(&d, p, i)
		return d.dst
	}, meaning).alsoIn(ingest.ProtoDestOpts)
}

// walkIP6Options walks a header's options. What their structure takes decides where the next begins, if it is more than their length.
func walkIP6Options(d *dissection, p *ingest.Packet, i int) {
	l := &p.Layers[i]
	d.hops = int(be(span(carrier6(p, i).Bytes, 7, 1)))
	for off := 2; off < min(l.Header, len(d.b)) && !d.cut; {
		typ := d.peek(off, 1)
		d.at(off, 2) // also of Pad1, which has one
		d.none("ipv6.opt", off)
		if typ == 0 {
			d.number("ipv6.opt.type", off, 1)
			d.present("ipv6.opt.pad1")
			off++
			continue
		}
		if typ == 138 {
			d.present("ipv6.opt.deprecated")
		}
		d.masks("ipv6.opt.type", off, 1, bitField{"ipv6.opt.type.action", 0xc0}, bitField{"ipv6.opt.type.change", 0x20}, bitField{"ipv6.opt.type.rest", 0x1f})
		if hop := l.Proto == ingest.ProtoHopByHop; !d.c.since("4.4") && (hop && forDestination[typ] || !hop && forHops[typ]) {
			d.put("ipv6.opt.header_mismatch", Value{Int: int64(typ)})
		}
		n := d.peek(off+1, 1)
		d.number("ipv6.opt.length", off+1, 1)
		off += 2
		used, end := ip6OptionBody(d, typ, off, n), off+n
		if d.c.since("4.4") { // which counts where an option begins in eight bits
			end = off&0xff + n
		}
		if used < end {
			d.bytes("ipv6.opt_unknown_data", used, end-used)
			d.present("ipv6.opt.unknown_data.expert")
		}
		off = max(end, used)
	}
}

// Options that belong into one of the two headers only, by Wireshark before 4.4.
var (
	forDestination = setOf(4, 15, 65, 139, 140, 201)
	forHops        = setOf(5, 7, 8, 38, 48, 99, 109, 194, 238)
)

// ip6Size is the least and greatest length of an option, and what Wireshark says of others.
type ip6Size struct {
	least, most int
	text        string
}

var ip6Sizes = map[int]ip6Size{
	4: {1, 1, "Tunnel Encapsulation Limit: Invalid length (%d bytes)"}, 5: {2, 2, "Router alert: Invalid Length (%d bytes)"},
	7: {8, 255, "CALIPSO: Invalid Length (%d bytes)"}, 15: {10, 10, "PDM: Invalid length (%d bytes)"},
	38: {6, 6, "Quick-Start: Invalid Length (%d bytes)"}, 48: {4, 4, "PMTU Option: Invalid Length (%d bytes)"},
	65: {4, 4, "TPF: Invalid Length (%d bytes)"}, 99: {4, 255, "RPL Option: Invalid length (%d bytes)"},
	194: {4, 4, "Jumbo Payload: Invalid length (%d bytes)"}, 201: {16, 16, "Home Address: Invalid length (%d bytes)"},
	238: {3, 3, "IPv6 DFF: Invalid length (%d bytes)"},
}

// ip6OptionBody walks the n bytes of one option at off and returns where what it understood ends.
func ip6OptionBody(d *dissection, typ, off, n int) (end int) {
	if size, ok := ip6Sizes[typ]; ok && (n < size.least || n > size.most) && d.wants("ipv6.opt.invalid_len") {
		d.add("ipv6.opt.invalid_len", Value{Int: 1, Text: fmt.Sprintf(size.text, n)})
	}
	switch typ {
	case 1:
		d.bytes("ipv6.opt.padn", off, n)
	case 4:
		d.number("ipv6.opt.tel", off, 1)
		return off + 1
	case 5:
		d.number("ipv6.opt.router_alert", off, 2)
		return off + 2
	case 194:
		d.number("ipv6.opt.jumbo", off, 4)
		return off + 4
	case 201:
		d.ip6("ipv6.opt.mipv6.home_address", off)
		return off + 16
	case 139:
		d.bytes("ipv6.opt.ilnp_nonce", off, n)
	case 140:
		d.number("ipv6.opt.lio.length", off, 1)
		d.text("ipv6.opt.lio.line_id", off+1, d.peek(off, 1))
		return off + 1 + d.peek(off, 1)
	case 30, 62, 94, 126, 158, 190, 222, 254:
		d.bytes("ipv6.opt.experimental", off, n)
	default:
		return ip6RarerOption(d, typ, off, n)
	}
	return off + n
}

func ip6RarerOption(d *dissection, typ, off, n int) (end int) {
	switch {
	case typ == 7:
		return calipso(d, off)
	case typ == 8:
		return duplicateDetection(d, off, n)
	case typ == 15:
		return performanceMetrics(d, off)
	case typ == 38:
		return quickStart6(d, off)
	case typ == 48:
		d.number("ipv6.opt.pmtu.min", off, 2)
		d.put("ipv6.opt.pmtu.rtn", Value{Int: int64(d.peek(off+2, 2) &^ 1), Bytes: d.at(off+2, 2)})
		d.put("ipv6.opt.pmtu.r_flag", Value{Int: int64(d.peek(off+3, 1) & 1)})
		return off + 4
	case typ == 49:
		d.number("ipv6.opt.ioam.rsv", off, 1)
		d.number("ipv6.opt.ioam.opt_type", off+1, 1)
		return off + 2
	case typ == 65:
		d.number("ipv6.opt.tpf_information", off, 4)
		return off + 4
	case typ == 99 || typ == 35 && d.c.since("4.4"):
		return rplPacketOption(d, off)
	case typ == 109:
		return mplOption(d, off)
	case typ == 19 && d.c.since("4.4"):
		return applicationAware(d, off, n)
	case typ == 238:
		return depthFirst(d, off)
	}
	d.bytes("ipv6.opt.unknown", off, n)
	d.present("ipv6.opt.unknown_data.expert")
	return off + n
}
