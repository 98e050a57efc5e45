package filter

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// function is one of the language's functions (wireshark-filter(4), "Functions").
type function struct {
	name     string
	many     bool // takes any number of arguments, but at least one; others take one
	since44  bool
	result   field.Type // Protocol: the type of the first argument that has one
	argument func(c *compiler, n *call) error
	step     valueStep // of one value; nil for those that compute one value from all
}

// valueStep makes the computation of one value from one of type t; ok is false where there is none.
type valueStep func(c *compiler, n *call, t field.Type) mapping

type mapping func(m *machine, v *field.Value) (out field.Value, ok bool)

// functions is the table, in order of names.
func functions() []function {
	number, address := needs("a number or a time offset", isSigned), needs("an address", isAddressed)
	text, integers := needs("text", isText), needs("an unsigned integer field", unsignedField)
	return []function{
		{name: "abs", argument: number, step: absStep},
		{name: "count", result: field.Uint32, argument: needs("a field", plainField)},
		{name: "dec", since44: true, result: field.String, argument: integers, step: decimalStep},
		{name: "hex", since44: true, result: field.String, argument: integers, step: hexStep},
		{name: "ip_linklocal", since44: true, result: field.Boolean, argument: address, step: addressStep(netip.Addr.IsLinkLocalUnicast)},
		{name: "ip_multicast", since44: true, result: field.Boolean, argument: address, step: addressStep(netip.Addr.IsMulticast)},
		{name: "ip_rfc1918", since44: true, result: field.Boolean, argument: address, step: addressStep(rfc1918)},
		{name: "ip_ula", since44: true, result: field.Boolean, argument: address, step: addressStep(uniqueLocal)},
		{name: "len", result: field.Uint32, argument: needs("bytes or text", isMeasurable), step: lengthStep},
		{name: "lower", result: field.String, argument: text, step: textStep(strings.ToLower)},
		{name: "max", many: true, argument: ordered},
		{name: "min", many: true, argument: ordered},
		{name: "string", result: field.String, argument: needs("a field that is a number or an address", printableField), step: stringStep},
		{name: "upper", result: field.String, argument: text, step: textStep(strings.ToUpper)},
		{name: "vals", since44: true, result: field.String, argument: needs("a field with value strings", namedField), step: valsStep},
	}
}

func (c *compiler) function(n *call) (function, bool) {
	for _, f := range functions() {
		if f.name == n.name && (!f.since44 || c.p.functions44) {
			return f, true
		}
	}
	return function{}, false
}

// unknownCall says what is wrong with a call whose type cannot be told.
func (c *compiler) unknownCall(n node) error {
	if n, ok := n.(*call); ok {
		f, ok := c.function(n)
		if !ok {
			return c.noFunction(n)
		}
		return c.arity(n, f)
	}
	return nil
}

// arity refuses a call with too few or too many arguments.
func (c *compiler) arity(n *call, f function) error {
	switch k := len(n.args); {
	case k == 0 && f.many:
		return c.fail(n, fmt.Sprintf("%s() has no arguments", n.name), "expected at least one")
	case k == 0 || k > 1 && !f.many:
		return c.fail(n, fmt.Sprintf("%s() does not take %d arguments", n.name, k), "expected one")
	}
	return nil
}

