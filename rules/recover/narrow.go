package recover

import (
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

var sliceForm = regexp.MustCompile(`^\[(\d{1,5})(?:([:-])(\d{0,5}))?\]$`)

// narrow makes the carrier read a part of its value only: "[i]", "[offset:length]", "[first-last]" or "&mask".
func (c Carrier) narrow(name, by string) (Carrier, error) {
	switch {
	case by == "":
		return c, nil
	case c.kind == gap || c.kind == size || c.kind == eachField:
		return c, fmt.Errorf("%s cannot be narrowed", c.Name)
	}
	whole := c.read
	c.Name = name
	if mask, found := strings.CutPrefix(by, "&"); found {
		m, err := strconv.ParseUint(mask, 0, 32)
		if err != nil || m == 0 || c.kind != number {
			return c, fmt.Errorf("expected a number field and a mask such as &0x0f")
		}
		c.bits = bits.OnesCount64(m >> bits.TrailingZeros64(m))
		c.read = masked(whole, uint32(m))
		return c, nil
	}
	from, to, ok := sliceOf(by)
	if !ok {
		return c, fmt.Errorf("expected a part such as [1], [8:4] (offset and length), [8-11] or &0x0f")
	}
	c.bits = 0
	c.read = func(p *ingest.Packet, asked []byte) ([]byte, int) {
		v, n := whole(p, asked)
		end := min(to, n)
		if from >= end || from >= len(v) {
			return nil, 0
		}
		return v[from:min(end, len(v))], end - from
	}
	return c, nil
}

// sliceOf reads "[from]", "[from:length]", "[from:]" or "[from-last]".
func sliceOf(s string) (from, to int, ok bool) {
	m := sliceForm.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	from, _ = strconv.Atoi(m[1])
	last, err := strconv.Atoi(m[3])
	switch {
	case m[2] == "":
		return from, from + 1, true
	case m[2] == ":" && m[3] == "":
		return from, 1 << 20, true
	case err != nil:
		return 0, 0, false
	case m[2] == ":":
		return from, from + last, last > 0
	}
	return from, last + 1, last >= from
}

// masked takes the bits of a number that a mask has, moved down.
func masked(whole reader, mask uint32) reader {
	return func(p *ingest.Packet, asked []byte) ([]byte, int) {
		b, n := whole(p, asked)
		if n == 0 || len(b) < n {
			return nil, 0
		}
		var v uint32
		for _, c := range b {
			v = v<<8 | uint32(c)
		}
		v = v & mask >> bits.TrailingZeros32(mask)
		out := make([]byte, (bits.Len32(mask>>bits.TrailingZeros32(mask))+7)/8)
		for i := range out {
			out[len(out)-1-i] = byte(v >> (8 * i))
		}
		return out, len(out)
	}
}
