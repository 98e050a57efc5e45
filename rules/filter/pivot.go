package filter

import (
	"math"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// pivots are fields that cost little, have few values, and are asked for by much of what a pack asks: once they are read,
// most of it is known.
var pivots = [7]string{ // as many as fit into the number of a kind, beside the protocols
	"sift.payload.class", "sift.payload.stock", "sift.payload.tool", "sift.zone.src", "sift.zone.dst", "sift.echo.unprompted", "sift.unsolicited",
}

// pivotal gives the pivots that a relation asks for, as a set of their places; none if it asks for anything that does not
// follow from them and from the type.
func pivotal(n node) (set uint8) {
	only := true
	walk(n, func(n node) {
		x, ok := n.(*name)
		if !ok || x.field == nil {
			return
		}
		i := slices.Index(pivots[:], x.field.Name)
		if i >= 0 {
			set |= 1 << i
		}
		only = only && !x.raw && (i >= 0 || slices.Contains(ofType, x.field.Name))
	})
	if !only {
		return 0
	}
	return set
}

// kinds tells the packets of a type apart by the protocols of their layers and by their pivots: those of one kind are shown
// to a bucket of their own, in which nothing is asked that follows from these.
type kinds struct {
	set     uint8 // the pivots that several filters ask for
	on      []operand
	protos  []ingest.ProtoSet // as they were met
	values  [][]field.Value   // of each pivot, as they were met
	buckets map[uint64]*bucket
}

// few is how many filters must ask for a pivot for it to be worth reading.
const few = 2

func newKinds(terms []*term, on []operand) *kinds {
	k, asking := &kinds{buckets: map[uint64]*bucket{}}, [len(pivots)]int{}
	for _, t := range terms {
		set := t.pivots()
		for i := range asking {
			asking[i] += int(set >> i & 1)
		}
	}
	for i, n := range asking {
		if n >= few {
			k.set, k.on = k.set|1<<i, append(k.on, on[i])
		}
	}
	k.values = make([][]field.Value, len(k.on))
	return k
}

// pivots gives the pivots that relations of the term ask for.
func (t *term) pivots() (set uint8) {
	if t.op != "" {
		set = t.x.pivots()
	}
	if t.y != nil {
		set |= t.y.pivots()
	}
	if t.asked != nil {
		set |= t.asked.pivots
	}
	return set
}

// of numbers the kind of a packet: a byte for the protocols, and one for each pivot. It gives up where there are too many.
func (k *kinds) of(m *machine, p *ingest.Packet) (kind uint64, ok bool) {
	n, ok := k.stack(p.Protos())
	kind = uint64(n)
	for i := 0; ok && i < len(k.on); i++ {
		n, ok = k.place(i, k.on[i].eval(m, p))
		kind = kind<<8 | uint64(n)
	}
	return kind, ok
}

// stack numbers the protocols of a packet.
func (k *kinds) stack(s ingest.ProtoSet) (n uint8, ok bool) {
	for i := range k.protos {
		if k.protos[i] == s {
			return uint8(i), true
		}
	}
	if len(k.protos) > math.MaxUint8 {
		return 0, false
	}
	k.protos = append(k.protos, s)
	return uint8(len(k.protos) - 1), true
}

// place numbers the value of a pivot; zero is none.
func (k *kinds) place(i int, values []field.Value) (n uint8, ok bool) {
	if len(values) != 1 {
		return 0, len(values) == 0
	}
	known, v := k.values[i], &values[0]
	for j := range known {
		if known[j].Int == v.Int && known[j].Text == v.Text {
			return uint8(j + 1), true
		}
	}
	if len(known) == math.MaxUint8 {
		return 0, false
	}
	k.values[i] = append(known, *v)
	return uint8(len(known) + 1), true
}

// decides tells what the packet's kind says of a term.
func (k *kinds) decides(m *machine, p *ingest.Packet) func(*term) *term {
	protos := p.Protos()
	return func(t *term) *term {
		switch r := t.asked; {
		case r == nil:
			return nil
		case slices.ContainsFunc(r.fields, func(f *field.Field) bool { return !f.Within(&protos) }):
			return never
		case r.pivots == 0 || r.pivots&^k.set != 0:
			return nil
		case !r.test(m, p):
			return never
		}
		return always
	}
}
