package field

import "icmpsift/ingest"

// icmp4Fields are ICMPv4's header fields (RFC 792 and successors). Wireshark fetches bytes 0, 1 and 5 before it shows any
// field, so a message of less than six captured bytes has none.
var icmp4Fields = in(ingest.ProtoICMPv4,
	row("icmp", Protocol, message4, "ICMP message (v4); Wireshark has no item for one of fewer than 6 bytes"),
	row("icmp.type", Uint8, icmp4(number(0, 1)), "message type").constant(),
	row("icmp.code", Uint8, icmp4(number(1, 1)), "message code, which narrows the type"),
	row("icmp.type.deprecated", None, newer("4.4", icmp4(exists, deprecated4...)), "expert note: the type is deprecated"),
	row("icmp.checksum", Uint16, icmp4(number(2, 2)), "checksum as sent").hex(),
	row("icmp.checksum.status", Uint8, icmp4(checksumStatus(2)), "verdict on the checksum").named(checksumNames).constant(),
	row("icmp.checksum_bad", None, icmp4(checksumBad), "expert warning: the checksum is wrong"),
	row("icmp.ident", Uint16, icmp4(number(4, 2), 0, 8, 13, 14, 15, 16, 17, 18, 42, 43), "identifier, big-endian"),
	row("icmp.ident_le", Uint16, icmp4(little(4), 0, 8, 13, 14, 15, 16, 17, 18, 42, 43), "identifier read as little-endian"),
	row("icmp.seq", Uint16, icmp4(number(6, 2), 0, 8, 13, 14, 15, 16, 17, 18), "sequence number, big-endian"),
	row("icmp.seq_le", Uint16, icmp4(little(6), 0, 8, 13, 14, 15, 16, 17, 18), "sequence number read as little-endian"),
	row("icmp.unused", Bytes, icmp4(unused, 3, 11, 12), "bytes of the header that the type does not use"),
	row("icmp.length", Uint8, icmp4(quoteWords, 3, 11, 12), "length of the quoted datagram in 32-bit words (RFC 4884)"),
	row("icmp.length.original_datagram", Uint8, icmp4(quoteBytes, 3, 11, 12), "length of the quoted datagram in bytes (RFC 4884): may exceed the eight bits of its type, as in Wireshark"),
	row("icmp.mtu", Uint16, icmp4(mtu4, 3), "MTU of the next hop, with code 4 (RFC 1191)"),
	row("icmp.num_addrs", Uint8, icmp4(number(4, 1), 9), "router advertisement: how many addresses (RFC 1256)"),
	row("icmp.addr_entry_size", Uint8, icmp4(number(5, 1), 9), "router advertisement: 32-bit words per address"),
	row("icmp.lifetime", Uint16, icmp4(number(6, 2), 9), "router advertisement: seconds the addresses are valid"),
	row("icmp.router_address", IPv4, icmp4(advertised("icmp.router_address"), 9), "router advertisement: address of a router"),
	row("icmp.pref_level", Int32, icmp4(advertised("icmp.pref_level"), 9), "router advertisement: preference of a router"),
	row("icmp.pointer", Uint32, icmp4(number(4, 1), 12), "parameter problem: byte of the quoted datagram that is wrong"),
	row("icmp.redir_gw", IPv4, icmp4(ip4(4), 5), "redirect: gateway to use instead"),
	row("icmp.originate_timestamp", Uint32, icmp4(number(8, 4), 13, 14), "milliseconds after midnight UTC when the requester sent"),
	row("icmp.receive_timestamp", Uint32, icmp4(number(12, 4), 13, 14), "milliseconds after midnight UTC when the request arrived"),
	row("icmp.transmit_timestamp", Uint32, icmp4(number(16, 4), 13, 14), "milliseconds after midnight UTC when the reply was sent"),
	row("icmp.address_mask", IPv4, icmp4(ip4(8), 17, 18), "subnet mask (RFC 950)"),
	row("icmp.ext.echo.seq", Uint8, icmp4(number(6, 1), 42, 43), "extended echo: sequence number (RFC 8335)"),
	row("icmp.ext.echo.req.res", Uint8, icmp4(bits(7, 1, 0xfe), 42), "extended echo request: reserved bits").hex(),
	row("icmp.ext.echo.req.local", Boolean, icmp4(bits(7, 1, 0x01), 42), "extended echo request: the interface is on the node asked"),
	row("icmp.ext.echo.rsp.state", Uint8, icmp4(bits(7, 1, 0xe0), 43), "extended echo reply: neighbour state").named(neighborStates),
	row("icmp.ext.echo.rsp.res", Uint8, icmp4(bits(7, 1, 0x18), 43), "extended echo reply: reserved bits").hex(),
	row("icmp.ext.echo.rsp.active", Boolean, icmp4(bits(7, 1, 0x04), 43), "extended echo reply: the interface is active"),
	row("icmp.ext.echo.rsp.ipv4", Boolean, icmp4(bits(7, 1, 0x02), 43), "extended echo reply: IPv4 runs on it"),
	row("icmp.ext.echo.rsp.ipv6", Boolean, icmp4(bits(7, 1, 0x01), 43), "extended echo reply: IPv6 runs on it"),
	row("icmp.resp_in", Frame, responseIn, "frame of the reply to this echo request").ahead(),
	row("icmp.no_resp", None, noResponse, "no reply to this echo request is in the file").ahead(),
	row("icmp.resp_not_found", None, noResponse, "expert warning: no reply to this echo request is in the file").ahead(),
	row("icmp.resp_to", Frame, responseTo, "frame of the request this echo reply answers").linked(),
	row("icmp.resptime", Double, responseTime, "milliseconds from the request to this reply").linked(),
)

