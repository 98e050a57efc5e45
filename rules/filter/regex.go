package filter

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// regexp compiles a pattern as Wireshark means it: case does not matter, and a character is a byte. Bytes from 0x80 up are
// widened to the code points of the same number (Latin-1), in the pattern here and in the values below.
func (c *compiler) regexp(n *literal) (*regexp.Regexp, error) {
	re, err := regexp.Compile("(?i)" + string(widen(nil, []byte(n.value))))
	if err == nil {
		return re, nil
	}
	var se *syntax.Error
	if errors.As(err, &se) && (se.Code == syntax.ErrInvalidPerlOp || se.Code == syntax.ErrInvalidEscape || se.Code == syntax.ErrInvalidRepeatOp ||
		se.Code == syntax.ErrInvalidRepeatSize) {
		return nil, c.fail(n, fmt.Sprintf("regular expression: %s: %q", se.Code, se.Expr),
			"RE2 is used, which runs in linear time but has no look-around, back-references or possessive repeats")
	} else if se != nil {
		return nil, c.fail(n, fmt.Sprintf("regular expression: %s: %q", se.Code, se.Expr), "")
	}
	return nil, c.fail(n, err.Error(), "")
}

// widen appends b to dst, each byte as the UTF-8 of the code point with its number.
func widen(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst
}

// matcher holds if any or every value matches.
func (c *compiler) matcher(x operand, re *regexp.Regexp, every bool) predicate {
	test := func(m *machine, v *field.Value) bool { return re.Match(m.widened(v.Bytes)) }
	if x.typ == field.String {
		test = func(m *machine, v *field.Value) bool {
			if ascii(v.Text) {
				return re.MatchString(v.Text)
			}
			return re.Match(m.widened([]byte(v.Text)))
		}
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
