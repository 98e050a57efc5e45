// Package exchange pairs requests with replies, in two scopes. [File] is Wireshark's matching (tshark -2) on one file,
// [Spooled] the same in bounded memory; [Case] is icmpsift's own on the merged timeline, which also finds replies that
// differ from their request, pairs of other types than echo, and what ICMP errors quote.
package exchange

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

// File matches echo requests and replies as Wireshark does (packet-icmp.c, packet-icmpv6.c, all of 3.6 to 4.4): by the
// checksum the reply must have, identifier and sequence number, inside an unordered address pair; the latest request
// wins; nothing expires. The zero value is ready. State grows with requests that no reply was matched to, by some 150
// bytes each: no bound can give Wireshark's answers, which never expire. Where that may be too much, use [Spooled].
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
	kind       uint8
}

// What a key's kind is made of. The two protocols and the two address families may carry each other. Wireshark's
// conversations have a port type, which is UDP's for all that a tunnel over UDP or UDP-Lite carries (VXLAN, GTP-U,
// Teredo): a reply inside such a tunnel does not answer a request outside.
const (
	kindIPv4 = 1 << iota
	kindICMPv6
	kindUDP
	kindRequest // never in a key: an event in a spool
)

// event is what matching knows of an echo packet.
type event struct {
	key     fileKey
	at      Request // the packet itself, request or reply
	request bool
}

// Matchable tells whether Wireshark would try to match an echo packet: it shows the frame, the packet was on the wire
// itself, and the capture holds both addresses and the 8 bytes of echo header.
func Matchable(p *ingest.Packet) bool {
	_, _, ok := ends(p)
	return ok
}

// ends gives the addresses of a packet that takes part in matching.
func ends(p *ingest.Packet) (src, dst netip.Addr, ok bool) {
	m := p.Message()
	if m == nil || len(m.Bytes) < 8 || p.Salvaged || p.Sampled() || p.ConnectivityTest() {
		return src, dst, false
	}
	src, dst = p.Src(), p.Dst()
	return src, dst, src.IsValid() && dst.IsValid()
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
	var e event
	if !e.of(p, place) {
		return m, false
	}
	return x.take(&e)
}

func (x *File) take(e *event) (m Match, ok bool) {
	if e.request {
		if x.open == nil {
			x.open = map[fileKey]Request{}
		}
		x.open[e.key] = e.at
		return m, false
	}
	if m.Request, ok = x.open[e.key]; !ok {
		return m, false
	}
	// Wireshark keeps the answered transaction, but a second reply to it gets nothing: the same as forgetting it.
	delete(x.open, e.key)
	m.Time = e.at.Time - m.Request.Time
	return m, true
}

// of reads a packet; false for those that take no part.
func (e *event) of(p *ingest.Packet, place int64) bool {
	request, reply := p.Echo()
	if !request && !reply {
		return false
	}
	src, dst, ok := ends(p)
	if !ok {
		return false
	}
	if dst.Less(src) {
		src, dst = dst, src
	}
	b := p.Message().Bytes
	e.request, e.at = request, Request{p.Number, p.Time, place}
	e.key = fileKey{low: src.As16(), high: dst.As16(), ident: binary.BigEndian.Uint16(b[4:]), seq: binary.BigEndian.Uint16(b[6:]), kind: kindOf(p, src)}
	e.key.checksum = meeting(binary.BigEndian.Uint16(b[2:]), request, p.V6())
	return true
}

// meeting is the checksum on which request and reply meet, that of one of them: the reply's for ICMP, the request's for
// ICMPv6; the types differ by 8<<8 and 1<<8 in the one's-complement sum (RFC 1624).
func meeting(checksum uint16, request, icmp6 bool) uint16 {
	sum := uint32(checksum)
	switch {
	case request && !icmp6:
		sum += 0x0800
	case !request && icmp6:
		sum += 0x0100
	}
	if sum = sum&0xffff + sum>>16; sum == 0xffff {
		return 0
	}
	return uint16(sum)
}

func kindOf(p *ingest.Packet, address netip.Addr) (kind uint8) {
	if address.Is4() {
		kind |= kindIPv4
	}
	if p.V6() {
		kind |= kindICMPv6
	}
	for i := range p.Layers[:p.ICMP] {
		if proto := p.Layers[i].Proto; proto == ingest.ProtoUDP || proto == ingest.ProtoUDPLite {
			kind |= kindUDP
		}
	}
	return kind
}
