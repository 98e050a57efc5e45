package builtin_test

import (
	"maps"
	"slices"
	"time"
)

func init() {
	maps.Copy(captures, map[string]func() []sent{"options-hit": optionsHit, "options-miss": optionsMiss})
}

// withOptions4 puts options into the header of a ping, filled up to four bytes.
func withOptions4(p parcel, options []byte) sent {
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	raw := sent{p.at, p.src, p.dst, echo(8, p.id, p.seq, stock)}.packet()
	raw = slices.Concat(raw[:20], options, raw[20:])
	raw[0] = 0x40 | byte(len(raw[:20])+len(options))/4
	be.PutUint16(raw[2:], uint16(len(raw)))
	be.PutUint16(raw[10:], 0)
	be.PutUint16(raw[10:], sum(raw[:20+len(options)]))
	return sent{p.at, "", "", raw}
}

// withOptions6 puts a hop-by-hop header before a message.
func withOptions6(at time.Duration, src, dst string, m, options []byte) sent {
	raw := sent{at, src, dst, m}.packet()
	header := append([]byte{raw[6], byte((len(options)+2)/8 - 1)}, options...)
	raw[6] = 0
	be.PutUint16(raw[4:], be.Uint16(raw[4:])+uint16(len(header)))
	return sent{at, "", "", slices.Concat(raw[:40], header, raw[40:])}
}

// optionsHit is a text in an option of IPv4 that nobody knows, in slots of a route that no router has reached, and in padding.
func optionsHit() (out []sent) {
	each := func(n int, of func(at time.Duration, i int, piece []byte) sent) {
		for piece := range slices.Chunk([]byte(longer)[:96], n) {
			i := len(out)
			out = append(out, of(time.Duration(i)*time.Second, i, piece))
		}
	}
	each(24, func(at time.Duration, i int, piece []byte) sent {
		return withOptions4(parcel{at, inside, outside, 7, uint16(i)}, slices.Concat([]byte{0x9e, byte(2 + len(piece))}, piece))
	})
	each(8, func(at time.Duration, i int, piece []byte) sent {
		return withOptions4(parcel{at, inside2, outside, 7, uint16(i)}, slices.Concat([]byte{7, byte(3 + len(piece)), 4}, piece))
	})
	each(4, func(at time.Duration, i int, piece []byte) sent {
		return withOptions6(at, inside6, outside6, echo(128, 7, uint16(i), stock), append([]byte{1, 4}, piece...))
	})
	return out
}

// optionsMiss is what hosts and routers write there: recorded routes, router alerts of multicast listeners, a security label; and three pieces of a text.
func optionsMiss() (out []sent) {
	for i := range 40 {
		at, n := time.Duration(i)*time.Second, uint16(i)
		label := []byte{134, 10, 0, 0, 0, 1, 1, 4, 0, byte(i % 3)}
		out = append(out,
			withOptions4(parcel{at, inside, outside, 7, n}, slices.Concat([]byte{7, 39, 12, 10, 20, 0, 1, 198, 51, 100, byte(i)}, make([]byte, 28))),
			withOptions4(parcel{at, inside2, outside, 7, n}, label),
			withOptions6(at, inside6, "ff02::16", message(143, 0, 1, slices.Concat([]byte{4, 0, 0, 0}, make([]byte, 16))), []byte{5, 2, 0, 0, 1, 0}))
	}
	for i, piece := range slices.Collect(slices.Chunk([]byte(longer)[:72], 24)) {
		out = append(out, withOptions4(parcel{time.Duration(i) * time.Second, inside3, outside, 7, uint16(i)}, slices.Concat([]byte{0x9e, 26}, piece)))
	}
	return out
}
