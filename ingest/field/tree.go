package field

import (
	"slices"
	"sync"

	"icmpsift/ingest"
)

// Node is one item of a packet's tree, as Wireshark's packet details show it.
type Node struct {
	Field *Field // nil for an item that is only text
	Label string // that text; of a protocol without items of its own, what Wireshark says in their place
	Value Value
	Depth int // 0 for layers
}

// Tree appends the packet's items in Wireshark's order, parents before their children, hidden items included, to dst.
// Bytes alias the packet. What stands where is said by the layouts (treelayout.go) and the walkers of repeated structures.
func Tree(c *Context, p *ingest.Packet, dst []Node) []Node { return build(c, p, dst, nil) }

// build is Tree that notes in the plan, if there is one, where items have their values.
func build(c *Context, p *ingest.Packet, dst []Node, plan *Plan) []Node {
	t := trees.Get().(*tree)
	t.c, t.p, t.nodes, t.nested, t.plan = c, p, dst, -1, plan
	defer t.rest()
	t.layer(ingest.ProtoFrame, -1, 0)
	if raw := byName["raw"]; raw != nil && rawLink(p) {
		t.note(fixed(Value{}))
		t.nodes = append(t.nodes, Node{Field: raw, Label: "Raw packet data"})
	}
	for i := range p.Layers {
		if t.standsAlone(i) {
			t.layer(p.Layers[i].Proto, i, 0)
			t.flush()
		}
	}
	t.problems()
	return t.nodes
}

// trees are used again, for what they hold beside the nodes.
var trees = sync.Pool{New: func() any { return &tree{} }}

// rest ends with a tree that is built.
func (t *tree) rest() {
	t.c, t.p, t.nodes, t.values, t.late, t.plan = nil, nil, nil, t.values[:0], t.late[:0], nil
	trees.Put(t)
}

// tree is a tree being built.
type tree struct {
	c      *Context
	p      *ingest.Packet
	nodes  []Node
	values []Value // a stack: what is worked on lies on top
	late   []int   // layers that stand at the top although found inside another
	nested int     // the layer in which a walker put what stands inside it
	spare  []*dissection
	plan   *Plan // being made, nil mostly
}

// standsAlone tells whether a layer is an item at the top: quoted layers, extension headers and the payload of an ICMP
// message stand inside others.
func (t *tree) standsAlone(i int) bool {
	l := &t.p.Layers[i]
	return !t.isQuoted(i) && !extends(l.Proto) && !(l.Proto == ingest.ProtoData && t.inMessage(i))
}

// isQuoted tells whether an ICMP message quotes the layer; packets that others hold, such as sampled ones, stand alone.
func (t *tree) isQuoted(i int) bool {
	for quoted := t.p.Layers[i].Quoted; quoted > 0; {
		if i = int(t.p.Layers[i].Parent); i < 0 || i >= len(t.p.Layers) {
			return false
		}
		if l := &t.p.Layers[i]; l.Quoted < quoted {
			return l.Proto == ingest.ProtoICMPv4 || l.Proto == ingest.ProtoICMPv6
		}
	}
	return false
}

// inMessage tells whether the layer is what an ICMP message carries.
func (t *tree) inMessage(i int) bool {
	parent := t.p.Layers[i].Parent
	if parent < 0 || int(parent) >= len(t.p.Layers) {
		return false
	}
	proto := t.p.Layers[parent].Proto
	return proto == ingest.ProtoICMPv4 || proto == ingest.ProtoICMPv6
}

// layer adds one layer with all that stands in it.
func (t *tree) layer(proto ingest.Proto, i, depth int) {
	layout := layouts[proto]
	if layout == nil || i >= 0 && len(t.p.Layers[i].Bytes) == 0 {
		return
	}
	at := len(t.nodes)
	t.item(layout, i, depth)
	if len(t.nodes) == at+1 {
		t.nodes[at].Label = protocolTitles[proto]
	}
}

// protocolTitles are what Wireshark shows in the place of items of a protocol that has none in the packet.
var protocolTitles = map[ingest.Proto]string{
	ingest.ProtoICMPv4: "Internet Control Message Protocol", ingest.ProtoICMPv6: "Internet Control Message Protocol v6",
	ingest.ProtoERSPAN: "Encapsulated Remote Switch Packet ANalysis Type I", ingest.ProtoTeredo: "Teredo IPv6 over UDP tunneling",
}

