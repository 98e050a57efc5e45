package ingest

import "net/netip"

// Src is the source address of the IP header that carries the ICMP message, as Wireshark's Source column and its
// matching have it: of a mobile node away from home its home address. Zero when there is none.
func (p *Packet) Src() netip.Addr {
	if p.IP < 0 {
		return netip.Addr{}
	}
	src := p.Layers[p.IP].Src()
	if !src.Is6() {
		return src
	}
	for i := p.IP + 1; i < p.ICMP; i++ {
		if home := p.Layers[i].Home(); home != nil {
			src = netip.AddrFrom16([16]byte(home))
		}
	}
	return src
}

// Dst is the final destination of the IP header that carries the ICMP message, as Wireshark's Destination column and
// its matching have it: behind a source route or a routing header not the header's own. Zero when there is none.
func (p *Packet) Dst() netip.Addr {
	if p.IP < 0 {
		return netip.Addr{}
	}
	dst := p.Layers[p.IP].Dst()
	if !dst.Is6() {
		return dst
	}
	for i := p.IP + 1; i < p.ICMP; i++ {
		if l := &p.Layers[i]; l.Proto == ProtoRouting {
			dst = l.FinalDst(dst)
		}
	}
	return dst
}

// Src is the source address of an IP layer; zero for other layers and headers cut short.
func (l *Layer) Src() netip.Addr { return l.address(12, 8) }

// Dst is the destination address of an IP layer: of IPv4 the end of a source route that is not done (RFC 791, 3.1), as
// Wireshark's ip.dst; of IPv6 the header's, as ipv6.dst. See [Layer.Src].
func (l *Layer) Dst() netip.Addr {
	if l.Proto == ProtoIPv4 && l.Header > 20 && len(l.Bytes) >= l.Header {
		if route := sourceRoute(l.Bytes[20:l.Header]); route != nil {
			return netip.AddrFrom4([4]byte(route[len(route)-4:]))
		}
	}
	return l.address(16, 24)
}

func (l *Layer) address(v4, v6 int) netip.Addr {
	switch {
	case l.Proto == ProtoIPv4 && len(l.Bytes) >= v4+4:
		return netip.AddrFrom4([4]byte(l.Bytes[v4 : v4+4]))
	case l.Proto == ProtoIPv6 && len(l.Bytes) >= v6+16:
		return netip.AddrFrom16([16]byte(l.Bytes[v6 : v6+16]))
	}
	return netip.Addr{}
}

// sourceRoute is the loose or strict source route option that still has a way to go; nil if there is none.
func sourceRoute(options []byte) []byte {
	for len(options) > 1 && options[0] != 0 { // end of options
		if options[0] == 1 { // no operation
			options = options[1:]
			continue
		}
		n := int(options[1])
		if n < 2 || n > len(options) {
			return nil
		}
		if o := options[:n]; o[0] == 131 || o[0] == 137 {
			if n < 7 || o[2] < 4 || o[2]%4 != 0 || int(o[2]) >= n {
				return nil
			}
			return o
		}
		options = options[n:]
	}
	return nil
}

// FinalDst is the address that a packet with this routing header, now on its way to dst, is meant for: dst itself when
// no segments are left or the type is not known. Checksums behind the header are over it (RFC 8200, 8.1).
func (l *Layer) FinalDst(dst netip.Addr) netip.Addr {
	header := l.Bytes[:min(l.Header, len(l.Bytes))]
	if len(header) < 8 || header[3] == 0 {
		return dst
	}
	switch kind := header[2]; {
	case kind == 3:
		return finalRPL(header, dst)
	case len(header) < 24:
	case kind == 0: // source route, RFC 2460: the last address
		return netip.AddrFrom16([16]byte(header[8+(len(header)-24)/16*16:][:16]))
	case kind == 2 || kind == 4: // mobile IPv6, RFC 6275; segment routing, RFC 8754, lists the last segment first
		return netip.AddrFrom16([16]byte(header[8:24]))
	}
	return dst
}

// Home is the home address that an IPv6 destination options header names (RFC 6275, 6.3): the node that sent the packet
// from elsewhere. Checksums behind the header are over it. Nil if there is none.
func (l *Layer) Home() []byte {
	if l.Proto != ProtoDestOpts || len(l.Bytes) < 2 {
		return nil
	}
	for o := l.Bytes[2:max(2, min(l.Header, len(l.Bytes)))]; len(o) > 1; {
		switch n := 2 + int(o[1]); {
		case o[0] == 0: // Pad1
			o = o[1:]
		case n > len(o):
			return nil
		case o[0] == 0xc9 && n == 18:
			return o[2:18]
		default:
			o = o[n:]
		}
	}
	return nil
}

// finalRPL is the last address of an RPL source route, whose first bytes are elided (RFC 6554, 3).
func finalRPL(header []byte, dst netip.Addr) netip.Addr {
	elided, padding := int(header[4]&0x0f), int(header[5]>>4)
	end := len(header) - padding
	if end-(16-elided) < 8 {
		return dst
	}
	a := dst.As16()
	copy(a[elided:], header[end-(16-elided):end])
	return netip.AddrFrom16(a)
}
