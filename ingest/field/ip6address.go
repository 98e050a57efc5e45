package field

import (
	"net/netip"

	"icmpsift/ingest"
)

// ip6AddressFields are what Wireshark reads out of IPv6 addresses: of the source, of the destination, and of both.
var ip6AddressFields = in(ingest.ProtoIPv6, join(
	addressRows("addr_space", "addr_space", String, newest6(addressSpace), "block of the address space", Field.constant),
	addressRows("special_purpose", "addr_special_purpose", String, newest6(purposeName), "special purpose by IANA's registry (RFC 6890)", Field.constant),
	addressRows("special_purpose_source", "addr_special_purpose_source", Boolean, newest6(purposeFlag(0)), "may be a source", Field.constant),
	addressRows("special_purpose_destination", "addr_special_purpose_destination", Boolean, newest6(purposeFlag(1)), "may be a destination", Field.constant),
	addressRows("special_purpose_forwardable", "addr_special_purpose_forwardable", Boolean, newest6(purposeFlag(2)), "routers may forward it", Field.constant),
	addressRows("special_purpose_global", "addr_special_purpose_global", Boolean, newest6(purposeFlag(3)), "may go beyond an administrative domain", Field.constant),
	addressRows("special_purpose_reserved", "addr_special_purpose_reserved", Boolean, newest6(purposeFlag(4)), "reserved by protocol", Field.constant),
	addressRows("multicast_flags", "multicast_flags", Uint16, newest6(multicastBits(0xf0)), "multicast flags", Field.hex),
	addressRows("multicast_flags.reserved", "multicast_flags.reserved", Uint16, newest6(multicastBits(0x80)), "reserved multicast flag", none),
	addressRows("multicast_flags.embed_rp", "multicast_flags.embed_rp", Boolean, newest6(multicastBits(0x40)), "holds the rendezvous point (RFC 3956)", none),
	addressRows("multicast_flags.network_prefix", "multicast_flags.network_prefix", Boolean, newest6(multicastBits(0x20)), "made from a network's prefix (RFC 3306)", none),
	addressRows("multicast_flags.transient", "multicast_flags.transient", Boolean, newest6(multicastBits(0x10)), "not assigned for good", none),
	addressRows("multicast_scope", "multicast_scope", Uint16, newest6(multicastBits(0x0f)), "multicast scope", Field.hex),
	addressRows("slaac_mac", "slaac_mac", Ether, slaacMAC, "MAC address the interface identifier was made from", none),
	addressRows("isatap_ipv4", "isatap_ipv4", IPv4, isatap, "IPv4 address of an ISATAP interface", none),
	addressRows("6to4_gw_ipv4", "6to4_gw_ipv4", IPv4, within6(sixToFour, address4(2, 0)), "6to4 gateway", none),
	addressRows("6to4_sla_id", "6to4_sla_id", Uint16, within6(sixToFour, number16(6, 0)), "6to4 subnet", none),
	addressRows("ts_ipv4", "ts_ipv4", IPv4, within6(teredoPrefix, address4(4, 0)), "Teredo server", none),
	addressRows("tc_port", "tc_port", Uint16, within6(teredoPrefix, number16(10, 0xffff)), "port of the Teredo client", none),
	addressRows("tc_ipv4", "tc_ipv4", IPv4, within6(teredoPrefix, address4(12, 0xff)), "IPv4 address of the Teredo client", none),
	addressRows("embed_ipv4", "embed_ipv4", IPv4, within6(nat64Known, address4(12, 0)), "IPv4 address embedded for translation (RFC 6052)", none),
	in(ingest.ProtoIPv6, row("ipv6.src_addr.not_multicast", None, newer("4.4", multicastSource), "expert warning: the source is multicast")),
)...)

// reader6 reads a value out of an address.
type reader6 func(c *Context, b []byte) (v Value, ok bool)

