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
	body("icmpv6.ni.query.subject_ipv6", IPv6, "query: subject, an IPv6 address"),
	body("icmpv6.ni.query.subject_fqdn", String, "query: subject, a name: text from the network"),
	body("icmpv6.ni.query.subject_ipv4", IPv4, "query: subject, an IPv4 address"),
	body("icmpv6.ni.reply.node_ttl", Uint32, "reply: seconds the answer is valid"),
	body("icmpv6.ni.reply.node_name", String, "reply: name of the node: text from the network"),
	body("icmpv6.ni.reply.node_address", IPv6, "reply: IPv6 address of the node"),
	body("icmpv6.ni.reply.ipv4_address", IPv4, "reply: IPv4 address of the node"),
)

var queryTypes = map[int64]string{
	0: "NOOP", 1: "Supported query types (Obsolete)", 2: "Node Name", 3: "Node addresses", 4: "IPv4 node addresses",
}

// nodeInformation walks what stands behind the nonce: the subject of a query, the answers of a reply.
func nodeInformation(d *dissection, reported int) {
	const data = 16
	d.at(0, data)
	switch code, asked := d.peek(1, 1), d.peek(4, 2); {
	case reported <= data:
	case d.b[0] == 140:
		nodeAnswers(d, asked, data, reported)
	case code == 0:
		d.ip6("icmpv6.ni.query.subject_ipv6", data)
	case code == 1:
		d.domain("icmpv6.ni.query.subject_fqdn", data)
	case code == 2:
		d.ip4("icmpv6.ni.query.subject_ipv4", data)
	}
}

// What a query asks for (RFC 4620, section 4).
const (
	askName      = 2
	askAddresses = 3
	askIPv4      = 4
)

func nodeAnswers(d *dissection, asked, off, reported int) {
	switch asked {
	case askName:
		d.number("icmpv6.ni.reply.node_ttl", off, 4)
		for off += 4; off < reported && d.peek(off, 1) != 0; {
			off += d.domain("icmpv6.ni.reply.node_name", off)
		}
	case askAddresses:
		for ; off < reported && !d.cut; off += 20 {
			d.number("icmpv6.ni.reply.node_ttl", off, 4)
			d.ip6("icmpv6.ni.reply.node_address", off+4)
		}
	case askIPv4:
		for ; off < reported && !d.cut; off += 8 {
			d.number("icmpv6.ni.reply.node_ttl", off, 4)
			d.ip4("icmpv6.ni.reply.ipv4_address", off+4)
		}
	}
}
