package field

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Format prints a value as `tshark -T fields` of Wireshark 4.4 does; protocols by their name.
func (f *Field) Format(v Value) string { return string(f.Append(nil, nil, v)) }

// Append appends the value's text to dst, in the form of the context's Wireshark version; see [Field.Format].
func (f *Field) Append(dst []byte, c *Context, v Value) []byte { return f.append(dst, c, &v) }

func (f *Field) append(dst []byte, c *Context, v *Value) []byte {
	switch f.Type {
	case Protocol:
		return f.appendProtocol(dst, v)
	case None:
		return append(dst, '1')
	case Boolean:
		return appendBoolean(dst, c, v.Int != 0)
	case Double:
		return appendDouble(dst, v.Float)
	case IPv4, IPv6, Address:
		return appendAddress(dst, v.Addr)
	case Ether:
		return appendColon(dst, v.Bytes)
	case Bytes:
		if f.Display == Colon || f.Display == MAC && len(v.Bytes) == 6 {
			return appendColon(dst, v.Bytes)
		}
		if len(v.Bytes) == 0 && f.Name == "ipv6.opt.padn" { // the one field that may be empty there
			return append(dst, "<none>"...)
		}
		if len(v.Bytes) == 0 && !f.Ours() {
			return append(dst, "<MISSING>"...)
		}
		return hex.AppendEncode(dst, v.Bytes)
	case String:
		return appendText(dst, c, v.Text)
	case AbsoluteTime:
		return f.appendTime(dst, v.Int)
	case RelativeTime:
		return appendSeconds(dst, v.Int)
	}
	return f.appendInteger(dst, c, v)
}

// appendProtocol: the data protocol is the one whose label tshark replaces by its bytes.
func (f *Field) appendProtocol(dst []byte, v *Value) []byte {
	if f.Name == "data" {
		return hex.AppendEncode(dst, v.Bytes)
	}
	return append(dst, f.Name...)
}

// appendBoolean: words since 4.2, digits before.
func appendBoolean(dst []byte, c *Context, b bool) []byte {
	switch {
	case !c.since("4.2"):
		return strconv.AppendInt(dst, truth(b), 10)
	case b:
		return append(dst, "True"...)
	}
	return append(dst, "False"...)
}

// hexDigits are the digits that numbers of a type have; Int16 is the last type.
var hexDigits = [...]int{Int16: 0, Uint8: 2, Uint16: 4, Uint24: 6, Uint32: 8, Uint48: 16, Uint64: 16}

func (f *Field) appendInteger(dst []byte, c *Context, v *Value) []byte {
	if f.Display != Hex || f.hexFrom != "" && !c.since(f.hexFrom) {
		return strconv.AppendInt(dst, v.Int, 10)
	}
	digits := hexDigits[f.Type]
	if f.sized && len(v.Bytes) > 0 || f.Type == Uint48 && len(v.Bytes) == 2 { // a field that once was shorter
		digits = 2 * len(v.Bytes)
	}
	var room [16]byte
	text := strconv.AppendUint(room[:0], uint64(v.Int), 16)
	dst = append(dst, "0x"...)
	for i := len(text); i < digits; i++ {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

// appendDouble prints 15 significant digits, as C's %.15g: what Wireshark shows.
func appendDouble(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'g', 15, 64) }

// appendText escapes what would break tshark's lines and cells; since 4.2 every character that C has an escape for.
func appendText(dst []byte, c *Context, s string) []byte {
	all := c.since("4.2")
	for i := range len(s) {
		switch b := s[i]; {
		case b == '\\' && all:
			dst = append(dst, `\\`...)
		case int(b) < len(controlNames) && controlNames[b] != "" && (all || b != '\a' && b != '\v'):
			dst = append(dst, controlNames[b]...)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

func appendColon(dst, b []byte) []byte {
	if len(b) == 0 {
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, 3*len(b))[:at+3*len(b)-1]
	for out := dst[at:]; ; out, b = out[3:], b[1:] {
		out[0], out[1] = hexDigit[b[0]>>4], hexDigit[b[0]&15]
		if len(b) == 1 {
			return dst
		}
		out[2] = ':'
	}
}

const hexDigit = "0123456789abcdef"

func (f *Field) appendTime(dst []byte, ns int64) []byte {
	if f.Display == Epoch {
		return appendSeconds(dst, ns)
	}
	return time.Unix(0, ns).UTC().AppendFormat(dst, "Jan _2, 2006 15:04:05.000000000 UTC")
}

// appendSeconds prints nanoseconds as seconds with nine decimals.
func appendSeconds(dst []byte, ns int64) []byte {
	u := uint64(ns)
	if ns < 0 {
		dst, u = append(dst, '-'), -u
	}
	return appendDigits(append(strconv.AppendUint(dst, u/1e9, 10), '.'), u%1e9, 9)
}

// appendDigits prints the last digits of a number, zeros in front.
func appendDigits(dst []byte, u uint64, digits int) []byte {
	const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869" +
		"7071727374757677787980818283848586878889" + "90919293949596979899"
	var room [20]byte
	i := digits
	for ; i > 1; i -= 2 {
		at := u % 100 * 2
		room[i-2], room[i-1] = pairs[at], pairs[at+1]
		u /= 100
	}
	if i == 1 {
		room[0] = byte('0' + u%10)
	}
	return append(dst, room[:digits]...)
}

func addressText(a netip.Addr) string {
	var room [64]byte
	return string(appendAddress(room[:0], a))
}

// appendAddress prints an address as inet_ntop does: unlike RFC 5952, "::a.b.c.d" for the IPv4-compatible ones.
func appendAddress(dst []byte, a netip.Addr) []byte {
	if a.Is6() && !a.Is4In6() {
		b := a.As16()
		if be(b[:8]) == 0 && be(b[8:12]) == 0 && (b[12] != 0 || b[13] != 0) {
			return netip.AddrFrom4([4]byte(b[12:])).AppendTo(append(dst, "::"...))
		}
	}
	return a.AppendTo(dst)
}
