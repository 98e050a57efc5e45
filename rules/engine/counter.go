package engine

import (
	"encoding/binary"
	"slices"
	"strconv"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// Bounds of what counts as a number in an otherwise constant value.
const (
	maxNumber = 8       // bytes
	alike     = 8       // steps may differ by this factor: packets get lost, clocks jitter
	maxChains = 1 << 10 // senders told apart
	maxValue  = 2048    // longer values are not looked at
)

// counters watches the values that a rule counts for being all alike but for a number that rises evenly: a monitor's
// sequence number or clock. Such values differ, and carry nothing.
type counters struct {
	chains          map[chainKey]*chain
	values, follows int
	starts          int // of a count
}

// chainKey tells senders apart, and values whose number grew a digit.
type chainKey struct {
	ident  uint16
	length int
}

// chain is the values of one sender. Each reading of the number lives as long as its steps rise alike.
type chain struct {
	last  []byte
	at    int        // where the values first differed
	steps [3]float64 // the first step, by reading
	dead  [3]bool
	cut   int       // where the second of two numbers begins; 0 if there is one
	parts [2]*chain // what is before, and from there on
	said  *wording  // of text with several numbers
}

// sender tells senders apart by their identifier; ticks of a monitor that takes a new one each time have one sender.
func (d *draft) sender(p *ingest.Packet) uint16 {
	if m := p.Message().Bytes; len(m) >= 6 && d.x.correlation.Type == rules.ValueCount {
		return binary.BigEndian.Uint16(m[4:])
	}
	return 0
}

// varied leaves out ticks that say nothing new: their values are all alike, or a number that counts up.
func varied(drafts []*draft) []*draft {
	return slices.DeleteFunc(drafts, func(d *draft) bool { return d.x.correlation.Type == rules.XInterval && d.counters.only() })
}

// manyTargets is how many hosts one host sends beats to before it is taken for a monitor: implants have a few controllers.
const manyTargets = 4

// source is a host as one rule sees it.
type source struct {
	rule *rules.Rule
	src  string
}

// hush leaves one finding of what a monitor pings alike at its level, which is low: the others say the same. Where it
// pings many hosts, not even that one tells more than who the monitor is.
func hush(drafts []*draft, findings []*rules.Finding) {
	targets, first := targetsOf(drafts, findings), map[source]*rules.Finding{}
	for i, f := range findings {
		s := source{f.Rule, drafts[i].monitoring()}
		if !drafts[i].monitor() && len(targets[s]) < manyTargets {
			continue
		}
		if first[s] == nil {
			first[s], f.Level = f, min(f.Level, rules.Low)
			if drafts[i].monitor() && len(targets[s]) >= manyTargets {
				f.Level = rules.Informational
			}
			continue
		}
		f.Level = rules.Informational
		f.Notes = append(f.Notes, "Others are pinged by the same host in the same way, as monitors do: see the finding from "+first[s].Src+" to "+first[s].Dst+".")
	}
}

// targetsOf lists whom each host sends beats, or what monitors send, to.
func targetsOf(drafts []*draft, findings []*rules.Finding) map[source]map[string]bool {
	out := map[source]map[string]bool{}
	for i, f := range findings {
		if drafts[i].x.correlation.Type != rules.XInterval && !drafts[i].monitor() {
			continue
		}
		s := source{f.Rule, drafts[i].monitoring()}
		if out[s] == nil {
			out[s] = map[string]bool{}
		}
		out[s][f.Src+" "+f.Dst] = true
	}
	return out
}

func (c *counters) add(ident uint16, value []byte) {
	c.values++
	if len(value) > maxValue {
		return
	}
	value = value[payload.Clock(value):] // of the sender; what follows may be data
	key := chainKey{ident, len(value)}
	x := c.chains[key]
	switch {
	case x != nil && x.follows(value):
		c.follows++
	case x == nil && len(c.chains) >= maxChains:
		return
	default:
		if c.chains == nil {
			c.chains = map[chainKey]*chain{}
		}
		c.starts++
		x = &chain{at: -1}
		c.chains[key] = x
	}
	x.last = append(x.last[:0], value...)
}

// only tells whether nearly all values are one that counts up.
func (c *counters) only() bool {
	return c.values >= 5 && 4*c.starts <= c.values && 10*(c.follows+c.starts) >= 9*c.values
}

// follows tells whether the value is the last one with its number counted up, or the same.
func (x *chain) follows(value []byte) bool {
	first, last := differing(x.last, value)
	if first < 0 {
		return true
	}
	if last-first >= maxNumber && x.says(value) {
		return true
	}
	if width := last - first + 1; x.cut > 0 || width > maxNumber {
		return x.bothFollow(value, last, width)
	} else if len(value) < 2*width {
		return false
	}
	if x.at < 0 {
		x.at = first
	}
	if first-x.at > maxNumber || x.at-first > maxNumber {
		return false
	}
	alive := false
	for i, step := range x.read(value, first, last) {
		if x.steps[i] == 0 {
			x.steps[i] = step
		}
		x.dead[i] = x.dead[i] || step <= 0 || step > alike*x.steps[i] || x.steps[i] > alike*step
		alive = alive || !x.dead[i]
	}
	return alive
}

// says tells whether the value is the last one's text with its numbers counted up, however many they are.
func (x *chain) says(value []byte) bool {
	next, ok := worded(value)
	if !ok {
		return false
	}
	if x.said == nil {
		before, ok := worded(x.last)
		if !ok {
			return false
		}
		x.said = &before
	}
	return x.said.follows(next)
}

// bothFollow tells the same of two numbers, one behind the other, each at a multiple of four bytes: a sequence number and a
// clock.
func (x *chain) bothFollow(value []byte, last, width int) bool {
	if x.cut == 0 {
		cut := (last + 4 - maxNumber) / 4 * 4
		if x.at >= 0 || width > 2*maxNumber || cut <= 0 {
			return false
		}
		x.cut, x.parts = cut, [2]*chain{{at: -1, last: slices.Clone(x.last[:cut])}, {at: -1, last: slices.Clone(x.last[cut:])}}
	}
	alive := true
	for i, part := range [][]byte{value[:x.cut], value[x.cut:]} {
		alive = x.parts[i].cut == 0 && x.parts[i].follows(part) && x.parts[i].cut == 0 && alive
		x.parts[i].last = append(x.parts[i].last[:0], part...)
	}
	return alive
}

// read gives the step from the last value's number to this one's: read big-endian, little-endian, and as decimal figures,
// with the signs of dates and times between them.
// Binary steps are in units of the byte where the values first differed.
func (x *chain) read(value []byte, first, last int) (steps [3]float64) {
	for i := first; i <= last; i++ {
		d := float64(value[i]) - float64(x.last[i])
		steps[0] += d * power(x.at-i)
		steps[1] += d * power(i-x.at)
	}
	for first > 0 && (figure(value[first-1]) || sign(value[first-1])) {
		first--
	}
	for last+1 < len(value) && (figure(value[last+1]) || sign(value[last+1])) {
		last++
	}
	before, ok := figures(x.last[first : last+1])
	now, ok2 := figures(value[first : last+1])
	if ok && ok2 {
		steps[2] = now - before
	}
	return steps
}

// figures reads decimal figures as one number, whatever signs of dates and times stand between them.
func figures(b []byte) (n float64, ok bool) {
	var digits []byte
	for _, c := range b {
		switch {
		case figure(c):
			digits = append(digits, c)
		case !sign(c):
			return 0, false
		}
	}
	v, err := strconv.ParseInt(string(digits), 10, 64)
	return float64(v), err == nil
}

func sign(c byte) bool { return c == ':' || c == '-' || c == '.' || c == '/' || c == 'T' || c == ' ' }

// power is 256 to the n.
func power(n int) float64 {
	p := 1.0
	for ; n > 0; n-- {
		p *= 256
	}
	for ; n < 0; n++ {
		p /= 256
	}
	return p
}

func figure(c byte) bool { return '0' <= c && c <= '9' }

// differing gives the first and last place where two values of one length differ, -1 if they do not.
func differing(a, b []byte) (first, last int) {
	first, last = -1, -1
	for i := range a {
		if a[i] != b[i] {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return first, last
}
