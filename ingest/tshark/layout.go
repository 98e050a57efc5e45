package tshark

// slot says where a field stands in its header.
type slot struct {
	name     string
	at, size int // bytes
	mask     uint64
	kind     kind
}

// kind is how the field's text becomes bytes.
type kind uint8

const (
	isNumber kind = iota
	isBytes
	isAddress
)

func num(name string, at, size int) slot              { return slot{name, at, size, 0, isNumber} }
func bit(name string, at, size int, mask uint64) slot { return slot{name, at, size, mask, isNumber} }
func oct(name string, at, size int) slot              { return slot{name, at, size, 0, isBytes} }
func addr(name string, at, size int) slot             { return slot{name, at, size, 0, isAddress} }

// fill puts the fields of the layer where the slots say, each slot taking the next value of its field. Fields the export
// lacks stay unknown.
func (l *layer) fill(s *span, at int, slots ...slot) {
	for _, x := range slots {
		if v, ok := l.take(x.name); ok {
			x.put(s, at, v)
		}
	}
}

// put puts one value.
func (x slot) put(s *span, at int, v string) {
	switch x.kind {
	case isNumber:
		if n, ok := integer(v); ok {
			s.number(at+x.at, x.size, x.mask, n)
		}
	case isBytes:
		if b, ok := octets(v); ok && len(b) == x.size {
			s.put(at+x.at, b)
		}
	case isAddress:
		if b, ok := address(v, x.size); ok {
			s.put(at+x.at, b)
		}
	}
}

// header makes a header of n bytes.
func (l *layer) header(n int, slots ...slot) span {
	s := blank(n)
	l.fill(&s, 0, slots...)
	return s
}

var (
	ethernetSlots = []slot{oct("eth.dst", 0, 6), oct("eth.src", 6, 6), num("eth.type", 12, 2), num("eth.len", 12, 2)}
	vlanSlots     = []slot{bit("vlan.priority", 0, 2, 0xe000), bit("vlan.dei", 0, 2, 0x1000), bit("vlan.cfi", 0, 2, 0x1000), bit("vlan.id", 0, 2, 0x0fff),
		num("vlan.etype", 2, 2), num("vlan.len", 2, 2)}
	qinqSlots = []slot{bit("ieee8021ad.priority", 0, 2, 0xe000), bit("ieee8021ad.dei", 0, 2, 0x1000), bit("ieee8021ad.id", 0, 2, 0x0fff), num("vlan.etype", 2, 2),
		num("ieee8021ah.etype", 2, 2), num("ieee8021ad.etype", 2, 2)}
	cooked1Slots = []slot{num("sll.pkttype", 0, 2), num("sll.hatype", 2, 2), num("sll.halen", 4, 2), oct("sll.src.eth", 6, 6), oct("sll.unused", 12, 2),
		num("sll.etype", 14, 2), num("sll.ltype", 14, 2),
		num("sll.gretype", 14, 2)}
	cooked2Slots = []slot{num("sll.etype", 0, 2), num("sll.ltype", 0, 2), num("sll.gretype", 0, 2), num("sll.ifindex", 4, 4), num("sll.hatype", 8, 2), num("sll.pkttype", 10, 1),
		num("sll.halen", 11, 1), oct("sll.src.eth", 12, 6), oct("sll.unused", 18, 2)}
	ip4Slots = []slot{bit("ip.version", 0, 1, 0xf0), num("ip.dsfield", 1, 1), num("ip.len", 2, 2), num("ip.id", 4, 2), num("ip.ttl", 8, 1), num("ip.proto", 9, 1),
		num("ip.checksum", 10, 2), addr("ip.src", 12, 4), addr("ip.dst", 16, 4), addr("ip.cur_rt", 16, 4)}
	ip6Slots = []slot{bit("ipv6.version", 0, 1, 0xf0), bit("ipv6.tclass", 0, 4, 0x0ff00000), bit("ipv6.flow", 0, 4, 0x000fffff), num("ipv6.plen", 4, 2),
		num("ipv6.nxt", 6, 1), num("ipv6.hlim", 7, 1), addr("ipv6.src", 8, 16), addr("ipv6.dst", 24, 16)}
	fragmentSlots = []slot{num("ipv6.fraghdr.nxt", 0, 1), num("ipv6.fraghdr.reserved_octet", 1, 1), bit("ipv6.fraghdr.offset", 2, 2, 0xfff8),
		bit("ipv6.fraghdr.reserved_bits", 2, 2, 0x0006), bit("ipv6.fraghdr.more", 2, 2, 1), num("ipv6.fraghdr.ident", 4, 4)}
	udpSlots = []slot{num("udp.srcport", 0, 2), num("udp.dstport", 2, 2), num("udp.length", 4, 2), num("udp.checksum", 6, 2)}
	tcpSlots = []slot{num("tcp.srcport", 0, 2), num("tcp.dstport", 2, 2), num("tcp.seq_raw", 4, 4), num("tcp.ack_raw", 8, 4), bit("tcp.flags", 12, 2, 0x0fff),
		num("tcp.window_size_value", 14, 2), num("tcp.checksum", 16, 2), num("tcp.urgent_pointer", 18, 2)}
	vxlanSlots = []slot{num("vxlan.flags", 0, 2), num("vxlan.gbp", 2, 2), num("vxlan.vni", 4, 3), num("vxlan.reserved8", 7, 1)}
	mplsSlots  = []slot{bit("mpls.label", 0, 4, 0xfffff000), bit("mpls.exp", 0, 4, 0x0e00), bit("mpls.bottom", 0, 4, 0x0100), bit("mpls.ttl", 0, 4, 0xff)}
	arpSlots   = []slot{num("arp.hw.type", 0, 2), num("arp.proto.type", 2, 2), num("arp.hw.size", 4, 1), num("arp.proto.size", 5, 1), num("arp.opcode", 6, 2),
		oct("arp.src.hw_mac", 8, 6), addr("arp.src.proto_ipv4", 14, 4), oct("arp.dst.hw_mac", 18, 6), addr("arp.dst.proto_ipv4", 24, 4)}
)

