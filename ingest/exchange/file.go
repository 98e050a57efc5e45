// Package exchange pairs requests with replies, in two scopes. [File] is Wireshark's matching (tshark -2) on one file;
// [Case] is icmpsift's own on the merged timeline, which also finds replies that differ from their request.
package exchange

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

// File matches echo requests and replies as Wireshark does (packet-icmp.c, packet-icmpv6.c, all of 3.6 to 4.4): by the
// checksum the reply must have, identifier and sequence number, inside an unordered address pair; the latest request
// wins; nothing expires. The zero value is ready. State grows with requests that no reply was matched to, by some 150
// bytes each: no bound can give Wireshark's answers, which never expire.
type File struct{ open map[fileKey]Request }

// Request is an open request: where it stands.
type Request struct{ Frame, Time, Place int64 }

// Match is a reply's request and the time between them in nanoseconds, which may be negative.
type Match struct {
	Request Request
	Time    int64
}

// fileKey holds addresses as bytes: without pointers the garbage collector has nothing to do in a map of millions.
type fileKey struct {
	low, high  [16]byte
	checksum   uint16
	ident, seq uint16
	ip4, icmp6 bool // two address families, two protocols: each may carry the other
}

// Matchable tells whether Wireshark would try to match an echo packet: it shows the frame, and the capture holds both
// addresses and the 8 bytes of echo header.
func Matchable(p *ingest.Packet) bool {
	m := p.Message()
	return m != nil && len(m.Bytes) >= 8 && !p.Salvaged && p.Src().IsValid() && p.Dst().IsValid()
}

// Unicast tells whether Wireshark expects a reply from the address: not multicast, not 255.255.255.255. A directed
// broadcast counts as unicast, because its mask is unknown.
func Unicast(a netip.Addr) bool {
	if a.Is4() {
		return !a.IsMulticast() && a != limitedBroadcast
	}
	return a.As16()[0] != 0xff // IsMulticast would look into addresses that embed an IPv4 one
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Add takes the next packet of the file; place is its place in the extract. For a reply whose request is open it gives the match.
func (x *File) Add(p *ingest.Packet, place int64) (m Match, ok bool) {
	request, reply := p.Echo()
	if !request && !reply || !Matchable(p) {
		return m, false
	}
	key := keyOf(p, request)
	if request {
		if x.open == nil {
			x.open = map[fileKey]Request{}
		}
		x.open[key] = Request{p.Number, p.Time, place}
		return m, false
	}
	if m.Request, ok = x.open[key]; !ok {
		return m, false
	}
	// Wireshark keeps the answered transaction, but a second reply to it gets nothing: the same as forgetting it.
	delete(x.open, key)
	m.Time = p.Time - m.Request.Time
	return m, true
}

// keyOf builds the matching key. Request and reply meet on the checksum of one of them: the reply's for ICMP, the
// request's for ICMPv6; the types differ by 8<<8 and 1<<8 in the one's-complement sum (RFC 1624).
func keyOf(p *ingest.Packet, request bool) fileKey {
	b, src, dst := p.Message().Bytes, p.Src(), p.Dst()
	if dst.Less(src) {
		src, dst = dst, src
	}
	k := fileKey{low: src.As16(), high: dst.As16(), ident: binary.BigEndian.Uint16(b[4:]), seq: binary.BigEndian.Uint16(b[6:]), ip4: src.Is4(), icmp6: p.V6()}
	sum := uint32(binary.BigEndian.Uint16(b[2:]))
	switch {
	case request && !k.icmp6:
		sum += 0x0800
	case !request && k.icmp6:
		sum += 0x0100
	}
	sum = sum&0xffff + sum>>16
	if sum == 0xffff {
		sum = 0
	}
	k.checksum = uint16(sum)
	return k
}
