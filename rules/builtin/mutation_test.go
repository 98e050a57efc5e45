package builtin_test

import (
	"context"
	"testing"

	"icmpsift/rules"
	"icmpsift/rules/trial"
)

// equivalent are the mutants that no packet can tell from their rule, and why.
var equivalent = map[string]map[string]string{
	"icmp-boundary": {
		"condition: gte 1 became 0": "a count is taken when a packet is counted: it is never 0",
	},
	"icmp-exfil-payload": {
		"match: dropped sift.echo.reply == 1":          "only echoes have a payload class, and one that is unsolicited is a reply; the clause says so to readers",
		"recover: scope: dropped sift.echo.reply == 1": "only echoes have the payload that is recovered, and one that is unsolicited is a reply",
	},
}

// The tests of each rule tell it from every rule that is one mistake away, but for the equivalent ones.
func TestMutants(t *testing.T) {
	c := context_(t)
	set := &rules.Set{Rules: pack(t, c)}
	for _, r := range set.Rules {
		t.Run(r.Name, func(t *testing.T) {
			left, all, err := trial.Survivors(context.Background(), set, r, ".", c)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d mutants survive", len(left), all)
			survived := map[string]bool{}
			for _, m := range left {
				survived[m.Change] = true
				why, known := equivalent[r.Name][m.Change]
				if !known {
					why, known = everywhere[m.Change]
				}
				if !known {
					t.Errorf("no test tells the rule from this mutant: %s", m.Change)
					continue
				}
				t.Logf("survives: %s (%s)", m.Change, why)
			}
			for change := range equivalent[r.Name] {
				if !survived[change] {
					t.Errorf("listed as equivalent, but a test tells it, or it is no longer made: %s", change)
				}
			}
		})
	}
}
