// Package phrase says numbers, times and the report's code words in plain English, the same way in every rendering.
// What it returns holds no evidence text unless the caller passed some in.
package phrase

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes n with thousands separators.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural is the count with its noun: "1 file", "2 files".
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Of is a count with its denominator: "2 of 9 files".
func Of(n, total int64, one, many string) string {
	return Count(n) + " of " + Plural(total, one, many)
}

// Number writes a measured value with at most three decimals and thousands separators.
func Number(v float64) string {
	if math.IsNaN(v) || math.Abs(v) >= 1<<53 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	whole, fraction, _ := strings.Cut(strings.TrimRight(strconv.FormatFloat(math.Abs(v), 'f', 3, 64), "0"), ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	out := Count(n)
	if fraction != "" {
		out += "." + fraction
	}
	if v < 0 && out != "0" {
		return "-" + out
	}
	return out
}

// Bytes is a size for reading, with the exact count beside it where the two differ: "4.2 MB (4,200,123 bytes)".
func Bytes(n int64) string {
	if n < 1000 {
		return Plural(n, "byte", "bytes")
	}
	return Size(n) + " (" + Count(n) + " bytes)"
}

// Size is a size in three digits or so: "812 B", "4.2 MB". Units are powers of 1000.
func Size(n int64) string {
	value, unit := float64(n), 0
	for value >= 999.95 && unit < 6 {
		value, unit = value/1000, unit+1
	}
	if unit == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + "kMGTPE"[unit-1:unit] + "B"
}

// Named is a host's name with what it is there for: "mx1 (mail server)"; "" if neither is known.
func Named(name, purpose string) string {
	switch {
	case name == "":
		return purpose
	case purpose == "":
		return name
	}
	return name + " (" + purpose + ")"
}

// Withheld stands for the path of a recovered file that is not handed over.
const Withheld = "not handed over"

// Missing stands for a value that there is none of.
const Missing = "-"

const (
	day    = "2006-01-02"
	clock  = "15:04:05.000"
	moment = day + " " + clock
)

// Clock is [Time] without the zone, for columns whose header names it.
func Clock(t time.Time) string { return strings.TrimSuffix(Time(t), " UTC") }

// Time is a packet time in UTC, to the millisecond.
func Time(t time.Time) string {
	if t.IsZero() {
		return Missing
	}
	return t.UTC().Format(moment) + " UTC"
}

// Optional is [Time], or [Missing] for nil.
func Optional(t *time.Time) string {
	if t == nil {
		return Missing
	}
	return Time(*t)
}

// Span is a period in UTC with its length; the date is not repeated within a day.
func Span(first, last time.Time) string {
	first, last = first.UTC(), last.UTC()
	switch {
	case first.IsZero() || last.IsZero():
		return Missing
	case first.Equal(last):
		return Time(first)
	case first.Format(day) == last.Format(day):
		return first.Format(moment) + " to " + last.Format(clock) + " UTC (" + Duration(last.Sub(first)) + ")"
	}
	return first.Format(moment) + " to " + last.Format(moment) + " UTC (" + Duration(last.Sub(first)) + ")"
}

// Period is [Span] of optional times.
func Period(first, last *time.Time) string {
	if first == nil || last == nil {
		return Missing
	}
	return Span(*first, *last)
}

// Duration is a length of time in its two largest units.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return Number(float64(d)/float64(time.Millisecond)) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%s d %d h", Count(int64(d/(24*time.Hour))), d%(24*time.Hour)/time.Hour)
}

// Step is a length of time to say "each" of: "second", "5 minutes", "day".
func Step(seconds int64) string {
	n, unit := seconds, "second"
	for _, u := range []struct {
		name    string
		seconds int64
	}{{"minute", 60}, {"hour", 3600}, {"day", 86400}} {
		if seconds > 0 && seconds%u.seconds == 0 {
			n, unit = seconds/u.seconds, u.name
		}
	}
	if n == 1 {
		return unit
	}
	return Count(n) + " " + unit + "s"
}

// List joins items with commas and says how many are left out beyond limit.
func List(items []string, limit int) string {
	if len(items) == 0 {
		return Missing
	}
	if len(items) <= limit {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:limit], ", ") + " and " + Count(int64(len(items)-limit)) + " more"
}

// And joins items for a sentence: "a, b and c".
func And(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// Sentence makes s end in a full stop, unless it ends a sentence already.
func Sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// ManyNetworks stands for senders or receivers whom no one network holds.
const ManyNetworks = "many networks"

// Anywhere tells whether a finding's side is all addresses of a version of IP, or of both: no one network holds it.
func Anywhere(side string) bool { return side == "any" || strings.HasSuffix(side, "/0") }

// Side puts a finding's side into a sentence: an address, "hosts in 10.20.0.0/25", "many networks".
func Side(side string) string {
	switch {
	case Anywhere(side):
		return ManyNetworks
	case strings.Contains(side, "/"):
		return "hosts in " + side
	}
	return side
}

// Place is a finding's side for a cell of its own: an address, a network, "many networks".
func Place(side string) string {
	if Anywhere(side) {
		return ManyNetworks
	}
	return side
}
