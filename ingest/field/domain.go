package field

import "unicode/utf8"

// domain reads a name made of DNS labels (RFC 1035, 3.1) and returns how many bytes it took. Names that do not end are the end
// of the dissection; how long the option is that holds them does not matter to Wireshark.
func (d *dissection) domain(name string, off int) int {
	if d.cut {
		return 0
	}
	rest := d.b[min(off, len(d.b)):]
	n, target := domainLength(rest)
	b := d.at(off, n)
	if n == 0 || target >= len(rest) {
		d.cut = true
	}
	if d.wants(name) {
		d.add(name, Value{Text: domain(b), Bytes: b})
	}
	return n
}

// The two top bits of a label's length tell other things (RFC 1035, 4.1.4; RFC 2673).
const (
	labelKind     = 0xc0
	labelPointer  = 0xc0
	labelExtended = 0x40
)

// domainLength is how many bytes a name takes, 0 when it does not end within b, and where from the front of b the pointer leads
// that ends it. A label of unknown length ends it as well, unless it is the first.
func domainLength(b []byte) (n, target int) {
	for off := 0; off < len(b); off += 1 + int(b[off]) {
		switch kind := b[off] & labelKind; {
		case b[off] == 0 || kind == labelExtended && off > 0:
			return off + 1, 0
		case kind == labelPointer && off+1 < len(b):
			return off + 2, int(be(b[off:off+2])) &^ (labelPointer << 8)
		case kind != 0:
			return 0, 0
		}
	}
	return 0, 0
}

// domain is Wireshark's text of a name whose length is known. Pointers lead before the name's beginning, where there is nothing.
func domain(b []byte) string {
	if len(b) <= 1 {
		return "<Root>"
	}
	var text []byte
	for ; b[0] != 0; b = b[1+b[0]:] {
		switch b[0] & labelKind {
		case labelPointer:
			return "<Name contains a pointer that loops>"
		case labelExtended:
			return "<Unknown extended label>"
		}
		if len(text) > 0 {
			text = append(text, '.')
		}
		text = append(text, b[1:1+b[0]]...)
	}
	return string(printable(nil, text))
}

var controlNames = [...]string{'\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`}

// printable appends text as Wireshark's format_text does: control characters by their C names or as backslash and three octal
// digits, bytes that are no UTF-8 as the replacement character.
func printable(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch x := text[0]; {
		case int(x) < len(controlNames) && controlNames[x] != "":
			dst = append(dst, controlNames[x]...)
		case x < ' ' || x == 0x7f:
			dst = append(dst, '\\', '0'+x>>6, '0'+x>>3&7, '0'+x&7)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		text = text[n:]
	}
	return dst
}
