package field

import "encoding/binary"

// FreeForm tells whether no standard says what a message of the type holds: IANA does not assign it, has withdrawn it, or leaves it to
// experiments (RFC 4727, RFC 4443).
func FreeForm(v6 bool, typ uint8) bool {
	if v6 {
		return !assigned6[typ] || typ == 100 || typ == 101 || typ == 200 || typ == 201
	}
	return !assigned4[typ] || typ == 253 || typ == 254
}

// Prescribed is the length of the fields that a message of the type has (RFC 792, 950, 1256, 4443, 4861, 2710), bytes.
func Prescribed(v6 bool, typ uint8) int {
	switch {
	case !v6 && (typ == 13 || typ == 14):
		return 20
	case !v6 && (typ == 17 || typ == 18):
		return 12
	case v6 && 130 <= typ && typ <= 132, v6 && (typ == 135 || typ == 136):
		return 24
	case v6 && typ == 134:
		return 16
	case v6 && typ == 137:
		return 40
	}
	return 8
}

// Free is what stands in a message where no standard says what to put: all behind the checksum in a type of free form; what follows the
// fields of queries; where an error has to quote a datagram, and an extended echo an extension, what is none; and options of neighbor discovery that IANA
// does not assign. What echo messages carry is their payload, and not this. It gives nil where there is nothing.
func Free(v6 bool, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	typ := b[0]
	if FreeForm(v6, typ) {
		return after(b, 4)
	}
	rest := after(b, Prescribed(v6, typ))
	switch {
	case rest == nil || v6 && 128 <= typ && typ <= 132:
		return nil
	case v6 && typ < 128:
		return unless(rest, quotes6)
	case v6 && 133 <= typ && typ <= 137:
		return unknownOption(rest)
	case v6:
		return nil
	}
	switch typ {
	case 3, 4, 5, 11, 12, 40:
		return unless(rest, quotes4)
	case 42, 43:
		return unless(rest, opensExtension)
	case 10, 13, 14, 41:
		return rest
	}
	return nil
}

func after(b []byte, n int) []byte {
	if len(b) <= n {
		return nil
	}
	return b[n:]
}

func unless(b []byte, is func(b []byte) bool) []byte {
	if is(b) {
		return nil
	}
	return b
}

// longestQuoted is the length that the header of a quoted datagram may state where its checksum does not vouch for it: text that begins like
// a header states more.
const longestQuoted = 0x2000

// quotes4 tells whether bytes begin as an IPv4 datagram does. One that is cut short counts: what is left of it cannot be told.
func quotes4(b []byte) bool {
	if len(b) < 20 {
		return b[0]>>4 == 4 && b[0]&15 >= 5
	}
	size := int(b[0]&15) * 4
	if b[0]>>4 != 4 || size < 20 {
		return false
	}
	stated := int(binary.BigEndian.Uint16(b[2:]))
	return stated >= size && stated < longestQuoted || size <= len(b) && folded(b[:size]) == 0xffff
}

// quotes6 tells whether bytes begin as an IPv6 datagram does.
func quotes6(b []byte) bool {
	return b[0]>>4 == 6 && (len(b) < 6 || binary.BigEndian.Uint16(b[4:]) < longestQuoted)
}

// opensExtension tells whether bytes begin as an extension structure does (RFC 4884, 7).
func opensExtension(b []byte) bool { return b[0] == 0x20 && (len(b) < 2 || b[1] == 0) }

// folded is the sum that checksums are made of (RFC 1071).
func folded(b []byte) uint32 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum
}

// highestOption is the last of the neighbor discovery options that are assigned in a row (IANA's list of 2025); more are above, which
// furtherOptions has.
const highestOption = 42

var furtherOptions = map[uint8]bool{138: true, 139: true, 144: true}

// unknownOption is the data of the first neighbor discovery option that IANA does not assign (RFC 4861, 4.6); where what follows the fields of a message is
// no option, it is all of that.
func unknownOption(b []byte) []byte {
	for first := true; len(b) >= 8; first = false {
		n := int(b[1]) * 8
		switch {
		case n == 0 || n > len(b):
			if first {
				return b
			}
			return nil
		case b[0] > highestOption && !furtherOptions[b[0]]:
			return b[2:n]
		}
		b = b[n:]
	}
	return nil
}
