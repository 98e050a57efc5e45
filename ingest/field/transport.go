package field

import "icmpsift/ingest"

var transportFields = join(
	in(ingest.ProtoUDP,
		row("udp", Protocol, header, "UDP header"),
		row("udp.srcport", Uint16, ports(number(0, 2)), "source port"),
		row("udp.dstport", Uint16, number(2, 2), "destination port"),
		row("udp.port", Uint16, ports(both(number(0, 2), number(2, 2))), "source and destination port"),
		row("udp.length", Uint16, number(4, 2), "bytes of the datagram, header included"),
		row("udp.checksum", Uint16, soundUDP(number(6, 2)), "checksum as sent, 0 for none").hex(),
	),
	in(ingest.ProtoTCP,
		row("tcp", Protocol, header, "TCP header with its options"),
		row("tcp.srcport", Uint16, ports(number(0, 2)), "source port"),
		row("tcp.dstport", Uint16, number(2, 2), "destination port"),
		row("tcp.port", Uint16, ports(both(number(0, 2), number(2, 2))), "source and destination port"),
		row("tcp.seq", Uint32, quotedOnly(number(4, 4)), "sequence number of a header an ICMP error quotes, as sent"),
		row("tcp.seq_raw", Uint32, unquoted(number(4, 4)), "sequence number as sent, of headers that are not quoted"),
		row("tcp.ack_raw", Uint32, wholeTCP(number(8, 4)), "acknowledgment number as sent"),
		row("tcp.flags", Uint16, bits(12, 2, 0x0fff), "flags").hex(),
		row("tcp.flags.syn", Boolean, bits(12, 2, 0x0002), "synchronise").named(setNotSet),
		row("tcp.flags.ack", Boolean, bits(12, 2, 0x0010), "acknowledgment").named(setNotSet),
		row("tcp.flags.reset", Boolean, bits(12, 2, 0x0004), "reset").named(setNotSet),
		row("tcp.flags.fin", Boolean, bits(12, 2, 0x0001), "finish").named(setNotSet),
		row("tcp.window_size_value", Uint16, number(14, 2), "window as sent"),
		row("tcp.checksum", Uint16, number(16, 2), "checksum as sent").hex(),
	),
)

var tunnelFields = join(
	in(ingest.ProtoAH, row("ah", Protocol, header, "IPsec authentication header")),
	in(ingest.ProtoGRE,
		row("gre", Protocol, header, "GRE header"),
		row("gre.proto", Uint16, number(2, 2), "EtherType of what the tunnel carries").hex().named(etherTypes),
	),
	in(ingest.ProtoPPPoE, row("pppoes", Protocol, header, "PPPoE session header")),
	in(ingest.ProtoPPP, row("ppp", Protocol, header, "PPP header")),
	in(ingest.ProtoMPLS,
		row("mpls", Protocol, header, "MPLS label stack entry"),
		row("mpls.label", Uint32, bits(0, 4, 0xfffff000), "MPLS label"),
		row("mpls.exp", Uint32, bits(0, 4, 0x00000e00), "MPLS traffic class"),
		row("mpls.bottom", Uint32, bits(0, 4, 0x00000100), "bottom of the label stack"),
		row("mpls.ttl", Uint32, bits(0, 4, 0x000000ff), "MPLS time to live"),
	),
	in(ingest.ProtoVXLAN,
		row("vxlan", Protocol, header, "VXLAN header"),
		row("vxlan.vni", Uint24, number(4, 3), "VXLAN network identifier"),
	),
	in(ingest.ProtoGeneve,
		row("geneve", Protocol, header, "Geneve header"),
		row("geneve.vni", Uint24, number(4, 3), "Geneve virtual network identifier").hex(),
	),
	in(ingest.ProtoGTP, row("gtp", Protocol, header, "GTP header")),
	in(ingest.ProtoTeredo, row("teredo", Protocol, header, "Teredo headers")),
	in(ingest.ProtoERSPAN, row("erspan", Protocol, header, "ERSPAN header")),
	in(ingest.ProtoLLC, row("llc", Protocol, header, "802.2 LLC header")),
)

// ports reads from headers whose two ports were captured: Wireshark shows neither without the other.
func ports(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if len(p.Layers[i].Bytes) >= 4 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// quotedOnly reads from headers that an ICMP error quotes: Wireshark follows no connection there, so that its relative
// sequence number is the one sent.
func quotedOnly(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Layers[i].Quoted > 0 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// unquoted reads from headers that are on the wire.
func unquoted(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Layers[i].Quoted == 0 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// soundUDP reads from headers whose length is possible: 8 or more, or 0 for a jumbogram.
func soundUDP(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if n := be(span(p.Layers[i].Bytes, 4, 2)); n >= 8 || n == 0 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// wholeTCP reads from headers that were captured whole.
func wholeTCP(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if len(p.Layers[i].Bytes) >= 20 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}
