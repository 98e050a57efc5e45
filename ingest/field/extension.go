package field

import "icmpsift/ingest"

// extensionFields are the multi-part extensions behind a quoted datagram (RFC 4884) and their objects: MPLS label stack
// (RFC 4950), interface information (RFC 5837), interface identification (RFC 8335). ICMPv6 errors carry them as well.
var extensionFields = in(ingest.ProtoICMPv4,
	extension("icmp.ext", None, "extension block"),
	extension("icmp.ext.version", Uint8, "version of the extension block, 2"),
	extension("icmp.ext.res", Uint16, "reserved bits of the extension block").hex(),
	extension("icmp.ext.checksum", Uint16, "checksum of the extension block, 0 for none").hex(),
	extension("icmp.ext.checksum.status", Uint8, "verdict on that checksum").named(checksumNames),
	extension("icmp.ext.checksum_bad", None, "expert warning: the checksum of the extension block is wrong"),
	extension("icmp.ext.length", Uint16, "bytes of an extension object, its header included"),
	extension("icmp.ext.class", Uint8, "class of an extension object").named(extensionClasses),
	extension("icmp.ext.ctype", Uint8, "type of an extension object in its class"),
	extension("icmp.ext.data", Bytes, "data of an extension object that is not known"),
	extension("icmp.mpls.label", Uint24, "MPLS label"),
	extension("icmp.mpls.exp", Uint24, "MPLS traffic class, once experimental bits"),
	extension("icmp.mpls.s", Boolean, "bottom of the MPLS label stack").named(setNotSet),
	extension("icmp.mpls.ttl", Uint8, "MPLS time to live"),
	extension("icmp.mpls.data", Bytes, "bytes behind the last whole entry of an MPLS label stack"),
	extension("icmp.int_info.role", Uint8, "which interface is meant").named(interfaceRoles),
	extension("icmp.int_info.reserved", Uint8, "reserved bits"),
	extension("icmp.int_info.ifindex", Boolean, "the interface's index is given"),
	extension("icmp.int_info.ipaddr", Boolean, "the interface's address is given").named(presence),
	extension("icmp.int_info.name_present", Boolean, "the interface's name is given").named(presence),
	extension("icmp.int_info.mtu_present", Boolean, "the interface's MTU is given").named(presence),
	extension("icmp.int_info.index", Uint32, "index of the interface"),
	extension("icmp.int_info.afi", Uint16, "address family of the interface's address: 1 IPv4, 2 IPv6").named(families),
	extension("icmp.reserved", Bytes, "reserved bytes of an address sub-object"),
	extension("icmp.int_info.ipv4", IPv4, "IPv4 address of the interface"),
	extension("icmp.int_info.ipv6", IPv6, "IPv6 address of the interface"),
	extension("icmp.int_info.name_length", Uint8, "length of the interface's name, this byte included"),
	extension("icmp.int_info.name", String, "name of the interface: text from the network"),
	extension("icmp.int_info.mtu", Uint32, "MTU of the interface"),
	extension("icmp.int_ident.name", String, "interface asked for, by name: text from the network"),
	extension("icmp.int_ident.index", Uint32, "interface asked for, by index"),
	extension("icmp.int_ident.afi", Uint16, "address family of the interface asked for: 1 IPv4, 2 IPv6").named(families),
	extension("icmp.int_ident.addr_length", Uint8, "bytes of the address of the interface asked for"),
	extension("icmp.int_ident.reserved", Bytes, "reserved bytes"),
	extension("icmp.int_ident.ipv4", IPv4, "interface asked for, by IPv4 address"),
	extension("icmp.int_ident.ipv6", IPv6, "interface asked for, by IPv6 address"),
	extension("icmp.int_ident.address", Bytes, "interface asked for, by an address of another family"),
)

var extensionClasses = map[int64]string{1: "MPLS Label Stack Class", 2: "Interface Information Object", 3: "Interface Identification Object"}

var presence = map[int64]string{0: "Not Present", 1: "Present"}

var families = map[int64]string{0: "Reserved", 1: "IPv4", 2: "IPv6"}

var interfaceRoles = map[int64]string{
	0: "IP interface upon which datagram arrived", 1: "sub-IP component of an IP interface upon which datagram arrived",
	2: "IP interface through which datagram would be forwarded", 3: "IP next-hop to which datagram would be forwarded",
}

func extension(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		start := extensionStart(c, &p.Layers[i])
		if start < 0 {
			return dst
		}
		d := dissection{c: c, want: name, dst: dst}
		extensions(&d, &p.Layers[i], start)
		return d.dst
	}, meaning).alsoIn(ingest.ProtoICMPv6)
}

