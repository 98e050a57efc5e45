package tunnel

import (
	"cmp"
	"encoding/binary"
	"slices"

	"icmpsift/ingest/payload"
)

// taggedCarrier is where the data stand.
const taggedCarrier = "sift.payload[4:]"

// tagLength is that of the constant that each payload starts with.
const tagLength = 4

// maxTold bounds the length that a transfer can tell.
const maxTold = 64 << 20

// openTagged brings back transfers of the form that CS-EXTC2-ICMP has: number 0 tells the length, the pieces follow with
// the numbers from 1 on. A host's first transfer is a find of its own where it is a file, as the program is that an implant fetches first; the others, which are
// tasks and their results, are joined in their order, and so is what else is said behind the tag.
func openTagged(t *talk) (c Content) {
	if !t.tagged() {
		return c
	}
	told := false
	for from := range 2 {
		all := t.transferred(from)
		if len(all) == 0 {
			continue
		}
		first := t.stream(from)
		if rest, ok := t.gathered(first, all[0]); ok {
			told = true
			if len(all) == 1 || known(first.bytes) {
				c.Finds, all[0] = append(c.Finds, t.whole(first, taggedCarrier, "seq")), transfer{-1, rest}
			}
		}
		if s, whole := t.inTurn(from, all); len(s.bytes) > 0 {
			told = told || whole
			c.Finds = append(c.Finds, t.whole(s, taggedCarrier, "time"))
		}
	}
	if !told {
		return Content{}
	}
	return c
}

// known tells whether bytes begin as a file of a known format does.
func known(b []byte) bool {
	_, _, certain := payload.Magic(b)
	return certain
}

// inTurn joins transfers; whole tells whether one of them was of the length that was told before it.
func (t *talk) inTurn(from int, all []transfer) (s *stream, whole bool) {
	s = t.stream(from)
	for _, x := range all {
		if len(x.pieces) == 0 {
			continue
		}
		rest, ok := t.gathered(s, x)
		whole = whole || ok
		for _, p := range rest {
			s.add(p)
		}
	}
	return s, whole
}

// tagged tells whether all payloads that programs wrote start with the same bytes.
func (t *talk) tagged() bool {
	n, tag := 0, ""
	for _, i := range t.said() {
		b := t.messages[i].Payload
		if len(b) == 0 {
			continue
		}
		if len(b) < tagLength || n > 0 && string(b[:tagLength]) != tag {
			return false
		}
		tag = string(b[:tagLength])
		n++
	}
	return n >= 3
}

// transfer is pieces, and the length that was told before them; -1 where none was.
type transfer struct {
	length int64
	pieces []piece
}

// transferred gives what a host sent, parted where it told a length.
func (t *talk) transferred(from int) (all []transfer) {
	current := transfer{length: -1}
	flush := func() {
		if len(current.pieces) > 0 {
			all = append(all, current)
		}
	}
	for _, i := range t.said() {
		m := &t.messages[i]
		if m.From != from || len(m.Payload) < tagLength {
			continue
		}
		if n := m.tells(); n > 0 {
			flush()
			current = transfer{length: n}
			continue
		}
		current.pieces = append(current.pieces, piece{at: int64(m.Seq) - 1, data: m.Payload[tagLength:], wire: m.Wire - tagLength, message: i})
	}
	flush()
	return all
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

// gathered adds the pieces of a transfer in their order, as many bytes as were told, and gives what was said behind it. It adds none where the
// numbers or sizes do not fit.
func (t *talk) gathered(s *stream, x transfer) (rest []piece, ok bool) {
	if x.length < 0 || x.pieces[0].wire == 0 {
		return x.pieces, false
	}
	size := int64(0)
	for _, p := range x.pieces {
		size = max(size, int64(p.wire))
	}
	count := (x.length + size - 1) / size
	last := x.length - (count-1)*size
	end := slices.IndexFunc(x.pieces, func(p piece) bool { return p.at == count-1 }) + 1
	for end > 0 && end < len(x.pieces) && int64(x.pieces[end].wire) == size && x.pieces[end].late(x.pieces[:end], count) {
		end++
	}
	pieces := slices.Clone(x.pieces[:end])
	for i := range pieces {
		p := &pieces[i]
		if p.at < 0 || p.at >= count || p.at < count-1 && int64(p.wire) != size || p.at == count-1 && int64(p.wire) < last {
			return x.pieces, false
		}
		if p.at == count-1 {
			p.wire, p.data = int(last), p.data[:min(int64(len(p.data)), last)]
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.at, b.at) })
	return x.pieces[end:], end > 0 && s.ordered(pieces, size)
}

// late tells whether a piece was overtaken by the last one: it is missing from those before it.
func (p piece) late(before []piece, count int64) bool {
	return p.at < count-1 && !slices.ContainsFunc(before, func(o piece) bool { return o.at == p.at })
}

// ordered adds pieces by their numbers, each once, and holes of so many bytes for those that are missing; it tells false where there is no room for these.
func (s *stream) ordered(pieces []piece, size int64) bool {
	next := int64(0)
	for _, p := range pieces {
		if p.at < next {
			continue
		}
		if missing := (p.at - next) * size; missing > 0 && !s.skip(missing) {
			return false
		}
		s.add(p)
		next = p.at + 1
	}
	return true
}
