package build

import "net/netip"

// Zones that say on which side of the border an address lies; see sift.zone.*.
const homeZone, outsideZone = "home", "outside"

// special are networks whose addresses have zones of their own, whatever the home networks are.
var special = []netip.Prefix{netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("255.255.255.255/32"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("0.0.0.0/32"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("ff00::/8"), netip.MustParsePrefix("::/127"), netip.MustParsePrefix("fe80::/10")}

// zone says where an address or a whole network lies, as sift.zone.* does; "" of a network that lies in several zones.
func (b *builder) zone(address string) string {
	if a, err := netip.ParseAddr(address); err == nil {
		return b.in.Context.Zone(a)
	}
	p, err := netip.ParsePrefix(address)
	if err != nil {
		return ""
	}
	return b.network(p.Masked())
}

// network is the zone that all addresses of a network share. One that a border runs through is asked half by half: home
// networks can lie side by side.
func (b *builder) network(p netip.Prefix) string {
	if !b.divided(p) {
		return b.in.Context.Zone(p.Addr())
	}
	low, high := halves(p)
	if zone := b.network(low); zone != "" && zone == b.network(high) {
		return zone
	}
	return ""
}

// divided tells whether a network that has a zone of its own lies inside p and is not all of it.
func (b *builder) divided(p netip.Prefix) bool {
	for _, list := range [][]netip.Prefix{b.in.Context.Home, special} {
		for _, q := range list {
			if q.Overlaps(p) && q.Bits() > p.Bits() {
				return true
			}
		}
	}
	return false
}

// halves splits a network of more than one address.
func halves(p netip.Prefix) (low, high netip.Prefix) {
	bytes := p.Addr().AsSlice()
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	upper, _ := netip.AddrFromSlice(bytes) // as long as the address it was made of
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(upper, p.Bits()+1)
}
