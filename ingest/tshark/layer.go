package tshark

import (
	"slices"
	"strings"
)

// layer is a protocol's part of a packet: its own fields, in order, and the layers it holds.
type layer struct {
	name   string
	fields []leaf
	inner  []*layer
	raw    string
}

// leaf is a node with a value. Repeated fields are handed out one behind the other.
type leaf struct {
	name, value string
	taken       bool
}

// protocols are the nodes that are layers of their own; everything else without a value groups the fields of its layer.
var protocols = map[string]bool{"frame": true, "eth": true, "vlan": true, "ieee8021ad": true, "sll": true, "null": true, "ip": true, "ipv6": true,
	"icmp": true, "icmpv6": true, "udp": true, "tcp": true, "data": true, "gre": true, "vxlan": true, "mpls": true, "arp": true, "llc": true, "ah": true,
	"ppp": true, "pppoes": true, "pppoe": true, "geneve": true, "gtp": true, "teredo": true, "erspan": true, "dns": true, "chdlc": true, "raw": true}

// Bounds on hostile exports: a report of 65,535 bytes has some 13,000 fields, and no frame this many headers.
const (
	maxFields = 1 << 15
	maxLayers = 64
)

// outer is the layers at the top of a packet, from the outside in.
func outer(nodes []Node, ordered bool) []*layer {
	top := &layer{}
	gather(top, nodes, 0)
	layers := top.inner[:min(len(top.inner), maxLayers)]
	if ordered {
		return layers
	}
	return arranged(layers)
}

// gather sorts the nodes from the front on that lie at the depth or below it into the layer, and tells how many they are.
func gather(l *layer, nodes []Node, depth int) int {
	i := 0
	for i < len(nodes) && nodes[i].Depth >= depth {
		n := &nodes[i]
		i++
		switch {
		case n.Valued && len(l.fields) < maxFields:
			l.fields = append(l.fields, leaf{name: n.Name, value: n.Value})
		case depth == 0 || protocols[n.Name]:
			inner := &layer{name: n.Name, raw: n.Raw}
			l.inner = append(l.inner, inner)
			i += gather(inner, nodes[i:], n.Depth+1)
		case n.Raw != "" && len(l.fields) < maxFields:
			l.fields = append(l.fields, leaf{name: n.Name})
		}
	}
	return i
}

// arranged puts layers in the order of frame.protocols: -T ek of 4.2 and later has none of its own.
func arranged(layers []*layer) []*layer {
	var path []string
	for _, l := range layers {
		if v, ok := l.peek("frame.protocols"); ok && l.name == "frame" {
			path = strings.SplitN("frame:"+v, ":", maxLayers)
		}
	}
	out := make([]*layer, 0, len(layers))
	for _, name := range path {
		if i := slices.IndexFunc(layers, func(l *layer) bool { return l != nil && l.name == name }); i >= 0 {
			out = append(out, layers[i])
			layers[i] = nil
		}
	}
	for _, l := range layers {
		if l != nil {
			out = slices.Insert(out, behind(out, l), l)
		}
	}
	return out
}

// behind is where a layer goes that frame.protocols leaves out, as 4.4 does with IP in MPLS: in front of what IP carries,
// or else last.
func behind(out []*layer, l *layer) int {
	for i, x := range out {
		if (l.name == "ip" || l.name == "ipv6") && ranks[x.name] > 0 {
			return i
		}
	}
	return len(out)
}

// peek gives the field's first value, taken or not.
func (l *layer) peek(name string) (string, bool) {
	for i := range l.fields {
		if l.fields[i].name == name {
			return l.fields[i].value, true
		}
	}
	return "", false
}

// take gives the field's next value.
func (l *layer) take(name string) (string, bool) {
	for i := range l.fields {
		if f := &l.fields[i]; f.name == name && !f.taken {
			f.taken = true
			return f.value, true
		}
	}
	return "", false
}

// number is a field's first value as a number of a header: none is larger than 16 bits.
func (l *layer) number(name string) (int, bool) {
	v, ok := l.peek(name)
	if !ok {
		return 0, false
	}
	n, ok := integer(v)
	return int(min(n, 0xffff)), ok
}

func (l *layer) has(name string) bool { _, ok := l.peek(name); return ok }

// find gives the first layer of that name inside, nil if there is none.
func (l *layer) find(name string) *layer {
	for _, x := range l.inner {
		if x.name == name {
			return x
		}
	}
	return nil
}
