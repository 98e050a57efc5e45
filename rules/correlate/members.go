package correlate

import (
	"encoding/binary"
	"slices"

	"icmpsift/rules"
)

// members gathers the packets of a window or an incident. Those of incidents are joined once all are there: one after the
// other would take time with the square of their number.
type members struct {
	packets   packed
	more      int64 // packets that are only counted
	incidents []rules.Ranges
}

// maxMembers bounds the ranges of packets that are kept of one incident.
const maxMembers = 1 << 16

func (m *members) add(x *event, parts []*rules.Ranges) {
	if x.members != 0 {
		m.incidents = append(m.incidents, *parts[x.members-1])
		return
	}
	if m.more > 0 || m.packets.n >= maxMembers && x.number > m.packets.end+1 {
		m.more++
		return
	}
	m.packets.add(x.number)
}

func (m *members) cost() int { return cap(m.packets.before) + 24*len(m.incidents) }

// all gives the packets that are kept, and how many are not.
func (m *members) all() (kept rules.Ranges, more int64) {
	kept = m.packets.unpack()
	if len(m.incidents) == 0 {
		return kept, m.more
	}
	kept = kept.Union(m.incidents...)
	if len(kept) > maxMembers {
		more = kept[maxMembers:].Total()
		kept = slices.Clone(kept[:maxMembers])
	}
	return kept, more + m.more
}

// packed is a set of numbers, most of which come in rising order: a few bytes for each range.
type packed struct {
	n      int    // ranges
	before []byte // all but the last: what lies between each and the one before it, and its length
	done   int64  // where these end
	at     int64  // the last range
	end    int64
}

func (p *packed) add(n int64) {
	switch {
	case p.n == 0:
		*p = packed{n: 1, before: p.before, at: n, end: n}
	case n == p.end+1:
		p.end = n
	case n > p.end:
		p.before = binary.AppendVarint(p.before, p.at-p.done)
		p.before = binary.AppendUvarint(p.before, uint64(p.end-p.at))
		p.n, p.done, p.at, p.end = p.n+1, p.end, n, n
	case n < p.at:
		all := p.unpack()
		all.Add(n)
		p.pack(all)
	}
}

// pack makes the set that of the ranges.
func (p *packed) pack(all rules.Ranges) {
	*p = packed{}
	for _, r := range all {
		p.add(r.First)
		p.end = r.Last
	}
}

func (p *packed) unpack() rules.Ranges {
	if p.n == 0 {
		return nil
	}
	all, b, at := make(rules.Ranges, 0, p.n), p.before, int64(0)
	for len(b) > 0 {
		gap, n := binary.Varint(b)
		length, k := binary.Uvarint(b[n:])
		all = append(all, rules.Range{First: at + gap, Last: at + gap + int64(length)})
		at, b = at+gap+int64(length), b[n+k:]
	}
	return append(all, rules.Range{First: p.at, Last: p.end})
}

// first is the lowest number.
func (p *packed) first() int64 {
	if len(p.before) == 0 {
		return p.at
	}
	first, _ := binary.Varint(p.before)
	return first
}
