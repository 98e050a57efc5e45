package filter

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"icmpsift/ingest/field"
)

func absStep(*compiler, *call, field.Type) mapping {
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		return field.Value{Int: abs(v.Int), Float: math.Abs(v.Float)}, v.Int != math.MinInt64
	}
}

// lengthStep counts bytes, and the characters of text where slices do.
func lengthStep(c *compiler, _ *call, t field.Type) mapping {
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		switch {
		case isInteger(t):
			return field.Value{Int: int64(octets(t))}, true
		case isAddressType(t):
			return field.Value{Int: int64(v.Addr.BitLen() / 8)}, true
		case t == field.String && c.p.stringSlices:
			return field.Value{Int: int64(utf8.RuneCountInString(v.Text))}, true
		case t == field.String:
			return field.Value{Int: int64(len(v.Text))}, true
		}
		return field.Value{Int: int64(len(v.Bytes))}, true
	}
}

func textStep(change func(string) string) valueStep {
	return func(*compiler, *call, field.Type) mapping {
		return func(_ *machine, v *field.Value) (field.Value, bool) { return field.Value{Text: change(v.Text)}, true }
	}
}

func addressStep(is func(netip.Addr) bool) valueStep {
	return func(*compiler, *call, field.Type) mapping {
		return func(_ *machine, v *field.Value) (field.Value, bool) {
			if is(v.Addr) {
				return field.Value{Int: 1}, true
			}
			return field.Value{}, true
		}
	}
}

func rfc1918(a netip.Addr) bool     { return a.Is4() && a.IsPrivate() }
func uniqueLocal(a netip.Addr) bool { return a.Is6() && a.IsPrivate() }

// stringStep prints numbers in decimal, whatever their display is.
func stringStep(_ *compiler, _ *call, t field.Type) mapping {
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		switch {
		case isAddressType(t):
			return field.Value{Text: v.Addr.String()}, true
		case t == field.Ether:
			return field.Value{Text: net.HardwareAddr(v.Bytes).String()}, true
		case t == field.Double:
			return field.Value{Text: strconv.FormatFloat(v.Float, 'g', -1, 64)}, true
		}
		return field.Value{Text: integerText(t, v.Int, 10)}, true
	}
}

func integerText(t field.Type, n int64, base int) string {
	if isUnsigned(t) {
		return strconv.FormatUint(uint64(n), base)
	}
	return strconv.FormatInt(n, base)
}

func decimalStep(_ *compiler, _ *call, t field.Type) mapping {
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		return field.Value{Text: integerText(t, v.Int, 10)}, true
	}
}

// hexStep prints as many digits as the type has.
func hexStep(_ *compiler, _ *call, t field.Type) mapping {
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		n := 2 * octets(t)
		return field.Value{Text: fmt.Sprintf("0x%0*x", n, uint64(v.Int)&(math.MaxUint64>>(64-4*n)))}, true
	}
}

func valsStep(_ *compiler, n *call, _ field.Type) mapping {
	f := namesOf(n.args[0])
	return func(_ *machine, v *field.Value) (field.Value, bool) {
		text, ok := f.Names[v.Int]
		return field.Value{Text: text}, ok
	}
}
