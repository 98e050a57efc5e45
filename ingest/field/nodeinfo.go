package field

import "icmpsift/ingest"

// nodeInfoFields are node information queries and replies (RFC 4620).
var nodeInfoFields = in(ingest.ProtoICMPv6,
	row("icmpv6.ni.qtype", Uint16, icmp6(number(4, 2), 139, 140), "what is asked for").named(queryTypes),
	row("icmpv6.ni.flag", Uint16, icmp6(number(6, 2), 139, 140), "flags").hex(),
	row("icmpv6.ni.flag.g", Boolean, icmp6(bits(6, 2, 0x0020), 139, 140), "global addresses").named(setNotSet),
	row("icmpv6.ni.flag.s", Boolean, icmp6(bits(6, 2, 0x0010), 139, 140), "site-local addresses").named(setNotSet),
	row("icmpv6.ni.flag.l", Boolean, icmp6(bits(6, 2, 0x0008), 139, 140), "link-local addresses").named(setNotSet),
	row("icmpv6.ni.flag.c", Boolean, icmp6(bits(6, 2, 0x0004), 139, 140), "IPv4-compatible addresses").named(setNotSet),
	row("icmpv6.ni.flag.a", Boolean, icmp6(bits(6, 2, 0x0002), 139, 140), "addresses of all interfaces").named(setNotSet),
	row("icmpv6.ni.flag.t", Boolean, icmp6(bits(6, 2, 0x0001), 139, 140), "the answer was truncated").named(setNotSet),
	row("icmpv6.ni.flag.rsv", Uint16, icmp6(bits(6, 2, 0xffc0), 139, 140), "reserved bits").hex(),
	row("icmpv6.ni.nonce", Uint64, icmp6(number(8, 8), 139, 140), "nonce that ties the reply to the query").hex(),
	row("icmpv6.ni.query.subject_ipv6", IPv6, icmp6(coded(0, ip6(16)), 139), "query: subject, an IPv6 address"),
	row("icmpv6.ni.query.subject_ipv4", IPv4, icmp6(coded(2, ip4(16)), 139), "query: subject, an IPv4 address"),
)

var queryTypes = map[int64]string{
	0: "NOOP", 1: "Supported query types (Obsolete)", 2: "Node Name", 3: "Node addresses", 4: "IPv4 node addresses",
}

// coded reads from messages with one code.
func coded(code byte, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := p.Layers[i].Bytes; len(b) > 1 && b[1] == code {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}
