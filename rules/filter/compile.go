package filter

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// machine is what evaluation needs and changes: one for each goroutine. What is worked out of a packet is kept until the
// next one, so that fields and relations that stand in several places are asked once.
type machine struct {
	context *field.Context
	lists   []list   // one for each operand
	arena   []byte   // bytes that slices and bitwise operators of a relation put together
	packet  uint64   // counts packets, from 1
	told    []uint64 // for each relation: twice the packet it was asked of, and whether it holds
}

// list is the values of an operand, and the packet it has them of.
type list struct {
	values []field.Value
	packet uint64
}

func newMachine(c *field.Context, operands, relations int) machine {
	m := machine{context: c}
	m.grow(operands, relations)
	return m
}

// grow makes room for more operands and relations.
func (m *machine) grow(operands, relations int) {
	m.lists = append(m.lists, make([]list, operands-len(m.lists))...)
	m.told = append(m.told, make([]uint64, relations-len(m.told))...)
}

// next forgets the packet before.
func (m *machine) next() {
	m.packet++
	m.arena = m.arena[:0]
}

// predicate is a compiled logical node.
type predicate func(m *machine, p *ingest.Packet) bool

func (c *compiler) predicate(n node) (predicate, error) {
	switch n := n.(type) {
	case *junction:
		return c.junction(n)
	case *negation:
		x, err := c.predicate(n.x)
		return not(x), err
	}
	r, err := c.relation(n)
	if err != nil {
		return nil, err
	}
	return r.test, nil
}

// relation is a compiled logical node that is not made of others.
type relation struct {
	test   predicate
	needs  []need // all of which are met where it holds
	pivots uint8  // what it asks for, if that is nothing but pivots
	fields []*field.Field
}

// relation compiles a relation; in an index, once for all places it stands in.
func (c *compiler) relation(n node) (*relation, error) {
	if r, ok := c.relations[show(n)]; ok && c.shared {
		return r, nil
	}
	c.needs = nil
	t, err := c.ask(n)
	if err != nil {
		return nil, err
	}
	r := &relation{test: c.remembered(t), needs: c.needs, pivots: pivotal(n), fields: required(n)}
	c.relations[show(n)] = r
	return r, nil
}

// remembered asks a relation once of each packet. What other relations put together is of no use to it.
func (c *compiler) remembered(t predicate) predicate {
	k := c.asks
	c.asks++
	return func(m *machine, p *ingest.Packet) bool {
		if told := m.told[k]; told>>1 == m.packet {
			return told&1 != 0
		}
		m.arena = m.arena[:0]
		holds := t(m, p)
		m.told[k] = m.packet << 1
		if holds {
			m.told[k]++
		}
		return holds
	}
}

func (c *compiler) ask(n node) (t predicate, err error) {
	used := c.used
	switch n := n.(type) {
	case *comparison:
		t, err = c.comparison(n)
	case *membership:
		t, err = c.membership(n)
	case *presence:
		t, err = c.presence(n)
	}
	if err == nil && c.used == used {
		err = c.fail(n, "the expression is constant", "it must use a field")
	}
	return t, err
}

func (c *compiler) junction(n *junction) (predicate, error) {
	x, err := c.predicate(n.x)
	if err != nil {
		return nil, err
	}
	y, err := c.predicate(n.y)
	if err != nil {
		return nil, err
	}
	return joined(n.op, x, y), nil
}

func joined(op string, x, y predicate) predicate {
	switch op {
	case "&&":
		return func(m *machine, p *ingest.Packet) bool { return x(m, p) && y(m, p) }
	case "||":
		return func(m *machine, p *ingest.Packet) bool { return x(m, p) || y(m, p) }
	}
	return func(m *machine, p *ingest.Packet) bool { return x(m, p) != y(m, p) }
}

func not(x predicate) predicate {
	return func(m *machine, p *ingest.Packet) bool { return !x(m, p) }
}

