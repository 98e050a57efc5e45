package filter

import (
	"regexp"
	"regexp/syntax"
	"unicode"
)

// opening is the bytes that a match can begin with, of a regular expression that matches nothing but what stands first: a
// look at one byte spares most packets the expression.
type opening [256]bool

// openingOf gives an expression's opening; nil if it may match elsewhere, or nothing at all.
func openingOf(re *regexp.Regexp) *opening {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	var o opening
	if !o.anchored(tree) {
		return nil
	}
	return &o
}

// refuses tells that nothing that begins like that matches.
func (o *opening) refuses(b []byte) bool { return o != nil && (len(b) == 0 || !o[b[0]]) }

// anchored adds what can stand first where the expression must begin at the start; false if it need not.
func (o *opening) anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return o.anchored(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !o.anchored(sub) {
				return false
			}
		}
		return true
	case syntax.OpConcat:
		if re.Sub[0].Op == syntax.OpBeginText {
			return o.all(re.Sub[1:])
		}
		return o.anchored(re.Sub[0])
	}
	return false
}

// all adds what expressions in a row can begin with; false if they may match nothing, or begin with any byte.
func (o *opening) all(row []*syntax.Regexp) bool {
	for _, re := range row {
		if o.first(re) {
			return true
		}
	}
	return false
}

// first adds what one expression can begin with; false if it may match nothing, so that what follows counts, too.
func (o *opening) first(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		o.letter(re.Rune[0], re.Flags&syntax.FoldCase != 0)
		return true
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := range o {
				o[c] = o[c] || re.Rune[i] <= wide(byte(c)) && wide(byte(c)) <= re.Rune[i+1]
			}
		}
		return true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		for c := range o {
			o[c] = true
		}
		return true
	case syntax.OpCapture, syntax.OpConcat, syntax.OpPlus:
		return o.all(re.Sub)
	case syntax.OpStar, syntax.OpQuest:
		o.all(re.Sub)
		return false
	case syntax.OpRepeat:
		return o.all(re.Sub) && re.Min > 0
	case syntax.OpAlternate:
		some := true
		for _, sub := range re.Sub {
			some = o.first(sub) && some
		}
		return some
	}
	return false // a place, not a byte
}

func (o *opening) letter(r rune, fold bool) {
	for f := r; ; {
		for c := range o {
			o[c] = o[c] || wide(byte(c)) == f
		}
		if f = unicode.SimpleFold(f); !fold || f == r {
			return
		}
	}
}
