package field

import "icmpsift/ingest"

var ip6Fields = in(ingest.ProtoIPv6,
	row("ipv6", Protocol, ip6Header, "IPv6 header with its extension headers"),
	row("ipv6.version", Uint8, bits(0, 1, 0xf0), "version, 6").constant(),
	row("ipv6.tclass", Uint32, bits(0, 4, 0x0ff00000), "traffic class").hex(),
	row("ipv6.tclass.dscp", Uint32, bits(0, 4, 0x0fc00000), "differentiated services code point").named(codePoints),
	row("ipv6.tclass.ecn", Uint32, bits(0, 4, 0x00300000), "explicit congestion notification").named(congestion),
	row("ipv6.flow", Uint24, bits(1, 3, 0x0fffff), "flow label").hex(),
	row("ipv6.plen", Uint16, holding(7, number(4, 2)), "payload length in bytes, extension headers included"),
	row("ipv6.nxt", Uint8, number(6, 1), "next header: what follows the IPv6 header").named(ipProtocols).constant(),
	row("ipv6.hlim", Uint8, number(7, 1), "hop limit"),
	row("ipv6.src", IPv6, ip6(8), "source address"),
	row("ipv6.src_host", String, ip6(8), "source address as text").asHost(),
	row("ipv6.dst", IPv6, ip6(24), "destination address"),
	row("ipv6.dst_host", String, ip6(24), "destination address as text").asHost(),
	row("ipv6.addr", IPv6, both(ip6(8), ip6(24)), "source and destination address"),
	row("ipv6.host", String, both(ip6(8), ip6(24)), "source and destination address as text").asHost(),
	row("ipv6.invalid_header", None, shortHeader6, "expert error: fewer than 40 bytes stand where the header should"),
	row("ipv6.plen_exceeds_framing", None, longPayload, "expert warning: the payload length exceeds what the packet holds"),
	row("ipv6.fragments", None, reassembled6(wholePresent), "this frame completes a fragmented datagram").ahead(),
	row("ipv6.fragment", Frame, reassembled6(wholeFrames), "frames the datagram was put together from").ahead(),
	row("ipv6.fragment.count", Uint32, reassembled6(wholeCount), "how many fragments the datagram had").ahead(),
	row("ipv6.fragment.overlap", Boolean, reassembled6(partsThat(ingest.PartOverlap)), "a fragment overlaps another").ahead(),
	row("ipv6.fragment.overlap.conflict", Boolean, reassembled6(partsThat(ingest.PartConflict)), "a fragment overlaps another with different bytes").ahead(),
	row("ipv6.fragment.multipletails", Boolean, reassembled6(partsThat(ingest.PartMultipleTails)), "a fragment is said to be the last, as another is").ahead(),
	row("ipv6.fragment.toolongfragment", Boolean, reassembled6(partsThat(ingest.PartTooLong)), "a fragment reaches past the datagram's end").ahead(),
	row("ipv6.fragment.error", Frame, reassembled6(wrongFrames), "frames of fragments that something is wrong with").ahead(),
	row("ipv6.reassembled.in", Frame, reassembledIn(ingest.ProtoIPv6), "frame that completes the datagram of this fragment").ahead(),
	row("ipv6.reassembled.length", Uint32, reassembled6(wholeLength), "bytes of the reassembled payload").ahead(),
	row("ipv6.reassembled.data", Bytes, reassembled6(wholePayload), "the reassembled payload").ahead(),
)

// ip6Header is the header and the extension headers behind it; those of a fragment without its datagram do not count.
func ip6Header(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := p.Layers[i].Bytes
	n := 40
	for k := i + 1; k < len(p.Layers) && extends(p.Layers[k].Proto) && p.Layers[k].Quoted == p.Layers[i].Quoted; k++ {
		n += p.Layers[k].Header
	}
	if p.Fragment && p.Layers[i].Quoted == 0 {
		n = 40
	}
	return append(dst, protocol(b, n))
}

// extends tells whether the layer is an IPv6 extension header (RFC 8200).
func extends(proto ingest.Proto) bool {
	switch proto {
	case ingest.ProtoHopByHop, ingest.ProtoRouting, ingest.ProtoIPv6Fragment, ingest.ProtoDestOpts:
		return true
	}
	return false
}

// holding reads from layers of which n bytes were captured: Wireshark read that far before it showed the item.
func holding(n int, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if len(p.Layers[i].Bytes) >= n {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func shortHeader6(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if p.Layers[i].Reported < 40 {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func longPayload(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if b := span(l.Bytes, 4, 2); len(l.Bytes) >= 40 && l.Quoted == 0 && be(b) > int64(l.Reported-40) {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

// reassembled6 reads from the datagram that this frame completes; the fragment header must stand in this IPv6 layer.
func reassembled6(get func(w *ingest.Datagram, dst []Value) []Value) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		for k := i + 1; k < len(p.Layers) && extends(p.Layers[k].Proto); k++ {
			if w := p.Completed(k); w != nil {
				return get(w, dst)
			}
		}
		return dst
	}
}

func wholePresent(w *ingest.Datagram, dst []Value) []Value {
	return append(dst, Value{Int: 1, Bytes: w.Payload})
}
