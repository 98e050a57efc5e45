package trial

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
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

// Mutants gives the mutants of a rule: of its filters as [filter.Mutants] makes them, and of its correlation, Wireshark
// version, endpoints and recovery. What tests cannot see, such as words and roles, stays as it is.
func Mutants(r *rules.Rule, c *field.Context, lists rules.Lists) ([]Mutant, error) {
	m := &mutation{rule: r}
	if err := m.filters("match", r.Match, c, lists, func(r *rules.Rule, text string) { r.Match = text }); err != nil {
		return nil, err
	}
	if r.Correlation != nil {
		m.correlation(r.Correlation)
		if err := m.filters("share", r.Correlation.Share, c, lists, func(r *rules.Rule, text string) { r.Correlation.Share = cmp.Or(text, everyMessage) }); err != nil {
			return nil, err
		}
	}
	m.requires(r.Requires)
	m.endpoints(r.Endpoints)
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
		c.Condition, c.GroupBy, c.Rules = slices.Clone(c.Condition), slices.Clone(c.GroupBy), slices.Clone(c.Rules)
		c.Interval.Jitter, c.Interval.Median = slices.Clone(c.Interval.Jitter), slices.Clone(c.Interval.Median)
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
	m.thresholds("condition", c.Condition, func(c *rules.Correlation) []rules.Condition { return c.Condition })
	for _, span := range []time.Duration{c.Timespan / 2, c.Timespan * 2} {
		m.give(fmt.Sprintf("timespan: %s became %s", c.Timespan, span), func(r *rules.Rule) { r.Correlation.Timespan = span })
	}
	for i, name := range c.GroupBy {
		m.give("group-by: dropped "+name, func(r *rules.Rule) { r.Correlation.GroupBy = slices.Delete(r.Correlation.GroupBy, i, i+1) })
	}
	for i, x := range c.Rules {
		m.give("rules: dropped "+x.Name, func(r *rules.Rule) { r.Correlation.Rules = slices.Delete(r.Correlation.Rules, i, i+1) })
	}
	m.types(c)
	if c.Field != "" {
		m.fields(c)
	}
	if c.Type == rules.XInterval {
		m.interval(c.Interval)
	}
}

// thresholds makes the mutants of thresholds: one off in the last place, and with or without the very value.
func (m *mutation) thresholds(where string, all []rules.Condition, of func(*rules.Correlation) []rules.Condition) {
	for i, x := range all {
		for _, by := range []float64{-1, 1} {
			value := beside(x.Value, by)
			m.give(fmt.Sprintf("%s: %s %g became %g", where, x.Op, x.Value, value), func(r *rules.Rule) { of(r.Correlation)[i].Value = value })
		}
		if op := looser[x.Op]; op != "" && x.Value != math.Trunc(x.Value) { // of whole numbers that is one off
			m.give(fmt.Sprintf("%s: %s %g became %s", where, x.Op, x.Value, op), func(r *rules.Rule) { of(r.Correlation)[i].Op = op })
		}
	}
}

var looser = map[string]string{"gt": "gte", "gte": "gt", "lt": "lte", "lte": "lt"}

// beside is a number one off in the last of the places it is written with.
func beside(v, by float64) float64 {
	_, decimals, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	unit := math.Pow10(len(decimals))
	return math.Round(v*unit+by) / unit
}

// types takes one type of correlation for another that is easily confused with it.
func (m *mutation) types(c *rules.Correlation) {
	switch c.Type {
	case rules.ValueCount:
		m.give("type: value_count of "+c.Field+" became event_count", func(r *rules.Rule) { r.Correlation.Type, r.Correlation.Field = rules.EventCount, "" })
	case rules.ValueSum:
		m.give("type: value_sum became value_avg", func(r *rules.Rule) { r.Correlation.Type = rules.ValueAvg })
	case rules.ValueAvg:
		m.give("type: value_avg became value_sum", func(r *rules.Rule) { r.Correlation.Type = rules.ValueSum })
	case rules.TemporalOrdered:
		m.give("type: temporal_ordered became temporal", func(r *rules.Rule) { r.Correlation.Type = rules.Temporal })
	case rules.Temporal:
		m.give("type: temporal became temporal_ordered", func(r *rules.Rule) { r.Correlation.Type = rules.TemporalOrdered })
	case rules.ValuePercentile:
		for _, p := range []float64{c.Percentile - 1, c.Percentile + 1} {
			if p >= 0 && p <= 100 {
				m.give(fmt.Sprintf("percentile: %g became %g", c.Percentile, p), func(r *rules.Rule) { r.Correlation.Percentile = p })
			}
		}
	case rules.XRatio:
		for _, n := range []int{c.Minimum - 1, c.Minimum + 1} {
			if n > 0 {
				m.give(fmt.Sprintf("minimum: %d became %d", c.Minimum, n), func(r *rules.Rule) { r.Correlation.Minimum = n })
			}
		}
	}
}

