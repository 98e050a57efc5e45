package field

import "icmpsift/ingest"

// greFields are the header of GRE (RFC 2784, RFC 2890) and of PPTP's version 1 (RFC 2637).
var greFields = in(ingest.ProtoGRE,
	row("gre", Protocol, header, "GRE header"),
	row("gre.flags_and_version", Uint16, number(0, 2), "flags and version").hex(),
	row("gre.flags.checksum", Boolean, bits(0, 2, 0x8000), "a checksum is there").named(yesNo),
	row("gre.flags.routing", Boolean, bits(0, 2, 0x4000), "a source route is there").named(yesNo),
	row("gre.flags.key", Boolean, bits(0, 2, 0x2000), "a key is there").named(yesNo),
	row("gre.flags.sequence_number", Boolean, bits(0, 2, 0x1000), "a sequence number is there").named(yesNo),
	row("gre.flags.strict_source_route", Boolean, bits(0, 2, 0x0800), "the source route is strict").named(yesNo),
	row("gre.flags.recursion_control", Uint16, bits(0, 2, 0x0700), "further encapsulations allowed"),
	row("gre.flags.ack", Boolean, grePPP(true, bits(0, 2, 0x0080)), "an acknowledgment number is there").named(yesNo),
	row("gre.flags.reserved", Uint16, both(grePPP(false, bits(0, 2, 0x00f8)), grePPP(true, bits(0, 2, 0x0078))), "reserved bits"),
	row("gre.flags.version", Uint16, bits(0, 2, 0x0007), "version"),
	row("gre.proto", Uint16, number(2, 2), "EtherType of what the tunnel carries").hex().named(etherTypes),
	row("gre.checksum", Uint16, greOptional(greChecksum, 0, 2), "checksum as sent").hex(),
	row("gre.checksum.status", Uint8, greVerdict, "verdict on the checksum").named(checksumNames),
	row("gre.offset", Uint16, greOptional(greChecksum, 2, 2), "where in the source route the active entry begins"),
	row("gre.key", Uint32, grePPP(false, greOptional(greKey, 0, 4)), "key of the tunnel").hex(),
	row("gre.key.payload_length", Uint16, grePPP(true, greOptional(greKey, 0, 2)), "PPTP: bytes of payload"),
	row("gre.key.call_id", Uint16, grePPP(true, greOptional(greKey, 2, 2)), "PPTP: call of the receiver"),
	row("gre.sequence_number", Uint32, greOptional(greSequence, 0, 4), "sequence number"),
	row("gre.ack_number", Uint32, grePPP(true, greOptional(greAck, 0, 4)), "PPTP: acknowledgment number"),
)

var yesNo = map[int64]string{0: "No", 1: "Yes"}

// The optional parts of the header, in their order.
const (
	greChecksum = iota
	greKey
	greSequence
	greAck
)

// greParts are the flags that tell of the optional parts. A source route brings the checksum's word along.
var greParts = [...]int64{greChecksum: 0xc000, greKey: 0x2000, greSequence: 0x1000, greAck: 0x0080}

// greOptional reads n bytes at off of a part that is not in every header.
func greOptional(part, off, n int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		b := p.Layers[i].Bytes
		flags := be(span(b, 0, 2))
		if flags&greParts[part] == 0 {
			return dst
		}
		at := 4 + off
		for before := range part {
			if flags&greParts[before] != 0 {
				at += 4
			}
		}
		if v := span(b, at, n); v != nil {
			dst = append(dst, Value{Int: be(v), Bytes: v})
		}
		return dst
	}
}

// grePPP reads from the headers of tunnels that carry PPP, or of all others.
func grePPP(ppp bool, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		b := p.Layers[i].Bytes
		proto, version := be(span(b, 2, 2)), be(span(b, 1, 1))&7
		if (proto == ingest.EtherPPP && version == 1 || proto == ingest.Ether3GPP2) == ppp {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// greVerdict checks the checksum over header and payload, if all of it was captured.
func greVerdict(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	flags := be(span(l.Bytes, 0, 2))
	if flags&greParts[greChecksum] == 0 || len(l.Bytes) < 6 {
		return dst
	}
	status := ingest.ChecksumUnverified
	switch {
	case flags&0x8000 == 0, l.Cut():
	case sum(l.Bytes) == 0xffff:
		status = ingest.ChecksumGood
	default:
		status = ingest.ChecksumBad
	}
	return append(dst, Value{Int: int64(status)})
}
