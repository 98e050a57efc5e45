package trial

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

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
