package file

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Correlation types of Sigma 2.1, and our two.
var (
	runs  = []string{string(rules.EventCount), string(rules.ValueCount)}
	later = []string{"temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile", "value_median", "x_interval", "x_ratio"}
)

func (d *document) correlation(n ast.Node) *rules.Correlation {
	c := &rules.Correlation{}
	var condition ast.Node
	d.mapping(n, "correlation", []key{
		{"type", true, d.correlationType(&c.Type)},
		{"group-by", true, d.each("group-by", func(n ast.Node) {
			if name, ok := d.single(n, "group-by"); ok {
				c.GroupBy = append(c.GroupBy, name)
			}
		})},
		{"timespan", true, func(n ast.Node) { c.Timespan = d.timespan(n) }},
		{"condition", true, func(n ast.Node) { condition = n }},
		d.unsupported("rules", "; write match in the same document, it is the base rule"),
		d.unsupported("aliases", ""),
		d.unsupported("generate", ""),
	})
	if condition != nil {
		d.condition(condition, c)
	}
	return c
}

func (d *document) correlationType(into *rules.CorrelationType) func(ast.Node) {
	return func(n ast.Node) {
		takesWords(n, runs)
		s, ok := d.text(n, "correlation.type")
		switch {
		case !ok:
		case slices.Contains(later, s):
			d.report(placeOf(n), s, fmt.Sprintf("correlation.type %q: not supported by this version: expected %s", s, strings.Join(runs, " or ")))
		case !slices.Contains(runs, s):
			d.wrong(n, "correlation.type", strings.Join(runs, " or ")+suggest(s, slices.Concat(runs, later)))
		}
		*into = rules.CorrelationType(s)
	}
}

// condition reads thresholds; field names what value_count counts, and is an error elsewhere.
func (d *document) condition(n ast.Node, c *rules.Correlation) {
	keys := []key{{"field", c.Type == rules.ValueCount, func(n ast.Node) {
		if c.Type == rules.EventCount {
			d.wrong(n, "condition.field", "no field with event_count, or type value_count")
		}
		c.Field, _ = d.field(n, "condition.field")
	}}}
	for _, op := range []string{"gt", "gte", "lt", "lte", "eq", "neq"} {
		keys = append(keys, key{name: op, read: func(n ast.Node) {
			if v, ok := d.number(n, "condition."+op); ok {
				c.Condition = append(c.Condition, rules.Condition{Op: op, Value: v})
			}
		}})
	}
	before := len(d.problems)
	d.mapping(n, "condition", keys)
	if len(c.Condition) == 0 && len(d.problems) == before {
		d.wrong(n, "condition", "a threshold such as {gte: 20}")
	}
}

var timespanForm = regexp.MustCompile(`^([0-9]{1,9})([A-Za-z]+)$`)

// timespan reads Sigma's "5m". Months and years have no fixed length.
func (d *document) timespan(n ast.Node) time.Duration {
	const expected = `a number and s, m, h, d or w, such as "60s"`
	s, ok := d.text(n, "timespan")
	if !ok {
		return 0
	}
	part := timespanForm.FindStringSubmatch(s)
	if part == nil {
		d.wrong(n, "timespan", expected)
		return 0
	}
	unit, ok := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[part[2]]
	count, _ := strconv.ParseInt(part[1], 10, 64)
	switch {
	case slices.Contains([]string{"M", "mo", "y", "Y"}, part[2]):
		d.wrong(n, "timespan", "no months or years, which have no fixed length, but "+expected)
	case !ok:
		d.wrong(n, "timespan", expected)
	case count == 0 || count > int64(100*366*24*time.Hour/unit):
		d.wrong(n, "timespan", "more than nothing and less than a century")
	default:
		return time.Duration(count) * unit
	}
	return 0
}