// deprecated4 are the types Wireshark 4.4 marks as deprecated (RFC 6633, RFC 6918).
var deprecated4 = []uint8{4, 6, 15, 16, 17, 18, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39}

var neighborStates = map[int64]string{0: "Reserved", 1: "Incomplete", 2: "Reachable", 3: "Stale", 4: "Delay", 5: "Probe", 6: "Failed"}

// shown is how many captured bytes an ICMPv4 message needs before Wireshark shows a field of it.
const shown = 6

// icmp4 reads from messages of the given types; of all when none is given.
func icmp4(get getter, types ...uint8) getter { return typed(get, shown, types) }

// typed reads from ICMP layers that hold at least least bytes and have one of the types; any type when none is given.
func typed(get getter, least int, types []uint8) getter {
	var set [256]bool
	for _, t := range types {
		set[t] = true
	}
	all := len(types) == 0
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := p.Layers[i].Bytes; len(b) >= least && (all || set[b[0]]) {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func exists(_ *Context, _ *ingest.Packet, _ int, dst []Value) []Value {
	return append(dst, Value{Int: 1})
}

// checksumBad: an expert item hangs on a bad checksum of either ICMP.
func checksumBad(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if l := &p.Layers[i]; len(l.Bytes) >= 4 && l.Checksum == ingest.ChecksumBad {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

// unused: which bytes are unused depends on the type, its code, and whether RFC 4884's length is there.
func unused(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := p.Layers[i].Bytes
	needsMTU := b[0] == 3 && b[1] == 4
	switch {
	case b[0] == 12 && b[5] == 0:
		return octets(5, 3)(c, p, i, dst)
	case b[0] == 12:
		return octets(6, 2)(c, p, i, dst)
	case b[5] != 0 && needsMTU:
		return octets(4, 1)(c, p, i, dst)
	case b[5] != 0:
		return both(octets(4, 1), octets(6, 2))(c, p, i, dst)
	case needsMTU:
		return octets(4, 2)(c, p, i, dst)
	}
	return octets(4, 4)(c, p, i, dst)
}

func quoteWords(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Bytes[5:6]; b[0] != 0 {
		dst = append(dst, Value{Int: int64(b[0]), Bytes: b})
	}
	return dst
}

func quoteBytes(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Bytes[5:6]; b[0] != 0 {
		dst = append(dst, Value{Int: int64(b[0]) * 4, Bytes: b})
	}
	return dst
}

func mtu4(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if p.Layers[i].Bytes[1] == 4 {
		dst = number(6, 2)(c, p, i, dst)
	}
	return dst
}

// advertised reads from a router advertisement's address entries.
func advertised(name string) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{want: name, dst: dst, b: p.Layers[i].Bytes}
		walkRouters(&d)
		return d.dst
	}
}

// walkRouters: an entry is a router's address and its preference (RFC 1256).
func walkRouters(d *dissection) {
	if d.peek(5, 1) != 2 {
		return
	}
	for n := range d.peek(4, 1) {
		d.ip4("icmp.router_address", 8+8*n)
		d.signed32("icmp.pref_level", 12+8*n)
	}
}

// The facts of Wireshark's echo matching concern the message on the wire, never one that an error quotes.

func responseIn(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if i == p.ICMP && p.Link.RespIn > 0 {
		dst = append(dst, Value{Int: p.Link.RespIn})
	}
	return dst
}

func responseTo(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if i == p.ICMP && p.Link.RespTo > 0 {
		dst = append(dst, Value{Int: p.Link.RespTo})
	}
	return dst
}

func responseTime(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if i == p.ICMP && p.Link.RespTo > 0 {
		dst = append(dst, Value{Float: milliseconds(p.Link.RespTime)})
	}
	return dst
}

func noResponse(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if i == p.ICMP && p.Link.NoResp {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

// milliseconds adds up as Wireshark does, so that the last digit is the same.
func milliseconds(ns int64) float64 { return float64(ns/1e9)*1000 + float64(ns%1e9)/1e6 }

// message4 is the message, if Wireshark has an item for it: its dissector asks for byte 5 before it makes one.
func message4(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if len(p.Layers[i].Bytes) < 6 {
		return dst
	}
	return everything(c, p, i, dst)
}
