package field

import (
	"encoding/binary"

	"icmpsift/ingest"
)

var dataFields = join(
	in(ingest.ProtoData,
		row("data", Protocol, data, "payload no dissector understands; of an echo, without the leading timestamp").alsoIn(ingest.ProtoMACsec),
		row("data.data", Bytes, data, "that payload (sift.payload has all of an echo's)").alsoIn(ingest.ProtoMACsec),
		row("data.len", Int32, dataLength, "captured bytes of that payload").alsoIn(ingest.ProtoMACsec),
	),
	in(ingest.ProtoICMPv4,
		row("icmp.data_time", AbsoluteTime, icmp4(payloadTime, 0, 8), "time the sender put at the front of an echo payload"),
		row("icmp.data_time_relative", RelativeTime, icmp4(payloadAge, 0, 8), "frame time less that time"),
	),
	in(ingest.ProtoICMPv6,
		row("icmpv6.data_time", AbsoluteTime, newer("4.2", icmp6(payloadTime, 128, 129)), "time the sender put at the front of an echo payload"),
		row("icmpv6.data_time_relative", RelativeTime, newer("4.2", icmp6(payloadAge, 128, 129)), "frame time less that time"),
	),
)

func data(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := payloadOf(c, p, i); len(b) > 0 {
		dst = append(dst, protocol(b, len(b)))
	}
	return dst
}

func dataLength(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if b := payloadOf(c, p, i); len(b) > 0 {
		dst = append(dst, Value{Int: int64(len(b))})
	}
	return dst
}

// payloadOf is what Wireshark's data dissector gets of a data layer: all but the timestamp that begins an echo payload.
func payloadOf(c *Context, p *ingest.Packet, i int) []byte {
	l := &p.Layers[i]
	if l.Proto == ingest.ProtoMACsec {
		return protected(c, l)
	}
	if l.Parent < 0 || int(l.Parent) >= len(p.Layers) || !echoes(&p.Layers[l.Parent]) {
		return l.Bytes
	}
	_, n := timestamp(c, p, p.Layers[l.Parent].Proto, l.Bytes)
	return l.Bytes[n:]
}

// protected is what MACsec's check value covers behind the header, which Wireshark shows as data since 4.4 where it is not
// encrypted.
func protected(c *Context, l *ingest.Layer) []byte {
	const typeLen, icv = 2, 16
	if !namesEtherType(l) || !c.since("4.4") || len(l.Bytes)-icv < l.Header-typeLen || l.Cut() {
		return nil
	}
	return l.Bytes[l.Header-typeLen : len(l.Bytes)-icv]
}

// echoes tells whether the layer is an echo request or reply of either ICMP.
func echoes(l *ingest.Layer) bool {
	switch t := first(l.Bytes); l.Proto {
	case ingest.ProtoICMPv4:
		return t == 0 || t == 8
	case ingest.ProtoICMPv6:
		return t == 128 || t == 129
	}
	return false
}

func payloadTime(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	if t, n := timestamp(c, p, l.Proto, l.Bytes[min(8, len(l.Bytes)):]); n > 0 {
		dst = append(dst, Value{Int: t, Bytes: span(l.Bytes, 8, n)})
	}
	return dst
}

func payloadAge(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	from := len(dst)
	dst = payloadTime(c, p, i, dst)
	for k := from; k < len(dst); k++ {
		dst[k].Int = p.Time - dst[k].Int
	}
	return dst
}

const (
	second = int64(1e9)
	day    = 86400 * second
)

// timestamp is Wireshark's guess whether an echo payload begins with the sender's time: nanoseconds, and how many bytes it
// takes, 0 for none. Wireshark changed its mind with 4.2.
func timestamp(c *Context, p *ingest.Packet, proto ingest.Proto, b []byte) (ns int64, n int) {
	switch {
	case len(b) < 8 || p.NoTime:
		return 0, 0
	case c.since("4.2"):
		return nearestTimestamp(b, p.Time)
	case proto == ingest.ProtoICMPv6:
		return 0, 0
	}
	return firstTimestamp(b, p.Time)
}

// nearestTimestamp (4.2 and later) tries timevals of 64 and 32 bits in either byte order; the nearest to the frame's time
// wins, if less than a day away. A 32-bit one without microseconds is what a 64-bit one looks like from the front.
func nearestTimestamp(b []byte, frame int64) (ns int64, n int) {
	best := day
	try := func(secs, usecs uint64, size int) {
		t, ok := timeval(secs, usecs)
		if off := distance(frame, t); ok && off < best {
			best, ns, n = off, t, size
		}
	}
	if len(b) >= 16 {
		try(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), 16)
	}
	if usecs := binary.LittleEndian.Uint32(b[4:]); n == 0 || usecs != 0 {
		try(uint64(binary.LittleEndian.Uint32(b)), uint64(usecs), 8)
	}
	try(uint64(binary.BigEndian.Uint32(b)), uint64(binary.BigEndian.Uint32(b[4:])), 8)
	if len(b) >= 16 {
		try(binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), 16)
	}
	return ns, n
}

func timeval(secs, usecs uint64) (ns int64, ok bool) {
	if secs > 1<<33 || usecs >= 1e6 { // keeps nanoseconds within 64 bits
		return 0, false
	}
	return int64(secs)*second + int64(usecs)*1000, true
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// firstTimestamp (before 4.2) tries two 32-bit words, big-endian and then little-endian. Microseconds count as signed there.
func firstTimestamp(b []byte, frame int64) (ns int64, n int) {
	for _, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
		secs, usecs := int64(order.Uint32(b)), int32(order.Uint32(b[4:]))
		if distance(secs, floorSeconds(frame)) < 86400 && usecs < 1e6 {
			return secs*second + int64(usecs*1000), 8 // wraps in 32 bits, there too
		}
	}
	return 0, 0
}

func floorSeconds(ns int64) int64 {
	if s := ns / second; ns%second >= 0 {
		return s
	}
	return ns/second - 1
}
