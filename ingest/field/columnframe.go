package field

import (
	"cmp"
	"fmt"
	"strings"

	"icmpsift/ingest"
)

// top is the innermost layer on the wire that names itself in the list: not what carries on without a word of its own.
func top(p *ingest.Packet) (l *ingest.Layer, i int) {
	for i := len(p.Layers) - 1; i >= 0; i-- {
		switch l := &p.Layers[i]; {
		case l.Quoted > 0 || len(l.Bytes) == 0 || l.Proto == ingest.ProtoData || extends(l.Proto) || l.Proto == ingest.ProtoAH:
		default:
			return l, i
		}
	}
	return nil, -1
}

// frameProtocol is the Protocol column of frames without ICMP.
func frameProtocol(p *ingest.Packet) string {
	l, _ := top(p)
	if l == nil {
		return ""
	}
	switch l.Proto {
	case ingest.ProtoARP:
		return arpName(l.Bytes)
	case ingest.ProtoEthernet, ingest.ProtoVLAN, ingest.ProtoQinQ, ingest.ProtoSLL:
		return carriedType(l)
	case ingest.ProtoIPv4:
		if v := l.Bytes[0] >> 4; v != 4 && v != 6 {
			return "IP"
		}
	}
	return listNames[l.Proto]
}

// listNames are Wireshark's names of protocols in the list.
var listNames = map[ingest.Proto]string{
	ingest.ProtoIPv4: "IPv4", ingest.ProtoIPv6: "IPv6", ingest.ProtoUDP: "UDP", ingest.ProtoTCP: "TCP", ingest.ProtoGRE: "GRE",
	ingest.ProtoLLC: "LLC", ingest.ProtoMPLS: "MPLS", ingest.ProtoPPPoE: "PPPoES", ingest.ProtoVXLAN: "VXLAN", ingest.ProtoGeneve: "Geneve",
	ingest.ProtoTeredo: "Teredo", ingest.ProtoGTP: "GTP", ingest.ProtoERSPAN: "ERSPAN",
}

// carriedType is what stands for the protocol of a frame whose EtherType nobody dissects.
func carriedType(l *ingest.Layer) string {
	if n := typeBehind(l); n >= 0x0600 {
		return fmt.Sprintf("0x%04x", n)
	} else if n > 1500 {
		return "Ethernet"
	}
	return "LLC"
}

// typeBehind is the number at a link-layer header's end, an EtherType or a length; -1 if it was not captured.
func typeBehind(l *ingest.Layer) int64 {
	off := 12
	switch {
	case l.Proto == ingest.ProtoVLAN || l.Proto == ingest.ProtoQinQ:
		off = 2
	case l.Proto == ingest.ProtoSLL && l.Header == 20:
		off = 0
	case l.Proto == ingest.ProtoSLL:
		off = 14
	}
	if b := span(l.Bytes, off, 2); b != nil {
		return be(b)
	}
	return -1
}

// frameInfo is the Info column of frames without ICMP.
func frameInfo(s *strings.Builder, c *Context, p *ingest.Packet) {
	l, i := top(p)
	if l == nil {
		return
	}
	switch l.Proto {
	case ingest.ProtoARP:
		s.WriteString(arpInfo(l.Bytes))
	case ingest.ProtoUDP:
		udpInfo(s, p, l, i)
	case ingest.ProtoTCP:
		tcpInfo(s, l)
	case ingest.ProtoIPv4:
		ip4Info(s, c, p, l)
	case ingest.ProtoIPv6:
		ip6Info(s, c, p, i)
	case ingest.ProtoEthernet:
		ethernetInfo(s, l)
	}
}

// ethernetInfo names an EtherType that nobody dissects, if it has a name.
func ethernetInfo(s *strings.Builder, l *ingest.Layer) {
	switch n := typeBehind(l); {
	case n < 0x0600 && n > 1500:
		fmt.Fprintf(s, "Ethernet Unknown: Invalid length/type: 0x%04x (%d)", n, n)
	case n >= 0x0600:
		s.WriteString(cmp.Or(etherTypes[n], "Ethernet II"))
	}
}

// ip4Info: a fragment, or a protocol that nobody dissects.
func ip4Info(s *strings.Builder, c *Context, p *ingest.Packet, l *ingest.Layer) {
	b := l.Bytes
	switch first := b[0]; {
	case first>>4 != 4:
		fmt.Fprintf(s, "Bogus IP version (%d)", first>>4)
	case first&0x0f < 5:
		fmt.Fprintf(s, "Bogus IP header length (%d, must be at least 20)", int(first&0x0f)*4)
	case soundness(l) == soundHeader:
		fmt.Fprintf(s, "Bogus IP length (%d, less than header length %d)", totalLength(l), int(first&0x0f)*4)
	case len(b) < 20:
	case be(b[6:8])&0x3fff != 0:
		fmt.Fprintf(s, "Fragmented IP protocol (proto=%s %d, off=%d, ID=%04x)", protocolName(c, b[9]), b[9], be(b[6:8])&0x1fff*8, be(b[4:6]))
		joinedIn(s, p)
	case l.Reported > int(b[0]&0x0f)*4:
		fmt.Fprintf(s, "%s (%d)", protocolName(c, b[9]), b[9])
	}
}

func joinedIn(s *strings.Builder, p *ingest.Packet) {
	if p.Link.ReassembledIn > 0 {
		fmt.Fprintf(s, " [Reassembled in #%d]", p.Link.ReassembledIn)
	}
}

