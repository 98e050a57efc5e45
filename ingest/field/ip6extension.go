package field

import "icmpsift/ingest"

// ip6ExtensionFields are the extension headers of RFC 8200; their options stand in a table of their own.
var ip6ExtensionFields = join(
	in(ingest.ProtoHopByHop,
		row("ipv6.hopopts", Protocol, header, "hop-by-hop options header"),
		row("ipv6.hopopts.nxt", Uint8, bits(0, 2, 0xff00), "next header").named(ipProtocols),
		row("ipv6.hopopts.len", Uint8, number(1, 1), "length in units of 8 bytes, the first 8 not counted"),
		row("ipv6.hopopts.len_oct", Uint16, extensionLength, "bytes of header"),
	),
	in(ingest.ProtoDestOpts,
		row("ipv6.dstopts", Protocol, header, "destination options header"),
		row("ipv6.dstopts.nxt", Uint8, bits(0, 2, 0xff00), "next header").named(ipProtocols),
		row("ipv6.dstopts.len", Uint8, number(1, 1), "length in units of 8 bytes, the first 8 not counted"),
		row("ipv6.dstopts.len_oct", Uint16, extensionLength, "bytes of header"),
	),
	in(ingest.ProtoRouting,
		row("ipv6.routing", Protocol, header, "routing header"),
		row("ipv6.routing.nxt", Uint8, number(0, 1), "next header").named(ipProtocols),
		row("ipv6.routing.len", Uint8, number(1, 1), "length in units of 8 bytes, the first 8 not counted"),
		row("ipv6.routing.len_oct", Uint16, extensionLength, "bytes of header"),
		row("ipv6.routing.type", Uint8, number(2, 1), "routing type"),
		row("ipv6.routing.segleft", Uint8, number(3, 1), "segments left"),
		routing("ipv6.routing.deprecated", None, "expert note: routing by the sender, which RFC 5095 deprecates"),
		routing("ipv6.routing.src.reserved", Bytes, "reserved bytes (type 0)"),
		routing("ipv6.routing.src.addr", IPv6, "address of the route (type 0)"),
		routing("ipv6.routing.mipv6.reserved", Bytes, "reserved bytes (type 2)"),
		routing("ipv6.routing.mipv6.home_address", IPv6, "home address of a mobile node (type 2, RFC 6275)"),
		routing("ipv6.routing.rpl.cmprI", Uint32, "bytes left out of each address but the last (type 3, RFC 6554)"),
		routing("ipv6.routing.rpl.cmprE", Uint32, "bytes left out of the last address"),
		routing("ipv6.routing.rpl.pad", Uint32, "bytes of padding"),
		routing("ipv6.routing.rpl.reserved", Uint32, "reserved bits"),
		routing("ipv6.routing.rpl.addr_count", Int32, "how many addresses there are"),
		routing("ipv6.routing.rpl.address", Bytes, "an address as it is there"),
		routing("ipv6.routing.rpl.full_address", IPv6, "the address with the bytes that were left out"),
		routing("ipv6.routing.srh.last_entry", Uint8, "number of the last segment (type 4, RFC 8754)"),
		routing("ipv6.routing.srh.flags", Uint8, "flags").hex(),
		routing("ipv6.routing.srh.tag", Bytes, "tag of a group of packets"),
		routing("ipv6.routing.srh.addr", IPv6, "a segment"),
		routing("ipv6.routing.crh16.current_sid", Uint16, "current segment (type 5, RFC 9631)"),
		routing("ipv6.routing.crh16.sid", Uint16, "a segment"),
		routing("ipv6.routing.crh32.current_sid", Uint32, "current segment (type 6)"),
		routing("ipv6.routing.crh32.sid", Uint32, "a segment"),
		routing("ipv6.routing.unknown_data", Bytes, "data of another type"),
		routing("ipv6.routing.undecoded", None, "expert note: a type that is not decoded"),
	),
	in(ingest.ProtoIPv6Fragment,
		row("ipv6.fraghdr", Protocol, holding(8, header), "fragment header"),
		row("ipv6.fraghdr.nxt", Uint8, holding(8, number(0, 1)), "next header").named(ipProtocols),
		row("ipv6.fraghdr.reserved_octet", Uint8, holding(8, number(1, 1)), "reserved byte").hex(),
		row("ipv6.fraghdr.offset", Uint16, holding(8, bits(2, 2, 0xfff8)), "fragment offset, in units of 8 bytes"),
		row("ipv6.fraghdr.reserved_bits", Uint16, holding(8, bits(2, 2, 0x0006)), "reserved bits"),
		row("ipv6.fraghdr.more", Boolean, holding(8, bits(2, 2, 0x0001)), "more fragments follow").named(map[int64]string{0: "No", 1: "Yes"}),
		row("ipv6.fraghdr.ident", Uint32, number(4, 4), "identification, which fragments of a datagram share").hex(),
	),
)

func join(groups ...[]Field) []Field {
	var out []Field
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

func extensionLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 1, 1); b != nil {
		dst = append(dst, Value{Int: (int64(b[0]) + 1) * 8})
	}
	return dst
}
