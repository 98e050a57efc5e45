package ingest

import (
	"iter"
	"net/netip"
)

// Options gives the options of an ICMPv6 message that has any (see [Layer.OptionStart]), type and length bytes included, as
// far as captured; the last one may be cut. An option of length 0 is given with its first two bytes, and ends them.
func (l *Layer) Options() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		start := l.OptionStart()
		if start < 0 || start > len(l.Bytes) {
			return
		}
		for rest := l.Bytes[start:]; len(rest) >= 2; {
			n := min(8*int(rest[1]), len(rest))
			if n == 0 {
				yield(rest[:2])
				return
			}
			if !yield(rest[:n:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Claim is what a neighbour discovery message (RFC 4861) says of where an address is: the target of an advertisement, the
// sender of a solicitation or of a router's advertisement, and its link-layer address.
type Claim struct {
	Address netip.Addr
	MAC     []byte // 48 bits, of the packet's own bytes
}

// Claim reads it; ok is false for other messages, for those without an address (duplicate address detection), and where
// neither an option nor an Ethernet header tells a link-layer address of 48 bits.
func (p *Packet) Claim() (c Claim, ok bool) {
	typ, _, ok := p.Type()
	if !ok || !p.V6() || typ < 133 || typ > 136 {
		return c, false
	}
	kind := byte(1)
	if c.Address, ok = p.Src(), true; typ == 136 {
		c.Address, ok = p.Target()
		kind = 2
	}
	if !ok || !c.Address.IsValid() || c.Address.IsUnspecified() {
		return c, false
	}
	for o := range p.Message().Options() {
		if o[0] == kind && o[1] == 1 && len(o) == 8 {
			c.MAC = o[2:8:8]
			return c, true
		}
	}
	c.MAC, ok = p.Sender()
	return c, ok
}

// Sender is the source of the frame's own Ethernet header; ok is false where the frame begins otherwise.
func (p *Packet) Sender() (mac []byte, ok bool) {
	if l := &p.Layers[0]; l.Proto == ProtoEthernet && len(l.Bytes) >= 12 {
		return l.Bytes[6:12:12], true
	}
	return mac, false
}

// Target is the address that a neighbour solicitation asks for, or that an advertisement is of.
func (p *Packet) Target() (a netip.Addr, ok bool) {
	typ, _, ok := p.Type()
	if !ok || !p.V6() || typ != 135 && typ != 136 || len(p.Message().Bytes) < 24 {
		return a, false
	}
	return netip.AddrFrom16([16]byte(p.Message().Bytes[8:24])), true
}

// Tentative is the address that a neighbour solicitation asks for to see whether it is free (RFC 4862, 5.4.2).
func (p *Packet) Tentative() (a netip.Addr, ok bool) {
	if typ, _, _ := p.Type(); typ != 135 || !p.Src().IsUnspecified() {
		return a, false
	}
	return p.Target()
}
