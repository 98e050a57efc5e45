package timeline

import (
	"crypto/sha256"
	"encoding/binary"

	"icmpsift/ingest"
)

// identity is what forwarding leaves unchanged: two sightings of one packet share it. It leaves out TTL and hop limit,
// the IPv4 header's checksum, which covers the TTL, and everything below IP (MACs, VLAN tags). The ICMP checksum is in
// it: no router changes that, and it may carry data.
type identity [16]byte

// identify works out a packet's identity; scratch is reused and given back.
func identify(p *ingest.Packet, scratch []byte) (identity, []byte) {
	b := scratch[:0]
	ip := carrier(p)
	if ip == nil {
		b = append(b, p.Data...)
	} else {
		b = appendInvariant(b, p, ip)
	}
	return identityOf(b), b
}

func identityOf(b []byte) identity {
	sum := sha256.Sum256(b)
	return identity(sum[:16])
}

// identifyPiece works out the identity of a fragment, whether it completes its datagram or not.
func identifyPiece(p *ingest.Packet, scratch []byte) (identity, []byte) {
	layers := p.Layers
	if p.Whole != nil { // what follows stands in the datagram
		layers = layers[:p.Whole.Layer+1]
	}
	b := scratch[:0]
	if ip := innermost(layers); ip != nil {
		b = append(appendHeader(b, ip, true), ip.Payload()...)
	}
	return identityOf(b), b
}

func appendInvariant(b []byte, p *ingest.Packet, ip *ingest.Layer) []byte {
	whole := p.Reassembled()
	b = appendHeader(b, ip, whole == nil)
	payload := ip.Payload()
	if whole != nil { // sensors may see the fragments in another order: what counts is the datagram
		payload = whole.Payload
	}
	m := p.Message()
	if m == nil {
		return append(b, payload...)
	}
	return binary.BigEndian.AppendUint32(append(b, payload...), uint32(m.Reported))
}

// appendHeader adds the fields of an IP header that routers leave alone (RFC 791, RFC 8200). Flags and fragment offset
// are left out of a datagram put together, since sensors may see another fragment last.
func appendHeader(b []byte, ip *ingest.Layer, flags bool) []byte {
	h := ip.Bytes[:min(ip.Header, len(ip.Bytes))]
	switch {
	case ip.Proto == ingest.ProtoIPv4 && len(h) >= 20:
		b = append(b, h[0], h[1], h[4], h[5], h[9])
		if flags {
			b = append(b, h[6], h[7])
		}
		return append(b, h[12:]...)
	case ip.Proto == ingest.ProtoIPv6 && len(h) >= 40:
		b = append(b, h[:4]...)
		b = append(b, h[6])
		return append(b, h[8:]...)
	}
	return append(b, h...)
}

// carrier is the IP header that carries the message; of a frame without one, the innermost.
func carrier(p *ingest.Packet) *ingest.Layer {
	if p.IP >= 0 {
		return &p.Layers[p.IP]
	}
	return innermost(p.Layers)
}

// innermost is the last IP header; nil if there is none.
func innermost(layers []ingest.Layer) *ingest.Layer {
	for i := len(layers) - 1; i >= 0; i-- {
		if l := &layers[i]; l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6 {
			return l
		}
	}
	return nil
}

// point is where packets are captured: a file's interface; on a Linux "any" capture, the interface the cooked header names.
type point struct {
	evidence, section, id int32
	index                 uint32
}

// vantage is a way to see a packet: from a point, with a TTL, under link-layer addresses.
type vantage struct {
	point
	ttl      uint8
	from, to uint64 // hashes of the link-layer source and destination; of a cooked header, its address and direction
}

func vantageOf(p *ingest.Packet) vantage {
	v := vantage{point: point{evidence: int32(p.Case.Evidence), section: int32(p.Section), id: int32(p.Interface)}, ttl: hops(carrier(p))}
	for i := range p.Layers {
		l := &p.Layers[i]
		switch head := l.Bytes[:min(l.Header, len(l.Bytes))]; {
		case l.Proto == ingest.ProtoEthernet && len(head) == 14:
			v.from, v.to = mix(v.from, head[6:12]), mix(v.to, head[:6])
		case l.Proto == ingest.ProtoSLL && len(head) == 16:
			v.from, v.to = mix(v.from, head[6:14]), mix(v.to, head[:2])
		case l.Proto == ingest.ProtoSLL && len(head) == 20: // version 2
			v.index = binary.BigEndian.Uint32(head[4:])
			v.from, v.to = mix(v.from, head[12:20]), mix(v.to, head[10:11])
		}
	}
	return v
}

// mix goes on with an FNV-1a hash.
func mix(h uint64, b []byte) uint64 {
	if h == 0 {
		h = 14695981039346656037
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

func hops(ip *ingest.Layer) uint8 {
	switch {
	case ip == nil:
		return 0
	case ip.Proto == ingest.ProtoIPv4 && len(ip.Bytes) > 8:
		return ip.Bytes[8]
	case ip.Proto == ingest.ProtoIPv6 && len(ip.Bytes) > 7:
		return ip.Bytes[7]
	}
	return 0
}

// maxHops is how many routers may lie between two sightings at the same point.
const maxHops = 4

// forwarded tells whether a sighting can be of the packet that the same point saw before as o, sent on by a router: a
// lower TTL, another sender and another receiver on the link. A repeat with the same look is another packet, and so is a
// probe whose sender varies the TTL, or its own MAC, but must send to the router's.
func (v vantage) forwarded(o vantage) bool {
	return v.ttl < o.ttl && o.ttl-v.ttl <= maxHops && v.from != o.from && v.to != o.to
}
