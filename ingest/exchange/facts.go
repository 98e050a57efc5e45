package exchange

import (
	"errors"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
)

// Facts keeps what case scope tells of packets, by their number on the timeline, in bounded memory. A [Case] fills it.
type Facts struct {
	pairs *spool.Slots // two a packet: flags, a count and the other packet's number; and a time
	blame *spool.Slots // one a packet: the error that quotes it, and whether that says the packet failed
}

// NewFacts starts empty: nothing is told of any packet.
func NewFacts(b *spool.Budget) *Facts {
	return &Facts{pairs: spool.NewSlots(b), blame: spool.NewSlots(b)}
}

// What the first number of a packet is made of. Nothing told is zero; a fact that says nothing has bitTold alone.
const (
	bitTold = 1 << iota
	bitReply
	bitError
	bitDiffers
	bitTruncated
	bitUnlike
	bitUnsolicited
	bitUnseen
	bitGroup
	bitUnasked
	flagBits  = 10
	countBits = 16
	maxCount  = 1<<countBits - 1
)

// put replaces what is told of a packet. Counts are kept up to 65,535, packet numbers up to 2^37.
func (f *Facts) put(number int64, r ingest.Reply) {
	a, other, count := int64(bitTold), r.In, r.Count
	switch {
	case r.To != 0 || r.Unsolicited:
		a, other, count = a|bitReply, r.To, r.Extra
	case r.ErrorTo != 0 || r.Unseen:
		a, other = a|bitError, r.ErrorTo
	}
	for i, on := range [...]bool{r.Differs, r.Truncated, r.Unlike, r.Unsolicited, r.Unseen, r.Group, r.Unasked} {
		if on {
			a |= bitDiffers << i
		}
	}
	f.pairs.Set(2*number, a|int64(min(count, maxCount))<<flagBits|other<<(flagBits+countBits))
	f.pairs.Set(2*number+1, r.Time)
}

// accuse tells which error quotes a packet; failed, that the error says it did not get through.
func (f *Facts) accuse(number, by int64, failed bool) {
	v := by << 1
	if failed {
		v |= 1
	}
	f.blame.Set(number, v)
}

// Of gives what is told of a packet whose place on the timeline is known.
func (f *Facts) Of(p *ingest.Packet) (r ingest.Reply) {
	x, request := p.Exchange()
	if x == ingest.NoExchange && verdictOf(p) == nothing || p.Sampled() {
		return r
	}
	number := p.Case.Number
	a := f.pairs.Get(2 * number)
	r = unpack(a, f.pairs.Get(2*number+1))
	if x != ingest.NoExchange {
		by := f.blame.Get(number)
		r.ErrorIn = by >> 1
		r.Unanswered = request && a == 0 && by&1 == 0
	}
	return r
}

func unpack(a, time int64) ingest.Reply {
	other, count := a>>(flagBits+countBits), int(a>>flagBits&maxCount)
	r := ingest.Reply{Time: time, Differs: a&bitDiffers != 0, Truncated: a&bitTruncated != 0, Unlike: a&bitUnlike != 0,
		Unsolicited: a&bitUnsolicited != 0, Unseen: a&bitUnseen != 0, Group: a&bitGroup != 0, Unasked: a&bitUnasked != 0}
	switch {
	case a&bitReply != 0:
		r.To, r.Extra = other, count
	case a&bitError != 0:
		r.ErrorTo = other
	default:
		r.In, r.Count = other, count
	}
	return r
}

// Err is the first error of the temporary files.
func (f *Facts) Err() error { return errors.Join(f.pairs.Err(), f.blame.Err()) }

// Close gives memory and files back.
func (f *Facts) Close() error { return errors.Join(f.pairs.Close(), f.blame.Close()) }
