package filter

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Mutant is a filter that differs from another in one place. The tests of a rule that cannot tell the two apart do not
// test that place.
type Mutant struct {
	Text   string // canonical; "" matches every packet
	Change string // what was done, for people: `dropped sift.multicast`
}

// Mutants gives filters that are each one mistake away from the one given: a clause left out, a junction, negation or
// comparison turned round or loosened, an element of a set missing, a number, an address, a prefix length or a byte one off, a
// text a letter short, a slice or layer moved, a layer not asked for. All of them
// compile, and no two are written alike; that some may mean the same nevertheless is for the caller to know. Errors are
// those of [Compile].
// Each mutant is as long as the filter, and there are several for each clause: this is for rules' tests, not for hostile text.
func Mutants(text string, c *field.Context, lists rules.Lists) ([]Mutant, error) {
	f, err := Compile(text, c, lists)
	if err != nil || f.tree == nil {
		return nil, err
	}
	out := []Mutant{{"", "dropped " + show(f.tree)}}
	seen := map[string]bool{"": true, show(f.tree): true}
	mutate(f.tree, func(n node, change string) {
		text := show(n)
		if _, err := Compile(text, c, lists); err != nil || seen[text] {
			return
		}
		seen[text] = true
		out = append(out, Mutant{text, change})
	})
	return out, nil
}

// mutate hands out copies of a node, each changed in one place at or below it.
func mutate(n node, give func(n node, change string)) {
	switch n := n.(type) {
	case *junction:
		n.mutate(give)
	case *negation:
		give(n.x, "no longer negated: "+show(n.x))
		mutate(n.x, func(x node, change string) { give(&negation{n.span, x}, change) })
	case *comparison:
		give(&negation{n.span, n}, "negated "+show(n))
		n.mutate(give)
	case *membership:
		give(&negation{n.span, n}, "negated "+show(n))
		n.mutate(give)
	case *presence:
		give(&negation{n.span, n}, "negated "+show(n))
		mutateOperand(n.x, func(x node, change string) { give(&presence{n.span, x}, change) })
	}
}

var otherJunctions = map[string]string{"&&": "||", "||": "&&", "^^": "||"}

func (n *junction) mutate(give func(node, string)) {
	give(n.y, "dropped "+show(n.x))
	give(n.x, "dropped "+show(n.y))
	other := otherJunctions[n.op]
	give(&junction{n.span, other, n.x, n.y}, n.op+" became "+other+" before "+show(n.y))
	mutate(n.x, func(x node, change string) { give(&junction{n.span, n.op, x, n.y}, change) })
	mutate(n.y, func(y node, change string) { give(&junction{n.span, n.op, n.x, y}, change) })
}

// nearOrders let a little more or less pass; turning a comparison round is its negation. otherQuantifiers matter where a
// packet can have several values.
var (
	nearOrders       = map[string][]string{"==": {"<=", ">="}, "<": {"<="}, "<=": {"<", "=="}, ">": {">="}, ">=": {">", "=="}}
	otherQuantifiers = map[string]string{"==": "===", "===": "==", "!=": "!==", "!==": "!="}
)

func (n *comparison) mutate(give func(node, string)) {
	if n.quantifier != "" {
		other := *n
		other.quantifier = map[string]string{"any": "all", "all": "any"}[n.quantifier]
		give(&other, n.quantifier+" became "+other.quantifier+" in "+show(n))
	}
	for i, op := range n.ops {
		for _, with := range n.others(i, op) {
			other := *n
			other.ops = slices.Clone(n.ops)
			other.ops[i] = with
			give(&other, op+" became "+with+" in "+show(n))
		}
	}
	for i, x := range n.operands {
		if _, constant := x.(*literal); constant && n.truth() {
			continue // the other one is the negation
		}
		mutateOperand(x, func(x node, change string) {
			other := *n
			other.operands = slices.Clone(n.operands)
			other.operands[i] = x
			give(&other, change)
		})
	}
}

// others gives the operators to try in place of one. Only numbers and times have an order that anybody would mistake.
func (n *comparison) others(i int, op string) (out []string) {
	x, ok := n.operands[i].(*name)
	if !ok || x.field == nil {
		return nil
	}
	if isUnsigned(x.field.Type) && op == "==" && show(n.operands[i+1]) == "0" {
		out = []string{">="} // nothing lies below
	} else if isInteger(x.field.Type) || isTime(x.field.Type) || x.field.Type == field.Double {
		out = slices.Clone(nearOrders[op])
	}
	oneLayer := len(x.layers) == 1 && x.layers[0].one
	if other := otherQuantifiers[op]; other != "" && n.quantifier == "" && !x.field.Ours() && !oneLayer {
		out = append(out, other)
	}
	return out
}

// truth tells whether the comparison is with a truth value, of which there are two.
func (n *comparison) truth() bool {
	return slices.ContainsFunc(n.operands, func(x node) bool {
		f, ok := x.(*name)
		return ok && f.field != nil && f.field.Type == field.Boolean
	})
}

