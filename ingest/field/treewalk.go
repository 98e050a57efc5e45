package field

import (
	"strings"

	"icmpsift/ingest"
)

// walker walks a structure of layer i of the packet into d.
type walker func(p *ingest.Packet, i int, d *dissection)

// walk adds what a walker finds in layer i. The walker gives names and values in order; where each stands follows from the
// layout below x, or else from its bytes and its name: see [walked.derived].
func (t *tree) walk(x *item, i, depth int) {
	if x.types != nil && !x.typed(t.p.Layers[i].Bytes) {
		return
	}
	d := t.dissection()
	*d = dissection{c: t.c, src: source(t.p, i), all: true, b: t.p.Layers[i].Bytes, dst: d.dst[:0], names: d.names[:0]}
	if x.walk(t.p, i, d); len(d.names) > 0 {
		w := &walked{tree: t, layout: x, layer: i, depth: depth, d: d}
		for k, name := range d.names {
			w.add(k, name)
		}
	}
	t.spare = append(t.spare, d)
}

// dissection is one to use; walks can stand in walks.
func (t *tree) dissection() (d *dissection) {
	n := len(t.spare)
	if n == 0 {
		return &dissection{}
	}
	d, t.spare = t.spare[n-1], t.spare[:n-1]
	return d
}

// walked is a walker's find being put in place.
type walked struct {
	*tree
	layout *item
	layer  int
	depth  int // of what stands in nothing else
	d      *dissection
	open   []opened // the items that the next one may stand in, outermost first
	texts  int      // how many items that are only text were added
}

type opened struct {
	name  string
	value Value
}

func (w *walked) add(k int, name string) {
	v, place := w.d.dst[k], w.place(name)
	if place == nil || !w.enter(k, name, place) {
		w.close(w.derived(name, v))
	}
	if place != nil && place.raw != nil {
		v = place.raw.read(w.d.b, v)
	}
	depth := w.depth + len(w.open)
	switch e, f := expertNamed[name], byName[name]; {
	case e != nil:
		w.expert(e, w.layer, v, depth, nil)
		return
	case f != nil:
		w.nodes = append(w.nodes, Node{Field: f, Value: v, Depth: depth})
	}
	if place != nil && place.inside && w.nested != w.layer {
		w.inside(w.layout, w.layer, depth)
		w.nested = w.layer
	}
	w.open = append(w.open, opened{name, v})
}

// place is where the layout puts the name: of several places that whose item is open, else the first.
func (w *walked) place(name string) *place {
	all := w.layout.places[name]
	if len(all) == 0 {
		return nil
	}
	for _, p := range all {
		if n := len(p.over); n > 0 && w.find(p.over[n-1].name, 0) >= 0 {
			return p
		}
	}
	return all[0]
}

// derived is how many items stay open for one that no layout places: part of a number stands in the number; what has a name
// that begins with another's stands in that; heads of a structure stand at the top, and what is not one in the last.
func (w *walked) derived(name string, v Value) int {
	switch {
	case w.layout.head(name):
		return 0
	case w.layout.flat:
		return min(1, len(w.open))
	}
	least := 0
	if len(w.open) > 0 && w.layout.head(w.open[0].name) {
		least = 1
	}
	for n := len(w.open); n > least; n-- {
		if over := &w.open[n-1]; holdsBits(over.value, v) || begins(name, over.name) {
			return n
		}
	}
	return least
}

// holdsBits tells whether part was read from some bits of the number's bytes.
func holdsBits(number, part Value) bool {
	return number.mask == 0 && part.mask != 0 && len(number.Bytes) == len(part.Bytes) && len(part.Bytes) > 0 && &number.Bytes[0] == &part.Bytes[0]
}

// begins tells whether the name is the other's with a dot and more behind it.
func begins(name, other string) bool {
	return len(name) > len(other) && name[len(other)] == '.' && strings.HasPrefix(name, other)
}

func (w *walked) close(n int) { w.open = w.open[:n] }

// enter opens the items that the layout puts the name in: fields that are open already, texts as needed. It tells whether
// there is one.
func (w *walked) enter(k int, name string, place *place) bool {
	n, found := 0, len(place.over) == 0
	for _, over := range place.over {
		at := w.find(over.name, n)
		switch {
		case over.text != nil && (at < 0 || over.items[0].name == name):
			if at >= 0 {
				n = at
			}
			w.close(n)
			w.texts++
			w.nodes = append(w.nodes, Node{Label: over.text(w.rest(k), &w.p.Layers[w.layer], w.texts), Depth: w.depth + n})
			w.open = append(w.open, opened{name: over.name})
			n, found = n+1, true
		case at >= 0:
			n, found = at+1, true
		}
	}
	if found {
		w.close(n)
	}
	return found
}

// find looks for an open item of that name from n inwards; -1 if there is none.
func (w *walked) find(name string, n int) int {
	for i := len(w.open) - 1; i >= n; i-- {
		if w.open[i].name == name {
			return i
		}
	}
	return -1
}

// rest is what the walker found from k on, as nodes, for texts that tell of what stands in them.
func (w *walked) rest(k int) []Node {
	var ahead []Node
	for end := min(k+summary, len(w.d.names)); k < end; k++ {
		ahead = append(ahead, Node{Field: byName[w.d.names[k]], Value: w.d.dst[k]})
	}
	return ahead
}

// summary is how many items a text tells of at most.
const summary = 4
