package builtin_test

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

// channel is a way to carry a file, for the captures of the rule that sees it.
type channel struct {
	name  string
	unit  int // bytes a packet
	least int // packets, or different values, that the rule asks for
	v6    bool
	write func(p parcel, b []byte) []sent
	// few repeats what it takes one packet less of; the default is the file's first units
	few func(c channel) []byte
}

// parcel is where and when a unit goes, and which it is.
type parcel struct {
	at       time.Duration
	src, dst string
	id, seq  uint16
}

// texts: of note and bell all letters differ but some, of names and nanas five are different and three in each half, of key and other all pairs differ.
const (
	note  = "the lock is blue"
	bell  = "six at my house!"
	names = "anna nan\x00tete et"
	nanas = "nana nan\x00ette te"
	key   = "the keys lie under the green mat"
	other = "meet him at old mill, lane no. 4"
)

// longer is text for channels that carry more bytes a packet.
const longer = "Vault 12: the code is 4417-22. Keep it to yourself, burn this note after reading it, and do not call me on the office line.\n" +
	"Meet at the boat house, bring both cards and no phone; the guard leaves his post at nine and is back at ten past.\n"

func pinged(p parcel, body []byte) sent {
	typ := byte(8)
	if bytes.ContainsRune([]byte(p.src), ':') {
		typ = 128
	}
	return sent{p.at, p.src, p.dst, echo(typ, p.id, p.seq, body)}
}

// answer is what a stack makes of a request.
func answer(s sent) sent {
	m := slices.Clone(s.message)
	m[0] = map[byte]byte{8: 0, 128: 129, 13: 14, 17: 18}[m[0]]
	return sent{s.at + 5*time.Millisecond, s.dst, s.src, m}
}

// withHeader changes the IP header of a message.
func withHeader(s sent, change func(h []byte)) sent {
	b := s.packet()
	change(b)
	if b[0]>>4 == 4 {
		be.PutUint16(b[10:], 0)
		be.PutUint16(b[10:], sum(b[:20]))
	}
	return sent{s.at, "", "", b}
}

// stock is an ordinary ping's payload.
var stock = []byte("abcdefghijklmnopqrstuvwabcdefghi")

