package field

import "icmpsift/ingest"

// replyFields are case scope's pairing of requests and replies (see [ingest.Exchange]): same address pair, identifier and
// sequence number, the latest request within 60 seconds, whatever the payload; and the request or reply that an error
// quotes. All need the case to be put in order, and are absent before.
var replyFields = in(ingest.ProtoSift,
	row("sift.exchange", String, exchangeName,
		`"echo", "timestamp", "information", "mask" or "extended echo"; applies to requests and replies of these`),
	row("sift.client", Address, party(true), "host that asks: source of a request, destination of a reply"),
	row("sift.server", Address, party(false), "host that is asked: destination of a request, source of a reply"),
	row("sift.reply.to", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.To}, r.To > 0 }),
		"on a reply: timeline number of the request it answers").ahead(),
	row("sift.reply.in", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.In}, r.In > 0 }),
		"on a request: timeline number of the first reply to it").ahead(),
	row("sift.reply.time", RelativeTime, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.Time}, r.To > 0 || r.In > 0 }),
		"time from the request to the reply, on both").ahead(),
	row("sift.reply.differs", Boolean, onPaired(func(r *ingest.Reply) bool { return r.Differs }),
		"the reply does not return what it has to (RFC 792: an echo's data, a timestamp's originate time) or holds data of its own; applies to replies that are paired").ahead(),
	row("sift.reply.truncated", Boolean, onPaired(func(r *ingest.Reply) bool { return r.Truncated }),
		"the reply differs only by being cut short; applies to replies that are paired").ahead(),
	row("sift.reply.unasked", Boolean, onPaired(func(r *ingest.Reply) bool { return r.Unasked }),
		"the reply to an echo carries data, and its request carried none; applies to replies that are paired").ahead(),
	row("sift.reply.extra", Uint32, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: int64(r.Extra)}, r.To > 0 }),
		"on a reply: how many replies to the same request came before it").ahead(),
	row("sift.reply.group", Boolean, onPaired(func(r *ingest.Reply) bool { return r.Group }),
		"the request that it answers went to a broadcast or multicast address; applies to replies that are paired").ahead(),
	row("sift.reply.unlike", Boolean, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: truth(r.Unlike)}, r.To > 0 && r.Extra > 0 }),
		"no earlier reply to the same request has the same code and content; applies to further replies").ahead(),
	row("sift.reply.count", Uint32, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: int64(r.Count)}, r.In > 0 }),
		"on a request: how many replies came to it within 60 seconds").ahead(),
	row("sift.unanswered", Boolean, onExchange(true, func(r *ingest.Reply) bool { return r.Unanswered }),
		"no reply within 60 seconds, nor an error that tells why; applies to requests").ahead(),
	row("sift.unsolicited", Boolean, onExchange(false, func(r *ingest.Reply) bool { return r.Unsolicited }),
		"no request within the 60 seconds before; applies to replies").ahead(),
	row("sift.echo.unprompted", Boolean, unprompted,
		"an echo request, or an echo reply that no request asked for: what its sender says of its own accord; applies to echo messages").ahead(),
	row("sift.error.to", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.ErrorTo}, r.ErrorTo > 0 }),
		"on an error or redirect: timeline number of the request or reply it quotes").ahead(),
	row("sift.error.in", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.ErrorIn}, r.ErrorIn > 0 }),
		"on a request or reply: timeline number of the first error that quotes it, of a redirect or source quench if there is no other").ahead(),
	row("sift.error.time", RelativeTime, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.Time}, r.ErrorTo > 0 }),
		"on an error or redirect: time since the request or reply it quotes").ahead(),
	row("sift.quoted.unseen", Boolean, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: truth(r.Unseen)}, r.Unseen || r.ErrorTo > 0 }),
		"the evidence does not hold the request or reply that the error quotes, though it began 10 seconds or more before and holds other messages of that sender; absent where that cannot be told").ahead(),
)

func exchangeName(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if x, _ := p.Exchange(); x != ingest.NoExchange {
		dst = append(dst, Value{Text: x.String()})
	}
	return dst
}

// party is the host on one side of an exchange, told by the message's type alone.
func party(asking bool) getter {
	src, dst := packetAddress((*ingest.Packet).Src), packetAddress((*ingest.Packet).Dst)
	return func(c *Context, p *ingest.Packet, i int, out []Value) []Value {
		switch x, request := p.Exchange(); {
		case x == ingest.NoExchange:
			return out
		case request == asking:
			return src(c, p, i, out)
		}
		return dst(c, p, i, out)
	}
}

func unprompted(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	request, reply := p.Echo()
	if (request || reply) && p.Case.Number > 0 {
		dst = append(dst, Value{Int: truth(request || p.Case.Reply.Unsolicited)})
	}
	return dst
}

func pairing(get func(r *ingest.Reply) (Value, bool)) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if p.Case.Number == 0 {
			return dst
		}
		if v, ok := get(&p.Case.Reply); ok {
			dst = append(dst, v)
		}
		return dst
	}
}

// onPaired applies to replies whose request is known.
func onPaired(get func(r *ingest.Reply) bool) getter {
	return pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: truth(get(r))}, r.To > 0 })
}

// onExchange applies to requests, or to replies, of every exchange.
func onExchange(requests bool, get func(r *ingest.Reply) bool) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if x, request := p.Exchange(); x != ingest.NoExchange && request == requests && p.Case.Number > 0 {
			dst = append(dst, Value{Int: truth(get(&p.Case.Reply))})
		}
		return dst
	}
}
