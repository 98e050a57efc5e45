// Package recover puts the bytes back together that packets carried: [Carve] takes the candidate packets of one
// sender and receiver with what each carries, decides which belong together and in which order, drops repeats and
// joins them. It never pads: holes are told as gaps.
package recover

import (
	"sort"
	"time"
)

// Candidate is a packet of the pair that may carry a piece.
type Candidate struct {
	Number, Time int64  // timeline number and case time
	Value        []byte // what it carries, as captured
	Wire         int    // how long that was on the wire
	Anchor       bool   // the rule's filter matched it: it surely belongs
	Ordinary     bool   // it looks like ordinary traffic (a stock ping), so that only a shared id speaks for it
	Ident, Seq   uint16 // bytes 4-5 and 6-7 of the ICMP header
	Shape        Shape
}

// Shape is what packets written by one program tend to share.
type Shape struct {
	TTL, TOS, Code uint8
	DontFragment   bool
	Tail           int // bytes behind the fields that the message's type prescribes
}

// Order is how pieces were put in order.
type Order string

// Orders of pieces.
const (
	ByTime Order = "time"
	BySeq  Order = "seq"
	Auto   Order = "auto"
)

// Piece is one packet's share of a stream.
type Piece struct {
	Number, Time int64
	Offset       int64 // in the stream's bytes
}

// Gap is a hole at an offset of the stream's bytes; Length -1 where it is not known.
type Gap struct{ Offset, Length int64 }

// Stream is pieces joined.
type Stream struct {
	Bytes   []byte
	Pieces  []Piece
	Gaps    []Gap
	Order   Order
	Repeats int // packets dropped because an equal piece was there
}

// Options of a carving.
type Options struct {
	Order Order
	Field bool // the carrier is a header field: the tail must look the same; else it is the payload itself
}

// Carve makes streams of the candidates, which must come in order of time. Without anchors there is none.
func Carve(all []Candidate, o Options) []Stream {
	members := belonging(all, o)
	var out []Stream
	for _, part := range byIdent(members) {
		if s := join(part, o.Order); len(s.Bytes) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// byIdent splits packets by echo identifier when few identifiers carry many packets each: a sender's process keeps its
// identifier, so two of them are two streams. Identifiers that change with every packet say nothing.
func byIdent(members []Candidate) [][]Candidate {
	parts, order := map[uint16][]Candidate{}, []uint16{}
	for _, c := range members {
		if parts[c.Ident] == nil {
			order = append(order, c.Ident)
		}
		parts[c.Ident] = append(parts[c.Ident], c)
	}
	if len(order) < 2 || 4*len(order) > len(members) {
		return [][]Candidate{members}
	}
	out := make([][]Candidate, len(order))
	for i, id := range order {
		out[i] = parts[id]
	}
	return out
}

// join puts the packets in order and their pieces together.
func join(members []Candidate, want Order) (s Stream) {
	sequence, step := numbering(members)
	s.Order = ByTime
	if want == BySeq || want == Auto && step > 0 {
		s.Order = BySeq
		members, s.Repeats = bySequence(members, sequence)
	}
	size := usual(members)
	for i, c := range members {
		if s.Order == BySeq && i > 0 && step > 0 {
			if missing := (sequence[c.Number]-sequence[members[i-1].Number])/step - 1; missing > 0 {
				s.gap(missing, size)
			}
		}
		s.Pieces = append(s.Pieces, Piece{c.Number, c.Time, int64(len(s.Bytes))})
		s.Bytes = append(s.Bytes, c.Value...)
		if c.Wire > len(c.Value) {
			s.Gaps = append(s.Gaps, Gap{int64(len(s.Bytes)), int64(c.Wire - len(c.Value))})
		}
	}
	return s
}

func (s *Stream) gap(missing int64, size int) {
	length := int64(-1)
	if size > 0 {
		length = missing * int64(size)
	}
	s.Gaps = append(s.Gaps, Gap{int64(len(s.Bytes)), length})
}

// usual is the piece length that nearly all packets share, 0 if there is none; the last piece may be shorter.
func usual(members []Candidate) int {
	if len(members) < 3 {
		return 0
	}
	size := members[0].Wire
	for _, c := range members[:len(members)-1] {
		if c.Wire != size {
			return 0
		}
	}
	return size
}

// bySequence sorts by sequence number and drops repeats: the same number with the same bytes.
func bySequence(members []Candidate, sequence map[int64]int64) (out []Candidate, repeats int) {
	sorted := append([]Candidate(nil), members...)
	sort.SliceStable(sorted, func(i, j int) bool { return sequence[sorted[i].Number] < sequence[sorted[j].Number] })
	for _, c := range sorted {
		if k := len(out); k > 0 && sequence[out[k-1].Number] == sequence[c.Number] {
			repeats++
			if len(c.Value) > len(out[k-1].Value) { // the better captured of the two
				out[k-1] = c
			}
			continue
		}
		out = append(out, c)
	}
	return out, repeats
}

// reach is how long a silence may be before packets no longer belong to the run next to it.
func reach(run []Candidate) int64 {
	gaps := make([]int64, 0, len(run))
	for i := 1; i < len(run); i++ {
		gaps = append(gaps, run[i].Time-run[i-1].Time)
	}
	sort.Slice(gaps, func(i, j int) bool { return gaps[i] < gaps[j] })
	if len(gaps) == 0 {
		return int64(time.Minute)
	}
	return max(int64(time.Minute), 10*gaps[len(gaps)/2])
}
