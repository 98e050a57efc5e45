package payload

import (
	"bytes"
	"encoding/binary"
	mathbits "math/bits"
	"slices"
)

// sender is one program's payload, compiled from stock.yaml.
type sender struct {
	name    string
	class   string // Stock, KnownVendor or KnownTool
	sizes   []int  // default sizes
	least   int    // bounds of the sizes a user can ask for
	most    int
	pattern int // longest user pattern that can take the last part's place; 0 none
	parts   []part
	tail    int    // offset of the last part
	holds   []byte // bytes that stand somewhere in the payload
	ends    []byte // bytes at its end
	probe   probe
}

// probe is one byte that a payload of the sender has, if it is long enough: a look at it spares most payloads the rest.
type probe struct {
	at   int // -1: there is none
	want byte
}

func (p probe) refuses(b []byte) bool { return uint(p.at) < uint(len(b)) && b[p.at] != p.want }

// probeOf gives the first byte that is the same in all payloads of these parts.
func probeOf(parts []part) probe {
	at := 0
	for i := range parts {
		if p := &parts[i]; (p.kind == literal || p.kind == cycle) && len(p.bytes) > 0 {
			return probe{at, p.bytes[0]}
		}
		at += parts[i].size
	}
	return probe{at: -1}
}

// enough is how many bits of a payload must be as the sender makes them before a resized or cut payload gets its name:
// eight bytes. Shorter likenesses are chance or somebody's data.
const enough = 64

// telling is how many bits name a tool: its magic has at least four bytes, or as much in its structure.
const telling = 32

// match gives the class, or "" if the payload is not this sender's.
func (s *sender) match(b []byte, wire int) string {
	if s.probe.refuses(b) {
		return ""
	}
	standard := slices.Contains(s.sizes, wire)
	if !standard && (wire < s.least || wire > s.most) {
		return ""
	}
	bits, ok := matchParts(s.parts, b, wire-s.tail)
	if ok {
		var more int
		more, ok = s.marked(b, wire)
		bits += more
	}
	if s.class == KnownTool {
		return s.tool(bits, ok)
	}
	whole := standard && len(b) == wire
	switch {
	case !ok, bits < enough && !whole:
		return ""
	case s.class == Stock && !standard:
		return StockResized
	}
	return s.class
}

// tool gives the class of a tool whose parts and marks match, if they are telling.
func (s *sender) tool(bits int, ok bool) string {
	if !ok || bits < telling {
		return ""
	}
	return KnownTool
}

// marked looks for the sender's bytes within the payload and at its end; of a cut payload the end cannot be told.
func (s *sender) marked(b []byte, wire int) (bits int, ok bool) {
	if len(s.holds)+len(s.ends) == 0 {
		return 0, true
	}
	if !bytes.Contains(b, s.holds) || !bytes.HasSuffix(b, s.ends) || len(s.ends) > 0 && len(b) < wire {
		return 0, false
	}
	return 8 * (len(s.holds) + len(s.ends)), true
}

// matchParts holds the parts against the payload, of which rest bytes follow the fixed parts; bits is how much of it they
// explain. A payload that ends early was cut by the snaplen: sizes are checked before.
func matchParts(parts []part, b []byte, rest int) (bits int, ok bool) {
	for i := range parts {
		p := &parts[i]
		n := len(b)
		if p.size >= 0 {
			n = min(n, p.size)
		}
		got, ok := p.match(b[:n], rest)
		if !ok {
			return 0, false
		}
		bits += got
		b = b[n:]
	}
	return bits, true
}

// matchPattern tells whether the payload is this sender's with a user's pattern (ping -p) for its last part.
func (s *sender) matchPattern(b []byte, wire int) bool {
	if s.pattern == 0 || wire < s.least || wire > s.most || len(b) < s.tail {
		return false
	}
	bits, ok := matchParts(s.parts[:len(s.parts)-1], b[:s.tail], wire-s.tail)
	if !ok {
		return false
	}
	body := b[s.tail:]
	p := period(body, s.pattern)
	return p > 0 && len(body) >= 2*p && bits+8*(len(body)-p) >= enough-8
}

// period is the smallest p up to most with which b repeats itself, 0 if there is none.
func period(b []byte, most int) int {
	for p := 1; p <= most && p < len(b); p++ {
		if b[p] == b[0] && bytes.Equal(b[p:], b[:len(b)-p]) {
			return p
		}
	}
	return 0
}

// kind is what a part of a payload is made of.
type kind uint8

const (
	literal   kind = iota // these bytes
	cycle                 // these bytes over and over
	opaque                // anything
	erratic               // bytes that look random: a hash, a number with a random offset
	printable             // text or zero bytes
	clock                 // a time stamp
	uuid                  // a random UUID (RFC 9562, version 4)
	oneOf                 // one of these bytes
	counter               // the number of bytes that follow the fixed parts
)

// part is a stretch of a payload; size -1 reaches to the end.
type part struct {
	kind  kind
	size  int
	bytes []byte
	clock stamp
}