// others are fields that authors confuse.
var others = map[string][]string{
	"sift.src": {"sift.dst"}, "sift.dst": {"sift.src"}, "sift.quoted.src": {"sift.quoted.dst", "sift.src"}, "sift.quoted.dst": {"sift.quoted.src", "sift.dst"},
	"sift.id": {"sift.seq"}, "sift.seq": {"sift.id"}, "sift.type": {"sift.code"}, "sift.code": {"sift.type"}, "sift.payload.length": {"sift.length"}, "sift.length": {"sift.payload.length"},
}

// fields counts or computes with another field.
func (m *mutation) fields(c *rules.Correlation) {
	for _, name := range others[c.Field] {
		m.give("field: "+c.Field+" became "+name, func(r *rules.Rule) { r.Correlation.Field = name })
	}
}

// interval changes what beacons are told by.
func (m *mutation) interval(x rules.Interval) {
	m.thresholds("jitter", x.Jitter, func(c *rules.Correlation) []rules.Condition { return c.Interval.Jitter })
	m.thresholds("median", x.Median, func(c *rules.Correlation) []rules.Condition { return c.Interval.Median })
	other := map[string]string{"mad": "cv", "cv": "mad"}[x.Measure]
	m.give("measure: "+x.Measure+" became "+other, func(r *rules.Rule) { r.Correlation.Interval.Measure = other })
	for _, burst := range []time.Duration{x.Burst / 2, x.Burst * 2} {
		if burst != x.Burst {
			m.give(fmt.Sprintf("burst: %s became %s", x.Burst, burst), func(r *rules.Rule) { r.Correlation.Interval.Burst = burst })
		}
	}
}

// requires asks for another Wireshark. That bytes or both directions are required changes no finding: it tells why there is
// none.
func (m *mutation) requires(x rules.Requires) {
	if x.Wireshark != "" && x.Wireshark != filter.Newest {
		m.give("requires: wireshark "+x.Wireshark+" became "+filter.Newest, func(r *rules.Rule) { r.Requires.Wireshark = filter.Newest })
	}
}

// endpoints takes one side for the other.
func (m *mutation) endpoints(x rules.Endpoints) {
	src, dst := cmp.Or(x.Src, "sift.src"), cmp.Or(x.Dst, "sift.dst")
	m.give("endpoints: src and dst changed places", func(r *rules.Rule) { r.Endpoints = rules.Endpoints{Src: dst, Dst: src} })
	m.give("endpoints: src became "+dst, func(r *rules.Rule) { r.Endpoints = rules.Endpoints{Src: dst, Dst: dst} })
	m.give("endpoints: dst became "+src, func(r *rules.Rule) { r.Endpoints = rules.Endpoints{Src: src, Dst: src} })
	for _, name := range others[src] {
		if name != dst {
			m.give("endpoints: src became "+name, func(r *rules.Rule) { r.Endpoints = rules.Endpoints{Src: name, Dst: dst} })
		}
	}
	for _, name := range others[dst] {
		if name != src {
			m.give("endpoints: dst became "+name, func(r *rules.Rule) { r.Endpoints = rules.Endpoints{Src: src, Dst: name} })
		}
	}
}

func (m *mutation) recover(x *rules.Recover, c *field.Context, lists rules.Lists) error {
	m.give("recover: dropped", func(r *rules.Rule) { r.Recover = nil })
	for i, way := range x.Tunnel {
		m.give("recover: dropped tunnel "+way, func(r *rules.Rule) { r.Recover.Tunnel = slices.Delete(slices.Clone(r.Recover.Tunnel), i, i+1) })
	}
	for i, carrier := range x.Otherwise {
		m.give("recover: dropped otherwise "+carrier, func(r *rules.Rule) { r.Recover.Otherwise = slices.Delete(slices.Clone(r.Recover.Otherwise), i, i+1) })
	}
	for _, order := range []string{"auto", "time", "seq"} {
		if order != x.Order && x.Field != "" {
			m.give("recover: order "+x.Order+" became "+order, func(r *rules.Rule) { r.Recover.Order = order })
		}
	}
	if x.Scope == "" {
		return nil
	}
	m.give("recover: scope left to match", func(r *rules.Rule) { r.Recover.Scope = "" })
	return m.filters("recover: scope", x.Scope, c, lists, func(r *rules.Rule, text string) { r.Recover.Scope = cmp.Or(text, everyMessage) })
}

// Survivors runs all tests of a rule on its mutants, and gives those mutants that pass every one, and the number of all; set
// has the rules and lists that the rule refers to. A capture is read once for all of them. It is an error if the rule itself
// fails a test: then nothing is known of mutants.
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

func passing(ctx context.Context, set *rules.Set, r *rules.Rule, mutants []Mutant, t rules.Test, capture string, c *field.Context) (out []Mutant, err error) {
	all := &rules.Set{Rules: set.With(r), Lists: set.Lists}
	for _, m := range mutants {
		all.Rules = append(all.Rules, m.Rule)
	}
	result, err := Run(ctx, all, c, capture)
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
