package field

import (
	"strings"

	"icmpsift/ingest"
)

// Raw is the bytes the item was read from, nil for items that were worked out and for those that are only text.
func (n *Node) Raw() []byte {
	if n.Field == nil {
		return nil
	}
	return n.Value.Bytes
}

// Position is where b, a part of the packet, begins in the frame, or in the reassembled datagram that holds it; 0 if neither.
func Position(p *ingest.Packet, b []byte) int {
	if at := Offset(p.Data, b); at >= 0 {
		return max(0, at-p.PseudoHeader())
	}
	for w := p.Whole; w != nil; w = w.Inner {
		if at := Offset(w.Payload, b); at >= 0 {
			return at
		}
	}
	return 0
}

// Mask is which bits of its bytes a value was read from, 0 for all.
func (v Value) Mask() int64 { return v.mask }

// Registered is the protocol that Wireshark registers the field under, "" for protocols; in is the item it stands in, which
// tells for the one field that two protocols register.
func (f *Field) Registered(in string) string {
	switch {
	case f.Type == Protocol:
		return ""
	case f.Name == "ip.version" && in == "ipv6":
		return in
	}
	for _, alone := range [...]string{"ip.options.", "tcp.options."} { // pseudo-protocols
		if rest, ok := strings.CutPrefix(f.Name, alone); ok && f.Type == Bytes && !strings.Contains(rest, ".") {
			return ""
		}
	}
	for end := strings.LastIndexByte(f.Name, '.'); end > 0; end = strings.LastIndexByte(f.Name[:end], '.') {
		if over := byName[f.Name[:end]]; over != nil && over.Type == Protocol {
			return over.Name
		}
	}
	over, _, _ := strings.Cut(f.Name, ".")
	return over
}

// Since tells whether answers are those of the Wireshark version or a later one.
func (c *Context) Since(version string) bool { return c.since(version) }

// ftenum has Wireshark's numbers of the types, the same from 4.0 to 4.4.
var ftenum = [...]int{Protocol: 1, None: 0, Boolean: 2, Uint8: 4, Uint16: 5, Uint24: 6, Uint32: 7, Uint48: 9, Uint64: 11, Int16: 13, Int32: 15, Int64: 19, Double: 23, Frame: 35,
	IPv4: 32, IPv6: 33, Address: 33, Ether: 29, Bytes: 30, String: 26, AbsoluteTime: 24, RelativeTime: 25}

// Number is Wireshark's number of the item's type (ftenum), which its raw output gives.
func (n *Node) Number() int {
	if n.Field.Display == MAC && len(n.Value.Bytes) == 6 {
		return ftenum[Ether]
	}
	return ftenum[n.Field.Type]
}