// match tells whether b, which may be cut, is such a part, and how many bits of it are beyond chance; rest is how many bytes
// follow the fixed parts.
func (p *part) match(b []byte, rest int) (bits int, ok bool) {
	switch p.kind {
	case literal:
		return 8 * len(b), bytes.Equal(b, p.bytes[:len(b)])
	case cycle:
		return 8 * len(b), cycles(b, p.bytes)
	case printable:
		return 0, printableOrZero(b)
	case opaque:
		return 0, true
	case erratic:
		return 0, len(b) < p.size || looksRandom(b)
	}
	if len(b) < p.size {
		return 0, true
	}
	switch p.kind {
	case uuid:
		return 6, b[6]>>4 == 4 && b[8]>>6 == 2
	case oneOf:
		return 8 - mathbits.Len(uint(len(p.bytes)-1)), bytes.IndexByte(p.bytes, b[0]) >= 0
	case counter:
		n := p.clock.number(b)
		return 8*p.size - 1, n == uint64(rest) || n+1 == uint64(rest) && n&1 == 1 // padded to an even length
	}
	return p.clock.bits, p.clock.plausible(b)
}

// looksRandom tells apart a hash from text, counters and ramps: two thirds of the bytes differ, four in a row never rise
// by one, and they are no text. Of random bytes one string in a million fails.
func looksRandom(b []byte) bool {
	var seen [256]bool
	distinct, rising := 0, 0
	for i, c := range b {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		if i > 0 && c == b[i-1]+1 {
			rising++
		} else {
			rising = 0
		}
		if rising == 3 {
			return false
		}
	}
	return 3*distinct >= 2*len(b) && !Text(b)
}

// cycles tells whether b is unit over and over: it starts as unit does, and then repeats itself.
func cycles(b, unit []byte) bool {
	n := min(len(b), len(unit))
	return bytes.Equal(b[:n], unit[:n]) && bytes.Equal(b[n:], b[:len(b)-n])
}

func printableOrZero(b []byte) bool {
	for _, c := range b {
		if c != 0 && (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// stamp is a form of time: two numbers of width bytes, seconds and a fraction below limit, or one number of units.
type stamp struct {
	width int
	limit uint64 // of the fraction; 0: no fraction
	order binary.ByteOrder
	bits  int    // how unlikely random bytes are to pass, as a power of two
	units uint64 // a second has, where there is no fraction
}

var le, be = binary.LittleEndian, binary.BigEndian

// stamps are the forms of time by their names in stock.yaml. Bits are rounded down.
func stamps() map[string]stamp {
	return map[string]stamp{
		"timeval64-le":      {8, 1e6, le, 76, 0},
		"timeval64-be":      {8, 1e6, be, 76, 0},
		"timespec64-le":     {8, 1e9, le, 66, 0},
		"timespec64-be":     {8, 1e9, be, 66, 0},
		"timeval32-le":      {4, 1e6, le, 12, 0},
		"timeval32-be":      {4, 1e6, be, 12, 0},
		"timespec32-le":     {4, 1e9, le, 2, 0},
		"timespec32-be":     {4, 1e9, be, 2, 0},
		"nanoseconds64-be":  {8, 0, be, 3, 1e9},
		"nanoseconds64-le":  {8, 0, le, 3, 1e9},
		"milliseconds64-be": {8, 0, be, 23, 1e3},
		"milliseconds64-le": {8, 0, le, 23, 1e3},
	}
}

// clocks are the forms that nothing else is likely to look like.
var clocks = func() (out []stamp) {
	for _, s := range stamps() {
		if s.bits >= enough {
			out = append(out, s)
		}
	}
	return out
}()

// Clock is the length of the time stamp of 64-bit numbers that a payload begins with, 0 if it begins with none.
func Clock(b []byte) int {
	for i := range clocks {
		if n := clocks[i].size(); len(b) >= n && clocks[i].plausible(b) {
			return n
		}
	}
	return 0
}

func (s *stamp) size() int {
	if s.limit == 0 {
		return s.width
	}
	return 2 * s.width
}

func (s *stamp) plausible(b []byte) bool {
	first := s.number(b)
	if s.limit == 0 {
		return calendar(first / s.units)
	}
	fraction := s.number(b[s.width:])
	return (calendar(first) || uptime(first)) && fraction < s.limit && first|fraction != 0
}

func (s *stamp) number(b []byte) uint64 {
	if s.width == 4 {
		return uint64(s.order.Uint32(b))
	}
	return s.order.Uint64(b)
}

// calendar tells whether a Unix time lies between 1990, when ping was young, and 2050.
func calendar(seconds uint64) bool { return seconds >= 631152000 && seconds < 2524608000 }

// uptime tells whether seconds can count from boot (CLOCK_MONOTONIC, or a clock never set): up to ten years.
func uptime(seconds uint64) bool { return seconds < 315360000 }
