package field

import (
	"strconv"
	"time"
)

// AppendJSON appends the text of a value as `tshark -T json` has it between the quotes, not escaped for JSON: as
// [Field.Append], but bytes with colons, booleans as 1 and 0, strings as they are, and nothing for fields that have no
// value of their own (protocols, FT_NONE).
func (f *Field) AppendJSON(text []byte, c *Context, v *Value) []byte {
	switch f.Type {
	case Protocol, None:
		return text
	case Boolean:
		return strconv.AppendInt(text, truth(v.Int != 0), 10)
	case Bytes:
		return appendColon(text, v.Bytes)
	case String:
		if f.spell != nil && v.Text == "" {
			return f.spell(text, *v)
		}
		return append(text, v.Text...)
	}
	return f.append(text, c, v)
}

// AppendEK appends the text of a value as `tshark -T ek` has it. It differs from [Field.AppendJSON] in booleans, which are
// true and false there and stand without quotes, in FT_NONE, which is null, without quotes too, and in times, which are
// ISO 8601.
func (f *Field) AppendEK(text []byte, c *Context, v *Value) []byte {
	switch f.Type {
	case None:
		return append(text, "null"...)
	case Boolean:
		return strconv.AppendBool(text, v.Int != 0)
	case AbsoluteTime:
		if f.Display == Epoch && !c.since("4.2") { // a count of seconds until then
			break
		}
		return appendISO(text, v.Int)
	}
	return f.AppendJSON(text, c, v)
}

// Alike tells whether JSON and EK have the same text for the same value of both fields.
func (f *Field) Alike(o *Field) bool {
	if f.looks != 0 || o.looks != 0 || f.isAddress() {
		return f.look() == o.look()
	}
	return f.Type == o.Type && f.Type != String && f.Display == o.Display && f.hexFrom == o.hexFrom && f.sized == o.sized
}

// look is the type whose texts the field has: addresses and their names are printed alike.
func (f *Field) look() Type {
	switch {
	case f.looks != 0:
		return f.looks
	case f.isAddress():
		return Address
	}
	return f.Type
}

func (f *Field) isAddress() bool { return f.Type == IPv4 || f.Type == IPv6 || f.Type == Address }

// appendISO prints a time, nanoseconds since 1970, as ISO 8601 in UTC. By hand, for a packet has several.
func appendISO(text []byte, ns int64) []byte {
	t := time.Unix(0, ns).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	text = append(appendDigits(text, uint64(year), 4), '-') // 1677 to 2262
	text = append(appendDigits(text, uint64(month), 2), '-')
	text = append(appendDigits(text, uint64(day), 2), 'T')
	text = append(appendDigits(text, uint64(hour), 2), ':')
	text = append(appendDigits(text, uint64(minute), 2), ':')
	text = append(appendDigits(text, uint64(second), 2), '.')
	return append(appendDigits(text, uint64(t.Nanosecond()), 9), 'Z')
}
