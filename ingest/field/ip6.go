package field

import "icmpsift/ingest"

var ip6Fields = in(ingest.ProtoIPv6,
	row("ipv6", Protocol, ip6Header, "IPv6 header with its extension headers"),
	row("ipv6.version", Uint8, bits(0, 1, 0xf0), "version, 6"),
	row("ipv6.tclass", Uint32, bits(0, 4, 0x0ff00000), "traffic class").hex(),
	row("ipv6.tclass.dscp", Uint32, bits(0, 4, 0x0fc00000), "differentiated services code point").named(codePoints),
	row("ipv6.tclass.ecn", Uint32, bits(0, 4, 0x00300000), "explicit congestion notification").named(congestion),
	row("ipv6.flow", Uint24, bits(1, 3, 0x0fffff), "flow label").hex(),
	row("ipv6.plen", Uint16, number(4, 2), "payload length in bytes, extension headers included"),
	row("ipv6.nxt", Uint8, number(6, 1), "next header: what follows the IPv6 header").named(ipProtocols),
	row("ipv6.hlim", Uint8, number(7, 1), "hop limit"),
	row("ipv6.src", IPv6, ip6(8), "source address"),
	row("ipv6.src_host", String, hostText(ip6(8)), "source address as text"),
	row("ipv6.dst", IPv6, ip6(24), "destination address"),
	row("ipv6.dst_host", String, hostText(ip6(24)), "destination address as text"),
	row("ipv6.addr", IPv6, both(ip6(8), ip6(24)), "source and destination address"),
	row("ipv6.host", String, hostText(both(ip6(8), ip6(24))), "source and destination address as text"),
	row("ipv6.plen_exceeds_framing", None, longPayload, "expert warning: the payload length exceeds what the packet holds"),
	row("ipv6.fragments", None, reassembled6(wholePresent), "this frame completes a fragmented datagram").ahead(),
	row("ipv6.fragment", Frame, reassembled6(wholeFrames), "frames the datagram was put together from").ahead(),
	row("ipv6.fragment.count", Uint32, reassembled6(wholeCount), "how many fragments the datagram had").ahead(),
	row("ipv6.reassembled.length", Uint32, reassembled6(wholeLength), "bytes of the reassembled payload").ahead(),
	row("ipv6.reassembled.data", Bytes, reassembled6(wholePayload), "the reassembled payload").ahead(),
)

// ip6Header is the header and the extension headers behind it; those of a fragment without its datagram do not count.
func ip6Header(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := p.Layers[i].Bytes
	n := 40
	for k := i + 1; k < len(p.Layers) && extends(p.Layers[k].Proto) && p.Layers[k].Quoted == p.Layers[i].Quoted; k++ {
		n += p.Layers[k].Header
	}
	if p.Fragment && p.Layers[i].Quoted == 0 {
		n = 40
	}
	return append(dst, Value{Bytes: b[:min(n, len(b))]})
}

// extends tells whether the layer is an IPv6 extension header (RFC 8200).
func extends(proto ingest.Proto) bool {
	switch proto {
	case ingest.ProtoHopByHop, ingest.ProtoRouting, ingest.ProtoIPv6Fragment, ingest.ProtoDestOpts:
		return true
	}
	return false
}

func longPayload(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if b := span(l.Bytes, 4, 2); len(l.Bytes) >= 40 && l.Quoted == 0 && be(b) > int64(l.Reported-40) {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

// reassembled6 reads from the datagram that this frame completes; the fragment header must stand in this IPv6 layer.
func reassembled6(get func(w *ingest.Datagram, dst []Value) []Value) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Whole == nil || p.Layers[i].Quoted > 0 {
			return dst
		}
		for k := i + 1; k < len(p.Layers) && extends(p.Layers[k].Proto); k++ {
			if p.Layers[k].Proto == ingest.ProtoIPv6Fragment {
				return get(p.Whole, dst)
			}
		}
		return dst
	}
}

func wholePresent(_ *ingest.Datagram, dst []Value) []Value { return append(dst, Value{Int: 1}) }

