package field

import "icmpsift/ingest"

// listenerFields are multicast listener discovery, versions 1 (RFC 2710) and 2 (RFC 3810).
var listenerFields = in(ingest.ProtoICMPv6,
	body("icmpv6.mld.maximum_response_delay", Uint16, "version 1: milliseconds within which to answer"),
	body("icmpv6.mld.maximum_response_code", Uint16, "version 2 query: milliseconds within which to answer, decoded"),
	body("icmpv6.mld.multicast_address", IPv6, "multicast address asked for or listened to, :: for all"),
	body("icmpv6.mld.flag", Uint8, "version 2 query: flags").hex(),
	body("icmpv6.mld.flag.s", Boolean, "version 2 query: routers suppress processing"),
	body("icmpv6.mld.flag.qrv", Uint8, "version 2 query: querier's robustness"),
	body("icmpv6.mld.flag.reserved", Uint8, "version 2 query: reserved bits"),
	body("icmpv6.mld.qqi", Uint8, "version 2 query: seconds between queries, decoded"),
	body("icmpv6.mld.nb_sources", Uint16, "version 2 query: how many sources"),
	body("icmpv6.mld.source_address", IPv6, "version 2 query: a source"),
	body("icmpv6.mldr.nb_mcast_records", Uint16, "version 2 report: how many records"),
	body("icmpv6.mldr.mar", None, "version 2 report: a record"),
	body("icmpv6.mldr.mar.record_type", Uint8, "version 2 report: type of a record").named(recordTypes),
	body("icmpv6.mldr.mar.aux_data_len", Uint8, "version 2 report: auxiliary data of a record, 32-bit words"),
	body("icmpv6.mldr.mar.nb_sources", Uint16, "version 2 report: how many sources a record has"),
	body("icmpv6.mldr.mar.multicast_address", IPv6, "version 2 report: multicast address of a record"),
	body("icmpv6.mldr.mar.source_address", IPv6, "version 2 report: a source of a record"),
	body("icmpv6.mldr.mar.auxiliary_data", Bytes, "version 2 report: auxiliary data of a record"),
)

var recordTypes = map[int64]string{
	1: "Include", 2: "Exclude", 3: "Changed to include", 4: "Changed to exclude", 5: "Allow new sources", 6: "Block old sources",
}

// version2 is the length from which a query is one of version 2 (RFC 3810, 8.1).
const version2 = 28

func listeners(d *dissection, reported int) {
	switch {
	case d.b[0] == 143:
		records(d, reported)
	case d.b[0] == 130 && len(d.b) >= version2:
		query2(d)
	default:
		d.number("icmpv6.mld.maximum_response_delay", 4, 2)
		d.bytes("icmpv6.reserved", 6, 2)
		d.ip6("icmpv6.mld.multicast_address", 8)
	}
}

func query2(d *dissection) {
	d.put("icmpv6.mld.maximum_response_code", Value{Int: floating(d.peek(4, 2), 12), Bytes: d.at(4, 2)})
	d.bytes("icmpv6.reserved", 6, 2)
	d.ip6("icmpv6.mld.multicast_address", 8)
	d.number("icmpv6.mld.flag", 24, 1)
	d.bits("icmpv6.mld.flag.s", 24, 1, 0x08)
	d.bits("icmpv6.mld.flag.qrv", 24, 1, 0x07)
	d.bits("icmpv6.mld.flag.reserved", 24, 1, 0xf0)
	d.put("icmpv6.mld.qqi", Value{Int: floating(d.peek(25, 1), 4), Bytes: d.at(25, 1)})
	d.number("icmpv6.mld.nb_sources", 26, 2)
	for k := range d.peek(26, 2) {
		if d.cut {
			return
		}
		d.ip6("icmpv6.mld.source_address", 28+16*k)
	}
}

// floating decodes a code with a mantissa of the given bits and a three-bit exponent; codes whose top bit is clear are
// plain (RFC 3810, 5.1.3 and 5.1.9).
func floating(code, mantissa int) int64 {
	top := 1 << (mantissa + 3)
	if code < top {
		return int64(code)
	}
	m := code&(1<<mantissa-1) | 1<<mantissa
	return int64(m) << ((code-top)>>mantissa + 3)
}

// records: Wireshark reads them to the end of the message, however many are announced.
func records(d *dissection, reported int) {
	d.bytes("icmpv6.reserved", 4, 2)
	d.number("icmpv6.mldr.nb_mcast_records", 6, 2)
	for off := 8; off < reported && !d.cut; {
		off = record(d, off)
	}
}

func record(d *dissection, off int) (end int) {
	size := 20 + 16*int(be(span(d.b, off+2, 2))) + 4*int(be(span(d.b, off+1, 1)))
	d.put("icmpv6.mldr.mar", Value{Int: 1, Bytes: span(d.b, off, size)})
	d.number("icmpv6.mldr.mar.record_type", off, 1)
	d.number("icmpv6.mldr.mar.aux_data_len", off+1, 1)
	d.number("icmpv6.mldr.mar.nb_sources", off+2, 2)
	words, sources := d.peek(off+1, 1), d.peek(off+2, 2)
	d.ip6("icmpv6.mldr.mar.multicast_address", off+4)
	off += 20
	for k := 0; k < sources && !d.cut; k++ {
		d.ip6("icmpv6.mldr.mar.source_address", off)
		off += 16
	}
	if words > 0 {
		d.bytes("icmpv6.mldr.mar.auxiliary_data", off, 4*words)
	}
	return off + 4*words
}
