package field

import "icmpsift/ingest"

var ip4Fields = soundIP4(in(ingest.ProtoIPv4,
	row("ip", Protocol, header, "IPv4 header with its options"),
	row("ip.version", Uint8, bits(0, 1, 0xf0), "version, 4 or 6").alsoIn(ingest.ProtoIPv6).constant(),
	row("ip.hdr_len", Uint8, ip4HeaderLength, "bytes of header").constant(),
	row("ip.dsfield", Uint8, number(1, 1), "differentiated services field, once type of service").hex(),
	row("ip.dsfield.dscp", Uint8, bits(1, 1, 0xfc), "differentiated services code point").named(codePoints),
	row("ip.dsfield.ecn", Uint8, bits(1, 1, 0x03), "explicit congestion notification").named(congestion),
	row("ip.len", Uint16, datagramLength, "total length in bytes, header included; what there is when it is 0 (segmentation offload)"),
	row("ip.id", Uint16, number(4, 2), "identification, which fragments of a datagram share").hex(),
	row("ip.flags", Uint8, ip4Flags, "the three flag bits").hex(),
	row("ip.flags.rb", Boolean, bits(6, 2, 0x8000), "reserved bit").named(setNotSet),
	row("ip.flags.df", Boolean, bits(6, 2, 0x4000), "don't fragment").named(setNotSet),
	row("ip.flags.mf", Boolean, bits(6, 2, 0x2000), "more fragments follow").named(setNotSet),
	row("ip.frag_offset", Uint16, fragmentOffset, "fragment offset, in units of 8 bytes (bytes before Wireshark 4.0)"),
	row("ip.ttl", Uint8, number(8, 1), "time to live, hops"),
	row("ip.proto", Uint8, number(9, 1), "protocol of what the datagram carries").named(ipProtocols).constant(),
	row("ip.checksum", Uint16, number(10, 2), "header checksum").hex(),
	row("ip.checksum.status", Uint8, unverified(12), "always unverified: Wireshark does not check it by default").named(checksumNames).constant(),
	row("ip.src", IPv4, ip4(12), "source address"),
	row("ip.src_host", String, ip4(12), "source address as text").asHost(),
	row("ip.dst", IPv4, destination4, "destination address; the final one if a source route has not ended"),
	row("ip.dst_host", String, destination4, "destination address as text").asHost(),
	row("ip.addr", IPv4, both(ip4(12), destination4), "source and destination address"),
	row("ip.host", String, both(ip4(12), destination4), "source and destination address as text").asHost(),
	row("ip.bogus_ip_version", None, bogusVersion, "expert error: the version is not 4"),
	row("ip.bogus_header_length", None, shortHeader, "expert error: the header is said to be shorter than 20 bytes"),
	row("ip.bogus_ip_length", None, bogusLength, "expert error: total length exceeds what the packet holds"),
	row("ip.ttl.too_small", None, lowTTL, "expert note: a time to live below 5 that is not meant to be so"),
	row("ip.ttl.lncb", None, localControlTTL, "expert note: an unusual time to live for a local network control address"),
	row("ip.fragments", Bytes, reassembled4(wholePayload), "the reassembled payload, in the frame that completes it").ahead(),
	row("ip.fragment", Frame, reassembled4(wholeFrames), "frames the datagram was put together from").ahead(),
	row("ip.fragment.count", Uint32, reassembled4(wholeCount), "how many fragments the datagram had").ahead(),
	row("ip.fragment.overlap", Boolean, reassembled4(partsThat(ingest.PartOverlap)), "a fragment overlaps another").ahead(),
	row("ip.fragment.overlap.conflict", Boolean, reassembled4(partsThat(ingest.PartConflict)), "a fragment overlaps another with different bytes").ahead(),
	row("ip.fragment.multipletails", Boolean, reassembled4(partsThat(ingest.PartMultipleTails)), "a fragment is said to be the last, as another is").ahead(),
	row("ip.fragment.toolongfragment", Boolean, reassembled4(partsThat(ingest.PartTooLong)), "a fragment reaches past the datagram's end").ahead(),
	row("ip.fragment.error", Frame, reassembled4(wrongFrames), "frames of fragments that something is wrong with").ahead(),
	row("ip.reassembled_in", Frame, reassembledIn(ingest.ProtoIPv4), "frame that completes the datagram of this fragment").ahead(),
	row("ip.reassembled.length", Uint32, reassembled4(wholeLength), "bytes of the reassembled payload").ahead(),
	row("ip.reassembled.data", Bytes, reassembled4(wholePayload), "the reassembled payload").ahead(),
))

// soundIP4 narrows rows to headers that Wireshark reads on: of those whose version is not 4 (a quote may hold anything) it shows the
// version and no more, of those with an impossible header length that too, and where the total length leaves no room for the
// header what stands up to it.
func soundIP4(rows []Field) []Field {
	for i := range rows {
		least := soundLength
		switch rows[i].Name {
		case "ip", "ip.version", "ip.bogus_ip_version":
			continue
		case "ip.hdr_len", "ip.bogus_header_length":
			least = soundVersion
		case "ip.dsfield", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.len", "ip.bogus_ip_length":
			least = soundHeader
		}
		rows[i].Get = sound4(least, rows[i].Get)
	}
	return rows
}

