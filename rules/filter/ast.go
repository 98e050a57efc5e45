package filter

import "icmpsift/ingest/field"

// node is a part of the syntax tree. Logical nodes are true or false of a packet, operand nodes have values.
type node interface{ at() span }

func (s span) at() span { return s }

// Logical nodes.
type (
	// junction is x && y, x || y or x ^^ y.
	junction struct {
		span
		op   string
		x, y node
	}
	negation struct {
		span
		x node
	}
	// comparison is a == b, or the chain a < b <= c: ops[i] stands between operands[i] and operands[i+1].
	comparison struct {
		span
		quantifier string // "any", "all" or ""
		operands   []node
		ops        []string
		opsAt      []span
	}
	// membership is x in {...}, or x not in {...}.
	membership struct {
		span
		quantifier string
		not        bool
		absent     bool // "not in" holds without the field, as in Wireshark 4.0; set by the checker
		x          node
		items      []item
		list       *reference // "in $name" instead of items
	}
	// presence is an operand alone.
	presence struct {
		span
		x node
	}
)

// item is one element of a set: a value, or the range low..high.
type item struct{ low, high node }

// Operand nodes.
type (
	// name is a field, or else an unquoted literal: which one is known when the field table was asked.
	name struct {
		span
		text   string
		forced bool // ".name"
		raw    bool // "@name"
		layers []slot
		field  *field.Field // set by the checker
	}
	literal struct {
		span
		kind  kind
		text  string // as written
		value string // decoded
	}
	slice struct {
		span
		x     node
		slots []slot
	}
	call struct {
		span
		name     string
		function span
		args     []node
	}
	unary struct {
		span
		op string
		x  node
	}
	binary struct {
		span
		op   string
		x, y node
	}
	// reference is $name or ${name}: a value or list that is given from outside.
	reference struct {
		span
		text   string
		braces bool
	}
)

// slot is one range of a slice or of layers. Negative numbers count from the end: -1 is the last.
type slot struct {
	first int
	last  int  // inclusive; with length set it is the number of elements instead
	size  bool // last is a length
	rest  bool // to the end
	one   bool // a single index: how it prints
}
