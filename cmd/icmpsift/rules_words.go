package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// nearestWord is the word most like the given one, "" if none is near.
func nearestWord(word string, words []string) string {
	return field.Closest(strings.ToLower(word), slices.Values(words))
}

var operators = map[string]string{"gt": "more than", "gte": "at least", "lt": "fewer than", "lte": "at most", "eq": "exactly", "neq": "other than"}

// correlationWords says when a rule fires.
func correlationWords(c *rules.Correlation) string {
	if c == nil {
		return "on each matching packet; packets between the same endpoints are one finding"
	}
	var conditions []string
	for _, k := range c.Condition {
		conditions = append(conditions, operators[k.Op]+" "+strconv.FormatFloat(k.Value, 'f', -1, 64))
	}
	within := fmt.Sprintf("within %s, for each %s", span(c.Timespan), strings.Join(c.GroupBy, " and "))
	switch c.Type {
	case rules.EventCount:
		return fmt.Sprintf("when %s packets match %s", strings.Join(conditions, " and "), within)
	case rules.ValueCount:
		return fmt.Sprintf("when matching packets have %s values of %s %s", strings.Join(conditions, " and "), c.Field, within)
	}
	return fmt.Sprintf("when the %s of matching packets is %s %s", c.Type, strings.Join(conditions, " and "), within)
}

// span writes a timespan as rules do: "1h", "90s".
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{7 * 24 * time.Hour, "w"}, {24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.unit == 0 && d > 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// expectWords says what a test expects.
func expectWords(e rules.Expect) string {
	var out []string
	if e.Findings != nil {
		out = append(out, fmt.Sprintf("%d findings", *e.Findings))
	}
	for _, part := range []struct{ what, value string }{{"src", e.Src}, {"dst", e.Dst}, {"frames", e.Frames}} {
		if part.value != "" {
			out = append(out, part.what+" "+part.value)
		}
	}
	if n := len(e.Recovered); n > 0 {
		out = append(out, fmt.Sprintf("%d recovered files by SHA-256", n))
	}
	if len(out) == 0 {
		return "that it can be read"
	}
	return strings.Join(out, ", ")
}
