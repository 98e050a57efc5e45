package field

import "icmpsift/ingest"

// The kind of a packet is all that decides which items its tree has, and nothing else: packets of one kind differ only in values. Kinds
// are told of whole echo messages in plain IP datagrams, which floods, sweeps and monitoring are made of; of other packets none is.

// kind appends the packet's kind to key; ok is false if it has none.
func kind(c *Context, p *ingest.Packet, key []byte) (_ []byte, ok bool) {
	n := len(p.Layers)
	if p.Problems != 0 || p.Whole != nil || p.Fragment || p.NoTime || p.Comments != nil || p.Link.ReassembledIn != 0 ||
		len(p.Data) != p.Wire || p.PseudoHeader() != 0 || p.ICMP < 1 || p.IP != p.ICMP-1 || n > p.ICMP+2 || n > mostLayers {
		return key, false
	}
	key = append(key, byte(p.Frame.Link), byte(p.Frame.Link>>8), byte(n))
	for i := range p.Layers {
		l := &p.Layers[i]
		if l.Quoted != 0 || int(l.Parent) != i-1 || l.Cut() {
			return key, false
		}
		key = append(key, byte(l.Proto), byte(l.Checksum))
		if key, ok = kindOf(c, p, i, key); !ok {
			return key, false
		}
	}
	return key, true
}

const mostLayers = 8

func kindOf(c *Context, p *ingest.Packet, i int, key []byte) (_ []byte, ok bool) {
	switch p.Layers[i].Proto {
	case ingest.ProtoEthernet:
		return ethernetKind(c, p, i, key)
	case ingest.ProtoVLAN:
		return key, p.Layers[i].Header == 4 && carriesIP(p.Layers[i].Bytes, 2)
	case ingest.ProtoIPv4:
		return headerKind4(&p.Layers[i], i == p.IP, key)
	case ingest.ProtoIPv6:
		return headerKind6(&p.Layers[i], i == p.IP, key)
	case ingest.ProtoICMPv4, ingest.ProtoICMPv6:
		return echoKind(c, p, i, key)
	case ingest.ProtoData:
		return append(key, flags(len(payloadOf(c, p, i)) > 0)), i == p.ICMP+1
	}
	return key, false
}

// flags makes one byte of up to eight answers.
func flags(set ...bool) (b byte) {
	for i, is := range set {
		if is {
			b |= 1 << i
		}
	}
	return b
}

// carriesIP tells whether the number at off is IP's EtherType, or that of a tag.
func carriesIP(b []byte, off int) bool {
	switch be(span(b, off, 2)) {
	case 0x0800, 0x86dd, 0x8100:
		return true
	}
	return false
}

func ethernetKind(c *Context, p *ingest.Packet, i int, key []byte) ([]byte, bool) {
	l := &p.Layers[i]
	if i != 0 || l.Header != 14 || !carriesIP(l.Bytes, 12) {
		return key, false
	}
	pad, rest, check, bad := behind(c, p, i)
	return append(key, flags(len(pad) > 0, len(rest) > 0, len(check) == 4, bad, l.Bytes[6]&1 != 0)), true
}

func headerKind4(l *ingest.Layer, carrier bool, key []byte) ([]byte, bool) {
	b := l.Bytes
	if !carrier || len(b) < 20 || b[0] != 0x45 || b[9] != 1 || (b[6]&0x3f|b[7]) != 0 || totalLength(l) < 20 || totalLength(l) > l.Reported {
		return key, false
	}
	return append(key, flags(isLowTTL(b), isLocalControlTTL(b))), true
}

func headerKind6(l *ingest.Layer, carrier bool, key []byte) ([]byte, bool) {
	b := l.Bytes
	if !carrier || len(b) < 40 || b[0]>>4 != 6 || b[6] != 58 || be(b[4:6]) > int64(l.Reported-40) {
		return key, false
	}
	return addressKind(b[24:40], addressKind(b[8:24], key)), true
}

// addressKind: what Wireshark says of an IPv6 address follows from its block, its special purpose and what its interface identifier was
// made from.
func addressKind(b, key []byte) []byte {
	at := purposeAt(b)
	_, hardware := slaacMAC(nil, b)
	_, site := isatap(nil, b)
	return append(key, byte(at), flags(hardware, site), blockOf(b))
}

func echoKind(c *Context, p *ingest.Packet, i int, key []byte) ([]byte, bool) {
	l := &p.Layers[i]
	if i != p.ICMP || len(l.Bytes) < 8 || !echoes(l) || (l.Proto == ingest.ProtoICMPv4) != (p.Layers[i-1].Proto == ingest.ProtoIPv4) {
		return key, false
	}
	stamp := 0
	if l.Proto == ingest.ProtoICMPv4 || c.since("4.2") {
		_, stamp = timestamp(c, p, l.Proto, l.Bytes[8:])
	}
	return append(key, l.Bytes[0], byte(stamp), flags(p.Link.RespIn > 0, p.Link.RespTo > 0, p.Link.NoResp)), true
}
