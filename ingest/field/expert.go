package field

import (
	"fmt"
	"slices"

	"icmpsift/ingest"
)

// expertFields are what Wireshark says is worth a look; each kind has a field of its own as well (icmp.checksum_bad, ...).
var expertFields = in(ingest.ProtoFrame,
	row("_ws.expert", Protocol, experts(func(*expert, *ingest.Packet, int, Value) Value { return Value{} }), "an expert item").linked(),
	row("_ws.expert.message", String, experts(func(e *expert, p *ingest.Packet, i int, v Value) Value { return Value{Text: e.message(p, i, v)} }),
		"what the expert item says").linked(),
	row("_ws.expert.severity", Uint32, experts(func(e *expert, _ *ingest.Packet, _ int, _ Value) Value { return Value{Int: e.severity} }),
		"how grave the expert item is").named(severities).linked(),
	row("_ws.expert.group", Uint32, experts(func(e *expert, _ *ingest.Packet, _ int, _ Value) Value { return Value{Int: e.group} }),
		"what the expert item is about").named(expertGroups).linked(),
	row("_ws.malformed", Protocol, malformedItems, "a header contradicts itself or ends early on the wire"),
	row("_ws.malformed.expert", None, when(malformed), "expert error: malformed packet"),
	row("_ws.short", Protocol, when(short), "the capture cut off bytes a dissector needed"),
)

// Severities and groups of expert items, with Wireshark's numbers.
const (
	severityComment = 0x100000
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
	severityComment: "Comment", severityChat: "Chat", severityNote: "Note", severityWarning: "Warning", severityError: "Error",
}

var expertGroups = map[int64]string{
	groupChecksum: "Checksum", groupSequence: "Sequence", 3 << 24: "Response", 4 << 24: "Request", groupUndecoded: "Undecoded",
	6 << 24: "Reassemble", groupMalformed: "Malformed", 8 << 24: "Debug", groupProtocol: "Protocol", 10 << 24: "Security",
	11 << 24: "Comment", 12 << 24: "Decryption", 13 << 24: "Assumption", groupDeprecated: "Deprecated",
}

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
		if malformed(c, p) {
			dst = append(dst, value(&malformedKind, p, -1, Value{}))
		}
		return dst
	}
}

// malformedItems: beside the layer of that name, Wireshark has an item of it by every expert item of the group.
func malformedItems(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	dst = when(malformed)(c, p, i, dst)
	from := len(dst)
	dst = experts(func(e *expert, _ *ingest.Packet, _ int, _ Value) Value { return Value{Int: e.group} })(c, p, i, dst)
	kept := slices.DeleteFunc(dst[from:], func(v Value) bool { return v.Int != groupMalformed })
	return dst[:from+len(kept)]
}

// expertsOf gives a value for every expert item of one layer. What walks of a structure find comes in the structure's order, in the
// place of the first such kind.
func expertsOf(kinds []expert, value func(e *expert, p *ingest.Packet, i int, v Value) Value, c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if len(p.Layers[i].Bytes) == 0 { // nothing captured, as in [Field.Values]
		return dst
	}
	walked := false
	for k := range kinds {
		e := &kinds[k]
		if proto := p.Layers[i].Proto; proto != e.proto && (e.also == 0 || proto != e.also) || e.get == nil && walked {
			continue
		}
		from := len(dst)
		if e.get == nil {
			dst, walked = walkFaults(c, p, i, dst), true
		} else {
			dst = e.get(c, p, i, dst)
		}
		for n := from; n < len(dst); n++ {
			if e.get == nil {
				dst[n] = value(&kinds[dst[n].Layer], p, i, dst[n])
			} else {
				dst[n] = value(e, p, i, dst[n])
			}
		}
	}
	return dst
}

// faults are the kinds that walks find, by name.
var faults = func() map[string]int {
	found := map[string]int{}
	for k := range expertKinds {
		if expertKinds[k].get == nil {
			found[expertKinds[k].name] = k
		}
	}
	return found
}()

// items gives a value for every item of the kind in a layer.
func (e *expert) items(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if e.get != nil {
		return e.get(c, p, i, dst)
	}
	from, number := len(dst), faults[e.name]
	dst = walkFaults(c, p, i, dst)
	kept := slices.DeleteFunc(dst[from:], func(v Value) bool { return int(v.Layer) != number })
	return dst[:from+len(kept)]
}

// walkFaults walks the layer's structure for what is wrong with it. The number of the kind stands in the place of the layer.
func walkFaults(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	d := dissection{c: c, dst: dst, b: l.Bytes, faults: faults, src: source(p, i)}
	switch l.Proto {
	case ingest.ProtoIPv4:
		if len(l.Bytes) >= 20 && len(l.Bytes) >= headerLength4(l) && soundness(l) == soundLength {
			ip4Options(&d, headerLength4(l))
		}
	case ingest.ProtoHopByHop, ingest.ProtoDestOpts:
		walkIP6Options(&d, p, i)
	case ingest.ProtoRouting:
		d.b = l.Bytes[:min(max(l.Header, 0), len(l.Bytes))]
		routingBody(&d, carrier6(p, i).Dst())
	case ingest.ProtoICMPv6:
		body6(&d, l)
	}
	return d.dst
}

