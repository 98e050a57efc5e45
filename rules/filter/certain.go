package filter

import (
	"regexp/syntax"
	"unicode/utf8"
)

// needPattern is what matches needs: a value, and in it the longest text that every match of the pattern holds.
func (c *compiler) needPattern(x operand, pattern string) {
	c.needAny(x, false)
	if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
		c.needText(x, certain(re))
	}
}

// certain is the longest text that every match holds, letters in either case. Only ASCII counts: other characters stand for
// bytes.
func certain(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return certain(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return certain(re.Sub[0])
		}
	case syntax.OpLiteral, syntax.OpConcat:
		var r run
		r.add(re)
		r.end()
		return r.longest
	}
	return ""
}

// run joins literals that stand side by side.
type run struct{ text, longest string }

func (r *run) end() {
	if len(r.text) > len(r.longest) {
		r.longest = r.text
	}
	r.text = ""
}

func (r *run) add(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			r.add(sub)
		}
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if c < utf8.RuneSelf {
				r.text += string(c)
			} else {
				r.end()
			}
		}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
	default:
		r.end()
		r.text = certain(re)
		r.end()
	}
}