// protocolName is Wireshark's name; it tells numbers that were unassigned from those that are for experiments or reserved.
func protocolName(c *Context, n byte) string {
	name, ok := ipProtocols[int64(n)]
	switch {
	case ok && (n < 144 || n > 147 || c.since("4.4")):
		return name
	case n >= 144 && n < 252:
		return "Unassigned"
	}
	return "Unknown"
}

// ip6Info goes from the header at i over its extension headers to what nobody dissects.
func ip6Info(s *strings.Builder, c *Context, p *ingest.Packet, i int) {
	b := p.Layers[i].Bytes
	if n := p.Layers[i].Reported; n < 40 {
		fmt.Fprintf(s, "Invalid IPv6 header (%d bytes, need exactly 40)", n)
	}
	if len(b) < 40 {
		return
	}
	next := b[6]
	for _, l := range p.Layers[i+1:] {
		if !extends(l.Proto) {
			break
		}
		if len(l.Bytes) < 8 || len(l.Bytes) < l.Header || short(c, p) || malformed(c, p) { // as far as Wireshark got
			s.WriteString(extensionNames[l.Proto])
			return
		}
		if next = l.Bytes[0]; l.Proto == ingest.ProtoIPv6Fragment && p.Fragment {
			more := map[bool]string{false: "n", true: "y"}[l.Bytes[3]&1 != 0]
			fmt.Fprintf(s, "IPv6 fragment (off=%d more=%s ident=0x%08x nxt=%d)", be(l.Bytes[2:4])&^7, more, be(l.Bytes[4:8]), next)
			return
		}
	}
	if next == 59 {
		s.WriteString("IPv6 no next header")
		return
	}
	fmt.Fprintf(s, "Unknown IP Protocol: %s (%d)", protocolName(c, next), next)
}

var extensionNames = map[ingest.Proto]string{
	ingest.ProtoHopByHop: "IPv6 hop-by-hop options", ingest.ProtoRouting: "IPv6 routing", ingest.ProtoDestOpts: "IPv6 destination options",
	ingest.ProtoIPv6Fragment: "IPv6 fragment",
}

func udpInfo(s *strings.Builder, p *ingest.Packet, l *ingest.Layer, i int) {
	if len(l.Bytes) < 4 {
		return
	}
	fmt.Fprintf(s, "%d → %d", be(l.Bytes[:2]), be(l.Bytes[2:4]))
	b := span(l.Bytes, 4, 4)
	if b == nil {
		return
	}
	n := int(be(b[:2]))
	switch zero := n == 0 && inIPv6(p, i); {
	case n < 8 && !zero:
		fmt.Fprintf(s, " [BAD UDP LENGTH %d < 8]", n)
		return
	case zero:
		n = l.Reported
	case n > l.Reported:
		fmt.Fprintf(s, " [BAD UDP LENGTH %d > IP PAYLOAD LENGTH]", n)
	}
	fmt.Fprintf(s, " Len=%d", n-8)
	if be(b[:2]) == 0 {
		s.WriteString(" [Jumbogram]")
	}
	if be(b[2:]) == 0 && inIPv6(p, i) {
		s.WriteString(" [ILLEGAL CHECKSUM (0)]")
	}
}

var tcpFlagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE", "Reserved"}

// tcpInfo: the sequence numbers of a connection's first two segments are relative, as Wireshark's; behind them the numbers are those
// sent, for want of the first ones.
func tcpInfo(s *strings.Builder, l *ingest.Layer) {
	b := l.Bytes
	if len(b) < 20 {
		return
	}
	flags := be(b[12:14]) & 0x0fff
	fmt.Fprintf(s, "%d → %d [%s]", be(b[:2]), be(b[2:4]), tcpFlagText(flags))
	seq, ack := be(b[4:8]), be(b[8:12])
	if flags&0x02 != 0 {
		seq, ack = 0, 1
	}
	fmt.Fprintf(s, " Seq=%d", seq)
	if flags&0x10 != 0 {
		fmt.Fprintf(s, " Ack=%d", ack)
	}
	fmt.Fprintf(s, " Win=%d", be(b[14:16]))
	if flags&0x20 != 0 {
		fmt.Fprintf(s, " Urg=%d", be(b[18:20]))
	}
	fmt.Fprintf(s, " Len=%d", max(0, l.Reported-int(b[12]>>4)*4))
	d := dissection{all: true, b: b}
	tcpOptions(&d, tcpOptionEnd(l))
	for i, name := range d.names {
		tcpOptionInfo(s, name, d.dst[i])
	}
}

func tcpFlagText(flags int64) string {
	var set []string
	for bit, name := range tcpFlagNames {
		if flags>>bit&1 == 1 || name == "Reserved" && flags>>bit != 0 {
			set = append(set, name)
		}
	}
	if set == nil {
		return "<None>"
	}
	return strings.Join(set, ", ")
}

func tcpOptionInfo(s *strings.Builder, name string, v Value) {
	switch name {
	case "tcp.options.mss_val":
		fmt.Fprintf(s, " MSS=%d", v.Int)
	case "tcp.options.sack_perm":
		s.WriteString(" SACK_PERM")
	case "tcp.options.timestamp.tsval":
		fmt.Fprintf(s, " TSval=%d", v.Int)
	case "tcp.options.timestamp.tsecr":
		fmt.Fprintf(s, " TSecr=%d", v.Int)
	case "tcp.options.wscale.multiplier":
		fmt.Fprintf(s, " WS=%d", v.Int)
	}
}
