package engine

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/rules"
)

// maxEndpoints bounds the addresses remembered on each side of a finding.
const maxEndpoints = 10_000

// side is one end of a finding.
type side struct {
	addrs map[netip.Addr]bool
	macs  map[[6]byte]bool
	more  bool // there are more addresses than are remembered
	last  netip.Addr
}

func newSide() side { return side{addrs: map[netip.Addr]bool{}, macs: map[[6]byte]bool{}} }

// take notes an address and, from an Ethernet frame, the MAC it stood behind.
func (s *side) take(a netip.Addr, p *ingest.Packet) {
	if !a.IsValid() {
		return
	}
	if a != s.last {
		s.last = a
		s.note(a)
	}
	if mac, ok := macOf(a, p); ok && (len(s.macs) < maxMACs || s.macs[mac]) {
		s.macs[mac] = true
	}
}

func (s *side) note(a netip.Addr) {
	switch {
	case s.addrs[a]:
	case len(s.addrs) < maxEndpoints:
		s.addrs[a] = true
	default:
		s.more = true
	}
}

// macOf is the link-layer address on the address's side of the frame; none if the frame has none, or goes to a group.
func macOf(a netip.Addr, p *ingest.Packet) (mac [6]byte, ok bool) {
	if p.Layers[0].Proto != ingest.ProtoEthernet || len(p.Layers[0].Bytes) < 12 {
		return mac, false
	}
	switch b := p.Layers[0].Bytes; {
	case a == p.Src():
		return [6]byte(b[6:12]), true
	case a == p.Dst() && b[0]&1 == 0:
		return [6]byte(b[:6]), true
	}
	return mac, false
}

// hardware lists the side's MACs, sorted.
func (s *side) hardware() []string {
	out := make([]string, 0, len(s.macs))
	for mac := range s.macs {
		out = append(out, net.HardwareAddr(mac[:]).String())
	}
	slices.Sort(out)
	return out
}

// maxApart is how many addresses without a network in common are told one by one.
const maxApart = 8

// hosts is the side as one host or network; a few addresses that no network encloses but the one that encloses all are told
// each for itself.
func (s *side) hosts(role string, macs []string) (out []rules.Host) {
	name := s.name()
	if _, single := s.single(); single || s.more || len(s.addrs) > maxApart || !strings.HasSuffix(name, "/0") && name != "any" {
		return []rules.Host{{Address: name, Role: role, MACs: macs}}
	}
	if len(macs) > 1 { // whose is which is not known
		macs = nil
	}
	for _, a := range slices.SortedFunc(maps.Keys(s.addrs), netip.Addr.Compare) {
		out = append(out, rules.Host{Address: a.String(), Role: role, MACs: macs})
	}
	return out
}

// name is the address, or the smallest network that encloses nearly all of them: nine in ten, so that a stray one does
// not make it the Internet.
func (s *side) name() string {
	if a, ok := s.single(); ok {
		return a.String()
	}
	if len(s.addrs) == 0 {
		return ""
	}
	sorted := make([]netip.Addr, 0, len(s.addrs))
	for a := range s.addrs {
		sorted = append(sorted, a)
	}
	slices.SortFunc(sorted, netip.Addr.Compare)
	best, bits, most := netip.Prefix{}, 0, (9*len(sorted)+9)/10
	for i := 0; i+most <= len(sorted); i++ {
		if p := enclosing(sorted[i], sorted[i+most-1]); p.IsValid() && p.Bits() > bits && p.Bits() >= widest(p.Addr()) {
			best, bits = p, p.Bits()
		}
	}
	if bits == 0 {
		return everywhere(sorted[0], sorted[len(sorted)-1])
	}
	return best.String()
}

// widest is the shortest prefix that still says something of its hosts: the registries give out no larger networks.
func widest(a netip.Addr) int {
	if a.Is4() {
		return 8
	}
	return 16
}

// enclosing is the smallest network that holds both addresses; invalid if they are of two versions of IP.
func enclosing(a, b netip.Addr) netip.Prefix {
	if a.BitLen() != b.BitLen() {
		return netip.Prefix{}
	}
	low, high := 0, a.BitLen()
	for low < high {
		middle := (low + high + 1) / 2
		if p, err := a.Prefix(middle); err == nil && p.Contains(b.WithZone("")) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	p, _ := a.Prefix(low) // low is within the address
	return p
}

// everywhere is the whole address space of two addresses' version of IP, "any" for both versions.
func everywhere(lowest, highest netip.Addr) string {
	switch {
	case lowest.BitLen() != highest.BitLen():
		return "any"
	case highest.Is6():
		return "::/0"
	}
	return "0.0.0.0/0"
}

// within tells whether all addresses of the side are known, and lie in a network or are the address.
func (s *side) within(network string) bool {
	p, err := netip.ParsePrefix(network)
	if a, aerr := netip.ParseAddr(network); aerr == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	if err != nil || s.more || len(s.addrs) == 0 {
		return false
	}
	for a := range s.addrs {
		if !p.Contains(a) {
			return false
		}
	}
	return true
}

// single is the one address of the side, if it is one.
func (s *side) single() (netip.Addr, bool) {
	for a := range s.addrs {
		return a, len(s.addrs) == 1 && !s.more
	}
	return netip.Addr{}, false
}
