package field

import (
	"fmt"

	"icmpsift/ingest"
)

// expertFields are what Wireshark says is worth a look; each kind has a field of its own as well (icmp.checksum_bad, ...).
var expertFields = in(ingest.ProtoFrame,
	row("_ws.expert", Protocol, experts(func(*expert, *ingest.Packet, int, Value) Value { return Value{} }), "an expert item"),
	row("_ws.expert.message", String, experts(func(e *expert, p *ingest.Packet, i int, v Value) Value { return Value{Text: e.message(p, i, v)} }),
		"what the expert item says"),
	row("_ws.expert.severity", Uint32, experts(func(e *expert, _ *ingest.Packet, _ int, _ Value) Value { return Value{Int: e.severity} }),
		"how grave the expert item is").named(severities),
	row("_ws.expert.group", Uint32, experts(func(e *expert, _ *ingest.Packet, _ int, _ Value) Value { return Value{Int: e.group} }),
		"what the expert item is about").named(expertGroups),
	row("_ws.malformed", Protocol, when(malformed), "a header contradicts itself or ends early on the wire"),
	row("_ws.malformed.expert", None, when(malformed), "expert error: malformed packet"),
	row("_ws.short", Protocol, when(short), "the capture cut off bytes a dissector needed"),
)

// Severities and groups of expert items, with Wireshark's numbers.
const (
	severityChat    = 0x200000
	severityNote    = 0x400000
	severityWarning = 0x600000
	severityError   = 0x800000

	groupChecksum   = 1 << 24
	groupSequence   = 2 << 24
	groupUndecoded  = 5 << 24
	groupMalformed  = 7 << 24
	groupProtocol   = 9 << 24
	groupDeprecated = 14 << 24
)

var severities = map[int64]string{
	0x100000: "Comment", severityChat: "Chat", severityNote: "Note", severityWarning: "Warning", severityError: "Error",
}

var expertGroups = map[int64]string{
	groupChecksum: "Checksum", groupSequence: "Sequence", 3 << 24: "Response", 4 << 24: "Request", groupUndecoded: "Undecoded",
	6 << 24: "Reassemble", groupMalformed: "Malformed", 8 << 24: "Debug", groupProtocol: "Protocol", 10 << 24: "Security",
	11 << 24: "Comment", 12 << 24: "Decryption", 13 << 24: "Assumption", groupDeprecated: "Deprecated",
}

// expert is a kind of expert item and where it is looked for.
type expert struct {
	proto, also     ingest.Proto
	get             getter // a value for each item in a layer
	severity, group int64
	message         func(p *ingest.Packet, i int, v Value) string
}

