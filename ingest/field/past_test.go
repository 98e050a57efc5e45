package field_test

import (
	"slices"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

func TestPast(t *testing.T) {
	request := decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1)))))
	expect(t, nil, request, map[string]string{"sift.contact.age": "", "sift.nd.moved": "", "sift.router.rival": ""})
	request.Case = ingest.Case{Number: 1, Past: ingest.Past{Acquainted: true, Contact: 5e6, Silent: 40, Moved: true}}
	expect(t, nil, request, map[string]string{"sift.contact.age": "0.005000000", "sift.contact.silent": "40", "sift.nd.moved": ""})

	target := make([]byte, 16)
	target[15] = 9
	na := decoded(t, eth6(ip6(58, icmp6(136, 0, u32(0x20000000), target, []byte{2, 1, 2, 0, 0, 0, 0, 7}))))
	expect(t, nil, na, map[string]string{"sift.nd.target": "::9", "sift.nd.address": "::9", "sift.nd.mac": "02:00:00:00:00:07", "sift.nd.option.wrong": "", "sift.nd.moved": "", "sift.nd.denied": ""})
	na.Case = ingest.Case{Number: 1, Past: ingest.Past{Moved: true, Usurped: true}}
	expect(t, nil, na, map[string]string{"sift.nd.moved": "True", "sift.nd.usurped": "True"})
	na.Case = ingest.Case{Number: 1, Past: ingest.Past{Moved: true}}
	expect(t, nil, na, map[string]string{"sift.nd.moved": "True", "sift.nd.usurped": "False", "sift.nd.denied": "False", "sift.router.rival": "", "sift.contact.age": ""})

	reply := decoded(t, eth4(ip4(1, icmp4(0, 0, u32(1)))))
	for want, x := range map[string]ingest.Case{
		"":      {Number: 1, Past: ingest.Past{Idle: true}}, // somebody asked for it
		"True":  {Number: 1, Past: ingest.Past{Idle: true}, Reply: ingest.Reply{Unsolicited: true}},
		"False": {Number: 1, Reply: ingest.Reply{Unsolicited: true}},
	} {
		reply.Case = x
		expect(t, nil, reply, map[string]string{"sift.dst.idle": want})
	}

	ra := decoded(t, eth6(ip6(58, icmp6(134, 0, u32(0), make([]byte, 8)))))
	ra.Case = ingest.Case{Number: 1, Past: ingest.Past{Rival: true, Withdrawn: true}}
	expect(t, nil, ra, map[string]string{"sift.router.rival": "True", "sift.router.withdrawn": "True", "sift.nd.moved": "False", "sift.nd.denied": ""})
}

// Only lengths that the options' own RFCs rule out are wrong.
func TestWrongOption(t *testing.T) {
	for _, tt := range []struct {
		kind, n byte
		want    string
	}{{1, 1, ""}, {1, 2, ""}, {1, 0, "1"}, {3, 4, ""}, {3, 3, "3"}, {5, 1, ""}, {5, 2, "5"}, {24, 1, ""}, {24, 3, ""}, {24, 4, "24"},
		{25, 3, ""}, {25, 5, ""}, {25, 4, "25"}, {25, 1, "25"}, {31, 2, ""}, {31, 1, "31"}, {38, 2, ""}, {38, 1, "38"}, {200, 9, ""}} {
		o := append([]byte{tt.kind, tt.n}, make([]byte, max(0, 8*int(tt.n)-2))...)
		p := decoded(t, eth6(ip6(58, icmp6(133, 0, u32(0), o))))
		if got := answer(get(t, "sift.nd.option.wrong"), nil, p); got != tt.want {
			t.Errorf("option %d of length %d: %q, want %q", tt.kind, tt.n, got, tt.want)
		}
	}
}

// An option that leads out of the message is wrong, unless the capture holds less of it than was sent.
func TestOptionLeadsOut(t *testing.T) {
	frame := eth6(ip6(58, icmp6(133, 0, u32(0), []byte{1, 2, 0, 0, 0, 0, 0, 0})))
	p := decoded(t, frame)
	expect(t, nil, p, map[string]string{"sift.nd.option.wrong": "1"})
	p.Message().Reported += 8
	expect(t, nil, p, map[string]string{"sift.nd.option.wrong": ""})
}

