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
	Ordinary     bool   // its body is a known ping's, so that only a shared id, or anchors that look so too, speak for it
	Host         int    // which of several hosts it went to or came from, from 1; 0 where there is but one pair
	Ident, Seq   uint16 // bytes 4-5 and 6-7 of the ICMP header
	Shape        Shape

	first int // of what two joined fields hold, so many bytes are the first one's
}

// Shape is what packets written by one program tend to share.
type Shape struct {
	TTL, TOS, Code uint8
	DontFragment   bool
	Length         int // bytes of the message
	Tail           int // of them: behind the fields that the message's type prescribes
}

// Order is how pieces were put in order.
type Order string

// Orders of pieces.
const (
	ByTime  Order = "time"
	BySeq   Order = "seq"
	ByIndex Order = "index" // by a number that the pieces themselves hold
	Auto    Order = "auto"
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
	size    int // piece length that all packets but the last share, 0 if there is none
}

// Options of a carving.
type Options struct {
	Order    Order
	Field    bool     // the carrier is a header field: the tail must look the same; else it is the payload itself
	Decode   []string // encodings to undo, the outermost first; empty: those that are found
	Plain    bool     // bytes come back as they were sent
	Required bool     // only what is believable, or cannot be an ordinary sender's, comes back
	Spread   bool     // the packets are those of several pairs of hosts, with one host in all; what comes back must have come from several pairs
	All      bool     // every candidate belongs, whoever sent it
}

// Carve makes streams of the candidates, which must come in order of time. Without anchors there is none.
func Carve(all []Candidate, o Options) []Stream {
	members := belonging(all, o)
	var out []Stream
	for _, part := range byIdent(members) {
		for _, file := range bySilence(part) {
			if s := join(file, o.Order); len(s.Bytes) > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}

// maxIdents bounds the identifiers that are taken for as many senders; more of them are one sender's that change.
const maxIdents = 16

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
	if len(order) < 2 || !kept(len(order), len(members)) {
		return [][]Candidate{members}
	}
	out := make([][]Candidate, len(order))
	for i, id := range order {
		out[i] = parts[id]
	}
	return out
}

// kept tells whether so few identifiers on so many packets are ones that their senders keep.
func kept(idents, packets int) bool { return idents <= maxIdents && 4*idents <= packets }

// join puts the packets in order and their pieces together.
func join(members []Candidate, want Order) (s Stream) {
	q := sequenced(members, nil, want)
	return q.stream()
}

// sequence is packets in order.
type sequence struct {
	members []Candidate
	place   []int64 // of each, where the order is by a count; else nil
	order   Order
	repeats int
}

// sequenced puts packets in order: by the places that are given, else by sequence number if that counts, else as they came.
func sequenced(members []Candidate, place []int64, want Order) sequence {
	if place != nil && want != ByTime && want != BySeq {
		members, place, repeats := byPlace(members, place)
		return sequence{members, place, ByIndex, repeats}
	}
	r, counts := numbering(members)
	if want == BySeq || want != ByTime && counts {
		members, place, repeats := r.sorted(members)
		if !counts {
			place = nil
		}
		return sequence{members, place, BySeq, repeats}
	}
	if r, counts = byIdentifier(members); want != ByTime && counts {
		members, place, repeats := r.sorted(members)
		return sequence{members, place, BySeq, repeats}
	}
	members, repeats := once(members)
	return sequence{members, nil, ByTime, repeats}
}

// stream joins the pieces.
func (q sequence) stream() (s Stream) {
	s.Order, s.Repeats, s.size = q.order, q.repeats, usual(q.members)
	for i, c := range q.members {
		if q.place != nil && i > 0 {
			s.missing(q.place[i] - q.place[i-1] - 1)
		}
		s.Pieces = append(s.Pieces, Piece{c.Number, c.Time, int64(len(s.Bytes))})
		s.Bytes = append(s.Bytes, c.Value...)
		if c.Wire > len(c.Value) {
			s.Gaps = append(s.Gaps, Gap{int64(len(s.Bytes)), int64(c.Wire - len(c.Value))})
		}
	}
	return s
}

// missing notes the hole that n packets left.
func (s *Stream) missing(n int64) {
	if n <= 0 {
		return
	}
	length := int64(-1)
	if s.size > 0 {
		length = n * int64(s.size)
	}
	s.Gaps = append(s.Gaps, Gap{int64(len(s.Bytes)), length})
}

// usual is the piece length that all packets but the last share, 0 if there is none.
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

// sorted puts the packets in order of place and drops repeats: the same number with the same bytes. Of repeats the one
// captured best is kept.
func (r reading) sorted(members []Candidate) (out []Candidate, place []int64, repeats int) {
	for _, i := range r.order {
		c, at := members[i], r.place[i]
		if k := len(out) - 1; k >= 0 && place[k] == at && out[k].agrees(c) {
			repeats++
			if len(c.Value) > len(out[k].Value) {
				out[k] = c
			}
			continue
		}
		out, place = append(out, c), append(place, at)
	}
	return out, place, repeats
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
