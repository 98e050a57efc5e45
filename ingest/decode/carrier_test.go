package decode_test

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/oracle"
)

func hx(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

var (
	ping4  = ip4(1, echo("carried"))
	ping6  = ip6(58, echo6("carried"))
	pingE  = ether(0x0800, ping4)
	snap4  = join(hx("aaaa03 000000 0800"), ping4)
	snap6  = join(hx("aaaa03 000000 86dd"), ping6)
	dot11  = wireless(0x08, 1, nil, snap4)
	nshTwo = hx("0fc60101 00000100 0000000000000000 0000000000000000")
)

// wireless is an IEEE 802.11 data frame; extra is what its header has behind the sequence number.
func wireless(kind, flags byte, extra, body []byte) []byte {
	return join([]byte{kind, flags, 0, 0}, hx("020000000002 020000000001 020000000003 1000"), extra, body)
}

func zeros(n int) []byte { return make([]byte, n) }

func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// subframes is an A-MSDU.
func subframes(bodies ...[]byte) (b []byte) {
	for _, body := range bodies {
		b = append(b, zeros((4-len(b)%4)%4)...)
		b = join(b, hx("020000000002 020000000001"), be16(len(body)), body)
	}
	return b
}

func radio(fields string, present int, f []byte) []byte {
	x := hx(fields)
	return join([]byte{0, 0, byte(8 + len(x)), 0}, le32(present), x, f)
}

func overUDP(port int, payload []byte) []byte { return ip4(17, udp(40000, port, payload)) }
func overGRE(protocol int, payload []byte) []byte {
	return ip4(47, join(hx("0000"), be16(protocol), payload))
}

func tlv(kind int, v []byte) []byte {
	n := 4 + len(v)
	return join([]byte{byte(n), byte(n >> 8), byte(kind), 0}, v, zeros((4-n%4)%4))
}

func sampled(protocol int, f []byte) []byte {
	record := join(be32(1), be32(16+(len(f)+3)&^3), be32(protocol), be32(len(f)+4), be32(4), be32(len(f)), f, zeros((4-len(f)%4)%4))
	sample := join(zeros(28), be32(1), record)
	return join(be32(5), be32(1), hx("0a000001"), be32(0), be32(1), be32(1000), be32(1), be32(1), be32(len(sample)), sample)
}

// carriers are frames that carry an echo request, one for each way. The chain is what tshark calls the layers, without
// "raw" for the link type and without the EtherType's own.
var carriers = []struct {
	name  string
	link  ingest.LinkType
	bytes []byte
	chain string
}{
	{"802.11", 105, dot11, "wlan:llc:ip:icmp:data"},
	{"802.11 to the station", 105, wireless(0x08, 2, nil, snap6), "wlan:llc:ipv6:icmpv6:data"},
	{"802.11 QoS", 105, wireless(0x88, 1, hx("0000"), snap4), "wlan:llc:ip:icmp:data"},
	{"802.11 WDS", 105, wireless(0x08, 3, hx("020000000004"), snap4), "wlan:llc:ip:icmp:data"},
	{"802.11 QoS WDS", 105, wireless(0x88, 3, hx("020000000004 0000"), snap4), "wlan:llc:ip:icmp:data"},
	{"802.11 mesh", 105, wireless(0x88, 3, hx("020000000004 0001"), join(hx("001f 01000000"), snap4)), "wlan:llc:ip:icmp:data"},
	{"802.11 HT control", 105, wireless(0x88, 0x81, hx("0000 00000000"), snap4), "wlan:llc:ip:icmp:data"},
	{"802.11 with acknowledgement", 105, wireless(0x18, 1, nil, snap4), "wlan:llc:ip:icmp:data"},
	{"802.11 A-MSDU", 105, wireless(0x88, 1, hx("8000"), subframes(snap4, snap6, snap4)), "wlan:llc:ip:icmp:data:llc:ipv6:icmpv6:data:llc:ip:icmp:data"},
	{"802.11 with an Ethernet header left in", 105, wireless(0x08, 1, nil, join(hx("020000000003 020000000001 0800"), ping4)), "wlan:eth:ip:icmp:data"},
	{"radiotap", 127, radio("", 0, dot11), "radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"radiotap, FCS", 127, radio("10", 2, join(wireless(0x88, 1, hx("8000"), subframes(snap4)), zeros(4))), "radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"radiotap, FCS behind a timestamp", 127, radio("0000000000000000 10", 3, join(wireless(0x88, 1, hx("8000"), subframes(snap4)), zeros(4))), "radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"radiotap, padded header", 127, radio("20", 2, wireless(0x88, 1, hx("0000 0000"), snap4)), "radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"radiotap, two presence words", 127, radio("00000000", 1<<31, dot11), "radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"PPI", 192, join(hx("00000800"), le32(105), dot11), "ppi:wlan_radio:wlan:llc:ip:icmp:data"},
	{"PPI, FCS", 192, join(hx("00002000"), le32(105), hx("02001400"), zeros(8), hx("0100"), zeros(10), wireless(0x88, 1, hx("8000"), subframes(snap4)), zeros(4)), "ppi:wlan_radio:wlan:llc:ip:icmp:data"},
	{"PPI, Ethernet", 192, join(hx("00000800"), le32(1), pingE), "ppi:pcap_pktdata:eth:ip:icmp:data"},
	{"Prism", 119, join(le32(0x44), le32(144), zeros(136), dot11), "prism:wlan_radio:wlan:llc:ip:icmp:data"},
	{"AVS as Prism", 119, join(be32(0x80211001), be32(64), zeros(56), dot11), "prism:wlancap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"AVS", 163, join(be32(0x80211001), be32(64), zeros(56), dot11), "wlancap:wlan_radio:wlan:llc:ip:icmp:data"},

	{"frame relay, NLPID", 107, join(hx("1841 03cc"), ping4), "fr:ip:icmp:data"},
	{"frame relay, NLPID of IPv6", 107, join(hx("1841 038e"), ping6), "fr:ipv6:icmpv6:data"},
	{"frame relay, padding", 107, join(hx("1841 0300cc"), ping4), "fr:ip:icmp:data"},
	{"frame relay, SNAP", 107, join(hx("1841 030080 000000 0800"), ping4), "fr:ip:icmp:data"},
	{"frame relay, bridged", 107, join(hx("1841 030080 0080c2 0007"), pingE), "fr:eth:ip:icmp:data"},
	{"frame relay, PPP", 107, join(hx("1841 03cf 0021"), ping4), "fr:ppp:ip:icmp:data"},
	{"frame relay, Cisco", 107, join(hx("1841 0800"), ping4), "fr:ip:icmp:data"},
	{"frame relay, three bytes of address", 107, join(hx("188001 03cc"), ping4), "fr:ip:icmp:data"},
	{"Cisco HDLC", 104, join(hx("0f000800"), ping4), "chdlc:ip:icmp:data"},
	{"Cisco HDLC, bridged", 104, join(hx("0f006558"), pingE), "chdlc:eth:ip:icmp:data"},
	{"PPP", 9, join(hx("ff030021"), ping4), "ppp:ip:icmp:data"},
	{"PPP, compressed", 9, join(hx("21"), ping4), "ppp:ip:icmp:data"},
	{"PPP, ISO", 9, join(hx("ff030023 cc"), ping4), "ppp:osi:ip:icmp:data"},
	{"PPP, bridged", 9, join(hx("ff030031 0001"), pingE), "ppp:bcp_bpdu:eth:ip:icmp:data"},
	{"PPP, multilink of one fragment", 9, join(hx("ff03003d c0000001 0021"), ping4), "ppp:mp:ip:icmp:data"},
	{"PPP, LLC", 9, join(hx("ff03004b"), snap4), "ppp:llc:ip:icmp:data"},
	{"PPP in HDLC", 50, join(hx("ff030057"), ping6), "ppp:ipv6:icmpv6:data"},
	{"Cisco HDLC in HDLC", 50, join(hx("0f000800"), ping4), "ppp:chdlc:ip:icmp:data"},
	{"PPP with direction", 204, join(hx("01ff030021"), ping4), "ppp:ip:icmp:data"},
	{"PPPoE", 51, join(hx("11000001"), be16(2+len(ping4)), hx("0021"), ping4), "pppoes:ppp:ip:icmp:data"},
	{"ATM", 100, snap4, "llc:ip:icmp:data"},
	{"ATM, bridged", 11, join(hx("aaaa03 0080c2 0007 0000"), pingE), "llc:eth:ip:icmp:data"},
	{"ATM, ISO", 100, join(hx("fefe03cc"), ping4), "llc:osi:ip:icmp:data"},
	{"ATM, classical IP", 106, ping4, "clip:ip:icmp:data"},
	{"SunATM", 123, join(hx("02000020"), snap4), "atm:llc:ip:icmp:data"},
	{"SunATM, LAN emulation", 123, join(hx("01000020 0000"), pingE), "atm:lane:eth:ip:icmp:data"},
	{"token ring", 6, join(hx("1040 020000000001 020000000002"), snap4), "tr:llc:ip:icmp:data"},
	{"token ring, routed", 6, join(hx("1040 020000000001 820000000002 063000100020"), snap4), "tr:llc:ip:icmp:data"},
	{"FDDI", 10, join(hx("50 020000000001 020000000002"), snap4), "fddi:llc:ip:icmp:data"},
	{"ARCNET, RFC 1051", 7, join(hx("0102f0"), ping4), "arcnet:ip:icmp:data"},
	{"ARCNET, RFC 1201", 7, join(hx("0102d4 00 0001"), ping4), "arcnet:ip:icmp:data"},
	{"ARCNET on Linux", 129, join(hx("0102 0000 f0"), ping4), "arcnet:ip:icmp:data"},
	{"ARCNET on Linux, IPv6", 129, join(hx("0102 0000 c4 00 0001"), ping6), "arcnet:ipv6:icmpv6:data"},
	{"InfiniBand", 242, join(zeros(40), hx("08000000"), ping4), "ipoib:ip:icmp:data"},
	{"Fibre Channel", 122, join(zeros(16), snap4), "ipfc:llc:ip:icmp:data"},
	{"FireWire", 138, join(zeros(16), hx("0800"), ping4), "ap1394:ip:icmp:data"},

	{"null with an Ethernet type", 0, join(hx("000086dd"), ping6), "null:ipv6:icmpv6:data"},
	{"null with PPP", 0, join(hx("ff030021"), ping4), "null:ppp:ip:icmp:data"},
	{"null, a word's halves swapped", 0, join(hx("00000200"), ping4), "null:ip:icmp:data"},
	{"cooked, GRE", 113, join(hx("0000 030a 0006 0000000000000000 0800"), ping4), "sll:ip:icmp:data"},
	{"cooked v2, GRE", 276, join(hx("6558 0000 00000001 030a 00 06 0000000000000000"), pingE), "sll:eth:ip:icmp:data"},
	{"cooked, Ethernet", 113, join(hx("0000 0001 0006 0000000000000000 0003"), pingE), "sll:eth:ip:icmp:data"},
	{"cooked, PPP", 113, join(hx("0000 0200 0006 0000000000000000 0007 ff030021"), ping4), "sll:ppp:ip:icmp:data"},
	{"cooked, radiotap", 113, join(hx("0000 0323 0006 0000000000000000 0019"), radio("", 0, dot11)), "sll:radiotap:wlan_radio:wlan:llc:ip:icmp:data"},
	{"cooked, frame relay", 113, join(hx("0000 0302 0006 0000000000000000 0019 184103cc"), ping4), "sll:fr:ip:icmp:data"},
	{"enc", 109, join(le32(2), zeros(8), ping4), "enc:ip:icmp:data"},
	{"enc, IPv6", 109, join(be32(24), zeros(8), ping6), "enc:ipv6:icmpv6:data"},
	{"pflog", 117, join(hx("3d020000"), zeros(60), ping4), "pflog:ip:icmp:data"},
	{"ipnet", 226, join(hx("01020000"), be32(len(ping4)), zeros(16), ping4), "ipnet:ip:icmp:data"},
	{"ipnet, IPv6", 226, join(hx("011a0000"), be32(len(ping6)), zeros(16), ping6), "ipnet:ipv6:icmpv6:data"},
	{"nflog", 239, join(hx("02000000"), tlv(1, hx("08000100")), tlv(10, []byte("x\x00")), tlv(9, ping4)), "nflog:ip:icmp:data"},
	{"nflog, IPv6", 239, join(hx("0a000000"), tlv(9, ping6)), "nflog:ipv6:icmpv6:data"},
	{"nflog, IPv6 said to be IPv4", 239, join(hx("0a000000"), tlv(1, hx("08000100")), tlv(9, ping6)), "nflog:ip:ipv6:icmpv6:data"},
	{"PKTAP", 258, join(le32(108), le32(1), le32(1), zeros(96), pingE), "pktap:pcap_pktdata:eth:ip:icmp:data"},
	{"PKTAP, raw", 258, join(le32(108), le32(1), le32(12), zeros(96), ping4), "pktap:pcap_pktdata:raw:ip:icmp:data"},
	{"PKTAP of Apple's own", 149, join(le32(108), le32(1), le32(0), zeros(96), le32(2), ping4), "user_dlt:pktap:pcap_pktdata:null:ip:icmp:data"},
	{"IPv6 where IPv4 was said", 228, ping6, "ip:ipv6:icmpv6:data"},

	{"LLC with IP's own SAP", 1, ether(3+len(ping4), join(hx("060603"), ping4)), "eth:llc:ip:icmp:data"},
	{"LLC, ISO", 1, ether(4+len(ping4), join(hx("fefe03cc"), ping4)), "eth:llc:osi:ip:icmp:data"},
	{"LLC, bridged", 1, ether(10+len(pingE), join(hx("aaaa03 0080c2 0007 0000"), pingE)), "eth:llc:eth:ip:icmp:data"},
	{"LLC of large frames", 1, ether(0x8870, snap4), "eth:llc:ip:icmp:data"},
	{"Ethernet in Ethernet", 1, ether(0x6558, pingE), "eth:eth:ip:icmp:data"},
	{"PBB", 1, ether(0x88e7, join(hx("00000100"), pingE)), "eth:ieee8021ah:ip:icmp:data"},
	{"MACsec, integrity only", 1, ether(0x88e5, join(hx("0000 00000001 0800"), ping4, zeros(16))), "eth:macsec:ip:icmp:data"},
	{"MACsec, integrity only, channel", 1, ether(0x88e5, join(hx("2000 00000001"), zeros(8), hx("0800"), ping4, zeros(16))), "eth:macsec:ip:icmp:data"},
	{"HSR", 1, ether(0x892f, join(hx("0034 0001 0800"), ping4)), "eth:hsr:ip:icmp:data"},
	{"VN-Tag", 1, ether(0x8926, join(hx("00010002 0800"), ping4)), "eth:vntag:ip:icmp:data"},
	{"E-Tag", 1, ether(0x893f, join(hx("000000000000 0800"), ping4)), "eth:etag:ip:icmp:data"},
	{"FabricPath", 1, ether(0x8903, join(hx("0001"), pingE)), "eth:cfp:eth:ip:icmp:data"},
	{"TRILL", 1, ether(0x22f3, join(hx("0001 0001 0002"), pingE)), "eth:trill:eth:ip:icmp:data"},
	{"TRILL, options", 1, ether(0x22f3, join(hx("0041 0001 0002 00000000"), pingE)), "eth:trill:eth:ip:icmp:data"},
	{"NSH", 1, ether(0x894f, join(nshTwo, ping4)), "eth:nsh:ip:icmp:data"},
	{"NSH, type 2", 1, ether(0x894f, join(hx("0fc20202 00000100"), ping6)), "eth:nsh:ipv6:icmpv6:data"},
	{"NSH, Ethernet", 1, ether(0x894f, join(hx("0fc20203 00000100"), pingE)), "eth:nsh:eth:ip:icmp:data"},
	{"B.A.T.M.A.N. to one", 1, ether(0x4305, join(hx("400f3201 020000000005"), pingE)), "eth:batadv:eth:ip:icmp:data"},
	{"B.A.T.M.A.N. to all", 1, ether(0x4305, join(hx("010f3200 00000001 020000000005"), pingE)), "eth:batadv:eth:ip:icmp:data"},
	{"B.A.T.M.A.N. of two addresses", 1, ether(0x4305, join(hx("420f3201 020000000005 020000000006 0100"), pingE)), "eth:batadv:eth:ip:icmp:data"},
	{"B.A.T.M.A.N. 14", 1, ether(0x4305, join(hx("030e3201 020000000005"), pingE)), "eth:batadv:eth:ip:icmp:data"},
	{"Cisco MetaData", 1, ether(0x8909, join(hx("0101 0001 0000 0800"), ping4)), "eth:cmd:ip:icmp:data"},
	{"MPLS", 1, ether(0x8847, join(hx("00010040 00020140"), ping6)), "eth:mpls:ipv6:icmpv6:data"},
	{"MPLS, channel", 1, ether(0x8847, join(hx("0000d140 10000021"), ping4)), "eth:mpls:pwach:ip:icmp:data"},
	{"PPPoE on Ethernet", 1, ether(0x8864, join(hx("11000001"), be16(2+len(ping4)), hx("0021"), ping4)), "eth:pppoes:ppp:ip:icmp:data"},

	{"GRE", 101, overGRE(0x0800, ping4), "ip:gre:ip:icmp:data"},
	{"NVGRE", 101, ip4(47, join(hx("2000 6558 00000100"), pingE)), "ip:gre:eth:ip:icmp:data"},
	{"GRE, Cisco's Ethernet", 101, overGRE(0x6400, pingE), "ip:gre:eth:ip:icmp:data"},
	{"WCCP", 101, overGRE(0x883e, ping4), "ip:gre:ip:icmp:data"},
	{"WCCP 2", 101, overGRE(0x883e, join(hx("01020304"), ping4)), "ip:gre:ip:icmp:data"},
	{"GRE, Cisco MetaData", 101, overGRE(0x8909, join(hx("0800 0101 0001 0000"), ping4)), "ip:gre:cmd:ip:icmp:data"},
	{"GRE, frame relay", 101, overGRE(0x6559, join(hx("184103cc"), ping4)), "ip:gre:fr:ip:icmp:data"},
	{"GRE, 802.11", 101, overGRE(0x8200, dot11), "ip:gre:wlan:llc:ip:icmp:data"},
	{"GRE, NSH", 101, overGRE(0x894f, join(nshTwo, ping4)), "ip:gre:nsh:ip:icmp:data"},
	{"GRE, MPLS", 101, overGRE(0x8847, join(hx("00010140"), ping4)), "ip:gre:mpls:ip:icmp:data"},
	{"PPTP", 101, ip4(47, join(hx("3081 880b"), be16(4+len(ping4)), hx("0001 00000001 00000001 ff030021"), ping4)), "ip:gre:ppp:ip:icmp:data"},
	{"NHRP indication", 101, overGRE(0x2001, join(hx("0001 0800 0000000000 ff 0044 0000 0000 01 08 0400 0404 0000 00000000 0a000001 0a000002 0a000003"), ping4)), "ip:gre:nhrp:ip:icmp:data"},
	{"IP in IP", 101, ip4(4, ping4), "ip:ip:icmp:data"},
	{"EtherIP", 101, ip4(97, join(hx("3000"), pingE)), "ip:etherip:eth:ip:icmp:data"},
	{"Ethernet in IPv6", 101, ip6(143, pingE), "ipv6:eth:ip:icmp:data"},
	{"MPLS in IP", 101, ip4(137, join(hx("00010140"), ping4)), "ip:mpls:ip:icmp:data"},
	{"PIM register", 101, ip4(103, join(hx("2100dead00000000"), ping4)), "ip:pim:ip:icmp:data"},
	{"PIM register, IPv6", 101, ip6(103, join(hx("2100dead00000000"), ping6)), "ipv6:pim:ipv6:icmpv6:data"},
	{"AH", 101, ip4(51, join(hx("0104000000000001 00000001"), zeros(12), echo("carried"))), "ip:ah:icmp:data"},
	{"shim6", 101, ip6(140, join(hx("3a00800000000000"), echo6("carried"))), "ipv6:shim6:icmpv6:data"},
	{"UDP-Lite", 101, ip4(136, udp(40000, 4789, join(hx("0800000000000100"), pingE))), "ip:udplite:vxlan:eth:ip:icmp:data"},

	{"VXLAN", 101, overUDP(4789, join(hx("0800000000000100"), pingE)), "ip:udp:vxlan:eth:ip:icmp:data"},
	{"VXLAN without its flag", 101, overUDP(4789, join(hx("0000000000000100"), pingE)), "ip:udp:vxlan:eth:ip:icmp:data"},
	{"VXLAN-GPE", 101, overUDP(4790, join(hx("0c00000100000100"), ping4)), "ip:udp:ip:icmp:data"},
	{"VXLAN-GPE, Ethernet", 101, overUDP(4790, join(hx("0c00000300000100"), pingE)), "ip:udp:eth:ip:icmp:data"},
	{"VXLAN-GPE, NSH", 101, overUDP(4790, join(hx("0c00000400000100"), nshTwo, ping4)), "ip:udp:nsh:ip:icmp:data"},
	{"Geneve", 101, overUDP(6081, join(hx("0100655800000100 01020300"), pingE)), "ip:udp:geneve:eth:ip:icmp:data"},
	{"Geneve, IP", 101, overUDP(6081, join(hx("0000080000000100"), ping4)), "ip:udp:geneve:ip:icmp:data"},
	{"GTP", 101, overUDP(2152, join(hx("30ff"), be16(len(ping4)), hx("00000001"), ping4)), "ip:udp:gtp:ip:icmp:data"},
	{"GTP, extension header", 101, overUDP(2152, join(hx("34ff"), be16(8+len(ping4)), hx("00000001 0000 00 85 01 1009 00"), ping4)), "ip:udp:gtp:ip:icmp:data"},
	{"GTP, Ethernet", 101, overUDP(2152, join(hx("30ff"), be16(len(pingE)), hx("00000001"), pingE)), "ip:udp:gtp:eth:ip:icmp:data"},
	{"GTP, version 0", 101, overUDP(2152, join(hx("1eff"), be16(len(ping4)), zeros(16), ping4)), "ip:udp:gtp:ip:icmp:data"},
	{"GTP, version 0, on its port", 101, overUDP(3386, join(hx("1eff"), be16(len(ping4)), zeros(16), ping4)), "ip:udp:gtpprime:ip:icmp:data"},
	{"GTP on the control port", 101, overUDP(2123, join(hx("30ff"), be16(len(ping4)), hx("00000001"), ping4)), "ip:udp:gtp:ip:icmp:data"},
	{"Teredo", 101, overUDP(3544, join(zeros(8), ping6)), "ip:udp:teredo:ipv6:icmpv6"},
	{"MPLS over UDP", 101, overUDP(6635, join(hx("00010140"), ping4)), "ip:udp:mpls:ip:icmp:data"},
	{"GRE over UDP", 101, overUDP(4754, join(hx("00000800"), ping4)), "ip:udp:gre:ip:icmp:data"},
	{"AYIYA", 101, overUDP(5072, join(hx("44521129"), zeros(4+16+20), ping6)), "ip:udp:ayiya:ipv6:icmpv6:data"},
	{"LISP", 101, overUDP(4341, join(hx("c000000000000001"), ping4)), "ip:udp:lisp-data:ip:icmp:data"},
	{"AMT data", 101, overUDP(2268, join(hx("0600"), ping4)), "ip:udp:amt:ip:icmp:data"},
	{"AMT update", 101, overUDP(2268, join(hx("0500"), zeros(10), ping6)), "ip:udp:amt:ip:ipv6:icmpv6:data"},
	{"CAPWAP", 101, overUDP(5247, join(hx("00100300"), zeros(4), wireless(1, 0x08, nil, snap4))), "ip:udp:capwap.data:wlan:llc:ip:icmp:data"},
	{"CAPWAP, Ethernet", 101, overUDP(5247, join(hx("00100200"), zeros(4), pingE)), "ip:udp:capwap.data:eth:ip:icmp:data"},
	{"TZSP", 101, overUDP(37008, join(hx("01000001 00 0a01aa 01"), pingE)), "ip:udp:tzsp:eth:ip:icmp:data"},
	{"TZSP, 802.11", 101, overUDP(37008, join(hx("01000012 01"), dot11)), "ip:udp:tzsp:wlan:llc:ip:icmp:data"},
	{"L2TP", 101, overUDP(1701, join(hx("0002 0001 0001 ff030021"), ping4)), "ip:udp:l2tp:ppp:ip:icmp:data"},
	{"L2TP, all fields", 101, overUDP(1701, join(hx("4a02"), be16(20+len(ping4)), hx("0001 0001 0000 0000 0002 aabb ff030021"), ping4)), "ip:udp:l2tp:ppp:ip:icmp:data"},
	{"LLC over UDP", 101, overUDP(12000, snap4), "ip:udp:llc:ip:icmp:data"},
	{"Juniper's mirroring", 101, overUDP(30030, join(zeros(8), ping4)), "ip:udp:jmirror:ip:icmp:data"},
	{"sFlow", 101, overUDP(6343, sampled(1, pingE)), "ip:udp:sflow:eth:ip:icmp:data"},
	{"sFlow, IPv6", 101, overUDP(6343, sampled(12, ping6)), "ip:udp:sflow:ipv6:icmpv6:data"},

	// tshark knows none of these.
	{"Broadcom tag", 281, join(hx("020000000002 020000000001 00000001 0800"), ping4), "eth:brcm_tag:ip:icmp:data"},
	{"Broadcom tag in front", 282, join(hx("00000001"), pingE), "brcm_tag:eth:ip:icmp:data"},
	{"DSA", 284, join(hx("020000000002 020000000001 40080001 0800"), ping4), "eth:dsa:ip:icmp:data"},
	{"EDSA", 285, join(hx("020000000002 020000000001 dada0000 40080001 0800"), ping4), "eth:dsa:ip:icmp:data"},
}

// chain names the layers as tshark's frame.protocols does: a stack of labels is one, VXLAN-GPE none.
func chain(p *ingest.Packet) string {
	var names []string
	for i := range p.Layers {
		stacked := i > 0 && p.Layers[i].Proto == ingest.ProtoMPLS && p.Layers[i-1].Proto == ingest.ProtoMPLS
		if !stacked && p.Layers[i].Proto != ingest.ProtoVXLANGPE {
			names = append(names, p.Layers[i].Proto.String())
		}
	}
	return strings.Join(names, ":")
}

func TestCarriers(t *testing.T) {
	for _, tt := range carriers {
		t.Run(tt.name, func(t *testing.T) {
			d, f := decode.New(decode.Options{}), frame(tt.link, tt.bytes)
			var p ingest.Packet
			d.Decode(f, &p)
			check(t, d, f, &p)
			if got := chain(&p); got != tt.chain || p.Problems != 0 {
				t.Errorf("layers %s, problems %b, want %s", got, p.Problems, tt.chain)
			}
			if !d.Candidate(f) {
				t.Error("no candidate")
			}
			m := p.Message()
			if m == nil {
				t.Fatal("no message")
			}
			want := ingest.ChecksumGood
			if p.Sampled() {
				want = ingest.ChecksumUnverified
			}
			if request, _ := p.Echo(); !request || m.Checksum != want || !p.Src().IsValid() {
				t.Errorf("request %v, checksum status %d, from %v", request, m.Checksum, p.Src())
			}
			cuts(t, d, f)
		})
	}
}

// cuts decodes the frame cut off at every byte, on the wire and by the capture: nothing panics or reaches outside.
func cuts(t *testing.T, d *decode.Decoder, f *ingest.Frame) {
	t.Helper()
	var p ingest.Packet
	for n := range f.Data {
		for _, wire := range []int{n, len(f.Data)} {
			c := *f
			c.Data, c.Wire = f.Data[:n], wire
			d.Decode(&c, &p)
			check(t, d, &c, &p)
		}
	}
	if s := d.Stats(); s.Panics > 0 {
		t.Errorf("%d panics", s.Panics)
	}
}

// Protected frames, fragments of IEEE 802.11, management frames, control messages and encrypted ones stay opaque.
func TestOpaque(t *testing.T) {
	for _, tt := range []struct {
		name  string
		link  ingest.LinkType
		bytes []byte
		chain string
	}{
		{"protected", 105, wireless(0x08, 0x41, nil, join(hx("0000002000000000"), snap4)), "wlan:data"},
		{"fragment", 105, wireless(0x08, 5, nil, snap4), "wlan:data"},
		{"fragment over UDP", 101, overUDP(5247, join(hx("00100280 0007 0000"), pingE)), "ip:udp:capwap.data:data"},
		{"no data", 105, wireless(0x48, 1, nil, snap4), "wlan"},
		{"beacon", 105, wireless(0x80, 0, nil, snap4), "wlan"},
		{"MACsec", 1, ether(0x88e5, join(hx("0c00 00000001 0800"), ping4, zeros(16))), "eth:macsec:data"},
		{"L2TP control", 101, overUDP(1701, join(hx("c802"), be16(12+len(ping4)), zeros(8), ping4)), "ip:udp:l2tp"},
		{"L2TP 3", 101, overUDP(1701, join(hx("00030000 00000001"), pingE)), "ip:udp:l2tp:data"},
		{"CAPWAP keepalive", 101, overUDP(5247, join(hx("00100208"), zeros(4), hx("00160023 0010"), zeros(16))), "ip:udp:capwap.data"},
		{"TZSP keepalive", 101, overUDP(37008, hx("04010000 01")), "ip:udp:tzsp"},
		{"GRE keepalive", 101, overGRE(0, nil), "ip:gre"},
		{"AMT request", 101, overUDP(2268, join(hx("0300"), zeros(10), ping4)), "ip:udp:amt"},
		{"AYIYA echo", 101, overUDP(5072, join(hx("44521229"), zeros(40), ping6)), "ip:udp:ayiya"},
		{"PIM 1", 101, ip4(103, join(hx("1100dead00000000"), ping4)), "ip:pim"},
		{"protocol 94", 101, ip4(94, ping4), "ip:data"},
	} {
		d, f := decode.New(decode.Options{}), frame(tt.link, tt.bytes)
		var p ingest.Packet
		d.Decode(f, &p)
		check(t, d, f, &p)
		if got := chain(&p); got != tt.chain || p.ICMP >= 0 {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.chain)
		}
	}
}

// Packets in fragments of IEEE 802.11 and CAPWAP.
func TestLinkFragments(t *testing.T) {
	number := func(f []byte, n byte) []byte { f[22] = f[22]&0xf0 | n; return f }
	outer := func(n int, last byte, b []byte) []byte {
		return overUDP(5247, join([]byte{0, 0x10, 2, 0x80 | last}, be16(7), be16(n), b))
	}
	for _, tt := range []struct {
		name     string
		link     ingest.LinkType
		frames   [][]byte
		complete int
		chain    string
	}{
		{"802.11", 105, [][]byte{wireless(8, 5, nil, snap4[:20]), number(wireless(8, 5, nil, snap4[20:30]), 1), number(wireless(8, 1, nil, snap4[30:]), 2)}, 3, "wlan:llc:ip:icmp:data"},
		{"802.11, the first sent twice", 105, [][]byte{wireless(8, 5, nil, snap4[:20]), wireless(8, 5, nil, snap4[:20]), number(wireless(8, 1, nil, snap4[20:]), 1)}, 3, "wlan:llc:ip:icmp:data"},
		{"802.11, the last alone", 105, [][]byte{number(wireless(8, 1, nil, snap4), 1)}, 1, "wlan:llc:ip:icmp:data"},
		{"802.11, a gap", 105, [][]byte{wireless(8, 5, nil, snap4[:20]), number(wireless(8, 5, nil, snap4[20:30]), 2)}, 0, ""},
		{"CAPWAP", 101, [][]byte{outer(0, 0, pingE[:32]), outer(32, 0x40, pingE[32:])}, 2, "ip:udp:capwap.data:eth:ip:icmp:data"},
		{"CAPWAP, backwards", 101, [][]byte{outer(32, 0x40, pingE[32:]), outer(0, 0, pingE[:32])}, 2, "ip:udp:capwap.data:eth:ip:icmp:data"},
	} {
		d := decode.New(decode.Options{})
		for i, b := range tt.frames {
			var p ingest.Packet
			f := frame(tt.link, b)
			f.Number = int64(i + 1)
			d.Decode(f, &p)
			check(t, d, f, &p)
			if got := p.ICMP >= 0; got != (i+1 == tt.complete) || got && chain(&p) != tt.chain {
				t.Errorf("%s: frame %d: %s", tt.name, i+1, chain(&p))
			}
		}
		if tshark := tsharkIfAny(t); tshark != "" && tt.complete > 0 {
			rows, err := tsharks(tshark, written(t, tt.link, tt.frames))
			if got := plain(rows[int64(tt.complete)][1]); err != nil || got != tt.chain {
				t.Errorf("%s: tshark says %s (%v)", tt.name, got, err)
			}
		}
	}
}

// tshark names the layers of every carrier as this decoder does.
func TestCarriersAreTsharks(t *testing.T) {
	bin := oracle.Tshark(t)
	links := map[ingest.LinkType][]int{}
	for i, tt := range carriers {
		if tt.link < 281 {
			links[tt.link] = append(links[tt.link], i)
		}
	}
	for link, indexes := range links {
		var frames [][]byte
		for _, i := range indexes {
			frames = append(frames, carriers[i].bytes)
		}
		rows, err := tsharks(bin, written(t, link, frames))
		if err != nil {
			t.Errorf("link type %d: %v", link, err)
			continue
		}
		for k, i := range indexes {
			got := plain(rows[int64(k+1)][1])
			if want := carriers[i].chain; got != want && !slices.Contains(newer(want), got) {
				t.Errorf("%s: tshark says %s, not %s", carriers[i].name, got, want)
			}
		}
	}
}

// plain leaves out what TestCarriers does not name.
func plain(protocols string) string {
	return strings.TrimPrefix(strings.ReplaceAll(protocols, ":ethertype", ""), "raw:")
}

// newer are the names that Wireshark 4.4 gives: of IP below MPLS none, of MACsec's check value "data".
func newer(chain string) []string {
	return []string{
		strings.Replace(strings.Replace(chain, "mpls:ipv6:", "mpls:", 1), "mpls:ip:", "mpls:", 1),
		strings.Replace(chain, "macsec:", "macsec:data:", 1),
		strings.Replace(chain, "nhrp:ip:icmp:data", "nhrp:ip:icmp", 1),
	}
}
