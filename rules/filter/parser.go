package filter

import (
	"fmt"
	"strings"
)

// maxDepth bounds nesting, so that hostile text cannot exhaust the stack.
const maxDepth = 200

type parser struct {
	lexer  lexer // for its text and fail
	tokens []token
	i      int
	depth  int
}

// parse reads a whole filter; an empty one gives nil, which matches everything.
func parse(text string, p profile) (node, error) {
	tokens, err := lex(text, p)
	if err != nil {
		return nil, err
	}
	q := &parser{lexer: lexer{text: text, p: p}, tokens: tokens}
	if q.peek().kind == endOfText {
		return nil, nil
	}
	n, err := q.or()
	if err == nil && q.peek().kind != endOfText {
		err = q.unexpected("an operator")
	}
	return n, err
}

func (q *parser) peek() *token { return &q.tokens[q.i] }

func (q *parser) advance() *token {
	t := &q.tokens[q.i]
	if t.kind != endOfText {
		q.i++
	}
	return t
}

// accept takes the symbol if it is next.
func (q *parser) accept(s string) bool {
	if !q.peek().is(s) {
		return false
	}
	q.i++
	return true
}

func (q *parser) expect(s string) (span, error) {
	if !q.peek().is(s) {
		return span{}, q.unexpected(fmt.Sprintf("%q", s))
	}
	return q.advance().span, nil
}

func (q *parser) unexpected(want string) error {
	t := q.peek()
	if t.kind == endOfText {
		return q.lexer.fail(t.span, "the filter ends too early", "expected "+want)
	}
	hint := "expected " + want
	if better := q.hint(t); better != "" {
		hint = better
	}
	return q.lexer.fail(t.span, fmt.Sprintf("%q was unexpected", t.text), hint)
}

// otherWords are operators of other languages, and what is written here.
var otherWords = map[string]string{"is": `"=="`, "equals": `"=="`, "like": `"contains" or "matches"`, "regex": `"matches"`, "between": `"in {low..high}"`, "startswith": `"matches" and "^"`}

// hint tells what was probably meant by something unexpected; "" where nothing is known.
func (q *parser) hint(t *token) string {
	lower := strings.ToLower(t.text)
	if _, operator := wordSymbols[lower]; operator && lower != t.text {
		return fmt.Sprintf("operators are written in small letters: %q", lower)
	}
	if here, ok := otherWords[lower]; ok {
		return "expected " + here
	}
	if q.i == 0 {
		return ""
	}
	before := q.tokens[q.i-1]
	switch joined := before.end == t.off; {
	case joined && before.kind == unquoted && strings.Contains(before.text, "/"):
		return networkHint
	case joined && before.is("<") && t.is(">"):
		return `inequality is written "!="`
	}
	return ""
}

func (q *parser) enter() error {
	if q.depth++; q.depth > maxDepth {
		return q.lexer.fail(q.peek().span, fmt.Sprintf("the filter nests deeper than %d levels", maxDepth), "")
	}
	return nil
}

func (q *parser) leave() { q.depth-- }

func (q *parser) or() (node, error)  { return q.junction("||", q.xor) }
func (q *parser) xor() (node, error) { return q.junction("^^", q.and) }
func (q *parser) and() (node, error) { return q.junction("&&", q.not) }

func (q *parser) junction(op string, operand func() (node, error)) (node, error) {
	x, err := operand()
	for n := 0; err == nil && q.accept(op); n++ {
		var y node
		if y, err = operand(); err == nil {
			x = &junction{x.at().to(y.at()), op, x, y}
		}
		if n == maxDepth*5 {
			return nil, q.lexer.fail(x.at(), "too many operands in a row", "use a set: field in {a, b, c}")
		}
	}
	return x, err
}

func (q *parser) not() (node, error) {
	if err := q.enter(); err != nil {
		return nil, err
	}
	defer q.leave()
	t := q.peek()
	if q.accept("!") {
		x, err := q.not()
		if err != nil {
			return nil, err
		}
		return &negation{t.to(x.at()), x}, nil
	}
	if !q.accept("(") {
		return q.relation()
	}
	x, err := q.or()
	if err == nil {
		_, err = q.expect(")")
	}
	return x, err
}

var comparisons = map[string]bool{"==": true, "!=": true, "===": true, "!==": true, "<": true, "<=": true, ">": true, ">=": true}

// relation reads [any|all] operand test, or an operand alone.
func (q *parser) relation() (node, error) {
	from := q.peek().span
	quantifier := ""
	if q.peek().is("any") || q.peek().is("all") {
		quantifier = q.advance().value
	}
	x, err := q.bitand()
	if err != nil {
		return nil, err
	}
	t := q.peek()
	switch {
	case t.kind == symbol && comparisons[t.value]:
		return q.chain(from, quantifier, x)
	case t.is("contains"), t.is("matches"):
		return q.search(from, quantifier, x)
	case t.is("in"), t.is("!") && q.tokens[q.i+1].is("in"):
		return q.membership(from, quantifier, x)
	case quantifier != "":
		return nil, q.unexpected("a comparison")
	}
	return &presence{from.to(x.at()), x}, nil
}

func (q *parser) chain(from span, quantifier string, x node) (node, error) {
	c := &comparison{span: from, quantifier: quantifier, operands: []node{x}}
	for t := q.peek(); t.kind == symbol && comparisons[t.value]; t = q.peek() {
		c.ops, c.opsAt = append(c.ops, t.value), append(c.opsAt, t.span)
		q.advance()
		y, err := q.bitand()
		if err != nil {
			return nil, err
		}
		c.operands = append(c.operands, y)
		c.span = from.to(y.at())
	}
	return c, nil
}

func (q *parser) search(from span, quantifier string, x node) (node, error) {
	op := q.advance()
	y, err := q.bitand()
	if err != nil {
		return nil, err
	}
	return &comparison{from.to(y.at()), quantifier, []node{x, y}, []string{op.value}, []span{op.span}}, nil
}

func (q *parser) membership(from span, quantifier string, x node) (node, error) {
	m := &membership{quantifier: quantifier, not: q.accept("!"), x: x}
	q.advance()
	if q.peek().is("$") {
		r, err := q.reference(true)
		if err != nil {
			return nil, err
		}
		m.list, m.span = r, from.to(r.at())
		return m, nil
	}
	if _, err := q.expect("{"); err != nil {
		return nil, err
	}
	return m, q.items(m, from)
}

func (q *parser) items(m *membership, from span) error {
	for {
		i, err := q.item()
		if err != nil {
			return err
		}
		m.items = append(m.items, i)
		if q.accept(",") {
			continue
		}
		end, err := q.expect("}")
		m.span = from.to(end)
		return err
	}
}

func (q *parser) item() (item, error) {
	low, err := q.unary()
	if err != nil || !q.accept("..") {
		return item{low: low}, err
	}
	high, err := q.unary()
	return item{low, high}, err
}
