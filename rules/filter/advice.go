package filter

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Advice is something the author of a filter may not mean, though it compiles.
type Advice struct {
	Offset, Length int    // bytes of the filter's text
	Code           string // one of the Advice codes
	Message, Hint  string
}

// Codes of advice.
const (
	VersionDependent = "version-dependent" // the versions of Wireshark take it differently
	BareInequality   = "bare-inequality"   // != where a packet can have several values
	Unreachable      = "unreachable"       // no packet can match
	Redundant        = "redundant"         // a part that adds nothing
	Slow             = "slow-pattern"      // a regular expression that looks at far more than it needs to
)

// Advise looks at a filter that compiles, for what its author may not mean. It errs on the side of silence.
func Advise(text string, c *field.Context, lists rules.Lists) []Advice {
	f, err := Compile(text, c, lists)
	if err != nil || f.tree == nil {
		return nil
	}
	a := &adviser{}
	a.versions(text, c, lists)
	walk(f.tree, a.look)
	slices.SortStableFunc(a.out, func(a, b Advice) int { return cmp.Compare(a.Offset, b.Offset) })
	return a.out
}

type adviser struct{ out []Advice }

func (a *adviser) say(s span, code, message, hint string) {
	a.out = append(a.out, Advice{Offset: s.off, Length: s.end - s.off, Code: code, Message: message, Hint: hint})
}

// versions tells which versions of Wireshark refuse what the rule's own takes. Filters over icmpsift's fields are not for
// Wireshark.
func (a *adviser) versions(text string, c *field.Context, lists rules.Lists) {
	for _, version := range []string{"4.0", "4.2", Newest} {
		other := field.Context{}
		if c != nil {
			other = *c
		}
		if other.Wireshark = version; c != nil && c.Wireshark == version {
			continue
		}
		_, err := Compile(text, &other, lists)
		if e, ok := err.(*Error); ok {
			a.say(span{e.Offset, e.Offset + e.Length}, VersionDependent, fmt.Sprintf("Wireshark %s refuses this: %s", version, e.Message), "requires: {wireshark: ...} says which version is meant")
			return
		}
	}
}

func (a *adviser) look(n node) {
	switch n := n.(type) {
	case *comparison:
		a.inequality(n)
		a.pattern(n)
	case *membership:
		a.set(n)
	case *junction:
		a.repeated(n)
		if n.op == "&&" {
			a.contradiction(n)
		}
	}
}

// several tells a field that can have more than one value in a packet: one of Wireshark's that is not the frame's, without
// a layer that picks one.
func several(n node) (*name, bool) {
	x, ok := n.(*name)
	if !ok || x.field == nil || x.field.Ours() || x.layers != nil || strings.HasPrefix(x.field.Name, "frame.") || strings.HasPrefix(x.field.Name, "_ws.") {
		return nil, false
	}
	return x, true
}

func (a *adviser) inequality(n *comparison) {
	x, ok := several(n.operands[0])
	if !ok || n.quantifier != "" || !slices.Contains(n.ops, "!=") {
		return
	}
	a.say(n.span, BareInequality, fmt.Sprintf("%s can have several values in a packet, such as those of a quoted header, and all of them must differ", x.text),
		fmt.Sprintf("write %s#1 for the outer one, a field under sift., or \"all\" in front where that is meant", x.text))
}

func (a *adviser) set(n *membership) {
	if x, ok := several(n.x); ok && n.not && n.quantifier == "" {
		a.say(n.span, BareInequality, fmt.Sprintf("%s can have several values in a packet, and none of them may be in the set", x.text), fmt.Sprintf("write %s#1 for the outer one", x.text))
		if !n.absent {
			a.say(n.span, VersionDependent, "before Wireshark 4.2 \"not in\" also holds of packets without the field", "!(... in ...) means the same in all versions")
		}
	}
	for _, i := range n.items {
		low, ok := number(i.low)
		if i.high == nil || !ok {
			continue
		}
		if high, ok := number(i.high); ok && low > high {
			a.say(i.low.at().to(i.high.at()), Unreachable, fmt.Sprintf("the range %d..%d is empty", low, high), "the lower end comes first")
		}
	}
}

// pattern finds regular expressions that begin with ".*", which tries every place for nothing.
func (a *adviser) pattern(n *comparison) {
	if x, ok := n.operands[len(n.operands)-1].(*literal); ok && n.ops[0] == "matches" && (strings.HasPrefix(x.value, ".*") || strings.HasPrefix(x.value, "^.*")) {
		a.say(x.span, Slow, "a pattern that begins with \".*\" looks at every place many times over", "leave it out: a pattern is looked for everywhere")
	}
}

// parts are the operands of a chain of one junction.
func parts(n node, op string) []node {
	if j, ok := n.(*junction); ok && j.op == op {
		return append(parts(j.x, op), parts(j.y, op)...)
	}
	return []node{n}
}

func (a *adviser) repeated(n *junction) {
	all := parts(n, n.op)
	last := all[len(all)-1]
	for _, x := range all[:len(all)-1] {
		if n.op != "^^" && show(x) == show(last) {
			a.say(last.at(), Redundant, fmt.Sprintf("%s stands here already", show(last)), "leave one of them out")
		}
	}
}

// contradiction finds the part at which comparisons of one field with numbers leave it no value.
func (a *adviser) contradiction(n *junction) {
	all := parts(n, "&&")
	room := map[string]interval{}
	for i, x := range all {
		key, allowed, ok := demand(x)
		if !ok {
			continue
		}
		before, known := room[key]
		if known {
			allowed = allowed.and(before)
		}
		if room[key] = allowed; allowed.low > allowed.high && i == len(all)-1 {
			a.say(x.at(), Unreachable, fmt.Sprintf("%s leaves %s no value", show(x), key), "no packet can match both this and what stands before")
		}
	}
}

// interval is the numbers a part allows, both ends included.
type interval struct{ low, high int64 }

func (i interval) and(j interval) interval { return interval{max(i.low, j.low), min(i.high, j.high)} }

// demand reads the comparison of a field that has one value at most with a number.
func demand(n node) (key string, allowed interval, ok bool) {
	c, ok := n.(*comparison)
	if !ok || len(c.ops) != 1 {
		return "", allowed, false
	}
	x, isName := c.operands[0].(*name)
	v, isNumber := c.operands[1].(*literal)
	if !isName || !isNumber || v.kind != integer || x.field == nil || x.raw || !isInteger(x.field.Type) || !(x.field.Ours() || outermost(x)) {
		return "", allowed, false
	}
	k, _, err := (&compiler{}).integer(v, field.Int64, nil)
	if err != nil {
		return "", allowed, false
	}
	allowed = interval{math.MinInt64, math.MaxInt64}
	if isUnsigned(x.field.Type) {
		allowed.low = 0
	}
	return printName(x), allowed.and(map[string]interval{"==": {k.Int, k.Int}, "===": {k.Int, k.Int}, "<": {math.MinInt64, k.Int - 1}, "<=": {math.MinInt64, k.Int},
		">": {k.Int + 1, math.MaxInt64}, ">=": {k.Int, math.MaxInt64}, "!=": allowed, "!==": allowed}[c.ops[0]]), true
}

func outermost(x *name) bool { return len(x.layers) == 1 && x.layers[0].one && x.layers[0].first == 1 }