var channels = []channel{
	{name: "code", unit: 1, least: 5, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		s.message[1] = b[0]
		return []sent{s, answer(s)}
	}, few: func(channel) []byte { return []byte("test test sets set tests") }},
	{name: "id", unit: 2, least: 16, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		copy(s.message[4:], b)
		return []sent{s, answer(s)}
	}},
	{name: "seq", unit: 2, least: 16, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		be.PutUint16(s.message[4:], p.seq) // the count stands in the identifier
		copy(s.message[6:], b)
		return []sent{s, answer(s)}
	}},
	{name: "ip-id", unit: 2, least: 16, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		return []sent{withHeader(s, func(h []byte) { copy(h[4:], b) }), withHeader(answer(s), func(h []byte) { copy(h[4:], b) })}
	}},
	{name: "ttl", unit: 1, least: 2, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		return []sent{withHeader(s, func(h []byte) { h[8] = b[0] }), withHeader(answer(s), func(h []byte) { h[8] = b[0] })}
	}},
	{name: "dsfield", unit: 1, least: 2, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		return []sent{withHeader(s, func(h []byte) { h[1] = b[0] }), withHeader(answer(s), func(h []byte) { h[1] = b[0] })}
	}},
	{name: "flow", unit: 2, least: 16, v6: true, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		return []sent{withHeader(s, func(h []byte) { copy(h[2:], b) }), withHeader(answer(s), func(h []byte) { copy(h[2:], b) })}
	}},
	{name: "length", unit: 1, least: 2, write: func(p parcel, b []byte) []sent {
		s := pinged(p, make([]byte, b[0]))
		return []sent{s, answer(s)}
	}},
	{name: "timestamps", unit: 12, least: 4, write: func(p parcel, b []byte) []sent { return queries(13, p, b) }, few: shorter},
	{name: "mask", unit: 4, least: 4, write: func(p parcel, b []byte) []sent { return queries(17, p, b) }, few: shorter},
	{name: "quote", unit: 40, least: 5, write: func(p parcel, b []byte) []sent {
		u := slices.Concat(be.AppendUint32(nil, 40000<<16|9999), be.AppendUint32(nil, uint32(10+len(b))<<16), be.AppendUint16(nil, p.seq), b)
		q := sent{0, p.dst, p.src, message(0, 0, 0, nil)}.packet()[:20]
		be.PutUint16(q[2:], uint16(20+len(u)))
		q[9] = 17
		return []sent{{p.at, p.src, p.dst, message(3, 3, 0, append(q, u...))}}
	}, few: repeatedUnits},
	{name: "dstopts", unit: 40, least: 4, v6: true, write: func(p parcel, b []byte) []sent {
		data := append(be.AppendUint16(nil, p.seq), b...)
		options := append([]byte{58, 0, 0x1e, byte(len(data))}, data...)
		for len(options)%8 != 0 {
			options = append(options, 0)
		}
		options[1] = byte(len(options)/8 - 1)
		p.seq = scattered(int(p.seq))
		s := pinged(p, stock)
		raw := s.packet()
		raw[6] = 60
		be.PutUint16(raw[4:], be.Uint16(raw[4:])+uint16(len(options)))
		return []sent{{s.at, "", "", slices.Concat(raw[:40], options, raw[40:])}, answer(s)}
	}, few: shorter},
	{name: "checksum", unit: 2, least: 16, write: func(p parcel, b []byte) []sent {
		s := pinged(p, stock)
		raw := s.packet()
		copy(raw[22:], b)
		good := pinged(p, stock)
		good.at += time.Millisecond
		return []sent{{s.at, "", "", raw}, good}
	}, few: shorter},
	{name: "pattern", unit: 16, least: 5, write: func(p parcel, b []byte) []sent {
		body := append(clock(8, int(p.seq)), make([]byte, 8)...)
		le.PutUint64(body, uint64(start.Add(p.at).Unix()))
		le.PutUint64(body[8:], uint64(p.at.Microseconds()%1e6))
		s := pinged(p, slices.Concat(body, b, b, b[:8]))
		return []sent{s, answer(s)}
	}, few: repeatedUnits},
}

// queries are a request with a body, and the reply to it, which has another; of the host that never asks, a reply alone.
func queries(typ byte, p parcel, b []byte) []sent {
	s := sent{p.at, p.src, p.dst, message(typ, 0, uint32(p.id)<<16|uint32(p.seq), b)}
	if p.src == inside2 {
		s.message[0]++
		return []sent{s}
	}
	return []sent{s, answer(s)}
}

// text is the file of the channel that is so many units long.
func (c channel) text(of string) []byte {
	second := of == other
	switch {
	case c.name == "code" && second:
		return []byte(nanas)
	case c.name == "code":
		return []byte(names)
	case c.unit == 1 && second:
		return []byte(bell)
	case c.unit == 1:
		return []byte(note)
	case c.unit == 2:
		return []byte(of)
	case second:
		return []byte(longer[1:][:c.unit*c.least])
	}
	return []byte(longer[:c.unit*c.least])
}

// shorter is one unit less than the rule asks for.
func shorter(c channel) []byte { return []byte(longer[:c.unit*(c.least-1)]) }

// repeatedUnits has one different unit less than the rule asks for, all of them twice.
func repeatedUnits(c channel) []byte { return slices.Concat(shorter(c), shorter(c)) }

// fewer is a text with one different value less than the rule asks for, but many packets.
func fewer(c channel) []byte {
	switch {
	case c.few != nil:
		return c.few(c)
	case c.least == 2:
		return bytes.Repeat([]byte("e"), 40)
	}
	return []byte(key[:30] + key[:30] + key[:30])
}

