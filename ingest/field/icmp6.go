package field

import "icmpsift/ingest"

// icmp6Fields are ICMPv6's header fields and the bodies of fixed shape (RFC 4443, RFC 4861, RFC 8335).
var icmp6Fields = in(ingest.ProtoICMPv6,
	row("icmpv6", Protocol, everything, "ICMP message (v6)"),
	row("icmpv6.type", Uint8, number(0, 1), "message type").named(typeNames6()).constant(),
	row("icmpv6.code", Uint8, number(1, 1), "message code, which narrows the type"),
	row("icmpv6.checksum", Uint16, number(2, 2), "checksum as sent").hex(),
	row("icmpv6.checksum.status", Uint8, checksumStatus(2), "verdict on the checksum").named(checksumNames).constant(),
	row("icmpv6.checksum_bad.expert", None, checksumBad, "expert warning: the checksum is wrong"),
	row("icmpv6.length", Uint8, icmp6(quoteWords6, 1, 3), "length of the quoted datagram in 64-bit words (RFC 4884)"),
	row("icmpv6.reserved", Bytes, reserved6, "reserved bytes of the header"),
	row("icmpv6.mtu", Uint32, icmp6(number(4, 4), 2), "packet too big: MTU of the next hop"),
	row("icmpv6.pointer", Uint32, icmp6(number(4, 4), 4), "parameter problem: byte of the quoted datagram that is wrong"),
	row("icmpv6.echo.identifier", Uint16, icmp6(number(4, 2), 128, 129, 160, 161), "echo: identifier").hex(),
	row("icmpv6.echo.sequence_number", Uint16, icmp6(number(6, 2), 128, 129), "echo: sequence number"),
	row("icmpv6.nonce", Bytes, teredoNonce, "nonce of a Teredo connectivity test"),
	row("icmpv6.ext.echo.seq", Uint8, icmp6(number(6, 1), 160, 161), "extended echo: sequence number (RFC 8335)"),
	row("icmpv6.ext.echo.req.res", Uint8, icmp6(bits(7, 1, 0xfe), 160), "extended echo request: reserved bits").hex(),
	row("icmpv6.ext.echo.req.local", Boolean, icmp6(bits(7, 1, 0x01), 160), "extended echo request: the interface is on the node asked"),
	row("icmpv6.ext.echo.rsp.state", Uint8, icmp6(bits(7, 1, 0xe0), 161), "extended echo reply: neighbour state").named(neighborStates),
	row("icmpv6.ext.echo.rsp.res", Uint8, icmp6(bits(7, 1, 0x18), 161), "extended echo reply: reserved bits").hex(),
	row("icmpv6.ext.echo.rsp.active", Boolean, icmp6(bits(7, 1, 0x04), 161), "extended echo reply: the interface is active"),
	row("icmpv6.ext.echo.rsp.ipv4", Boolean, icmp6(bits(7, 1, 0x02), 161), "extended echo reply: IPv4 runs on it"),
	row("icmpv6.ext.echo.rsp.ipv6", Boolean, icmp6(bits(7, 1, 0x01), 161), "extended echo reply: IPv6 runs on it"),
	row("icmpv6.resp_in", Frame, responseIn, "frame of the reply to this echo request").ahead(),
	row("icmpv6.no_resp", None, noResponse, "no reply to this echo request is in the file").ahead(),
	row("icmpv6.resp_not_found", None, noResponse, "expert warning: no reply to this echo request is in the file").ahead(),
	row("icmpv6.resp_to", Frame, responseTo, "frame of the request this echo reply answers").linked(),
	row("icmpv6.resptime", Double, responseTime, "milliseconds from the request to this reply").linked(),
	row("icmpv6.nd.ra.cur_hop_limit", Uint8, icmp6(number(4, 1), 134), "router advertisement: hop limit to use"),
	row("icmpv6.nd.ra.flag", Uint8, icmp6(number(5, 1), 134), "router advertisement: flags").hex(),
	row("icmpv6.nd.ra.flag.m", Boolean, icmp6(bits(5, 1, 0x80), 134), "router advertisement: addresses come from DHCPv6").named(setNotSet),
	row("icmpv6.nd.ra.flag.o", Boolean, icmp6(bits(5, 1, 0x40), 134), "router advertisement: other settings come from DHCPv6").named(setNotSet),
	row("icmpv6.nd.ra.flag.h", Boolean, icmp6(bits(5, 1, 0x20), 134), "router advertisement: the router is a home agent").named(setNotSet),
	row("icmpv6.nd.ra.flag.prf", Uint8, icmp6(bits(5, 1, 0x18), 134), "router advertisement: preference (RFC 4191)").named(preferences),
	row("icmpv6.nd.ra.flag.p", Boolean, icmp6(bits(5, 1, 0x04), 134), "router advertisement: proxy").named(setNotSet),
	row("icmpv6.nd.ra.flag.rsv", Uint8, icmp6(bits(5, 1, 0x03), 134), "router advertisement: reserved bits"),
	row("icmpv6.nd.ra.router_lifetime", Uint16, icmp6(number(6, 2), 134), "router advertisement: seconds as default router, 0 for not one"),
	row("icmpv6.nd.ra.reachable_time", Uint32, icmp6(number(8, 4), 134), "router advertisement: milliseconds a neighbour counts as reachable"),
	row("icmpv6.nd.ra.retrans_timer", Uint32, icmp6(number(12, 4), 134), "router advertisement: milliseconds between solicitations"),
	row("icmpv6.nd.ns.target_address", IPv6, icmp6(ip6(8), 135), "neighbor solicitation: address asked for"),
	row("icmpv6.nd.na.flag", Uint32, icmp6(number(4, 4), 136), "neighbor advertisement: flags").hex(),
	row("icmpv6.nd.na.flag.r", Boolean, icmp6(bits(4, 4, 0x80000000), 136), "neighbor advertisement: from a router").named(setNotSet),
	row("icmpv6.nd.na.flag.s", Boolean, icmp6(bits(4, 4, 0x40000000), 136), "neighbor advertisement: solicited").named(setNotSet),
	row("icmpv6.nd.na.flag.o", Boolean, icmp6(bits(4, 4, 0x20000000), 136), "neighbor advertisement: overrides what is cached").named(setNotSet),
	row("icmpv6.nd.na.flag.rsv", Uint32, icmp6(bits(4, 4, 0x1fffffff), 136), "neighbor advertisement: reserved bits"),
	row("icmpv6.nd.na.target_address", IPv6, icmp6(ip6(8), 136), "neighbor advertisement: address advertised"),
	row("icmpv6.nd.rd.target_address", IPv6, icmp6(ip6(8), 137), "redirect: better first hop"),
	row("icmpv6.rd.na.destination_address", IPv6, icmp6(ip6(24), 137), "redirect: destination it is better for"),
	row("icmpv6.data", Bytes, unknownData, "what Wireshark does not decode: everything behind the checksum, or an option's data"),
	row("icmpv6.undecoded.type", None, undecodedType, "expert note: the type is not decoded"),
)

