package recover

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// Carrier reads what a packet carries: the captured bytes and how long they were on the wire.
type Carrier struct {
	Name    string
	Meaning string
	Field   bool // a header field, as opposed to the payload itself
	Asks    bool // it looks at the request that a reply answers, too
	Foreign bool // what others sent stands there in ordinary traffic: messages of applications, that text is easily taken from

	unnumbered func(v6 bool, typ uint8) bool // whether it lies where other messages have their identifier and number; nil: it does not

	kind  kind
	steps bool // senders count there, and what they count by may be data
	bits  int  // of each value only so many low bits count; 0: whole bytes
	read  reader

	first *Carrier // of two joined fields the first; it may be the only one that holds data
	both  bool     // two joined fields, both of which hold data
}

// kind is how values of a carrier become bytes.
type kind uint8

const (
	pieces    kind = iota // each value is a piece of the stream
	number                // each value is a number, all of it or parts of it data
	size                  // each value is a number above some base
	gap                   // the time since the packet before is data
	eachField             // each value is several numbers, of which one is data
)

// always tells of every message that what is read lies in the place of identifier and number.
func always(bool, uint8) bool { return true }

// reader reads from a packet that has a message; asked is the payload of the request it answers, nil if there is none or
// the carrier does not ask. Nothing on the wire means the packet carries nothing.
type reader = func(p *ingest.Packet, asked []byte) (value []byte, wire int)