// How far an IPv4 header makes sense.
const (
	soundVersion = iota + 1 // its version is 4
	soundHeader             // its header length is possible
	soundLength             // its total length holds the header
)

func soundness(l *ingest.Layer) int {
	switch first := l.Bytes[0]; {
	case first>>4 != 4:
		return 0
	case first&0x0f < 5:
		return soundVersion
	case len(l.Bytes) >= 4 && totalLength(l) != 0 && totalLength(l) < int(first&0x0f)*4:
		return soundHeader
	}
	return soundLength
}

func sound4(least int, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if soundness(&p.Layers[i]) >= least {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

func version4(get getter) getter { return sound4(soundVersion, get) }

// bogusVersion: neither 4 nor 6.
func bogusVersion(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if v := p.Layers[i].Bytes[0] >> 4; v != 4 && v != 6 {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

var setNotSet = map[int64]string{0: "Not set", 1: "Set"}

var checksumNames = map[int64]string{0: "Bad", 1: "Good", 2: "Unverified", 3: "Not present", 4: "Illegal"}

func ip4HeaderLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := p.Layers[i].Bytes; len(b) > 0 {
		dst = append(dst, Value{Int: int64(b[0]&0x0f) * 4, Bytes: b[:1]})
	}
	return dst
}

// ip4Flags: Wireshark showed the flags in place until 3.6 and as a three-bit number since. It reads them with the fragment
// offset, so of a header cut between the two there are none.
func ip4Flags(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if !c.since("4.0") {
		return bits(6, 2, 0xff00)(c, p, i, dst)
	}
	if span(p.Layers[i].Bytes, 6, 2) == nil {
		return dst
	}
	return bits(6, 1, 0xe0)(c, p, i, dst)
}

func fragmentOffset(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	b := span(p.Layers[i].Bytes, 6, 2)
	if b == nil {
		return dst
	}
	v := Value{Int: masked(be(b), 0x1fff), Bytes: b, mask: 0x1fff, reading: readNumber}
	if !c.since("4.0") {
		v.Int, v.reading = v.Int*8, notRead
	}
	return append(dst, v)
}

// destination4 is the header's destination unless a source route option (RFC 791) goes on from there.
func destination4(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	d := dissection{c: c, want: finalStop, dst: dst, b: l.Bytes}
	if end := headerLength4(l); end > 20 {
		ip4Options(&d, end)
	}
	switch {
	case d.cut: // Wireshark looks through the options before it shows the destination
		return dst
	case len(d.dst) > len(dst):
		return d.dst[:len(dst)+1]
	}
	return ip4(16)(c, p, i, dst)
}

// headerLength4 is the length the header claims.
func headerLength4(l *ingest.Layer) int { return int(l.Bytes[0]&0x0f) * 4 }

// unverified is the status of a checksum nobody checks, present once n bytes were captured.
func unverified(n int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if len(p.Layers[i].Bytes) >= n {
			dst = append(dst, Value{Int: int64(ingest.ChecksumUnverified)})
		}
		return dst
	}
}

func shortHeader(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if p.Layers[i].Bytes[0]&0x0f < 5 {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

// bogusLength: quoted datagrams are cut by whoever quotes them, so that too great a length does not count there.
func bogusLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if l := &p.Layers[i]; soundness(l) == soundHeader || l.Quoted == 0 && len(l.Bytes) >= 4 && totalLength(l) > l.Reported {
		dst = append(dst, Value{Int: 1})
	}
	return dst
}

func datagramLength(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if len(l.Bytes) < 4 {
		return dst
	}
	n := totalLength(l)
	if n == 0 {
		n = l.Reported
	}
	return append(dst, Value{Int: int64(n), Bytes: l.Bytes[2:4]})
}

func totalLength(l *ingest.Layer) int {
	return int(be(span(l.Bytes, 2, 2)))
}

// header4 finds an item in headers that are whole and of which it is true.
func header4(is func(b []byte) bool) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := p.Layers[i].Bytes; len(b) >= 20 && is(b) {
			dst = append(dst, Value{Int: 1})
		}
		return dst
	}
}

var (
	lowTTL          = header4(isLowTTL)
	localControlTTL = header4(isLocalControlTTL)
)

// isLowTTL: PIM and OSPF speak to neighbours only, and so do multicasts.
func isLowTTL(b []byte) bool {
	return b[8] < 5 && b[16]>>4 != 14 && b[9] != 103 && b[9] != 89
}

func isLocalControlTTL(b []byte) bool {
	if be(b[16:19]) != 0xe00000 {
		return false
	}
	want := controlTTL(b[19])
	return want != 0 && b[8] != want
}

// controlTTL is the time to live that datagrams to 224.0.0.x are sent with, 0 where it may be any.
func controlTTL(x byte) byte {
	switch x {
	case 18, 102, 251: // VRRP, GLBP, mDNS
		return 255
	case 252: // LLMNR
		return 0
	}
	return 1
}
