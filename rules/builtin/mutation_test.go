package builtin_test

import (
	"context"
	"testing"

	"icmpsift/ingest/oracle"
	"icmpsift/rules"
	"icmpsift/rules/trial"
)

// equivalent are the mutants that no packet can tell from their rule, and why.
var equivalent = map[string]map[string]string{
	"icmp-boundary": {
		"condition: gte 1 became 0": "a count is taken when a packet is counted: it is never 0",
	},
	"icmp-exfil-few": {
		"match: dropped sift.echo.unprompted": "what matches and lies outside of recover's scope brings nothing back",
	},
	"icmp-exfil-file": {
		"match: dropped sift.echo.unprompted": "what matches and lies outside of recover's scope brings nothing back",
	},
	"icmp-exfil-payload": {
		"match: dropped sift.echo.reply == 1":          "only echoes have a payload class, and one that is unsolicited is a reply; the clause says so to readers",
		"recover: scope: dropped sift.echo.reply == 1": "only echoes have the payload that is recovered, and one that is unsolicited is a reply",
	},
	"icmp-exfil-ttl":     fewValues("sift.ttl"),
	"icmp-exfil-dsfield": fewValues("sift.dsfield"),
	"icmp-exfil-length": merged(fewValues("sift.payload.length"), map[string]string{
		"field: sift.payload.length became sift.length": "an echo is eight bytes longer than its payload",
	}),
	"icmp-exfil-seq": {
		"recover: order auto became seq": "the sequence number is the data: it is never what orders it",
	},
	"icmp-exfil-checksum": {
		"condition: gte 16 became 15": "fewer than 16 numbers are never read as data",
	},
	"icmp-exfil-gap": {
		"condition: gte 97 became 96":     "fewer than 96 gaps are never read as data",
		"recover: order time became auto": "time is the carrier: there is no other order",
		"recover: order time became seq":  "time is the carrier: there is no other order",
	},
	"icmp-exfil-quote": {
		"match: dropped sift.quoted.payload": "what is counted and recovered is what errors quote: other messages have none",
	},
}

// fewValues are the mutants of rules that ask for two values of a field.
func fewValues(field string) map[string]string {
	const why = "one value carries nothing, so that nothing believable comes back"
	return map[string]string{"condition: gte 2 became 1": why, "type: value_count of " + field + " became event_count": why}
}

// The tests of each rule tell it from every rule that is one mistake away, but for the equivalent ones.
func TestMutants(t *testing.T) {
	c := context_(t)
	all := &rules.Set{Rules: pack(t, c)}
	for _, r := range oracle.Sample(t, all.Rules, 8) {
		t.Run(r.Name, func(t *testing.T) {
			left, made, err := trial.Survivors(context.Background(), all, r, ".", c)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d mutants survive", len(left), made)
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
