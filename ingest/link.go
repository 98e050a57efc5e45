package ingest

import "fmt"

var linkNames = map[LinkType]string{
	0: "BSD null", 1: "Ethernet", 6: "Token Ring", 8: "SLIP", 9: "PPP", 10: "FDDI", 12: "Raw IP", 14: "Raw IP", 50: "PPP in HDLC-like framing", 51: "PPPoE",
	100: "LLC/SNAP ATM", 101: "Raw IP", 104: "Cisco HDLC", 105: "IEEE 802.11", 107: "Frame Relay", 108: "OpenBSD loopback", 113: "Linux cooked v1",
	117: "OpenBSD pflog", 119: "Prism 802.11", 127: "Radiotap 802.11", 143: "DOCSIS", 147: "User 0", 163: "AVS 802.11", 165: "BACnet MS/TP", 189: "USB, Linux",
	192: "Per-packet information", 195: "IEEE 802.15.4", 201: "Bluetooth HCI", 220: "USB, Linux padded", 228: "Raw IPv4", 229: "Raw IPv6", 239: "Netfilter log",
	242: "IP over InfiniBand", 249: "USBPcap", 253: "Netlink", 276: "Linux cooked v2", 277: "802.15.4 without FCS",
}

// String names the link type in words, by its number if it has no name here.
func (l LinkType) String() string {
	if n, ok := linkNames[l]; ok {
		return n
	}
	return fmt.Sprint(uint16(l))
}
