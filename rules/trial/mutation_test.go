package trial

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

func changes(list []Mutant) (out []string) {
	for _, m := range list {
		out = append(out, m.Change)
	}
	return out
}

// Every part of a rule that its tests can see is changed, in a copy.
func TestMutants(t *testing.T) {
	r := *sweeps
	r.Recover = &rules.Recover{Field: "sift.payload", Scope: "icmp", Order: "time"}
	before, c, x := r, *r.Correlation, *r.Recover
	all, err := Mutants(&r, &field.Context{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := changes(all)
	for _, want := range []string{"match: dropped icmp.type == 8", "match: 8 became 9", "condition: gte 20 became 19", "condition: gte 20 became 21",
		"timespan: 1m0s became 30s", "timespan: 1m0s became 2m0s", "group-by: dropped sift.src", "type: value_count of sift.dst became event_count",
		"endpoints: src and dst changed places", "recover: dropped", "recover: order time became seq", "recover: scope left to match", "recover: scope: negated icmp"} {
		if !slices.Contains(got, want) {
			t.Errorf("no mutant %q among %q", want, got)
		}
	}
	for _, m := range all {
		if reflect.DeepEqual(*m.Rule, before) {
			t.Errorf("%s changes nothing", m.Change)
		}
	}
	if !reflect.DeepEqual(r, before) || !reflect.DeepEqual(*r.Correlation, c) || !reflect.DeepEqual(*r.Recover, x) || len(r.Correlation.GroupBy) != 1 || r.Correlation.Condition[0].Value != 20 {
		t.Error("making mutants changed the rule")
	}
}

// Each type of correlation is changed in what is its own.
func TestCorrelationMutants(t *testing.T) {
	for want, c := range map[string]rules.Correlation{
		"condition: gte 0.5 became 0.4|condition: gte 0.5 became gt|minimum: 10 became 9|minimum: 10 became 11|share: negated icmp.code == 1|share: 1 became 2": {
			Type: rules.XRatio, Share: "icmp.code == 1", Minimum: 10, Condition: []rules.Condition{{Op: "gte", Value: 0.5}}},
		"jitter: lte 0.25 became 0.24|jitter: lte 0.25 became lt|median: gt 60 became 61|measure: mad became cv|burst: 6s became 3s|burst: 6s became 12s": {
			Type: rules.XInterval, Interval: rules.Interval{Jitter: []rules.Condition{{Op: "lte", Value: 0.25}}, Median: []rules.Condition{{Op: "gt", Value: 60}}, Measure: "mad", Burst: 6 * time.Second}},
		"percentile: 95 became 94|percentile: 95 became 96|field: sift.payload.length became sift.length": {Type: rules.ValuePercentile, Percentile: 95, Field: "sift.payload.length"},
		"type: value_sum became value_avg":                        {Type: rules.ValueSum, Field: "sift.ttl"},
		"type: value_avg became value_sum":                        {Type: rules.ValueAvg, Field: "sift.ttl"},
		"type: temporal_ordered became temporal|rules: dropped a": {Type: rules.TemporalOrdered, Rules: []rules.Reference{{Name: "a"}, {Name: "b"}}},
	} {
		c.Timespan, c.GroupBy = time.Minute, []string{"sift.src"}
		r := &rules.Rule{Name: "r", Match: "icmp", Correlation: &c, Requires: rules.Requires{Wireshark: "4.0"}}
		before := c
		all, err := Mutants(r, &field.Context{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := changes(all)
		for _, change := range append(strings.Split(want, "|"), "requires: wireshark 4.0 became 4.4", "endpoints: src became sift.dst", "endpoints: dst became sift.src") {
			if !slices.Contains(got, change) {
				t.Errorf("%s: no mutant %q among %q", c.Type, change, got)
			}
		}
		if !reflect.DeepEqual(c, before) {
			t.Errorf("%s: making mutants changed the rule", c.Type)
		}
		for _, m := range all {
			if reflect.DeepEqual(m.Rule, r) {
				t.Errorf("%s: %s changes nothing", c.Type, m.Change)
			}
		}
	}
}

// What is confused are fields that there are.
func TestOthers(t *testing.T) {
	for name, list := range others {
		for _, f := range append([]string{name}, list...) {
			if _, ok := field.Lookup(f); !ok {
				t.Errorf("%s is no field", f)
			}
		}
	}
}

func TestSurvivors(t *testing.T) {
	one := func(findings int) []rules.Test {
		return []rules.Test{{Capture: sweep, Expect: rules.Expect{Findings: number(findings)}}}
	}
	survivors := func(tests []rules.Test) ([]string, int, error) {
		r := *sweeps
		r.Tests = tests
		left, all, err := Survivors(context.Background(), &rules.Set{}, &r, captures, &field.Context{})
		return changes(left), all, err
	}
	left, all, err := survivors(nil)
	if err != nil || len(left) != all || all == 0 {
		t.Errorf("without tests %d of %d survive, error %v", len(left), all, err)
	}
	left, all, err = survivors(one(1))
	if err != nil || len(left) == all || !slices.Contains(left, "condition: gte 20 became 19") || slices.Contains(left, "match: 8 became 9") {
		t.Errorf("a test of many requests leaves %q of %d, error %v", left, all, err)
	}
	if _, _, err = survivors(one(3)); err == nil || !strings.Contains(err.Error(), "fails its own test") {
		t.Errorf("of a rule that fails its test: %v", err)
	}
}