// comparison compiles a chain as the conjunction of its links.
func (c *compiler) comparison(n *comparison) (predicate, error) {
	var links []predicate
	for i, op := range n.ops {
		t, err := c.link(n, op, n.operands[i], n.operands[i+1])
		if err != nil {
			return nil, err
		}
		links = append(links, t)
	}
	if len(links) == 1 {
		return links[0], nil
	}
	return func(m *machine, p *ingest.Packet) bool {
		for _, t := range links {
			if !t(m, p) {
				return false
			}
		}
		return true
	}, nil
}

func (c *compiler) link(n *comparison, op string, x, y node) (predicate, error) {
	every := op == "!=" || op == "==="
	if n.quantifier != "" {
		every = n.quantifier == "all"
	}
	switch op {
	case "contains":
		return c.contains(x, y, every)
	case "matches":
		return c.matches(x, y, every)
	}
	tx, ty, err := c.pairType(n, x, y)
	if err != nil {
		return nil, err
	}
	if tx == field.None || ty == field.None {
		return nil, c.fail(x, fmt.Sprintf("a %s has no value to compare", typeNames[field.None]), "write its name alone to ask whether it is present")
	}
	return c.compare(op, x, y, tx, ty, every)
}

func (c *compiler) compare(op string, x, y node, tx, ty field.Type, every bool) (predicate, error) {
	a, err := c.operand(x, ty, namesOf(y))
	if err != nil {
		return nil, err
	}
	b, err := c.operand(y, tx, namesOf(x))
	if err != nil {
		return nil, err
	}
	if a.byName || b.byName {
		return c.compareNames(op, a, b, every)
	}
	if err := c.compatible(&a, &b, "cannot be compared with"); err != nil {
		return nil, err
	}
	c.needPair(op, a, b, every)
	return quantified(every, testOf(op, c.orderOf(a, b), every), a, b), nil
}

// compareNames compares the name of a value with a text that several values share.
func (c *compiler) compareNames(op string, a, b operand, every bool) (predicate, error) {
	if b.byName {
		a, b = b, a
	}
	if op != "==" && op != "!=" && op != "===" && op != "!==" {
		return nil, c.fail(a.node, show(a.node)+" is the name of several values, which have no order", "")
	}
	c.needAny(b, every)
	return quantified(every, nameTest(op == "!=" || op == "!==", namesOf(b.node)), b, a), nil
}

func nameTest(not bool, f *field.Field) test {
	return func(a, b *field.Value) bool { return (f.Names[a.Int] == b.Text) != not }
}

// quantified holds if any or every pair of values passes; without values on either side it never does. A computation that
// has no result, such as a division by zero, has no pair that fails.
func quantified(every bool, t test, x, y operand) predicate {
	if len(y.fixed) == 1 {
		return quantifiedOne(every, t, x, &y.fixed[0])
	}
	return func(m *machine, p *ingest.Packet) bool {
		a := x.eval(m, p)
		if len(a) == 0 {
			return every && x.present != nil && x.there(m, p) && y.there(m, p)
		}
		b := y.eval(m, p)
		for i := range a {
			for j := range b {
				if t(&a[i], &b[j]) != every {
					return !every
				}
			}
		}
		return every && (len(b) > 0 || y.present != nil && y.there(m, p))
	}
}

// quantifiedOne compares with a constant.
func quantifiedOne(every bool, t test, x operand, constant *field.Value) predicate {
	return func(m *machine, p *ingest.Packet) bool {
		a := x.eval(m, p)
		for i := range a {
			if t(&a[i], constant) != every {
				return !every
			}
		}
		return every && (len(a) > 0 || x.present != nil && x.there(m, p))
	}
}

func (c *compiler) contains(x, y node, every bool) (predicate, error) {
	a, err := c.searched(x, "contains")
	if err != nil {
		return nil, err
	}
	want := a.typ
	if want != field.String && want != field.Protocol {
		want = field.Bytes
	}
	if l, ok := y.(*literal); ok && a.typ == field.Ether && (l.kind == quoted || l.kind == character || l.kind == integer && c.p.decimalBytes) {
		return nil, c.convert(l, field.Ether, "expected bytes, such as 61:62:63")
	}
	b, err := c.operand(y, want, nil)
	if err != nil {
		return nil, err
	}
	if b.fixed == nil {
		if err := c.compatible(&a, &b, "cannot contain"); err != nil {
			return nil, err
		}
	}
	c.needPart(a, b, every)
	return quantified(every, containsTest(a.typ), a, b), nil
}

