package suricata

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// comparedBytes is a byte_test: size bytes of the payload as a number, compared with value.
type comparedBytes struct {
	option
	size, offset int
	op           string // ==, !=, <, <=, >, >=, & (some bit), !& (no bit)
	value, mask  uint64 // mask 0: all bits
	relative     bool
	little       bool
}

func byteTest(c *conversion, o option) *Reason {
	t := comparedBytes{option: o}
	if err := c.readTest(&t); err != nil {
		return err
	}
	at, last := t.offset, c.last()
	if t.relative && last != nil {
		if last.ends < 0 {
			c.firstOnly(o)
			return c.testBehind(last, t)
		}
		at += last.ends
	}
	if at < 0 {
		return c.wrong(o.from, "byte_test:"+o.value, "the place is before the payload")
	}
	c.look(condition{say: func(m string, b base) string { return b.reaching(m, at+t.size, t.say(m, b.from+at)) }, needs: true, proves: true})
	return nil
}

var byteOps = map[string]string{"=": "==", "==": "==", "!": "!=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "&": "&", "!&": "!&",
	"^": "!=", "!^": "==", "!<": ">=", "!>": "<=", "!<=": ">", "!>=": "<"}

func (c *conversion) readTest(t *comparedBytes) *Reason {
	parts := strings.Split(t.option.value, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	bad := func(text, message string) *Reason { return c.wrong(t.valueFrom, text, "byte_test: "+message) }
	if len(parts) < 4 {
		return bad(t.option.value, "expected a number of bytes, an operator, a value and an offset")
	}
	size := number(parts[0])
	if size < 1 || size > 8 {
		return bad(parts[0], "expected 1 to 8 bytes")
	}
	t.size = int(size)
	if t.op = byteOps[strings.ReplaceAll(parts[1], " ", "")]; t.op == "" {
		return bad(parts[1], "expected one of = ! < > <= >= & ^")
	}
	value, offset := number(parts[2]), 0
	if value < 0 {
		return bad(parts[2], "expected a number (names of byte_extract cannot be said)")
	}
	offset, err := strconv.Atoi(parts[3])
	if err != nil || offset < -65535 || offset > 65535 {
		return bad(parts[3], "expected an offset in bytes")
	}
	t.value, t.offset = uint64(value), offset
	for _, word := range parts[4:] {
		if err := c.testOption(t, word); err != nil {
			return err
		}
	}
	return c.fits(t)
}

func (c *conversion) testOption(t *comparedBytes, word string) *Reason {
	name, value, _ := strings.Cut(word, " ")
	switch name {
	case "relative":
		t.relative = true
	case "little":
		t.little = true
	case "big", "":
	case "bitmask":
		if t.mask = uint64(max(0, number(strings.TrimSpace(value)))); t.mask == 0 {
			return c.wrong(t.valueFrom, word, "byte_test: expected a mask such as bitmask 0x0f")
		}
	case "string", "hex", "dec", "oct":
		return c.wrong(t.valueFrom, word, "byte_test: numbers written as text cannot be compared in a display filter")
	default:
		return c.wrong(t.valueFrom, word, "byte_test: expected relative, big, little or bitmask")
	}
	return nil
}

// fits refuses values that the bytes cannot hold; a masked value moves to the place of the mask.
func (c *conversion) fits(t *comparedBytes) *Reason {
	most := uint64(1)<<(8*t.size) - 1
	shift := 0
	if t.mask != 0 {
		shift = bits.TrailingZeros64(t.mask)
	}
	if t.value > most>>shift || t.mask > most {
		return c.wrong(t.valueFrom, t.option.value, fmt.Sprintf("byte_test: %d bytes cannot hold the value or the mask", t.size))
	}
	if t.value <<= shift; t.mask != 0 && strings.HasSuffix(t.op, "&") {
		t.value, t.mask = t.value&t.mask, 0
	}
	return nil
}

// bigEndian gives the size low bytes of n.
func (t comparedBytes) bigEndian(n uint64) []byte {
	out := make([]byte, t.size)
	for i := range out {
		out[i] = byte(n >> (8 * (t.size - 1 - i)))
	}
	return out
}

// say compares a slice: bytes of equal number compare as the numbers they write. The last of them must be there: a slice
// that reaches outside is empty, and less than any other.
func (t comparedBytes) say(message string, at int) string {
	return fmt.Sprintf("%s[%d] && %s", message, at+t.size-1, t.compared(message, at))
}

// compared is the comparison alone. A little-endian number is read byte by byte from its end.
func (t comparedBytes) compared(message string, at int) string {
	place := fmt.Sprintf("%d:%d", at, t.size)
	if t.little && t.size > 1 {
		var each []string
		for i := t.size - 1; i >= 0; i-- {
			each = append(each, fmt.Sprintf("%d:1", at+i))
		}
		place = strings.Join(each, ",")
	}
	x := fmt.Sprintf("%s[%s]", message, place)
	zero := t.bits(0)
	switch {
	case t.op == "&":
		return fmt.Sprintf("%s & %s != %s", x, t.bits(t.value), zero)
	case t.op == "!&":
		return fmt.Sprintf("%s & %s == %s", x, t.bits(t.value), zero)
	case t.mask != 0:
		x += " & " + t.bits(t.mask)
	}
	return fmt.Sprintf("%s %s %s", x, t.op, t.bits(t.value))
}

// bits writes a number of the size; a single byte "40" would be decimal, and "1a" behind "&" a field.
func (t comparedBytes) bits(n uint64) string {
	if t.size == 1 {
		return fmt.Sprintf("0x%02x", n)
	}
	return colons(t.bigEndian(n))
}

func colons(data []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", data), " ", ":") }

// testBehind says the test as an expression behind a content whose place is not fixed.
func (c *conversion) testBehind(x *chain, t comparedBytes) *Reason {
	if t.offset < 0 || t.mask != 0 {
		return c.wrong(t.from, "byte_test:"+t.option.value, "a negative offset or a mask behind a content whose place is not fixed cannot be said in a display filter")
	}
	return c.follow(x, t.option, gap(false, t.offset, t.offset)+t.expression(), t.offset)
}

// class is the values a byte may have.
type class [256]bool

func classOf(holds func(b byte) bool) (out class) {
	for b := range 256 {
		out[b] = holds(byte(b))
	}
	return out
}

// expression lists the ways in which bytes can fulfil the test, most significant byte first: equal up to some byte,
// greater or less there, any behind.
func (t comparedBytes) expression() string {
	var ways [][]class
	v := t.bigEndian(t.value)
	any := classOf(func(byte) bool { return true })
	way := func(at int, before func(i int) class, here class) {
		w := slices.Repeat([]class{any}, t.size)
		for i := range at {
			w[i] = before(i)
		}
		if at < t.size {
			w[at] = here
		}
		ways = append(ways, w)
	}
	equal := func(i int) class { return classOf(func(b byte) bool { return b == v[i] }) }
	for i := range v {
		switch t.op {
		case "<", "<=":
			way(i, equal, classOf(func(b byte) bool { return b < v[i] }))
		case ">", ">=":
			way(i, equal, classOf(func(b byte) bool { return b > v[i] }))
		case "!=":
			way(i, equal, classOf(func(b byte) bool { return b != v[i] }))
		case "&":
			way(i, func(int) class { return any }, classOf(func(b byte) bool { return b&v[i] != 0 }))
		}
	}
	switch t.op {
	case "==", "<=", ">=":
		way(t.size, equal, any)
	case "!&":
		way(t.size, func(i int) class { return classOf(func(b byte) bool { return b&v[i] == 0 }) }, any)
	}
	return t.write(ways)
}

func (t comparedBytes) write(ways [][]class) string {
	var out []string
	for _, w := range ways {
		if slices.Contains(w, class{}) {
			continue // no byte is less than 0 or greater than 255
		}
		if t.little {
			slices.Reverse(w)
		}
		var b strings.Builder
		for _, x := range w {
			b.WriteString(x.String())
		}
		out = append(out, b.String())
	}
	if out == nil {
		return `[^\x00-\xff]`
	}
	return "(?:" + strings.Join(out, "|") + ")"
}

func (x class) String() string {
	var b strings.Builder
	for i := 0; i < 256; i++ {
		if !x[i] {
			continue
		}
		from := i
		for i < 255 && x[i+1] {
			i++
		}
		fmt.Fprintf(&b, `\x%02x`, from)
		if i > from {
			fmt.Fprintf(&b, `-\x%02x`, i)
		}
	}
	if b.String() == `\x00-\xff` {
		return "."
	}
	return "[" + b.String() + "]"
}
