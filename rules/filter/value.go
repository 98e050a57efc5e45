package filter

import (
	"fmt"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// evaluator gives an operand's values for a packet. The list is the machine's and holds until the operand is asked again.
type evaluator func(m *machine, p *ingest.Packet) []field.Value

// operand is a compiled operand node.
type operand struct {
	node    node
	typ     field.Type
	eval    evaluator
	fixed   []field.Value                           // the values of a constant, else nil
	byName  bool                                    // a constant whose Text is the name of several values
	present func(m *machine, p *ingest.Packet) bool // of a computation: its fields are there, though it may have no result
	negated bool                                    // the sign was changed, and so it has one
	sliced  bool                                    // a slice: what it meets is compared as bytes
}

func fixed(n node, t field.Type, v ...field.Value) operand {
	return operand{node: n, typ: t, fixed: v, eval: func(*machine, *ingest.Packet) []field.Value { return v }}
}

// operand compiles a node; literals take type want, and the value strings of f where that is not nil.
func (c *compiler) operand(n node, want field.Type, f *field.Field) (operand, error) {
	switch n := n.(type) {
	case *name:
		if !c.resolve(n) && !n.isField() {
			return c.fixedLiteral(n.literal(), want, f)
		}
		return c.fieldOperand(n)
	case *literal:
		return c.fixedLiteral(n, want, f)
	case *slice:
		return c.slice(n)
	case *call:
		return c.call(n)
	case *unary:
		return c.unary(n, want)
	case *binary:
		return c.binary(n, want)
	}
	return c.reference(n.(*reference))
}

func (c *compiler) fixedLiteral(n *literal, want field.Type, f *field.Field) (operand, error) {
	v, byName, err := c.constant(n, want, f)
	x := fixed(n, want, v)
	x.byName = byName
	return x, err
}

func (c *compiler) fieldOperand(n *name) (operand, error) {
	if err := c.mustResolve(n); err != nil {
		return operand{}, err
	}
	c.use(n.field)
	x := c.values(n.field)
	if n.layers != nil {
		x = c.inLayers(n, x)
	}
	x.node = n
	if n.raw {
		return c.rawBytes(n, x)
	}
	return x, nil
}

// values reads a field, once of each packet.
func (c *compiler) values(f *field.Field) operand {
	if x, ok := c.read[f.Name]; ok {
		return x
	}
	k := c.slot()
	x := operand{typ: c.fieldType(f), eval: func(m *machine, p *ingest.Packet) []field.Value {
		l := &m.lists[k]
		if l.packet != m.packet {
			l.values, l.packet = f.Values(m.context, p, l.values[:0]), m.packet
		}
		return l.values
	}}
	c.read[f.Name] = x
	return x
}

// once gives an operand that has the same values wherever the text stands, and works them out once of each packet.
func (c *compiler) once(text string, t field.Type, get func(m *machine, p *ingest.Packet, out []field.Value) []field.Value) operand {
	if x, ok := c.read[text]; ok {
		return x
	}
	k := c.slot()
	x := operand{typ: t, eval: func(m *machine, p *ingest.Packet) []field.Value {
		l := &m.lists[k]
		if l.packet != m.packet {
			l.values, l.packet = get(m, p, l.values[:0]), m.packet
		}
		return l.values
	}}
	c.read[text] = x
	return x
}

// inLayers keeps the values found in the given layers of the field's protocol. Negative layers count from the last one
// that has the field, as in Wireshark.
func (c *compiler) inLayers(n *name, x operand) operand {
	text := printName(&name{text: n.field.Name, layers: n.layers})
	return c.once(text, x.typ, func(m *machine, p *ingest.Packet, out []field.Value) []field.Value {
		values := x.eval(m, p)
		for i := range values {
			if anyLayer(n.layers, int(values[i].Layer), int(values[len(values)-1].Layer)) {
				out = append(out, values[i])
			}
		}
		return out
	})
}

func anyLayer(slots []slot, i, n int) bool {
	for _, s := range slots {
		if s.hasLayer(i, n) {
			return true
		}
	}
	return false
}

// reference is a field of the packet that is selected in Wireshark's window: outside of it, none is.
func (c *compiler) reference(n *reference) (operand, error) {
	f, ok := field.Lookup(n.text)
	if !ok || !strings.Contains(n.text, ".") { // a name without a dot is a macro's
		return operand{}, c.fail(n, fmt.Sprintf("nothing is named %q", n.text), "")
	}
	if c.p.bareReference {
		c.used++
	}
	return operand{node: n, typ: f.Type, eval: func(*machine, *ingest.Packet) []field.Value { return nil }}, nil
}

// mapped computes a value from each value of x; where step says no there is none.
func (c *compiler) mapped(x operand, n node, t field.Type, step mapping) operand {
	k := c.slot()
	return operand{node: n, typ: t, eval: func(m *machine, p *ingest.Packet) []field.Value {
		out := m.lists[k].values[:0]
		values := x.eval(m, p)
		for i := range values {
			if v, ok := step(m, &values[i]); ok {
				out = append(out, v)
			}
		}
		m.lists[k].values = out
		return out
	}}
}

// named gives the value strings of a field's values; values without one are left out.
func (c *compiler) named(x operand, f *field.Field) operand {
	return c.mapped(x, x.node, field.String, func(_ *machine, v *field.Value) (field.Value, bool) {
		text, ok := f.Names[v.Int]
		return field.Value{Text: text}, ok
	})
}

// toBytes gives the bytes of addresses, texts and layers.
func (c *compiler) toBytes(x operand) operand {
	if isBytes(x.typ) {
		x.typ = field.Bytes
		return x
	}
	t := x.typ
	return c.mapped(x, x.node, field.Bytes, func(m *machine, v *field.Value) (field.Value, bool) {
		from := len(m.arena)
		if t == field.String {
			m.arena = append(m.arena, v.Text...)
		} else if a := v.Addr; a.Is4() {
			b := a.As4()
			m.arena = append(m.arena, b[:]...)
		} else {
			b := a.As16()
			m.arena = append(m.arena, b[:]...)
		}
		return field.Value{Bytes: m.arena[from:]}, true
	})
}

// rawBytes gives the bytes a field was read from; what was computed was read from none.
func (c *compiler) rawBytes(n *name, x operand) (operand, error) {
	switch {
	case canSlice(x.typ) && x.typ != field.String:
		return c.toBytes(x), nil
	case n.field.Ours():
		return x, c.fail(n, fmt.Sprintf("%s was not read from bytes", n.field.Name), "")
	}
	return c.mapped(x, n, field.Bytes, func(_ *machine, v *field.Value) (field.Value, bool) {
		return field.Value{Bytes: v.Bytes}, true
	}), nil
}

// slice cuts bytes or text out of each value; where the first slot reaches outside, nothing: an empty value.
func (c *compiler) slice(n *slice) (operand, error) {
	if x, ok := n.x.(*name); ok {
		if err := c.mustResolve(x); err != nil {
			return operand{}, err
		}
	} else if x, ok := n.x.(*literal); ok {
		return operand{}, c.fail(x, fmt.Sprintf("%s is a constant and cannot be sliced", x.text), "")
	}
	x, err := c.operand(n.x, field.Bytes, nil)
	if err != nil {
		return x, err
	} else if !canSlice(x.typ) {
		return x, c.fail(n.x, fmt.Sprintf("%s is %s and cannot be sliced", show(n.x), aType(x.typ)), "")
	}
	if x.typ == field.String && c.p.stringSlices {
		return c.textSlice(n, x), nil
	}
	x = c.mapped(c.toBytes(x), n, field.Bytes, func(m *machine, v *field.Value) (field.Value, bool) {
		return field.Value{Bytes: cut(m, v.Bytes, n.slots)}, true
	})
	x.sliced = true
	return x, nil
}

// maxArena bounds the bytes that slices of slices put together for one packet; beyond it they have no value.
const maxArena = 1 << 22

// cut joins the slots of b up to the first that reaches outside, as Wireshark does; without copying where there is one slot
// only.
func cut(m *machine, b []byte, slots []slot) []byte {
	if len(slots) == 1 {
		from, to, ok := slots[0].bounds(len(b))
		if !ok {
			return nil
		}
		return b[from:to]
	}
	start := len(m.arena)
	for _, s := range slots {
		from, to, ok := s.bounds(len(b))
		if !ok || len(m.arena) > maxArena {
			break
		}
		m.arena = append(m.arena, b[from:to]...)
	}
	return m.arena[start:]
}

// textSlice counts characters, not bytes.
func (c *compiler) textSlice(n *slice, x operand) operand {
	x = c.mapped(x, n, field.String, func(_ *machine, v *field.Value) (field.Value, bool) {
		characters, out := []rune(v.Text), []rune(nil)
		for _, s := range n.slots {
			from, to, ok := s.bounds(len(characters))
			if !ok {
				break
			}
			out = append(out, characters[from:to]...)
		}
		return field.Value{Text: string(out)}, true
	})
	return x
}