// extensionStart is where the extension block of a message begins, -1 when Wireshark looks for none.
func extensionStart(c *Context, l *ingest.Layer) int {
	if len(l.Bytes) < 8 {
		return -1
	}
	if l.Proto == ingest.ProtoICMPv6 {
		return extensionStart6(l)
	}
	switch l.Bytes[0] {
	case 43:
		if c.since("4.4") {
			return beyond(l, 8)
		}
	case 42:
		return beyond(l, 8)
	case 3, 4, 5, 11, 12:
		return beyondQuote(c, l)
	}
	return -1
}

// quote is the room RFC 4884 gives the quoted datagram at least.
const quote = 128

// beyondQuote: without a length the message may well be an old one that quotes much, which the quoted datagram's own length tells.
func beyondQuote(c *Context, l *ingest.Layer) int {
	total := span(l.Bytes, 10, 2)
	if l.Reported <= 8+quote || total == nil || be(total) > quote {
		return -1
	}
	words := 4 * int(l.Bytes[5])
	if words == 0 || c.since("4.4") {
		words = max(words, quote)
	}
	return 8 + words // wherever that is
}

// extensionStart6: destination unreachable and time exceeded count their quote in 64-bit words.
func extensionStart6(l *ingest.Layer) int {
	switch typ := l.Bytes[0]; {
	case (typ == 1 || typ == 3) && l.Bytes[4] != 0:
		return 8 + 8*int(l.Bytes[4]) // wherever that is
	case typ == 160:
		return 8
	}
	return -1
}

func beyond(l *ingest.Layer, start int) int {
	if l.Reported <= start {
		return -1
	}
	return start
}

// hasExtension tells whether an ICMPv6 message holds an extension block of a version that is known.
func hasExtension(l *ingest.Layer) bool {
	if len(l.Bytes) < 8 {
		return false
	}
	start := extensionStart6(l)
	return start >= 0 && start < len(l.Bytes) && knownVersion(int(l.Bytes[start]>>4))
}

func knownVersion(v int) bool { return v == 1 || v == 2 }

// extensions walks the block: a header of four bytes, then objects.
func extensions(d *dissection, l *ingest.Layer, start int) {
	d.b = l.Bytes
	if d.at(start, 0); d.cut { // the capture ends before it
		return
	}
	d.b = l.Bytes[start:]
	reported := l.Reported - start
	d.put("icmp.ext", Value{Int: 1, Bytes: d.b[:min(len(d.b), reported)]})
	if reported < 4 {
		return
	}
	d.bits("icmp.ext.version", 0, 1, 0xf0)
	d.bits("icmp.ext.res", 0, 2, 0x0fff)
	extensionChecksum(d, reported)
	if !knownVersion(d.peek(0, 1) >> 4) {
		return
	}
	for off := 4; reported-off >= 4 && !d.cut; {
		n := d.peek(off, 2)
		object(d, off, n, reported)
		if n < 4 {
			return
		}
		off += n
	}
}

func extensionChecksum(d *dissection, reported int) {
	status, want := ingest.ChecksumNotPresent, uint16(0)
	if b := d.at(2, 2); be(b) != 0 {
		status = ingest.ChecksumBad
		all := sum(d.at(0, reported)) // Wireshark gives up on a block that was cut
		if all == 0xffff {
			status = ingest.ChecksumGood
		}
		want = sum([]byte{b[0], b[1], ^byte(all >> 8), ^byte(all)}) // as in_cksum_shouldbe: the sum without the checksum sent
	}
	d.number("icmp.ext.checksum", 2, 2)
	if status == ingest.ChecksumBad {
		d.put("icmp.ext.checksum_bad", Value{Int: int64(want)})
	}
	verdict := Value{Int: int64(status)}
	if status == ingest.ChecksumNotPresent {
		verdict.Bytes = d.at(2, 2)
	}
	d.put("icmp.ext.checksum.status", verdict)
}

// sum is the one's complement sum of 16-bit words (RFC 1071); 0xffff over bytes that hold their right checksum.
func sum(b []byte) uint16 {
	var n uint64
	for ; len(b) >= 2; b = b[2:] {
		n += uint64(b[0])<<8 | uint64(b[1])
	}
	if len(b) == 1 {
		n += uint64(b[0]) << 8
	}
	for n > 0xffff {
		n = n>>16 + n&0xffff
	}
	return uint16(n)
}

// Classes of extension objects (IANA icmp-parameters).
const (
	classMPLSPayload    = 0 // draft-ietf-mpls-icmp-extensions-for-mpls
	classMPLS           = 1
	classInterface      = 2
	classIdentification = 3
)

func object(d *dissection, off, n, reported int) {
	class, ctype := d.peek(off+2, 1), d.peek(off+3, 1)
	d.number("icmp.ext.length", off, 2)
	d.number("icmp.ext.class", off+2, 1)
	if n < 4 {
		return
	}
	d.number("icmp.ext.ctype", off+3, 1)
	end := min(off+n, reported)
	switch {
	case class == classMPLS && ctype == 1:
		labels(d, off+4, end)
	case class == classInterface:
		interfaceInfo(d, off, end)
	case class == classIdentification:
		interfaceIdent(d, ctype, off+4, off+n, reported)
	default:
		unknownObject(d, class, ctype, off, end)
	}
}

