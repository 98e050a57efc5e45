package listing

import (
	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// press prints the trees of packets in the form of a style. Of trees with the same items it lays out one, and keeps what stands between the
// values; of packets of one kind it does not even make trees: it takes the document printed before, and puts in the values that
// are others.
type press struct {
	c       *field.Context
	style   style
	hex     bool
	lapse   lapse
	planner *field.Planner
	tree    []field.Node
	shapes  map[string]*shape
	sheets  map[*field.Plan]*sheet
	key     []byte
	node    field.Node // whose value is being printed
}

// style is a form that trees are printed in.
type style interface {
	lay(d *draft, nodes []field.Node)               // writes all but values, and tells where these stand
	value(o *object, n *field.Node)                 // of an item without field, its text
	raw(o *object, p *ingest.Packet, n *field.Node) // the bytes it was read from
	named(n *field.Node) string                     // what the layout takes from the item itself and not from its field
}

func newPress(c *field.Context, s style, hex bool) *press {
	return &press{c: c, style: s, hex: hex, lapse: newLapse(), planner: field.NewPlanner(c), shapes: map[string]*shape{}, sheets: map[*field.Plan]*sheet{}}
}

// print appends the packet's tree.
func (r *press) print(o *object, p *ingest.Packet) {
	r.lapse.next(p)
	if plan := r.planner.Plan(p); plan != nil {
		r.sheet(o, plan).print(r, o, p)
		return
	}
	r.tree = field.Tree(r.c, p, r.tree[:0])
	r.lapse.correct(r.tree)
	s := r.shape(o)
	for i := range s.parts {
		part := &s.parts[i]
		o.b = append(o.b, part.text...)
		r.put(o, p, part, &r.tree[part.node])
	}
	o.b = append(o.b, s.end...)
}

// put prints what stands behind the text of a part.
func (r *press) put(o *object, p *ingest.Packet, x *part, n *field.Node) {
	switch x.what {
	case raw:
		depth := o.depth
		o.depth = x.depth
		r.style.raw(o, p, n)
		o.depth = depth
	case label:
		o.string(n.Label)
	default:
		r.style.value(o, n)
	}
}

// shape is how all packets are printed whose trees have the same items at the same depths.
type shape struct {
	parts []part
	end   string // text behind the last part
}

// part is text that all of them share, and behind it what an item of its own has.
type part struct {
	text  string
	node  int // in the tree
	what  what
	depth int // of what it stands in
}

// what is what of an item stands somewhere.
type what uint8

const (
	value what = iota
	raw
	label
)

// maxShapes is how many are remembered: evidence made for it could have endlessly many.
const maxShapes = 1 << 10

// shape finds the shape of the tree in hand.
func (r *press) shape(o *object) *shape {
	r.key = r.key[:0]
	for i := range r.tree {
		n, bits := &r.tree[i], 0
		if r.hex && len(n.Raw()) > 0 {
			bits = 1
		}
		place := n.Field.Place()
		r.key = append(append(r.key, byte(place), byte(place>>8), byte(n.Depth), byte(bits)), r.style.named(n)...)
	}
	s := r.shapes[string(r.key)]
	if s == nil {
		if len(r.shapes) >= maxShapes {
			clear(r.shapes)
		}
		s = lay(r.style, o, r.tree)
		r.shapes[string(r.key)] = s
	}
	return s
}

// draft is a shape being made: the object holds the text behind the last part.
type draft struct {
	object
	shape
	tree []field.Node
}

// lay works out the shape of a tree that is to stand where o is.
func lay(s style, o *object, tree []field.Node) *shape {
	d := &draft{object: *o, tree: tree}
	d.object.b, d.fresh = nil, true
	s.lay(d, tree)
	d.end = string(d.object.b)
	return &d.shape
}

// cut ends the text in hand with what of the first of some items, which are the tree from there on.
func (d *draft) cut(nodes []field.Node, x what) {
	d.parts = append(d.parts, part{string(d.object.b), cap(d.tree) - cap(nodes), x, d.depth})
	d.object.b = d.object.b[:0]
}
