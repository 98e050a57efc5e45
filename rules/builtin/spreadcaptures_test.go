package builtin_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"
)

func init() {
	maps.Copy(captures, map[string]func() []sent{
		"body-hit":      bodyHit,
		"body-miss":     bodyMiss,
		"unused-hit":    unusedHit,
		"unused-miss":   unusedMiss,
		"seq-high":      seqHigh,
		"seq-host":      seqHost,
		"spread-hit":    func() []sent { return spreadHit(false) },
		"spread-miss":   func() []sent { return spreadMiss(false) },
		"gathered-hit":  func() []sent { return spreadHit(true) },
		"gathered-miss": func() []sent { return spreadMiss(true) },
		"payload-decoy": payloadDecoy,
	})
}

const (
	inside62  = "fd20::12"
	outside62 = "2001:db8::67"
)

// apart sends the halves of a file in messages of a type without a form.
func apart(span time.Duration, src, dst string, typ byte, file []byte) []sent {
	half := len(file) / 2
	first, second := append([]byte{typ, 0, 0, 0}, file[:half]...), append([]byte{typ, 0, 0, 0}, file[half:]...)
	return []sent{{0, src, dst, first}, {span, src, dst, second}}
}

// bodyHit is a file in two messages, of each type that is left to experiments, and of one that is not assigned.
func bodyHit() (out []sent) {
	file := archived(longer)
	for _, x := range []struct {
		src, dst string
		typ      byte
	}{{inside, outside, 253}, {inside2, outside, 44}, {inside, outside2, 254}, {inside6, outside6, 100}, {inside6, outside62, 101}, {inside62, outside6, 200}, {inside62, outside62, 201}} {
		out = append(out, apart(18*time.Hour, x.src, x.dst, x.typ, file)...)
	}
	return out
}

// bodyMiss is a file in one message, which comes again; one over too long a time; one in messages of a type that has a form; and noise.
func bodyMiss() (out []sent) {
	file := archived(longer)
	for i := range 3 {
		out = append(out, sent{time.Duration(i) * time.Second, inside, outside, append([]byte{253, 0, 0, 0}, file...)})
	}
	out = append(out, apart(36*time.Hour, inside2, outside2, 253, file)...)
	out = append(out, apart(time.Hour, inside3, outside3, 9, file)...)
	for i := range 10 {
		out = append(out, sent{time.Duration(i) * time.Second, inside3, outside2, append([]byte{byte(50 + 7*i), 0, 0, 0}, noise(60, i)...)})
	}
	return out
}

// inUnused sends a text in the unused bytes of errors, half of it so much later.
func inUnused(src, dst string, typ, code byte, text []byte, span time.Duration) (out []sent) {
	at := bursts(span)
	about := quote(dst, src, echo(8, 7, 1, nil))
	for i, b := range slices.Collect(slices.Chunk(text, 4)) {
		out = append(out, sent{at(i, len(text)/4), src, dst, message(typ, code, be.Uint32(b), about)})
	}
	return out
}

func unusedHit() []sent {
	zeros := archived(longer) // it has pieces of zero bytes
	zeros = append(zeros, make([]byte, (4-len(zeros)%4)%4)...)
	const span = 17 * time.Hour
	return slices.Concat(inUnused(inside, outside, 3, 1, []byte(note), span), inUnused(inside2, outside, 11, 0, []byte(note), span),
		inUnused(inside, outside2, 4, 0, []byte(bell), span), inUnused(inside6, outside6, 1, 4, []byte(note), span), inUnused(inside62, outside62, 3, 0, []byte(note), span),
		inUnused(inside3, outside3, 3, 3, zeros, time.Hour))
}

// unusedMiss is too few values, a text over too long a time, texts where errors have a use for the bytes, and lengths of extensions.
func unusedMiss() (out []sent) {
	few := []byte("see annex 4b")
	out = slices.Concat(inUnused(inside, outside, 3, 1, slices.Concat(few, few), 0), inUnused(inside2, outside2, 3, 1, []byte(note), 36*time.Hour),
		inUnused(inside3, outside3, 3, 4, []byte(note), 0), inUnused(inside3, outside, 5, 1, []byte(note), 0), inUnused(inside2, outside3, 12, 0, []byte(note), 0))
	for i := range 20 {
		out = append(out, sent{time.Duration(i) * time.Second, inside3, outside2, message(11, 0, uint32(i%2*17)<<16, quote(outside2, inside3, echo(8, 7, 1, nil)))})
	}
	return out
}

