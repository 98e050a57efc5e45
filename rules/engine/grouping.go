package engine

import (
	"hash/maphash"
	"math/bits"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules/correlate"
)

// grouping is what correlations group packets by. Several rules that one packet matches do it by the same fields, which are read once.
type grouping struct {
	fields []*field.Field
	packet *ingest.Packet // read last, and its number: memory is used again
	number int64
	key    []byte
	pair   correlate.Pair // which of a packet's two hosts are the group; its key is 0 where the group is something else
}

// grouping gives the grouping by fields of these names.
func (m *matcher) grouping(names []string) (*grouping, error) {
	all := strings.Join(names, " ")
	g := m.groupings[all]
	if g != nil {
		return g, nil
	}
	g = &grouping{}
	for _, name := range names {
		f, err := named(name, "")
		if err != nil {
			return nil, err
		}
		g.fields = append(g.fields, f)
	}
	m.groupings[all] = g
	return g, nil
}

// ends tells whether a packet's two hosts may be the group.
func (g *grouping) ends() bool {
	return g != nil && len(g.fields) == 2 && g.fields[0].Type == field.Address && g.fields[1].Type == field.Address
}

// read works out the packet's group, if it is not known.
func (m *matcher) read(g *grouping, p *ingest.Packet) {
	if g.packet == p && g.number == p.Case.Number {
		return
	}
	g.packet, g.number, g.key, g.pair = p, p.Case.Number, g.key[:0], correlate.Pair{}
	var ends pair
	for i, f := range g.fields {
		g.key = m.appendValue(g.key, f, p)
		if len(m.values) == 0 {
			continue
		}
		if i == 0 {
			ends.src = m.values[0].Addr
		} else {
			ends.dst = m.values[0].Addr
		}
	}
	if g.ends() && (ends == pair{p.Src(), p.Dst()} || ends == pair{p.Dst(), p.Src()}) {
		g.pair = m.pairOf(ends)
	}
}

// counted is what a field says of a packet to the rules that count its values or compute with them, read once for all of them.
type counted struct {
	field  *field.Field
	packet *ingest.Packet // read last, and its number: memory is used again
	number int64
	values []field.Value
	key    []byte // the first value, as it is told from others; empty until it is asked for
	hash   uint32 // stands for it, never 0
}

// countedOf gives what is counted of a field.
func (m *matcher) countedOf(f *field.Field) *counted {
	c := m.counted[f]
	if c == nil {
		c = &counted{field: f}
		m.counted[f] = c
	}
	return c
}

// count reads what is counted of a packet, if it is not known; it tells whether there is a value.
func (m *matcher) count(c *counted, p *ingest.Packet) bool {
	if c.packet == p && c.number == p.Case.Number {
		return len(c.values) > 0
	}
	c.packet, c.number, c.key = p, p.Case.Number, c.key[:0]
	if c.values = c.field.Values(m.context, p, c.values[:0]); len(c.values) == 0 {
		return false
	}
	if v := &c.values[0]; number(c.field.Type) && v.Float == 0 {
		high, low := bits.Mul64(uint64(v.Int)^m.salts[0], m.salts[1]|1)
		c.hash = max(1, uint32(high^low))
	} else {
		c.hash = max(1, uint32(maphash.Bytes(m.seed, c.bytes())))
	}
	return true
}

// bytes are the first value.
func (c *counted) bytes() []byte {
	if octets(c.field.Type) {
		return c.values[0].Bytes
	}
	if len(c.key) == 0 {
		c.key = appendFirst(c.key, c.field.Type, c.values)
	}
	return c.key
}

func (c *counted) amount() float64 { return amount(&c.values[0]) }

// pairOf is the pair of hosts, the same for both directions, and which direction it is.
func (m *matcher) pairOf(ends pair) (out correlate.Pair) {
	both := either(ends.src, ends.dst)
	if both != ends {
		out.Side = 1
	}
	out.Key = max(1, maphash.Comparable(m.seed, both))
	return out
}
