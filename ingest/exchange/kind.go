package exchange

import (
	"bytes"
	"hash/maphash"

	"icmpsift/ingest"
)

// form says what the reply of an exchange has to return, counted from behind the identifier and sequence number.
type form struct {
	returned int  // bytes at the front that come back as they were sent
	fixed    int  // bytes before the data that a sender may add
	data     bool // the data has to come back; elsewhere a reply may leave it off
}

// RFC 792: the data of an echo is returned, and so is the originate timestamp; an information message has no data. RFC
// 950: the responder fills in the mask. RFC 8335: a reply has no data at all, though Linux returns the request's. RFC 4443
// has echo as RFC 792 does.
var forms = [ingest.Exchanges]form{
	ingest.EchoExchange:        {data: true},
	ingest.TimestampExchange:   {returned: 4, fixed: 12},
	ingest.InformationExchange: {},
	ingest.MaskExchange:        {fixed: 4},
	ingest.ExtendedExchange:    {},
}

// body is what stands behind identifier and sequence number.
type body struct {
	bytes []byte // as captured
	wire  int    // how many there were
}

func bodyOf(m *ingest.Layer) body { return body{m.Bytes[8:], m.Reported - 8} }

func (b body) from(n int) body {
	return body{b.bytes[min(n, len(b.bytes)):], max(0, b.wire-n)}
}

// agrees tells whether two bodies begin alike, as far as both were captured.
func (b body) agrees(c body) bool {
	n := min(len(b.bytes), len(c.bytes))
	return bytes.Equal(b.bytes[:n], c.bytes[:n])
}

// compare weighs a reply against its request as far as both were captured. A reply that returns nothing of the data is
// not truncated.
func (f form) compare(request, reply body) (differs, truncated bool) {
	head := body{request.bytes[:min(f.returned, len(request.bytes))], min(f.returned, request.wire)}
	if reply.wire < head.wire || !reply.agrees(head) {
		return true, false
	}
	sent, got := request.from(f.fixed), reply.from(f.fixed)
	switch {
	case got.wire == 0 && !f.data:
		return false, false
	case !got.agrees(sent):
		return true, false
	}
	return got.wire != sent.wire, 0 < got.wire && got.wire < sent.wire
}

// content stands for all that a reply says: equal for replies that are alike as captured, and for others never but by
// a chance of 2^-64, which nobody can help along.
func content(seed maphash.Seed, x ingest.Exchange, m *ingest.Layer) uint64 {
	c := struct {
		sum         uint64
		wire        int
		code, state byte
	}{sum: maphash.Bytes(seed, m.Bytes[8:]), wire: m.Reported, code: m.Bytes[1]}
	if x == ingest.ExtendedExchange {
		c.state = m.Bytes[7]
	}
	return maphash.Comparable(seed, c)
}
