package timeline

import (
	"crypto/sha256"
	"encoding/binary"

	"icmpsift/ingest"
)

// identity is what forwarding leaves unchanged: two sightings of one packet share it. It leaves out TTL and hop limit,
// checksums, and everything below IP (MACs, VLAN tags).
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
	sum := sha256.Sum256(b)
	return identity(sum[:16]), b
}

func appendInvariant(b []byte, p *ingest.Packet, ip *ingest.Layer) []byte {
	b = appendHeader(b, ip, p.Fragment)
	payload := ip.Payload()
	if p.Whole != nil { // sensors may see the fragments in another order: what counts is the datagram
		payload = p.Whole.Payload
	}
	m := p.Message()
	if m == nil || len(m.Bytes) > len(payload) || len(m.Bytes) < 4 {
		return append(b, payload...)
	}
	b = append(b, payload[:len(payload)-len(m.Bytes)]...) // extension headers
	b = append(b, m.Bytes[:2]...)
	b = append(b, m.Bytes[4:]...)
	return binary.BigEndian.AppendUint32(b, uint32(m.Reported))
}

// appendHeader adds the fields of an IP header that routers leave alone (RFC 791, RFC 8200), and a fragment's place.
func appendHeader(b []byte, ip *ingest.Layer, fragment bool) []byte {
	h := ip.Bytes[:min(ip.Header, len(ip.Bytes))]
	switch {
	case ip.Proto == ingest.ProtoIPv4 && len(h) >= 20:
		b = append(b, h[0], h[1], h[4], h[5], h[9])
		if fragment {
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
	for i := len(p.Layers) - 1; i >= 0; i-- {
		if l := &p.Layers[i]; l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6 {
			return l
		}
	}
	return nil
}

// point is where packets are captured: a file's interface; on a Linux "any" capture, the interface the cooked header names.
type point struct {
	evidence, section, id int
	index                 uint32
}

// vantage is a way to see a packet: from a point, with a TTL, under link-layer addresses.
type vantage struct {
	point
	ttl uint8
	via uint64
}

func vantageOf(p *ingest.Packet) vantage {
	v := vantage{point: point{evidence: p.Case.Evidence, section: p.Section, id: p.Interface}}
	h := uint64(14695981039346656037) // FNV-1a
	for i := range p.Layers {
		l := &p.Layers[i]
		head := l.Bytes[:min(l.Header, len(l.Bytes))]
		switch l.Proto {
		case ingest.ProtoEthernet:
			head = head[:min(12, len(head))]
		case ingest.ProtoVLAN, ingest.ProtoQinQ:
			head = head[:min(2, len(head))]
		case ingest.ProtoSLL:
			if len(head) == 20 { // version 2
				v.index = binary.BigEndian.Uint32(head[4:])
			}
		default:
			continue
		}
		for _, c := range head {
			h = (h ^ uint64(c)) * 1099511628211
		}
		v.via = h
	}
	v.ttl = hops(carrier(p))
	return v
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

// mayCopy tells whether a sighting from v can be the packet that o was seen from: another point, or the same point after
// forwarding, which changes both TTL and link-layer addresses. A repeat with the same look is another packet, and so is a
// probe whose sender varies the TTL.
func (v vantage) mayCopy(o vantage) bool {
	return v.point != o.point || v.ttl != o.ttl && v.via != o.via
}
