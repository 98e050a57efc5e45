package field

import (
	"icmpsift/ingest"
	"icmpsift/ingest/payload"
)

// payloadFields are facts of an echo's payload: every byte behind the 8-byte echo header.
var payloadFields = in(ingest.ProtoSift,
	row("sift.payload", Bytes, echoPayload, "payload of an echo request or reply: every captured byte behind the 8-byte header"),
	row("sift.payload.body", Bytes, echoBody, "the payload without the sender's clock, where it begins with a time within a day of the capture's"),
	row("sift.payload.length", Uint32, echoLength, "bytes of that payload on the wire"),
	row("sift.payload.pattern", Bytes, echoPattern,
		"up to 16 bytes that the payload repeats to its end, behind a time stamp or alone, as ping -p writes them"),
	row("sift.payload.class", String, fact(func(f *ingest.PayloadFacts) Value { return Value{Text: f.Class} }, hasClass),
		"what kind of bytes the payload is"),
	row("sift.payload.stock", String, fact(func(f *ingest.PayloadFacts) Value { return Value{Text: f.Stock} }, hasStock),
		"sender whose ordinary ping has this payload; absent when none is known"),
	row("sift.payload.tool", String, fact(func(f *ingest.PayloadFacts) Value { return Value{Text: f.Tool} }, func(f *ingest.PayloadFacts) bool { return f.Tool != "" }),
		"tool that hides data in pings and writes payloads of this form; absent when none is known"),
	row("sift.payload.entropy", Double, fact(func(f *ingest.PayloadFacts) Value { return Value{Float: f.Entropy} }, hasEntropy),
		"Shannon entropy of a payload that is no known sender's, bits per byte"),
)

func echoPayload(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if b, ok := p.EchoPayload(); ok {
		dst = append(dst, Value{Bytes: b})
	}
	return dst
}

func echoBody(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	b, ok := p.EchoPayload()
	if !ok {
		return dst
	}
	if len(b) >= 8 && !p.NoTime {
		_, n := nearestTimestamp(b, p.Time)
		b = b[n:]
	}
	if len(b) > 0 {
		dst = append(dst, Value{Bytes: b})
	}
	return dst
}

func echoLength(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if _, ok := p.EchoPayload(); ok {
		dst = append(dst, Value{Int: int64(p.Message().Reported - 8)})
	}
	return dst
}

func echoPattern(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if b, ok := p.EchoPayload(); ok && len(b) == p.Message().Reported-8 {
		if pattern := payload.Pattern(b); pattern != nil {
			dst = append(dst, Value{Bytes: pattern})
		}
	}
	return dst
}

// fact reads what the payload room says, which is worked out once per packet and kept with it.
func fact(get func(*ingest.PayloadFacts) Value, has func(*ingest.PayloadFacts) bool) getter {
	return func(c *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		b, ok := p.EchoPayload()
		if !ok || c == nil || c.Stock == nil {
			return dst
		}
		if !p.Facts.Done {
			p.Facts = c.Stock.Classify(b, p.Message().Reported-8)
			p.Facts.Done = true
		}
		if has(&p.Facts) {
			dst = append(dst, get(&p.Facts))
		}
		return dst
	}
}

func hasClass(f *ingest.PayloadFacts) bool { return f.Class != "" }

// hasEntropy: entropy is not worked out for the payloads of known senders.
func hasEntropy(f *ingest.PayloadFacts) bool { return f.Class != "" && f.Stock == "" }

func hasStock(f *ingest.PayloadFacts) bool { return f.Stock != "" }
