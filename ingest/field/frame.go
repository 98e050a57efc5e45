package field

import "icmpsift/ingest"

// frameFields are facts of the capture's record. What needs the kind of file (frame.interface_id) is not here.
var frameFields = in(ingest.ProtoFrame,
	row("frame", Protocol, frame(func(f *ingest.Frame) Value { return Value{Bytes: f.Data} }), "the whole frame, as captured"),
	row("frame.time", AbsoluteTime, frameTime, "arrival time (shown in UTC)"),
	row("frame.time_utc", AbsoluteTime, newer("4.2", frameTime), "arrival time in UTC"),
	row("frame.time_epoch", AbsoluteTime, frameTime, "arrival time, seconds since 1970").display(Epoch),
	row("frame.time_delta", RelativeTime, frameSpan(func(f *ingest.Frame) int64 { return f.Since }), "time since the frame before in the file"),
	row("frame.time_relative", RelativeTime, frameSpan(func(f *ingest.Frame) int64 { return f.Elapsed }), "time since the file's first frame"),
	row("frame.number", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: f.Number} }), "number of the frame in its file, from 1"),
	row("frame.len", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: int64(f.Wire)} }), "bytes on the wire"),
	row("frame.cap_len", Uint32, frame(func(f *ingest.Frame) Value { return Value{Int: int64(len(f.Data))} }), "bytes captured"),
	row("frame.protocols", String, protocols, "protocols of the frame from the outside in, joined by colons"),
	row("frame.comment", String, comments, "comments on the frame in the capture file: text of whoever wrote the file"),
)

// frame reads a value every frame has.
func frame(get func(f *ingest.Frame) Value) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value { return append(dst, get(&p.Frame)) }
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
		text = appendLayer(text, c, p, i)
	}
	for i := range p.Layers {
		if l := &p.Layers[i]; l.Proto == ingest.ProtoICMPv6 && hasExtension(l) {
			text = append(text, ":icmp"...)
		}
	}
	return append(dst, Value{Text: string(text)})
}

// rawLink: frames of link types that start with either IP version go through Wireshark's "raw" dissector first.
func rawLink(p *ingest.Packet) bool {
	return (p.Frame.Link == ingest.LinkRaw || p.Frame.Link == ingest.LinkRawBSD) && len(p.Layers) > 0
}

func appendLayer(text []byte, c *Context, p *ingest.Packet, i int) []byte {
	l := &p.Layers[i]
	if l.Reported == 0 || l.Proto == ingest.ProtoData && len(payloadOf(c, p, i)) == 0 {
		return text
	}
	if len(text) > 0 {
		text = append(text, ':')
	}
	text = append(text, l.Proto.String()...)
	if namesEtherType(l) {
		text = append(text, ":ethertype"...)
	}
	return text
}

// namesEtherType tells whether the header hands on by EtherType, which Wireshark counts as a layer of its own.
func namesEtherType(l *ingest.Layer) bool {
	off := 12
	switch l.Proto {
	case ingest.ProtoVLAN, ingest.ProtoQinQ:
		off = 2
	case ingest.ProtoSLL:
		off = 14
		if l.Header == 20 {
			off = 0
		}
	case ingest.ProtoEthernet:
	default:
		return false
	}
	b := span(l.Bytes, off, 2)
	return b != nil && be(b) >= 0x0600
}