// carriers is the one list of them. Names without sift. are Wireshark's fields.
var carriers = []Carrier{
	{Name: "icmp.type", Meaning: "the type byte of ICMPv4 messages, any type", Field: true, kind: number, read: v4(octets(0, 1))},
	{Name: "icmpv6.type", Meaning: "the type byte of ICMPv6 messages, any type", Field: true, kind: number, read: v6(octets(0, 1))},
	{Name: "sift.type", Meaning: "the type byte of ICMPv4 or ICMPv6 messages", Field: true, kind: number, read: octets(0, 1)},
	{Name: "icmp.code", Meaning: "the code byte of ICMPv4 messages", Field: true, kind: number, read: v4(octets(1, 1))},
	{Name: "icmpv6.code", Meaning: "the code byte of ICMPv6 messages", Field: true, kind: number, read: v6(octets(1, 1))},
	{Name: "sift.code", Meaning: "the code byte of ICMPv4 or ICMPv6 messages", Field: true, kind: number, read: octets(1, 1)},
	{Name: "icmp.ident", Meaning: "the identifier of ICMPv4 requests and replies", Field: true, kind: number, read: v4(query(4, 2))},
	{Name: "icmpv6.echo.identifier", Meaning: "the identifier of ICMPv6 echo messages", Field: true, kind: number, read: v6(query(4, 2))},
	{Name: "sift.id", Meaning: "the identifier of requests and replies", Field: true, kind: number, read: query(4, 2)},
	{Name: "icmp.seq", Meaning: "the sequence number of ICMPv4 requests and replies", Field: true, kind: number, steps: true, read: v4(query(6, 2))},
	{Name: "icmpv6.echo.sequence_number", Meaning: "the sequence number of ICMPv6 echo messages", Field: true, kind: number, steps: true, read: v6(query(6, 2))},
	{Name: "sift.seq", Meaning: "the sequence number of requests and replies", Field: true, kind: number, steps: true, read: query(6, 2)},
	{Name: "sift.checksum", Meaning: "the checksum of ICMPv4 or ICMPv6 messages", Field: true, kind: number, read: octets(2, 2)},
	{Name: "icmp.checksum", Meaning: "the checksum of ICMPv4 messages", Field: true, kind: number, read: v4(octets(2, 2))},
	{Name: "icmpv6.checksum", Meaning: "the checksum of ICMPv6 messages", Field: true, kind: number, read: v6(octets(2, 2))},
	{Name: "ip.id", Meaning: "the identification of the IPv4 header", Field: true, kind: number, read: header(ingest.ProtoIPv4, 4, 2)},
	{Name: "ip.ttl", Meaning: "the time to live of the IPv4 header", Field: true, kind: number, read: header(ingest.ProtoIPv4, 8, 1)},
	{Name: "ipv6.hlim", Meaning: "the hop limit of the IPv6 header", Field: true, kind: number, read: header(ingest.ProtoIPv6, 7, 1)},
	{Name: "sift.ttl", Meaning: "the time to live or hop limit of the IP header", Field: true, kind: number, read: either(header(ingest.ProtoIPv4, 8, 1), header(ingest.ProtoIPv6, 7, 1))},
	{Name: "ip.dsfield", Meaning: "the differentiated services byte of the IPv4 header", Field: true, kind: number, read: header(ingest.ProtoIPv4, 1, 1)},
	{Name: "ip.dsfield.dscp", Meaning: "the code point in that byte, six bits", Field: true, kind: number, bits: 6, read: shifted(header(ingest.ProtoIPv4, 1, 1), 2)},
	{Name: "ipv6.tclass", Meaning: "the traffic class of the IPv6 header", Field: true, kind: number, read: trafficClass},
	{Name: "ipv6.tclass.dscp", Meaning: "the code point in that byte, six bits", Field: true, kind: number, bits: 6, read: shifted(trafficClass, 2)},
	{Name: "sift.dsfield", Meaning: "the differentiated services byte or traffic class of the IP header", Field: true, kind: number, read: either(header(ingest.ProtoIPv4, 1, 1), trafficClass)},
	{Name: "ipv6.flow", Meaning: "the flow label of the IPv6 header, 20 bits", Field: true, kind: number, bits: 20, read: flowLabel},
	{Name: "icmp.originate_timestamp", Meaning: "the originate time of timestamp messages", Field: true, read: v4(bodyOf(13, 14, 8, 4))},
	{Name: "icmp.receive_timestamp", Meaning: "the receive time of timestamp messages", Field: true, read: v4(bodyOf(13, 14, 12, 4))},
	{Name: "icmp.transmit_timestamp", Meaning: "the transmit time of timestamp messages", Field: true, read: v4(bodyOf(13, 14, 16, 4))},
	{Name: "sift.timestamps", Meaning: "the three times of timestamp messages, 12 bytes", Field: true, read: v4(bodyOf(13, 14, 8, 12))},
	{Name: "icmp.address_mask", Meaning: "the mask of address mask messages", Field: true, read: v4(bodyOf(17, 18, 8, 4))},
	{Name: "sift.payload", Meaning: "every byte behind the 8-byte header of echo messages", read: payloadOf},
	{Name: "sift.body", Meaning: "what messages hold where no standard says what to put: all of types that are unassigned, withdrawn or experimental, what follows the fields of others, errors that quote nothing, unknown options", unnumbered: field.FreeForm, read: freeOf},
	{Name: "sift.unused", Meaning: "the four bytes behind the checksum of errors that have no use for them", Field: true, unnumbered: always, read: unusedWord},
	{Name: "sift.payload.length", Meaning: "the length of an echo's payload, perhaps above a base", Field: true, kind: size, read: lengthOf},
	{Name: "sift.reply.extra", Meaning: "what an echo reply holds that its request did not", Asks: true, read: extraOf},
	{Name: "sift.quoted.payload", Meaning: "what errors quote behind the transport header", Foreign: true, read: quotedPayload},
	{Name: "sift.quoted", Meaning: "every byte that errors quote", Foreign: true, read: quotedBytes},
	{Name: "sift.error.word", Meaning: "the four bytes behind the checksum of errors: a router, an MTU, a pointer, or nothing", Field: true, unnumbered: always, kind: number, read: errorWord},
	{Name: "sift.quoted.id", Meaning: "the identification of the IPv4 datagram that an error quotes", Field: true, unnumbered: always, kind: number, read: quotedID},
	{Name: "sift.quoted.ttl", Meaning: "the time to live or hop limit of the datagram that an error quotes", Field: true, unnumbered: always, kind: number, read: quotedHops},
	{Name: "sift.quoted.ports", Meaning: "both ports of the TCP segment or UDP datagram that an error quotes", Field: true, unnumbered: always, kind: number, read: quotedPorts},
	{Name: "sift.quoted.seq", Meaning: "the sequence number of the TCP segment that an error quotes, or identifier and number of the ping", Field: true, unnumbered: always, kind: number, read: quotedSeq},
	{Name: "sift.quoted.from", Meaning: "the source address of the datagram that an error quotes, the last four bytes of it", Field: true, unnumbered: always, kind: number, read: quotedFrom},
	{Name: "sift.quoted.to", Meaning: "the destination address of the datagram that an error quotes, the last four bytes of it", Field: true, unnumbered: always, kind: number, read: quotedTo},
	{Name: "sift.quoted.checksum", Meaning: "the checksum of the TCP segment, UDP datagram or ICMP message that an error quotes", Field: true, unnumbered: always, kind: number, read: quotedSum},
	{Name: "sift.error.fields", Meaning: "the eight fields of errors before this one, each by itself", Field: true, unnumbered: always, kind: eachField, read: errorFields},
	{Name: "sift.options", Meaning: "what IP options hold where nothing has to stand: data of options that no standard knows, unused slots of routes and times, padding that is not zero", read: looseOptions},
	{Name: "sift.gap", Meaning: "the time since the packet before, short or long, or on up to sixteen levels", Field: true, kind: gap, read: nothingBut},
}