// flush adds the layers that were put off until the layer they were found in is done.
func (t *tree) flush() {
	for _, i := range t.late {
		t.layer(t.p.Layers[i].Proto, i, 0)
	}
	t.late = t.late[:0]
}

// inside adds the layers that stand in layer i: extension headers in IPv6, payload and quoted datagram in ICMP.
func (t *tree) inside(x *item, i, depth int) {
	if t.p.Layers[i].Proto == ingest.ProtoIPv6 {
		t.extensionHeaders(x, i, depth)
		return
	}
	l := &t.p.Layers[i]
	for k := i + 1; k < len(t.p.Layers); k++ {
		switch in := &t.p.Layers[k]; {
		case in.Quoted == l.Quoted && t.inMessage(k) && int(in.Parent) == i:
			t.layer(in.Proto, k, depth)
		case in.Quoted == l.Quoted+1 && !extends(in.Proto) && (int(in.Parent) == i || !t.inMessage(k)):
			t.quoted(k, depth)
		case in.Quoted <= l.Quoted:
			return
		}
	}
}

// extensionHeaders adds those of the IPv6 header in layer i, and what the layout has for the fragment header that completes a
// datagram behind that.
func (t *tree) extensionHeaders(x *item, i, depth int) {
	completed := false
	for k := i + 1; k < len(t.p.Layers) && extends(t.p.Layers[k].Proto) && t.p.Layers[k].Quoted == t.p.Layers[i].Quoted; k++ {
		t.layer(t.p.Layers[k].Proto, k, depth)
		if t.p.Completed(k) != nil && !completed {
			completed = true
			t.children(x, i, depth)
		}
	}
	if !completed {
		t.children(x, i, depth)
	}
}

// quoted adds a layer of a quoted datagram. What UDP and TCP carry hung at the top until Wireshark 4.2.
func (t *tree) quoted(k, depth int) {
	if parent := t.p.Layers[k].Parent; !t.c.since("4.4") && parent >= 0 {
		switch t.p.Layers[parent].Proto {
		case ingest.ProtoUDP, ingest.ProtoTCP:
			t.late = append(t.late, k)
			return
		}
	}
	t.layer(t.p.Layers[k].Proto, k, depth)
}

// item adds what the layout says of one item, its children behind it.
func (t *tree) item(x *item, i, depth int) {
	switch {
	case x.since != "" && !t.c.since(x.since) || x.before != "" && t.c.since(x.before):
	case x.inside:
		if t.nested != i {
			t.inside(x, i, depth)
		}
	case x.walk != nil:
		t.walk(x, i, depth)
	case x.text != nil:
		t.text(x, i, depth)
	case x.expert != nil:
		t.experts(x.expert, i, depth)
	case x.field != nil:
		t.field(x, i, depth)
	}
}

func (t *tree) children(x *item, i, depth int) {
	for _, in := range x.items {
		t.item(in, i, depth)
	}
}

// field adds an item for each value, or for the one the layout asks for.
func (t *tree) field(x *item, i, depth int) {
	if x.with != nil && !t.has(x.with, i) {
		return
	}
	from := len(t.values)
	get := x.field.unspelled()
	t.values = get(t.c, t.p, i, t.values)
	to := len(t.values)
	if from == to { // what stands in it stands there all the same
		t.children(x, i, depth)
	}
	start := from
	if x.nth < 0 {
		start = to - 1
	}
	for k := max(start, from); k < to; k++ {
		if v := &t.values[k]; x.takes(k-from, i, t.p, v) {
			if t.plan != nil {
				t.note(sourceOf(x.field, get, t.p, i, k-from, x.raw, v))
			}
			if x.raw != nil && i >= 0 {
				*v = x.raw.read(t.p.Layers[i].Bytes, *v)
			}
			t.node(x.field, v, depth)
			t.children(x, i, depth+1)
		}
	}
	t.values = t.values[:from]
}

// node adds an item. Values are large, and a packet has some eighty: they are copied as seldom as can be.
func (t *tree) node(f *Field, v *Value, depth int) {
	n := len(t.nodes)
	t.nodes = slices.Grow(t.nodes, 1)[:n+1]
	in := &t.nodes[n]
	in.Field, in.Label, in.Value, in.Depth = f, "", *v, depth
}

// has tells whether layer i has a value for the field.
func (t *tree) has(f *Field, i int) bool {
	from := len(t.values)
	t.values = f.Get(t.c, t.p, i, t.values)
	some := len(t.values) > from
	t.values = t.values[:from]
	return some
}