// send puts a text into packets at the times.
func (c channel) send(text []byte, src, dst string, seq func(i int) uint16, at func(i, n int) time.Duration) (out []sent) {
	if c.v6 {
		src, dst = map[string]string{inside: inside6, inside2: "fd20::12"}[src], map[string]string{outside: outside6, outside2: "2001:db8::67"}[dst]
	}
	n := len(text) / c.unit
	for i, b := range slices.Collect(slices.Chunk(text, c.unit)) {
		out = append(out, c.write(parcel{at(i, n), src, dst, 7, seq(i)}, b)...)
	}
	return out
}

// bursts sends one half at once, and the other so much later.
func bursts(apart time.Duration) func(i, n int) time.Duration {
	return func(i, n int) time.Duration {
		at := time.Duration(i) * time.Second
		if 2*i >= n {
			at += apart
		}
		return at
	}
}

// swapped is bursts with neighbours in the wrong order.
func swapped(apart time.Duration) func(i, n int) time.Duration {
	in := bursts(apart)
	return func(i, n int) time.Duration {
		if 2*(i^1) >= n == (2*i >= n) && i^1 < n {
			return in(i^1, n)
		}
		return in(i, n)
	}
}

func counted(i int) uint16 { return uint16(i) }

// scattered are numbers that do not count.
func scattered(i int) uint16 { return uint16(i*40503 + 77) }

// hit is a file whose packets are numbered but came in another order, one whose numbers say nothing, and one of another host; no half of
// the time span holds enough.
func (c channel) hit() []sent {
	const span = 17 * time.Hour
	return slices.Concat(c.send(c.text(key), inside, outside, counted, swapped(span)), c.send(c.text(other), inside, outside2, c.unnumbered(), bursts(span)),
		c.send(c.text(key), inside2, outside, counted, swapped(span)))
}

// unnumbered are numbers for the file that has none: where pieces hold their own, those.
func (c channel) unnumbered() func(int) uint16 {
	if c.name == "quote" || c.name == "dstopts" {
		return counted
	}
	return scattered
}

// miss is too few values, and a file over too long a time.
func (c channel) miss() []sent {
	few := fewer(c)
	again := func(i int) uint16 { return uint16(i % max(1, len(few)/c.unit/2)) }
	if c.name != "quote" && c.name != "pattern" {
		again = counted
	}
	return slices.Concat(c.send(few, inside, outside, again, bursts(0)), c.send(c.text(key), inside2, outside2, counted, bursts(36*time.Hour)), c.near())
}

// near is what looks like the channel and is ordinary traffic.
func (c channel) near() (out []sent) {
	switch c.name {
	case "code": // pings among those with codes
		for i := range 20 {
			out = append(out, pinged(parcel{time.Duration(i) * time.Second, inside, outside, 9, uint16(i)}, stock))
		}
	case "dstopts": // pings without options among those few that have them
		for i := range 20 {
			out = append(out, pinged(parcel{time.Duration(i) * time.Second, inside6, outside6, 9, uint16(i)}, stock))
		}
	case "timestamps", "mask": // pings, and answers that nobody asked for, among those few
		for i := range 20 {
			at := time.Duration(i) * time.Second
			out = append(out, pinged(parcel{at, inside, outside, 9, uint16(i)}, stock))
			for _, typ := range []byte{0, 16, 14, 18, 43} {
				if typ == 14 && c.name == "timestamps" || typ == 18 && c.name == "mask" {
					continue
				}
				out = append(out, sent{at, inside, outside, message(typ, 0, uint32(11)<<16|uint32(i), make([]byte, 12))})
			}
		}
	case "pattern": // nothing but zero bytes is no pattern
		out = append(out, pinged(parcel{20 * time.Second, inside, outside, 7, 20}, make([]byte, 56)))
	case "ttl": // a path that takes turns, and a traceroute
		for i := range 60 {
			out = append(out, withHeader(pinged(parcel{time.Duration(i) * time.Second, inside3, outside, 9, uint16(i)}, stock), func(h []byte) { h[8] = byte(108 + i*7%5) }),
				withHeader(pinged(parcel{time.Duration(i) * time.Second, inside3, outside2, 9, uint16(i)}, stock), func(h []byte) { h[8] = byte(1 + i%30) }))
		}
	}
	return out
}