// seqHigh is a text in the high byte of the sequence number, whose low byte counts.
func seqHigh() (out []sent) {
	for i, b := range []byte(longer) {
		s := pinged(parcel{time.Duration(i) * time.Second, inside, outside, 7, uint16(b)<<8 | uint16(i&255)}, stock)
		out = append(out, s, answer(s))
	}
	return out
}

// seqHost are pings that count in the byte order of their host, through a carry.
func seqHost() (out []sent) {
	for i := range 300 {
		s := pinged(parcel{time.Duration(i) * time.Second, inside, outside, 7, uint16(i)<<8 | uint16(i>>8)}, stock)
		out = append(out, s, answer(s))
	}
	return out
}

// shares sends the pieces of a file to the hosts in turn, or from them; half of it so much later.
func shares(gathered bool, one string, many []string, file []byte, pieces int, span time.Duration, seq func(i int) uint16) (out []sent) {
	size := (len(file) + pieces - 1) / pieces
	at := bursts(span)
	for i, b := range slices.Collect(slices.Chunk(file, size)) {
		src, dst := one, many[i%len(many)]
		if gathered {
			src, dst = dst, src
		}
		out = append(out, pinged(parcel{at(i, pieces), src, dst, 7, seq(i)}, b))
	}
	return out
}

// spreadHit is a file in five pings to two hosts, a text to three in turn whose pings each receiver's count numbers, and one to two hosts that
// one count numbers; or the same from them.
func spreadHit(gathered bool) []sent {
	one, two, three := inside, inside2, "10.20.0.14"
	if gathered {
		one, two, three = outside, outside2, "203.0.113.80"
	}
	both := func(n int) (out []string) {
		for i := range n {
			if gathered {
				out = append(out, fmt.Sprintf("10.20.%d.%d", n, 100+i))
			} else {
				out = append(out, fmt.Sprintf("198.51.100.%d", 10*n+i))
			}
		}
		return out
	}
	text := []byte(longer + longer[60:])
	return slices.Concat(shares(gathered, one, both(2), archived(longer), 5, 17*time.Hour, scattered),
		shares(gathered, two, both(3), text, 12, 0, func(i int) uint16 { return uint16(i / 3) }),
		shares(gathered, three, []string{both(4)[0], both(4)[0], both(4)[1]}, []byte(base64.StdEncoding.EncodeToString(text)), 12, 0, counted))
}

// spreadMiss is a file in four pings, one over too long a time, one to a single host, texts to two hosts that nothing joins, and numbered
// messages of a monitor to several. Of those in four, one is repeated, one is among ordinary pings, and one among answers.
func spreadMiss(gathered bool) (out []sent) {
	one := []string{inside, inside2, inside3, "10.20.0.14", "10.20.0.15", "10.20.0.16", "10.20.0.17"}
	many := []string{"198.51.100.21", "198.51.100.22"}
	if gathered {
		one = []string{outside, outside2, outside3, "203.0.113.80", "203.0.113.81", "203.0.113.82", "203.0.113.83"}
		many = []string{"10.20.3.21", "10.20.3.22"}
	}
	out = slices.Concat(shares(gathered, one[0], many, archived(longer), 4, 0, counted), shares(gathered, one[1], many, archived(longer), 6, 36*time.Hour, counted),
		shares(gathered, one[2], many[:1], archived(longer), 6, 0, counted),
		shares(gathered, one[3], []string{many[0], many[0], many[1], many[0], many[1], many[1]}, []byte(longer), 18, 0, scattered))
	few := func(i int) []sent { return shares(gathered, one[i], many, archived(longer), 4, 0, counted) }
	again := few(0)[3]
	again.at += time.Minute
	ping := few(5)[0]
	ping.at, ping.message = time.Minute, echo(8, 7, 9, stock)
	client, server := many[0], one[6]
	if gathered {
		client, server = server, client
	}
	out = append(out, again, ping)
	out = slices.Concat(out, few(5), few(6), answered(time.Minute, client, server, 9, line(1), line(1)))
	for i := range 24 {
		src, dst := one[4], many[i%2]
		if gathered {
			src, dst = dst, src
		}
		out = append(out, pinged(parcel{time.Duration(i) * time.Second, src, dst, 7, uint16(i)}, fmt.Appendf(nil, "check %03d of the site by node seventeen", i)))
	}
	return out
}

// payloadDecoy is a text in pings, among ordinary ones of the same count.
func payloadDecoy() (out []sent) {
	for i, n := 0, 0; n < len(longer); i++ {
		body := stock
		if i%3 != 1 {
			body = []byte(longer[n:min(n+24, len(longer))])
			n += 24
		}
		out = append(out, pinged(parcel{time.Duration(i) * time.Second, inside, outside, 7, uint16(i)}, body))
	}
	return out
}
