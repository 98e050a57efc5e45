package filter

import (
	"bytes"
	"cmp"
	"net/netip"
	"strings"

	"icmpsift/ingest/field"
)

// test compares one value with another.
type test func(a, b *field.Value) bool

// order puts two values of a type in order; ok is false where they have none.
type order func(a, b *field.Value) (c int, ok bool)

// testOf gives the test for an operator; "===" and "!==" test single pairs as "==" and "!=" do. Of two values without an
// order no test holds where one pair is enough, and all do where every pair has to pass: Wireshark looks for one that fails.
func testOf(op string, o order, every bool) test {
	holds := map[string][3]bool{ // less, equal, greater
		"==": {false, true, false}, "===": {false, true, false}, "!=": {true, false, true}, "!==": {true, false, true},
		"<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true}, ">=": {false, true, true},
	}[op]
	return func(a, b *field.Value) bool {
		c, ok := o(a, b)
		return ok && holds[c+1] || !ok && every
	}
}

// orderOf gives the order of a left operand's type. What was negated is signed.
func (c *compiler) orderOf(a, b operand) order {
	t := a.typ
	switch {
	case isInteger(t) && a.negated:
		return func(a, b *field.Value) (int, bool) { return cmp.Compare(a.Int, b.Int), true }
	case t == field.Uint64 || b.typ == field.Uint64:
		return func(a, b *field.Value) (int, bool) { return cmp.Compare(uint64(a.Int), uint64(b.Int)), true }
	case isUnsigned(t):
		return unsignedOrder
	case t == field.Double:
		return floatOrder
	case isAddressType(t):
		return addressOrder
	case t == field.String:
		return func(a, b *field.Value) (int, bool) { return strings.Compare(a.Text, b.Text), true }
	case t == field.Protocol || isBytes(t) && c.p.lengthFirst:
		return lengthOrder
	case isBytes(t):
		return func(a, b *field.Value) (int, bool) { return bytes.Compare(a.Bytes, b.Bytes), true }
	}
	return func(a, b *field.Value) (int, bool) { return cmp.Compare(a.Int, b.Int), true }
}

// unsignedOrder: an unsigned value has no order to a negative one, which only differs from it; a difference that fell
// below zero became signed.
func unsignedOrder(a, b *field.Value) (int, bool) {
	return cmp.Compare(a.Int, b.Int), a.Int < 0 || b.Int >= 0
}

func floatOrder(a, b *field.Value) (int, bool) {
	return cmp.Compare(a.Float, b.Float), a.Float == a.Float && b.Float == b.Float
}

func lengthOrder(a, b *field.Value) (int, bool) {
	if c := cmp.Compare(len(a.Bytes), len(b.Bytes)); c != 0 {
		return c, true
	}
	return bytes.Compare(a.Bytes, b.Bytes), true
}

// addressOrder compares under the prefix length of either side. Constants carry theirs in Int, plus one; 0 is none.
func addressOrder(a, b *field.Value) (int, bool) {
	if a.Addr.BitLen() != b.Addr.BitLen() {
		return 0, false
	}
	n := int64(a.Addr.BitLen())
	if a.Int > 0 {
		n = a.Int - 1
	}
	if b.Int > 0 {
		n = min(n, b.Int-1)
	}
	if n == int64(a.Addr.BitLen()) {
		return a.Addr.Compare(b.Addr), true
	}
	return masked(a.Addr, int(n)).Compare(masked(b.Addr, int(n))), true
}

func masked(a netip.Addr, bits int) netip.Addr {
	p, err := a.Prefix(bits)
	if err != nil {
		return a
	}
	return p.Addr()
}

// containsTest looks for the right value in the left one. Nothing is found in all bytes, but in no text and no protocol.
func containsTest(t field.Type) test {
	if t == field.String {
		return func(a, b *field.Value) bool { return b.Text != "" && strings.Contains(a.Text, b.Text) }
	}
	return func(a, b *field.Value) bool {
		return (len(b.Bytes) > 0 || t != field.Protocol) && bytes.Contains(searched(t, a), b.Bytes)
	}
}

// searched is where contains and matches look: in a protocol's header and in all that it carries.
func searched(t field.Type, v *field.Value) []byte {
	if t == field.Protocol {
		return v.Bytes[:cap(v.Bytes)]
	}
	return v.Bytes
}

// isZero tells values that are false when they stand alone.
func isZero(t field.Type) func(v *field.Value) bool {
	switch {
	case t == field.Double:
		return func(v *field.Value) bool { return v.Float == 0 }
	case t == field.String:
		return func(v *field.Value) bool { return v.Text == "" }
	case isAddressType(t):
		return func(v *field.Value) bool { return v.Addr.IsUnspecified() }
	case isBytes(t):
		return func(v *field.Value) bool { return len(bytes.TrimLeft(v.Bytes, "\x00")) == 0 }
	}
	return func(v *field.Value) bool { return v.Int == 0 }
}
