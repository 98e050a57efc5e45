package main

import (
	"testing"
	"time"

	"icmpsift/rules"
)

// What is asked of the number of events is said with what is asked of them.
func TestCorrelationWords(t *testing.T) {
	base := rules.Correlation{GroupBy: []string{"sift.src"}, Timespan: time.Hour, Condition: []rules.Condition{{Op: "gte", Value: 0.5}}, Field: "sift.ttl", Percentile: 95}
	for _, tt := range []struct {
		typ     rules.CorrelationType
		minimum int
		share   string
		rules   []rules.Reference
		want    string
	}{
		{rules.ValuePercentile, 0, "", nil, "when percentile 95 of sift.ttl in matching packets is at least 0.5 within 1h, for each sift.src"},
		{rules.ValuePercentile, 20, "", nil, "when percentile 95 of sift.ttl in matching packets, of 20 or more, is at least 0.5 within 1h, for each sift.src"},
		{rules.ValueAvg, 20, "", nil, "when the average of sift.ttl in matching packets, of 20 or more, is at least 0.5 within 1h, for each sift.src"},
		{rules.ValueSum, 0, "", nil, "when the sum of sift.ttl in matching packets is at least 0.5 within 1h, for each sift.src"},
		{rules.XRatio, 20, "icmp", nil, "when at least 0.5 of matching packets, of 20 or more, are such that icmp, within 1h, for each sift.src"},
		{rules.XRatio, 20, "", []rules.Reference{{Name: "a"}, {Name: "b"}}, "when events of b are at least 0.5 of those of a, of 20 or more, within 1h, for each sift.src"},
	} {
		c := base
		c.Type, c.Minimum, c.Share, c.Rules = tt.typ, tt.minimum, tt.share, tt.rules
		if got := correlationWords(&c); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
