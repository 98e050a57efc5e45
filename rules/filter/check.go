package filter

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// compiler checks a tree against the field table and turns it into closures.
type compiler struct {
	text   string
	p      profile
	lists  rules.Lists
	home   []netip.Prefix
	asked  []string       // lists that are mentioned, each once
	slots  int            // scratch lists that operands need
	asks   int            // relations that are told apart
	fields []*field.Field // used, each once
	used   int            // mentions of fields

	shared    bool                 // relations of one text are one; the trees were checked before
	relations map[string]*relation // by canonical text
	read      map[string]operand   // fields, by canonical text
	needs     []need               // of the relation that is compiled
}

func (c *compiler) fail(n node, message, hint string) error {
	s := n.at()
	return &Error{Offset: s.off, Length: s.end - s.off, Text: c.text, Message: message, Hint: hint}
}

// resolve asks the field table for a name, once.
func (c *compiler) resolve(n *name) bool {
	if n.field == nil {
		if f, ok := field.Lookup(n.text); ok && (c.p.columns || !strings.HasPrefix(n.text, "_ws.col.")) {
			n.field = f
		}
	}
	return n.field != nil
}

// mustResolve is resolve where only a field will do.
func (c *compiler) mustResolve(n *name) error {
	if c.resolve(n) {
		return nil
	}
	hint := `"icmpsift fields" lists those of ICMP, of the headers around it and of those it quotes`
	if near := nearestField(n.text); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return c.fail(n, fmt.Sprintf("%q is not a field or protocol that icmpsift knows", n.text), hint)
}

// nearestField is the field that was probably meant; one of a protocol that is spelled otherwise was not.
func nearestField(name string) string {
	name = strings.ToLower(name)
	near := field.Nearest(name)
	protocol, _, _ := strings.Cut(name, ".")
	of, _, _ := strings.Cut(near, ".")
	if field.Closest(protocol, slices.Values([]string{of})) == "" {
		return ""
	}
	return near
}

// isField: names that are forced, layered or raw cannot be anything else.
func (n *name) isField() bool { return n.forced || n.raw || n.layers != nil }

func (n *name) literal() *literal { return &literal{n.span, word, n.text, n.text} }

// typeOf gives the type a node's values have; ok is false for literals, which take the type of what they meet.
func (c *compiler) typeOf(n node) (t field.Type, ok bool) {
	switch n := n.(type) {
	case *name:
		if !c.resolve(n) {
			return 0, false
		} else if n.raw {
			return field.Bytes, true
		}
		return c.fieldType(n.field), true
	case *slice:
		if t, ok := c.typeOf(n.x); ok && t == field.String && c.p.stringSlices {
			return field.String, true
		}
		return field.Bytes, true
	case *call:
		return c.resultType(n)
	case *unary:
		return c.typeOf(n.x)
	case *binary:
		if t, ok := c.typeOf(n.x); ok {
			return t, true
		}
		return c.typeOf(n.y)
	case *reference:
		if f, ok := field.Lookup(n.text); ok {
			return f.Type, true
		}
	}
	return 0, false
}

// fieldType is a field's type in the version that is asked.
func (c *compiler) fieldType(f *field.Field) field.Type {
	if c.p.epochOffset && f.Name == "frame.time_epoch" {
		return field.RelativeTime
	}
	return f.Type
}

// pairType gives the types of two operands, each of which may be a literal, but not both.
func (c *compiler) pairType(n, x, y node) (tx, ty field.Type, err error) {
	tx, okx := c.typeOf(x)
	ty, oky := c.typeOf(y)
	switch {
	case !okx && !oky:
		if err := c.unknown(x, y); err != nil {
			return tx, ty, err
		}
		return tx, ty, c.fail(n, "nothing but constants are compared", "one side must be a field")
	case !okx:
		return ty, ty, c.leftLiteral(x)
	case !oky:
		return tx, tx, nil
	}
	return tx, ty, nil
}

// unknown finds the name that no field or function has, where one side of a comparison should have been a field.
func (c *compiler) unknown(x, y node) error {
	for _, n := range []node{x, y} {
		switch n := n.(type) {
		case *call:
			if err := c.unknownCall(n); err != nil {
				return err
			}
		case *name:
			if node(n) == x || strings.Contains(n.text, ".") {
				return c.mustResolve(n)
			}
		}
	}
	return nil
}

func (c *compiler) leftLiteral(x node) error {
	_, negative := x.(*unary)
	if n, ok := x.(*name); ok {
		return c.mustResolve(n)
	} else if !c.p.literalLeft || negative && !c.p.negativeLeft {
		return c.fail(x, "the left side must be a field or a function", "this version of Wireshark takes constants on the right only")
	}
	return nil
}

// use notes a mention of a field.
func (c *compiler) use(f *field.Field) {
	c.used++
	if !slices.Contains(c.fields, f) {
		c.fields = append(c.fields, f)
	}
}

// slot reserves a scratch list.
func (c *compiler) slot() int {
	c.slots++
	return c.slots - 1
}

// compatible checks two operands that are compared, or searched, and brings one to bytes where the other is a slice: since
// 4.2 a slice must be on the left for that.
func (c *compiler) compatible(x, y *operand, verb string) error {
	switch {
	case compatible(x.typ, y.typ):
		return nil
	case x.sliced && c.yields(y):
		*y = c.toBytes(*y)
		return nil
	case y.sliced && canSlice(x.typ) && !c.p.stringSlices:
		*x = c.toBytes(*x)
		return nil
	}
	hint := ""
	if y.sliced && canSlice(x.typ) && x.typ != field.String {
		hint = "the slice must stand on the left"
	}
	return c.fail(y.node, fmt.Sprintf("%s (%s) %s %s (%s)", show(x.node), typeNames[x.typ], verb, show(y.node), typeNames[y.typ]), hint)
}

// yields tells whether an operand's bytes can be compared with a slice of bytes: a slice of text that is text has none.
func (c *compiler) yields(y *operand) bool {
	_, isSlice := y.node.(*slice)
	return canSlice(y.typ) && !(isSlice && y.typ == field.String)
}

// namesOf is the field whose value strings a literal on the other side may use: that of a plain field.
func namesOf(n node) *field.Field {
	if u, ok := n.(*unary); ok && u.op == "+" {
		return namesOf(u.x)
	}
	if n, ok := n.(*name); ok && !n.raw {
		return n.field
	}
	return nil
}
