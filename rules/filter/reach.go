package filter

import (
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// types is a set of ICMP and a set of ICMPv6 message types: those of the message a frame carries on the wire.
type types struct{ v4, v6 [256]bool }

// reach brackets what a logical node can be true of: it is false outside of may, and true inside of must.
type reach struct{ may, must types }

// Types gives the types of ICMP and ICMPv6 messages on the wire that the filter can match: it matches no packet whose
// message has another type. A filter that says nothing of types gives all of them.
func (f *Filter) Types() (v4, v6 *[256]bool) {
	may := all
	if f.tree != nil {
		may = reachOf(f.tree).may
	}
	return &may.v4, &may.v6
}

var (
	none types
	all  = none.not()
	// quoting types are those whose message may hold another packet: errors (RFC 792, RFC 4443) and the redirects of both.
	// Any type below 128 is an ICMPv6 error, known or not.
	quoting = pick(func(n int64) bool { return n == 3 || n == 4 || n == 5 || n == 11 || n == 12 },
		func(n int64) bool { return n < 128 || n == 137 })
)

func pick(v4, v6 func(n int64) bool) (t types) {
	for i := range t.v4 {
		t.v4[i], t.v6[i] = v4(int64(i)), v6(int64(i))
	}
	return t
}

func (t types) combine(u types, f func(a, b bool) bool) types {
	return pick(func(n int64) bool { return f(t.v4[n], u.v4[n]) }, func(n int64) bool { return f(t.v6[n], u.v6[n]) })
}

func (t types) and(u types) types {
	return t.combine(u, func(a, b bool) bool { return a && b })
}
func (t types) or(u types) types {
	return t.combine(u, func(a, b bool) bool { return a || b })
}
func (t types) not() types {
	return t.combine(t, func(a, _ bool) bool { return !a })
}

func (r reach) not() reach { return reach{may: r.must.not(), must: r.may.not()} }

func exactly(t types) reach { return reach{may: t, must: t} }
func atMost(t types) reach  { return reach{may: t} }

func reachOf(n node) reach {
	switch n := n.(type) {
	case *negation:
		return reachOf(n.x).not()
	case *junction:
		return n.reach()
	case *presence:
		return n.reach()
	case *comparison:
		return n.reach()
	case *membership:
		return n.reach()
	}
	return atMost(all)
}

func (n *junction) reach() reach {
	x, y := reachOf(n.x), reachOf(n.y)
	and := func(a, b reach) reach { return reach{a.may.and(b.may), a.must.and(b.must)} }
	or := func(a, b reach) reach { return reach{a.may.or(b.may), a.must.or(b.must)} }
	switch n.op {
	case "&&":
		return and(x, y)
	case "||":
		return or(x, y)
	}
	return or(and(x, y.not()), and(y, x.not()))
}

func (n *presence) reach() reach {
	x, ok := n.x.(*name)
	switch {
	case !ok:
		return atMost(all)
	case x.layers != nil:
	case x.field != nil && x.field.Name == "sift.echo.request":
		return exactly(pick(func(n int64) bool { return n == 8 }, func(n int64) bool { return n == 128 }))
	case x.field != nil && x.field.Name == "sift.echo.reply":
		return exactly(pick(func(n int64) bool { return n == 0 }, func(n int64) bool { return n == 129 }))
	}
	return atMost(mentioned(n))
}

// mentioned gives the types a relation can be true of when all is known is that every field in it must be there.
func mentioned(n node) types {
	t := all
	walk(n, func(n node) {
		if n, ok := n.(*name); ok && n.field != nil {
			t = t.and(carrying(n.field))
		}
	})
	return t
}

// own are icmpsift's fields that messages of few types have.
var own = []struct {
	prefix string
	types  types
}{
	{"sift.quoted.", quoting},
	{"sift.payload", pick(func(n int64) bool { return n == 0 || n == 8 }, func(n int64) bool { return n == 128 || n == 129 })},
	{"sift.mtu", pick(func(n int64) bool { return n == 3 }, func(n int64) bool { return n == 2 })},
	{"sift.nd.", pick(never, func(n int64) bool { return n >= 133 })},
	{"sift.router.", pick(never, func(n int64) bool { return n == 134 })},
}

func never(int64) bool { return false }

// carrying gives the types of the messages that a packet with a value for the field can have. Extensions (RFC 4884,
// RFC 8335) have ICMP names in ICMPv6 as well.
func carrying(f *field.Field) types {
	for _, prefix := range []string{"icmp.ext", "icmp.mpls", "icmp.int_", "icmp.reserved"} {
		if strings.HasPrefix(f.Name, prefix) {
			return all
		}
	}
	for _, x := range own {
		if strings.HasPrefix(f.Name, x.prefix) {
			return x.types
		}
	}
	switch f.Proto {
	case ingest.ProtoICMPv4:
		return quoting.or(types{v4: all.v4})
	case ingest.ProtoICMPv6:
		return quoting.or(types{v6: all.v6})
	}
	return all
}

func (n *comparison) reach() reach {
	r := atMost(n.present())
	for i, op := range n.ops {
		if link, ok := n.link(i, op); ok {
			r.may = r.may.and(link.may)
			if len(n.ops) == 1 {
				r.must = link.must
			}
		}
	}
	return r
}

// present is mentioned, but for functions such as max, which need one of their arguments only.
func (n *comparison) present() types {
	for _, x := range n.operands {
		if _, ok := x.(*name); !ok && !isConstant(x) {
			return all
		}
	}
	return mentioned(n)
}

func isConstant(n node) bool {
	constant := true
	walk(n, func(n node) {
		switch n := n.(type) {
		case *name:
			constant = constant && n.field == nil
		case *call, *slice, *reference:
			constant = false
		}
	})
	return constant
}

// link brackets one link of a chain where it compares a type with a number.
func (n *comparison) link(i int, op string) (reach, bool) {
	x, y := n.operands[i], n.operands[i+1]
	if _, ok := y.(*name); ok {
		x, y, op = y, x, mirrored[op]
	}
	f, ok := typeField(x)
	k, isNumber := number(y)
	if !ok || !isNumber || op == "contains" || op == "matches" || op == "" {
		return reach{}, false
	}
	every := op == "!=" || op == "==="
	if n.quantifier != "" {
		every = n.quantifier == "all"
	}
	holds := testOf(op, unsignedOrder, every)
	return f.bracket(every, func(n int64) bool { return holds(&field.Value{Int: n}, &field.Value{Int: k}) }), true
}

var mirrored = map[string]string{"==": "==", "!=": "!=", "===": "===", "!==": "!==", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// typeName is a field that holds message types, and where it looks for them.
type typeName struct {
	v4, v6 bool
	ours   bool
	first  bool // in layer 1 only: the message on the wire, unless the other family quotes one
}

func typeField(n node) (typeName, bool) {
	x, ok := n.(*name)
	if !ok || x.field == nil || x.raw {
		return typeName{}, false
	}
	first := len(x.layers) == 1 && x.layers[0].one && x.layers[0].first == 1
	plain := x.layers == nil || first
	switch x.field.Name {
	case "sift.type":
		return typeName{v4: true, v6: true, ours: true}, plain
	case "icmp.type":
		return typeName{v4: true, first: first}, plain
	case "icmpv6.type":
		return typeName{v6: true, first: first}, plain
	}
	return typeName{}, false
}

// bracket gives the types for which a test of the type can be true. Wireshark's fields also see quoted messages: when one
// value is enough, that may be a quoted one; when every value must pass, the one on the wire must as well.
func (t typeName) bracket(every bool, holds func(n int64) bool) reach {
	no := func(int64) bool { return false }
	passing := pick(holds, holds)
	switch {
	case t.ours:
		return exactly(passing)
	case !t.v4:
		passing = pick(no, holds)
	case !t.v6:
		passing = pick(holds, no)
	}
	if !every && !t.first {
		return atMost(passing.or(quoting))
	}
	// a message of the other family has the field only in a packet it quotes
	if t.v4 {
		return atMost(passing.or(types{v6: quoting.v6}))
	}
	return atMost(passing.or(types{v4: quoting.v4}))
}

// number reads a plain integer constant.
func number(n node) (int64, bool) {
	x, ok := n.(*literal)
	if !ok || x.kind != integer {
		return 0, false
	}
	v, _, err := (&compiler{}).integer(x, field.Uint8, nil)
	return v.Int, err == nil
}

func (n *membership) reach() reach {
	if n.absent {
		return (&membership{n.span, "", false, false, n.x, n.items, n.list}).reach().not()
	}
	r := atMost(mentioned(&presence{n.span, n.x}))
	f, ok := typeField(n.x)
	holds, known := n.holds()
	if !ok || !known || n.list != nil {
		return r
	}
	every := (n.quantifier == "all") != n.not
	link := f.bracket(every, func(k int64) bool { return holds(k) != n.not })
	return reach{r.may.and(link.may), link.must}
}

// holds gives the test for membership, if all elements are numbers.
func (n *membership) holds() (func(int64) bool, bool) {
	var in [256]bool
	for _, i := range n.items {
		low, ok := number(i.low)
		high, ok2 := low, ok
		if i.high != nil {
			high, ok2 = number(i.high)
		}
		if !ok || !ok2 {
			return nil, false
		}
		for k := low; k <= high; k++ {
			in[k] = true
		}
	}
	return func(k int64) bool { return in[k] }, true
}