// text adds an item that is only text, if anything stands in it.
func (t *tree) text(x *item, i, depth int) {
	at := len(t.nodes)
	t.nodes = append(t.nodes, Node{Depth: depth})
	t.children(x, i, depth+1)
	if len(t.nodes) == at+1 {
		t.nodes = t.nodes[:at]
		return
	}
	t.nodes[at].Label = x.text(t.nodes[at+1:], &t.p.Layers[i], 1)
}

// experts adds the expert items of one kind found in layer i.
func (t *tree) experts(e *expert, i, depth int) {
	from := len(t.values)
	t.values = e.items(t.c, t.p, i, t.values)
	for k := from; k < len(t.values); k++ {
		t.expert(e, i, t.values[k], depth, e.says(k-from))
	}
	t.values = t.values[:from]
}

// says gets what the nth item of the kind says in a layer; nil where only a walk tells.
func (e *expert) says(nth int) getter {
	if e.get == nil {
		return nil
	}
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		from := len(dst)
		dst = e.get(c, p, i, dst)
		return append(dst[:from], Value{Text: e.message(p, i, dst[from+nth])})
	}
}

// expert adds one expert item: its own field, then what every expert item says, which says gets from other packets of the kind.
func (t *tree) expert(e *expert, i int, v Value, depth int, says getter) {
	add := func(name string, v Value, depth int) {
		if f := byName[name]; f != nil {
			switch {
			case says != nil && v.Text == "":
				t.note(fixed(v))
			case says != nil:
				t.note(Source{get: says, layer: i})
			}
			t.nodes = append(t.nodes, Node{Field: f, Value: v, Depth: depth})
		}
	}
	add("_ws.expert", Value{}, depth)
	add(e.name, Value{Int: 1}, depth+1)
	add("_ws.expert.message", Value{Text: e.message(t.p, i, v)}, depth+1)
	add("_ws.expert.severity", Value{Int: e.severity}, depth+1)
	add("_ws.expert.group", Value{Int: e.group}, depth+1)
	if e.group == groupMalformed {
		t.nodes = append(t.nodes, Node{Field: byName["_ws.malformed"], Label: "Malformed Packet", Depth: depth})
	}
}

// problems adds what Wireshark says when a dissector ran out of bytes.
func (t *tree) problems() {
	switch {
	case malformed(t.c, t.p):
		t.nodes = append(t.nodes, Node{Field: byName["_ws.malformed"]})
		t.expert(&malformedKind, -1, Value{}, 1, nil)
	case short(t.c, t.p):
		t.nodes = append(t.nodes, Node{Field: byName["_ws.short"], Label: "[Packet size limited during capture: " + t.innermost() + " truncated]"})
	}
}

// innermost names the protocol whose dissector was at work last; in a quoted datagram Wireshark holds on to its IP header.
func (t *tree) innermost() string {
	for i := len(t.p.Layers) - 1; i >= 0; i-- {
		l := &t.p.Layers[i]
		if l.Quoted > 0 && l.Proto != ingest.ProtoIPv4 && l.Proto != ingest.ProtoIPv6 {
			continue
		}
		if name := spoken[l.Proto]; name != "" {
			return name
		}
	}
	return "Frame"
}

// spoken is how Wireshark calls protocols in its columns (their short names).
var spoken = map[ingest.Proto]string{
	ingest.ProtoEthernet: "Ethernet", ingest.ProtoVLAN: "VLAN", ingest.ProtoQinQ: "IEEE 802.1AD", ingest.ProtoSLL: "SLL", ingest.ProtoNull: "Null/Loopback",
	ingest.ProtoARP: "ARP", ingest.ProtoIPv4: "IPv4", ingest.ProtoIPv6: "IPv6", ingest.ProtoAH: "AH", ingest.ProtoGRE: "GRE", ingest.ProtoUDP: "UDP",
	ingest.ProtoTCP: "TCP", ingest.ProtoICMPv4: "ICMP", ingest.ProtoICMPv6: "ICMPv6", ingest.ProtoPPPoE: "PPPoES", ingest.ProtoPPP: "PPP",
	ingest.ProtoMPLS: "MPLS", ingest.ProtoVXLAN: "VXLAN", ingest.ProtoGeneve: "GENEVE", ingest.ProtoGTP: "GTP", ingest.ProtoTeredo: "TEREDO",
	ingest.ProtoERSPAN: "ERSPAN", ingest.ProtoLLC: "LLC",
}