// ErrUnknown is that a name is no carrier's.
var ErrUnknown = errors.New("no such carrier")

// Lookup finds a carrier by name, narrowed or not: "icmp.seq", "icmp.seq[1]" (a byte), "sift.payload[8:4]" (offset and length),
// "ip.ttl&0x0f" (bits), or two fields that are read as one, "sift.id+sift.seq". The error says what is wrong with the name and what was expected.
func Lookup(name string) (Carrier, error) {
	if at := joint.FindStringIndex(name); at != nil {
		return joined(name, at[0])
	}
	base := name
	if i := strings.IndexAny(name, "[&"); i >= 0 {
		base = name[:i]
	}
	for _, c := range carriers {
		if c.Name == base {
			return c.narrow(name, name[len(base):])
		}
	}
	return Carrier{}, fmt.Errorf("%w: expected one of %s, or a part of one such as icmp.seq[1], sift.payload[8:4] or ip.ttl&0x0f, or two such as sift.id+sift.seq", ErrUnknown, strings.Join(Names(), ", "))
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

// Searched are the carriers that a search tries: each place once, under the name that both versions of IP share.
func Searched() (out []Carrier) {
	for _, name := range []string{"sift.payload", "sift.type+sift.code", "sift.code", "sift.id+sift.seq", "sift.seq", "ip.id", "sift.ttl", "sift.dsfield", "ipv6.flow", "sift.timestamps",
		"icmp.address_mask", "sift.payload.length", "sift.reply.extra", "sift.body", "sift.unused", "sift.quoted.payload", "sift.error.fields", "sift.options", "sift.gap"} {
		c, err := Lookup(name)
		if err != nil {
			panic(err) // the table above has them
		}
		out = append(out, c)
	}
	return out
}

// Candidate makes a candidate of a packet, copying what it carries; ok is false if it carries nothing. asked is the payload
// of the request that it answers, nil if there is none.
func (c Carrier) Candidate(p *ingest.Packet, asked []byte) (out Candidate, ok bool) {
	value, wire := c.read(p, asked)
	if wire <= 0 {
		return out, false
	}
	m := p.Message()
	first := 0
	if c.first != nil {
		_, first = c.first.read(p, asked)
	}
	out = Candidate{first: first, Number: p.Case.Number, Time: p.Case.Time, Value: append([]byte(nil), value...), Wire: wire, Shape: shapeOf(p)}
	if len(m.Bytes) >= 8 && (c.unnumbered == nil || !c.unnumbered(p.V6(), m.Bytes[0])) {
		out.Ident, out.Seq = binary.BigEndian.Uint16(m.Bytes[4:]), binary.BigEndian.Uint16(m.Bytes[6:])
	}
	return out, true
}

func shapeOf(p *ingest.Packet) Shape {
	typ, code, _ := p.Type()
	length := p.Message().Reported
	s := Shape{Code: code, Length: length, Tail: max(0, length-field.Prescribed(p.V6(), typ))}
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
