package field

import (
	"cmp"

	"icmpsift/ingest"
)

// frameFields are facts of the capture's record. Of what the file tells besides, packet flags, queue, hash, verdict and the like
// of pcapng are not here.
var frameFields = in(ingest.ProtoFrame,
	row("frame", Protocol, frame(func(f *ingest.Frame) Value { return protocol(f.Data, len(f.Data)) }), "the whole frame, as captured"),
	row("raw", Protocol, rawPacket, "raw IP: a link layer without header"),
	row("frame.section_number", Uint32, interfaced(func(f *ingest.Frame) Value { return Value{Int: int64(f.Section) + 1} }), "section of the pcapng file, from 1").constant(),
	row("frame.interface_id", Uint32, interfaced(func(f *ingest.Frame) Value { return Value{Int: int64(f.Interface)} }), "interface of the section, from 0").constant(),
	row("frame.interface_name", String, interfaced(func(f *ingest.Frame) Value { return Value{Text: interfaceTitle(f.On)} }),
		"name of the interface, else its description, else its hardware: text of whoever wrote the file").constant(),
	row("frame.interface_description", String, interfaceDescription, "description of the interface: text of whoever wrote the file").constant(),
	row("frame.encap_type", Int16, encapsulation, "link type of the frame, in Wireshark's own numbers").constant(),
	row("frame.time", AbsoluteTime, frameTime, "arrival time (shown in UTC)"),
	row("frame.time_utc", AbsoluteTime, newer("4.2", frameTime), "arrival time in UTC"),
	row("frame.time_epoch", AbsoluteTime, frameTime, "arrival time, seconds since 1970").display(Epoch),
	row("frame.offset_shift", RelativeTime, frameSpan(func(*ingest.Frame) int64 { return 0 }), "correction of the time by Wireshark's user: none").constant(),
	row("frame.time_delta", RelativeTime, frameSpan(func(f *ingest.Frame) int64 { return f.Since }), "time since the frame before in the file"),
	row("frame.time_delta_displayed", RelativeTime, frameSpan(func(f *ingest.Frame) int64 { return f.Since }),
		"time since the frame displayed before, where no display filter is set"),
	row("frame.time_relative", RelativeTime, frameSpan(func(f *ingest.Frame) int64 { return f.Elapsed }), "time since the file's first frame"),
	row("frame.number", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: f.Number} }), "number of the frame in its file, from 1"),
	row("frame.len", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: int64(f.Wire - f.PseudoHeader())} }), "bytes on the wire"),
	row("frame.cap_len", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: int64(len(f.Data) - f.PseudoHeader())} }), "bytes captured"),
	row("frame.len_lt_caplen", None, longerThanWire, "expert error: more bytes captured than were on the wire"),
	row("frame.marked", Boolean, frame(func(*ingest.Frame) Value { return Value{} }), "marked by Wireshark's user: never").constant(),
	row("frame.ignored", Boolean, frame(func(*ingest.Frame) Value { return Value{} }), "ignored by Wireshark's user: never").constant(),
	row("frame.protocols", String, protocols, "protocols of the frame from the outside in, joined by colons").constant(),
	row("frame.comment", String, comments, "comments on the frame in the capture file: text of whoever wrote the file"),
)

func rawPacket(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if rawLink(p) {
		dst = append(dst, Value{})
	}
	return dst
}

// frame reads a value every frame has.
func frame(get func(f *ingest.Frame) Value) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value { return append(dst, get(&p.Frame)) }
}

// interfaced reads what only frames have whose file describes interfaces.
func interfaced(get func(f *ingest.Frame) Value) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if p.On == nil {
			return dst
		}
		return append(dst, get(&p.Frame))
	}
}

func interfaceTitle(on *ingest.Interface) string {
	return cmp.Or(on.Name, on.About, on.Hardware, "unknown")
}

func interfaceDescription(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.On != nil && p.On.About != "" {
		dst = append(dst, Value{Text: p.On.About})
	}
	return dst
}

func encapsulation(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if n, ok := encapsulations[p.Frame.Link]; ok {
		dst = append(dst, Value{Int: n})
	}
	return dst
}