// gaps is text by the time between pings, short or long.
func gaps(text string, short, long time.Duration, src, dst string) (out []sent) {
	at := time.Duration(0)
	for i := 0; i <= 8*len(text); i++ {
		out = append(out, pinged(parcel{at, src, dst, 7, uint16(i)}, stock))
		if i < 8*len(text) {
			if at += short; text[i/8]>>(7-i%8)&1 == 1 {
				at += long - short
			}
		}
	}
	return out
}

const spelled = "their rented sea"

// fourfold is text by the time between pings, one of four.
func fourfold(text string, least, step time.Duration, src, dst string) []sent {
	at := time.Duration(0)
	out := []sent{pinged(parcel{at, src, dst, 7, 0}, stock)}
	for i := range 4 * len(text) {
		at += least + step*time.Duration(text[i/4]>>(6-2*(i%4))&3)
		out = append(out, pinged(parcel{at, src, dst, 7, uint16(i + 1)}, stock))
	}
	return out
}

// seqSteps is text by which numbers count; and pings of which some are lost, whose numbers go on by one, two or three.
func seqSteps() []sent {
	at := uint16(0)
	return append(valued(inside, outside, len(key), func(i int) (uint16, uint16, []byte, func([]byte)) {
		at += uint16(key[i])
		return 7, at, stock, nil
	}), valued(inside2, outside, len(key), func(i int) (uint16, uint16, []byte, func([]byte)) {
		at += 1 + uint16(scattered(i)%3)
		return 7, at, stock, nil
	})...)
}

func gapHit() []sent {
	var replies []sent
	for i, s := range gaps(spelled, 8*time.Minute, 20*time.Minute, inside, outside) {
		if i%2 == 0 { // replies, which are no part of it
			replies = append(replies, answer(s))
		}
	}
	return slices.Concat(replies, gaps(spelled, 8*time.Minute, 20*time.Minute, inside, outside), gaps(spelled, 8*time.Minute, 20*time.Minute, inside, outside2), gaps(spelled, 8*time.Minute, 20*time.Minute, inside2, outside))
}

func gapMiss() []sent {
	return slices.Concat(gaps(spelled[:15], time.Second, 3*time.Second, inside, outside), gaps(spelled, 17*time.Minute, 38*time.Minute, inside2, outside2))
}

// two adds a file in two values of the field to a hit.
func two(c channel) []sent {
	var out []sent
	for i := range 8 * len(spelled) {
		bit := spelled[i/8] >> (7 - i%8) & 1
		out = append(out, c.write(parcel{time.Duration(i) * time.Second, inside3, outside3, 7, uint16(i)}, []byte{40 + 60*bit})[:1]...)
	}
	return out
}

// backwards are pings of the receiver, which the senders' stacks answer under the identifier of their files.
func backwards() (out []sent) {
	for i := range 5 {
		for _, to := range []string{inside, inside2} {
			s := pinged(parcel{time.Duration(i)*time.Second + 300*time.Millisecond, outside, to, 7, uint16(1000 + i)}, stock)
			s.message[1] = 'a'
			out = append(out, s, answer(s))
		}
	}
	return out
}

// channelCaptures adds the channels' captures.
func channelCaptures(to map[string]func() []sent) map[string]func() []sent {
	out := maps.Clone(to)
	for _, c := range channels {
		out[c.name+"-hit"], out[c.name+"-miss"] = c.hit, c.miss
		switch {
		case c.least == 2:
			out[c.name+"-hit"] = func() []sent { return append(c.hit(), two(c)...) }
		case c.name == "code":
			out[c.name+"-hit"] = func() []sent { return append(c.hit(), backwards()...) }
		}
	}
	out["gap-hit"], out["gap-miss"] = gapHit, gapMiss
	out["seq-steps"] = seqSteps
	out["gap-levels"] = func() []sent {
		return fourfold(spelled+" by day.", 200*time.Millisecond, 300*time.Millisecond, inside, outside)
	}
	for name := range oddValues {
		out[name+"-odd-hit"], out[name+"-odd-miss"] = oddValues[name], ordinaryValues[name]
	}
	return out
}
