package filter

import (
	"net/netip"
	"strings"

	"icmpsift/ingest/field"
)

// replayNames are the fields of ours that Wireshark has under one name for IPv4 and another for IPv6.
var replayNames = map[string][2]string{
	"sift.src":  {"ip.src", "ipv6.src"},
	"sift.dst":  {"ip.dst", "ipv6.dst"},
	"sift.type": {"icmp.type", "icmpv6.type"},
	"sift.code": {"icmp.code", "icmpv6.code"},
	"sift.id":   {"icmp.ident", "icmpv6.echo.identifier"},
	"sift.seq":  {"icmp.seq", "icmpv6.echo.sequence_number"},
}

// replayTruths are the booleans of ours that Wireshark can say otherwise: by the types of ICMP and ICMPv6 messages.
var replayTruths = map[string][2]string{"sift.echo.request": {"8", "128"}, "sift.echo.reply": {"0", "129"}}

// Wireshark gives the part of the filter that Wireshark itself can replay. Of the parts joined by "and", those that use
// fields under "sift." are translated where that is possible, and dropped where it is not; whole tells that none was
// dropped. What is left matches at least the packets the filter matches, and possibly more: Wireshark's fields also see
// the packet that an error quotes, and outer layers.
func (f *Filter) Wireshark() (text string, whole bool) {
	if f.tree == nil {
		return "", true
	}
	n, whole := replay(spelled(f.tree))
	if n == nil {
		return "", whole
	}
	return show(n), whole
}

// replay gives a logical node that Wireshark knows and that holds wherever n does; nil if that is everywhere. whole tells
// that nothing of n was dropped. A negation is kept only if it holds no field of ours: translations match more than the
// original, and their negations less.
func replay(n node) (out node, whole bool) {
	if !usesOurs(n) {
		return n, true
	}
	switch n := n.(type) {
	case *junction:
		return n.replay()
	case *presence:
		return n.replay()
	case *membership:
		if n.list == nil {
			return replayRelation(n)
		}
	case *comparison:
		return replayRelation(n)
	}
	return nil, false
}

func (n *junction) replay() (node, bool) {
	x, wholeX := replay(n.x)
	y, wholeY := replay(n.y)
	both := x != nil && y != nil
	switch {
	case both && n.op != "^^":
		return &junction{n.span, n.op, x, y}, wholeX && wholeY
	case n.op == "&&" && x != nil:
		return x, false
	case n.op == "&&":
		return y, false
	}
	return nil, false
}

func (n *presence) replay() (node, bool) {
	x, ok := n.x.(*name)
	if !ok || x.raw || x.layers != nil {
		return nil, false
	}
	if types, ok := replayTruths[x.text]; ok {
		return typesAre(types), true
	}
	if names, ok := replayNames[x.text]; ok {
		return either(&presence{n.span, known(names[0])}, &presence{n.span, known(names[1])}), true
	}
	return nil, false
}

func either(x, y node) node { return &junction{x.at(), "||", x, y} }

// known names a field of Wireshark's.
func known(text string) *name {
	f, _ := field.Lookup(text)
	return &name{text: text, field: f}
}

func typesAre(types [2]string) node {
	var parts [2]node
	for i, text := range types {
		parts[i] = &comparison{operands: []node{known(replayNames["sift.type"][i]), &literal{kind: integer, text: text, value: text}}, ops: []string{"=="}}
	}
	return either(parts[0], parts[1])
}

// replayRelation says a relation once for IPv4 and once for IPv6, and leaves out the one its addresses rule out.
func replayRelation(n node) (node, bool) {
	if types, ok := comparedTruth(n); ok {
		return typesAre(types), true
	}
	var out node
	for family := range 2 {
		v := variant{family: family}
		x := v.relation(n)
		switch {
		case v.impossible:
			return nil, false
		case v.void:
		case out == nil:
			out = x
		default:
			out = either(out, x)
		}
	}
	return out, out != nil
}

