package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// Candidate tells whether the frame can hold ICMP, straight from its bytes. It says no to what is data for the decoder, such
// as plain TCP and UDP and ARP, also in tags, labels, PPP and the common tunnels, and yes whenever it is not sure: headers
// cut short, extension headers, rare tunnels, fragments that are not TCP's.
func (d *Decoder) Candidate(f *ingest.Frame) bool {
	b := f.Data
	switch f.Link {
	case ingest.LinkEthernet:
		if len(b) >= 34 && b[12] == 8 && b[13] == 0 && b[14]>>4 == 4 && b[23] == protoTCP {
			return false // most frames of most captures
		}
		return ethernetMay(b)
	case ingest.LinkSLL:
		return len(b) < 16 || b[14] < 6 || typeMay(b[14:]) // smaller numbers are Linux's
	case ingest.LinkSLL2:
		return len(b) < 20 || b[0] < 6 || payloadMay(binary.BigEndian.Uint16(b), b[20:])
	case ingest.LinkRaw, ingest.LinkRawBSD, ingest.LinkRawOpen, ingest.LinkIPv4, ingest.LinkIPv6:
		return ipMay(b)
	case ingest.LinkNull, ingest.LinkLoop:
		return len(b) < 4 || b[0] == 0xff || ipMay(b[4:])
	case ingest.LinkIEEE80211:
		return wlanMay(b)
	case ingest.LinkRadiotap:
		return len(b) < 4 || wlanMay(b[min(len(b), int(binary.LittleEndian.Uint16(b[2:]))):])
	}
	return rareLinkMay(f.Link, b)
}

func rareLinkMay(l ingest.LinkType, b []byte) bool {
	switch l {
	case 9, 50:
		return pppMay(b)
	case 11, 100:
		return llcMay(b)
	case 51:
		return pppoeMay(b)
	case 104:
		return chdlcMay(b)
	}
	return true
}

func ethernetMay(b []byte) bool { return len(b) < 14 || typeMay(b[12:]) }

// wlanMay tells whether an IEEE 802.11 frame can carry a packet: management, control and protected frames do not.
func wlanMay(b []byte) bool {
	return len(b) < 2 || b[0]&0x0c == 0x08 && b[0]&0x40 == 0 && b[1]&dot11Protected == 0
}

// typeMay looks at an Ethernet type or length and what follows it, through tags.
func typeMay(b []byte) bool {
	for len(b) >= 6 && tagged(b) {
		b = b[4:]
	}
	if len(b) < 2 {
		return true
	}
	switch t := binary.BigEndian.Uint16(b); {
	case t <= maxLength:
		return llcMay(b[2:])
	default:
		return payloadMay(t, b[2:])
	}
}

func tagged(b []byte) bool {
	switch binary.BigEndian.Uint16(b) {
	case 0x8100, 0x88a8, 0x9100:
		return true
	}
	return false
}

func payloadMay(t uint16, b []byte) bool {
	switch t {
	case 0x0800, 0x86dd:
		return ipMay(b)
	case 0x0806:
		return false
	case 0x6558:
		return ethernetMay(b)
	case 0x8847, 0x8848:
		return mplsMay(b)
	case 0x8864:
		return pppoeMay(b)
	case 0x8870:
		return llcMay(b)
	}
	return etherKnown(t) != nil
}

func llcMay(b []byte) bool {
	switch {
	case len(b) < 8:
		return true
	case b[0] == 0xaa && b[1] == 0xaa && b[2] == 3:
		return snapMay(b)
	}
	return b[0] == 0x06 || b[0] == 0xfe
}

func snapMay(b []byte) bool {
	if b[3] == 0 && b[4] == 0 && (b[5] == 0 || b[5] == 0xf8) {
		return payloadMay(binary.BigEndian.Uint16(b[6:]), b[8:])
	}
	return b[3] == 0 && b[4] == 0x80 && b[5] == 0xc2
}

