package builtin_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
)

func context_(t *testing.T) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	for _, n := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"} {
		c.Home = append(c.Home, netip.MustParsePrefix(n))
	}
	return c
}

func pack(t *testing.T, c *field.Context) []*rules.Rule {
	t.Helper()
	set, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		t.Fatal(err)
	}
	return set.Rules
}

// Each rule finds what its tests say, and nothing in their near misses.
func TestRulesKeepTheirTests(t *testing.T) {
	c := context_(t)
	set := &rules.Set{Rules: pack(t, c)}
	for _, r := range set.Rules {
		positive, negative := 0, 0
		for _, test := range r.Tests {
			if test.Expect.Findings != nil && *test.Expect.Findings == 0 {
				negative++
			} else {
				positive++
			}
			t.Run(r.Name+"/"+filepath.Base(test.Capture), func(t *testing.T) {
				differences, err := trial.Test(context.Background(), set, r, test, ".", c)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range differences {
					t.Error(d)
				}
			})
		}
		if positive == 0 || negative == 0 {
			t.Errorf("rule %s has %d positive and %d negative tests, want at least one of each", r.Name, positive, negative)
		}
	}
}
