package exchange

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
	"net/netip"

	"icmpsift/ingest"
)

// quotes finds the request or reply that an ICMP error quotes, among those of the last [Expiry]: by its addresses,
// type, identifier, sequence number and checksum, and among repetitions by the identification of its IPv4 header.
type quotes struct {
	seed    maphash.Seed
	latest  map[uint64]int64 // by hash: place of the latest such message
	sent    []mention        // in order of arrival; the one of index i has place base+i
	first   int
	base    int64
	limit   int
	evicted int64
	blind   int64 // until this time an error may quote a message that was given up
}

// mention is a request or reply that may come to be quoted.
type mention struct {
	hash         uint64
	number, time int64
	older        int64 // place of the message before with the same hash, which may be gone
	ipID         uint16
	verdict      verdict // of the error that is told
}

// maxRepeats bounds the search among repetitions of one message.
const maxRepeats = 256

func newQuotes(seed maphash.Seed, limit int) quotes {
	return quotes{seed: seed, latest: map[uint64]int64{}, limit: limit, blind: math.MinInt64}
}

// hash is alike for a message and for what an error quotes of it. The first 8 bytes are all that an error must quote
// (RFC 792); of them the checksum stands for the rest.
func (q *quotes) hash(src, dst netip.Addr, m *ingest.Layer) uint64 {
	return maphash.Comparable(q.seed, struct {
		src, dst netip.Addr
		head     [8]byte
		proto    ingest.Proto
	}{src, dst, [8]byte(m.Bytes), m.Proto})
}

func ipID(ip *ingest.Layer) uint16 {
	if ip.Proto == ingest.ProtoIPv4 && len(ip.Bytes) >= 6 {
		return binary.BigEndian.Uint16(ip.Bytes[4:])
	}
	return 0
}

func (q *quotes) add(p *ingest.Packet) {
	for q.first < len(q.sent) && p.Case.Time-q.sent[q.first].time > int64(Expiry) {
		q.drop()
	}
	h := q.hash(p.Src(), p.Dst(), p.Message())
	older, repeated := q.latest[h]
	if !repeated {
		older = -1
	}
	q.latest[h] = q.base + int64(len(q.sent))
	q.sent = append(q.sent, mention{hash: h, number: p.Case.Number, time: p.Case.Time, older: older, ipID: ipID(&p.Layers[p.IP])})
	for len(q.sent)-q.first > q.limit {
		q.evicted++
		q.blind = max(q.blind, q.sent[q.first].time+int64(Expiry))
		q.drop()
	}
}

func (q *quotes) drop() {
	if m := &q.sent[q.first]; q.latest[m.hash] == q.base+int64(q.first) {
		delete(q.latest, m.hash)
	}
	if q.first++; q.first > len(q.sent)/4 {
		q.base += int64(q.first)
		q.sent, q.first = append(q.sent[:0], q.sent[q.first:]...), 0
	}
}

// find gives the message that is quoted, the latest that fits. A repetition with another IPv4 identification fits if it
// is the only one, for some routers change that number; one with its bytes swapped, if there is no better. Nothing found
// is certain only if nothing fits and nothing was given up.
func (q *quotes) find(src, dst netip.Addr, m *ingest.Layer, id uint16, now int64) (found *mention, certain bool) {
	at, ok := q.latest[q.hash(src, dst, m)]
	if !ok {
		return nil, now > q.blind
	}
	var swapped, any *mention
	fits := 0
	for ; at >= q.base+int64(q.first); at = any.older {
		if fits++; fits > maxRepeats {
			return nil, false
		}
		switch any = &q.sent[at-q.base]; {
		case any.ipID == id:
			return any, true
		case swapped == nil && any.ipID == bits.ReverseBytes16(id):
			swapped = any
		}
	}
	if swapped == nil && fits == 1 && now > q.blind {
		return any, true
	}
	return swapped, false
}