func (n *membership) mutate(give func(node, string)) {
	with := func(items []item, change string) {
		other := *n
		other.items = items
		give(&other, change)
	}
	for i, x := range n.items {
		if len(n.items) > 1 {
			with(slices.Delete(slices.Clone(n.items), i, i+1), "dropped "+x.show()+" from the set")
		}
		x.mutate(func(x item, change string) {
			items := slices.Clone(n.items)
			items[i] = x
			with(items, change)
		})
	}
	mutateOperand(n.x, func(x node, change string) {
		other := *n
		other.x = x
		give(&other, change)
	})
}

func (i item) show() string {
	if i.high == nil {
		return show(i.low)
	}
	return show(i.low) + ".." + show(i.high)
}

func (i item) mutate(give func(item, string)) {
	mutateOperand(i.low, func(x node, change string) { give(item{x, i.high}, change) })
	if i.high != nil {
		mutateOperand(i.high, func(x node, change string) { give(item{i.low, x}, change) })
	}
}

// mutateOperand changes constants by one, moves slices and layers, and lets a field stand for all its layers.
func mutateOperand(n node, give func(node, string)) {
	switch n := n.(type) {
	case *literal:
		for _, x := range near(n) {
			give(&x, show(n)+" became "+show(&x))
		}
	case *name:
		n.mutate(give)
	case *slice:
		mutateSlots(n.slots, func(slots []slot) {
			x := &slice{n.span, n.x, slots}
			give(x, show(n)+" became "+show(x))
		})
		mutateOperand(n.x, func(x node, change string) { give(&slice{n.span, x, n.slots}, change) })
	case *call:
		for i, a := range n.args {
			mutateOperand(a, func(a node, change string) {
				other := *n
				other.args = slices.Clone(n.args)
				other.args[i] = a
				give(&other, change)
			})
		}
	case *unary:
		mutateOperand(n.x, func(x node, change string) { give(&unary{n.span, n.op, x}, change) })
	case *binary:
		mutateOperand(n.x, func(x node, change string) { give(&binary{n.span, n.op, x, n.y}, change) })
		mutateOperand(n.y, func(y node, change string) { give(&binary{n.span, n.op, n.x, y}, change) })
	}
}

func (n *name) mutate(give func(node, string)) {
	if n.layers == nil {
		return
	}
	with := func(layers []slot) {
		other := *n
		other.layers = layers
		give(&other, show(n)+" became "+show(&other))
	}
	with(nil)
	mutateSlots(n.layers, with)
}

// mutateSlots moves each range by one, and makes it one longer or shorter. The first layer is 1, the first byte 0: what lies
// before does not compile or never holds, and is left to that.
func mutateSlots(slots []slot, give func([]slot)) {
	for i, s := range slots {
		moved, grown := s, s
		moved.first++
		if !s.size && !s.rest {
			moved.last++
		}
		grown.last++
		for _, x := range []slot{moved, grown} {
			if x == grown && (s.one || s.rest) {
				continue
			}
			out := slices.Clone(slots)
			out[i] = x
			give(out)
		}
	}
}

// near gives constants that are next to one.
func near(n *literal) (out []literal) {
	with := func(text string) { out = append(out, literal{n.span, n.kind, text, text}) }
	switch n.kind {
	case integer:
		for _, text := range shifted(n) {
			with(text)
		}
	case float:
		for _, by := range []int{-1, 1} {
			with(lastFigure(n.value, by))
		}
	case quoted:
		if runes := []rune(n.value); len(runes) > 1 {
			with(string(runes[:len(runes)-1]))
		}
	case unquoted:
		for _, text := range nextTo(n.value) {
			with(text)
		}
	}
	return out
}

// lastFigure changes a decimal number by one in its last place.
func lastFigure(text string, by int) string {
	v, err := strconv.ParseFloat(text, 64)
	_, decimals, _ := strings.Cut(text, ".")
	if err != nil || strings.ContainsAny(decimals, "eE") {
		return text
	}
	return strconv.FormatFloat(v+float64(by)/math.Pow10(len(decimals)), 'f', len(decimals), 64)
}

// nextTo gives the network half and twice as large, the address or the bytes that come next.
func nextTo(text string) (out []string) {
	if p, err := netip.ParsePrefix(text); err == nil {
		for _, bits := range []int{p.Bits() - 1, p.Bits() + 1} {
			if q := netip.PrefixFrom(p.Addr(), bits); bits > 0 && q.IsValid() {
				out = append(out, q.String())
			}
		}
		return out
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return []string{a.Next().String()}
	}
	if at := len(text) - 2; at > 0 {
		if last, err := strconv.ParseUint(text[at:], 16, 8); err == nil {
			return []string{fmt.Sprintf("%s%02x", text[:at], byte(last+1))}
		}
	}
	return nil
}

func shifted(n *literal) (out []string) {
	k, err := strconv.ParseUint(n.value, 0, 64)
	if n.kind != integer || err != nil {
		return nil
	}
	if k > 0 {
		out = append(out, strconv.FormatUint(k-1, 10))
	}
	if k+1 > k {
		out = append(out, strconv.FormatUint(k+1, 10))
	}
	return out
}
