package exchange

import "icmpsift/ingest"

const (
	bitTold = 1 << iota // sets an empty fact apart from no fact
	bitReply
	bitDiffers
	bitTruncated
	bitUnsolicited
	bits = 5
)

// Pack puts what was told of a packet into two numbers for spooling, where two zeros say that nothing was told;
// [Unpack] reads them. Extra is kept up to 65,535, packet numbers up to 2^42.
func Pack(r ingest.Reply) (a, b int64) {
	a = bitTold
	other := r.In
	if r.To != 0 || r.Unsolicited {
		other = r.To
		a |= bitReply
	}
	if r.Differs {
		a |= bitDiffers
	}
	if r.Truncated {
		a |= bitTruncated
	}
	if r.Unsolicited {
		a |= bitUnsolicited
	}
	return a | int64(min(r.Extra, 0xffff))<<bits | other<<(bits+16), r.Time
}

// Unpack reads what Pack made; a request of which nothing was told is unanswered.
func Unpack(a, b int64, request bool) ingest.Reply {
	other := a >> (bits + 16)
	switch {
	case a == 0:
		return ingest.Reply{Unanswered: request}
	case a&bitReply == 0:
		return ingest.Reply{In: other, Time: b}
	}
	return ingest.Reply{To: other, Time: b, Differs: a&bitDiffers != 0, Truncated: a&bitTruncated != 0, Unsolicited: a&bitUnsolicited != 0,
		Extra: int(a >> bits & 0xffff)}
}
