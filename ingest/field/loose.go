package field

import (
	"bytes"

	"icmpsift/ingest"
)

// Loose is what the options of the IP header that carries the message hold where nothing has to stand: the data of options that no standard
// knows or hosts do not send, slots of a route or of times that are not used yet, and padding that is not zero. It gives nil where there is nothing.
func Loose(p *ingest.Packet) (out []byte) {
	eachLoose(p, func(b []byte) { out = append(out, b...) })
	return out
}

// eachLoose takes them one after the other, as they stand in the packet.
func eachLoose(p *ingest.Packet, take func(b []byte)) {
	for i := max(p.IP, 0); i < p.ICMP; i++ {
		l := &p.Layers[i]
		end := min(l.Header, len(l.Bytes))
		switch {
		case l.Quoted > 0:
		case l.Proto == ingest.ProtoIPv4 && i == p.IP && end > 20:
			loose4(l.Bytes[20:end], take)
		case (l.Proto == ingest.ProtoDestOpts || l.Proto == ingest.ProtoHopByHop) && end > 2:
			loose6(l.Bytes[2:end], take)
		}
	}
}

// Options of IPv4 (RFC 791, 2113).
const (
	endOfOptions = 0
	noOperation  = 1
	recordRoute  = 7
	timesOption  = 68
	looseRoute   = 131
	strictRoute  = 137
	routerAlert  = 148
)

// loose4 goes through options of IPv4.
func loose4(b []byte, take func(b []byte)) {
	for len(b) > 0 {
		switch b[0] {
		case endOfOptions:
			some(filler(b[1:]), take)
			return
		case noOperation:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return
		}
		data := b[2:b[1]]
		switch b[0] {
		case routerAlert:
		case recordRoute, looseRoute, strictRoute:
			some(unreached(data, 1), take)
		case timesOption:
			some(unreached(data, 2), take)
		default:
			some(data, take)
		}
		b = b[b[1]:]
	}
}

// unreached are the slots that an option's pointer, which counts from 1 at the option's type, has not passed, so many bytes of the option behind its length.
func unreached(data []byte, slots int) []byte {
	if len(data) <= slots {
		return nil
	}
	return filler(data[max(slots, min(int(data[0])-3, len(data))):])
}

// loose6 goes through options of IPv6.
func loose6(b []byte, take func(b []byte)) {
	for len(b) > 0 {
		if b[0] == 0 { // Pad1
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			break
		}
		data := b[2 : 2+int(b[1])]
		switch {
		case b[0] == 1: // PadN
			some(filler(data), take)
		case !listedOption[b[0]]:
			some(data, take)
		}
		b = b[2+int(b[1]):]
	}
}

func some(b []byte, take func(b []byte)) {
	if len(b) > 0 {
		take(b)
	}
}

// filler is what stands where zero bytes should, if it is something else.
func filler(b []byte) []byte {
	if len(bytes.Trim(b, "\x00")) == 0 {
		return nil
	}
	return b
}

// listedOption are the options of IPv6 that IANA lists and that hosts send. Those of in-situ measurement, 0x11 and 0x12, are
// not among them: pings do not carry any, and covert_send6 of THC-IPv6 takes these numbers for its own.
var listedOption = map[byte]bool{0x04: true, 0x05: true, 0x07: true, 0x08: true, 0x0f: true, 0x23: true, 0x26: true, 0x30: true, 0x31: true,
	0x63: true, 0x6d: true, 0x8a: true, 0x8b: true, 0x8c: true, 0xc2: true, 0xc3: true, 0xc9: true, 0xee: true}

func looseOptions(_ *Context, p *ingest.Packet, _ int, dst []Value) []Value {
	if p.Message() != nil {
		eachLoose(p, func(b []byte) { dst = append(dst, Value{Bytes: b}) })
	}
	return dst
}
