package recover

import (
	"encoding/binary"
	"sort"

	"icmpsift/ingest"
)

// Carrier reads what a packet carries: the captured bytes and how long they were on the wire.
type Carrier struct {
	Name    string
	Meaning string
	Field   bool // a header field, as opposed to the payload itself
	read    func(p *ingest.Packet) (value []byte, wire int)
}

var carriers = []Carrier{
	{"icmp.type", "the type byte of ICMPv4 messages, any type", true, func(p *ingest.Packet) ([]byte, int) { return typeOf(p, false) }},
	{"icmpv6.type", "the type byte of ICMPv6 messages, any type", true, func(p *ingest.Packet) ([]byte, int) { return typeOf(p, true) }},
	{"sift.type", "the type byte of ICMPv4 or ICMPv6 messages", true, func(p *ingest.Packet) ([]byte, int) { return typeOf(p, p.V6()) }},
	{"sift.payload", "every byte behind the 8-byte header of echo messages", false, payloadOf},
}

// Lookup finds a carrier by name.
func Lookup(name string) (Carrier, bool) {
	for _, c := range carriers {
		if c.Name == name {
			return c, true
		}
	}
	return Carrier{}, false
}

// Names lists the carriers, sorted.
func Names() []string {
	var out []string
	for _, c := range carriers {
		out = append(out, c.Name)
	}
	sort.Strings(out)
	return out
}

func typeOf(p *ingest.Packet, v6 bool) ([]byte, int) {
	if m := p.Message(); p.V6() == v6 && len(m.Bytes) > 0 {
		return m.Bytes[:1], 1
	}
	return nil, 0
}

func payloadOf(p *ingest.Packet) ([]byte, int) {
	b, ok := p.EchoPayload()
	if !ok {
		return nil, 0
	}
	return b, p.Message().Reported - 8
}

// Candidate makes a candidate of a packet, copying what it carries; ok is false if it carries nothing.
func (c Carrier) Candidate(p *ingest.Packet) (out Candidate, ok bool) {
	value, wire := c.read(p)
	if wire <= 0 {
		return out, false
	}
	m := p.Message()
	out = Candidate{Number: p.Case.Number, Time: p.Case.Time, Value: append([]byte(nil), value...), Wire: wire, Shape: shapeOf(p)}
	if len(m.Bytes) >= 8 {
		out.Ident, out.Seq = binary.BigEndian.Uint16(m.Bytes[4:]), binary.BigEndian.Uint16(m.Bytes[6:])
	}
	return out, true
}

func shapeOf(p *ingest.Packet) Shape {
	typ, code, _ := p.Type()
	length := p.Message().Reported
	s := Shape{Code: code, Length: length, Tail: max(0, length-prescribed(p.V6(), typ))}
	if p.IP < 0 {
		return s
	}
	switch h := p.Layers[p.IP].Bytes; {
	case p.Layers[p.IP].Proto == ingest.ProtoIPv4 && len(h) >= 20:
		s.TOS, s.TTL, s.DontFragment = h[1], h[8], h[6]&0x40 != 0
	case p.Layers[p.IP].Proto == ingest.ProtoIPv6 && len(h) >= 40:
		s.TOS, s.TTL = h[0]<<4|h[1]>>4, h[7]
	}
	return s
}

// prescribed is the length of the fields that a message of the type has (RFC 792, 950, 1256, 4443, 4861, 2710).
func prescribed(v6 bool, typ uint8) int {
	switch {
	case !v6 && (typ == 13 || typ == 14):
		return 20
	case !v6 && (typ == 17 || typ == 18):
		return 12
	case v6 && 130 <= typ && typ <= 132, v6 && (typ == 135 || typ == 136):
		return 24
	case v6 && typ == 134:
		return 16
	case v6 && typ == 137:
		return 40
	}
	return 8
}
