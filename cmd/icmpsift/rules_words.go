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
	within := fmt.Sprintf("within %s, for each %s", span(c.Timespan), strings.Join(c.GroupBy, " and "))
	asked, what := thresholdWords(c.Condition), "matching packets"
	if len(c.Rules) > 0 {
		what = "what " + referred(c) + " find"
	}
	of := what
	if c.Minimum > 0 {
		of = fmt.Sprintf("%s, of %d or more,", what, c.Minimum)
	}
	switch c.Type {
	case rules.Temporal, rules.TemporalOrdered:
		return fmt.Sprintf("when %s of the rules %s find something%s %s", asked, referred(c), map[bool]string{true: ", in this order,"}[c.Type == rules.TemporalOrdered], within)
	case rules.ValueSum, rules.ValueAvg:
		return fmt.Sprintf("when the %s of %s in %s is %s %s", map[rules.CorrelationType]string{rules.ValueSum: "sum", rules.ValueAvg: "average"}[c.Type], c.Field, of, asked, within)
	case rules.ValuePercentile:
		return fmt.Sprintf("when percentile %g of %s in %s is %s %s", c.Percentile, c.Field, of, asked, within)
	case rules.XInterval:
		if c.Field != "" {
			what += ", whose " + c.Field + " is not all alike or a number that counts up,"
		}
		return fmt.Sprintf("when %s ticks of %s come at even intervals (jitter %s) %s", asked, what, thresholdWords(c.Interval.Jitter), within)
	case rules.XRatio:
		if len(c.Rules) == 2 {
			return fmt.Sprintf("when events of %s are %s of those of %s, of %d or more, %s", c.Rules[1].Name, asked, c.Rules[0].Name, c.Minimum, within)
		}
		return fmt.Sprintf("when %s of %s are such that %s, %s", asked, of, c.Share, within)
	case rules.EventCount:
		if len(c.Rules) > 0 {
			return fmt.Sprintf("when %s of %s count %s", asked, what, within)
		}
	}
	switch c.Type {
	case rules.EventCount:
		return fmt.Sprintf("when %s packets match %s", asked, within)
	case rules.ValueCount:
		return fmt.Sprintf("when matching packets have %s values of %s %s", asked, c.Field, within)
	}
	return fmt.Sprintf("when the %s of matching packets is %s %s", c.Type, asked, within)
}

// referred lists the rules that a correlation refers to.
func referred(c *rules.Correlation) string {
	var out []string
	for _, r := range c.Rules {
		out = append(out, r.Name)
	}
	return strings.Join(out, " and ")
}

func thresholdWords(list []rules.Condition) string {
	var out []string
	for _, k := range list {
		out = append(out, operators[k.Op]+" "+strconv.FormatFloat(k.Value, 'f', -1, 64))
	}
	return strings.Join(out, " and ")
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