// addressRows declares a fact of the source, the destination, and both; the last has a name of its own at times.
func addressRows(one, two string, t Type, read reader6, meaning string, style func(Field) Field) []Field {
	src, dst := addressPart(8, read), addressPart(24, read)
	return []Field{
		style(row("ipv6.src_"+one, t, src, "source: "+meaning)), style(row("ipv6.dst_"+one, t, dst, "destination: "+meaning)),
		style(row("ipv6."+two, t, both(src, dst), "source, destination: "+meaning)),
	}
}

func none(f Field) Field { return f }

func addressPart(off int, read reader6) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, 16); b != nil && (len(p.Layers[i].Bytes) >= 40 || c.since("4.4")) { // before, nothing was said of a cut header
			if v, ok := read(c, b); ok {
				dst = append(dst, v)
			}
		}
		return dst
	}
}

func newest6(read reader6) reader6 {
	return func(c *Context, b []byte) (Value, bool) {
		if !c.since("4.4") {
			return Value{}, false
		}
		return read(c, b)
	}
}

// addressSpace names the block of RFC 4291; Wireshark looks at two bits of the first four for global unicast.
func addressSpace(_ *Context, b []byte) (Value, bool) {
	return Value{Text: blocks[blockOf(b)], Bytes: b}, true
}

var blocks = [...]string{"Reserved by IETF", "Multicast", "Unique Local Unicast", "Link-Local Unicast", "Global Unicast"}

// blockOf is which of the blocks the address lies in.
func blockOf(b []byte) byte {
	switch {
	case b[0] == 0xff:
		return 1
	case b[0]&0xfe == 0xfc:
		return 2
	case b[0] == 0xfe && b[1]&0xc0 == 0x80:
		return 3
	case b[0]&0x30 == 0x20:
		return 4
	}
	return 0
}

// purpose is an entry of IANA's registry "IPv6 Special-Purpose Address": for source, destination, forwardable, globally reachable,
// reserved by protocol 'T', 'F', or '-' where that is not applicable.
type purpose struct {
	prefix netip.Prefix
	name   string
	flags  string
}

var (
	sixToFour    = netip.MustParsePrefix("2002::/16")
	teredoPrefix = netip.MustParsePrefix("2001::/32")
	nat64Known   = netip.MustParsePrefix("64:ff9b::/96")
)

