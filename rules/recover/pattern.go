package recover

import (
	"bytes"
	"encoding/binary"
	"math"
)

// longestPattern is as much as "ping -p" takes.
const longestPattern = 16

// stampOfLinux is the length of the time stamp of iputils.
const stampOfLinux = 16

// repeated takes one copy of what each packet repeats to its end, as "ping -p" does, behind a time stamp or nothing.
func repeated(t transfer) []transfer {
	if len(t.members) < 3 {
		return nil
	}
	for _, skip := range []int{stampOfLinux, 8, 4, 24, 0} {
		if out := t.once(skip); out != nil {
			return []transfer{{members: out, place: t.place, name: t.name}}
		}
	}
	return nil
}

// once gives the members with one copy of the pattern behind skip bytes; nil if not all of them repeat one.
func (t transfer) once(skip int) []Candidate {
	periods, longest, kinds := make([]int, len(t.members)), 0, map[string]bool{}
	for i, c := range t.members {
		if len(c.Value) < skip+8 || c.Wire != len(c.Value) {
			return nil
		}
		rest := c.Value[skip:]
		p := period(rest)
		if p == 0 || len(rest) < 2*p {
			return nil
		}
		periods[i], longest = p, max(longest, p)
		kinds[string(rest[:p])] = true
	}
	if len(kinds) < 3 || !t.spread(skip, periods, longest) {
		return nil
	}
	out := make([]Candidate, len(t.members))
	for i, c := range t.members {
		n := periods[i]
		if i < len(t.members)-1 && longest%n == 0 && copyFrom(skip, longest)+longest <= len(c.Value) {
			n = longest
		}
		from := copyFrom(skip, n)
		c.Value, c.Wire = c.Value[from:from+n], n
		out[i] = c
	}
	return out
}

// copyFrom is where the first whole copy of a pattern of n bytes begins behind skip bytes.
func copyFrom(skip, n int) int {
	if skip == stampOfLinux { // it fills from the front, and writes the time over that
		return (skip + n - 1) / n * n
	}
	return skip
}

// spread tells whether the packets are like those of "ping -p": one size, or as long as a few copies.
func (t transfer) spread(skip int, periods []int, longest int) bool {
	fit := 0
	for _, p := range periods {
		if longest%p == 0 {
			fit++
		}
	}
	return fit >= len(periods)-1 && (skip == 0 || t.stampVaries(skip))
}

// stampVaries tells whether what stands before the pattern differs between packets.
func (t transfer) stampVaries(skip int) bool {
	for _, c := range t.members[1:] {
		if !bytes.Equal(c.Value[:skip], t.members[0].Value[:skip]) {
			return true
		}
	}
	return false
}

// period is the shortest period of at most longestPattern bytes, 0 if there is none.
func period(b []byte) int {
	for p := 1; p <= longestPattern && p < len(b); p++ {
		if bytes.Equal(b[p:], b[:len(b)-p]) {
			return p
		}
	}
	return 0
}

// stamped takes off the sender's clock, which pings put first.
func stamped(t transfer) []transfer {
	if len(t.members) < 3 {
		return nil
	}
	for _, form := range stampForms {
		if t.clocked(form) {
			return []transfer{t.without(form.size)}
		}
	}
	return nil
}

// stampForm is a way to write a time: seconds, and a fraction of them that stays below a bound.
type stampForm struct {
	size    int
	seconds func(b []byte) uint64
	part    func(b []byte) uint64
}

var stampForms = []stampForm{
	{16, func(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }, func(b []byte) uint64 { return binary.LittleEndian.Uint64(b[8:]) }},
	{16, func(b []byte) uint64 { return binary.BigEndian.Uint64(b) }, func(b []byte) uint64 { return binary.BigEndian.Uint64(b[8:]) }},
	{8, func(b []byte) uint64 { return uint64(binary.BigEndian.Uint32(b)) }, func(b []byte) uint64 { return uint64(binary.BigEndian.Uint32(b[4:])) }},
	{8, func(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b)) }, func(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b[4:])) }},
	{8, func(b []byte) uint64 { return binary.BigEndian.Uint64(b) / 1e9 }, func([]byte) uint64 { return 0 }},
	{8, func(b []byte) uint64 { return binary.LittleEndian.Uint64(b) / 1e9 }, func([]byte) uint64 { return 0 }},
	{8, func(b []byte) uint64 { return floating(binary.LittleEndian.Uint64(b)) }, func([]byte) uint64 { return 0 }}, // struct.pack("d", time.time()) of Python
	{8, func(b []byte) uint64 { return floating(binary.BigEndian.Uint64(b)) }, func([]byte) uint64 { return 0 }},
}

// floating is the whole part of a number written with a floating point, 0 if that is out of bounds.
func floating(bits uint64) uint64 {
	if f := math.Float64frombits(bits); f >= 1 && f < 1<<40 {
		return uint64(f)
	}
	return 0
}

// maxSkew is how far a sender's clock may be off, in seconds: ten years, because lab machines have no clock worth the name.
const maxSkew = 315_360_000

// maxDrift is how far a sender's clock may go away from the capture's, and packets may come late, in seconds.
const maxDrift = 5

// clocked tells whether all packets begin with a time that runs with the capture's.
func (t transfer) clocked(f stampForm) bool {
	var off int64
	kinds, written := map[string]bool{}, true
	for i, c := range t.members {
		if len(c.Value) <= f.size {
			return false
		}
		kinds[string(c.Value[:f.size])], written = true, written && printable(c.Value[:f.size])
		s, at := f.seconds(c.Value), c.Time/1e9
		if s < 1e9 || s > 1<<33 || f.part(c.Value) >= 1e9 {
			return false
		}
		skew := int64(s) - at
		if i == 0 {
			off = skew
		}
		if skew < -maxSkew || skew > maxSkew || skew-off > maxDrift || off-skew > maxDrift {
			return false
		}
	}
	return !written && 2*len(kinds) >= len(t.members)
}
