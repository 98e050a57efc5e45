package filter

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// member tells whether a value is one element of a set, or lies in it.
type member func(m *machine, p *ingest.Packet, v *field.Value) bool

func (c *compiler) membership(n *membership) (predicate, error) {
	f, ok := n.x.(*name)
	if !ok {
		return nil, c.fail(n.x, "only a field can be looked up in a set", "")
	}
	if err := c.mustResolve(f); err != nil {
		return nil, err
	}
	x, err := c.operand(f, field.None, nil)
	if err != nil {
		return nil, err
	}
	n.absent = n.not && !c.p.notInPresent
	if n.list != nil {
		if err := c.expand(n, x.typ); err != nil {
			return nil, err
		}
	}
	in, err := c.inside(n, x)
	return turned(n, x, in), err
}

// inside puts the quantifiers on: "in" asks for any value in the set, or for all of them.
func (c *compiler) inside(n *membership, x operand) (predicate, error) {
	every := n.quantifier == "all" && !(n.not && n.absent)
	if every && !c.p.allInEach {
		return c.oneForAll(n, x)
	}
	members, err := c.members(n, x)
	if err != nil {
		return nil, err
	}
	return anyOrAll(every, x, members), c.needMember(n, x)
}

// turned is the answer of "in" turned round for "not in"; before 4.2 it was always that of "any", and held without the field.
func turned(n *membership, x operand, in predicate) predicate {
	if !n.not {
		return in
	}
	return func(m *machine, p *ingest.Packet) bool {
		return (n.absent || len(x.eval(m, p)) > 0) && !in(m, p)
	}
}

func (c *compiler) members(n *membership, x operand) ([]member, error) {
	if texts, ok, err := c.texts(n, x); ok || err != nil {
		return []member{isOneOf(texts, x.typ)}, c.inList(n, err)
	}
	out, rest, err := c.indexed(n, x)
	for _, i := range rest {
		var t member
		if t, err = c.item(n, i, x); err != nil {
			break
		}
		out = append(out, t)
	}
	return out, c.inList(n, err)
}

// texts gives the elements of a set of texts or bytes, if all of them are constants.
func (c *compiler) texts(n *membership, x operand) (texts []string, ok bool, err error) {
	if !isBytes(x.typ) && x.typ != field.String {
		return nil, false, nil
	}
	for _, i := range n.items {
		y, err := c.bound(n, i.low, x)
		if err != nil || i.high != nil || len(y.fixed) != 1 || y.byName {
			return nil, false, err
		}
		texts = append(texts, content(y.fixed[0]))
	}
	return texts, true, nil
}

// content is what a text or bytes say.
func content(v field.Value) string { return v.Text + string(v.Bytes) }

func isOneOf(texts []string, t field.Type) member {
	in := map[string]bool{}
	for _, text := range texts {
		in[text] = true
	}
	if t == field.String {
		return func(_ *machine, _ *ingest.Packet, v *field.Value) bool { return in[v.Text] }
	}
	return func(_ *machine, _ *ingest.Packet, v *field.Value) bool { return in[string(v.Bytes)] }
}

func (c *compiler) item(n *membership, i item, x operand) (member, error) {
	low, high, err := c.bounds(n, i, x)
	switch {
	case err != nil:
		return nil, err
	case low.byName:
		return anyOf(nameTest(false, namesOf(n.x)), low), nil
	case i.high == nil:
		return anyOf(testOf("==", c.orderOf(x, low), false), low), nil
	}
	above, below := anyOf(testOf(">=", c.orderOf(x, low), false), low), anyOf(testOf("<=", c.orderOf(x, high), false), high)
	return func(m *machine, p *ingest.Packet, v *field.Value) bool { return above(m, p, v) && below(m, p, v) }, nil
}

// bounds compiles an element, or both ends of a range.
func (c *compiler) bounds(n *membership, i item, x operand) (low, high operand, err error) {
	if low, err = c.bound(n, i.low, x); err != nil || i.high == nil {
		return low, high, err
	}
	if high, err = c.bound(n, i.high, x); err == nil && (low.byName || high.byName) {
		err = c.fail(i.low, "names that several values share have no order", "")
	}
	return low, high, err
}

func (c *compiler) bound(n *membership, at node, x operand) (operand, error) {
	if _, ok := at.(*slice); ok {
		return operand{}, c.fail(at, "a slice cannot stand in a set", "")
	}
	y, err := c.operand(at, x.typ, namesOf(n.x))
	if err == nil && !y.byName && !compatible(x.typ, y.typ) {
		err = c.fail(at, fmt.Sprintf("%s (%s) and %s (%s) cannot be compared", show(n.x), typeNames[x.typ], show(at), typeNames[y.typ]), "")
	}
	return y, err
}

func anyOf(t test, y operand) member {
	return func(m *machine, p *ingest.Packet, v *field.Value) bool {
		values := y.eval(m, p)
		for i := range values {
			if t(v, &values[i]) {
				return true
			}
		}
		return false
	}
}

func anyOrAll(every bool, x operand, members []member) predicate {
	return func(m *machine, p *ingest.Packet) bool {
		values := x.eval(m, p)
		for i := range values {
			if inSet(m, p, &values[i], members) != every {
				return !every
			}
		}
		return every && len(values) > 0
	}
}

func inSet(m *machine, p *ingest.Packet, v *field.Value, members []member) bool {
	for _, t := range members {
		if t(m, p, v) {
			return true
		}
	}
	return false
}

// oneForAll is Wireshark 4.0's "all ... in": the values must all equal one element of the set, or lie in one range. Each
// element is a comparison, which a pair without an order passes.
func (c *compiler) oneForAll(n *membership, x operand) (predicate, error) {
	c.needAny(x, false)
	var items []predicate
	for _, i := range n.items {
		holds, err := c.holdsAll(n, i, x)
		if err != nil {
			return nil, c.inList(n, err)
		}
		items = append(items, holds)
	}
	return func(m *machine, p *ingest.Packet) bool {
		for _, holds := range items {
			if holds(m, p) {
				return true
			}
		}
		return false
	}, nil
}

func (c *compiler) holdsAll(n *membership, i item, x operand) (predicate, error) {
	low, high, err := c.bounds(n, i, x)
	switch {
	case err != nil:
		return nil, err
	case low.byName:
		return quantified(true, nameTest(false, namesOf(n.x)), x, low), nil
	case i.high == nil:
		return quantified(true, testOf("==", c.orderOf(x, low), true), x, low), nil
	}
	above := quantified(true, testOf(">=", c.orderOf(x, low), true), x, low)
	below := quantified(true, testOf("<=", c.orderOf(x, high), true), x, high)
	return func(m *machine, p *ingest.Packet) bool { return above(m, p) && below(m, p) }, nil
}
