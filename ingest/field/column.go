package field

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

// columnFields are Wireshark's list columns, which it has as fields since 4.2. Of frames without ICMP they tell what one frame does:
// what needs the frames before (relative sequence numbers, analysis) and what other dissectors make of a payload is missing.
var columnFields = in(ingest.ProtoFrame,
	row("_ws.col.protocol", String, column(protocolColumn), "the list's Protocol column").ahead(),
	row("_ws.col.info", String, column(infoColumn), "the list's Info column, as after a second pass (tshark -2)").ahead(),
)

func column(text func(c *Context, p *ingest.Packet) string) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if s := text(c, p); s != "" {
			dst = append(dst, Value{Text: s})
		}
		return dst
	}
}

func protocolColumn(c *Context, p *ingest.Packet) string {
	if l, _ := spokesman(p); l != nil {
		return spokesmen[l.Proto].name
	}
	name := messageProtocol(p)
	switch {
	case name == "" || !tunnelled(p, ingest.ProtoGTP):
		return name
	case short(c, p) || malformed(c, p): // the prefix is put once what is inside has been read to its end
		return name
	case c.since("4.4"):
		return "GTP/" + name
	}
	return "GTP <" + name + ">"
}

func messageProtocol(p *ingest.Packet) string {
	switch m := p.Message(); {
	case m == nil:
		return frameProtocol(p)
	case connectivityTest(p, p.ICMP):
		return "Teredo"
	case m.Proto == ingest.ProtoICMPv6:
		return "ICMPv6"
	}
	return "ICMP"
}

// tunnelled tells whether the frame carries its datagram in the given protocol.
func tunnelled(p *ingest.Packet, proto ingest.Proto) bool {
	for i := range p.Layers[:max(0, len(p.Layers)-1)] {
		if l := &p.Layers[i]; l.Proto == proto && l.Quoted == 0 {
			return true
		}
	}
	return false
}

// connectivityTest tells an echo request that Teredo sends to learn whether a host can be reached (RFC 4380, 5.2.9): Wireshark takes
// for one what comes in UDP to Teredo's port.
func connectivityTest(p *ingest.Packet, i int) bool {
	if l := &p.Layers[i]; l.Proto != ingest.ProtoICMPv6 || first(l.Bytes) != 128 {
		return false
	}
	for k := i - 1; k >= 0; k-- {
		if l := &p.Layers[k]; l.Proto == ingest.ProtoUDP {
			return be(span(l.Bytes, 2, 2)) == ingest.TeredoPort
		}
	}
	return false
}

// infoColumn says what packet-icmp.c and packet-icmpv6.c put into the Info column: the message that is on the wire, not
// what it quotes.
func infoColumn(c *Context, p *ingest.Packet) string {
	m := p.Message()
	var s strings.Builder
	s.Grow(96) // most are shorter
	if l, tells := spokesman(p); l != nil {
		s.WriteString(tells(c, l))
	} else if m == nil {
		frameInfo(&s, c, p)
	} else if len(m.Bytes) >= 6 || len(m.Bytes) > 0 && m.Proto == ingest.ProtoICMPv6 {
		if m.Proto == ingest.ProtoICMPv6 {
			info6(&s, c, p, m)
		} else {
			info4(&s, p, m)
		}
	}
	switch {
	case short(c, p):
		s.WriteString("[Packet size limited during capture]")
	case malformed(c, p):
		s.WriteString("[Malformed Packet]")
	}
	return s.String()
}

func info4(s *strings.Builder, p *ingest.Packet, m *ingest.Layer) {
	typ, code := m.Bytes[0], m.Bytes[1]
	name := TypeName(false, typ)
	if typ == 9 && (code == 0 || code == 16) {
		name = "Mobile IP Advertisement"
	}
	s.WriteString(name)
	s.WriteString(blanks[:max(0, len(blanks)-len(name))])
	if text := CodeName(false, typ, code); text != "" {
		fmt.Fprintf(s, " (%s)", text)
	}
	if id, seq := span(m.Bytes, 4, 2), span(m.Bytes, 6, 2); seq != nil && (typ == 0 || typ == 8 || typ >= 13 && typ <= 18) {
		echoNumbers(s, be(id), be(seq))
		tell(s, "/", int64(seq[1])<<8|int64(seq[0]), "")
		if ip := &p.Layers[p.IP]; p.IP == p.ICMP-1 && ip.Proto == ingest.ProtoIPv4 && len(ip.Bytes) > 8 {
			tell(s, ", ttl=", int64(ip.Bytes[8]), "")
		}
		matched(s, p, typ == 8, typ == 0)
	}
}

const blanks = "                    "

// echoNumbers adds identifier and sequence number. By hand, as tell, for most packets have them.
func echoNumbers(s *strings.Builder, id, seq int64) {
	s.WriteString(" id=0x")
	var room [4]byte
	for i := range room {
		room[i] = hexDigit[id>>(12-4*i)&15]
	}
	s.Write(room[:])
	tell(s, ", seq=", seq, "")
}

