package field

import (
	"encoding/binary"
	mathbits "math/bits"
	"net/netip"
	"slices"

	"icmpsift/ingest"
)

// Plan is what the trees of all packets of a kind have in common: which items there are, and where each has its value.
type Plan struct {
	Nodes   []Node   // the tree of one of them
	Sources []Source // of each of its items
}

// Source is where an item has its value in packets of a kind.
type Source struct {
	noted      bool
	steady     bool // every packet of the kind has the value of the plan's item
	get        getter
	layer, nth int // which layer the getter is asked for, which of its values it is
	raw        *extent
	number     func(p *ingest.Packet, i int) int64 // of the field

	// A value that is but read from some bytes needs no getter.
	reading   reading
	off, size int // in the layer
	mask      int64
	shift     uint8 // of the mask's lowest bit
}

// Planner plans the trees of packets by their kinds. It must not be used from several goroutines at a time.
type Planner struct {
	c      *Context
	plans  map[string]seen
	on     []origin // interfaces that frames came from
	key    []byte
	values []Value
}

// NewPlanner makes one for the answers of a context.
func NewPlanner(c *Context) *Planner { return &Planner{c: c, plans: map[string]seen{}} }

// maxPlans is how many are remembered: evidence made for it could have very many.
const maxPlans = 1 << 8

// seen is what there is of a kind. Plans are made for the second packet: of kinds without number none is worth one.
type seen struct {
	twice bool
	plan  *Plan
}

// Plan gives the plan of the packet's tree: what [Tree] gives for the packet are then the plan's items with the values of
// [Planner.Get]. It is nil if the packet is of no kind, or the first of its kind, or its tree cannot be planned.
func (n *Planner) Plan(p *ingest.Packet) *Plan {
	key, ok := kind(n.c, p, append(n.key[:0], n.arrival(p)))
	if n.key = key; !ok {
		return nil
	}
	s, known := n.plans[string(key)]
	switch {
	case s.twice:
		return s.plan
	case known:
		s = seen{true, planned(n.c, p)}
	case len(n.plans) >= maxPlans:
		clear(n.plans)
	}
	n.plans[string(key)] = s
	return s.plan
}

// origin is an interface, and which one it is in its file.
type origin struct {
	on              *ingest.Interface
	section, number int
}

// arrival numbers the interface that a frame came from: all that trees tell of it is the same for all of its frames.
func (n *Planner) arrival(p *ingest.Packet) byte {
	from := origin{p.On, p.Section, p.Interface}
	at := slices.Index(n.on, from)
	if at < 0 {
		if len(n.on) > 0xff {
			n.on = n.on[:0]
			clear(n.plans)
		}
		at = len(n.on)
		n.on = append(n.on, from)
	}
	return byte(at)
}

// planned makes a plan of the packet's tree; nil if an item has its value from where a plan cannot find it again.
func planned(c *Context, p *ingest.Packet) *Plan {
	plan := &Plan{}
	plan.Nodes = build(c, p, nil, plan)
	if len(plan.Sources) != len(plan.Nodes) || slices.ContainsFunc(plan.Sources, func(s Source) bool { return !s.noted }) {
		return nil
	}
	for i := range plan.Nodes {
		plan.Nodes[i].keep()
	}
	return plan
}

// keep makes an item outlive its packet.
func (n *Node) keep() { n.Value.Bytes = slices.Clone(n.Value.Bytes) }

// note tells where the item that is to be added next has its value.
func (t *tree) note(s Source) {
	if t.plan == nil {
		return
	}
	s.noted = true
	for len(t.plan.Sources) < len(t.nodes) {
		t.plan.Sources = append(t.plan.Sources, Source{})
	}
	t.plan.Sources = append(t.plan.Sources[:len(t.nodes)], s)
}

