package field

import (
	"strings"

	"icmpsift/ingest"
)

// tcpFields are what one segment tells. What Wireshark works out from the connection is not here: relative numbers outside of
// quotes, scaled windows, streams, analysis.
var tcpFields = in(ingest.ProtoTCP,
	row("tcp", Protocol, ports(header), "TCP header with its options"),
	row("tcp.srcport", Uint16, ports(number(0, 2)), "source port"),
	row("tcp.dstport", Uint16, number(2, 2), "destination port"),
	row("tcp.port", Uint16, ports(both(number(0, 2), number(2, 2))), "source and destination port"),
	row("tcp.len", Uint32, unquoted(startedTCP(segmentLength)), "bytes of payload"),
	row("tcp.seq", Uint32, quotedOnly(seqOfQuote), "sequence number of a header an ICMP error quotes, as sent"),
	row("tcp.seq_raw", Uint32, startedTCP(unlessCutQuote(number(4, 4))), "sequence number as sent; headers that ICMP quotes behind IPv4 have only tcp.seq"),
	row("tcp.ack", Uint32, quotedOnly(soundTCP(number(8, 4))), "acknowledgment number of a header an ICMP error quotes, as sent"),
	row("tcp.ack_raw", Uint32, soundTCP(number(8, 4)), "acknowledgment number as sent"),
	row("tcp.hdr_len", Uint8, tcpHeaderLength, "bytes of header"),
	row("tcp.bogus_header_length", None, tcpShortHeader, "expert error: the header is said to be shorter than 20 bytes"),
	row("tcp.flags", Uint16, soundTCP(bits(12, 2, 0x0fff)), "flags").hex(),
	row("tcp.flags.res", Boolean, soundTCP(bits(12, 2, 0x0e00)), "reserved bits").named(setNotSet),
	row("tcp.flags.ae", Boolean, soundTCP(bits(12, 2, 0x0100)), "accurate ECN (before, nonce)").named(setNotSet),
	row("tcp.flags.cwr", Boolean, soundTCP(bits(12, 2, 0x0080)), "congestion window reduced").named(setNotSet),
	row("tcp.flags.ece", Boolean, soundTCP(bits(12, 2, 0x0040)), "ECN echo").named(setNotSet),
	row("tcp.flags.urg", Boolean, soundTCP(bits(12, 2, 0x0020)), "the urgent pointer counts").named(setNotSet),
	row("tcp.flags.ack", Boolean, soundTCP(bits(12, 2, 0x0010)), "acknowledgment").named(setNotSet),
	row("tcp.flags.push", Boolean, soundTCP(bits(12, 2, 0x0008)), "push").named(setNotSet),
	row("tcp.flags.reset", Boolean, soundTCP(bits(12, 2, 0x0004)), "reset").named(setNotSet),
	row("tcp.flags.syn", Boolean, soundTCP(bits(12, 2, 0x0002)), "synchronise").named(setNotSet),
	row("tcp.flags.fin", Boolean, soundTCP(bits(12, 2, 0x0001)), "finish").named(setNotSet),
	row("tcp.flags.str", String, soundTCP(flagLetters), "flags as letters"),
	row("tcp.connection.syn", None, tcpFlags(0x12, 0x02), "expert item: asks for a connection"),
	row("tcp.connection.synack", None, tcpFlags(0x12, 0x12), "expert item: grants a connection"),
	row("tcp.connection.fin", None, tcpFlags(0x01, 0x01), "expert item: finishes a connection"),
	row("tcp.connection.rst", None, tcpFlags(0x04, 0x04), "expert warning: resets a connection"),
	row("tcp.window_size_value", Uint16, soundTCP(number(14, 2)), "window as sent"),
	row("tcp.window_size", Uint32, quotedOnly(soundTCP(number(14, 2))), "window of a header an ICMP error quotes"),
	row("tcp.checksum", Uint16, soundTCP(number(16, 2)), "checksum as sent").hex(),
	row("tcp.checksum.status", Uint8, soundTCP(unverified(18)), "always unverified: Wireshark does not check it by default").named(checksumNames),
	row("tcp.urgent_pointer", Uint16, soundTCP(number(18, 2)), "urgent pointer"),
	row("tcp.options", Bytes, tcpOptionBytes, "the options"),
	row("tcp.payload", Bytes, soundTCP(carried), "what the segment carries"),
)

// tcpStart is how much of a header Wireshark reads, the window included, before it shows more than ports.
const tcpStart = 16

// startedTCP reads from headers of which enough was captured.
func startedTCP(get getter) getter { return holding(tcpStart, get) }

// soundTCP reads from such headers whose length is possible.
func soundTCP(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := p.Layers[i].Bytes; len(b) >= tcpStart && b[12]>>4 >= 5 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// quotedByICMP4 tells of the header right behind the IPv4 header in an ICMP error, for which Wireshark has a path of its
// own, because only 8 bytes of it may be there (RFC 792).
func quotedByICMP4(p *ingest.Packet, i int) bool {
	return i >= 2 && p.Layers[i-1].Proto == ingest.ProtoIPv4 && p.Layers[i-2].Proto == ingest.ProtoICMPv4
}

func seqOfQuote(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if quotedByICMP4(p, i) {
		return number(4, 4)(c, p, i, dst)
	}
	return startedTCP(number(4, 4))(c, p, i, dst)
}

func unlessCutQuote(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if !quotedByICMP4(p, i) {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func tcpHeaderLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 12, 1); b != nil && len(p.Layers[i].Bytes) >= tcpStart {
		dst = append(dst, Value{Int: int64(b[0]>>4) * 4, Bytes: b})
	}
	return dst
}

func tcpShortHeader(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := span(p.Layers[i].Bytes, 12, 1); b != nil && len(p.Layers[i].Bytes) >= tcpStart && b[0]>>4 < 5 {
		dst = append(dst, Value{Int: int64(b[0]>>4) * 4})
	}
	return dst
}

func segmentLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	return append(dst, Value{Int: int64(max(0, l.Reported-int(l.Bytes[12]>>4)*4))})
}

// flagLetters are Wireshark's letters, the reserved bits first.
func flagLetters(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := span(p.Layers[i].Bytes, 12, 2)
	if b == nil {
		return dst
	}
	var text strings.Builder
	flags := be(b)
	for k, letter := range "RRRACEUAPRSF" {
		if flags>>(11-k)&1 == 1 {
			text.WriteRune(letter)
		} else {
			text.WriteRune('·')
		}
	}
	return append(dst, Value{Text: text.String(), Bytes: b})
}

// tcpOptionEnd is where the options of a header end, or the captured bytes before; 20 if there are none.
func tcpOptionEnd(l *ingest.Layer) int {
	if len(l.Bytes) < 20 {
		return 20
	}
	return max(20, min(int(l.Bytes[12]>>4)*4, len(l.Bytes)))
}

func tcpOptionBytes(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if l := &p.Layers[i]; len(l.Bytes) >= 20 && l.Bytes[12]>>4 > 5 {
		dst = append(dst, Value{Bytes: l.Bytes[20:tcpOptionEnd(l)]})
	}
	return dst
}
