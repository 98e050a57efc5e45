package filter

import "icmpsift/ingest"

// term is a logical node with what is known of it for each type of message.
type term struct {
	op    string // of a junction; "!" of a negation; "" of a relation
	x, y  *term
	asked *relation // nil in a term that is always true, or never
	reach reach
}

var always, never = &term{reach: exactly(all)}, &term{reach: exactly(none)}

// term gives the filter's tree.
func (f *Filter) term() *term {
	if f.tree == nil {
		return always
	}
	t := terms{f.relations, &f.Clone().m, map[*relation]reach{}}
	return t.of(f.tree)
}

// terms makes trees of filters whose relations are compiled for one machine.
type terms struct {
	relations map[string]*relation
	m         *machine
	known     map[*relation]reach
}

func (t *terms) of(n node) *term {
	switch n := n.(type) {
	case *negation:
		x := t.of(n.x)
		return &term{op: "!", x: x, reach: x.reach.not()}
	case *junction:
		x, y := t.of(n.x), t.of(n.y)
		return &term{op: n.op, x: x, y: y, reach: x.reach.joined(n.op, y.reach)}
	}
	r := t.relations[show(n)]
	if _, ok := t.known[r]; !ok {
		t.known[r] = reachOf(n, func(p *ingest.Packet) bool {
			t.m.next()
			return r.test(t.m, p)
		})
	}
	return &term{asked: r, reach: t.known[r]}
}

// within leaves out what a message of the type decides.
func (t *term) within(v6 bool, typ uint8) *term {
	return t.given(func(t *term) *term {
		switch {
		case !t.reach.may.has(v6, typ):
			return never
		case t.reach.must.has(v6, typ):
			return always
		}
		return nil
	})
}

// given leaves out what is decided: of some terms it is known that they always, or never, hold.
func (t *term) given(decided func(*term) *term) *term {
	if known := decided(t); known != nil {
		return known
	}
	switch t.op {
	case "":
		return t
	case "!":
		return t.x.given(decided).not()
	}
	return t.x.given(decided).joined(t.op, t.y.given(decided))
}

func (t *term) not() *term {
	switch t {
	case always:
		return never
	case never:
		return always
	}
	return &term{op: "!", x: t, reach: t.reach.not()}
}

// joined makes a junction of terms, each of which may be decided.
func (t *term) joined(op string, y *term) *term {
	if y == always || y == never {
		t, y = y, t
	}
	switch {
	case t == always && op == "^^":
		return y.not()
	case t == always && op == "||", t == never && op == "&&":
		return t
	case t == always, t == never:
		return y
	}
	return &term{op: op, x: t, y: y, reach: t.reach.joined(op, y.reach)}
}

// test compiles the term.
func (t *term) test() predicate {
	switch {
	case t.op == "!":
		return not(t.x.test())
	case t.op != "":
		return joined(t.op, t.x.test(), t.y.test())
	case t.asked != nil:
		return t.asked.test
	}
	return func(*machine, *ingest.Packet) bool { return t == always }
}

// needs gives needs one of which is met where the term has the truth that is wanted, and what it costs to go by them;
// without any, every packet may have it.
func (t *term) needs(want bool, c crowd) (any []need, cost float64) {
	switch {
	case t.op == "!":
		return t.x.needs(!want, c)
	case t.op == "^^" && want:
		return t.either(true, c)
	case t.op == "^^":
		return nil, 1
	case t.op == "":
		return t.asked.cheapest(want, c)
	case (t.op == "||") == want:
		return t.either(want, c)
	}
	any, cost = t.x.needs(want, c)
	if others, less := t.y.needs(want, c); less < cost {
		return others, less
	}
	return any, cost
}

// either: one of both parts has the truth that is wanted.
func (t *term) either(want bool, c crowd) (any []need, cost float64) {
	x, costX := t.x.needs(want, c)
	y, costY := t.y.needs(want, c)
	if x == nil || y == nil || costX+costY >= 1 {
		return nil, 1
	}
	return append(x[:len(x):len(x)], y...), costX + costY
}

// cheapest is the need that it costs least to go by.
func (r *relation) cheapest(want bool, c crowd) (any []need, cost float64) {
	if cost = 1; r == nil || !want {
		return nil, cost
	}
	for i, n := range r.needs {
		if this := c.cost(n); this < cost {
			any, cost = r.needs[i:i+1], this
		}
	}
	return any, cost
}
