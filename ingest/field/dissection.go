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
	want string
	dst  []Value
	b    []byte // captured
	cut  bool   // a walker went past the captured bytes
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
	if !d.cut && d.want == name {
		d.dst = append(d.dst, v)
	}
}

func (d *dissection) number(name string, off, n int) {
	if b := d.at(off, n); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Int: be(b)})
	}
}

func (d *dissection) signed32(name string, off int) {
	if b := d.at(off, 4); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Int: int64(int32(be(b)))})
	}
}

func (d *dissection) bits(name string, off, n int, mask int64) {
	if b := d.at(off, n); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Int: masked(be(b), mask)})
	}
}

func (d *dissection) bytes(name string, off, n int) {
	if b := d.at(off, n); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Bytes: b})
	}
}

// text reads n bytes as a string that ends at the first zero byte.
func (d *dissection) text(name string, off, n int) {
	b := d.at(off, n)
	if b == nil || d.want != name {
		return
	}
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	d.dst = append(d.dst, Value{Text: utf8Text(b)})
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
	if b := d.at(off, 4); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Addr: netip.AddrFrom4([4]byte(b))})
	}
}

func (d *dissection) ip6(name string, off int) {
	if b := d.at(off, 16); b != nil && d.want == name {
		d.dst = append(d.dst, Value{Addr: netip.AddrFrom16([16]byte(b))})
	}
}

// prefix reads n bytes as the front of an IPv6 address whose rest is zero.
func (d *dissection) prefix(name string, off, n int) {
	n = min(n, 16)
	if b := d.at(off, n); b != nil && d.want == name {
		var full [16]byte
		copy(full[:], b)
		d.dst = append(d.dst, Value{Addr: netip.AddrFrom16(full)})
	}
}

// present notes a field without value.
func (d *dissection) present(name string) { d.put(name, Value{Int: 1}) }
