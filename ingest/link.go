package ingest

import "fmt"

var linkNames = map[LinkType]string{
	0: "BSD null", 1: "Ethernet", 6: "Token Ring", 7: "ARCNET", 8: "SLIP", 9: "PPP", 10: "FDDI", 11: "LLC/SNAP ATM", 12: "Raw IP", 13: "BSD encapsulated",
	14: "Raw IP", 19: "Classical IP over ATM", 50: "PPP in HDLC-like framing", 51: "PPPoE", 99: "Symantec Enterprise Firewall", 100: "LLC/SNAP ATM",
	101: "Raw IP", 104: "Cisco HDLC", 105: "IEEE 802.11", 106: "Classical IP over ATM", 107: "Frame Relay", 108: "OpenBSD loopback", 109: "BSD encapsulated",
	113: "Linux cooked v1", 114: "LocalTalk", 117: "OpenBSD pflog", 119: "Prism 802.11", 122: "IP over Fibre Channel", 123: "SunATM", 127: "Radiotap 802.11",
	129: "ARCNET, Linux", 138: "IP over FireWire", 143: "DOCSIS", 144: "Linux IrDA", 147: "User 0", 148: "User 1", 149: "Apple PKTAP (User 2)", 150: "User 3",
	163: "AVS 802.11", 165: "BACnet MS/TP", 166: "pppd with direction", 177: "LAPD, Linux", 178: "Juniper Ethernet", 182: "Multi-link Frame Relay", 187: "Bluetooth HCI H4", 189: "USB, Linux",
	192: "Per-packet information", 195: "IEEE 802.15.4", 197: "ERF", 201: "Bluetooth HCI", 204: "PPP with direction", 215: "802.15.4 without ASK PHY", 220: "USB, Linux padded",
	224: "Fibre Channel FC-2", 226: "Solaris ipnet", 227: "SocketCAN", 228: "Raw IPv4", 229: "Raw IPv6", 230: "802.15.4 without FCS", 231: "D-Bus", 239: "Netfilter log", 240: "Hilscher netANALYZER",
	242: "IP over InfiniBand", 243: "MPEG-2 TS", 247: "InfiniBand", 248: "SCTP", 249: "USBPcap", 251: "Bluetooth LE", 253: "Netlink", 258: "Apple PKTAP",
	259: "EPON", 271: "vsock", 274: "Ethernet mPackets", 276: "Linux cooked v2", 280: "VPP dispatch trace", 281: "Broadcom switch tag", 282: "Broadcom switch tag, prepended",
	283: "802.15.4 TAP", 284: "Marvell DSA", 285: "Marvell EDSA",
}

// String names the link type in words, by its number if it has no name here.
func (l LinkType) String() string {
	if n, ok := linkNames[l]; ok {
		return n
	}
	return fmt.Sprint(uint16(l))
}
