package field

import "strconv"

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
	return f.AppendValue(text, c, v)
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

// Decimal tells whether the values are integers that are printed in decimal digits, whatever the version.
func (f *Field) Decimal() bool { return f.Display != Hex && integer[f.Type] }

var integer = [...]bool{Uint8: true, Uint16: true, Uint24: true, Uint32: true, Uint64: true, Int32: true, Int64: true, Frame: true, Uint48: true, Int16: true}

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

// appendISO prints a time, nanoseconds since 1970, as ISO 8601 in UTC. By hand, for every packet has one.
func appendISO(text []byte, ns int64) []byte {
	const far = 146097 * 86400 // seconds of 400 years, as long as which no time is before 1970
	seconds, rest := ns/second+far, ns%second
	if rest < 0 {
		seconds, rest = seconds-1, rest+second
	}
	year, month, day := date(uint64(seconds) / 86400)
	clock := uint64(seconds) % 86400
	text = append(appendDigits(text, year, 4), '-') // 1677 to 2262
	text = append(appendDigits(text, month, 2), '-')
	text = append(appendDigits(text, day, 2), 'T')
	text = append(appendDigits(text, clock/3600, 2), ':')
	text = append(appendDigits(text, clock/60%60, 2), ':')
	text = append(appendDigits(text, clock%60, 2), '.')
	return append(appendDigits(text, uint64(rest), 9), 'Z')
}

// date is the date of a day, counted from the first of 1570. The reckoning has years begin in March, so that the day of a leap year comes
// last, and begins at a multiple of 400 years.
func date(days uint64) (year, month, day uint64) {
	days += 719468 - 146097
	era, in := days/146097, days%146097
	year = (in - in/1460 + in/36524 - in/146096) / 365
	in -= 365*year + year/4 - year/100
	month = (5*in + 2) / 153
	day = in - (153*month+2)/5 + 1
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	return era*400 + year, month, day
}
