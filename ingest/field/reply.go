package field

import "icmpsift/ingest"

// replyFields are case scope's pairing of echo requests and replies: same address pair, identifier and sequence number, the
// latest request within 60 seconds, whatever the payload. They are absent before the case has been put in order.
var replyFields = in(ingest.ProtoSift,
	row("sift.reply.to", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.To}, r.To > 0 }),
		"on a reply: timeline number of the request it answers"),
	row("sift.reply.in", Uint64, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.In}, r.In > 0 }),
		"on a request: timeline number of the first reply to it").ahead(),
	row("sift.reply.time", RelativeTime, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: r.Time}, paired(r) }),
		"time from the request to the reply, on both").ahead(),
	row("sift.reply.differs", Boolean, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: truth(r.Differs)}, paired(r) }),
		"the reply's payload is not the request's (RFC 792 demands it be); applies to requests and replies that are paired").ahead(),
	row("sift.reply.truncated", Boolean, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: truth(r.Truncated)}, paired(r) }),
		"the reply differs only by being cut short; applies to requests and replies that are paired").ahead(),
	row("sift.reply.extra", Uint32, pairing(func(r *ingest.Reply) (Value, bool) { return Value{Int: int64(r.Extra)}, r.To > 0 }),
		"on a reply: how many replies to the same request came before it"),
	row("sift.unanswered", Boolean, onRequest, "no reply within 60 seconds; applies to echo requests").ahead(),
	row("sift.unsolicited", Boolean, onReply, "no request within the 60 seconds before; applies to echo replies"),
)

func paired(r *ingest.Reply) bool { return r.To > 0 || r.In > 0 }

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

func onRequest(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if request, _ := p.Echo(); request && p.Case.Number > 0 {
		dst = append(dst, Value{Int: truth(p.Case.Reply.Unanswered)})
	}
	return dst
}

func onReply(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if _, reply := p.Echo(); reply && p.Case.Number > 0 {
		dst = append(dst, Value{Int: truth(p.Case.Reply.Unsolicited)})
	}
	return dst
}
