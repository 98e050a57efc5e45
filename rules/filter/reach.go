package filter

import (
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// types is a set of ICMP and a set of ICMPv6 message types: those of the message a frame carries on the wire.
type types struct{ v4, v6 bitmap }

type bitmap [4]uint64

func (b *bitmap) has(n uint8) bool { return b[n/64]>>(n%64)&1 != 0 }

func (b *bitmap) list() (out *[256]bool) {
	out = new([256]bool)
	for n := range out {
		out[n] = b.has(uint8(n))
	}
	return out
}

// has tells whether the set has a type of ICMP (or ICMPv6).
func (t *types) has(v6 bool, typ uint8) bool {
	if v6 {
		return t.v6.has(typ)
	}
	return t.v4.has(typ)
}

// reach brackets what a logical node can be true of: it is false outside of may, and true inside of must.
type reach struct{ may, must types }

// Types gives the types of ICMP and ICMPv6 messages on the wire that the filter can match: of packets with one message, whose
// header was captured, it matches none of another type. A filter that says nothing of types gives all of them.
func (f *Filter) Types() (v4, v6 *[256]bool) {
	may := f.term().reach.may
	return may.v4.list(), may.v6.list()
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
	for n := range 256 {
		if v4(int64(n)) {
			t.v4[n/64] |= 1 << (n % 64)
		}
		if v6(int64(n)) {
			t.v6[n/64] |= 1 << (n % 64)
		}
	}
	return t
}

func (t types) and(u types) types {
	for i := range t.v4 {
		t.v4[i], t.v6[i] = t.v4[i]&u.v4[i], t.v6[i]&u.v6[i]
	}
	return t
}

func (t types) or(u types) types { return t.not().and(u.not()).not() }

func (t types) not() types {
	for i := range t.v4 {
		t.v4[i], t.v6[i] = ^t.v4[i], ^t.v6[i]
	}
	return t
}

func (r reach) not() reach { return reach{may: r.must.not(), must: r.may.not()} }

func exactly(t types) reach { return reach{may: t, must: t} }
func atMost(t types) reach  { return reach{may: t} }

func (r reach) and(s reach) reach { return reach{r.may.and(s.may), r.must.and(s.must)} }
func (r reach) or(s reach) reach  { return reach{r.may.or(s.may), r.must.or(s.must)} }

// joined brackets a junction of two nodes.
func (r reach) joined(op string, s reach) reach {
	switch op {
	case "&&":
		return r.and(s)
	case "||":
		return r.or(s)
	}
	return r.and(s.not()).or(s.and(r.not()))
}

// reachOf brackets a relation; test is what it was compiled to.
func reachOf(n node, test func(p *ingest.Packet) bool) reach {
	if followsType(n) {
		return exactly(pick(func(n int64) bool { return test(bare(ingest.ProtoICMPv4, n)) },
			func(n int64) bool { return test(bare(ingest.ProtoICMPv6, n)) }))
	}
	switch n := n.(type) {
	case *presence:
		return atMost(carried(n))
	case *comparison:
		return n.reach()
	case *membership:
		return n.reach()
	}
	return atMost(all)
}

// ofType are the fields whose values follow from the type of the message on the wire.
var ofType = []string{"sift.version", "sift.type", "sift.type.name", "sift.type.assigned", "sift.echo.request", "sift.echo.reply", "sift.error", "sift.exchange"}

// followsType tells whether a relation asks for nothing but what follows from the type.
func followsType(n node) bool {
	follows := true
	walk(n, func(n node) {
		x, ok := n.(*name)
		follows = follows && !(ok && x.field != nil && !slices.Contains(ofType, x.field.Name))
	})
	return follows
}

// bare is a packet of which nothing is known but the type.
func bare(proto ingest.Proto, typ int64) *ingest.Packet {
	return &ingest.Packet{Layers: []ingest.Layer{{Proto: proto, Parent: -1, Bytes: []byte{byte(typ), 0}}}, IP: -1}
}

// required gives fields without any of which a relation cannot hold. Functions such as max need one of their arguments only.
func required(n node) (fields []*field.Field) {
	var operands []node
	switch n := n.(type) {
	case *presence:
		operands = []node{n.x}
	case *comparison:
		operands = n.operands
	case *membership:
		if !n.absent {
			operands = []node{n.x}
		}
	}
	for _, x := range operands {
		if f, ok := x.(*name); ok && f.field != nil {
			fields = append(fields, f.field)
		} else if !isConstant(x) {
			return nil
		}
	}
	return fields
}

// carried gives the types of messages in packets that have all fields that a relation requires.
func carried(n node) types {
	t := all
	for _, f := range required(n) {
		t = t.and(carrying(f))
	}
	return t
}

// extensible are types whose message may end in extensions (RFC 4884, RFC 8335).
var extensible = quoting.or(pick(func(n int64) bool { return n == 42 || n == 43 }, func(n int64) bool { return n == 160 || n == 161 }))

var echoes = pick(func(n int64) bool { return n == 0 || n == 8 }, func(n int64) bool { return n == 128 || n == 129 })

// special are fields that messages of few types have, whatever protocol their names say: those of extensions are the same in
// ICMPv6. The first prefix counts.
var special = []struct {
	prefix string
	types  types
}{
	{"sift.quoted.unseen", all}, // the case says so, not the message
	{"sift.quoted.", quoting},
	{"sift.payload", echoes},
	{"sift.body", echoes.not()},
	{"sift.id", echoes},
	{"sift.seq", echoes},
	{"sift.echo.unprompted", echoes},
	{"sift.redirect.by", pick(func(n int64) bool { return n == 5 }, func(n int64) bool { return n == 137 })},
	{"sift.mtu", pick(func(n int64) bool { return n == 3 }, func(n int64) bool { return n == 2 })},
	{"sift.nd.", types{v6: pick(neither, func(n int64) bool { return n >= 133 }).v6}},
	{"sift.router.", types{v6: pick(neither, func(n int64) bool { return n == 134 }).v6}},
	{"sift.reply.in", exchanging(true)},
	{"sift.reply.count", exchanging(true)},
	{"sift.reply.time", exchanging(true).or(exchanging(false))},
	{"sift.reply.", exchanging(false)},
	{"sift.unanswered", exchanging(true)},
	{"sift.unsolicited", exchanging(false)},
	{"icmp.ext", extensible},
	{"icmp.mpls", extensible},
	{"icmp.int_", extensible},
	{"icmp.reserved", all},
}

// exchanging gives the types of requests, or of replies, that the case pairs.
func exchanging(requests bool) types {
	of := func(v6 bool) func(n int64) bool {
		return func(n int64) bool {
			x, request := ingest.ExchangeOf(v6, uint8(n))
			return x != ingest.NoExchange && request == requests
		}
	}
	return pick(of(false), of(true))
}

func neither(int64) bool { return false }

// carrying gives the types of the messages that a packet with a value for the field can have.
func carrying(f *field.Field) types {
	for _, x := range special {
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
	r := reach{carried(n), all}
	for i, op := range n.ops {
		r = r.and(n.link(i, op))
	}
	return r
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

// link brackets one link of a chain, where it compares a type with a number.
func (n *comparison) link(i int, op string) reach {
	x, y := n.operands[i], n.operands[i+1]
	if _, ok := y.(*name); ok {
		x, y, op = y, x, mirrored[op]
	}
	f, ok := typeField(x)
	k, isNumber := number(y)
	if !ok || !isNumber || op == "contains" || op == "matches" || op == "" {
		return atMost(all)
	}
	every := op == "!=" || op == "==="
	if n.quantifier != "" {
		every = n.quantifier == "all"
	}
	holds := testOf(op, unsignedOrder, every)
	return f.bracket(every, func(n int64) bool { return holds(&field.Value{Int: n}, &field.Value{Int: k}) })
}

var mirrored = map[string]string{"==": "==", "!=": "!=", "===": "===", "!==": "!==", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// typeName is a field of Wireshark's that holds message types, and where it looks for them.
type typeName struct {
	v6    bool
	first bool // in layer 1 only: the message on the wire, unless the other family quotes one
}

func typeField(n node) (typeName, bool) {
	x, ok := n.(*name)
	if !ok || x.field == nil || x.raw {
		return typeName{}, false
	}
	first := len(x.layers) == 1 && x.layers[0].one && x.layers[0].first == 1
	plain := x.layers == nil || first
	switch x.field.Name {
	case "icmp.type":
		return typeName{first: first}, plain
	case "icmpv6.type":
		return typeName{v6: true, first: first}, plain
	}
	return typeName{}, false
}

// bracket gives the types for which a test of the type can be true, and must be. Wireshark's fields also see quoted messages:
// when one value is enough, that may be a quoted one; when every value must pass, the one on the wire must as well.
func (t typeName) bracket(every bool, holds func(n int64) bool) reach {
	no := func(int64) bool { return false }
	wire, others := pick(holds, no), types{v6: quoting.v6}
	if t.v6 {
		wire, others = pick(no, holds), types{v4: quoting.v4}
	}
	switch {
	case t.first: // a message of the other family has the field only in a packet it quotes
		return reach{may: wire.or(others), must: wire}
	case every:
		return reach{may: wire.or(others), must: wire.and(quoting.not())}
	}
	return reach{may: wire.or(quoting), must: wire}
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
		return atMost(all)
	}
	t := carried(n)
	f, ok := typeField(n.x)
	holds, known := n.holds()
	if !ok || !known || n.list != nil {
		return atMost(t)
	}
	every := (n.quantifier == "all") != n.not
	return f.bracket(every, func(k int64) bool { return holds(k) != n.not })
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