var ip6ExtensionFields = join(
	in(ingest.ProtoHopByHop,
		row("ipv6.hopopts", Protocol, header, "hop-by-hop options header"),
		row("ipv6.hopopts.nxt", Uint8, bits(0, 2, 0xff00), "next header").named(ipProtocols),
		row("ipv6.hopopts.len", Uint8, number(1, 1), "length in units of 8 bytes, the first 8 not counted"),
		row("ipv6.hopopts.len_oct", Uint16, extensionLength, "bytes of header"),
		ip6Option("ipv6.opt.type", Uint8, "type of an option").hex().named(ip6Options),
		ip6Option("ipv6.opt.length", Uint8, "bytes of an option's data"),
		ip6Option("ipv6.opt.padn", Bytes, "padding of more than one byte"),
		ip6Option("ipv6.opt.router_alert", Uint16, "router alert value").named(map[int64]string{0: "MLD", 1: "RSVP", 2: "Active Network"}),
		ip6Option("ipv6.opt.jumbo", Uint32, "length of a jumbo payload"),
		ip6Option("ipv6.opt.unknown", Bytes, "data of an unknown option"),
		ip6Option("ipv6.opt.unknown_data.expert", None, "expert note: an option that is not decoded"),
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
	),
	in(ingest.ProtoIPv6Fragment,
		row("ipv6.fraghdr", Protocol, header, "fragment header"),
		row("ipv6.fraghdr.nxt", Uint8, number(0, 1), "next header").named(ipProtocols),
		row("ipv6.fraghdr.reserved_octet", Uint8, number(1, 1), "reserved byte").hex(),
		row("ipv6.fraghdr.offset", Uint16, bits(2, 2, 0xfff8), "fragment offset, in units of 8 bytes"),
		row("ipv6.fraghdr.reserved_bits", Uint16, bits(2, 2, 0x0006), "reserved bits"),
		row("ipv6.fraghdr.more", Boolean, bits(2, 2, 0x0001), "more fragments follow").named(map[int64]string{0: "No", 1: "Yes"}),
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

var ip6Options = map[int64]string{
	0: "Pad1", 1: "PadN", 4: "Tunnel Encapsulation Limit", 5: "Router Alert", 7: "CALIPSO", 8: "SMF_DPD",
	15: "Performance and Diagnostic Metrics", 30: "Experimental (0x1E)", 38: "Quick-Start", 48: "Path MTU Option",
	49: "IOAM Option", 62: "Experimental (0x3E)", 65: "Tunnel Payload Forwarding (TPF) Information",
	94: "Experimental (0x5E)", 99: "RPL Option", 109: "MPL Option", 126: "Experimental (0x7E)",
	138: "Endpoint Identification", 139: "ILNP Nonce", 140: "Line-Identification Option", 158: "Experimental (0x9E)",
	190: "Experimental (0xBE)", 194: "Jumbo Payload", 201: "Home Address", 222: "Experimental (0xDE)", 238: "IP_DFF",
	254: "Experimental (0xFE)",
}

// ip6Option declares a field of the options in hop-by-hop and destination options headers.
func ip6Option(name string, t Type, meaning string) Field {
	return row(name, t, func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		d := dissection{want: name, dst: dst, b: l.Bytes[:min(max(l.Header, 0), len(l.Bytes))]}
		walkIP6Options(&d)
		return d.dst
	}, meaning).alsoIn(ingest.ProtoDestOpts)
}

func walkIP6Options(d *dissection) {
	for off := 2; off < len(d.b) && !d.cut; {
		typ := d.peek(off, 1)
		if typ != 0 {
			d.at(off, 2)
		}
		d.number("ipv6.opt.type", off, 1)
		if typ == 0 {
			off++
			continue
		}
		d.number("ipv6.opt.length", off+1, 1)
		n := d.peek(off+1, 1)
		switch {
		case typ == 1:
			d.bytes("ipv6.opt.padn", off+2, n)
		case typ == 5 && n == 2:
			d.number("ipv6.opt.router_alert", off+2, 2)
		case typ == 0xc2 && n == 4:
			d.number("ipv6.opt.jumbo", off+2, 4)
		case ip6Options[int64(typ)] == "":
			d.bytes("ipv6.opt.unknown", off+2, n)
			d.present("ipv6.opt.unknown_data.expert")
		}
		off += 2 + n
	}
}