func teredoNonce(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if connectivityTest(p, i) {
		dst = octets(8, 4)(c, p, i, dst)
	}
	return dst
}

var preferences = map[int64]string{0: "Medium", 1: "High", 2: "Reserved", 3: "Low"}

// icmp6 reads from messages of the given types.
func icmp6(get getter, types ...uint8) getter { return typed(get, 1, types) }

func quoteWords6(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 4, 1); b != nil && b[0] != 0 {
		dst = append(dst, Value{Int: int64(b[0]), Bytes: b})
	}
	return dst
}

func reserved6(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	off, n := 4, 4
	switch b := p.Layers[i].Bytes; first(b) {
	case 133, 135, 137, 141, 142:
	case 1, 3:
		if w := span(b, 4, 1); w != nil && w[0] != 0 {
			off, n = 5, 3
		}
	default:
		return managedReserved(nil, p, i, dst)
	}
	return octets(off, n)(nil, p, i, dst)
}

var managedReserved = body("icmpv6.reserved", Bytes, "").Get

// first is the type of a message, -1 when nothing of it was captured.
func first(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	return int(b[0])
}

// decoded6 are the types whose bodies Wireshark decodes; of the rest it shows icmpv6.data.
var decoded6 = func() (set [256]bool) {
	for _, t := range []uint8{1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147,
		148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161} {
		set[t] = true
	}
	return set
}()

var unknownOptions = body("icmpv6.data", Bytes, "").Get

func unknownData(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Bytes; len(b) > 4 && !decoded6[b[0]] {
		dst = append(dst, Value{Bytes: b[4:]})
	}
	return unknownOptions(c, p, i, dst)
}

func undecodedType(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Bytes; len(b) >= 4 && !decoded6[b[0]] {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}
