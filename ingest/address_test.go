package ingest

import (
	"net/netip"
	"testing"
)

func TestSourceRoute(t *testing.T) {
	const src, dst, via, end = "198.51.100.1", "203.0.113.2", "192.0.2.7", "192.0.2.9"
	a := func(s string) []byte { b := netip.MustParseAddr(s).As4(); return b[:] }
	route := func(kind, pointer byte, stops ...string) []byte {
		b := []byte{kind, byte(3 + 4*len(stops)), pointer}
		for _, s := range stops {
			b = append(b, a(s)...)
		}
		return b
	}
	for _, tt := range []struct {
		name    string
		options []byte
		want    string
	}{
		{"none", nil, dst},
		{"loose", route(131, 4, via, end), end},
		{"strict", route(137, 4, end), end},
		{"half way", route(131, 8, via, end), end},
		{"done", route(131, 12, via, end), dst},
		{"record route", route(7, 4, end), dst},
		{"behind no operation", append([]byte{1}, route(131, 4, end)...), end},
		{"behind the end of options", append([]byte{0}, route(131, 4, end)...), dst},
		{"two: the first counts", append(route(131, 4, end), route(137, 4, via)...), end},
		{"pointer into an address", route(131, 5, via, end), dst},
		{"pointer into the option's head", route(131, 3, via, end), dst},
		{"no address", []byte{131, 3, 4}, dst},
		{"longer than the header", []byte{131, 60, 4, 1, 2, 3, 4}, dst},
		{"without a length", []byte{131}, dst},
	} {
		o := append(tt.options, make([]byte, (4-len(tt.options)%4)%4)...)
		b := append([]byte{byte(0x45 + len(o)/4), 11: 0}, append(append(a(src), a(dst)...), o...)...)
		p := Packet{ICMP: 1, IP: 0, Layers: []Layer{{Proto: ProtoIPv4, Header: len(b), Bytes: b, Reported: len(b)}, {Proto: ProtoICMPv4}}}
		if got := p.Dst(); got != netip.MustParseAddr(tt.want) || p.Src() != netip.MustParseAddr(src) {
			t.Errorf("%s: from %v to %v, want %s", tt.name, p.Src(), got, tt.want)
		}
	}
}

func TestRoutingHeader(t *testing.T) {
	const src, dst, via, end = "2001:db8::1", "2001:db8::2", "2001:db8::7", "2001:db8::9"
	a := func(s string) []byte { b := netip.MustParseAddr(s).As16(); return b[:] }
	header := func(kind, left byte, more []byte) []byte {
		b := append([]byte{58, 0, kind, left, 0, 0, 0, 0}, more...)
		b[1] = byte(len(b)/8 - 1)
		return b
	}
	two := append(a(via), a(end)...)
	for _, tt := range []struct {
		name   string
		header []byte
		want   string
	}{
		{"source route", header(0, 2, two), end},
		{"source route, done", header(0, 0, two), dst},
		{"home address", header(2, 1, a(end)), end},
		{"segments, the last first", header(4, 1, append(a(end), a(via)...)), end},
		{"RPL", header(3, 1, two), end},
		{"RPL, eight bytes elided", []byte{58, 2, 3, 1, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9}, end},
		{"unknown kind", header(5, 1, two), dst},
		{"no address", header(0, 1, nil), dst},
		{"cut", []byte{58, 2, 0}, dst},
	} {
		ip := append(append([]byte{0x60, 7: 64}, a(src)...), a(dst)...)
		p := Packet{ICMP: 2, IP: 0, Layers: []Layer{{Proto: ProtoIPv6, Header: 40, Bytes: ip}, {Proto: ProtoRouting, Header: len(tt.header), Bytes: tt.header}, {Proto: ProtoICMPv6}}}
		if got := p.Dst(); got != netip.MustParseAddr(tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
		if got := p.Layers[0].Dst(); got != netip.MustParseAddr(dst) {
			t.Errorf("%s: the header's own is %v", tt.name, got)
		}
	}
}
