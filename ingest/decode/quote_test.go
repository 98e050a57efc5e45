package decode_test

import (
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// Where a quote ends says which layers Wireshark sees in it; where the capture ended, whether it complains.
func TestQuotesThatEnd(t *testing.T) {
	segment := join(be16(40000), be16(443), be32(1), be32(0), []byte{0x50, 2}, be16(1024), be16(0), be16(0))
	quote := func(protocol int, body []byte) []byte { // of a packet that was longer
		return ip4(1, icmp(11, 0, make([]byte, 4), datagram{protocol: protocol, length: 20 + 60, payload: body}.bytes()))
	}
	quote6 := func(next int, body []byte) []byte { return ip6(58, icmp6(3, 0, make([]byte, 4), ip6(next, body))) }
	for _, tt := range []struct {
		name     string
		bytes    []byte
		captured int // bytes less than sent
		chain    string
		problems ingest.Problem
	}{
		{"no port", quote(6, segment[:1]), 0, "ip:icmp:ip", 0},
		{"one port", quote(6, segment[:3]), 0, "ip:icmp:ip", 0},
		{"ports", quote(6, segment[:4]), 0, "ip:icmp:ip:tcp", 0},
		{"RFC 792", quote(6, segment[:8]), 0, "ip:icmp:ip:tcp", 0},
		{"window cut by the capture", quote(6, segment[:16]), 1, "ip:icmp:ip:tcp", ingest.Short},
		{"window never sent", quote(6, segment[:15]), 0, "ip:icmp:ip:tcp", 0},
		{"nothing captured of a port", quote(17, segment[:8]), 8, "ip:icmp:ip:udp", ingest.Short},
		{"nothing captured, nor a port sent", quote(17, segment[:1]), 1, "ip:icmp:ip", 0},
		{"part of an ICMP header", quote(1, []byte{8, 0, 0, 0, 0}), 0, "ip:icmp:ip", 0},
		{"most of an ICMP header", quote(1, []byte{8, 0, 0, 0, 0, 1}), 0, "ip:icmp:ip:icmp", 0},
		{"part of a fragment header", quote6(44, make([]byte, 4)), 0, "ipv6:icmpv6:ipv6", 0},
		{"an extension block that nobody knows", ip6(58, icmp6(3, 0, []byte{6, 0, 0, 0}, join(ip6(17, join(segment[:4], be16(8), be16(0))), []byte("????")))), 0, "ipv6:icmpv6:ipv6:udp:data", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, f := decode.New(decode.Options{}), frame(101, tt.bytes)
			f.Data = f.Data[:len(f.Data)-tt.captured]
			var p ingest.Packet
			d.Decode(f, &p)
			check(t, d, f, &p)
			if got := chain(&p); got != tt.chain || p.Problems != tt.problems {
				t.Errorf("layers %s, problems %b, want %s, %b", got, p.Problems, tt.chain, tt.problems)
			}
		})
	}
}
