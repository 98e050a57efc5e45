package decode_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// layers is a packet's layers in short: each quoted one behind as many ">" as errors quote it, with its parent,
// header, captured and reported length.
func layers(p *ingest.Packet) string {
	var out []string
	for _, l := range p.Layers {
		s := fmt.Sprintf("%s%s/%d:%d+%d", strings.Repeat(">", int(l.Quoted)), l.Proto, l.Parent, l.Header, len(l.Bytes)-l.Header)
		if l.Reported != len(l.Bytes) {
			s += fmt.Sprintf("(%d)", l.Reported)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func hop(next int) []byte { return []byte{byte(next), 0, 5, 2, 0, 0, 1, 0} }

func route(next, kind, left int, addresses ...string) []byte {
	b := []byte{byte(next), byte(2 * len(addresses)), byte(kind), byte(left), 0, 0, 0, 0}
	for _, a := range addresses {
		b = append(b, address(a)...)
	}
	return b
}

var layerTests = []struct {
	name     string
	link     ingest.LinkType
	bytes    []byte
	want     string
	problems ingest.Problem
}{
	{"echo", 1, ether(0x0800, ip4(1, echo("abc"))), "eth/-1:14+31 ip/0:20+11 icmp/1:8+3 data/2:0+3", 0},
	{"echo without payload", 1, ether(0x0800, ip4(1, echo(""))), "eth/-1:14+28 ip/0:20+8 icmp/1:8+0", 0},
	{"padding", 1, ether(0x0800, join(ip4(1, echo("abc")), make([]byte, 15))), "eth/-1:14+46 ip/0:20+11 icmp/1:8+3 data/2:0+3", 0},
	{"vlan", 1, ether(0x8100, tag(30, 0x0800, ip4(1, echo("")))), "eth/-1:14+32 vlan/0:4+28 ip/1:20+8 icmp/2:8+0", 0},
	{"qinq", 1, ether(0x88a8, tag(9, 0x8100, tag(30, 0x86dd, ip6(58, echo6("x"))))), "eth/-1:14+57 ieee8021ad/0:4+53 vlan/1:4+49 ipv6/2:40+9 icmpv6/3:8+1 data/4:0+1", 0},
	{"snap", 1, ether(36, join([]byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip4(1, echo("")), []byte("pad"))), "eth/-1:14+39 llc/0:8+28 ip/1:20+8 icmp/2:8+0", 0},
	{"cooked v1", 113, join(make([]byte, 14), []byte{8, 0}, ip4(1, echo(""))), "sll/-1:16+28 ip/0:20+8 icmp/1:8+0", 0},
	{"cooked v1, odd address length", 113, join([]byte{0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, ip4(1, echo(""))), "sll/-1:16+28 ip/0:20+8 icmp/1:8+0", 0},
	{"cooked v2", 276, join([]byte{0x86, 0xdd}, make([]byte, 18), ip6(58, echo6(""))), "sll/-1:20+48 ipv6/0:40+8 icmpv6/1:8+0", 0},
	{"null, little endian", 0, join([]byte{2, 0, 0, 0}, ip4(1, echo(""))), "null/-1:4+28 ip/0:20+8 icmp/1:8+0", 0},
	{"null, big endian", 0, join([]byte{0, 0, 0, 30}, ip6(58, echo6(""))), "null/-1:4+48 ipv6/0:40+8 icmpv6/1:8+0", 0},
	{"loop", 108, join([]byte{0, 0, 0, 24}, ip6(58, echo6(""))), "null/-1:4+48 ipv6/0:40+8 icmpv6/1:8+0", 0},
	{"raw 4", 101, ip4(1, echo("")), "ip/-1:20+8 icmp/0:8+0", 0},
	{"raw 6", 12, ip6(58, echo6("")), "ipv6/-1:40+8 icmpv6/0:8+0", 0},
	{"unknown link", 147, ip4(1, echo("")), "", ingest.UnknownLink},
	{"arp", 1, ether(0x0806, make([]byte, 28)), "eth/-1:14+28 arp/0:28+0", 0},
	{"unknown ethertype", 1, ether(0x88cc, []byte("lldp")), "eth/-1:14+4 data/0:0+4", 0},
	{"ip options", 101, datagram{protocol: 1, options: []byte{7, 3, 4, 0}, payload: echo("")}.bytes(), "ip/-1:24+8 icmp/0:8+0", 0},
	{"ip options gopacket refuses", 101, datagram{protocol: 1, options: []byte{0x82, 0x80, 0, 0}, payload: echo("")}.bytes(), "ip/-1:24+8 icmp/0:8+0", 0},
	{"total length of segmentation offload", 101, join(ip4(1, nil)[:2], []byte{0, 0}, ip4(1, echo("abc"))[4:]), "ip/-1:20+11 icmp/0:8+3 data/1:0+3", 0},
	{"total length beyond the packet", 101, datagram{protocol: 1, length: 99, payload: echo("")}.bytes(), "ip/-1:20+8 icmp/0:8+0", ingest.BogusLength},
	{"total length less than the header", 101, datagram{protocol: 1, length: 19, payload: echo("")}.bytes(), "ip/-1:4+0(28)", ingest.BogusLength},
	{"nothing carried", 101, ip4(1, nil), "ip/-1:20+0", 0},
	{"echo of 7 bytes", 101, ip4(1, echo("")[:7]), "ip/-1:20+7 icmp/0:7+0", ingest.Malformed},
	{"icmp of 1 byte", 101, ip4(1, []byte{8}), "ip/-1:20+1 icmp/0:1+0", ingest.Malformed},
	{"unknown type", 101, ip4(1, icmp(99, 0, be32(0), []byte("data"))), "ip/-1:20+12 icmp/0:8+4", 0},
	{"timestamp", 101, ip4(1, icmp(13, 0, be32(1), make([]byte, 11))), "ip/-1:20+19 icmp/0:8+11", ingest.Malformed},
	{"hop-by-hop", 101, ip6(0, join(hop(58), echo6("ab"))), "ipv6/-1:40+18 ipv6.hopopts/0:8+10 icmpv6/1:8+2 data/2:0+2", 0},
	{"bytes behind the IPv6 payload", 101, join(ip6(58, echo6("ab")), []byte("trailer")), "ipv6/-1:40+10 icmpv6/0:8+2 data/1:0+2", 0},
	{"chain", 101, ip6(0, join(hop(43), route(60, 0, 0, host6A), hop(51), []byte{58, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}, echo6(""))),
		"ipv6/-1:40+60 ipv6.hopopts/0:8+52 ipv6.routing/1:24+28 ipv6.dstopts/2:8+20 ah/3:12+8 icmpv6/4:8+0", 0},
	{"atomic fragment", 101, fragment6(1, 58, 0, false, echo6("")), "ipv6/-1:40+16 ipv6.fraghdr/0:8+8 icmpv6/1:8+0", 0},
	{"extension header cut on the wire", 101, ip6(60, []byte{58, 9, 0, 0}), "ipv6/-1:40+4 ipv6.dstopts/0:4+0", ingest.Malformed},
	{"no next header", 101, ip6(59, []byte("xyz")), "ipv6/-1:40+3 data/0:0+3", 0},
	{"icmp in IPv6", 101, ip6(1, echo("a")), "ipv6/-1:40+9 icmp/0:8+1 data/1:0+1", 0},
	{"icmpv6 in IPv4", 101, ip4(58, echo6("a")), "ip/-1:20+9 icmpv6/0:8+1 data/1:0+1", 0},
	{"ip in ip", 101, ip4(4, ip4(1, echo(""))), "ip/-1:20+28 ip/0:20+8 icmp/1:8+0", 0},
	{"6in4", 101, ip4(41, ip6(58, echo6(""))), "ip/-1:20+48 ipv6/0:40+8 icmpv6/1:8+0", 0},
	{"4in6", 101, ip6(4, ip4(1, echo(""))), "ipv6/-1:40+28 ip/0:20+8 icmp/1:8+0", 0},
	{"gre", 101, ip4(47, join([]byte{0, 0, 8, 0}, ip4(1, echo("")))), "ip/-1:20+32 gre/0:4+28 ip/1:20+8 icmp/2:8+0", 0},
	{"gre with checksum, key, sequence", 101, ip4(47, join([]byte{0xb0, 0, 0x65, 0x58}, make([]byte, 12), ether(0x86dd, ip6(58, echo6(""))))),
		"ip/-1:20+78 gre/0:16+62 eth/1:14+48 ipv6/2:40+8 icmpv6/3:8+0", 0},
	{"gre cut in its source route", 101, ip4(47, []byte{0x40, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0, 200, 1}), "ip/-1:20+13 gre/0:13+0", ingest.Malformed},
	{"vxlan", 101, ip4(17, udp(5555, 4789, join([]byte{8, 0, 0, 0, 0, 0, 7, 0}, ether(0x0800, ip4(1, echo("")))))), "ip/-1:20+58 udp/0:8+50 vxlan/1:8+42 eth/2:14+28 ip/3:20+8 icmp/4:8+0", 0},
	{"geneve", 101, ip4(17, udp(5555, 6081, join([]byte{1, 0, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0}, ip4(1, echo(""))))), "ip/-1:20+48 udp/0:8+40 geneve/1:12+28 ip/2:20+8 icmp/3:8+0", 0},
	{"gtp", 101, ip4(17, udp(2152, 2152, join([]byte{0x34, 255, 0, 36, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0}, ip4(1, echo(""))))), "ip/-1:20+52 udp/0:8+44 gtp/1:16+28 ip/2:20+8 icmp/3:8+0", 0},
	{"teredo", 101, ip4(17, udp(3544, 1024, join([]byte{0, 0}, make([]byte, 6), ip6(58, echo6(""))))), "ip/-1:20+64 udp/0:8+56 teredo/1:8+48 ipv6/2:40+8 icmpv6/3:8+0", 0},
	{"mpls", 1, ether(0x8847, join([]byte{0, 1, 0, 64}, []byte{0, 2, 1, 64}, ip4(1, echo("")))), "eth/-1:14+36 mpls/0:4+32 mpls/1:4+28 ip/2:20+8 icmp/3:8+0", 0},
	{"pppoe", 1, ether(0x8864, join([]byte{0x11, 0, 0, 1, 0, 50, 0, 0x57}, ip6(58, echo6("")), []byte("pad"))), "eth/-1:14+59 pppoes/0:6+50 ppp/1:2+48 ipv6/2:40+8 icmpv6/3:8+0", 0},
	{"udp", 101, ip4(17, join(udp(53, 5353, []byte("dns")), []byte("!"))), "ip/-1:20+12 udp/0:8+3 data/1:0+3", 0},
	{"tcp", 101, ip4(6, tcp()), "ip/-1:20+32 tcp/0:20+12 data/1:0+12", 0},
	{"error", 101, ip4(1, icmp(3, 3, be32(0), ip4(17, udp(1, 2, []byte("abc"))))), "ip/-1:20+39 icmp/0:8+31 >ip/1:20+11 >udp/2:8+3 >data/3:0+3", 0},
	{"error, quote cut", 101, ip4(1, icmp(11, 0, be32(0), ip4(1, echo("0123456789"))[:28])), "ip/-1:20+36 icmp/0:8+28 >ip/1:20+8 >icmp/2:8+0", 0},
	{"error, quote cut in its header", 101, ip4(1, icmp(11, 0, be32(0), ip4(1, nil)[:13])), "ip/-1:20+21 icmp/0:8+13 >ip/1:13+0", 0},
	{"error without quote", 101, ip4(1, icmp(3, 1, be32(0), nil)), "ip/-1:20+8 icmp/0:8+0", 0},
	{"redirect without quote", 101, ip4(1, icmp(5, 1, be32(0), nil)), "ip/-1:20+8 icmp/0:8+0", ingest.Malformed},
	{"redirect quotes 8 bytes", 101, ip4(1, icmp(5, 1, be32(0), ip4(17, udp(1, 2, []byte("abc"))))), "ip/-1:20+39 icmp/0:8+31 >ip/1:20+8 >udp/2:8+0", 0},
	{"error quoting an error", 101, ip4(1, icmp(3, 1, be32(0), ip4(1, icmp(11, 0, be32(0), ip4(1, echo("x")))))),
		"ip/-1:20+65 icmp/0:8+57 >ip/1:20+37 >icmp/2:8+29 >>ip/3:20+9 >>icmp/4:8+1 >>data/5:0+1", 0},
	{"quote that is no packet", 101, ip4(1, icmp(3, 1, be32(0), []byte("exfiltrated"))), "ip/-1:20+19 icmp/0:8+11 >ip/1:0+11 >ipv6/1:11+0", 0}, // "e" is 0x65: version 6
	{"quote of version 0", 101, ip4(1, icmp(4, 0, be32(0), make([]byte, 28))), "ip/-1:20+36 icmp/0:8+28 >ip/1:1+0(28)", 0},
	{"quote of an IPv4 fragment", 101, ip4(1, icmp(11, 1, be32(0), datagram{protocol: 1, more: true, payload: echo("")}.bytes())), "ip/-1:20+36 icmp/0:8+28 >ip/1:20+8 >data/2:0+8", 0},
	{"length attribute", 101, ip4(1, icmp(3, 1, []byte{0, 8, 0, 0}, join(ip4(17, make([]byte, 60)), make([]byte, 60)))), "ip/-1:20+148 icmp/0:8+140 >ip/1:20+32 >udp/2:8+24 >data/3:0+24", 0},
	{"error in IPv6", 101, ip6(58, icmp6(1, 4, be32(0), ip6(17, udp(1, 2, []byte("abc"))))), "ipv6/-1:40+59 icmpv6/0:8+51 >ipv6/1:40+11 >udp/2:8+3 >data/3:0+3", 0},
	{"error in IPv6 quoting no IPv6", 101, ip6(58, icmp6(2, 0, be32(1280), []byte("zzz"))), "ipv6/-1:40+11 icmpv6/0:8+3 >data/1:0+3", 0},
	{"quote of an IPv6 fragment", 101, ip6(58, icmp6(3, 1, be32(0), fragment6(1, 58, 0, true, echo6("")))), "ipv6/-1:40+64 icmpv6/0:8+56 >ipv6/1:40+16 >ipv6.fraghdr/2:8+8 >data/3:0+8", 0},
	{"redirect of neighbour discovery", 101, ip6(58, icmp6(137, 0, be32(0), join(make([]byte, 32), []byte{2, 1, 2, 0, 0, 0, 0, 1}, []byte{4, 7, 0, 0, 0, 0, 0, 0}, ip6(58, echo6(""))))),
		"ipv6/-1:40+104 icmpv6/0:4+100 >ipv6/1:40+8 >icmpv6/2:8+0", 0},
	{"option beyond the message", 101, ip6(58, icmp6(135, 0, be32(0), join(make([]byte, 16), []byte{1, 2, 0, 0, 0, 0, 0, 0}))), "ipv6/-1:40+32 icmpv6/0:4+28", ingest.Malformed},
	{"option of length 0", 101, ip6(58, icmp6(135, 0, be32(0), join(make([]byte, 16), make([]byte, 8)))), "ipv6/-1:40+32 icmpv6/0:4+28", 0},
	{"checksum 0xffff for 0x0000", 101, ip4(1, []byte{255, 255, 255, 255, 0, 0, 0, 0}), "ip/-1:20+8 icmp/0:8+0", 0},
	{"checksum 0x0000 of zeros", 101, ip4(1, make([]byte, 8)), "ip/-1:20+8 icmp/0:8+0", 0},
	{"source route", 101, through("2001:db8::9", ip6(43, join(route(58, 0, 1, host6B), echo6("")))), "ipv6/-1:40+32 ipv6.routing/0:24+8 icmpv6/1:8+0", 0},
	{"segment route", 101, through("2001:db8::9", ip6(43, join(route(58, 4, 1, host6B, "2001:db8::8"), echo6("")))), "ipv6/-1:40+48 ipv6.routing/0:40+8 icmpv6/1:8+0", 0},
	{"compressed route", 101, through("2001:db8::9", ip6(43, join([]byte{58, 1, 3, 1, 0xff, 0x70, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, echo6("")))), "ipv6/-1:40+24 ipv6.routing/0:16+8 icmpv6/1:8+0", 0},
	{"ethernet of 5 bytes", 1, []byte{1, 2, 3, 4, 5}, "eth/-1:5+0", ingest.Malformed},
	{"empty frame", 1, nil, "eth/-1:0+0", ingest.Malformed},
}

func TestLayers(t *testing.T) {
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for _, tt := range layerTests {
		t.Run(tt.name, func(t *testing.T) {
			f := frame(tt.link, tt.bytes)
			d.Decode(f, &p)
			if got := layers(&p); got != tt.want {
				t.Errorf("layers:\n got  %s\n want %s", got, tt.want)
			}
			if p.Problems != tt.problems {
				t.Errorf("problems %b, want %b", p.Problems, tt.problems)
			}
			check(t, d, f, &p)
		})
	}
}

// check holds what is true of every decoded packet.
func check(t *testing.T, d *decode.Decoder, f *ingest.Frame, p *ingest.Packet) {
	t.Helper()
	for i, l := range p.Layers {
		if int(l.Parent) >= i || l.Header > len(l.Bytes) || l.Reported < len(l.Bytes) || l.Header < 0 {
			t.Errorf("layer %d is out of order: parent %d, header %d of %d bytes, reported %d", i, l.Parent, l.Header, len(l.Bytes), l.Reported)
		}
		if !within(l.Bytes, p) {
			t.Errorf("layer %d lies outside of the packet", i)
		}
	}
	if p.ICMP >= 0 && (p.Sampled() && plainMessage(p) || p.IP < 0 || p.Fragment || !d.Candidate(f)) {
		t.Errorf("icmp at %d, quoted %d, ip at %d, fragment %v, candidate %v", p.ICMP, p.Layers[p.ICMP].Quoted, p.IP, p.Fragment, d.Candidate(f))
	}
	if p.Fragment && fragmentOfICMP(p) && !d.Candidate(f) {
		t.Error("a fragment of ICMP is no candidate")
	}
	if p.Problems&ingest.DecoderPanic != 0 {
		t.Error("a parser panicked")
	}
	var again ingest.Packet
	d.Replay(f, p.Whole, &again)
	again.Problems |= p.Problems & ingest.NextHeaders
	if !reflect.DeepEqual(again.Layers, p.Layers) && len(again.Layers)+len(p.Layers) > 0 {
		t.Errorf("replay differs:\n got  %s\n want %s", layers(&again), layers(p))
	}
	if again.ICMP != p.ICMP || again.IP != p.IP || again.Fragment != p.Fragment || again.Problems != p.Problems || !reflect.DeepEqual(again.Whole, p.Whole) {
		t.Errorf("replay differs: %+v, want %+v", again, p)
	}
}

// plainMessage tells whether a message was on the wire itself.
func plainMessage(p *ingest.Packet) bool {
	return slices.ContainsFunc(p.Layers, func(l ingest.Layer) bool {
		return l.Quoted == 0 && (l.Proto == ingest.ProtoICMPv4 || l.Proto == ingest.ProtoICMPv6)
	})
}

// within tells whether b lies in the frame's data or in a reassembled payload.
func within(b []byte, p *ingest.Packet) bool {
	if len(b) == 0 || inside(b, p.Data) {
		return true
	}
	for w := p.Whole; w != nil; w = w.Inner {
		if inside(b, w.Payload) {
			return true
		}
	}
	return false
}

func inside(b, whole []byte) bool {
	for i := 0; i+len(b) <= len(whole); i++ {
		if &whole[i] == &b[0] {
			return true
		}
	}
	return false
}

func TestSnaplen(t *testing.T) {
	for _, tt := range []struct {
		name     string
		bytes    []byte
		captured int
		want     string
		problems ingest.Problem
		checksum ingest.ChecksumStatus
	}{
		{"in the payload", ip4(1, echo("0123456789")), 30, "ip/-1:20+10(38) icmp/0:8+2(18) data/1:0+2(10)", 0, ingest.ChecksumUnverified},
		{"at the payload", ip4(1, echo("0123456789")), 28, "ip/-1:20+8(38) icmp/0:8+0(18)", 0, ingest.ChecksumUnverified},
		{"in the message header", ip4(1, echo("0123456789")), 26, "ip/-1:20+6(38) icmp/0:6+0(18)", ingest.Short, ingest.ChecksumUnverified},
		{"at the message", ip4(1, echo("0123456789")), 20, "ip/-1:20+0(38) icmp/0:0+0(18)", ingest.Short, ingest.ChecksumUnverified},
		{"in the IP header", ip4(1, echo("0123456789")), 12, "ip/-1:12+0(38)", ingest.Short, ingest.ChecksumBad},
		{"in a quote", ip4(1, icmp(3, 3, be32(0), ip4(17, udp(1, 2, nil)))), 50, "ip/-1:20+30(56) icmp/0:8+22(36) >ip/1:20+2(28) >udp/2:2+0(8)", ingest.Short, ingest.ChecksumUnverified},
		{"first fragment", datagram{protocol: 1, more: true, payload: echo("0123456789abcdef")}.bytes(), 30, "ip/-1:20+10(44) icmp/0:8+2(24) data/1:0+2(16)", 0, ingest.ChecksumUnverified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, f, p := decode.New(decode.Options{}), frame(101, tt.bytes[:tt.captured]), ingest.Packet{}
			f.Wire = len(tt.bytes)
			d.Decode(f, &p)
			if got := layers(&p); got != tt.want || p.Problems != tt.problems {
				t.Errorf("got %s, problems %b\nwant %s, problems %b", got, p.Problems, tt.want, tt.problems)
			}
			if m := p.Message(); m != nil && m.Checksum != tt.checksum {
				t.Errorf("checksum status %d, want %d", m.Checksum, tt.checksum)
			}
			check(t, d, f, &p)
		})
	}
}

func TestChecksum(t *testing.T) {
	bad := echo("abc")
	bad[2] ^= 1
	flipped := icmp(255, 255, []byte{0, 0, 0, 0}, nil) // right is 0x0000
	flipped[2], flipped[3] = 0xff, 0xff
	routed := icmp6(128, 0, be32(1), []byte("abc"))
	for _, tt := range []struct {
		name  string
		bytes []byte
		want  ingest.ChecksumStatus
	}{
		{"good", ip4(1, echo("abc")), ingest.ChecksumGood},
		{"bad", ip4(1, bad), ingest.ChecksumBad},
		{"0xffff for 0x0000", ip4(1, flipped), ingest.ChecksumGood},
		{"0x0000 of nothing but zeros", ip4(1, make([]byte, 8)), ingest.ChecksumBad},
		{"v6", ip6(58, echo6("abc")), ingest.ChecksumGood},
		{"v6 behind a hop-by-hop header", ip6(0, join(hop(58), echo6("abc"))), ingest.ChecksumGood},
		{"v6 over IPv4", ip4(58, echo6("abc")), ingest.ChecksumBad},
		{"source route, segments left", through("2001:db8::9", ip6(43, join(route(58, 0, 1, host6B), routed))), ingest.ChecksumGood},
		{"segment route, segments left", through("2001:db8::9", ip6(43, join(route(58, 4, 1, host6B, "2001:db8::8"), routed))), ingest.ChecksumGood},
		{"source route, none left", ip6(43, join(route(58, 0, 0, "2001:db8::9"), routed)), ingest.ChecksumGood},
		{"compressed source route", through("2001:db8::9", ip6(43, join([]byte{58, 1, 3, 1, 0xff, 0x70, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, routed))), ingest.ChecksumGood},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, f, p := decode.New(decode.Options{}), frame(101, tt.bytes), ingest.Packet{}
			d.Decode(f, &p)
			if m := p.Message(); m == nil || m.Checksum != tt.want {
				t.Fatalf("status of %+v, want %d", m, tt.want)
			}
			if m := p.Message(); m.Checksum == ingest.ChecksumGood && !bytes.Equal(be16(int(m.Want)), m.Bytes[2:4]) {
				t.Errorf("good, but %04x is wanted instead of %x", m.Want, m.Bytes[2:4])
			}
			check(t, d, f, &p)
		})
	}
}

func TestFCS(t *testing.T) {
	f := frame(1, join(ether(0x88cc, []byte("lldp")), []byte{1, 2, 3, 4}))
	f.FCS = 4
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(f, &p)
	if got, want := layers(&p), "eth/-1:14+4 data/0:0+4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSupported(t *testing.T) {
	for _, l := range []ingest.LinkType{0, 1, 12, 101, 108, 113, 228, 229, 276} {
		if !decode.Supported(l) {
			t.Errorf("link type %d is not supported", l)
		}
	}
	if decode.Supported(147) {
		t.Error("link type 147 (user 0) is supported")
	}
}

func TestCandidate(t *testing.T) {
	d := decode.New(decode.Options{})
	for _, tt := range []struct {
		name  string
		link  ingest.LinkType
		bytes []byte
		want  bool
	}{
		{"tcp", 1, ether(0x0800, ip4(6, tcp())), false},
		{"tcp over IPv6", 1, ether(0x86dd, ip6(6, tcp())), false},
		{"tcp in a VLAN", 1, ether(0x88a8, tag(1, 0x8100, tag(2, 0x0800, ip4(6, tcp())))), false},
		{"tcp fragment", 101, datagram{protocol: 6, more: true, payload: tcp()}.bytes(), false},
		{"udp", 113, join(make([]byte, 14), []byte{8, 0}, ip4(17, udp(53, 1053, nil))), false},
		{"udp cooked v2", 276, join([]byte{8, 0}, make([]byte, 18), ip4(17, udp(53, 1053, nil))), false},
		{"udp, loopback", 0, join([]byte{2, 0, 0, 0}, ip4(17, udp(53, 1053, nil))), false},
		{"arp", 1, ether(0x0806, make([]byte, 28)), false},
		{"vxlan, empty", 101, ip4(17, udp(1, 4789, nil)), true},
		{"vxlan", 101, overUDP(4789, join(zeros(8), pingE)), true},
		{"tcp in vxlan", 101, overUDP(4789, join(zeros(8), ether(0x0800, ip4(6, tcp())))), false},
		{"tcp in a tunnel whose port is the higher one", 101, ip4(17, udp(53, 8472, join(zeros(8), ether(0x0800, ip4(6, tcp()))))), false},
		{"tcp in geneve", 101, overUDP(6081, join([]byte{1, 0, 0x65, 0x58}, zeros(8), ether(0x0800, ip4(6, tcp())))), false},
		{"tcp in gtp", 101, overUDP(2152, join([]byte{0x30, 255, 0, 0}, zeros(4), ip4(6, tcp()))), false},
		{"gtp echo", 101, overUDP(2152, join([]byte{0x32, 1, 0, 4}, zeros(8))), false},
		{"gtp with a sequence number", 101, overUDP(2152, join([]byte{0x32, 255, 0, 0}, zeros(8), ip4(6, tcp()))), true},
		{"teredo", 101, overUDP(3544, ip6(6, tcp())), true},
		{"tcp in gre", 101, overGRE(0x0800, ip4(6, tcp())), false},
		{"tcp in gre with a key", 101, ip4(47, join(hx("2000 0800 00000001"), ip4(6, tcp()))), false},
		{"tcp in IPv4 in IPv6", 101, ip6(4, ip4(6, tcp())), false},
		{"igmp", 101, ip4(2, zeros(8)), false},
		{"ospf over IPv6", 101, ip6(89, zeros(24)), false},
		{"tcp below labels", 1, ether(0x8847, join(hx("00010040 00020140"), ip4(6, tcp()))), false},
		{"ping below labels", 1, ether(0x8847, join(hx("00010040 00020140"), ping4)), true},
		{"pseudowire", 1, ether(0x8847, join(hx("00020140 00000000"), ether(0x0800, ip4(6, tcp())))), true},
		{"tcp in pppoe", 1, ether(0x8864, join(hx("1100 0001 002a 0021"), ip4(6, tcp()))), false},
		{"ping in pppoe", 1, ether(0x8864, join(hx("1100 0001 0026 0021"), ping4)), true},
		{"tcp in ppp", 9, join(hx("ff03 0057"), ip6(6, tcp())), false},
		{"short protocol in ppp", 9, join(hx("21"), ip4(6, tcp())), true},
		{"tcp in snap", 1, ether(48, join(hx("aaaa03 000000 0800"), ip4(6, tcp()))), false},
		{"ping in snap", 1, ether(len(snap4), snap4), true},
		{"spanning tree", 1, ether(38, join(hx("424203"), zeros(35))), false},
		{"tcp in chdlc", 104, join(hx("0f00 0800"), ip4(6, tcp())), false},
		{"udp fragment", 101, datagram{protocol: 17, more: true, payload: udp(53, 1053, nil)}.bytes(), true},
		{"icmp", 1, ether(0x0800, ip4(1, echo(""))), true},
		{"extension header", 101, ip6(0, hop(6)), true},
		{"unknown ethertype", 1, ether(0x88cc, nil), false},
		{"rare ethertype", 1, ether(0x88e5, nil), true},
		{"cut", 1, ether(0x0800, ip4(6, nil)[:12]), true},
		{"empty", 1, nil, true},
	} {
		if got := d.Candidate(frame(tt.link, tt.bytes)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestCandidatesSuffice: what is no candidate holds no ICMP, nor a fragment of it, in whatever it is carried and however that is
// spoilt. The fuzzer goes further.
func TestCandidatesSuffice(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rejected := 0
	var frames []*ingest.Frame
	for _, tt := range layerTests {
		frames = append(frames, frame(tt.link, tt.bytes))
	}
	for _, tt := range carriers {
		frames = append(frames, frame(tt.link, tt.bytes))
	}
	for _, tt := range frames {
		for range 300 {
			b := slices.Clone(tt.Data)
			for range random.IntN(4) {
				if len(b) > 0 {
					b[random.IntN(len(b))] = []byte{0, 1, 4, 6, 8, 17, 41, 47, 58, 0x45, 0x60, byte(random.Uint32())}[random.IntN(12)]
				}
			}
			b = b[:len(b)-random.IntN(2)*random.IntN(len(b)+1)]
			d, f, p := decode.New(decode.Options{}), frame(tt.Link, b), ingest.Packet{}
			if d.Candidate(f) {
				continue
			}
			rejected++
			if d.Decode(f, &p); p.ICMP >= 0 || p.Fragment && fragmentOfICMP(&p) {
				t.Fatalf("% x on link %d is no candidate: %s", b, tt.Link, layers(&p))
			}
		}
	}
	if rejected < 1000 {
		t.Errorf("only %d frames were no candidates", rejected)
	}
}

func fragmentOfICMP(p *ingest.Packet) bool {
	return slices.ContainsFunc(p.Layers, func(l ingest.Layer) bool {
		return l.Proto == ingest.ProtoIPv6Fragment || l.Proto == ingest.ProtoIPv4 && len(l.Bytes) > 9 && (l.Bytes[9] == 1 || l.Bytes[9] == 58)
	})
}

func BenchmarkDecodeEcho(b *testing.B) {
	f, d, p := frame(1, ether(0x0800, ip4(1, echo(strings.Repeat("x", 56))))), decode.New(decode.Options{}), ingest.Packet{}
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(f, &p)
	}
}

func BenchmarkDecodeEcho6(b *testing.B) {
	f, d, p := frame(1, ether(0x86dd, ip6(58, echo6(strings.Repeat("x", 56))))), decode.New(decode.Options{}), ingest.Packet{}
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(f, &p)
	}
}

func BenchmarkCandidateTCP(b *testing.B) {
	f, d := frame(1, ether(0x0800, ip4(6, tcp()))), decode.New(decode.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if d.Candidate(f) {
			b.Fatal("tcp is a candidate")
		}
	}
}

func BenchmarkCandidateTunnel(b *testing.B) {
	f, d := frame(1, ether(0x0800, overUDP(4789, join(zeros(8), ether(0x0800, ip4(6, tcp())))))), decode.New(decode.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if d.Candidate(f) {
			b.Fatal("tcp is a candidate")
		}
	}
}

// TestNoAllocationForOthers: what holds no ICMP costs no memory, whether that is seen at once or decoded.
func TestNoAllocationForOthers(t *testing.T) {
	d, p := decode.New(decode.Options{}), ingest.Packet{}
	for _, f := range []*ingest.Frame{
		frame(1, ether(0x0800, ip4(6, tcp()))), frame(1, ether(0x86dd, ip6(17, udp(53, 1053, zeros(30))))),
		frame(1, ether(0x0800, overUDP(4789, join(zeros(8), ether(0x0800, ip4(6, tcp())))))), frame(101, overUDP(3544, ip6(6, tcp()))), frame(105, dot11),
	} {
		d.Decode(f, &p)
		if n := testing.AllocsPerRun(100, func() {
			if d.Candidate(f) {
				d.Decode(f, &p)
			}
		}); n > 0 {
			t.Errorf("%.0f allocations for % x", n, f.Data)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	f, d, p := frame(1, ether(0x0800, ip4(1, icmp(3, 3, be32(0), ip4(17, udp(1, 2, []byte("abc"))))))), decode.New(decode.Options{}), ingest.Packet{}
	d.Decode(f, &p)
	if n := testing.AllocsPerRun(100, func() { d.Decode(f, &p) }); n > 0 {
		t.Errorf("%.0f allocations for an ordinary packet", n)
	}
}