// comparedTruth tells the types that sift.echo.request == 1 and the like ask for.
func comparedTruth(n node) (types [2]string, ok bool) {
	c, ok := n.(*comparison)
	if !ok || len(c.ops) != 1 || c.ops[0] != "==" {
		return types, false
	}
	x, ok := c.operands[0].(*name)
	value := show(c.operands[1])
	if !ok || x.raw || x.layers != nil || value != "1" && !strings.EqualFold(value, "true") {
		return types, false
	}
	types, ok = replayTruths[x.text]
	return types, ok
}

// variant rewrites a relation for one address family.
type variant struct {
	family     int  // 0 is IPv4, 1 is IPv6
	void       bool // the relation cannot hold in this family
	impossible bool // it cannot be said at all
}

func (v *variant) relation(n node) node {
	switch n := n.(type) {
	case *comparison:
		return v.comparison(n)
	case *membership:
		return v.membership(n)
	}
	v.impossible = true
	return n
}

// comparison keeps what is true of the one value our field has true of the several Wireshark may have.
func (v *variant) comparison(n *comparison) node {
	out := *n
	out.quantifier = ""
	out.ops, out.operands = nil, nil
	for _, op := range n.ops {
		switch op {
		case "!=":
			op = "!=="
		case "===":
			op = "=="
		}
		out.ops = append(out.ops, op)
	}
	for _, x := range n.operands {
		out.operands = append(out.operands, v.operand(x))
	}
	return &out
}

func (v *variant) membership(n *membership) node {
	out := *n
	v.impossible = v.impossible || n.not
	out.quantifier, out.items, out.x = "", nil, v.operand(n.x)
	for _, i := range n.items {
		w := variant{family: v.family}
		low := w.operand(i.low)
		if i.high != nil {
			i.high = w.operand(i.high)
		}
		v.impossible = v.impossible || w.impossible
		if !w.void {
			out.items = append(out.items, item{low, i.high})
		}
	}
	v.void = v.void || len(out.items) == 0
	return &out
}

// operand replaces our fields; others than plain names and constants are not translated.
func (v *variant) operand(n node) node {
	switch n := n.(type) {
	case *name:
		return v.name(n)
	case *literal:
		text, _, _ := strings.Cut(n.value, "/")
		if a, err := netip.ParseAddr(text); err == nil && n.kind == unquoted && a.Is4() != (v.family == 0) {
			v.void = true
		}
		return n
	}
	v.impossible = true
	return n
}

func (v *variant) name(n *name) node {
	if n.field == nil {
		return n
	}
	names, ok := replayNames[n.text]
	if !ok || n.raw || n.layers != nil {
		v.impossible = true
		return n
	}
	return known(names[v.family])
}

// usesOurs tells whether a field under "sift." or a list is mentioned anywhere in the node.
func usesOurs(n node) bool {
	found := false
	walk(n, func(n node) {
		switch n := n.(type) {
		case *name:
			found = found || n.field != nil && n.field.Ours()
		case *membership:
			found = found || n.list != nil
		}
	})
	return found
}

// walk visits a node and all below it.
func walk(n node, visit func(node)) {
	visit(n)
	for _, x := range children(n) {
		walk(x, visit)
	}
}

func children(n node) []node {
	switch n := n.(type) {
	case *junction:
		return []node{n.x, n.y}
	case *negation:
		return []node{n.x}
	case *comparison:
		return n.operands
	case *membership:
		out := []node{n.x}
		for _, i := range n.items {
			if out = append(out, i.low); i.high != nil {
				out = append(out, i.high)
			}
		}
		return out
	case *presence:
		return []node{n.x}
	case *slice:
		return []node{n.x}
	case *call:
		return n.args
	case *unary:
		return []node{n.x}
	case *binary:
		return []node{n.x, n.y}
	}
	return nil
}
