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
	w     io.Writer
	forms Forms
	press *press
	day   day
	o     object
}

// NewEK prints packets to w.
func NewEK(w io.Writer, c *field.Context, f Forms) *EK {
	e := &EK{w: w, forms: f, o: object{under: true}}
	e.press = newPress(c, &flat{c: c, hex: f.Hex}, f.Hex)
	return e
}

// Begin keeps the file's entry for the columns.
func (e *EK) Begin(f *ingest.Evidence) error {
	e.press.lapse.begin()
	e.forms.begin(f)
	return nil
}

// End does nothing.
func (e *EK) End() error { return nil }

func (e *EK) resume(s state) {
	e.press.lapse = s.lapse
	e.forms.resume(s)
}

// Packet prints its two lines.
func (e *EK) Packet(p *ingest.Packet) error {
	o := &e.o
	o.reset(0)
	o.b = append(append(append(o.b, `{"index":{"_index":"packets-`...), e.day.of(p)...), `","_type":"doc"}}`+"\n"...)
	o.b = append(strconv.AppendInt(append(o.b, `{"timestamp":"`...), milliseconds(p.Time), 10), `","layers":{`...)
	if only := e.forms.Only; only != nil {
		only.print(o, p, &e.forms.Options)
	} else {
		e.press.print(o, p)
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

// flat is EK's style of trees.
type flat struct {
	c    *field.Context
	hex  bool
	text []byte
}

func (e *flat) lay(d *draft, nodes []field.Node) { e.attributes(d, nodes, "") }

func (e *flat) named(*field.Node) string { return "" }

// attributes prints items, and what stands below those that are not protocols, as members of one object. Until Wireshark
// 4.2 equal names below different items were not gathered.
func (e *flat) attributes(d *draft, nodes []field.Node, parent string) {
	g := gathering{at: map[string]int{}, split: !e.c.Since("4.2")}
	g.add(nodes, parent)
	for _, same := range g.list {
		e.attribute(d, same, parent)
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

func (e *flat) attribute(d *draft, same [][]field.Node, parent string) {
	first := &same[0][0]
	name := abbreviation(first)
	if first.Field != nil {
		if over := first.Field.Registered(parent); over != "" {
			name = over + "_" + name
		}
	}
	if e.hex && len(first.Raw()) > 0 {
		d.list(name+"_raw", same, func(n []field.Node) { d.cut(n, raw) })
	}
	d.list(name, same, func(n []field.Node) { e.item(d, n) })
}

func (e *flat) item(d *draft, nodes []field.Node) {
	if n := &nodes[0]; isProtocol(n) {
		d.open('{')
		e.attributes(d, nodes[1:], n.Field.Name)
		d.close('}')
		return
	}
	d.cut(nodes, value)
}

// value prints the value of an item that is no protocol.
func (e *flat) value(o *object, n *field.Node) {
	switch {
	case n.Field == nil:
		o.string(n.Label)
	case n.Field.Type == field.None, n.Field.Type == field.Boolean:
		o.b = n.Field.AppendEK(o.b, e.c, &n.Value)
	case n.Field.Type == field.String:
		e.text = n.Field.AppendEK(e.text[:0], e.c, &n.Value)
		o.text(e.text)
	default: // numbers, addresses, bytes, times: nothing to escape
		o.b = append(n.Field.AppendEK(append(o.b, '"'), e.c, &n.Value), '"')
	}
}

func (e *flat) raw(o *object, _ *ingest.Packet, n *field.Node) {
	o.b = append(appendRaw(append(o.b, '"'), n, n.Raw()), '"')
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
