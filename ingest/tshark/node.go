package tshark

// add appends a node without value to the level.
func (t *tree) add(l *level, key string) (int32, error) {
	if t.ek {
		key = t.names.name(key)
	}
	return t.label(l, key)
}

// label appends a node of that very name.
func (t *tree) label(l *level, name string) (int32, error) {
	if len(t.items) > maxNodes {
		return 0, errNodes
	}
	i := int32(len(t.items))
	t.items = append(t.items, item{Node: Node{Name: name, Pos: -1}})
	if p := &t.items[l.parent]; p.child == 0 {
		p.child, p.last = i, i
	} else {
		t.items[p.last].next, p.last = i, i
	}
	l.run = append(l.run, i)
	return i, nil
}

// hang hangs the bytes on a node.
func (t *tree) hang(i int32, r raw) {
	n := &t.items[i].Node
	n.Raw, n.Pos, n.Len, n.Mask = r.hex, r.pos, max(0, r.len), r.mask
}

// flat appends the siblings from i on, each with its children behind it.
func (t *tree) flat(i int32, depth int, dst []Node) []Node {
	for ; i != 0; i = t.items[i].next {
		n := t.items[i].Node
		n.Depth = depth
		dst = append(dst, n)
		dst = t.flat(t.items[i].child, depth+1, dst)
	}
	return dst
}
