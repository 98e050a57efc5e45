package field

import "icmpsift/ingest"

// pastFields are what neighbour discovery (RFC 4861) says of addresses, and what earlier packets of the case tell of a
// packet (see [ingest.Past]). The latter need the case to be put in order, and are absent before.
var pastFields = in(ingest.ProtoSift,
	row("sift.contact.age", RelativeTime, contactAge,
		"on a request: time since its source first sent one to this destination, on a neighbor solicitation likewise, of its target; absent where there were too many to remember").ahead(),
	row("sift.contact.silent", Uint8, contactSilent,
		"on a request: of the hosts that its source sent requests to, percent that sent no reply in the whole evidence, rounded down").ahead(),
	row("sift.dst.mute", Boolean, destinationMute,
		"the evidence holds no reply of its destination to anybody, and replies of others; applies to requests").ahead(),
	row("sift.dst.idle", Boolean, destinationIdle,
		"the evidence holds no request that its destination sent to anybody; applies to replies that nobody asked for").ahead(),
	row("sift.nd.target", Address, targetAddress, "address that a neighbor solicitation asks for, or that an advertisement is of"),
	row("sift.nd.address", Address, claim(func(c *ingest.Claim) Value { return Value{Addr: c.Address} }),
		"address of which a neighbor discovery message gives the link-layer address: an advertisement's target, else the sender"),
	row("sift.nd.mac", Ether, claim(func(c *ingest.Claim) Value { return Value{Bytes: c.MAC} }),
		"that link-layer address, from the option, else from the Ethernet header"),
	row("sift.nd.option.wrong", Uint8, wrongOption, "type of the first option of a length that it cannot have, or that leads out of the message"),
	row("sift.nd.moved", Boolean, discovery(133, 136, func(p *ingest.Past) bool { return p.Moved }),
		"it gives an address another link-layer address than the message before it on that link did; applies to neighbor discovery but redirects").ahead(),
	row("sift.nd.usurped", Boolean, discovery(133, 136, func(p *ingest.Past) bool { return p.Usurped }),
		"it does so with an address by which a router of the link had advertised itself; applies to neighbor discovery but redirects").ahead(),
	row("sift.nd.answered", Boolean, discovery(135, 135, func(p *ingest.Past) bool { return p.Answered }),
		"an advertisement for the target came within 5 seconds; applies to neighbor solicitations").ahead(),
	row("sift.nd.denied", Boolean, discovery(136, 136, func(p *ingest.Past) bool { return p.Denied }),
		"somebody had asked for the target in the 5 seconds before, to see whether the address is free (RFC 4862); applies to neighbor advertisements").ahead(),
	row("sift.router.rival", Boolean, discovery(134, 134, func(p *ingest.Past) bool { return p.Rival }),
		"it offers a prefix or DNS server of its own on a link that another router had served for some time, or came later than that and asks to be preferred; applies to router advertisements").ahead(),
	row("sift.redirect.by", String, redirectBy,
		`who sent a redirect: "router" (its link-layer address brings packets from elsewhere, and is its sender's), "other" (its sender stood behind another one in the evidence) or "unknown"`).ahead(),
	row("sift.router.withdrawn", Boolean, discovery(134, 134, func(p *ingest.Past) bool { return p.Withdrawn }),
		"it takes back what its sender advertised: to be a default router; applies to router advertisements").ahead(),
)

func redirectBy(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	typ, _, ok := p.Type()
	switch past := &p.Case.Past; {
	case !ok || p.Case.Number == 0 || p.V6() && typ != 137 || !p.V6() && typ != 5:
		return dst
	case past.Routed:
		return append(dst, Value{Text: "router"})
	case past.Foreign:
		return append(dst, Value{Text: "other"})
	}
	return append(dst, Value{Text: "unknown"})
}

func destinationIdle(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.Case.Number > 0 && p.Case.Reply.Unsolicited {
		dst = append(dst, Value{Int: truth(p.Case.Past.Idle)})
	}
	return dst
}

func destinationMute(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if _, request := p.Exchange(); request && p.Case.Past.Acquainted {
		dst = append(dst, Value{Int: truth(p.Case.Past.Mute)})
	}
	return dst
}

func contactAge(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.Case.Past.Acquainted {
		dst = append(dst, Value{Int: p.Case.Past.Contact})
	}
	return dst
}

func contactSilent(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if _, request := p.Exchange(); request && p.Case.Past.Acquainted {
		dst = append(dst, Value{Int: int64(p.Case.Past.Silent)})
	}
	return dst
}

func targetAddress(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if a, ok := p.Target(); ok {
		dst = append(dst, Value{Addr: a})
	}
	return dst
}

func claim(get func(c *ingest.Claim) Value) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if c, ok := p.Claim(); ok {
			dst = append(dst, get(&c))
		}
		return dst
	}
}

// discovery applies to ICMPv6 messages of the types.
func discovery(low, high uint8, get func(p *ingest.Past) bool) getter {
	return func(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
		if typ, _, ok := p.Type(); ok && p.V6() && low <= typ && typ <= high && p.Case.Number > 0 {
			dst = append(dst, Value{Int: truth(get(&p.Case.Past))})
		}
		return dst
	}
}

// wrongOption gives the type of the first option whose length breaks its own RFC, or leads out of the message.
func wrongOption(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	m := p.Message()
	if m == nil || m.Proto != ingest.ProtoICMPv6 {
		return dst
	}
	for o := range m.Options() {
		if n := int(o[1]); !possible(o[0], n) || 8*n > len(o) && !m.Cut() {
			return append(dst, Value{Int: int64(o[0])})
		}
	}
	return dst
}

// possible tells whether an option can be n times 8 bytes long: none is empty (RFC 4861, 4.6); prefix information and MTU
// (RFC 4861), route information (RFC 4191), recursive DNS servers and search list (RFC 8106), NAT64 prefix (RFC 8781).
func possible(kind byte, n int) bool {
	switch kind {
	case 3:
		return n == 4
	case 5:
		return n == 1
	case 24:
		return 1 <= n && n <= 3
	case 25:
		return n >= 3 && n%2 == 1
	case 31, 38:
		return n >= 2
	}
	return n >= 1
}
