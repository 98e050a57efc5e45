package filter

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"icmpsift/ingest/field"
)

// constant turns a literal into a value of type t. f, which may be nil, is the field it is compared with, for its value
// strings. byName asks the caller to compare the name of the field's value with the Text: several values share the name.
func (c *compiler) constant(n *literal, t field.Type, f *field.Field) (v field.Value, byName bool, err error) {
	switch {
	case t == field.Boolean:
		v, err = c.boolean(n, f)
	case isInteger(t):
		return c.integer(n, t, f)
	case t == field.Double:
		v, err = c.real(n)
	case isAddressType(t):
		v, err = c.address(n, t)
	case t == field.Ether:
		v, err = c.ether(n)
	case isBytes(t):
		if t == field.Protocol && n.kind == integer && c.p.decimalBytes {
			return v, false, c.convert(n, t, "expected bytes, such as 61:62, or 0x61 of a byte sequence")
		}
		v.Bytes, err = c.bytes(n)
	case t == field.String && c.p.decimalBytes && (n.kind == integer || n.kind == float):
		err = c.convert(n, t, "expected text in double quotes")
	case t == field.String && !c.p.looseColons && (n.kind == word || n.kind == unquoted) && !strictColons(n.value):
		err = c.fail(n, n.text+" is neither an address nor bytes", "put text in double quotes")
	case t == field.String:
		v.Text = n.value
	case t == field.AbsoluteTime:
		v.Int, err = c.absolute(n, f)
	case t == field.RelativeTime:
		v.Int, err = c.relative(n)
	default:
		err = c.fail(n, fmt.Sprintf("%s cannot be compared: %s has no value", n.text, aType(t)), "")
	}
	return v, false, err
}

// strictColons tells whether 4.0 takes an unquoted text for one value: with colons it must be bytes or an address.
func strictColons(text string) bool {
	address, _, _ := strings.Cut(text, "/")
	_, err := netip.ParseAddr(address)
	return err == nil || !strings.Contains(text, ":") || colonPairs.MatchString(text)
}

// dashed is a range as others write it.
var dashed = regexp.MustCompile(`^([0-9]+)-([0-9]+)$`)

func (c *compiler) convert(n *literal, t field.Type, hint string) error {
	if part := dashed.FindStringSubmatch(n.text); part != nil {
		hint = fmt.Sprintf("a range is written {%s..%s}, behind in", part[1], part[2])
	}
	return c.fail(n, fmt.Sprintf("%s cannot be converted to %s", n.text, typeNames[t]), hint)
}

func (c *compiler) integer(n *literal, t field.Type, f *field.Field) (v field.Value, byName bool, err error) {
	low, high := limits(t)
	switch n.kind {
	case integer:
		u, err := strconv.ParseUint(n.value, 0, 64)
		if err != nil || u > high {
			return v, false, c.fail(n, fmt.Sprintf("%s is too big for this field: the least is %d, the greatest %d", n.text, low, high), "")
		}
		return field.Value{Int: int64(u)}, false, nil
	case character:
		r, size := utf8.DecodeRuneInString(n.value)
		if size == 1 {
			r = rune(n.value[0])
		}
		return field.Value{Int: int64(r)}, false, nil
	case float:
		return v, false, c.convert(n, t, "expected a whole number")
	}
	return c.valueString(n, t, f)
}

// valueString finds a name such as "Echo (ping) request" among the field's; upper and lower case are the same.
func (c *compiler) valueString(n *literal, t field.Type, f *field.Field) (v field.Value, byName bool, err error) {
	if f == nil || f.Names == nil {
		return v, false, c.convert(n, t, "expected a number")
	}
	var found []int64
	for number, text := range f.Names {
		if strings.EqualFold(text, n.value) {
			found = append(found, number)
		}
	}
	switch len(found) {
	case 0:
		return v, false, c.fail(n, fmt.Sprintf("%s is not among the names that %s has for its values", n.text, f.Name), "")
	case 1:
		return field.Value{Int: found[0]}, false, nil
	}
	return field.Value{Text: f.Names[slices.Min(found)]}, true, nil
}

func (c *compiler) boolean(n *literal, f *field.Field) (v field.Value, err error) {
	switch n.kind {
	case integer:
		if u, err := strconv.ParseUint(n.value, 0, 64); err == nil && u != 0 {
			v.Int = 1
		}
		return v, nil
	case word, unquoted, quoted:
		if f != nil && f.Names != nil {
			if v, _, err := c.valueString(n, field.Boolean, f); err == nil {
				return v, nil
			}
		}
		if strings.EqualFold(n.value, "true") && (c.p.anyCaseTrue || n.value != "true") {
			return field.Value{Int: 1}, nil
		} else if strings.EqualFold(n.value, "false") && (c.p.anyCaseTrue || n.value != "false") {
			return v, nil
		}
	}
	return v, c.convert(n, field.Boolean, "expected True, False or a number")
}

