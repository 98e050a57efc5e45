package listing

import (
	"slices"

	"icmpsift/ingest/field"
)

// object writes JSON as Wireshark's json_dumper does, keys as they come. What is written is valid whatever the texts are.
type object struct {
	b      []byte
	pretty bool // one member a line, indented by two spaces
	under  bool // dots in keys become underscores
	depth  int
	fresh  bool // nothing was written since the last bracket
}

func (o *object) reset(room []byte, depth int) { o.b, o.depth, o.fresh = room, depth, true }

func (o *object) open(bracket byte) {
	o.b = append(o.b, bracket)
	o.depth++
	o.fresh = true
}

func (o *object) close(bracket byte) {
	o.depth--
	if !o.fresh {
		o.line()
	}
	o.b = append(o.b, bracket)
	o.fresh = false
}

// element begins the next element of an array, or the next member.
func (o *object) element() {
	if !o.fresh {
		o.b = append(o.b, ',')
	}
	o.fresh = false
	o.line()
}

func (o *object) line() {
	if !o.pretty {
		return
	}
	o.b = append(o.b, '\n')
	for range o.depth {
		o.b = append(o.b, "  "...)
	}
}

func (o *object) key(name string) {
	o.element()
	from := len(o.b)
	o.string(name)
	for i := from; o.under && i < len(o.b); i++ {
		if o.b[i] == '.' {
			o.b[i] = '_'
		}
	}
	o.b = append(o.b, ':')
	if o.pretty {
		o.b = append(o.b, ' ')
	}
}

func (o *object) member(name, text string) {
	o.key(name)
	o.string(text)
}

const controls = "0123456789abcdef"

// string writes a text in quotes. As in Wireshark "</" is broken up, so that no script element ends in it; unlike there,
// bytes that are not UTF-8 become the replacement character.
func (o *object) string(s string) {
	if asItIs(s) {
		o.b = append(append(append(o.b, '"'), s...), '"')
		return
	}
	o.b = append(slices.Grow(o.b, len(s)+2), '"')
	var last rune
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			o.b = append(o.b, '\\', byte(r))
		case r < ' ':
			o.control(byte(r))
		case r == '/' && last == '<':
			o.b = append(o.b, `\/`...)
		case r < 0x80:
			o.b = append(o.b, byte(r))
		default:
			o.b = append(o.b, string(r)...)
		}
		last = r
	}
	o.b = append(o.b, '"')
}

// text is string for bytes.
func (o *object) text(b []byte) {
	if asItIs(b) {
		o.b = append(append(append(o.b, '"'), b...), '"')
		return
	}
	o.string(string(b))
}

// asItIs tells whether every byte of a text stands for itself.
func asItIs[T string | []byte](s T) bool {
	for i := range len(s) {
		if b := s[i]; b < ' ' || b >= 0x80 || b == '"' || b == '\\' || b == '<' {
			return false
		}
	}
	return true
}

func (o *object) control(b byte) {
	switch b {
	case '\b':
		o.b = append(o.b, `\b`...)
	case '\t':
		o.b = append(o.b, `\t`...)
	case '\n':
		o.b = append(o.b, `\n`...)
	case '\f':
		o.b = append(o.b, `\f`...)
	case '\r':
		o.b = append(o.b, `\r`...)
	default:
		o.b = append(o.b, `\u00`...)
		o.b = append(o.b, controls[b>>4], controls[b&15])
	}
}

// list prints items of one name: one alone as it is, several as an array.
func (o *object) list(name string, same [][]field.Node, print func(nodes []field.Node)) {
	o.key(name)
	if len(same) == 1 {
		print(same[0])
		return
	}
	o.open('[')
	for _, s := range same {
		o.element()
		print(s)
	}
	o.close(']')
}
