package tunnel

import (
	"cmp"
	"slices"

	"icmpsift/rules"
)

// piece is one message's share of a stream.
type piece struct {
	at      int64  // counter of the sender: of bytes or of messages
	data    []byte // as captured
	wire    int    // its length on the wire
	message int
}

// stream is the bytes that one side of a connection sent, in order.
type stream struct {
	from   int // host that sent it
	bytes  []byte
	holes  []hole // of bytes, in order; what was never captured is zeros there
	parts  []part
	closed bool // its end was seen
	spare  *purse
}

// part is where in the bytes a message's share starts.
type part struct {
	offset  int64
	message int
}

// hole is bytes of a stream that are missing; of unknown ones the length is 0 here.
type hole struct{ offset, length int64 }

func (t *talk) stream(from int) *stream { return &stream{from: from, spare: t.spare} }

// add appends a piece, and a hole for what of it was not captured.
func (s *stream) add(p piece) {
	s.parts = append(s.parts, part{int64(len(s.bytes)), p.message})
	s.bytes = append(s.bytes, p.data...)
	if missing := p.wire - len(p.data); missing > 0 && !s.skip(int64(missing)) {
		s.unknown()
	}
}

// skip leaves a hole of known length; it tells false where there is no room for it.
func (s *stream) skip(n int64) bool {
	if !s.spare.pay(n) {
		return false
	}
	s.holes = append(s.holes, hole{int64(len(s.bytes)), n})
	s.bytes = append(s.bytes, make([]byte, n)...)
	return true
}

// unknown leaves a hole of unknown length.
func (s *stream) unknown() { s.holes = append(s.holes, hole{int64(len(s.bytes)), 0}) }

// cut gives the bytes from start to end as they were captured, and the gaps in them. Zeros for holes are taken out.
func (s *stream) cut(start, end int64) (out []byte, gaps []rules.Gap) {
	for _, h := range s.holes {
		from, to := max(h.offset, start), min(h.offset+h.length, end)
		if h.offset < start && from >= to || h.offset > end || h.length > 0 && from >= to {
			continue
		}
		out = append(out, s.bytes[start:from]...)
		start = max(start, to)
		length := to - from
		if h.length == 0 {
			length = -1
		}
		gaps = append(gaps, rules.Gap{Offset: int64(len(out)), Length: length})
	}
	if gaps == nil {
		return s.bytes[start:end], nil
	}
	return append(out, s.bytes[start:end]...), gaps
}

// messages are those that brought the bytes from start to end, rising.
func (s *stream) messages(start, end int64) (out []int) {
	for i, p := range s.parts {
		next := int64(len(s.bytes))
		if i+1 < len(s.parts) {
			next = s.parts[i+1].offset
		}
		if p.offset < end && next > start {
			out = append(out, p.message)
		}
	}
	return sorted(out)
}

// sorted gives places rising, each once.
func sorted(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}

// counted joins pieces that their sender numbered one after another from 0 on: put in order, each number once. What has a
// number but no data is a piece without bytes.
func (t *talk) counted(from int, pieces []piece) *stream {
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(len(b.data), len(a.data))) // of resends the one captured longest
	})
	s := t.stream(from)
	next := int64(0)
	for _, p := range pieces {
		if p.at < next {
			continue
		}
		if p.at > next {
			s.unknown()
		}
		if next = p.at + 1; p.wire > 0 {
			s.add(p)
		}
	}
	return s
}

// unwrapped puts 16-bit numbers on a line: each lies where it is nearest to the highest before it.
type unwrapped struct {
	high int64
	any  bool
}

func (u *unwrapped) place(n uint16) int64 {
	if !u.any {
		u.any, u.high = true, int64(n)
		return u.high
	}
	at := u.high + int64(int16(n-uint16(u.high)))
	u.high = max(u.high, at)
	return at
}
