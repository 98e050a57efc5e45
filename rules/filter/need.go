package filter

import (
	"fmt"
	"math"

	"icmpsift/ingest/field"
)

// need is what must be true of an operand for a relation to hold: one of its values passes. At most one of spans, texts
// and part is set; without any of them every value passes.
type need struct {
	on    operand
	spans []stretch // the value, a number or an address, lies in one of them
	texts []string  // the value, text or bytes, is one of them
	part  string    // the value, text or bytes, contains this, letters in either case
	share float64   // of packets that are thought to pass
	gate  string    // where filters with such a need wait together: the operand, and how its values are looked up
}

// Shares of packets, by rule of thumb: what an index goes by when it has the choice.
const (
	shareAny    = 0.6
	shareMany   = 0.5 // the most that looking at the value leaves
	shareRange  = 0.3
	shareFlag   = 0.25
	shareWord   = 0.05 // one of the few texts that a field has
	shareOctet  = 0.05
	shareNet    = 0.05
	shareSingle = 0.002
)

// need notes what the relation that is being compiled needs. Constants are there anyway, and texts that have to be built are
// not worth it.
func (c *compiler) need(n need) {
	if n.on.fixed != nil || builds(n.on) {
		return
	}
	if n.lookup() != "any" {
		n.share = min(n.share, shareMany)
	}
	n.gate = fmt.Sprint(n.lookup(), n.on.typ, show(n.on.node))
	c.needs = append(c.needs, n)
}

// builds tells operands whose values may take memory: texts, but for our own fields (see [field.Field.Values]), and
// functions of them.
func builds(x operand) bool {
	n, isField := x.node.(*name)
	found := x.typ == field.String && !(isField && n.field.Ours())
	walk(x.node, func(n node) {
		switch n := n.(type) {
		case *name:
			found = found || n.field != nil && n.field.Type == field.String && !n.field.Ours()
		case *call:
			found = found || n.name != "len" && n.name != "count"
		}
	})
	return found
}

func (n need) lookup() string {
	switch {
	case n.spans != nil:
		return "spans"
	case n.texts != nil:
		return "texts"
	case n.part != "":
		return "part"
	}
	return "any"
}

// needAny: there is a value. Where every pair has to pass, a computation does without.
func (c *compiler) needAny(x operand, every bool) {
	if !every || x.present == nil {
		c.need(need{on: x, share: shareAny})
	}
}

// needNonzero: a flag is set.
func (c *compiler) needNonzero(x operand) {
	c.need(need{on: x, spans: spansOf("!=", 0), share: shareFlag})
}

// needPair is what a comparison needs.
func (c *compiler) needPair(op string, a, b operand, every bool) {
	c.needAny(a, every)
	c.needAny(b, every)
	if a.fixed != nil {
		a, b, op = b, a, mirrored[op]
	}
	if len(b.fixed) != 1 {
		return
	}
	_, isField := a.node.(*name)
	equal, v := op == "==" || op == "===", b.fixed[0]
	switch t := a.typ; {
	case isCounted(t) && (!every || !isUnsigned(t) || isField && v.Int >= 0): // else a pair without an order passes
		c.needSpans(a, spansOf(op, v.Int))
	case isAddressType(t) && equal && isField && !every: // as does a pair of both versions of IP
		c.needSpans(a, []stretch{network(v)})
	case (isBytes(t) || t == field.String) && equal:
		c.needTexts(a, []string{content(v)})
	}
}

// isCounted: types whose values are in the order of their Int.
func isCounted(t field.Type) bool {
	return isInteger(t) && t != field.Uint64 || t == field.Boolean || isTime(t)
}

// spansOf gives the numbers that compare so with k.
func spansOf(op string, k int64) []stretch {
	const least, most = math.MinInt64, math.MaxInt64
	below, above := between(least, max(k, least+1)-1), between(min(k, most-1)+1, most)
	switch op {
	case "<":
		return []stretch{below}
	case ">":
		return []stretch{above}
	case "<=":
		return []stretch{between(least, k)}
	case ">=":
		return []stretch{between(k, most)}
	case "!=", "!==":
		return []stretch{below, above}
	}
	return []stretch{between(k, k)}
}

func between(low, high int64) stretch { return stretch{field.Value{Int: low}, field.Value{Int: high}} }

func (c *compiler) needSpans(x operand, spans []stretch) {
	n := need{on: x, spans: spans}
	for _, s := range spans {
		n.share += shareOf(x.typ, s)
	}
	c.need(n)
}

func shareOf(t field.Type, s stretch) float64 {
	switch {
	case t == field.Boolean && s.low.Int <= 0:
		return shareMany
	case t == field.Boolean:
		return shareFlag
	case compare(&s.low, &s.high) != 0 && isAddressType(t):
		return shareNet
	case compare(&s.low, &s.high) != 0:
		return shareRange
	case t == field.Uint8:
		return shareOctet
	}
	return shareSingle
}

func (c *compiler) needTexts(x operand, texts []string) {
	each := shareSingle
	if x.typ == field.String {
		each = shareWord
	}
	c.need(need{on: x, texts: texts, share: each * float64(len(texts))})
}

// needPart is what contains needs.
func (c *compiler) needPart(a, b operand, every bool) {
	c.needAny(a, every)
	c.needAny(b, every)
	if len(b.fixed) == 1 {
		c.needText(a, content(b.fixed[0]))
	}
}

// needText: text or bytes that are looked for in x.
func (c *compiler) needText(x operand, part string) {
	if len(part) > 1 { // one byte says too little
		c.need(need{on: x, part: part, share: max(shareSingle, shareFlag/float64(len(part)))})
	}
}

// longestSet is how many elements a set has at most for an index to look into it.
const longestSet = 1000

// needMember is what a set needs: of one that holds more than constants, a value.
func (c *compiler) needMember(n *membership, x operand) error {
	if n.absent {
		return nil
	}
	c.needAny(x, false)
	if n.not || len(n.items) == 0 || len(n.items) > longestSet {
		return nil
	}
	if isAddressType(x.typ) || isInteger(x.typ) && x.typ != field.Uint64 {
		return c.needOneOf(n, x)
	}
	texts, ok, err := c.texts(n, x)
	if ok {
		c.needTexts(x, texts)
	}
	return err
}

func (c *compiler) needOneOf(n *membership, x operand) error {
	var spans []stretch
	for _, i := range n.items {
		s, ok, err := c.stretch(n, i, x)
		if err != nil || !ok {
			return err
		}
		spans = append(spans, s)
	}
	c.needSpans(x, merged(spans))
	return nil
}