// expertKinds, in Wireshark's order within a layer.
var expertKinds = []expert{
	{ingest.ProtoEthernet, 0, paddingBad, severityNote, groupProtocol,
		says("Didn't find padding of zeros, and an undecoded trailer exists. There may be padding of non-zeros.")},
	{ingest.ProtoEthernet, 0, groupSource, severityWarning, groupProtocol,
		says("Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)")},
	{ingest.ProtoIPv6, 0, longPayload, severityWarning, groupProtocol, framingMessage},
	{ingest.ProtoIPv4, 0, bogusVersion, severityError, groupProtocol, says("Bogus IP version")},
	{ingest.ProtoIPv4, 0, version4(bogusLength), severityError, groupProtocol, bogusMessage},
	{ingest.ProtoIPv4, 0, version4(lowTTL), severityNote, groupSequence, ttlMessage},
	{ingest.ProtoIPv4, 0, version4(localControlTTL), severityNote, groupSequence, controlMessage},
	{ingest.ProtoHopByHop, ingest.ProtoDestOpts, ip6Option("ipv6.opt.unknown_data.expert", None, "").Get, severityNote, groupUndecoded,
		says("Unknown Data (not interpreted)")},
	{ingest.ProtoUDP, 0, tracerouteProbe, severityChat, groupSequence, probeMessage},
	{ingest.ProtoTCP, 0, tcpFlags(0x12, 0x02), severityChat, groupSequence, portMessage("Connection establish request (SYN): server port %d", 2)},
	{ingest.ProtoTCP, 0, tcpFlags(0x12, 0x12), severityChat, groupSequence,
		portMessage("Connection establish acknowledge (SYN+ACK): server port %d", 0)},
	{ingest.ProtoTCP, 0, tcpFlags(0x01, 0x01), severityChat, groupSequence, says("Connection finish (FIN)")},
	{ingest.ProtoTCP, 0, tcpFlags(0x04, 0x04), severityWarning, groupSequence, says("Connection reset (RST)")},
	{ingest.ProtoICMPv4, 0, newer("4.4", icmp4(exists, deprecated4...)), severityNote, groupDeprecated, says("Type is deprecated")},
	{ingest.ProtoICMPv4, 0, icmp4(checksumBad), severityWarning, groupChecksum, checksumMessage},
	{ingest.ProtoICMPv4, 0, noResponse, severityWarning, groupSequence, says("No response seen to ICMP request")},
	{ingest.ProtoICMPv6, 0, checksumBad, severityWarning, groupChecksum, checksumMessage},
	{ingest.ProtoICMPv6, 0, noResponse, severityWarning, groupSequence, noResponse6Message},
	{ingest.ProtoICMPv6, 0, undecodedType, severityNote, groupUndecoded, undecodedMessage},
	{ingest.ProtoICMPv6, 0, option("icmpv6.undecoded.option", None, "").Get, severityNote, groupUndecoded, optionMessage},
	{ingest.ProtoICMPv6, 0, option("icmpv6.unknown_data.expert", None, "").Get, severityError, groupMalformed,
		says("Unknown Data (not interpreted)")},
	{ingest.ProtoICMPv6, 0, option("icmpv6.invalid_option_length", None, "").Get, severityError, groupMalformed, lengthMessage},
}

// lateKinds are found once the quoted datagram was dissected, and so come behind its items.
var lateKinds = []expert{
	{ingest.ProtoICMPv4, ingest.ProtoICMPv6, extension("icmp.ext.checksum_bad", None, "").Get, severityWarning, groupChecksum,
		extensionMessage},
}

var malformedKind = expert{severity: severityError, group: groupMalformed, message: says("Malformed Packet (Exception occurred)")}

func says(text string) func(*ingest.Packet, int, Value) string {
	return func(*ingest.Packet, int, Value) string { return text }
}

// experts gives a value for every expert item, layer by layer.
func experts(value func(e *expert, p *ingest.Packet, i int, v Value) Value) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		for _, kinds := range [...][]expert{expertKinds, lateKinds} {
			for i := range p.Layers {
				dst = expertsOf(kinds, value, c, p, i, dst)
			}
		}
		if malformed(p) {
			dst = append(dst, value(&malformedKind, p, -1, Value{}))
		}
		return dst
	}
}

// expertsOf gives a value for every expert item of one layer.
func expertsOf(kinds []expert, value func(e *expert, p *ingest.Packet, i int, v Value) Value, c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if len(p.Layers[i].Bytes) == 0 { // nothing captured, as in [Field.Values]
		return dst
	}
	for k := range kinds {
		e := &kinds[k]
		if proto := p.Layers[i].Proto; proto != e.proto && (e.also == 0 || proto != e.also) {
			continue
		}
		from := len(dst)
		dst = e.get(c, p, i, dst)
		for n := from; n < len(dst); n++ {
			dst[n] = value(e, p, i, dst[n])
		}
	}
	return dst
}

func when(is func(*ingest.Packet) bool) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if is(p) {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	}
}

// malformed: the decoder says so, or the message's body ends before its structure does.
func malformed(p *ingest.Packet) bool {
	return p.Problems&ingest.Malformed != 0 || bodyCut(p) && !p.Message().Cut()
}

// short: the same of a message that the capture cut.
func short(p *ingest.Packet) bool {
	return p.Problems&ingest.Short != 0 || bodyCut(p) && p.Message().Cut()
}

