package recover

import (
	"fmt"
	"slices"

	"icmpsift/ingest"
)

// Readers of the fields of errors, and of the datagrams that they quote.
var (
	quotedID    = quotedHeader(4, idOf6, 2)
	quotedHops  = quotedHeader(8, 7, 1)
	quotedPorts = quotedTransport(0, 4, isProto(ingest.ProtoUDP, ingest.ProtoTCP))
	quotedSeq   = quotedTransport(4, 4, isProto(ingest.ProtoTCP, ingest.ProtoICMPv4, ingest.ProtoICMPv6))
	quotedFrom  = quotedHeader(12, 20, 4)
	quotedTo    = quotedHeader(16, 36, 4)
	quotedSum   = either(quotedTransport(16, 2, isProto(ingest.ProtoTCP)), either(quotedTransport(6, 2, isProto(ingest.ProtoUDP)), quotedTransport(2, 2, isProto(ingest.ProtoICMPv4, ingest.ProtoICMPv6))))
)

// ofErrors are the carriers that errorFields reads together, in this order.
var ofErrors = []struct {
	name  string
	width int
	read  reader
}{{"sift.error.word", 4, errorWord}, {"sift.quoted.id", 2, quotedID}, {"sift.quoted.ttl", 1, quotedHops}, {"sift.quoted.ports", 4, quotedPorts}, {"sift.quoted.seq", 4, quotedSeq},
	{"sift.quoted.from", 4, quotedFrom}, {"sift.quoted.to", 4, quotedTo}, {"sift.quoted.checksum", 2, quotedSum}}

// errorFields reads the fields of errors that a sender can choose, and of the datagram that they quote, one after the other; those that are not there as zero bytes.
func errorFields(p *ingest.Packet, _ []byte) (out []byte, wire int) {
	if _, n := errorWord(p, nil); n == 0 {
		return nil, 0
	}
	for _, x := range ofErrors {
		v, n := x.read(p, nil)
		if n != x.width {
			v = make([]byte, x.width)
		}
		out = append(out, v...)
	}
	return out, len(out)
}

// errorWord reads the four bytes behind the checksum of errors.
func errorWord(p *ingest.Packet, _ []byte) ([]byte, int) {
	b := p.Message().Bytes
	if len(b) < 8 || p.V6() && (b[0] == 0 || b[0] > 4) || !p.V6() && !quotes4[b[0]] {
		return nil, 0
	}
	return b[4:8], 4
}

// quotedLayer is the first of the headers of the quoted datagram that one of the functions takes.
func quotedLayer(p *ingest.Packet, takes func(proto ingest.Proto) bool) *ingest.Layer {
	for i := max(p.ICMP, 0); i < len(p.Layers); i++ {
		if l := &p.Layers[i]; l.Quoted == 1 && takes(l.Proto) {
			return l
		}
	}
	return nil
}

// quotedHeader reads from the IPv4 or IPv6 header of the quoted datagram; an offset below 0 means that the version has no such field.
func quotedHeader(at4, at6, n int) reader {
	return func(p *ingest.Packet, _ []byte) ([]byte, int) {
		l := quotedLayer(p, func(proto ingest.Proto) bool { return proto == ingest.ProtoIPv4 || proto == ingest.ProtoIPv6 })
		if l == nil {
			return nil, 0
		}
		at := at4
		if l.Proto == ingest.ProtoIPv6 {
			at = at6
		}
		if at < 0 || len(l.Bytes) < at+n {
			return nil, 0
		}
		return l.Bytes[at : at+n], n
	}
}

// quotedTransport reads from the header behind that.
func quotedTransport(at, n int, takes func(proto ingest.Proto) bool) reader {
	return func(p *ingest.Packet, _ []byte) ([]byte, int) {
		l := quotedLayer(p, takes)
		if l == nil || len(l.Bytes) < at+n {
			return nil, 0
		}
		return l.Bytes[at : at+n], n
	}
}

// isProto tells of a layer whether it is of one of the protocols.
func isProto(any ...ingest.Proto) func(ingest.Proto) bool {
	return func(proto ingest.Proto) bool { return slices.Contains(any, proto) }
}

// fromFields reads each of the fields of errors by itself: as far as it changes, and half of it.
func fromFields(members []Candidate, o Options) []Found {
	o.Required = true
	at := 0
	for _, x := range ofErrors {
		from, to := changing(members, at, at+x.width)
		for _, part := range halvesOf(from, to) {
			c := Carrier{Name: x.name, Field: true, kind: number, both: part[1]-part[0] > 2}
			if part[0] != at || part[1] != at+x.width {
				c.Name = fmt.Sprintf("%s[%d:%d]", x.name, part[0]-at, part[1]-part[0])
			}
			own := columnsOf(members, part[0], part[1])
			if anyWalks(own) {
				continue
			}
			if out := slices.DeleteFunc(fromNumbers(own, c, o), Found.guessed); len(out) > 0 {
				return out
			}
		}
		at += x.width
	}
	return nil
}

// guessed tells whether a key was undone, and no structure vouches for what came of it.
func (f Found) guessed() bool { return f.underKey() && !f.Vouched }

// anyWalks tells whether numbers, or one half of them, are such as counters and scans make, as all fields of ordinary datagrams are but those that are drawn by chance.
func anyWalks(members []Candidate) bool {
	parts, width := [][]Candidate{members}, len(members[0].Value)
	if width == 4 {
		parts = append(parts, columnsOf(members, 0, 2), columnsOf(members, 2, 4))
	}
	return slices.ContainsFunc(parts, func(part []Candidate) bool {
		return numbersOf(sequence{members: part, order: ByTime}).walks()
	})
}

// changing narrows a range of bytes to those that are not the same in all packets.
func changing(members []Candidate, from, to int) (int, int) {
	for from < to && sharedAt(members, from) {
		from++
	}
	for to > from && sharedAt(members, to-1) {
		to--
	}
	return from, to
}

// halvesOf gives a range, and its halves if it is of four bytes.
func halvesOf(from, to int) [][2]int {
	switch to - from {
	case 0:
		return nil
	case 4:
		return [][2]int{{from, to}, {from, from + 2}, {from + 2, to}}
	}
	return [][2]int{{from, to}}
}

// columnsOf gives the packets with a part of their bytes only.
func columnsOf(members []Candidate, from, to int) (out []Candidate) {
	for _, c := range members {
		c.Value, c.Wire = c.Value[from:to], to-from
		out = append(out, c)
	}
	return out
}

// idOf6 is not there: what IPv6 has in the place of an identification stands in a header of its own.
const idOf6 = -1
