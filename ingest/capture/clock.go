package capture

import (
	"math"
	"math/bits"
)

// clock turns a pcapng interface's timestamps into nanoseconds, without rounding on the way.
type clock struct {
	power  uint8 // exponent of the resolution
	binary bool  // the resolution is 2^-power seconds, else 10^-power
	offset int64 // seconds to add
	units  uint64
	scale  uint64 // nanoseconds in a tick, where that is a whole number; else 0
	most   uint64 // ticks that can be scaled
}

// newClock takes the value of if_tsresol (draft-ietf-opsawg-pcapng section 4.2): 7 bits of exponent, and the base.
func newClock(resolution uint8) clock {
	c := clock{power: resolution & 0x7f, binary: resolution&0x80 != 0}
	c.units = c.ticks()
	if c.units <= second && second%c.units == 0 {
		c.scale = second / c.units
		c.most = math.MaxInt64 / c.scale
	}
	return c
}

// ticks per second, at most what 64 bits hold.
func (c clock) ticks() uint64 {
	switch {
	case c.binary && c.power < 64:
		return 1 << c.power
	case !c.binary && c.power < 20:
		return tens(c.power)
	}
	return math.MaxUint64
}

func tens(power uint8) uint64 {
	n := uint64(1)
	for range power {
		n *= 10
	}
	return n
}

// nanoseconds since the Unix epoch; false if they do not fit 64 bits (years 1677 to 2262).
func (c clock) nanoseconds(ticks uint64) (int64, bool) {
	if c.offset == 0 && ticks <= c.most && c.scale > 0 {
		return int64(ticks * c.scale), true
	}
	seconds, fraction := c.split(ticks)
	if seconds > math.MaxInt64/2 || c.offset > math.MaxInt64/2 || c.offset < math.MinInt64/2 {
		return 0, false
	}
	whole := int64(seconds) + c.offset
	if whole > math.MaxInt64/second-1 || whole < math.MinInt64/second+1 {
		return 0, false
	}
	return whole*second + int64(fraction), true
}

// split gives whole seconds and the nanoseconds beyond them, rounded down.
func (c clock) split(ticks uint64) (seconds, nanoseconds uint64) {
	switch {
	case c.binary && c.power >= 64: // 64 bits of ticks are less than a second
		high, _ := bits.Mul64(ticks, second)
		return 0, high >> (c.power - 64)
	case !c.binary && c.power >= 29: // and less than a nanosecond
		return 0, 0
	case !c.binary && c.power >= 20:
		return 0, ticks / tens(c.power-9)
	}
	seconds, rest := ticks/c.units, ticks%c.units
	high, low := bits.Mul64(rest, second)
	nanoseconds, _ = bits.Div64(high, low, c.units)
	return seconds, nanoseconds
}
