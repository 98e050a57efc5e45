package tunnel

import (
	"encoding/binary"
	"slices"
)

// tagLength is that of the constant that each payload starts with.
const tagLength = 4

// maxTold bounds the length that a transfer can tell.
const maxTold = 64 << 20

// openTagged brings back transfers of the form that CS-EXTC2-ICMP has: number 0 tells the length, the pieces follow with
// the numbers from 1 on. What else is said behind the tag is joined as it came.
func openTagged(t *talk) (c Content) {
	tag, ok := t.tag()
	if !ok {
		return c
	}
	carrier := "sift.payload[4:]"
	told := false
	for from := range 2 {
		s, rest := t.transferred(from, tag)
		if s != nil {
			told = true
			c.Finds = append(c.Finds, t.whole(s, carrier, "seq"))
		}
		if other := t.following(from, rest); len(other.bytes) > 0 {
			c.Finds = append(c.Finds, t.whole(other, carrier, "time"))
		}
	}
	if !told {
		return Content{}
	}
	return c
}

// tag is what all payloads that programs wrote start with.
func (t *talk) tag() (tag string, ok bool) {
	n := 0
	for _, i := range t.said() {
		b := t.messages[i].Payload
		if len(b) == 0 {
			continue
		}
		if len(b) < tagLength || n > 0 && string(b[:tagLength]) != tag {
			return "", false
		}
		tag = string(b[:tagLength])
		n++
	}
	return tag, n >= 3
}

// transferred gives a host's first transfer, nil if there is none, and what else it said.
func (t *talk) transferred(from int, tag string) (s *stream, rest []piece) {
	var pieces []piece
	length := int64(-1)
	for _, i := range t.said() {
		m := &t.messages[i]
		if m.From != from || len(m.Payload) < tagLength {
			continue
		}
		if n := m.tells(); n > 0 {
			if length < 0 {
				length = n
			}
			continue
		}
		p := piece{at: int64(m.Seq) - 1, data: m.Payload[tagLength:], wire: m.Wire - tagLength, message: i}
		rest = append(rest, p)
		pieces = append(pieces, p)
	}
	s, used := t.gathered(from, pieces, length)
	if s == nil {
		return nil, rest
	}
	return s, rest[used:]
}

// tells gives the length that a message tells, -1 if it is not of the kind that does.
func (m *Message) tells() int64 {
	b := m.Payload
	if m.Seq != 0 || len(b) < tagLength+4 || slices.ContainsFunc(b[tagLength+4:], func(c byte) bool { return c != 0 }) {
		return -1
	}
	if n := binary.BigEndian.Uint32(b[tagLength:]); n > 0 && n <= maxTold {
		return int64(n)
	}
	return -1
}

// gathered joins so many pieces as the length told needs; used is how many packets they came in. It is no transfer where
// the numbers or sizes do not fit.
func (t *talk) gathered(from int, pieces []piece, length int64) (s *stream, used int) {
	if length < 0 || len(pieces) == 0 || pieces[0].wire == 0 {
		return nil, 0
	}
	size := int64(pieces[0].wire)
	for _, p := range pieces {
		size = max(size, int64(p.wire))
	}
	count := (length + size - 1) / size
	last := length - (count-1)*size
	s = t.stream(from)
	parts := make([]*piece, 0, min(count, int64(len(pieces))))
	for i := range pieces {
		p := &pieces[i]
		if p.at < 0 || p.at >= count || p.at < count-1 && int64(p.wire) != size || p.at == count-1 && int64(p.wire) < last {
			break
		}
		parts, used = append(parts, p), i+1
		if p.at == count-1 {
			p.wire, p.data = int(last), p.data[:min(int64(len(p.data)), last)]
			break
		}
	}
	if used == 0 || pieces[used-1].at != count-1 {
		return nil, 0
	}
	slices.SortStableFunc(parts, func(a, b *piece) int { return int(a.at - b.at) })
	next := int64(0)
	for _, p := range parts {
		if p.at < next {
			continue
		}
		if missing := (p.at - next) * size; missing > 0 && !s.skip(missing) {
			return nil, 0
		}
		s.add(*p)
		next = p.at + 1
	}
	return s, used
}
