package payload

import "encoding/binary"

// deepest is the largest offset an inner IP header is looked for at: tunnels put their own header before it.
const deepest = 16

// innerIP tells whether an IP packet starts within the first bytes.
func innerIP(b []byte, wire int) bool {
	for i := 0; i <= deepest && i+20 <= len(b); i++ {
		if IPHeader(b[i:], wire-i) {
			return true
		}
	}
	return false
}

// IPHeader tells whether an IP packet starts here that the bytes on the wire can hold; of wire of them, b is what was
// captured. Of IPv4 the header checksum must be right.
func IPHeader(b []byte, wire int) bool {
	return len(b) >= 20 && (b[0]>>4 == 4 && innerIPv4(b, wire) || b[0]>>4 == 6 && innerIPv6(b, wire))
}

// innerIPv4 checks a header of RFC 791: lengths that fit, a TTL, and the checksum.
func innerIPv4(b []byte, wire int) bool {
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < 20 || header > len(b) || total < header || total > wire || b[8] == 0 {
		return false
	}
	var sum uint32
	for i := 0; i < header; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	sum = sum>>16 + sum&0xffff
	return sum+sum>>16 == 0xffff
}

// innerIPv6 checks a header of RFC 8200, which has no checksum: the payload length must account for what follows but for
// a little padding, the next header be one in use, the addresses possible.
func innerIPv6(b []byte, wire int) bool {
	if len(b) < 40 {
		return false
	}
	left := wire - 40 - int(binary.BigEndian.Uint16(b[4:]))
	return left >= 0 && left < 8 && nextHeader(b[6]) && b[7] > 0 && unicast(b[8]) && (unicast(b[24]) || b[24] == 0xff)
}

// nextHeader tells whether an IPv6 next header is one that tunnels carry.
func nextHeader(n byte) bool {
	switch n {
	case 0, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132, 135:
		return true
	}
	return false
}

// unicast tells by its first byte whether an IPv6 address can be one: global, unique local, link-local, or ::/8.
func unicast(first byte) bool {
	return first>>5 == 1 || first>>1 == 0x7e || first == 0xfe || first == 0
}
