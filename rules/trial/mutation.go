package trial

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/filter"
)

// Mutant is a rule that is one mistake away from another.
type Mutant struct {
	Rule   *rules.Rule
	Change string // where and what: "match: dropped sift.multicast"
}

// Mutants gives the mutants of a rule: of its filters as [filter.Mutants] makes them, and of its correlation, endpoints and
// recovery. What tests cannot see, such as words and roles, stays as it is.
func Mutants(r *rules.Rule, c *field.Context, lists rules.Lists) ([]Mutant, error) {
	m := &mutation{rule: r}
	if err := m.filters("match", r.Match, c, lists, func(r *rules.Rule, text string) { r.Match = text }); err != nil {
		return nil, err
	}
	if r.Correlation != nil {
		m.correlation(r.Correlation)
	}
	m.give("endpoints: src and dst changed places", func(r *rules.Rule) {
		r.Endpoints = rules.Endpoints{Src: cmp.Or(r.Endpoints.Dst, "sift.dst"), Dst: cmp.Or(r.Endpoints.Src, "sift.src")}
	})
	if r.Recover != nil {
		return m.out, m.recover(r.Recover, c, lists)
	}
	return m.out, nil
}

type mutation struct {
	rule *rules.Rule
	out  []Mutant
}

// everyMessage is true of all that rules look at; an empty scope would be the rule's match.
const everyMessage = "sift.type"

// give makes a mutant of a copy whose correlation and recovery are its own.
func (m *mutation) give(change string, do func(*rules.Rule)) {
	r := *m.rule
	if r.Correlation != nil {
		c := *r.Correlation
		c.Condition, c.GroupBy = slices.Clone(c.Condition), slices.Clone(c.GroupBy)
		r.Correlation = &c
	}
	if r.Recover != nil {
		c := *r.Recover
		r.Recover = &c
	}
	do(&r)
	m.out = append(m.out, Mutant{&r, change})
}

func (m *mutation) filters(where, text string, c *field.Context, lists rules.Lists, set func(*rules.Rule, string)) error {
	if w := m.rule.Requires.Wireshark; w != "" && c != nil {
		pinned := *c
		pinned.Wireshark, c = w, &pinned
	}
	all, err := filter.Mutants(text, c, lists)
	for _, x := range all {
		if x.Text == "" && text == everyMessage {
			continue
		}
		m.give(where+": "+x.Change, func(r *rules.Rule) { set(r, x.Text) })
	}
	return err
}

func (m *mutation) correlation(c *rules.Correlation) {
	for i, x := range c.Condition {
		for _, by := range []float64{-1, 1} {
			m.give(fmt.Sprintf("condition: %s %g became %g", x.Op, x.Value, x.Value+by), func(r *rules.Rule) { r.Correlation.Condition[i].Value += by })
		}
	}
	for _, span := range []time.Duration{c.Timespan / 2, c.Timespan * 2} {
		m.give(fmt.Sprintf("timespan: %s became %s", c.Timespan, span), func(r *rules.Rule) { r.Correlation.Timespan = span })
	}
	for i, name := range c.GroupBy {
		m.give("group-by: dropped "+name, func(r *rules.Rule) { r.Correlation.GroupBy = slices.Delete(r.Correlation.GroupBy, i, i+1) })
	}
	if c.Type == rules.ValueCount {
		m.give("type: value_count of "+c.Field+" became event_count", func(r *rules.Rule) { r.Correlation.Type, r.Correlation.Field = rules.EventCount, "" })
	}
}

func (m *mutation) recover(x *rules.Recover, c *field.Context, lists rules.Lists) error {
	m.give("recover: dropped", func(r *rules.Rule) { r.Recover = nil })
	for _, order := range []string{"auto", "time", "seq"} {
		if order != x.Order {
			m.give("recover: order "+x.Order+" became "+order, func(r *rules.Rule) { r.Recover.Order = order })
		}
	}
	if x.Scope == "" {
		return nil
	}
	m.give("recover: scope left to match", func(r *rules.Rule) { r.Recover.Scope = "" })
	return m.filters("recover: scope", x.Scope, c, lists, func(r *rules.Rule, text string) { r.Recover.Scope = cmp.Or(text, everyMessage) })
}

// Survivors runs all tests of a rule on its mutants, and gives those mutants that pass every one, and the number of all. A
// capture is read once for all of them. It is an error if the rule itself fails a test: then nothing is known of mutants.
func Survivors(ctx context.Context, set *rules.Set, r *rules.Rule, dir string, c *field.Context) (left []Mutant, all int, err error) {
	left, err = Mutants(r, c, set.Lists)
	all = len(left)
	for _, t := range r.Tests {
		if err != nil {
			return nil, all, err
		}
		left, err = passing(ctx, set, r, left, t, filepath.Join(dir, filepath.FromSlash(t.Capture)), c)
	}
	return left, all, err
}

func passing(ctx context.Context, all *rules.Set, r *rules.Rule, mutants []Mutant, t rules.Test, capture string, c *field.Context) (out []Mutant, err error) {
	set := &rules.Set{Rules: all.With(r), Lists: all.Lists}
	for _, m := range mutants {
		set.Rules = append(set.Rules, m.Rule)
	}
	result, err := Run(ctx, set, c, capture)
	if err != nil {
		return nil, fmt.Errorf("mutants on %s: %w", capture, err)
	}
	if differences := compare(t.Expect, only(result, r)); len(differences) > 0 {
		return nil, fmt.Errorf("rule %q fails its own test on %s: %s", r.Name, capture, strings.Join(differences, "; "))
	}
	for _, m := range mutants {
		if len(compare(t.Expect, only(result, m.Rule))) == 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// only is the part of a result that one rule gave.
func only(all *engine.Result, r *rules.Rule) *engine.Result {
	part := &engine.Result{}
	for _, f := range all.Findings {
		if f.Rule == r {
			part.Findings = append(part.Findings, f)
		}
	}
	for _, f := range all.Suppressed {
		if f.Rule == r {
			part.Suppressed = append(part.Suppressed, f)
		}
	}
	for _, a := range all.Artefacts {
		if a.Finding.Rule == r {
			part.Artefacts = append(part.Artefacts, a)
		}
	}
	return part
}
