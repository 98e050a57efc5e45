package filter

import (
	"maps"
	"math/bits"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Index holds filters and tells which of them a packet matches without asking each one. What follows from the type of its
// message is not asked; filters that need certain values of an operand are found by the values it has; and what is left is
// asked once, however many filters ask it. It holds scratch space, as filters do.
type Index struct {
	groups []*group
}

// NewIndex makes an index of filters that were compiled with these lists.
func NewIndex(filters []*Filter, lists rules.Lists) (*Index, error) {
	x := &Index{}
	for i, f := range filters {
		if err := x.group(f.m.context, lists).add(f, i); err != nil {
			return nil, err
		}
	}
	for _, g := range x.groups {
		g.ready()
	}
	return x, nil
}

// group finds the group of a context.
func (x *Index) group(c *field.Context, lists rules.Lists) *group {
	for _, g := range x.groups {
		if alike(g.m.context, c) {
			return g
		}
	}
	g := &group{c: newCompiler("", c, lists), m: machine{context: c}, known: map[*relation]reach{}}
	g.c.shared = true
	x.groups = append(x.groups, g)
	return g
}

func alike(a, b *field.Context) bool {
	return a == b || a != nil && b != nil && a.Wireshark == b.Wireshark && a.Stock == b.Stock && slices.Equal(a.Home, b.Home)
}

// Match appends the places of the filters that the packet matches, in the order they were given.
func (x *Index) Match(p *ingest.Packet, places []int) []int {
	from := len(places)
	for _, g := range x.groups {
		g.m.next()
		places = g.bucket(p).match(&g.m, p, places)
	}
	if len(x.groups) > 1 {
		slices.Sort(places[from:])
	}
	return places
}

// group is the filters of one context: what they ask has the same answers.
type group struct {
	c       *compiler
	m       machine
	known   map[*relation]reach
	terms   []*term
	places  []int // of the filters in the index
	pivots  []operand
	byType  [2][256]*bucket // of ICMP and ICMPv6, made when the first packet of the type comes
	untyped *bucket         // of packets that are not ordinary
	room    int             // for filters in buckets of kinds
}

// roomForKinds bounds the memory of buckets: there may be as many kinds as evidence likes.
const roomForKinds = 1 << 17

// add compiles a filter anew, so that it shares what others ask.
func (g *group) add(f *Filter, place int) error {
	t := always
	if f.tree != nil {
		if _, err := g.c.predicate(f.tree); err != nil {
			return err
		}
		g.m.grow(g.c.slots, g.c.asks)
		t = (&terms{g.c.relations, &g.m, g.known}).of(f.tree)
	}
	g.terms, g.places = append(g.terms, t), append(g.places, place)
	return nil
}

// ready: all filters are there.
func (g *group) ready() {
	for _, name := range pivots {
		f, _ := field.Lookup(name)
		g.pivots = append(g.pivots, g.c.values(f))
	}
	g.m.grow(g.c.slots, g.c.asks)
	g.untyped, g.room = newBucket(g.terms, g.places), roomForKinds
}

// bucket finds the bucket that a packet is shown to.
func (g *group) bucket(p *ingest.Packet) *bucket {
	if !ordinary(p) {
		return g.untyped
	}
	typ, v6 := p.Message().Bytes[0], p.V6()
	b := &g.byType[0][typ]
	if v6 {
		b = &g.byType[1][typ]
	}
	if *b == nil {
		*b = g.within(v6, typ)
	}
	return g.narrow(*b, p)
}

// ordinary tells whether what is known of the type of a packet's message holds: the packet has no other, but for what it
// quotes (frames that report samples may), and the header of it was captured, without which Wireshark shows no type.
func ordinary(p *ingest.Packet) bool {
	for i := range p.Layers {
		l := &p.Layers[i]
		if isMessage := l.Proto == ingest.ProtoICMPv4 || l.Proto == ingest.ProtoICMPv6; isMessage && (l.Quoted == 0) != (i == p.ICMP) {
			return false
		}
	}
	m := p.Message()
	return m != nil && len(m.Bytes) >= 8
}

// narrow finds the bucket of the packet's kind, as long as there is room for one.
func (g *group) narrow(b *bucket, p *ingest.Packet) *bucket {
	kind, ok := b.kinds.of(&g.m, p)
	if !ok {
		return b
	}
	if n := b.kinds.buckets[kind]; n != nil {
		return n
	}
	if g.room < len(b.terms) {
		return b
	}
	g.room -= len(b.terms)
	decided := b.kinds.decides(&g.m, p)
	n := b.given(func(t *term) *term { return t.given(decided) })
	b.kinds.buckets[kind] = n
	return n
}

// within makes the bucket of a type.
func (g *group) within(v6 bool, typ uint8) *bucket {
	all := bucket{terms: g.terms, places: g.places}
	b := all.given(func(t *term) *term { return t.within(v6, typ) })
	b.kinds = newKinds(b.terms, g.pivots)
	return b
}

// bucket is the filters that packets of one kind may match.
type bucket struct {
	terms  []*term
	kinds  *kinds // of packets of a type
	tests  []predicate
	places []int
	ask    marks // filters to ask whatever the packet holds
	gates  []gate
	may    marks // scratch
}

func newBucket(terms []*term, places []int) *bucket {
	b := &bucket{terms: terms, places: places, ask: make(marks, (len(terms)+63)/64), may: make(marks, (len(terms)+63)/64)}
	crowd := crowdOf(terms)
	at := map[string][]waiting{}
	for i, t := range terms {
		b.tests = append(b.tests, t.test())
		needs, _ := t.needs(true, crowd)
		for _, n := range needs {
			at[n.gate] = append(at[n.gate], waiting{n, int32(i)})
		}
		if needs == nil {
			b.ask.set(int32(i))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(at)) {
		b.place(at[key])
	}
	return b
}

// given makes a bucket of the filters that may match still.
func (b *bucket) given(known func(*term) *term) *bucket {
	var terms []*term
	var places []int
	for i, t := range b.terms {
		if t = known(t); t != never {
			terms, places = append(terms, t), append(places, b.places[i])
		}
	}
	return newBucket(terms, places)
}

// place makes a gate for filters, if it is worth it.
func (b *bucket) place(all []waiting) {
	if all[0].worth(len(all)) {
		b.gates = append(b.gates, newGate(all))
		return
	}
	for _, w := range all {
		b.ask.set(w.place)
	}
}

func (b *bucket) match(m *machine, p *ingest.Packet, places []int) []int {
	copy(b.may, b.ask)
	for i := range b.gates {
		b.gates[i].open(m, p, b.may)
	}
	for i, word := range b.may {
		for ; word != 0; word &= word - 1 {
			k := i*64 + bits.TrailingZeros64(word)
			if b.tests[k](m, p) {
				places = append(places, b.places[k])
			}
		}
	}
	return places
}

// crowd counts, by gate, the filters that could wait there.
type crowd map[string]int

func crowdOf(terms []*term) crowd {
	c := crowd{}
	for _, t := range terms {
		t.count(c)
	}
	return c
}

func (t *term) count(c crowd) {
	if t.op != "" {
		t.x.count(c)
	}
	if t.y != nil {
		t.y.count(c)
	}
	if t.asked != nil {
		for _, n := range t.asked.needs {
			c[n.gate]++
		}
	}
}

// asking is what it costs to ask for the values at a gate, next to asking a filter; filters that wait there share it.
const asking = 0.25

func (c crowd) cost(n need) float64 {
	if !n.worth(c[n.gate]) {
		return 1
	}
	return n.share + asking/float64(c[n.gate])
}

// worth tells whether a gate pays for so many filters: a walk over all of the bytes takes more than looking a value up.
func (n need) worth(filters int) bool { return filters > 1 && (n.part == "" || filters >= fewest) }
