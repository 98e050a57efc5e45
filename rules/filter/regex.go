package filter

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// regexp compiles a pattern as Wireshark means it: case does not matter, and a character is a byte.
func (c *compiler) regexp(n *literal) (*regexp.Regexp, error) {
	const hint = "RE2 is used, which runs in linear time, and has no look-around, back-references, possessive repeats or recursion"
	pattern, err := translate(n.value)
	if err != nil {
		return nil, c.fail(n, fmt.Sprintf("regular expression: %v", err), hint)
	}
	re, err := regexp.Compile("(?i)" + pattern)
	if err == nil {
		return re, nil
	}
	var se *syntax.Error
	if !errors.As(err, &se) {
		return nil, c.fail(n, err.Error(), "")
	}
	if se.Expr = strings.TrimPrefix(se.Expr, "(?i)"); se.Code == syntax.ErrInvalidRepeatSize {
		return nil, c.fail(n, fmt.Sprintf("regular expression: %s: %q", se.Code, se.Expr), "RE2 is used, which repeats a thousand times at most")
	} else if se.Code == syntax.ErrInvalidPerlOp || se.Code == syntax.ErrInvalidRepeatOp {
		return nil, c.fail(n, fmt.Sprintf("regular expression: %s: %q", se.Code, se.Expr), hint)
	}
	return nil, c.fail(n, fmt.Sprintf("regular expression: %s: %q", se.Code, se.Expr), "")
}

// matcher holds if any or every value matches.
func (c *compiler) matcher(x operand, re *regexp.Regexp, every bool) predicate {
	a := automatonOf(re)
	test := func(m *machine, v *field.Value) bool { return matches(a, m, searched(x.typ, v)) }
	if x.typ == field.String {
		test = func(m *machine, v *field.Value) bool { return matches(a, m, v.Text) }
	}
	return func(m *machine, p *ingest.Packet) bool {
		values := x.eval(m, p)
		for i := range values {
			if test(m, &values[i]) != every {
				return !every
			}
		}
		return every && len(values) > 0
	}
}

func (m *machine) widened(b []byte) []byte {
	if ascii(b) {
		return b
	}
	from := len(m.arena)
	m.arena = widen(m.arena, b)
	return m.arena[from:]
}

func ascii[T string | []byte](b T) bool {
	for i := range len(b) {
		if b[i] >= 0x80 {
			return false
		}
	}
	return true
}
