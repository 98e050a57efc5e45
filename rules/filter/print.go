package filter

import (
	"strings"
)

// show writes a node in canonical form: operators as signs, one blank around them, parentheses where kinds of junction mix.
func show(n node) string {
	switch n := n.(type) {
	case *junction:
		return n.side(n.x, true) + " " + n.op + " " + n.side(n.y, false)
	case *negation:
		return printNegation(n)
	case *comparison:
		return printComparison(n)
	case *membership:
		return printMembership(n)
	case *presence:
		return show(n.x)
	}
	return printOperand(n)
}

// side puts parentheses around junctions, but for a chain of the same operator to the left.
func (n *junction) side(x node, left bool) string {
	if j, ok := x.(*junction); ok && !(left && j.op == n.op) {
		return "(" + show(x) + ")"
	}
	return show(x)
}

func printNegation(n *negation) string {
	text := show(n.x) // once: negations may stand in each other
	switch n.x.(type) {
	case *presence, *negation:
		if !strings.ContainsAny(text, " ") {
			return "!" + text
		}
	}
	return "!(" + text + ")"
}

func printComparison(n *comparison) string {
	var b strings.Builder
	b.WriteString(quantifier(n.quantifier))
	for i, x := range n.operands {
		if i > 0 {
			b.WriteString(" " + n.ops[i-1] + " ")
		}
		b.WriteString(show(x))
	}
	return b.String()
}

func quantifier(q string) string {
	if q != "" {
		q += " "
	}
	return q
}

func printMembership(n *membership) string {
	op := " in "
	if n.not {
		op = " not in "
	}
	head := quantifier(n.quantifier) + show(n.x) + op
	if n.list != nil {
		return head + show(n.list)
	}
	items := make([]string, len(n.items))
	for i, item := range n.items {
		items[i] = grouped(item.low)
		if item.high != nil {
			items[i] += ".." + grouped(item.high)
		}
	}
	return head + "{" + strings.Join(items, ", ") + "}"
}

func printOperand(n node) string {
	switch n := n.(type) {
	case *name:
		return printName(n)
	case *literal:
		return printLiteral(n)
	case *slice:
		return braced(n.x) + "[" + printSlots(n.slots) + "]"
	case *call:
		args := make([]string, len(n.args))
		for i, a := range n.args {
			args[i] = show(a)
		}
		return n.name + "(" + strings.Join(args, ", ") + ")"
	case *unary:
		return n.op + braced(n.x)
	case *binary:
		return braced(n.x) + " " + n.op + " " + braced(n.y)
	case *reference:
		return printReference(n)
	}
	return ""
}

// grouped is braced where signs need no braces.
func grouped(n node) string {
	if _, ok := n.(*unary); ok {
		return show(n)
	}
	return braced(n)
}

// braced groups what is computed; parentheses belong to logic.
func braced(n node) string {
	switch n.(type) {
	case *binary, *unary:
		return "{" + show(n) + "}"
	}
	return show(n)
}

func printName(n *name) string {
	text := n.text
	if n.forced {
		text = "." + text
	}
	if n.raw {
		text = "@" + text
	}
	switch {
	case len(n.layers) == 1 && n.layers[0].one && n.layers[0].first >= 0:
		text += "#" + n.layers[0].String()
	case n.layers != nil:
		text += "#[" + printSlots(n.layers) + "]"
	}
	return text
}

func printSlots(slots []slot) string {
	texts := make([]string, len(slots))
	for i, s := range slots {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}

func printLiteral(n *literal) string {
	if n.kind == quoted {
		return quote(n.value)
	}
	return n.text
}

func printReference(n *reference) string {
	if n.braces {
		return "${" + n.text + "}"
	}
	return "$" + n.text
}
