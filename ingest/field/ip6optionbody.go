package field

import "fmt"

// The bodies of rarer IPv6 options; each returns where what it understood ends.

func calipso(d *dissection, off int) int {
	words := d.peek(off+4, 1)
	d.number("ipv6.opt.calipso.doi", off, 4)
	d.number("ipv6.opt.calipso.cmpt.length", off+4, 1)
	d.number("ipv6.opt.calipso.sens_level", off+5, 1)
	d.number("ipv6.opt.calipso.checksum", off+6, 2)
	if words > 0 {
		d.bytes("ipv6.opt.calipso.cmpt_bitmap", off+8, 4*words)
	}
	return off + 8 + 4*words
}

// duplicateDetection is RFC 6621's option: a hash, or a tagger's name and its identifier.
func duplicateDetection(d *dissection, off, n int) int {
	first := d.peek(off, 1)
	d.bits("ipv6.opt.smf_dpd.hash_bit", off, 1, 0x80)
	if first&0x80 != 0 {
		d.bytes("ipv6.opt.smf_dpd.hav", off, n)
		return off + n
	}
	d.bits("ipv6.opt.smf_dpd.tid_type", off, 1, 0x70)
	d.bits("ipv6.opt.smf_dpd.tid_len", off, 1, 0x0f)
	at := off + 1
	if first&0x70 != 0 {
		size := first&0x0f + 1
		d.bytes("ipv6.opt.smf_dpd.tagger_id", at, size)
		at += size
	}
	if at < off+n {
		d.bytes("ipv6.opt.smf_dpd.ident", at, off+n-at)
	}
	return max(at, off+n)
}

func performanceMetrics(d *dissection, off int) int {
	d.number("ipv6.opt.pdm.scale_dtlr", off, 1)
	d.number("ipv6.opt.pdm.scale_dtls", off+1, 1)
	d.number("ipv6.opt.pdm.psn_this_pkt", off+2, 2)
	d.number("ipv6.opt.pdm.psn_last_recv", off+4, 2)
	d.number("ipv6.opt.pdm.delta_last_recv", off+6, 2)
	d.number("ipv6.opt.pdm.delta_last_sent", off+8, 2)
	return off + 10
}

func quickStart6(d *dissection, off int) int {
	d.bits("ipv6.opt.qs_func", off, 1, 0xf0)
	switch d.peek(off, 1) >> 4 {
	case 0:
		d.bits("ipv6.opt.qs_rate", off, 1, 0x0f)
		d.number("ipv6.opt.qs_ttl", off+1, 1)
		d.put("ipv6.opt.qs_ttl_diff", Value{Int: int64(d.hops-d.peek(off+1, 1)) & 0xff})
	case 8:
		d.bits("ipv6.opt.qs_rate", off, 1, 0x0f)
		d.number("ipv6.opt.qs_unused", off+1, 1)
	default:
		return off
	}
	d.bits("ipv6.opt.qs_nonce", off+2, 4, 0xfffffffc)
	d.bits("ipv6.opt.qs_reserved", off+2, 4, 0x3)
	return off + 6
}

// rplPacketOption is what RPL adds to packets (RFC 6553).
func rplPacketOption(d *dissection, off int) int {
	d.masks("ipv6.opt.rpl.flag", off, 1, bitField{"ipv6.opt.rpl.flag.o", 0x80}, bitField{"ipv6.opt.rpl.flag.r", 0x40},
		bitField{"ipv6.opt.rpl.flag.f", 0x20}, bitField{"ipv6.opt.rpl.flag.rsv", 0x1f})
	d.number("ipv6.opt.rpl.instance_id", off+1, 1)
	d.number("ipv6.opt.rpl.sender_rank", off+2, 2)
	return off + 4
}

func mplOption(d *dissection, off int) int {
	d.masks("ipv6.opt.mpl.flag", off, 1, bitField{"ipv6.opt.mpl.flag.s", 0xc0}, bitField{"ipv6.opt.mpl.flag.m", 0x20},
		bitField{"ipv6.opt.mpl.flag.v", 0x10}, bitField{"ipv6.opt.mpl.flag.rsv", 0x0f})
	d.number("ipv6.opt.mpl.sequence", off+1, 1)
	size := [...]int{0, 2, 8, 16}[d.peek(off, 1)>>6]
	if size == 0 {
		d.present("ipv6.opt.mpl.ipv6_src_seed_id")
	} else {
		d.bytes("ipv6.opt.mpl.seed_id", off+2, size)
	}
	return off + 2 + size
}

func depthFirst(d *dissection, off int) int {
	d.masks("ipv6.opt.dff.flags", off, 1, bitField{"ipv6.opt.dff.flag.ver", 0xc0}, bitField{"ipv6.opt.dff.flag.dup", 0x20},
		bitField{"ipv6.opt.dff.flag.ret", 0x10}, bitField{"ipv6.opt.dff.flag.rsv", 0x0f})
	d.number("ipv6.opt.dff.sequence_number", off+1, 2)
	return off + 3
}

// applicationAware is the APN option (draft-li-6man-app-aware-ipv6-network): its type tells how long the identifier is.
func applicationAware(d *dissection, off, n int) int {
	typ := d.peek(off, 1)
	applicationLength(d, typ, n)
	d.number("ipv6.opt.apn.id.type", off, 1)
	if typ < 1 || typ > 3 {
		d.put("ipv6.opt.apn.invalid.id_type", Value{Int: int64(typ)})
	}
	d.number("ipv6.opt.apn.flags", off+1, 1)
	d.number("ipv6.opt.apn.param.type", off+2, 2)
	words := [...]int{0, 1, 2, 4}[min(typ, 3)]
	for k := range words {
		d.number(applicationParts[k], off+4+4*k, 4)
	}
	return off + 4 + 4*words
}

var applicationParts = [...]string{"ipv6.opt.apn.id.part1", "ipv6.opt.apn.id.part2", "ipv6.opt.apn.id.part3", "ipv6.opt.apn.id.part4"}

// applicationLength notes a length that the identifier does not fit.
func applicationLength(d *dissection, typ, n int) {
	format := ""
	switch {
	case n < 8:
		format = "APN6 Option: Invalid Length (%d bytes) for basic APN header and shortest APN ID(32-bit)"
	case typ > 1 && n < 12:
		format = "APN6 Option: Invalid Length (%d bytes) for 64-bit APN ID, parsed offset 8"
	case typ > 2 && n < 20:
		format = "APN6 Option: Invalid Length (%d bytes) for 128-bit APN ID, parsed offset 12"
	}
	if format != "" && d.wants("ipv6.opt.invalid_len") {
		d.add("ipv6.opt.invalid_len", Value{Int: 1, Text: fmt.Sprintf(format, n)})
	}
}