func longerThanWire(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if len(p.Data) > p.Wire {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func frameTime(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.NoTime {
		return dst
	}
	return append(dst, Value{Int: p.Time})
}

func frameSpan(get func(f *ingest.Frame) int64) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if p.NoTime {
			return dst
		}
		return append(dst, Value{Int: get(&p.Frame)})
	}
}

func comments(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	for _, s := range p.Comments {
		dst = append(dst, Value{Text: s})
	}
	return dst
}

// newer gives what get finds if the asked Wireshark is version v or later.
func newer(v string, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if c.since(v) {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// protocols builds Wireshark's layer string.
func protocols(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	var room [128]byte
	text := room[:0]
	if rawLink(p) {
		text = append(text, "raw"...)
	}
	for i := range p.Layers {
		if p.Trails(i) {
			text = appendExtension(text, p)
		}
		text = appendLayer(text, c, p, i)
	}
	if n := len(p.Layers); n == 0 || !p.Trails(n-1) {
		text = appendExtension(text, p)
	}
	return append(dst, Value{Text: string(text)})
}

// appendExtension names what dissects the extension block of an ICMPv6 message.
func appendExtension(text []byte, p *ingest.Packet) []byte {
	for i := range p.Layers {
		if l := &p.Layers[i]; l.Proto == ingest.ProtoICMPv6 && hasExtension(l) {
			text = append(text, ":icmp"...)
		}
	}
	return text
}

// rawLink: frames of link types that start with either IP version go through Wireshark's "raw" dissector first.
func rawLink(p *ingest.Packet) bool {
	switch p.Frame.Link {
	case ingest.LinkRaw, ingest.LinkRawBSD, ingest.LinkRawOpen:
		return len(p.Layers) > 0
	}
	return false
}

func appendLayer(text []byte, c *Context, p *ingest.Packet, i int) []byte {
	l := &p.Layers[i]
	if l.Proto == ingest.ProtoData && len(payloadOf(c, p, i)) == 0 || l.Proto == ingest.ProtoVXLANGPE || below(c, p, i) {
		return text
	}
	if len(text) > 0 {
		text = append(text, ':')
	}
	text = append(text, l.Proto.String()...)
	if l.Proto == ingest.ProtoMACsec && namesEtherType(l) && c.since("4.4") {
		text = append(text, ":data"...) // the check value
	}
	if namesEtherType(l) {
		text = append(text, ":ethertype"...)
	}
	return text
}

// below tells whether a layer has no name because it stands below MPLS: a further label, and since 4.4 IP.
func below(c *Context, p *ingest.Packet, i int) bool {
	if i == 0 || p.Layers[i-1].Proto != ingest.ProtoMPLS {
		return false
	}
	switch p.Layers[i].Proto {
	case ingest.ProtoMPLS:
		return true
	case ingest.ProtoIPv4, ingest.ProtoIPv6:
		return c.since("4.4")
	}
	return false
}

// namesEtherType tells whether the header hands on by EtherType, which Wireshark counts as a layer of its own.
func namesEtherType(l *ingest.Layer) bool {
	off := l.Header - 2 // mostly the type is the header's end
	switch l.Proto {
	case ingest.ProtoVLAN, ingest.ProtoQinQ, ingest.ProtoVNTag, ingest.ProtoETag, ingest.ProtoPBB:
	case ingest.ProtoMACsec: // a type ends the header where it is not encrypted
		if l.Header != 8 && l.Header != 16 {
			return false
		}
	case ingest.ProtoCMD: // inside GRE the type comes first, and GRE's table goes on
		if off = 6; be(span(l.Bytes, 0, 2)) >= 0x0600 {
			return false
		}
	case ingest.ProtoSLL:
		kind := 2
		if l.Header == 20 {
			off, kind = 0, 8
		}
		if be(span(l.Bytes, kind, 2)) == greInterface {
			return false
		}
	case ingest.ProtoEthernet:
		if off = 12; l.Header != 14 || be(span(l.Bytes, off, 2)) == fabricPath {
			return false
		}
	default:
		return false
	}
	b := span(l.Bytes, off, 2)
	return b != nil && be(b) >= 0x0600
}

const greInterface = 778 // ARPHRD_IPGRE: GRE's table of protocols goes on

const fabricPath = 0x8903 // Ethernet's dissector hands such frames on before it looks at the type
