package field

import "icmpsift/ingest"

// listenerFields are multicast listener discovery, versions 1 (RFC 2710) and 2 (RFC 3810).
var listenerFields = in(ingest.ProtoICMPv6,
	listener("icmpv6.mld.maximum_response_delay", Uint16, "version 1: milliseconds within which to answer"),
	listener("icmpv6.mld.maximum_response_code", Uint16, "version 2 query: milliseconds within which to answer, decoded"),
	listener("icmpv6.mld.multicast_address", IPv6, "multicast address asked for or listened to, :: for all"),
	listener("icmpv6.mld.flag", Uint8, "version 2 query: flags").hex(),
	listener("icmpv6.mld.flag.s", Boolean, "version 2 query: routers suppress processing"),
	listener("icmpv6.mld.flag.qrv", Uint8, "version 2 query: querier's robustness"),
	listener("icmpv6.mld.flag.reserved", Uint8, "version 2 query: reserved bits"),
	listener("icmpv6.mld.qqi", Uint8, "version 2 query: seconds between queries, decoded"),
	listener("icmpv6.mld.nb_sources", Uint16, "version 2 query: how many sources"),
	listener("icmpv6.mld.source_address", IPv6, "version 2 query: a source"),
	listener("icmpv6.mldr.nb_mcast_records", Uint16, "version 2 report: how many records"),
	listener("icmpv6.mldr.mar", None, "version 2 report: a record"),
	listener("icmpv6.mldr.mar.record_type", Uint8, "version 2 report: type of a record").named(recordTypes),
	listener("icmpv6.mldr.mar.aux_data_len", Uint8, "version 2 report: auxiliary data of a record, 32-bit words"),
	listener("icmpv6.mldr.mar.nb_sources", Uint16, "version 2 report: how many sources a record has"),
	listener("icmpv6.mldr.mar.multicast_address", IPv6, "version 2 report: multicast address of a record"),
	listener("icmpv6.mldr.mar.source_address", IPv6, "version 2 report: a source of a record"),
	listener("icmpv6.mldr.mar.auxiliary_data", Bytes, "version 2 report: auxiliary data of a record"),
)

var recordTypes = map[int64]string{
	1: "Include", 2: "Exclude", 3: "Changed to include", 4: "Changed to exclude", 5: "Allow new sources", 6: "Block old sources",
}

func listener(name string, t Type, meaning string) Field {
	return row(name, t, icmp6(func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{want: name, dst: dst, b: p.Layers[i].Bytes}
		listeners(&d, p.Layers[i].Reported)
		return d.dst
	}, 130, 131, 132, 143), meaning)
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
		d.ip6("icmpv6.mld.multicast_address", 8)
	}
}

func query2(d *dissection) {
	d.put("icmpv6.mld.maximum_response_code", Value{Int: floating(d.peek(4, 2), 12)})
	d.ip6("icmpv6.mld.multicast_address", 8)
	d.number("icmpv6.mld.flag", 24, 1)
	d.bits("icmpv6.mld.flag.s", 24, 1, 0x08)
	d.bits("icmpv6.mld.flag.qrv", 24, 1, 0x07)
	d.bits("icmpv6.mld.flag.reserved", 24, 1, 0xf0)
	d.put("icmpv6.mld.qqi", Value{Int: floating(d.peek(25, 1), 4)})
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
	d.number("icmpv6.mldr.nb_mcast_records", 6, 2)
	for off := 8; off < reported && !d.cut; {
		off = record(d, off)
	}
}

func record(d *dissection, off int) (end int) {
	d.present("icmpv6.mldr.mar")
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