// bodyCut walks the message's structure to its end and tells whether bytes were missing.
func bodyCut(p *ingest.Packet) bool {
	m := p.Message()
	if m == nil || len(m.Bytes) < shown {
		return false
	}
	d := dissection{b: m.Bytes}
	if m.Proto == ingest.ProtoICMPv4 {
		if m.Bytes[0] == 9 {
			walkRouters(&d)
			mobileExtensions(&d, m.Reported)
		}
		if start := extensionStart(nil, m); start >= 0 {
			extensions(&d, m, start)
		}
		return d.cut
	}
	switch m.Bytes[0] {
	case 130, 131, 132, 143:
		listeners(&d, m.Reported)
	}
	managed(&d, m.Reported)
	if start := optionStart(m); start >= 0 {
		options(&d, start, m.Reported)
	}
	return d.cut
}

// Ports of classic traceroute's probes behind its first one: three a hop, for ten hops.
const (
	probeFirst = 33435
	probeLast  = 33464
)

func probePort(p *ingest.Packet, i int) int { return int(be(span(p.Layers[i].Bytes, 2, 2))) }

func tracerouteProbe(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if port := probePort(p, i); len(p.Layers[i].Bytes) >= 8 && port >= probeFirst && port <= probeLast {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func probeMessage(p *ingest.Packet, i int, _ Value) string {
	n := probePort(p, i) - probeFirst
	return fmt.Sprintf("Possible traceroute: hop #%d, attempt #%d", n/3+1, n%3+1)
}

// tcpFlags finds whole headers whose flags under mask are want.
func tcpFlags(mask, want byte) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := p.Layers[i].Bytes; len(b) >= 20 && b[13]&mask == want {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	}
}

// portMessage puts the port at off into the text.
func portMessage(format string, off int) func(*ingest.Packet, int, Value) string {
	return func(p *ingest.Packet, i int, _ Value) string {
		return fmt.Sprintf(format, be(span(p.Layers[i].Bytes, off, 2)))
	}
}

func bogusMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("IPv4 total length exceeds packet length (%d bytes)", p.Layers[i].Reported)
}

func framingMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("IPv6 payload length exceeds framing length (%d bytes)", p.Layers[i].Reported-40)
}

// lengthMessage: zero stops every option, other lengths are wrong for the one at hand.
func lengthMessage(_ *ingest.Packet, _ int, v Value) string {
	if v.Int == 0 {
		return "Invalid option length (Zero)"
	}
	return "Invalid Option Length"
}

func ttlMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf(`"Time To Live" only %d`, p.Layers[i].Bytes[8])
}

func controlMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf(`"Time To Live" != %d for a packet sent to the Local Network Control Block (see RFC 3171)`,
		controlTTL(p.Layers[i].Bytes[19]))
}

func checksumMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("Bad checksum [should be 0x%04x]", p.Layers[i].Want)
}

func noResponse6Message(p *ingest.Packet, _ int, _ Value) string {
	return fmt.Sprintf("No response seen to ICMPv6 request in frame %d", p.Number)
}

func optionMessage(_ *ingest.Packet, _ int, v Value) string {
	return fmt.Sprintf("Dissector for ICMPv6 Option (%d) code not implemented, Contact Wireshark developers if you want this supported", v.Int)
}

func undecodedMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("Dissector for ICMPv6 Type (%d) code not implemented, Contact Wireshark developers if you want this supported",
		p.Layers[i].Bytes[0])
}

// extensionMessage: with the sent checksum taken out of the sum, its complement is what should have been sent.
func extensionMessage(p *ingest.Packet, i int, _ Value) string {
	l := &p.Layers[i]
	b := l.Bytes[max(extensionStart(nil, l), 0):]
	if len(b) < 4 {
		return "Bad checksum"
	}
	return fmt.Sprintf("Bad checksum [should be 0x%04x]", ^sum([]byte{byte(sum(b) >> 8), byte(sum(b)), ^b[2], ^b[3]}))
}