// tell adds a number and what stands around it.
func tell(s *strings.Builder, before string, n int64, behind string) {
	var room [20]byte
	s.WriteString(before)
	s.Write(strconv.AppendInt(room[:0], n, 10))
	s.WriteString(behind)
}

// matched adds how an echo message was paired.
func matched(s *strings.Builder, p *ingest.Packet, request, reply bool) {
	switch dst := p.Dst(); {
	case request && p.Link.RespIn != 0:
		tell(s, " (reply in ", p.Link.RespIn, ")")
	case request && p.Link.NoResp:
		s.WriteString(" (no response found!)")
	case request && dst.IsMulticast():
		s.WriteString(" (multicast)")
	case request && !p.Salvaged:
		s.WriteString(" (broadcast)")
	case reply && p.Link.RespTo != 0:
		tell(s, " (request in ", p.Link.RespTo, ")")
	}
}

func info6(s *strings.Builder, c *Context, p *ingest.Packet, m *ingest.Layer) {
	typ := m.Bytes[0]
	test := connectivityTest(p, p.ICMP)
	if test {
		s.WriteString("Direct IPv6 Connectivity Test")
	} else {
		s.WriteString(TypeName(true, typ))
	}
	if len(m.Bytes) < 2 {
		return
	}
	if text := codeText(c, typ, m.Bytes[1]); text != "" {
		fmt.Fprintf(s, " (%s)", text)
	}
	switch id, seq := span(m.Bytes, 4, 2), span(m.Bytes, 6, 2); {
	case (typ == 128 || typ == 129) && seq != nil:
		echoNumbers(s, be(id), be(seq))
		if ip := &p.Layers[p.IP]; ip.Proto == ingest.ProtoIPv6 && len(ip.Bytes) > 7 {
			tell(s, ", hop limit=", int64(ip.Bytes[7]), "")
		}
		matched(s, p, typ == 128 && !test, typ == 129)
	case typ >= 133 && typ <= 137:
		neighborInfo(s, m, typ)
	case (typ == 150 || typ == 154) && len(m.Bytes) > 4:
		fmt.Fprintf(s, " (%s)", handover(m.Bytes[4]))
	}
}

// handover names the subtypes of fast handover messages (RFC 5568).
func handover(subtype byte) string {
	names := map[byte]string{2: "Router Solicitation for Proxy Advertisement", 3: "Proxy Router Advertisement", 4: "Handover Initiate", 5: "Handover Acknowledge"}
	if n, ok := names[subtype]; ok {
		return n
	}
	return fmt.Sprintf("Unknown (%d)", subtype)
}

// codeText is the code's name in the words of the version asked for: 4.4 begins them with a capital letter.
func codeText(c *Context, typ, code uint8) string {
	text := CodeName(true, typ, code)
	if text == "" || c.since("4.4") || typ > 4 {
		return text
	}
	for _, word := range []string{"No ", "Hop ", "Fragment ", "Erroneous ", "Unrecognized "} {
		if strings.HasPrefix(text, word) {
			return strings.ToLower(text[:1]) + text[1:]
		}
	}
	return text
}

// neighborInfo adds target, flags and link-layer addresses of Neighbor Discovery (RFC 4861).
func neighborInfo(s *strings.Builder, m *ingest.Layer, typ uint8) {
	if target := span(m.Bytes, 8, 16); target != nil && typ == 135 {
		fmt.Fprintf(s, " for %s", addressText(netip.AddrFrom16([16]byte(target))))
	} else if target != nil && typ == 136 {
		fmt.Fprintf(s, " %s (%s)", addressText(netip.AddrFrom16([16]byte(target))), flagWords(m.Bytes[4]))
	}
	first := map[uint8]int{133: 8, 134: 16, 135: 24, 136: 24, 137: 40}[typ]
	for off := first; ; {
		o := span(m.Bytes, off, 2)
		if o == nil || o[1] == 0 {
			return
		}
		if mac := listedAddress(m, off, 8*int(o[1])); mac != nil && (o[0] == 1 || o[0] == 2) {
			fmt.Fprintf(s, " %s %s", [...]string{"from", "is at"}[o[0]-1], net.HardwareAddr(mac))
		}
		off += 8 * int(o[1])
	}
}

// listedAddress is the address of a link-layer address option, if it is a MAC address or an EUI-64, which padding follows.
func listedAddress(m *ingest.Layer, off, n int) []byte {
	b := span(m.Bytes, off, n)
	switch {
	case n == 8 && b != nil:
		return b[2:8]
	case n == 16 && b != nil && be(b[10:]) == 0:
		return b[2:10]
	}
	return nil
}

func flagWords(flags byte) string {
	var set []string
	for i, name := range []string{"rtr", "sol", "ovr"} {
		if flags>>(7-i)&1 == 1 {
			set = append(set, name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, ", ")
}
