package listing

import (
	"bytes"

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

// sheet is how packets of one kind are printed, and the last one of them.
type sheet struct {
	cells []cell
	last  []byte
}

// cell is where in a sheet something stands that packets of the kind may have different.
type cell struct {
	part
	field    *field.Field
	source   *field.Source
	short    bool // the word is all that it depends on
	copy     bool // it is always the same as in the twin
	lapse    bool
	twin     int  // a cell before that has the same text for the same value; -1 if none
	filled   bool // it stands in the last document
	changed  bool
	word     uint64
	value    field.Value
	bytes    []byte
	from, to int // in the last document
}

// sheet finds the sheet of a plan.
func (r *press) sheet(o *object, plan *field.Plan) *sheet {
	s := r.sheets[plan]
	if s == nil {
		if len(r.sheets) >= maxShapes {
			clear(r.sheets)
		}
		s = r.compose(lay(r.style, o, plan.Nodes), o, plan)
		r.sheets[plan] = s
	}
	return s
}

// compose makes a sheet without values.
func (r *press) compose(from *shape, o *object, plan *field.Plan) *sheet {
	s := &sheet{}
	text := object{under: o.under}
	for i := range from.parts {
		part := &from.parts[i]
		n, source := &plan.Nodes[part.node], &plan.Sources[part.node]
		text.b = append(text.b, part.text...)
		if part.what == label || part.what == value && source.Steady() {
			r.put(&text, nil, part, n)
			continue
		}
		at := len(text.b)
		c := cell{part: *part, field: n.Field, source: source, short: part.what == value && source.Short(), lapse: n.Field == r.lapse.field,
			twin: -1, from: at, to: at}
		s.cells = append(s.cells, c)
		s.pair()
	}
	s.last = append(text.b, from.end...)
	return s
}

// pair looks for a twin of the last cell.
func (s *sheet) pair() {
	at := len(s.cells) - 1
	c := &s.cells[at]
	for i := range s.cells[:at] {
		t := &s.cells[i]
		switch {
		case c.what != value || t.what != value || !t.field.Alike(c.field):
		case c.source.Same(t.source):
			c.twin, c.copy = i, true
			return
		case c.twin < 0 && !c.source.Plain() && !t.source.Plain():
			c.twin = i
		}
	}
}

// print appends the last document with the packet's values.
func (s *sheet) print(r *press, o *object, p *ingest.Packet) {
	base, done, shift := len(o.b), 0, 0
	for i := range s.cells {
		c := &s.cells[i]
		if s.read(r, c, p); !c.changed {
			c.from, c.to = c.from+shift, c.to+shift
			continue
		}
		o.b = append(o.b, s.last[done:c.from]...)
		done, c.from = c.to, len(o.b)-base
		s.put(r, c, o, p, o.b[base:])
		c.to = len(o.b) - base
		shift = c.to - done
	}
	o.b = append(o.b, s.last[done:]...)
	s.last = append(s.last[:0], o.b[base:]...)
}

// read finds out whether a cell has another value than in the last document.
func (s *sheet) read(r *press, c *cell, p *ingest.Packet) {
	switch {
	case c.copy:
		c.changed = s.cells[c.twin].changed
	case c.short:
		word := c.source.Word(p)
		c.changed = word != c.word || !c.filled
		c.word = word
	default:
		v := r.planner.Value(c.source, p)
		if c.lapse {
			v.Int = r.lapse.now
		}
		c.changed = !c.filled || c.what == raw || !equal(&v, &c.value) || !bytes.Equal(v.Bytes, c.bytes)
		c.value, c.bytes = v, append(c.bytes[:0], v.Bytes...)
	}
	c.filled = true
}

// equal tells whether two values are the same, but for bytes.
func equal(a, b *field.Value) bool {
	return a.Int == b.Int && a.Float == b.Float && a.Addr == b.Addr && a.Text == b.Text
}

// put writes what stands in a cell; written is the document up to it.
func (s *sheet) put(r *press, c *cell, o *object, p *ingest.Packet, written []byte) {
	if c.twin >= 0 {
		if t := &s.cells[c.twin]; c.copy || equal(&t.value, &c.value) && bytes.Equal(t.bytes, c.bytes) {
			o.b = append(o.b, written[t.from:t.to]...)
			return
		}
	}
	if c.short {
		c.value = r.planner.Value(c.source, p)
	}
	r.node.Field, r.node.Value = c.field, c.value
	r.put(o, p, &c.part, &r.node)
}
