package filter

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// HomeNet is the list that is always there: the home networks of the [field.Context].
const HomeNet = "home_net"

// expand gives a set the elements of the list it names. A list may hold what fits several fields: for an address field,
// addresses of the other version of IP are passed over.
func (c *compiler) expand(n *membership, t field.Type) error {
	values, ok := c.listed(n.list.text)
	if !ok {
		return c.noList(n.list)
	}
	n.items = make([]item, 0, len(values))
	for _, text := range values {
		if i := c.element(text, n.list.span); !isAddressType(t) || !otherFamily(i.low, t) {
			n.items = append(n.items, i)
		}
	}
	return nil
}

// listed finds a list's values.
func (c *compiler) listed(name string) (values []string, ok bool) {
	if !slices.Contains(c.asked, name) {
		c.asked = append(c.asked, name)
	}
	if name == HomeNet {
		for _, p := range c.home {
			values = append(values, p.String())
		}
		return values, true
	}
	l, ok := c.lists[name]
	if !ok {
		return nil, false
	}
	return l.Values, true
}

func (c *compiler) noList(n *reference) error {
	hint := "a list is a document of kind list, or given with --list"
	names := slices.Values(append(slices.Sorted(maps.Keys(c.lists)), HomeNet))
	if near := field.Closest(n.text, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return c.fail(n, fmt.Sprintf("no list is named %q", n.text), hint)
}

// element reads one value of a list as an element of a set; what is none is text, which needs no quotes in a list.
func (c *compiler) element(text string, at span) item {
	if tokens, err := lex(text, c.p); err == nil {
		q := &parser{lexer: lexer{text: text, p: c.p}, tokens: tokens}
		if i, err := q.item(); err == nil && q.peek().kind == endOfText && constantItem(i) {
			return i.moved(at)
		}
	}
	return item{low: &literal{at, quoted, text, text}}
}

func constantItem(i item) bool { return isElement(i.low) && (i.high == nil || isElement(i.high)) }

// isElement: a name is one too, since only the text of a list is looked at, never a field.
func isElement(n node) bool {
	switch n := n.(type) {
	case *literal:
		return true
	case *name:
		return !n.isField()
	case *unary:
		return isElement(n.x)
	}
	return false
}

// moved makes an element of a list's stand where the list is mentioned, and its names literals.
func (i item) moved(at span) item {
	i.low = atSpan(i.low, at)
	if i.high != nil {
		i.high = atSpan(i.high, at)
	}
	return i
}

func atSpan(n node, at span) node {
	switch n := n.(type) {
	case *literal:
		return &literal{at, n.kind, n.text, n.value}
	case *unary:
		return &unary{at, n.op, atSpan(n.x, at)}
	}
	text := n.(*name).text
	return &literal{at, word, text, text}
}

// otherFamily tells an address of the version of IP that a field does not hold.
func otherFamily(n node, t field.Type) bool {
	x, ok := n.(*literal)
	if !ok || t == field.Address {
		return false
	}
	text, _, _ := strings.Cut(x.value, "/")
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is4() != (t == field.IPv4)
}

// inList says of an error in an element that a list, not the filter, holds it.
func (c *compiler) inList(n *membership, err error) error {
	var e *Error
	if n.list == nil || !errors.As(err, &e) {
		return err
	}
	return c.fail(n.list, fmt.Sprintf("the list %q does not fit %s: %s", n.list.text, show(n.x), e.Message), e.Hint)
}

// fewest is how many elements a set needs for an index to be worth it.
const fewest = 8

// indexed answers for all constant elements of a set of addresses or numbers at once, whatever their number; those that
// need asking one by one are left in rest.
func (c *compiler) indexed(n *membership, x operand) (index []member, rest []item, err error) {
	if len(n.items) < fewest || !isAddressType(x.typ) && !isInteger(x.typ) || x.typ == field.Uint64 {
		return nil, n.items, nil
	}
	var spans []stretch
	for _, i := range n.items {
		s, ok, err := c.stretch(n, i, x)
		if err != nil {
			return nil, nil, err
		} else if ok {
			spans = append(spans, s)
		} else {
			rest = append(rest, i)
		}
	}
	spans = merged(spans)
	return []member{func(_ *machine, _ *ingest.Packet, v *field.Value) bool { return covers(spans, v) }}, rest, nil
}

// stretch is a run of values, both ends included.
type stretch struct{ low, high field.Value }

// stretch gives an element's values; ok is false where it is more than two constants.
func (c *compiler) stretch(n *membership, i item, x operand) (s stretch, ok bool, err error) {
	low, err := c.bound(n, i.low, x)
	high := low
	if err == nil && i.high != nil {
		high, err = c.bound(n, i.high, x)
	}
	if err != nil || low.fixed == nil || high.fixed == nil || low.byName || high.byName {
		return s, false, err
	}
	s = stretch{low.fixed[0], high.fixed[0]}
	if !isAddressType(x.typ) {
		return s, s.low.Int >= 0, nil
	}
	if i.high != nil {
		return s, s.low.Int == 0 && s.high.Int == 0, nil
	}
	return network(s.low), true, nil
}

// network gives the addresses of a constant: see addressOrder for where it keeps its prefix length.
func network(v field.Value) stretch {
	bits := v.Addr.BitLen()
	if v.Int > 0 {
		bits = int(v.Int - 1)
	}
	first := masked(v.Addr, bits)
	return stretch{field.Value{Addr: first}, field.Value{Addr: lastOf(first, bits)}}
}

// lastOf is the last address of a network.
func lastOf(first netip.Addr, bits int) netip.Addr {
	b := first.AsSlice()
	for i := bits; i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b) // as long as the first
	return a
}

// compare puts two values of one kind in order: addresses by version, then address.
func compare(a, b *field.Value) int {
	if a.Addr.IsValid() || b.Addr.IsValid() {
		return a.Addr.Compare(b.Addr)
	}
	return cmp.Compare(a.Int, b.Int)
}

// merged sorts runs and joins those that overlap, so that one search finds a value.
func merged(spans []stretch) (out []stretch) {
	slices.SortFunc(spans, func(a, b stretch) int { return compare(&a.low, &b.low) })
	for _, s := range spans {
		switch last := len(out) - 1; {
		case compare(&s.low, &s.high) > 0: // an empty range
		case last >= 0 && compare(&s.low, &out[last].high) <= 0:
			if compare(&s.high, &out[last].high) > 0 {
				out[last].high = s.high
			}
		default:
			out = append(out, s)
		}
	}
	return out
}

func covers(spans []stretch, v *field.Value) bool {
	at, found := slices.BinarySearchFunc(spans, v, func(s stretch, v *field.Value) int { return compare(&s.low, v) })
	return found || at > 0 && compare(v, &spans[at-1].high) <= 0
}

// sayable is how many elements of a list are written out for Wireshark, which has no lists.
const sayable = 200

// spelled writes out the lists in a logical node; those too long for it stay.
func spelled(n node) node {
	switch n := n.(type) {
	case *junction:
		return &junction{n.span, n.op, spelled(n.x), spelled(n.y)}
	case *negation:
		return &negation{n.span, spelled(n.x)}
	case *membership:
		if n.list != nil && 0 < len(n.items) && len(n.items) <= sayable {
			out := *n
			out.list = nil
			return &out
		}
	}
	return n
}