func (c *compiler) matches(x, y node, every bool) (predicate, error) {
	a, err := c.searched(x, "matches")
	if err != nil {
		return nil, err
	}
	pattern, ok := y.(*literal)
	if !ok || pattern.kind != quoted {
		return nil, c.fail(y, "matches needs a regular expression in double quotes", "")
	}
	re, err := c.regexp(pattern)
	if err != nil {
		return nil, err
	}
	c.needPattern(a, re.String())
	return c.matcher(a, re, every), nil
}

// searched compiles the left side of contains and matches; in 4.4 values with names are searched by name.
func (c *compiler) searched(x node, op string) (operand, error) {
	switch x := x.(type) {
	case *name:
		if err := c.mustResolve(x); err != nil {
			return operand{}, err
		}
	case *slice, *call, *reference:
	default:
		return operand{}, c.fail(x, fmt.Sprintf("the left side of %s must be a field, a slice or a function", op), "")
	}
	a, err := c.operand(x, field.Bytes, nil)
	if f := namesOf(x); err == nil && !canSearch(a.typ) && f != nil && f.Names != nil && c.p.valueText {
		return c.named(a, f), nil
	}
	if err == nil && !canSearch(a.typ) {
		err = c.fail(x, fmt.Sprintf("%s (%s) cannot take part in %s", show(x), typeNames[a.typ], op),
			"it needs text or bytes; string() turns numbers and addresses into text")
	}
	return a, err
}

// presence holds if the operand has a value. Booleans under "sift." must be true as well: theirs is the whole point,
// while Wireshark's own keep Wireshark's meaning.
func (c *compiler) presence(n *presence) (predicate, error) {
	switch x := n.x.(type) {
	case *name:
		if err := c.mustResolve(x); err != nil {
			return nil, err
		}
	case *literal:
		return nil, c.fail(x, fmt.Sprintf("%s is neither a field nor a protocol", x.text), "")
	case *call:
		if !c.p.functionTest {
			return nil, c.fail(x, "a function cannot stand alone", "compare it with a value")
		}
		return c.nonzero(n)
	case *unary, *binary:
		return c.nonzero(n)
	}
	x, err := c.operand(n.x, field.None, nil)
	if err != nil {
		return nil, err
	}
	if f := namesOf(n.x); f != nil && f.Type == field.Boolean && f.Ours() {
		c.needNonzero(x)
		return anyNonzero(x), nil
	}
	c.needAny(x, false)
	if _, ok := n.x.(*slice); ok {
		return func(m *machine, p *ingest.Packet) bool { return slicesContent(x.eval(m, p)) }, nil
	}
	return func(m *machine, p *ingest.Packet) bool { return len(x.eval(m, p)) > 0 }, nil
}

// slicesContent tells whether anything was cut out of any value.
func slicesContent(values []field.Value) bool {
	for i := range values {
		if len(values[i].Bytes) > 0 || values[i].Text != "" {
			return true
		}
	}
	return false
}

// nonzero holds if any value of a computed operand is not zero.
func (c *compiler) nonzero(n *presence) (predicate, error) {
	t, ok := c.typeOf(n.x)
	if !ok {
		if err := c.unknownCall(n.x); err != nil {
			return nil, err
		}
		return nil, c.fail(n, "the expression is constant", "it must use a field")
	}
	x, err := c.operand(n.x, t, nil)
	if err != nil {
		return nil, err
	}
	c.needAny(x, false)
	return anyNonzero(x), nil
}

func anyNonzero(x operand) predicate {
	zero := isZero(x.typ)
	return func(m *machine, p *ingest.Packet) bool {
		values := x.eval(m, p)
		for i := range values {
			if !zero(&values[i]) {
				return true
			}
		}
		return false
	}
}
