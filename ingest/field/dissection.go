package field

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// dissection looks for one field in a structure of variable shape: the functions that take it walk the structure as
// Wireshark's dissectors do and name what they pass; what is wanted is kept. Once bytes are missing nothing more is found,
// as with Wireshark's exceptions, so that walkers need not check.
type dissection struct {
	c      *Context
	src    netip.Addr // source of the header that carries the structure, where a walker needs it
	hops   int        // hop limit of the header that carries IPv6 options
	want   string
	faults map[string]int // keep these instead, and their numbers in place of the layer
	dst    []Value
	all    bool     // keep everything, whatever is wanted, with names: what a packet's tree is made of
	names  []string // of dst, when all is kept
	b      []byte   // captured
	cut    bool     // a walker went past the captured bytes
}

// wants tells whether a value of that name is kept.
func (d *dissection) wants(name string) bool {
	if d.cut || d.faults == nil {
		return !d.cut && (d.all || d.want == name)
	}
	_, ok := d.faults[name]
	return ok
}

func (d *dissection) add(name string, v Value) {
	if d.faults != nil {
		v.Layer = int32(d.faults[name])
	}
	d.dst = append(d.dst, v)
	if d.all {
		d.names = append(d.names, name)
	}
}

// at is n bytes at off, nil when they were not captured, which ends the dissection.
func (d *dissection) at(off, n int) []byte {
	b := span(d.b, off, n)
	if b == nil {
		d.cut = true
	}
	if d.cut {
		return nil
	}
	return b
}

// peek reads a number that steers the walk; 0 when it was not captured.
func (d *dissection) peek(off, n int) int { return int(be(d.at(off, n))) }

func (d *dissection) put(name string, v Value) {
	if d.wants(name) {
		d.add(name, v)
	}
}

func (d *dissection) number(name string, off, n int) {
	if b := d.at(off, n); b != nil && d.wants(name) {
		d.add(name, Value{Int: be(b), Bytes: b})
	}
}

func (d *dissection) signed32(name string, off int) {
	if b := d.at(off, 4); b != nil && d.wants(name) {
		d.add(name, Value{Int: int64(int32(be(b))), Bytes: b})
	}
}

func (d *dissection) bits(name string, off, n int, mask int64) {
	if b := d.at(off, n); b != nil && d.wants(name) {
		d.add(name, Value{Int: masked(be(b), mask), Bytes: b, mask: mask})
	}
}

func (d *dissection) bytes(name string, off, n int) {
	if b := d.at(off, n); b != nil && d.wants(name) {
		d.add(name, Value{Bytes: b})
	}
}

// text reads n bytes as a string that ends at the first zero byte.
func (d *dissection) text(name string, off, n int) {
	b := d.at(off, n)
	if b == nil || !d.wants(name) {
		return
	}
	text := b
	if end := bytes.IndexByte(b, 0); end >= 0 {
		text = b[:end]
	}
	d.add(name, Value{Text: utf8Text(text), Bytes: b})
}

// ascii reads n bytes as a string of ASCII that ends at the first zero byte: to Wireshark no other byte is a character.
func (d *dissection) ascii(name string, off, n int) {
	b := d.at(off, n)
	if b == nil || !d.wants(name) {
		return
	}
	text := make([]rune, 0, len(b))
	for _, c := range b {
		r := rune(c)
		if c == 0 {
			break
		} else if c >= utf8.RuneSelf {
			r = utf8.RuneError
		}
		text = append(text, r)
	}
	d.add(name, Value{Text: string(text), Bytes: b})
}

// utf8Text puts the replacement character in the place of each byte that is not UTF-8, as Wireshark does.
func utf8Text(b []byte) string {
	var text strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		text.WriteRune(r)
		b = b[n:]
	}
	return text.String()
}

func (d *dissection) ip4(name string, off int) {
	if b := d.at(off, 4); b != nil && d.wants(name) {
		d.add(name, Value{Addr: netip.AddrFrom4([4]byte(b)), Bytes: b})
	}
}

func (d *dissection) ip6(name string, off int) {
	if b := d.at(off, 16); b != nil && d.wants(name) {
		d.add(name, Value{Addr: netip.AddrFrom16([16]byte(b)), Bytes: b})
	}
}

// prefix reads n bytes as the front of an IPv6 address whose rest is zero.
func (d *dissection) prefix(name string, off, n int) {
	n = min(n, 16)
	if b := d.at(off, n); b != nil && d.wants(name) {
		var full [16]byte
		copy(full[:], b)
		d.add(name, Value{Addr: netip.AddrFrom16(full), Bytes: b})
	}
}

// present notes a field without value.
func (d *dissection) present(name string) { d.put(name, Value{Int: 1}) }

// none notes a field without value at off, which counts from the end if it is negative. Where the field's bytes end does not
// matter to Wireshark, where they begin does.
func (d *dissection) none(name string, off int) {
	if off < 0 {
		off += len(d.b)
	}
	d.at(off, 0)
	d.present(name)
}

// bitField is a part of a number.
type bitField struct {
	name string
	mask int64
}

// masks reads a number and its parts.
func (d *dissection) masks(name string, off, n int, parts ...bitField) {
	d.number(name, off, n)
	for _, p := range parts {
		d.bits(p.name, off, n, p.mask)
	}
}

// suffix reads n bytes as the end of an IPv6 address that begins with zeros.
func (d *dissection) suffix(name string, off, n int) {
	if b := d.at(off, n); b != nil && n <= 16 && d.wants(name) {
		var full [16]byte
		copy(full[16-n:], b)
		d.add(name, Value{Addr: netip.AddrFrom16(full), Bytes: b})
	}
}

// unknown reads n bytes that no part of an option's structure takes.
func (d *dissection) unknown(off, n int) { d.unused(off, n, "Unknown Data (not interpreted)") }

// unused is unknown with what the expert item says.
func (d *dissection) unused(off, n int, says string) {
	d.bytes("icmpv6.unknown_data", off, n)
	d.put("icmpv6.unknown_data.expert", Value{Text: says})
}
