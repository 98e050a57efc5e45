package exchange_test

import (
	"encoding/binary"
	"net/netip"
	"time"

	"icmpsift/ingest"
)

// message is an echo message made for a test.
type message struct {
	at       time.Duration
	src, dst string
	reply    bool
	id, seq  uint16
	code     byte
	checksum uint16 // as written in the request; 0 is worked out
	payload  string
	captured int             // bytes of the message that the capture holds; 0 is all
	wrapped  bool            // in the other version of IP
	tunnel   bool            // inside UDP
	kind     ingest.Exchange // none is echo
	flags    byte            // the last byte of extended echo's header
}

// packet builds what the decoder would make of the message.
func (m message) packet(number int64) *ingest.Packet {
	src, dst := netip.MustParseAddr(m.src), netip.MustParseAddr(m.dst)
	head, proto, typ := make([]byte, 40), ingest.ProtoICMPv6, byte(128)
	ip := ingest.Layer{Proto: ingest.ProtoIPv6, Parent: -1, Header: 40}
	if src.Is4() {
		head, proto, typ = head[:20], ingest.ProtoICMPv4, 8
		ip.Proto, ip.Header = ingest.ProtoIPv4, 20
		copy(head[12:], append(src.AsSlice(), dst.AsSlice()...))
	} else {
		copy(head[8:], append(src.AsSlice(), dst.AsSlice()...))
	}
	if m.wrapped {
		proto, typ = ingest.ProtoICMPv4+ingest.ProtoICMPv6-proto, 136-typ
	}
	body := m.body(typ)
	icmp := ingest.Layer{Proto: proto, Header: 8, Reported: len(body), Bytes: body}
	if m.captured > 0 {
		icmp.Bytes = body[:m.captured]
	}
	ip.Bytes, ip.Reported = append(head, body...), len(head)+len(body)
	p := &ingest.Packet{Layers: []ingest.Layer{ip, icmp}, ICMP: 1, IP: 0}
	if m.tunnel {
		p.Layers, p.ICMP, p.IP = []ingest.Layer{{Proto: ingest.ProtoUDP, Parent: -1}, ip, icmp}, 2, 1
	}
	p.Number, p.Time = number, int64(m.at)
	p.Case = ingest.Case{Number: number, Time: int64(m.at)}
	return p
}

// body is the message with its checksum over itself: matching looks at checksums alone, whatever they cover.
func (m message) body(request byte) []byte {
	typ := request
	if m.reply {
		typ = map[byte]byte{8: 0, 128: 129}[request]
	}
	low := byte(m.seq)
	switch m.kind {
	case ingest.TimestampExchange, ingest.InformationExchange, ingest.MaskExchange:
		typ = 13 + 2*byte(m.kind-ingest.TimestampExchange) + reply(m)
	case ingest.ExtendedExchange:
		typ = map[byte]byte{8: 42, 128: 160}[request] + reply(m)
		low = m.flags
	}
	b := append([]byte{typ, m.code, 0, 0, byte(m.id >> 8), byte(m.id), byte(m.seq >> 8), low}, m.payload...)
	sum := m.checksum
	if sum == 0 {
		sum = checksum(b)
	}
	binary.BigEndian.PutUint16(b[2:], sum)
	return b
}

func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i, c := range b {
		sum += uint32(c) << (8 * uint(1-i%2))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

func reply(m message) byte {
	if m.reply {
		return 1
	}
	return 0
}