func TestQuotedSize(t *testing.T) {
	probe := ip4(17, cat(u16(40000), u16(53), u16(12), u16(0)))
	probe[2], probe[3] = 5, 0xdc // 1500
	p := decoded(t, eth4(ip4(1, icmp4(3, 4, u16(0), u16(1400), probe))))
	expect(t, nil, p, map[string]string{"sift.mtu": "1400", "sift.quoted.length": "1500", "sift.quoted.offset": "0", "sift.quoted.ttl": "64"})
	probe[6], probe[7] = 0x20, 9 // more fragments, at 72
	expect(t, nil, decoded(t, eth4(ip4(1, icmp4(3, 3, u32(0), probe)))), map[string]string{"sift.mtu": "", "sift.quoted.offset": "72"})
	big := ip6(17, cat(u16(40000), u16(53), u16(12), u16(0)))
	big[4], big[5] = 5, 0xb4 // 1460 behind the header
	expect(t, nil, decoded(t, eth6(ip6(58, icmp6(2, 0, u32(1280), big)))), map[string]string{"sift.mtu": "1280", "sift.quoted.length": "1500"})
	piece := ip6(44, cat([]byte{17, 0, 0, 81, 0, 0, 0, 1}, make([]byte, 8))) // at 80, more to come
	expect(t, nil, decoded(t, eth6(ip6(58, icmp6(1, 0, u32(0), piece)))), map[string]string{"sift.mtu": "", "sift.quoted.offset": "80"})
}

// The number of a quoted datagram is the same whatever routers changed, and another one for another datagram.
func TestQuotedDatagram(t *testing.T) {
	four, six := ip4(17, cat(u16(40000), u16(53), u16(12), u16(0), u32(7))), ip6(17, cat(u16(40000), u16(53), u16(12), u16(0), u32(7)))
	number := func(quote []byte) string {
		frame := eth4(ip4(1, icmp4(11, 0, u32(0), quote)))
		if quote[0]>>4 == 6 {
			frame = eth6(ip6(58, icmp6(3, 0, u32(0), quote)))
		}
		return answer(get(t, "sift.quoted.datagram"), nil, decoded(t, frame))
	}
	for _, tt := range []struct {
		name  string
		quote []byte
		at    int
		same  bool
	}{
		{"service", four, 1, true}, {"identification", four, 5, false}, {"time to live", four, 8, true}, {"checksum", four, 10, true},
		{"source", four, 15, false}, {"destination", four, 16, false}, {"port", four, 23, false}, {"data", four, 28, true},
		{"flow", six, 3, true}, {"hop limit", six, 7, true}, {"length", six, 5, false}, {"source, IPv6", six, 8, false}, {"port, IPv6", six, 43, false}, {"data, IPv6", six, 48, true},
	} {
		other := slices.Clone(tt.quote)
		other[tt.at] ^= 1
		if got := number(tt.quote) == number(other); got != tt.same {
			t.Errorf("%s: the same is %v", tt.name, got)
		}
	}
	if got := number(four[:27]); got != "" {
		t.Errorf("less than 8 bytes behind the header: %s", got)
	}
}

// Who sent a redirect is told of redirects.
func TestRedirectBy(t *testing.T) {
	four, six, reply := decoded(t, eth4(ip4(1, icmp4(5, 1, u32(0))))), decoded(t, eth6(ip6(58, icmp6(137, 0, u32(0))))), decoded(t, eth4(ip4(1, icmp4(0, 0, u32(0)))))
	for _, tt := range []struct {
		p    *ingest.Packet
		past ingest.Past
		want string
	}{
		{four, ingest.Past{}, "unknown"}, {four, ingest.Past{Routed: true}, "router"}, {six, ingest.Past{Foreign: true}, "other"}, {six, ingest.Past{}, "unknown"}, {reply, ingest.Past{}, ""},
	} {
		tt.p.Case = ingest.Case{Number: 1, Past: tt.past}
		expect(t, nil, tt.p, map[string]string{"sift.redirect.by": tt.want})
		tt.p.Case.Number = 0
		expect(t, nil, tt.p, map[string]string{"sift.redirect.by": ""})
	}
}

// A datagram's length is that of all its fragments, and those overlap that are no copies.
func TestFragmentFacts(t *testing.T) {
	whole := ip4(1, icmp4(8, 0, u32(1), make([]byte, 32))) // 40 bytes of message
	for name, tt := range map[string]struct {
		cuts          [][2]int
		datagram, yes string
	}{
		"none":    {[][2]int{{0, 40}}, "60", "False"},
		"two":     {[][2]int{{0, 16}, {16, 40}}, "60", "False"},
		"copied":  {[][2]int{{0, 16}, {0, 16}, {16, 40}}, "60", "False"},
		"overlap": {[][2]int{{0, 24}, {16, 40}}, "60", "True"},
	} {
		d := decode.New(decode.Options{})
		var p ingest.Packet
		for i, c := range tt.cuts {
			b := slices.Concat(whole[:20], whole[20+c[0]:20+c[1]])
			b[2], b[3], b[6], b[7] = 0, byte(len(b)), 0, byte(c[0]/8)
			if c[1] < 40 {
				b[6] = 0x20
			}
			b[10], b[11] = 0, 0
			b = eth4(b)
			d.Decode(&ingest.Frame{Number: int64(i + 1), Link: ingest.LinkEthernet, Wire: len(b), Data: b}, &p)
		}
		expect(t, nil, &p, map[string]string{"sift.datagram": tt.datagram, "sift.fragment.overlap": tt.yes})
		if t.Failed() {
			t.Fatal(name)
		}
	}
}
