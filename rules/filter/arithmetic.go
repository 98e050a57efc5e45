package filter

import (
	"fmt"
	"math"
	"math/bits"
	"net/netip"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// step computes one value from two; ok is false where there is no result: division by zero, overflow.
type step func(m *machine, a, b *field.Value) (v field.Value, ok bool)

// arithmeticOperand compiles an operand of + - * / % &, where an unquoted name is a field or nothing.
func (c *compiler) arithmeticOperand(n node, want field.Type) (operand, error) {
	if n, ok := n.(*name); ok {
		if err := c.mustResolve(n); err != nil {
			return operand{}, err
		}
	}
	return c.operand(n, want, nil)
}

func (c *compiler) unary(n *unary, want field.Type) (operand, error) {
	x, err := c.arithmeticOperand(n.x, want)
	if err != nil || n.op == "+" {
		return x, err
	}
	if !isInteger(x.typ) && x.typ != field.Double && !isTime(x.typ) {
		return x, c.fail(n.x, fmt.Sprintf("a %s cannot be negated", typeNames[x.typ]), "")
	}
	negate := func(_ *machine, v *field.Value) (field.Value, bool) {
		return field.Value{Int: -v.Int, Float: -v.Float}, v.Int != math.MinInt64 && (!isUnsigned(x.typ) || 0 <= v.Int && v.Int <= c.highest(x.typ))
	}
	if x.fixed == nil {
		there := x.there
		x = c.mapped(x, n, x.typ, negate)
		x.negated, x.present = true, there
		return x, nil
	}
	v, ok := negate(nil, &x.fixed[0])
	if !ok {
		return x, c.fail(n, "the number is too big", "")
	}
	return fixed(n, x.typ, v), nil
}

// highest is the greatest value that an unsigned type can be negated from: Wireshark promotes to 32 or 64 bits signed.
func (c *compiler) highest(t field.Type) int64 {
	if t == field.Uint64 || c.p.wideNumbers {
		return math.MaxInt64
	}
	return math.MaxInt32
}

func (c *compiler) binary(n *binary, want field.Type) (operand, error) {
	if t, ok := c.typeOf(n); ok {
		want = t
	}
	x, err := c.arithmeticOperand(n.x, want)
	if err != nil {
		return x, err
	}
	scalar := isTime(want) && c.p.timeScalars && (n.op == "*" || n.op == "/")
	right := want
	if scalar {
		right = field.Double
	}
	y, err := c.arithmeticOperand(n.y, right)
	if err != nil {
		return y, err
	}
	if err := c.supports(n, x, y, scalar); err != nil {
		return x, err
	}
	return c.computed(n, x, y, c.stepOf(n.op, x.typ, y.typ))
}

// supports checks that the types of both operands have the operator.
func (c *compiler) supports(n *binary, x, y operand, scalar bool) error {
	for _, o := range []operand{x, y} {
		if !c.has(o.typ, n.op) && !scalar {
			return c.fail(o.node, fmt.Sprintf("a %s has no operator %q", typeNames[o.typ], n.op), "")
		}
	}
	if scalar {
		if !isTime(x.typ) || y.typ != field.Double && !isInteger(y.typ) {
			return c.fail(n.y, "a time can be multiplied and divided by numbers on the right only", "")
		}
		return nil
	}
	if !compatible(x.typ, y.typ) && !(isTime(x.typ) && isTime(y.typ)) {
		return c.fail(n, fmt.Sprintf("%s and %s cannot be combined", typeNames[x.typ], typeNames[y.typ]), "")
	}
	return nil
}

func (c *compiler) has(t field.Type, op string) bool {
	switch op {
	case "&":
		return canAnd(t)
	case "+", "-":
		return isInteger(t) || t == field.Double || t == field.RelativeTime || t == field.AbsoluteTime && c.p.timeScalars
	case "%":
		return isInteger(t)
	}
	return isInteger(t) || t == field.Double
}

// maxResults bounds what operators make of fields with many values: n operators have the n-th power of them.
const maxResults = 1024

// computed combines each value of x with each of y, up to maxResults.
func (c *compiler) computed(n *binary, x, y operand, s step) (operand, error) {
	if x.fixed != nil && y.fixed != nil {
		v, ok := s(&machine{}, &x.fixed[0], &y.fixed[0])
		if !ok {
			return x, c.fail(n, "the constant has no value: division by zero, or too big", "")
		}
		return fixed(n, x.typ, v), nil
	}
	k := c.slot()
	there := func(m *machine, p *ingest.Packet) bool { return x.there(m, p) && y.there(m, p) }
	return operand{node: n, typ: x.typ, present: there, eval: func(m *machine, p *ingest.Packet) []field.Value {
		out := m.lists[k].values[:0]
		a, b := x.eval(m, p), y.eval(m, p)
		for i := range a {
			for j := range b {
				if v, ok := s(m, &a[i], &b[j]); ok && len(out) < maxResults {
					out = append(out, v)
				}
			}
		}
		m.lists[k].values = out
		return out
	}}, nil
}

// there tells whether the fields that the operand is made of are in the packet.
func (x operand) there(m *machine, p *ingest.Packet) bool {
	if x.present != nil {
		return x.present(m, p)
	}
	return len(x.eval(m, p)) > 0
}

func (c *compiler) stepOf(op string, t, right field.Type) step {
	switch {
	case op == "&":
		return andStep(t)
	case t == field.Double:
		return func(_ *machine, a, b *field.Value) (field.Value, bool) { return floatStep(op, a.Float, b.Float) }
	case isTime(t):
		return timeStep(op, right)
	case t == field.Uint64:
		return func(_ *machine, a, b *field.Value) (field.Value, bool) {
			return wideStep(op, uint64(a.Int), uint64(b.Int))
		}
	}
	return func(_ *machine, a, b *field.Value) (field.Value, bool) {
		return intStep(op, t, c.p.wideNumbers, a.Int, b.Int)
	}
}

func floatStep(op string, a, b float64) (v field.Value, ok bool) {
	switch op {
	case "+":
		v.Float = a + b
	case "-":
		v.Float = a - b
	case "*":
		v.Float = a * b
	default:
		v.Float = a / b
		return v, b != 0
	}
	return v, true
}

// intStep computes in 64 bits and refuses what does not fit into 32 (Int64 and wide: 64). A difference of unsigned numbers may fall
// below zero; any other mixture of an unsigned with a negative number has no result.
func intStep(op string, t field.Type, wide bool, a, b int64) (v field.Value, ok bool) {
	if isUnsigned(t) && a >= 0 && b < 0 {
		return v, false
	}
	switch op {
	case "+":
		v.Int = a + b
	case "-":
		v.Int = a - b
	case "*":
		v.Int = a * b
	default:
		return quotient(op, a, b)
	}
	if wide || t == field.Int64 {
		high, low := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
		return v, op != "*" && (v.Int > a) == (b > 0) == (op == "+") || b == 0 || op == "*" && high == 0 && low <= math.MaxInt64
	}
	return v, math.MinInt32 <= v.Int && (v.Int <= math.MaxInt32 || isUnsigned(t) && v.Int <= math.MaxUint32)
}

func quotient(op string, a, b int64) (v field.Value, ok bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return v, false
	}
	if op == "%" {
		return field.Value{Int: a % b}, true
	}
	return field.Value{Int: a / b}, true
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// wideStep computes unsigned numbers of 64 bits.
func wideStep(op string, a, b uint64) (v field.Value, ok bool) {
	var n, carry uint64
	switch op {
	case "+":
		n, carry = bits.Add64(a, b, 0)
	case "-":
		n, carry = bits.Sub64(a, b, 0)
	case "*":
		carry, n = bits.Mul64(a, b)
	default:
		if b == 0 {
			return v, false
		}
		if n = a / b; op == "%" {
			n = a % b
		}
	}
	return field.Value{Int: int64(n)}, carry == 0
}

// timeStep adds times, or multiplies one with a number.
func timeStep(op string, right field.Type) step {
	return func(_ *machine, a, b *field.Value) (field.Value, bool) {
		switch op {
		case "+":
			return field.Value{Int: a.Int + b.Int}, true
		case "-":
			return field.Value{Int: a.Int - b.Int}, true
		}
		scalar := b.Float
		if right != field.Double {
			scalar = float64(b.Int)
		}
		v, ok := floatStep(op, float64(a.Int), scalar)
		return field.Value{Int: int64(v.Float)}, ok && math.Abs(v.Float) < math.MaxInt64
	}
}

// andStep is the bitwise and: of byte sequences as far as the shorter one goes.
func andStep(t field.Type) step {
	switch {
	case isAddressType(t):
		return andAddress
	case isBytes(t):
		return andBytes
	}
	return func(_ *machine, a, b *field.Value) (field.Value, bool) {
		return field.Value{Int: a.Int & b.Int}, true
	}
}

func andAddress(_ *machine, a, b *field.Value) (field.Value, bool) {
	x, y := a.Addr.AsSlice(), b.Addr.AsSlice()
	if len(x) != len(y) {
		return field.Value{}, false
	}
	for i := range x {
		x[i] &= y[i]
	}
	addr, ok := netip.AddrFromSlice(x)
	return field.Value{Addr: addr}, ok
}

func andBytes(m *machine, a, b *field.Value) (field.Value, bool) {
	from := len(m.arena)
	for i := range min(len(a.Bytes), len(b.Bytes)) {
		m.arena = append(m.arena, a.Bytes[i]&b.Bytes[i])
	}
	return field.Value{Bytes: m.arena[from:]}, true
}