func (c *compiler) real(n *literal) (v field.Value, err error) {
	if n.kind == quoted || n.kind == character {
		return v, c.convert(n, field.Double, "numbers are written without quotes")
	}
	if n.kind == integer {
		u, err := strconv.ParseUint(n.value, 0, 64)
		return field.Value{Float: float64(u)}, err
	}
	v.Float, err = strconv.ParseFloat(n.value, 64)
	if err != nil {
		return v, c.convert(n, field.Double, "expected a number")
	}
	return v, nil
}

// address reads an address with or without prefix length; see addressOrder for where that is kept.
func (c *compiler) address(n *literal, t field.Type) (v field.Value, err error) {
	if n.kind == quoted || n.kind == character {
		return v, c.convert(n, t, "addresses are written without quotes")
	}
	text, bits, cut := strings.Cut(n.value, "/")
	v.Addr, err = netip.ParseAddr(text)
	four := v.Addr.Is4()
	if err != nil || v.Addr.Zone() != "" || four && t == field.IPv6 || !four && t == field.IPv4 {
		return v, c.fail(n, fmt.Sprintf("%s is not an %s", n.text, typeNames[t]), "names of hosts are not looked up")
	}
	if !cut {
		return v, nil
	}
	k, err := strconv.Atoi(bits)
	if err != nil || k > v.Addr.BitLen() {
		return v, c.fail(n, fmt.Sprintf("%s: a prefix length is at most %d", n.text, v.Addr.BitLen()), "")
	}
	v.Int = int64(k) + 1
	return v, nil
}

func (c *compiler) ether(n *literal) (v field.Value, err error) {
	if n.kind == word || n.kind == unquoted || n.kind == integer && !c.p.decimalBytes {
		if v.Bytes, err = c.p.parseBytes(n.value); err == nil && len(v.Bytes) == 6 {
			return v, nil
		}
	}
	return v, c.fail(n, n.text+" is not an Ethernet address", "expected 6 bytes, such as 02:00:00:00:00:01")
}

// bytes reads hex digits with or without separators, text as its bytes, or one byte as a number.
func (c *compiler) bytes(n *literal) ([]byte, error) {
	const hint = `expected bytes, such as 61:62:63, or text in double quotes`
	switch n.kind {
	case quoted, character:
		return []byte(n.value), nil
	case float:
		if c.p.decimalBytes {
			return nil, c.convert(n, field.Bytes, hint)
		}
	case integer:
		if !c.p.decimalBytes && !strings.HasPrefix(n.value, "0x") && !strings.HasPrefix(n.value, "0X") {
			break
		}
		u, err := strconv.ParseUint(n.value, 0, 8)
		if err != nil {
			return nil, c.fail(n, n.text+" does not fit into one byte", hint)
		}
		return []byte{byte(u)}, nil
	}
	b, err := c.p.parseBytes(n.value)
	if err != nil {
		return nil, c.fail(n, n.text+" is not a byte sequence", hint)
	}
	return b, nil
}

// colonPairs are the only bytes with colons that 4.0 reads.
var colonPairs = regexp.MustCompile(`^[[:xdigit:]]{2}(:[[:xdigit:]]{2})+$`)

// parseBytes reads groups of hex digits with a separator ":", "-" or "." between and behind them, as Wireshark's
// hex_str_to_bytes does: by fours, then a pair or one digit that is a byte. A leading colon only says that these are bytes.
func (p *profile) parseBytes(text string) ([]byte, error) {
	text = strings.TrimPrefix(text, ":")
	if !p.looseColons && strings.Contains(text, ":") && !colonPairs.MatchString(text) {
		return nil, fmt.Errorf("%q is not pairs of hex digits", text)
	}
	groups := strings.Split(oneSeparator.Replace(text), ":")
	if last := len(groups) - 1; last > 0 && groups[last] == "" {
		groups = groups[:last]
	}
	var digits strings.Builder
	for _, g := range groups {
		if g == "" {
			return nil, fmt.Errorf("%q lacks hex digits", text)
		}
		whole, last := g[:len(g)&^1], g[len(g)&^1:]
		if len(g)%4 == 3 && !p.oddDigits {
			return nil, fmt.Errorf("%q ends in a single hex digit", g)
		}
		digits.WriteString(whole)
		if last != "" {
			digits.WriteString("0" + last)
		}
	}
	return hex.DecodeString(digits.String())
}

var oneSeparator = strings.NewReplacer("-", ":", ".", ":")
