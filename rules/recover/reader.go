package recover

import (
	"bytes"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// v4 reads from ICMPv4 messages only.
func v4(r reader) reader {
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		if p.V6() {
			return nil, 0
		}
		return r(p, asked)
	}
}

// v6 reads from ICMPv6 messages only.
func v6(r reader) reader {
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		if !p.V6() {
			return nil, 0
		}
		return r(p, asked)
	}
}

// either gives what the first reader finds, else what the second does.
func either(a, b reader) reader {
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		if v, n := a(p, asked); n > 0 {
			return v, n
		}
		return b(p, asked)
	}
}

// octets reads n bytes of the message. A message that the capture cut short of them carries nothing.
func octets(off, n int) reader {
	return func(p *ingest.Packet, _ []byte) ([]byte, int) {
		if b := p.Message().Bytes; len(b) >= off+n {
			return b[off : off+n], n
		}
		return nil, 0
	}
}

// query reads from requests and replies of every exchange.
func query(off, n int) reader {
	read := octets(off, n)
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		if x, _ := p.Exchange(); x == ingest.NoExchange {
			return nil, 0
		}
		return read(p, asked)
	}
}

// bodyOf reads from messages of two types.
func bodyOf(a, b byte, off, n int) reader {
	read := octets(off, n)
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		if m := p.Message().Bytes; len(m) == 0 || m[0] != a && m[0] != b {
			return nil, 0
		}
		return read(p, asked)
	}
}

// freeOf reads what messages hold where no standard says what to put.
func freeOf(p *ingest.Packet, _ []byte) ([]byte, int) {
	m := p.Message()
	b := field.Free(p.V6(), m.Bytes)
	if b == nil {
		return nil, 0
	}
	return b, len(b) + m.Reported - len(m.Bytes)
}

// unusedWord reads what errors have no use for. Those with nothing there carry nothing but the zero bytes of a file.
func unusedWord(p *ingest.Packet, _ []byte) ([]byte, int) {
	b := p.Message().Bytes
	if len(b) < 8 || !field.Unused(p.V6(), b[0], b[1]) {
		return nil, 0
	}
	return b[4:8], 4
}

// header reads n bytes of the IP header that carries the message.
func header(proto ingest.Proto, off, n int) reader {
	return func(p *ingest.Packet, _ []byte) ([]byte, int) {
		if p.IP < 0 || p.Layers[p.IP].Proto != proto || len(p.Layers[p.IP].Bytes) < off+n {
			return nil, 0
		}
		return p.Layers[p.IP].Bytes[off : off+n], n
	}
}

// shifted moves a byte to the right.
func shifted(r reader, by int) reader {
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		v, n := r(p, asked)
		if n != 1 {
			return nil, 0
		}
		return []byte{v[0] >> by}, 1
	}
}

func trafficClass(p *ingest.Packet, _ []byte) ([]byte, int) {
	b, n := header(ingest.ProtoIPv6, 0, 2)(p, nil)
	if n == 0 {
		return nil, 0
	}
	return []byte{b[0]<<4 | b[1]>>4}, 1
}

func flowLabel(p *ingest.Packet, _ []byte) ([]byte, int) {
	b, n := header(ingest.ProtoIPv6, 1, 3)(p, nil)
	if n == 0 {
		return nil, 0
	}
	return []byte{b[0] & 15, b[1], b[2]}, 3
}

func payloadOf(p *ingest.Packet, _ []byte) ([]byte, int) {
	b, ok := p.EchoPayload()
	if !ok {
		return nil, 0
	}
	return b, p.Message().Reported - 8
}

// lengthOf is the payload's length as a number of four bytes.
func lengthOf(p *ingest.Packet, _ []byte) ([]byte, int) {
	if _, ok := p.EchoPayload(); !ok {
		return nil, 0
	}
	n := p.Message().Reported - 8
	return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, 4
}

// extraOf is what a reply holds behind or before the request's payload; all of it, if that is not in it.
func extraOf(p *ingest.Packet, asked []byte) ([]byte, int) {
	_, reply := p.Echo()
	b, n := payloadOf(p, nil)
	switch {
	case !reply || asked != nil && len(b) == n && bytes.Equal(b, asked):
		return nil, 0
	case len(asked) > 0 && bytes.HasPrefix(b, asked):
		return b[len(asked):], n - len(asked)
	case len(asked) >= 8 && len(b) == n && bytes.HasSuffix(b, asked):
		return b[:n-len(asked)], n - len(asked)
	}
	return b, n
}

// quotedPayload is what stands behind the transport header of the outermost datagram that an error quotes.
func quotedPayload(p *ingest.Packet, _ []byte) ([]byte, int) {
	for i := max(p.ICMP, 0); i < len(p.Layers); i++ {
		l := &p.Layers[i]
		if l.Quoted != 1 {
			continue
		}
		switch l.Proto {
		case ingest.ProtoUDP, ingest.ProtoTCP, ingest.ProtoICMPv4, ingest.ProtoICMPv6:
			b := l.Payload()
			return b, len(b)
		}
	}
	return nil, 0
}

// quotedBytes is all that stands behind the 8-byte header of an error.
func quotedBytes(p *ingest.Packet, _ []byte) ([]byte, int) {
	m := p.Message()
	typ, _, ok := p.Type()
	if !ok || len(m.Bytes) <= 8 || p.V6() && typ >= 128 || !p.V6() && !quotes4[typ] {
		return nil, 0
	}
	return m.Bytes[8:], m.Reported - 8
}

// quotes4 are the ICMPv4 types that quote the datagram they are about.
var quotes4 = map[uint8]bool{3: true, 4: true, 5: true, 11: true, 12: true}

// looseOptions reads what IP options hold where nothing has to stand.
func looseOptions(p *ingest.Packet, _ []byte) ([]byte, int) {
	b := field.Loose(p)
	return b, len(b)
}

// nothingBut is the value of carriers that need nothing but the packet's time.
func nothingBut(*ingest.Packet, []byte) ([]byte, int) { return nil, 1 }
