package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

const expiry = "2099-01-01"

func TestSuppression(t *testing.T) {
	known := shift(pings(30, inside, outside), 0)
	mixed := slices.Concat(known, shift(pings(30, insideB, outside), time.Hour))
	one := func(s rules.Suppression) []*rules.Suppression { return []*rules.Suppression{&s} }
	for name, tt := range map[string]struct {
		sent         []sent
		by           string // the rule's group-by
		s            []*rules.Suppression
		seen, unseen int
		note         string // in what is seen
	}{
		"none":           {known, "sift.src", nil, 1, 0, ""},
		"by name":        {known, "sift.src", one(rules.Suppression{Rules: []string{"test"}, Match: "sift.src in $known", Owner: "ops", Expires: expiry}), 0, 1, ""},
		"by id":          {known, "sift.src", one(rules.Suppression{Rules: []string{"00000000-0000-4000-8000-000000000001"}, Owner: "ops", Expires: expiry}), 0, 1, ""},
		"another rule":   {known, "sift.src", one(rules.Suppression{Rules: []string{"other"}, Owner: "ops", Expires: expiry}), 1, 0, ""},
		"another filter": {known, "sift.src", one(rules.Suppression{Rules: []string{"test"}, Match: "sift.src == 203.0.113.9", Owner: "ops", Expires: expiry}), 1, 0, ""},
		"expired": {known, "sift.src", one(rules.Suppression{Rules: []string{"test"}, Match: "sift.src in $known", Owner: "ops", Reason: "monitor", Expires: "2001-01-01"}), 1, 0,
			"A suppression of ops covers it, and expired on 2001-01-01: monitor"},
		"one of two": {mixed, "sift.src", one(rules.Suppression{Rules: []string{"test"}, Match: "sift.src in $known", Owner: "ops", Expires: expiry}), 1, 1, ""},
		"in part": {slices.Concat(known, shift(pings(30, insideB, outside), 30*time.Second)), "sift.dst",
			one(rules.Suppression{Rules: []string{"test"}, Match: "sift.src in $known", Owner: "ops", Reason: "monitor", Expires: expiry}), 1, 0,
			"A suppression of ops covers 30 of its 60 packets, and so does not hold: monitor"},
		"the first that holds": {known, "sift.src", []*rules.Suppression{
			{Rules: []string{"test"}, Owner: "gone", Expires: "2001-01-01"}, {Rules: []string{"test"}, Owner: "ops", Expires: expiry}}, 0, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := rule("sift.echo.request == 1", counting(rules.EventCount, "", 20, tt.by))
			set := &rules.Set{Rules: []*rules.Rule{r}, Suppressions: tt.s, Lists: rules.Lists{"known": {Name: "known", Values: []string{inside}}}}
			j := judgeSet(t, set, facts(t), write(t, tt.sent))
			if len(j.Findings) != tt.seen || len(j.Suppressed) != tt.unseen {
				t.Fatalf("%d findings and %d suppressed, want %d and %d", len(j.Findings), len(j.Suppressed), tt.seen, tt.unseen)
			}
			for _, f := range j.Findings {
				if f.SuppressedBy != nil || tt.note != "" && !slices.Contains(f.Notes, tt.note) || tt.note == "" && strings.Contains(fmt.Sprint(f.Notes), "suppression") {
					t.Errorf("suppressed by %v, notes %q", f.SuppressedBy, f.Notes)
				}
			}
			for _, f := range j.Suppressed {
				if f.SuppressedBy == nil || f.SuppressedBy.Owner != "ops" || f.Src != inside {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Hundreds of suppressed incidents do not crowd out one that is in sight and smaller.
func TestSuppressedCrowd(t *testing.T) {
	var s []sent
	for i := range 450 {
		s = append(s, shift(pings(6, fmt.Sprintf("10.3.%d.%d", i/250, i%250), outside), time.Duration(i)*time.Millisecond)...)
	}
	s = append(s, shift(pings(3, "10.4.0.1", outside), 20*time.Second)...)
	set := &rules.Set{Rules: []*rules.Rule{rule("sift.echo.request", counting(rules.EventCount, "", 3, "sift.src"))},
		Suppressions: []*rules.Suppression{{Rules: []string{"test"}, Match: "sift.src == 10.3.0.0/16", Owner: "ops", Expires: expiry}}}
	j := judgeSet(t, set, facts(t), write(t, s))
	if f := only(t, j); f.Src != "10.4.0.1" {
		t.Errorf("found %s", f.Src)
	}
	if len(j.Suppressed) != 200 || j.Incidents[set.Rules[0]] != 451 {
		t.Errorf("%d suppressed of %d incidents", len(j.Suppressed), j.Incidents[set.Rules[0]])
	}
}
