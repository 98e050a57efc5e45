package builtin_test

import (
	"testing"

	"icmpsift/rules/attack"
)

// Of each technique that a rule names, reports can tell what it is for.
func TestTactics(t *testing.T) {
	for _, r := range pack(t, context_(t)) {
		for _, tag := range r.Tags {
			if _, ok := attack.Of(tag); ok && len(attack.Tactics([]string{tag})) == 0 {
				t.Errorf("%s: %s has no tactic", r.Name, tag)
			}
		}
	}
}