func when(is func(*Context, *ingest.Packet) bool) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if is(c, p) {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	}
}

// malformed: the decoder says so, or the message's body ends before its structure does.
func malformed(c *Context, p *ingest.Packet) bool {
	return p.Problems&ingest.Malformed != 0 || bodyEnd(c, p) == ingest.Malformed || arpCut(p, false)
}

// short: the same of a message that the capture cut.
func short(c *Context, p *ingest.Packet) bool {
	return p.Problems&ingest.Short != 0 || bodyEnd(c, p) == ingest.Short || paddingCut(p) || arpCut(p, true)
}

// arpCut tells whether an ARP packet ends before its addresses do, on the wire or by the capture.
func arpCut(p *ingest.Packet, captured bool) bool {
	if n := len(p.Layers); n > 0 && p.Layers[n-1].Proto == ingest.ProtoARP {
		l := &p.Layers[n-1]
		return !arpWhole(l.Bytes) && l.Cut() == captured
	}
	return false
}

// paddingCut: the capture ends in what pads the frame to its minimum.
func paddingCut(p *ingest.Packet) bool {
	if len(p.Layers) == 0 {
		return false
	}
	end := payloadEnd(p, 0)
	return end >= 0 && end < min(minimum, len(p.Data)) && p.Wire >= minimum && len(p.Data) < minimum && p.Layers[0].Proto == ingest.ProtoEthernet
}

// bodyEnd walks the message's structure to its end and tells whether bytes are missing: never sent, or not captured.
func bodyEnd(c *Context, p *ingest.Packet) ingest.Problem {
	m := p.Message()
	switch {
	case m == nil:
		return 0
	case extensionStart(c, m) > m.Reported:
		return ingest.Malformed
	case !bodyCut(c, m):
		return 0
	case m.Cut():
		return ingest.Short
	}
	return ingest.Malformed
}

func bodyCut(c *Context, m *ingest.Layer) bool {
	if len(m.Bytes) < 4 || m.Proto == ingest.ProtoICMPv4 && len(m.Bytes) < shown { // the decoder has said so
		return false
	}
	d := dissection{c: c, b: m.Bytes}
	if m.Proto == ingest.ProtoICMPv4 {
		if m.Bytes[0] == 9 {
			walkRouters(&d)
			mobileExtensions(&d, m.Reported)
		}
		if start := extensionStart(c, m); start >= 0 {
			extensions(&d, m, start)
		}
		return d.cut
	}
	if start := extensionStart(c, m); start >= 0 {
		extensions(&d, m, start)
		d.b = m.Bytes
	}
	body6(&d, m)
	return d.cut
}

// Ports of classic traceroute's probes behind its first one: three a hop, for ten hops.
const (
	probeFirst = 33435
	probeLast  = 33464
)

func probePort(p *ingest.Packet, i int) int { return int(be(span(p.Layers[i].Bytes, 2, 2))) }

func tracerouteProbe(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if port := probePort(p, i); len(p.Layers[i].Bytes) >= 4 && port >= probeFirst && port <= probeLast {
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
		if b := p.Layers[i].Bytes; len(b) >= tcpStart && b[12]>>4 >= 5 && b[13]&mask == want {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	}
}

func mismatchMessage(p *ingest.Packet, i int, v Value) string {
	if p.Layers[i].Proto == ingest.ProtoHopByHop {
		return ip6Options[v.Int] + " must use a destination options header"
	}
	return ip6Options[v.Int] + " must use a hop-by-hop options header"
}

func tcpHeaderMessage(_ *ingest.Packet, _ int, v Value) string {
	return fmt.Sprintf("Bogus TCP header length (%d, must be at least 20)", v.Int)
}

// portMessage puts the port at off into the text.
func portMessage(format string, off int) func(*ingest.Packet, int, Value) string {
	return func(p *ingest.Packet, i int, _ Value) string {
		return fmt.Sprintf(format, be(span(p.Layers[i].Bytes, off, 2)))
	}
}

func shortHeaderMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("Bogus IP header length (%d, must be at least 20)", int(p.Layers[i].Bytes[0]&0x0f)*4)
}

func bogusMessage(p *ingest.Packet, i int, _ Value) string {
	if soundness(&p.Layers[i]) == soundHeader {
		return "Bogus IP length"
	}
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

func rplOptionMessage(_ *ingest.Packet, _ int, v Value) string {
	return fmt.Sprintf("Dissector for ICMPv6 RPL Option (%d) code not implemented, Contact Wireshark developers if you want this supported", v.Int)
}

func undecodedMessage(p *ingest.Packet, i int, _ Value) string {
	return fmt.Sprintf("Dissector for ICMPv6 Type (%d) code not implemented, Contact Wireshark developers if you want this supported",
		p.Layers[i].Bytes[0])
}

func extensionMessage(_ *ingest.Packet, _ int, v Value) string {
	return fmt.Sprintf("Bad checksum [should be 0x%04x]", v.Int)
}