var purposes = []purpose{
	{netip.MustParsePrefix("::/128"), "Unspecified Address", "TFFFT"},
	{netip.MustParsePrefix("::1/128"), "Loopback Address", "FFFFT"},
	{netip.MustParsePrefix("::ffff:0:0/96"), "IPv4-mapped Address", "FFFFT"},
	{nat64Known, "IPv4-IPv6 Translat.", "TTTTF"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "IPv4-IPv6 Translat.", "TTTFF"},
	{netip.MustParsePrefix("100::/64"), "Discard-Only Address Block", "TTTFF"},
	{netip.MustParsePrefix("100:0:0:1::/64"), "Dummy IPv6 Prefix", "TFFFF"},
	{teredoPrefix, "TEREDO", "TTT-F"},
	{netip.MustParsePrefix("2001:1::1/128"), "Port Control Protocol Anycast", "TTTTF"},
	{netip.MustParsePrefix("2001:1::2/128"), "Traversal Using Relays around NAT Anycast", "TTTTF"},
	{netip.MustParsePrefix("2001:1::3/128"), "DNS-SD Service Registration Protocol Anycast", "TTTTF"},
	{netip.MustParsePrefix("2001:2::/48"), "Benchmarking", "TTTFF"},
	{netip.MustParsePrefix("2001:3::/32"), "AMT", "TTTTF"},
	{netip.MustParsePrefix("2001:4:112::/48"), "AS112-v6", "TTTTF"},
	{netip.MustParsePrefix("2001:20::/28"), "ORCHIDv2", "TTTTF"},
	{netip.MustParsePrefix("2001:30::/28"), "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "TTTTF"},
	{netip.MustParsePrefix("2001:db8::/32"), "Documentation", "FFFFF"},
	{sixToFour, "6to4", "TTT-F"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "Direct Delegation AS112 Service", "TTTTF"},
	{netip.MustParsePrefix("3fff::/20"), "Documentation", "FFFFF"},
	{netip.MustParsePrefix("5f00::/16"), "Segment Routing (SRv6) SIDs", "TTTFF"},
	{netip.MustParsePrefix("fc00::/7"), "Unique-Local", "TTT-F"},
	{netip.MustParsePrefix("fe80::/10"), "Link-Local Unicast", "TTFFT"},
}

func purposeOf(b []byte) *purpose {
	if at := purposeAt(b); at >= 0 {
		return &purposes[at]
	}
	return nil
}

// purposeAt is the address's place in the list, -1 if it has none.
func purposeAt(b []byte) int {
	var full [16]byte
	copy(full[:], b)
	for _, i := range purposesOf[full[0]] {
		if holds6(purposes[i].prefix, full) {
			return i
		}
	}
	return -1
}

// purposesOf are the places in the list of those that addresses with this first byte can have: mostly none.
var purposesOf = func() (of [256][]int) {
	for first := range of {
		for i := range purposes {
			if p := purposes[i].prefix; p.Bits() < 8 && holds6(p, [16]byte{byte(first)}) || p.Bits() >= 8 && p.Addr().As16()[0] == byte(first) {
				of[first] = append(of[first], i)
			}
		}
	}
	return of
}()

// holds6 is [netip.Prefix.Contains], which takes no IPv4-mapped address for an IPv6 one.
func holds6(p netip.Prefix, b [16]byte) bool {
	want := p.Addr().As16()
	for bit := 0; bit < p.Bits(); bit += 8 {
		mask := byte(0xff) << max(0, bit+8-p.Bits())
		if b[bit/8]&mask != want[bit/8] {
			return false
		}
	}
	return true
}

func purposeName(_ *Context, b []byte) (Value, bool) {
	p := purposeOf(b)
	if p == nil {
		return Value{}, false
	}
	return Value{Text: p.name, Bytes: b}, true
}

func purposeFlag(which int) reader6 {
	return func(_ *Context, b []byte) (Value, bool) {
		p := purposeOf(b)
		if p == nil || p.flags[which] == '-' {
			return Value{}, false
		}
		return Value{Int: truth(p.flags[which] == 'T'), Bytes: b}, true
	}
}

func multicastBits(mask int64) reader6 {
	return func(_ *Context, b []byte) (Value, bool) {
		if b[0] != 0xff {
			return Value{}, false
		}
		return Value{Int: masked(be(b[:2]), mask), Bytes: b[:2], mask: mask}, true
	}
}

// slaacMAC undoes RFC 4291, appendix A, of universal addresses.
func slaacMAC(_ *Context, b []byte) (Value, bool) {
	if b[8]&2 == 0 || b[11] != 0xff || b[12] != 0xfe {
		return Value{}, false
	}
	return Value{Bytes: []byte{b[8] ^ 2, b[9], b[10], b[13], b[14], b[15]}}, true
}

// isatap: the interface identifier begins with 0000:5efe, whatever its group and universal bits (RFC 5214).
func isatap(c *Context, b []byte) (Value, bool) {
	if b[8]&^3 != 0 || be(b[9:12]) != 0x005efe {
		return Value{}, false
	}
	return address4(12, 0)(c, b)
}

func within6(prefix netip.Prefix, read reader6) reader6 {
	return func(c *Context, b []byte) (Value, bool) {
		if !holds6(prefix, [16]byte(b)) {
			return Value{}, false
		}
		return read(c, b)
	}
}

// address4 and number16 read parts of an address, with every byte turned round by flip.

func address4(off int, flip byte) reader6 {
	return func(_ *Context, b []byte) (Value, bool) {
		a := [4]byte(b[off : off+4])
		for k := range a {
			a[k] ^= flip
		}
		return Value{Addr: netip.AddrFrom4(a), Bytes: b[off : off+4]}, true
	}
}

func number16(off int, flip int64) reader6 {
	return func(_ *Context, b []byte) (Value, bool) {
		return Value{Int: be(b[off:off+2]) ^ flip, Bytes: b[off : off+2]}, true
	}
}

func multicastSource(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 8, 16); b != nil && b[0] == 0xff {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}
