package exchange

import "icmpsift/ingest"

const (
	bitReply = 1 << iota
	bitDiffers
	bitTruncated
	bitUnsolicited
	bits = 4
)

// Pack puts a reply's facts into two numbers for spooling; [Unpack] reads them. Extra is kept up to 65,535.
func Pack(r ingest.Reply) (a, b int64) {
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

// Unpack reads what Pack made; a request whose numbers are zero is unanswered.
func Unpack(a, b int64, request bool) (r ingest.Reply) {
	other := a >> (bits + 16)
	if a&bitReply == 0 {
		return ingest.Reply{In: other, Time: b, Unanswered: request && other == 0}
	}
	return ingest.Reply{To: other, Time: b, Differs: a&bitDiffers != 0, Truncated: a&bitTruncated != 0, Unsolicited: a&bitUnsolicited != 0,
		Extra: int(a >> bits & 0xffff)}
}