// sourceOf is where a value comes from that a field's getter found in a layer as the nth.
func sourceOf(f *Field, get getter, p *ingest.Packet, layer, nth int, raw *extent, v *Value) Source {
	s := Source{steady: f.steady, get: get, layer: layer, nth: nth, raw: raw, number: f.number}
	if v.reading != notRead && f.number == nil && layer >= 0 {
		if at := Offset(p.Layers[layer].Bytes, v.Bytes); at >= 0 {
			s.reading, s.off, s.size, s.mask = v.reading, at, len(v.Bytes), v.mask
			s.shift = uint8(mathbits.TrailingZeros64(uint64(v.mask)))
		}
	}
	return s
}

// fixed is the source of a value that all packets of a kind have.
func fixed(v Value) Source {
	return Source{steady: true, get: func(_ *Context, _ *ingest.Packet, _ int, dst []Value) []Value { return append(dst, v) }}
}

// Steady tells whether all packets of the kind have the value that the plan's item has.
func (s *Source) Steady() bool { return s.steady }

// Counted tells whether [Source.Number] gives all of the value.
func (s *Source) Counted() bool { return s.number != nil }

// Number gives the value as a number.
func (s *Source) Number(p *ingest.Packet) int64 { return s.number(p, s.layer) }

// Plain tells whether the value is but read from some bytes.
func (s *Source) Plain() bool { return s.reading != notRead }

// Spot is a few bytes of a packet from which all of a value is read.
type Spot struct {
	off         uint16
	layer, size uint8
}

// Spot tells where the value is read; ok is false if there is more to it.
func (s *Source) Spot() (_ Spot, ok bool) {
	return Spot{uint16(s.off), uint8(s.layer), uint8(s.size)}, s.Plain() && s.size <= 8 && s.off <= 0xffff
}

// FromWord gets the value of which [Spot.Word] has given the bytes.
func (n *Planner) FromWord(s *Source, word uint64, p *ingest.Packet, v *Value) {
	if s.reading == readNumber && s.raw == nil {
		*v = Value{Int: s.masked(int64(word)), Bytes: p.Layers[s.layer].Bytes[s.off : s.off+s.size : s.off+s.size]}
		return
	}
	n.Get(s, p, v)
}

// Within tells whether the item's raw bytes are among those of its spot.
func (s *Source) Within() bool {
	x := s.raw
	return x == nil || x.size == 0 || x.off >= s.off && x.off+x.size <= s.off+s.size
}

// Word is the bytes as a number.
func (s Spot) Word(p *ingest.Packet) uint64 {
	b := p.Layers[s.layer].Bytes
	if int(s.off)+8 <= len(b) {
		return binary.BigEndian.Uint64(b[s.off:]) >> (64 - 8*s.size)
	}
	return uint64(be(b[s.off : int(s.off)+int(s.size)]))
}

// Same tells whether both read the same value from the same bytes.
func (s *Source) Same(o *Source) bool {
	return s.Plain() && s.reading == o.reading && s.layer == o.layer && s.off == o.off && s.size == o.size && s.mask == o.mask
}

// Get gets the value that the item has in a packet of the kind.
func (n *Planner) Get(s *Source, p *ingest.Packet, v *Value) {
	if s.Plain() {
		s.read(p.Layers[s.layer].Bytes[s.off:s.off+s.size:s.off+s.size], v)
	} else if n.values = s.get(n.c, p, s.layer, n.values[:0]); s.nth < len(n.values) {
		*v = n.values[s.nth]
	} else {
		*v = Value{}
	}
	if s.raw != nil && s.layer >= 0 {
		*v = s.raw.read(p.Layers[s.layer].Bytes, *v)
	}
}

// masked shifts the bits that count down.
func (s *Source) masked(n int64) int64 {
	if s.mask == 0 {
		return n
	}
	return (n & s.mask) >> s.shift
}

// read gets the value that the bytes are.
func (s *Source) read(b []byte, v *Value) {
	*v = Value{Bytes: b, mask: s.mask, reading: s.reading}
	switch {
	case s.reading == readNumber:
		v.Int = s.masked(be(b))
	case s.reading == readLittle:
		v.Int = int64(b[0]) | int64(b[1])<<8
	case s.reading == readAddress && len(b) == 4:
		v.Addr = netip.AddrFrom4([4]byte(b))
	case s.reading == readAddress:
		v.Addr = netip.AddrFrom16([16]byte(b))
	}
}
