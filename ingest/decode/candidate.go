package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// Candidate tells whether the frame can hold ICMP, straight from its bytes. It says no to plain TCP and UDP and to ARP,
// and yes whenever it is not sure: headers cut short, unknown types, extension headers, tunnels, fragments that are
// not TCP's.
func (d *Decoder) Candidate(f *ingest.Frame) bool {
	b := f.Data
	switch f.Link {
	case ingest.LinkEthernet:
		if len(b) >= 34 && b[12] == 8 && b[13] == 0 && b[14]>>4 == 4 && b[23] == protoTCP {
			return false // most frames of most captures
		}
		return len(b) < 14 || typeMay(b[12:])
	case ingest.LinkSLL:
		return len(b) < 16 || typeMay(b[14:])
	case ingest.LinkSLL2:
		return len(b) < 20 || payloadMay(binary.BigEndian.Uint16(b), b[20:])
	case ingest.LinkRaw, ingest.LinkRawBSD, ingest.LinkRawOpen, ingest.LinkIPv4, ingest.LinkIPv6:
		return ipMay(b)
	case ingest.LinkNull, ingest.LinkLoop:
		return len(b) < 4 || b[0] == 0xff || ipMay(b[4:])
	case ingest.LinkIEEE80211:
		return wlanMay(b)
	case ingest.LinkRadiotap:
		return len(b) < 4 || wlanMay(b[min(len(b), int(binary.LittleEndian.Uint16(b[2:]))):])
	}
	return true
}

// wlanMay tells whether an IEEE 802.11 frame can carry a packet: management, control and protected frames do not.
func wlanMay(b []byte) bool {
	return len(b) < 2 || b[0]&0x0c == 0x08 && b[0]&0x40 == 0 && b[1]&dot11Protected == 0
}

// typeMay looks at an Ethernet type and what follows it, through tags.
func typeMay(b []byte) bool {
	for len(b) >= 6 && tagged(b) {
		b = b[4:]
	}
	return len(b) < 2 || payloadMay(binary.BigEndian.Uint16(b), b[2:])
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
	case protoTCP, protoESP, protoSCTP:
		return false
	case protoUDP:
		return len(b) < 4 || tunnelled(b) || tunnelled(b[2:])
	}
	return true
}

func tunnelled(port []byte) bool { return tunnel(layers.UDPPort(binary.BigEndian.Uint16(port))) != nil }
