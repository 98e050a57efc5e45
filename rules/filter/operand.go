package filter

import (
	"fmt"
)

func (q *parser) bitand() (node, error)  { return q.arithmetic(q.sum, "&") }
func (q *parser) sum() (node, error)     { return q.arithmetic(q.product, "+", "-") }
func (q *parser) product() (node, error) { return q.arithmetic(q.unary, "*", "/", "%") }

func (q *parser) arithmetic(operand func() (node, error), ops ...string) (node, error) {
	x, err := operand()
	for n := 0; err == nil && q.oneOf(ops); n++ {
		op := q.advance().value
		var y node
		if y, err = operand(); err == nil {
			x = &binary{x.at().to(y.at()), op, x, y}
		}
		if n == maxDepth {
			return nil, q.lexer.fail(x.at(), "too many operators in a row", "")
		}
	}
	return x, err
}

func (q *parser) oneOf(ops []string) bool {
	for _, op := range ops {
		if q.peek().is(op) {
			return true
		}
	}
	return false
}

func (q *parser) unary() (node, error) {
	if err := q.enter(); err != nil {
		return nil, err
	}
	defer q.leave()
	t := q.peek()
	if !t.is("-") && !t.is("+") {
		return q.entity()
	}
	q.advance()
	x, err := q.unary()
	if err != nil {
		return nil, err
	}
	return &unary{t.to(x.at()), t.value, x}, nil
}

// entity reads an atom and the slices behind it.
func (q *parser) entity() (node, error) {
	x, err := q.atom()
	for n := 0; err == nil && q.peek().is("["); n++ {
		if n == maxDepth {
			return nil, q.unexpected("no further slice")
		}
		q.advance()
		s := &slice{x: x}
		var end span
		if s.slots, end, err = q.slots(); err == nil {
			s.span = x.at().to(end)
			x = s
		}
	}
	return x, err
}

// slots reads ranges up to and with the closing bracket.
func (q *parser) slots() (slots []slot, end span, err error) {
	for {
		t := q.advance()
		s, err := parseSlot(t.text)
		if err != nil {
			return nil, t.span, q.lexer.fail(t.span, err.Error(), "")
		}
		slots = append(slots, s)
		if end := q.advance(); end.is("]") {
			return slots, end.span, nil
		}
	}
}

func (q *parser) atom() (node, error) {
	t := q.peek()
	switch {
	case t.kind == word && q.tokens[q.i+1].is("("):
		return q.call()
	case t.kind == word, t.kind == fieldName:
		return q.name()
	case t.kind == unquoted, t.kind == integer, t.kind == float, t.kind == quoted, t.kind == character:
		q.advance()
		return &literal{t.span, t.kind, t.text, t.value}, nil
	case t.is("@") && q.lexer.p.rawFields:
		return q.raw()
	case t.is("$"):
		return q.reference(false)
	case t.is("{"):
		return q.braces()
	}
	return nil, q.unexpected("a field, a value or a function")
}

func (q *parser) braces() (node, error) {
	q.advance()
	x, err := q.bitand()
	if err == nil {
		_, err = q.expect("}")
	}
	return x, err
}

// name reads a field with its layers: ip.src, .ip.src, ip.src#2, ip.src#[1-2].
func (q *parser) name() (*name, error) {
	t := q.advance()
	n := &name{span: t.span, text: t.value, forced: t.kind == fieldName}
	if !q.accept("#") {
		return n, nil
	}
	if t := q.advance(); t.kind == rangeText {
		s, err := parseSlot(t.text)
		if err != nil {
			return nil, q.lexer.fail(t.span, err.Error(), "")
		}
		n.layers, n.span = []slot{s}, n.to(t.span)
		return n, nil
	}
	slots, end, err := q.slots()
	n.layers, n.span = slots, n.to(end)
	return n, err
}

func (q *parser) raw() (node, error) {
	at := q.advance()
	if k := q.peek().kind; k != word && k != fieldName {
		return nil, q.unexpected("a field")
	}
	n, err := q.name()
	if err != nil {
		return nil, err
	}
	n.raw, n.span = true, at.to(n.span)
	return n, nil
}

func (q *parser) reference(list bool) (*reference, error) {
	r := &reference{span: q.advance().span, braces: q.accept("{")}
	if q.peek().kind != word || !r.braces && !list && !q.lexer.p.dollarWord {
		return nil, q.unexpected("a name")
	}
	t := q.advance()
	r.text, r.span = t.value, r.to(t.span)
	if r.braces {
		end, err := q.expect("}")
		r.span = r.to(end)
		return r, err
	}
	return r, nil
}

// call reads a function with its arguments.
func (q *parser) call() (node, error) {
	if err := q.enter(); err != nil {
		return nil, err
	}
	defer q.leave()
	t := q.advance()
	c := &call{name: t.value, function: t.span}
	q.advance()
	for !q.peek().is(")") || len(c.args) > 0 {
		x, err := q.bitand()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, x)
		if !q.accept(",") {
			break
		}
	}
	end, err := q.expect(")")
	c.span = t.to(end)
	if len(c.args) > maxDepth {
		return nil, q.lexer.fail(c.span, fmt.Sprintf("%s has too many arguments", c.name), "")
	}
	return c, err
}