// noFunction says that a function is unknown, or too new.
func (c *compiler) noFunction(n *call) error {
	var names []string
	for _, f := range functions() {
		if f.name == n.name {
			return c.fail(n.function, fmt.Sprintf("there is no function %q in the version of Wireshark that the filter is for", n.name), "it came with Wireshark 4.4")
		}
		if !f.since44 || c.p.functions44 {
			names = append(names, f.name)
		}
	}
	hint := "expected one of " + strings.Join(names, ", ")
	if near := nearestFunction(strings.ToLower(n.name), names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return c.fail(n.function, fmt.Sprintf("there is no function %q", n.name), hint)
}

// nearestFunction is the one spelled most alike, or the one that the name begins with: length() is len().
func nearestFunction(name string, names []string) string {
	if near := field.Closest(name, slices.Values(names)); near != "" {
		return near
	}
	for _, f := range names {
		if strings.HasPrefix(name, f) {
			return f
		}
	}
	return ""
}

// resultType is the type a call has; ok is false where all its arguments are constants.
func (c *compiler) resultType(n *call) (t field.Type, ok bool) {
	f, known := c.function(n)
	if !known || f.result != field.Protocol && len(n.args) > 0 {
		return f.result, known
	}
	for _, a := range n.args {
		if t, ok := c.typeOf(a); ok {
			return t, true
		}
	}
	return 0, false
}

func (c *compiler) call(n *call) (operand, error) {
	f, ok := c.function(n)
	if !ok {
		return operand{}, c.noFunction(n)
	}
	if err := c.arity(n, f); err != nil {
		return operand{}, err
	}
	if err := f.argument(c, n); err != nil {
		return operand{}, err
	}
	t, ok := c.resultType(n)
	if !ok {
		return operand{}, c.fail(n, "the arguments are constants", "one of them must be a field")
	}
	if f.step == nil {
		return c.aggregate(n, t)
	}
	x, err := c.operand(n.args[0], t, nil)
	if err != nil {
		return x, err
	}
	out := c.mapped(x, n, t, f.step(c, n, x.typ))
	if t == field.String && c.p.lazyFunctions {
		out.present = func(*machine, *ingest.Packet) bool { return true }
	}
	return out, nil
}

// aggregate compiles the functions of all values.
func (c *compiler) aggregate(n *call, t field.Type) (operand, error) {
	var args []operand
	for _, a := range n.args {
		x, err := c.operand(a, t, nil)
		if err != nil {
			return x, err
		}
		if n.name != "count" && (!compatible(t, x.typ) || c.p.sameArguments && x.fixed == nil && x.typ != t) {
			return x, c.fail(a, fmt.Sprintf("the arguments of %s() differ in type: %s and %s", n.name, typeNames[t], typeNames[x.typ]), "")
		}
		args = append(args, x)
	}
	k := c.slot()
	if n.name == "count" {
		return operand{node: n, typ: t, eval: count(args[0], k, c.p.lazyFunctions)}, nil
	}
	return operand{node: n, typ: t, eval: extreme(args, k, testOf(map[string]string{"max": ">", "min": "<"}[n.name], c.orderOf(operand{typ: t}, operand{typ: t}), false))}, nil
}

// count has no value where the field is absent, or is zero there.
func count(x operand, k int, zero bool) evaluator {
	return func(m *machine, p *ingest.Packet) []field.Value {
		values := x.eval(m, p)
		m.lists[k].values = m.lists[k].values[:0]
		if len(values) > 0 || zero {
			m.lists[k].values = append(m.lists[k].values, field.Value{Int: int64(len(values))})
		}
		return m.lists[k].values
	}
}

func extreme(args []operand, k int, better test) evaluator {
	return func(m *machine, p *ingest.Packet) []field.Value {
		out := m.lists[k].values[:0]
		for _, x := range args {
			values := x.eval(m, p)
			for i := range values {
				if len(out) == 0 {
					out = append(out, values[i])
				} else if better(&values[i], &out[0]) {
					out[0] = values[i]
				}
			}
		}
		m.lists[k].values = out
		return out
	}
}

// argumentType is the type of the only argument, which must not be a constant.
func (c *compiler) argumentType(n *call) (field.Type, error) {
	t, ok := c.typeOf(n.args[0])
	if x, isName := n.args[0].(*name); !ok && isName {
		return t, c.mustResolve(x)
	} else if !ok {
		return t, c.fail(n.args[0], fmt.Sprintf("%s() needs a field", n.name), "")
	}
	return t, nil
}

// needs makes a check that the only argument's type fits.
func needs(what string, fits func(c *compiler, n *call, t field.Type) bool) func(c *compiler, n *call) error {
	return func(c *compiler, n *call) error {
		t, err := c.argumentType(n)
		if err == nil && !fits(c, n, t) {
			err = c.fail(n.args[0], fmt.Sprintf("%s() needs %s, not %s", n.name, what, aType(t)), "")
		}
		return err
	}
}

func plainField(_ *compiler, n *call, _ field.Type) bool { _, ok := n.args[0].(*name); return ok }

func unsignedField(c *compiler, n *call, t field.Type) bool {
	return plainField(c, n, t) && isUnsigned(t)
}

func printableField(c *compiler, n *call, t field.Type) bool {
	return plainField(c, n, t) && (isInteger(t) || isAddressType(t) || t == field.Ether || t == field.Double)
}

func namedField(_ *compiler, n *call, _ field.Type) bool {
	f := namesOf(n.args[0])
	return f != nil && f.Names != nil
}

func isText(_ *compiler, _ *call, t field.Type) bool { return t == field.String }

func isAddressed(_ *compiler, _ *call, t field.Type) bool { return isAddressType(t) }

func isMeasurable(c *compiler, n *call, t field.Type) bool {
	return (plainField(c, n, t) || !c.p.fieldLength) && canSlice(t) || isInteger(t) && c.p.intLength
}

func isSigned(_ *compiler, _ *call, t field.Type) bool {
	return isInteger(t) || t == field.Double || t == field.RelativeTime
}

// ordered checks the arguments of max and min.
func ordered(c *compiler, n *call) error {
	for _, a := range n.args {
		if t, ok := c.typeOf(a); ok && t == field.None {
			return c.fail(a, fmt.Sprintf("%s() needs values that have an order, not %s", n.name, aType(t)), "")
		}
	}
	return nil
}
