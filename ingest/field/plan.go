package field

import (
	"encoding/binary"
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

	// A value that is but read from some bytes needs no getter.
	reading   reading
	off, size int // in the layer
	mask      int64
}

// Planner plans the trees of packets by their kinds. It must not be used from several goroutines at a time.
type Planner struct {
	c      *Context
	plans  map[string]*Plan
	on     []origin // interfaces that frames came from
	key    []byte
	values []Value
}

// NewPlanner makes one for the answers of a context.
func NewPlanner(c *Context) *Planner { return &Planner{c: c, plans: map[string]*Plan{}} }

// maxPlans is how many are remembered: evidence made for it could have very many.
const maxPlans = 1 << 8

// Plan gives the plan of the packet's tree, always the same for packets of one kind; nil if the packet is of no kind, or its tree cannot be planned. What Tree gives for the
// packet are then the plan's items with the values of [Planner.Get].
func (n *Planner) Plan(p *ingest.Packet) *Plan {
	key, ok := kind(n.c, p, append(n.key[:0], n.arrival(p)))
	if n.key = key; !ok {
		return nil
	}
	plan, ok := n.plans[string(key)]
	if !ok {
		if len(n.plans) >= maxPlans {
			clear(n.plans)
		}
		plan = planned(n.c, p)
		n.plans[string(key)] = plan
	}
	return plan
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
	s := Source{steady: f.steady, get: get, layer: layer, nth: nth, raw: raw}
	if v.reading != notRead && layer >= 0 {
		if at := Offset(p.Layers[layer].Bytes, v.Bytes); at >= 0 {
			s.reading, s.off, s.size, s.mask = v.reading, at, len(v.Bytes), v.mask
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

// read gets the value that the bytes are.
func (s *Source) read(b []byte, v *Value) {
	*v = Value{Bytes: b, mask: s.mask, reading: s.reading}
	switch {
	case s.reading == readNumber && s.mask != 0:
		v.Int = masked(be(b), s.mask)
	case s.reading == readNumber:
		v.Int = be(b)
	case s.reading == readLittle:
		v.Int = int64(b[0]) | int64(b[1])<<8
	case s.reading == readAddress && len(b) == 4:
		v.Addr = netip.AddrFrom4([4]byte(b))
	case s.reading == readAddress:
		v.Addr = netip.AddrFrom16([16]byte(b))
	}
}
