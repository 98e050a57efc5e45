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
	c     *field.Context
	forms Forms
	lapse lapse
	tree  []field.Node
	o     object
	text  []byte
}

// NewEK prints packets to w.
func NewEK(w io.Writer, c *field.Context, f Forms) *EK {
	return &EK{w: w, c: c, forms: f, lapse: newLapse(), o: object{under: true}}
}

// Begin keeps the file's entry for the columns.
func (e *EK) Begin(f *ingest.Evidence) error {
	e.lapse.begin()
	e.forms.begin(f)
	return nil
}

// End does nothing.
func (e *EK) End() error { return nil }

// Packet prints its two lines.
func (e *EK) Packet(p *ingest.Packet) error {
	o := &e.o
	o.reset(0)
	o.open('{')
	o.key("index")
	o.open('{')
	o.member("_index", "packets-"+day(p))
	o.member("_type", "doc")
	o.close('}')
	o.close('}')
	o.b = append(o.b, '\n')
	o.fresh = true
	o.open('{')
	o.member("timestamp", strconv.FormatInt(milliseconds(p.Time), 10))
	o.key("layers")
	o.open('{')
	if only := e.forms.Only; only != nil {
		only.print(o, p, &e.forms.Options)
	} else {
		e.tree = field.Tree(e.c, p, e.tree[:0])
		e.lapse.next(p)
		e.lapse.correct(e.tree)
		e.attributes(p, e.tree, "")
	}
	o.close('}')
	o.close('}')
	_, err := e.w.Write(append(o.b, '\n'))
	return err
}

// milliseconds since 1970, rounded down.
func milliseconds(ns int64) int64 {
	if ns%1e6 < 0 {
		return ns/1e6 - 1
	}
	return ns / 1e6
}

// attributes prints items, and what stands below those that are not protocols, as members of one object. Until Wireshark
// 4.2 equal names below different items were not gathered.
func (e *EK) attributes(p *ingest.Packet, nodes []field.Node, parent string) {
	g := gathering{at: map[string]int{}, split: !e.c.Since("4.2")}
	g.add(nodes, parent)
	for _, same := range g.list {
		e.attribute(p, same, parent)
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

func (e *EK) attribute(p *ingest.Packet, same [][]field.Node, parent string) {
	first := &same[0][0]
	name := abbreviation(first)
	if first.Field != nil {
		if over := first.Field.Registered(parent); over != "" {
			name = over + "_" + name
		}
	}
	if e.forms.Hex && len(first.Raw()) > 0 {
		e.o.list(name+"_raw", same, func(n []field.Node) { e.o.string(rawText(&n[0], n[0].Raw())) })
	}
	e.o.list(name, same, func(n []field.Node) { e.value(p, n) })
}

func (e *EK) value(p *ingest.Packet, nodes []field.Node) {
	n := &nodes[0]
	switch {
	case n.Field == nil:
		e.o.string(n.Label)
	case isProtocol(n):
		e.o.open('{')
		e.attributes(p, nodes[1:], n.Field.Name)
		e.o.close('}')
	case n.Field.Type == field.None, n.Field.Type == field.Boolean:
		e.o.b = n.Field.AppendEK(e.o.b, e.c, n.Value)
	default:
		e.text = n.Field.AppendEK(e.text[:0], e.c, n.Value)
		e.o.string(string(e.text))
	}
}

// rawText is an item's bytes in hex; of a part of bytes, its value.
func rawText(n *field.Node, b []byte) string {
	if n.Value.Mask() != 0 {
		return strings.ToUpper(strconv.FormatUint(uint64(n.Value.Int), 16))
	}
	return hex.EncodeToString(b)
}
