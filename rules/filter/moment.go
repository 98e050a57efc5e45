package filter

import (
	"math"
	"strconv"
	"strings"
	"time"

	"icmpsift/ingest/field"
)

// dateLayouts are the forms of a date that Wireshark takes; seconds may have a fraction.
var dateLayouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
	"Jan _2, 2006 15:04:05"}

// absolute reads a point in time as nanoseconds since the epoch. Without a zone it is UTC: unlike Wireshark, which takes
// the zone of the computer it runs on, a filter here means the same everywhere.
func (c *compiler) absolute(n *literal, f *field.Field) (int64, error) {
	const hint = `expected a date, such as "2023-11-14 22:13:20"`
	switch {
	case n.kind == quoted, c.p.epochTimes && (n.kind == unquoted || n.kind == word):
		if t, zoned, ok := parseDate(n.value); ok {
			if !zoned { // so that the printed filter means the same in Wireshark
				n.kind, n.value = quoted, t.Format("2006-01-02 15:04:05.999999999")+" UTC"
			}
			return t.UnixNano(), nil
		}
	case c.p.epochTimes, f != nil && f.Display == field.Epoch:
		if d, ok := nanoseconds(n); ok {
			return d, nil
		}
	}
	return 0, c.fail(n, n.text+" is not a date and time", hint)
}

// parseDate reads a date; zoned tells whether it says which zone it is in.
func parseDate(text string) (t time.Time, zoned, ok bool) {
	text, utc := strings.CutSuffix(strings.TrimSpace(text), " UTC")
	for _, layout := range dateLayouts {
		for _, zone := range []string{"", "Z07:00", "Z0700"} {
			t, err := time.Parse(layout+zone, text)
			if err == nil && t.Year() > 1678 && t.Year() < 2262 {
				return t, utc || zone != "", true
			}
		}
	}
	return t, false, false
}

func (c *compiler) relative(n *literal) (int64, error) {
	if d, ok := nanoseconds(n); ok {
		return d, nil
	} else if n.kind == integer || n.kind == float {
		return math.MaxInt64, nil // farther away than any time that is held
	}
	return 0, c.convert(n, field.RelativeTime, "expected seconds, such as 0.5, without a unit")
}

// maxSeconds keeps nanoseconds within 64 bits.
const maxSeconds = math.MaxInt64/1_000_000_000 - 1

// nanoseconds reads a number of seconds, decimal fractions exactly.
func nanoseconds(n *literal) (int64, bool) {
	switch {
	case n.kind == integer:
		u, err := strconv.ParseUint(n.value, 0, 64)
		return int64(u) * 1e9, err == nil && u < maxSeconds
	case n.kind != float:
		return 0, false
	case strings.ContainsAny(n.value, "eE"):
		f, err := strconv.ParseFloat(n.value, 64)
		return int64(math.Round(f * 1e9)), err == nil && f < maxSeconds
	}
	whole, fraction, _ := strings.Cut(n.value, ".")
	s, err := strconv.ParseUint(whole, 10, 64)
	ns, err2 := strconv.ParseUint((fraction + "000000000")[:9], 10, 64)
	return int64(s)*1e9 + int64(ns), err == nil && err2 == nil && s < maxSeconds
}
