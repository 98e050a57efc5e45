package listing

import (
	"bytes"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// sheet is how packets of one kind are printed, and the last one of them.
type sheet struct {
	cells    []cell
	contents []content // of each cell
	last     []byte
	filled   bool // a packet was printed
}

// cell is where in a sheet something stands that packets of the kind may have different. There are many to walk over for each
// packet, and few of them change: hence they are small.
type cell struct {
	word     uint64 // of a plain one: what the last packet had there
	from, to int32  // in the last document
	spot     field.Spot
	twin     int16 // a cell before that has the same text for the same value; -1 if none
	how      how
	changed  bool
}

// how a cell tells that it has to change.
type how uint8

const (
	asValue  how = iota // by its value
	asWord              // by the bytes that the value is read from
	asNumber            // by the number that the value is
	asTwin              // with its twin, which reads the same bytes
)

// content is what stands in a cell.
type content struct {
	part
	field  *field.Field
	source *field.Source
	lapse  bool
	value  field.Value // unless it is read from a spot
	bytes  []byte      // the value's
}

const maxSheets = 1 << 8

// sheet finds the sheet of a plan.
func (r *press) sheet(o *object, plan *field.Plan) *sheet {
	s := r.sheets[plan]
	if s == nil {
		if len(r.sheets) >= maxSheets {
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
		s.add(content{part: *part, field: n.Field, source: source, lapse: n.Field == r.lapse.field}, len(text.b))
	}
	s.last = append(text.b, from.end...)
	return s
}

// add adds a cell at a place of the document.
func (s *sheet) add(x content, at int) {
	c := cell{from: int32(at), to: int32(at), twin: -1}
	if spot, ok := x.source.Spot(); ok && (x.what == value || x.source.Within()) {
		c.how, c.spot = asWord, spot
	} else if x.source.Counted() && x.what == value {
		c.how = asNumber
	}
	for i := range s.contents {
		switch t := &s.contents[i]; {
		case x.what != value || t.what != value || !t.field.Alike(x.field):
		case x.source.Same(t.source) && c.how != asTwin:
			c.twin, c.how = int16(i), asTwin
		case c.twin < 0 && c.how == asNumber && s.cells[i].how == asNumber:
			c.twin = int16(i)
		}
	}
	s.cells, s.contents = append(s.cells, c), append(s.contents, x)
}

// print appends the last document with the packet's values.
func (s *sheet) print(r *press, o *object, p *ingest.Packet) {
	base, done, shift := len(o.b), int32(0), int32(0)
	for i := range s.cells {
		c := &s.cells[i]
		switch c.how {
		case asTwin:
			c.changed = s.cells[c.twin].changed
		case asWord:
			word := c.spot.Word(p)
			c.changed, c.word = word != c.word || !s.filled, word
		case asNumber:
			word := uint64(s.contents[i].number(r, p))
			c.changed, c.word = word != c.word || !s.filled, word
		default:
			c.changed = s.contents[i].read(r, p) || !s.filled
		}
		if !c.changed {
			c.from, c.to = c.from+shift, c.to+shift
			continue
		}
		o.b = append(o.b, s.last[done:c.from]...)
		done, c.from = c.to, int32(len(o.b)-base)
		s.put(r, i, o, p, o.b[base:])
		c.to = int32(len(o.b) - base)
		shift = c.to - done
	}
	o.b = append(o.b, s.last[done:]...)
	s.last, s.filled = append(s.last[:0], o.b[base:]...), true
}

func (x *content) number(r *press, p *ingest.Packet) int64 {
	if x.lapse {
		return r.lapse.now
	}
	return x.source.Number(p)
}

// read gets a value, and tells whether it is another than the last.
func (x *content) read(r *press, p *ingest.Packet) (changed bool) {
	v := &r.node.Value
	r.planner.Get(x.source, p, v)
	if changed = x.what == raw || !equal(v, &x.value) || !bytes.Equal(v.Bytes, x.bytes); changed {
		x.value, x.bytes = *v, append(x.bytes[:0], v.Bytes...)
		x.value.Bytes = v.Bytes
	}
	return changed
}

// equal tells whether two values are the same, but for bytes.
func equal(a, b *field.Value) bool {
	return a.Int == b.Int && a.Float == b.Float && a.Text == b.Text && a.Addr == b.Addr
}

// put writes what stands in a cell; written is the document up to it.
func (s *sheet) put(r *press, i int, o *object, p *ingest.Packet, written []byte) {
	c, x := &s.cells[i], &s.contents[i]
	if c.twin >= 0 {
		if t := &s.cells[c.twin]; c.how == asTwin || t.word == c.word {
			o.b = append(o.b, written[t.from:t.to]...)
			return
		}
	}
	switch r.node.Field = x.field; {
	case c.how == asWord && x.what == raw:
		r.planner.Get(x.source, p, &r.node.Value)
	case c.how == asWord:
		r.planner.FromWord(x.source, c.word, p, &r.node.Value)
	case c.how == asNumber:
		r.node.Value = field.Value{Int: int64(c.word)}
	}
	r.put(o, p, &x.part, &r.node)
}
