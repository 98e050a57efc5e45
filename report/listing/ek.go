package listing

import (
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// EK prints packets as tshark -T ek does, for Elasticsearch's bulk import: a line that names the index, and one with the
// packet, its trees flattened layer by layer. Order is the tree's, as up to Wireshark 4.0; later ones give none.
type EK struct {
	w      io.Writer
	c      *field.Context
	forms  Forms
	lapse  lapse
	tree   []field.Node
	o      object
	shapes map[string]*shape
	key    []byte
	text   []byte
	making *shape
}

// shape is how all packets are printed whose trees have the same items at the same depths.
type shape struct {
	parts []part
	end   string // text behind the last part
}

// part is text that all of them share, and behind it the value of an item, or its raw bytes.
type part struct {
	text string
	node int // in the tree
	raw  bool
}

// maxShapes is how many are remembered: evidence made for it could have endlessly many.
const maxShapes = 1 << 10

// NewEK prints packets to w.
func NewEK(w io.Writer, c *field.Context, f Forms) *EK {
	return &EK{w: w, c: c, forms: f, lapse: newLapse(), o: object{under: true}, shapes: map[string]*shape{}}
}

// Begin keeps the file's entry for the columns.
func (e *EK) Begin(f *ingest.Evidence) error {
	e.lapse.begin()
	e.forms.begin(f)
	return nil
}

// End does nothing.
func (e *EK) End() error { return nil }

func (e *EK) resume(s state) {
	e.lapse = s.lapse
	e.forms.resume(s)
}

// Packet prints its two lines.
func (e *EK) Packet(p *ingest.Packet) error {
	o := &e.o
	o.reset(0)
	o.b = append(appendDay(append(o.b, `{"index":{"_index":"packets-`...), p), `","_type":"doc"}}`+"\n"...)
	o.b = append(strconv.AppendInt(append(o.b, `{"timestamp":"`...), milliseconds(p.Time), 10), `","layers":{`...)
	if only := e.forms.Only; only != nil {
		only.print(o, p, &e.forms.Options)
	} else {
		e.tree = field.Tree(e.c, p, e.tree[:0])
		e.lapse.next(p)
		e.lapse.correct(e.tree)
		e.layers()
	}
	_, err := e.w.Write(append(o.b, "}}\n"...))
	return err
}

// milliseconds since 1970, rounded down.
func milliseconds(ns int64) int64 {
	if ns%1e6 < 0 {
		return ns/1e6 - 1
	}
	return ns / 1e6
}

// layers prints the tree: texts that its shape has worked out once, and between them values.
func (e *EK) layers() {
	o, s := &e.o, e.shape()
	for i := range s.parts {
		part := &s.parts[i]
		o.b = append(o.b, part.text...)
		if n := &e.tree[part.node]; part.raw {
			o.b = append(o.b, '"')
			o.b = append(appendRaw(o.b, n, n.Raw()), '"')
		} else {
			e.value(n)
		}
	}
	o.b = append(o.b, s.end...)
}

// shape finds the shape of the tree in hand.
func (e *EK) shape() *shape {
	e.key = e.key[:0]
	for i := range e.tree {
		n, bits := &e.tree[i], 0
		if e.forms.Hex && len(n.Raw()) > 0 {
			bits = 1
		}
		place := n.Field.Place()
		e.key = append(e.key, byte(place), byte(place>>8), byte(n.Depth), byte(bits))
	}
	s := e.shapes[string(e.key)]
	if s == nil {
		if len(e.shapes) >= maxShapes {
			clear(e.shapes)
		}
		s = e.make()
		e.shapes[string(e.key)] = s
	}
	return s
}

// make works out the shape of the tree in hand.
func (e *EK) make() *shape {
	o, s := e.o, &shape{}
	e.making = s
	e.o.b, e.o.fresh = nil, true
	e.attributes(e.tree, "")
	s.end = string(e.o.b)
	e.o = o
	return s
}

// cut ends the text in hand with an item.
func (e *EK) cut(nodes []field.Node, raw bool) {
	at := cap(e.tree) - cap(nodes) // nodes are the tree from there on
	e.making.parts = append(e.making.parts, part{string(e.o.b), at, raw})
	e.o.b = e.o.b[:0]
}

// attributes prints items, and what stands below those that are not protocols, as members of one object. Until Wireshark
// 4.2 equal names below different items were not gathered.
func (e *EK) attributes(nodes []field.Node, parent string) {
	g := gathering{at: map[string]int{}, split: !e.c.Since("4.2")}
	g.add(nodes, parent)
	for _, same := range g.list {
		e.attribute(same, parent)
	}
}

// gathering is what comes under each key, in the order of the first.
type gathering struct {
	list  [][][]field.Node
	at    map[string]int
	split bool
}

func (g *gathering) add(nodes []field.Node, parent string) {
	for len(nodes) > 0 {
		n := subtree(nodes)
		name := abbreviation(&nodes[0])
		id := name
		if g.split {
			id = parent + "_" + name
		}
		k, ok := g.at[id]
		if !ok {
			k = len(g.list)
			g.at[id] = k
			g.list = append(g.list, nil)
		}
		g.list[k] = append(g.list[k], nodes[:n])
		if !isProtocol(&nodes[0]) {
			g.add(nodes[1:n], name)
		}
		nodes = nodes[n:]
	}
}

// abbreviation is the item's name; Wireshark calls those that are only text so.
func abbreviation(n *field.Node) string {
	if n.Field == nil {
		return "text"
	}
	return n.Field.Name
}

func isProtocol(n *field.Node) bool { return n.Field != nil && n.Field.Type == field.Protocol }

func (e *EK) attribute(same [][]field.Node, parent string) {
	first := &same[0][0]
	name := abbreviation(first)
	if first.Field != nil {
		if over := first.Field.Registered(parent); over != "" {
			name = over + "_" + name
		}
	}
	if e.forms.Hex && len(first.Raw()) > 0 {
		e.o.list(name+"_raw", same, func(n []field.Node) { e.cut(n, true) })
	}
	e.o.list(name, same, e.item)
}

func (e *EK) item(nodes []field.Node) {
	if n := &nodes[0]; isProtocol(n) {
		e.o.open('{')
		e.attributes(nodes[1:], n.Field.Name)
		e.o.close('}')
		return
	}
	e.cut(nodes, false)
}

// value prints the value of an item that is no protocol.
func (e *EK) value(n *field.Node) {
	o := &e.o
	switch {
	case n.Field == nil:
		o.string(n.Label)
	case n.Field.Type == field.None, n.Field.Type == field.Boolean:
		o.b = n.Field.AppendEK(o.b, e.c, n.Value)
	case n.Field.Type == field.String:
		e.text = n.Field.AppendEK(e.text[:0], e.c, n.Value)
		o.text(e.text)
	default: // numbers, addresses, bytes, times: nothing to escape
		o.b = append(n.Field.AppendEK(append(o.b, '"'), e.c, n.Value), '"')
	}
}

// appendRaw appends an item's bytes in hex; of a part of bytes, its value.
func appendRaw(text []byte, n *field.Node, b []byte) []byte {
	if n.Value.Mask() != 0 {
		from := len(text)
		text = strconv.AppendUint(text, uint64(n.Value.Int), 16)
		copy(text[from:], strings.ToUpper(string(text[from:])))
		return text
	}
	return hex.AppendEncode(text, b)
}
