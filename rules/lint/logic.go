package lint

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"

	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// compiled gives the rule's filter; it loaded, so it compiles.
func (p *pass) compiled(r *rules.Rule) *filter.Filter {
	f, done := p.filters[r]
	if !done {
		f, _ = filter.Compile(r.Match, p.Context, p.set.Lists)
		p.filters[r] = f
	}
	return f
}

// unreachable finds filters that ask for types which exclude each other.
func (p *pass) unreachable() {
	f := p.compiled(p.rule)
	if f == nil {
		return
	}
	v4, v6 := f.Types()
	if !slices.Contains(v4[:], true) && !slices.Contains(v6[:], true) {
		p.report([]string{"match"}, "no ICMP message can match: the parts of the filter exclude each other")
	}
}

// counts tells whether the rule's correlation counts: 0, 1, 2 and so on.
func (p *pass) counts() bool {
	c := p.rule.Correlation
	return c != nil && (c.Type == rules.EventCount || c.Type == rules.ValueCount)
}

// meetable tells whether the condition holds for any count at all. Between and beyond the thresholds nothing changes, so those and
// their neighbours stand for all counts; of no packets there is no window.
func meetable(conditions []rules.Condition) bool {
	return slices.ContainsFunc(candidates(conditions), func(n float64) bool {
		return !slices.ContainsFunc(conditions, func(c rules.Condition) bool { return !c.Holds(n) })
	})
}

func candidates(conditions []rules.Condition) (out []float64) {
	out = []float64{1}
	for _, c := range conditions {
		for _, n := range []float64{math.Floor(c.Value) - 1, math.Floor(c.Value), math.Floor(c.Value) + 1} {
			if n >= 1 {
				out = append(out, n)
			}
		}
	}
	return out
}

func (p *pass) unmeetable() {
	if p.counts() && !meetable(p.rule.Correlation.Condition) {
		p.report([]string{"correlation", "condition"}, "no count can meet all of the condition: the rule never fires")
	}
}

// same finds a rule whose findings an earlier one has as well.
func (p *pass) same() {
	if p.compiled(p.rule) == nil {
		return
	}
	key := p.compiled(p.rule).String()
	for _, other := range p.canonical[key] {
		if reflect.DeepEqual(other.Correlation, p.rule.Correlation) && other.Endpoints == p.rule.Endpoints {
			p.report([]string{"match"}, "rule %q at %s:%d finds the same: expected one of the two, or a difference in match, correlation or endpoints", other.Name, other.At.File, other.At.Line)
			return
		}
	}
	p.canonical[key] = append(p.canonical[key], p.rule)
}

// filters are where documents have display filters.
var filters = [][]string{{"match"}, {"correlation", "share"}, {"recover", "scope"}}

// advice asks the filter language what the document's filters may not mean.
func (p *pass) advice() {
	for _, keys := range filters {
		text := p.outline().Text(p.at, keys...)
		if text == "" {
			continue
		}
		for _, a := range p.Advise(text, p.Context, p.set.Lists) {
			p.advised(keys, text, a)
		}
	}
}

// layerForm is what follows the "#" of a layer.
var layerForm = regexp.MustCompile(`^([0-9]+|\[[-0-9:,]+\])\s*(==|!=|[<>&|)]|and\b|or\b|in\b|eq\b|ne\b|[gl][te]\b|contains\b|matches\b|$)`)

// cut finds "ip.src #1 == 10.0.0.1" without quotes, of which YAML takes all from "#" on for a comment.
func (p *pass) cut() {
	for _, keys := range filters {
		at := p.outline().At(p.at, keys...)
		for _, c := range p.commentsOf[p.at] {
			if c.At.Line == at.Line && p.outline().Has(p.at, keys...) && layerForm.MatchString(c.Text) {
				p.place(c.At, "#"+c.Text, fmt.Sprintf("%s: to YAML this is a comment, and no part of the filter: write # right behind the field, or the filter in single quotes", keys[len(keys)-1]))
			}
		}
	}
}

func (p *pass) advised(keys []string, text string, a filter.Advice) {
	message := fmt.Sprintf("%s: %s", keys[len(keys)-1], a.Message)
	if a.Hint != "" {
		message += "; " + a.Hint
	}
	start := min(max(a.Offset, 0), len(text))
	p.place(p.outline().Within(p.at, a.Offset, keys...), text[start:min(start+max(a.Length, 0), len(text))], message)
	if a.Code != "" {
		p.found[len(p.found)-1].Code = a.Code
	}
}