// unknownObject: of MPLS's classes Wireshark shows the type twice.
func unknownObject(d *dissection, class, ctype, off, end int) {
	if class == classMPLS || class == classMPLSPayload && ctype != 1 {
		d.number("icmp.ext.ctype", off+3, 1)
	}
	if end > off+4 {
		d.bytes("icmp.ext.data", off+4, end-off-4)
	}
}

func labels(d *dissection, off, end int) {
	for ; off+4 <= end; off += 4 {
		d.bits("icmp.mpls.label", off, 3, 0xfffff0)
		d.bits("icmp.mpls.exp", off+2, 1, 0x0e)
		d.bits("icmp.mpls.s", off+2, 1, 0x01)
		d.number("icmp.mpls.ttl", off+3, 1)
	}
	if off < end {
		d.bytes("icmp.mpls.data", off, end-off)
	}
}

// interfaceInfo: bits of the object's type say which sub-objects follow (RFC 5837).
func interfaceInfo(d *dissection, off, end int) {
	has := d.peek(off+3, 1)
	d.bits("icmp.int_info.role", off+3, 1, 0xc0)
	d.bits("icmp.int_info.reserved", off+3, 1, 0x30)
	d.bits("icmp.int_info.ifindex", off+3, 1, 0x08)
	d.bits("icmp.int_info.ipaddr", off+3, 1, 0x04)
	d.bits("icmp.int_info.name_present", off+3, 1, 0x02)
	d.bits("icmp.int_info.mtu_present", off+3, 1, 0x01)
	off += 4
	unchecked := d.c.since("4.4") // newer versions read what the object may not hold
	if has&0x08 != 0 && (unchecked || off+4 <= end) {
		d.number("icmp.int_info.index", off, 4)
		off += 4
	}
	if has&0x04 != 0 {
		off = interfaceAddress(d, off, end)
	}
	if has&0x02 != 0 && off < end {
		off = interfaceName(d, off, end)
	}
	if has&0x01 != 0 && (unchecked || off+4 <= end) {
		d.number("icmp.int_info.mtu", off, 4)
	}
}

// interfaceAddress: on families it does not know Wireshark gives the message up.
func interfaceAddress(d *dissection, off, end int) int {
	newest := d.c.since("4.4")
	switch {
	case newest && off+2 > end:
		return off
	case !newest && off+4 > end:
		return end
	}
	afi, n := d.peek(off, 2), 20
	if afi == 1 {
		n = 8
	}
	if !newest {
		d.at(off, n)
	}
	d.number("icmp.int_info.afi", off, 2)
	d.bytes("icmp.reserved", off+2, 2)
	switch afi {
	case 1:
		d.ip4("icmp.int_info.ipv4", off+4)
	case 2:
		d.ip6("icmp.int_info.ipv6", off+4)
	default:
		d.cut = true
	}
	return off + n
}

func interfaceName(d *dissection, off, end int) int {
	n := d.peek(off, 1)
	d.number("icmp.int_info.name_length", off, 1)
	switch {
	case off+n >= end: // Wireshark shows no name that ends the object
		return off + 1
	case n == 0: // and one without length as all that follows
		d.ascii("icmp.int_info.name", off+1, len(d.b)-off-1)
	default:
		d.ascii("icmp.int_info.name", off+1, n-1)
	}
	return off + n
}

// interfaceIdent names the interface by name, index or address (RFC 8335).
func interfaceIdent(d *dissection, ctype, off, end, reported int) {
	switch ctype {
	case 1:
		d.ascii("icmp.int_ident.name", off, end-off)
	case 2:
		d.number("icmp.int_ident.index", off, 4)
	case 3:
		identAddress(d, off, reported)
	}
}

// identAddress: as many addresses as the length holds and the block has, of unknown families the block's rest.
func identAddress(d *dissection, off, reported int) {
	d.number("icmp.int_ident.afi", off, 2)
	d.number("icmp.int_ident.addr_length", off+2, 1)
	d.bytes("icmp.int_ident.reserved", off+3, 1)
	afi, n := d.peek(off, 2), d.peek(off+2, 1)
	off += 4
	n = min(n, reported-off)
	switch afi {
	case 1:
		for ; n >= 4; n, off = n-4, off+4 {
			d.ip4("icmp.int_ident.ipv4", off)
		}
	case 2:
		for ; n >= 16; n, off = n-16, off+16 {
			d.ip6("icmp.int_ident.ipv6", off)
		}
	default:
		d.bytes("icmp.int_ident.address", off, reported-off)
	}
}