// icmp4Slots are the header fields behind type, code and checksum by type (RFC 792, 950, 1191, 1256, 4884, 8335).
// What is listed twice takes the next value where the field is repeated.
var (
	ident4 = []slot{num("icmp.ident", 4, 2), num("icmp.seq", 6, 2)}
	stamps = append(ident4[:2:2], num("icmp.originate_timestamp", 8, 4), num("icmp.receive_timestamp", 12, 4), num("icmp.transmit_timestamp", 16, 4))
	mask4  = append(ident4[:2:2], addr("icmp.address_mask", 8, 4))

	icmp4Slots = map[int][]slot{
		0: ident4, 8: ident4, 13: stamps, 14: stamps, 15: ident4, 16: ident4, 17: mask4, 18: mask4,
		3:  {num("icmp.length", 5, 1), num("icmp.mtu", 6, 2)},
		5:  {addr("icmp.redir_gw", 4, 4)},
		9:  {num("icmp.num_addrs", 4, 1), num("icmp.addr_entry_size", 5, 1), num("icmp.lifetime", 6, 2)},
		11: {num("icmp.length", 5, 1)},
		12: {num("icmp.pointer", 4, 1), num("icmp.length", 5, 1)},
		42: {num("icmp.ident", 4, 2), num("icmp.ext.echo.seq", 6, 1), bit("icmp.ext.echo.req.res", 7, 1, 0xfe), bit("icmp.ext.echo.req.local", 7, 1, 1)},
		43: {num("icmp.ident", 4, 2), num("icmp.ext.echo.seq", 6, 1), bit("icmp.ext.echo.rsp.state", 7, 1, 0xe0), bit("icmp.ext.echo.rsp.res", 7, 1, 0x18),
			bit("icmp.ext.echo.rsp.active", 7, 1, 4), bit("icmp.ext.echo.rsp.ipv4", 7, 1, 2), bit("icmp.ext.echo.rsp.ipv6", 7, 1, 1)},
	}
)

// icmp6Slots are the same for ICMPv6 (RFC 4443, 4861, 2710, 3810, 8335).
var (
	ident6   = []slot{num("icmpv6.echo.identifier", 4, 2), num("icmpv6.echo.sequence_number", 6, 2)}
	listener = []slot{num("icmpv6.mld.maximum_response_delay", 4, 2), oct("icmpv6.reserved", 6, 2), addr("icmpv6.mld.multicast_address", 8, 16)}

	icmp6Slots = map[int][]slot{
		128: ident6, 129: ident6, 130: listener, 131: listener, 132: listener,
		1: {num("icmpv6.length", 4, 1)}, 2: {num("icmpv6.mtu", 4, 4)}, 3: {num("icmpv6.length", 4, 1)}, 4: {num("icmpv6.pointer", 4, 4)},
		133: {oct("icmpv6.reserved", 4, 4)},
		134: {num("icmpv6.nd.ra.cur_hop_limit", 4, 1), num("icmpv6.nd.ra.flag", 5, 1), num("icmpv6.nd.ra.router_lifetime", 6, 2),
			num("icmpv6.nd.ra.reachable_time", 8, 4), num("icmpv6.nd.ra.retrans_timer", 12, 4)},
		135: {oct("icmpv6.reserved", 4, 4), addr("icmpv6.nd.ns.target_address", 8, 16)},
		136: {num("icmpv6.nd.na.flag", 4, 4), addr("icmpv6.nd.na.target_address", 8, 16)},
		137: {oct("icmpv6.reserved", 4, 4), addr("icmpv6.nd.rd.target_address", 8, 16), addr("icmpv6.rd.na.destination_address", 24, 16)},
		143: {oct("icmpv6.reserved", 4, 2), num("icmpv6.mldr.nb_mcast_records", 6, 2)},
		160: {num("icmpv6.echo.identifier", 4, 2), num("icmpv6.ext.echo.seq", 6, 1), bit("icmpv6.ext.echo.req.res", 7, 1, 0xfe), bit("icmpv6.ext.echo.req.local", 7, 1, 1)},
		161: {num("icmpv6.echo.identifier", 4, 2), num("icmpv6.ext.echo.seq", 6, 1), bit("icmpv6.ext.echo.rsp.state", 7, 1, 0xe0),
			bit("icmpv6.ext.echo.rsp.res", 7, 1, 0x18), bit("icmpv6.ext.echo.rsp.active", 7, 1, 4), bit("icmpv6.ext.echo.rsp.ipv4", 7, 1, 2),
			bit("icmpv6.ext.echo.rsp.ipv6", 7, 1, 1)},
	}
	optionsAt = map[int]int{133: 8, 134: 16, 135: 24, 136: 24, 137: 40}
)
