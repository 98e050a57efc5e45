package payload

// Least lengths for which a class is stated: shorter likenesses are mostly chance.
const (
	leastRamp    = 4
	leastText    = 4
	leastHex     = 16
	leastBase64  = 16
	leastPattern = 8
	leastMix     = 3 // bits per byte, of base64
)

// classOf says what kind of bytes a payload of no known sender is. Strong structure comes before alphabets, alphabets
// before statistics.
func classOf(b []byte, wire int, entropy float64) string {
	switch {
	case len(b) == 0:
		return Unknown // all cut off
	case cycles(b, []byte{0}):
		return Zero
	case len(b) >= leastRamp && rises(b):
		return Ramp
	case patterned(b):
		return StockPattern
	case innerIP(b, wire):
		return InnerIP
	}
	if class := signature(b); class != "" {
		return class
	}
	switch {
	case isHex(b):
		return Hex
	case entropy >= leastMix && isBase64(b):
		return Base64
	case len(b) >= leastText && Text(b):
		return TextBytes
	case random(len(b), entropy) && !climbs(b):
		return HighEntropy
	}
	return Unknown
}

// rises tells whether each byte is one more than the last, modulo 256.
func rises(b []byte) bool {
	for i := 1; i < len(b); i++ {
		if b[i] != b[i-1]+1 {
			return false
		}
	}
	return true
}

// climbs tells whether many bytes are one more than the last: counters and tables can use as many values as random bytes do.
func climbs(b []byte) bool {
	n := 0
	for i := 1; i < len(b); i++ {
		if b[i] == b[i-1]+1 {
			n++
		}
	}
	return 4*n > len(b)
}

// patterned tells whether the payload is nothing but at least three times the same 16 bytes or less.
func patterned(b []byte) bool {
	if len(b) < leastPattern {
		return false
	}
	p := period(b, 16)
	return p > 0 && len(b) >= 3*p
}

// isHex tells whether all bytes are hexadecimal digits of one case, with both figures and letters among them.
func isHex(b []byte) bool {
	var figures, lower, upper int
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			figures++
		case c >= 'a' && c <= 'f':
			lower++
		case c >= 'A' && c <= 'F':
			upper++
		default:
			return false
		}
	}
	return len(b) >= leastHex && figures > 0 && lower+upper > 0 && (lower == 0 || upper == 0)
}

// isBase64 tells whether all bytes are of a base64 alphabet (RFC 4648, either one; line ends allowed), mixed as encoded
// data is: capitals, small letters, and figures, signs or padding.
func isBase64(b []byte) bool {
	var lower, upper, other, pad int
	for _, c := range b {
		switch {
		case c == '\r' || c == '\n':
			continue
		case c == '=':
			pad++
			continue
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= '0' && c <= '9', c == '+', c == '/', c == '-', c == '_':
			other++
		default:
			return false
		}
		if pad > 0 {
			return false
		}
	}
	return lower+upper+other >= leastBase64 && lower > 0 && upper > 0 && other+pad > 0 && pad <= 2
}