// mplsMay looks below a stack of labels.
func mplsMay(b []byte) bool {
	for len(b) > 4 {
		last := b[2]&1 != 0
		if b = b[4:]; last {
			return b[0]>>4 != 4 && b[0]>>4 != 6 || ipMay(b)
		}
	}
	return true
}

func pppoeMay(b []byte) bool { return len(b) < 6 || b[1] == 0 && pppMay(b[6:]) }

func chdlcMay(b []byte) bool {
	if len(b) < 4 {
		return true
	}
	switch t := binary.BigEndian.Uint16(b[2:]); t {
	case 0x0800, 0x86dd, 0x6558, 0x8847, 0x8848:
		return payloadMay(t, b[4:])
	case 0xfefe:
		return true
	}
	return false
}

// pppMay looks at PPP with a protocol field of two bytes, which control protocols must have.
func pppMay(b []byte) bool {
	if len(b) > 2 && b[0] == 0xff && b[1] == 3 {
		b = b[2:]
	}
	if len(b) < 2 || b[0]&1 != 0 {
		return true
	}
	switch binary.BigEndian.Uint16(b) {
	case 0x21, 0x57:
		return ipMay(b[2:])
	case 0x8021, 0x8057, 0xc021, 0xc023, 0xc223: // control protocols, authentication
		return false
	}
	return true
}

func ipMay(b []byte) bool {
	switch {
	case len(b) < ipv4MinimumLen:
		return true
	case b[0]>>4 == 4:
		return ipv4May(b)
	case b[0]>>4 == 6 && len(b) >= ipv6HeaderLen:
		return protocolMay(b[6], b[ipv6HeaderLen:])
	}
	return true
}

func ipv4May(b []byte) bool {
	header := int(b[0]&0x0f) * 4
	fragment := (b[6]&0x3f | b[7]) != 0 // more fragments, or an offset
	if fragment && b[9] != protoTCP || header > len(b) {
		return true
	}
	return protocolMay(b[9], b[header:])
}

func protocolMay(protocol uint8, b []byte) bool {
	switch protocol {
	case protoTCP:
		return false
	case protoUDP:
		return udpMay(b)
	case protoGRE:
		return greMay(b)
	case protoIPv4, protoIPv6:
		return ipMay(b)
	}
	return protocolKnown(protocol) != nil
}

func greMay(b []byte) bool {
	n := greLength(b)
	if len(b) < n {
		return true
	}
	switch t := binary.BigEndian.Uint16(b[2:]); t {
	case 0x0800, 0x86dd, 0x6558, 0x8847, 0x8848:
		return payloadMay(t, b[n:])
	case ingest.EtherPPP:
		return pppMay(b[n:])
	}
	return true
}

// udpMay looks into the tunnel that the ports stand for.
func udpMay(b []byte) bool {
	if len(b) < 8 {
		return true
	}
	low, high := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	if low > high {
		low, high = high, low
	}
	port := low
	if tunnel(layers.UDPPort(low)) == nil {
		port = high
	}
	return tunnel(layers.UDPPort(port)) != nil && tunnelMay(port, b[8:])
}

func tunnelMay(port uint16, b []byte) bool {
	if len(b) < 8 {
		return true
	}
	switch port {
	case 4789, 8472: // VXLAN
		return ethernetMay(b[8:])
	case 2152, 2123: // GTP
		return gtpMay(b)
	case 6081: // GENEVE
		n := 8 + int(b[0]&0x3f)*4
		return b[0]>>6 == 0 && (len(b) < n || payloadMay(binary.BigEndian.Uint16(b[2:]), b[n:]))
	}
	return true
}

// gtpMay looks at GTP-U version 1 without optional fields.
func gtpMay(b []byte) bool {
	switch {
	case b[0]&0x10 == 0 || b[0]>>5 > 1 || b[1] != 255: // no packet in it
		return false
	case b[0] != 0x30 || len(b) < 9 || (b[8] < 0x45 || b[8] > 0x4e) && b[8]>>4 != 6: // else it may be Ethernet
		return true
	}
	return ipMay(b[8:])
}
