package file

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// filter reads a display filter and compiles it to see that it does; errors are placed within the scalar.
func (d *document) filter(n ast.Node, what string) string {
	text, ok := d.text(n, what)
	if !ok {
		return ""
	}
	_, err := filter.Compile(text, d.context)
	var e *filter.Error
	switch {
	case errors.As(err, &e):
		at := d.source.within(n, text, e.Offset)
		d.report(at, offending(e), fmt.Sprintf("%s: %s", what, withHint(e.Message, e.Hint)))
	case err != nil:
		d.report(placeOf(n), text, fmt.Sprintf("%s: %v", what, err))
	}
	return strings.TrimSpace(text)
}

// match reads the rule's own filter; its position is that of its first character, also in a block scalar.
func (d *document) match(n ast.Node) (string, rules.Position) {
	at := d.source.within(n, textOf(n), 0)
	return d.filter(n, "match"), rules.Position{File: d.path, Line: at.line, Column: at.column}
}

func offending(e *filter.Error) string {
	start := min(max(e.Offset, 0), len(e.Text))
	return e.Text[start:min(start+max(e.Length, 0), len(e.Text))]
}

func withHint(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + "; " + hint
}

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

// field reads a field name.
func (d *document) field(n ast.Node, what string) (string, bool) {
	name, ok := d.text(n, what)
	if !ok {
		return "", false
	}
	if base, layer, _ := strings.Cut(name, "#"); layer != "" {
		d.report(placeOf(n), name, fmt.Sprintf("%s %q: layers of a field are not supported by this version: expected %s", what, name, instead(base)))
		return "", false
	}
	if _, ok := field.Lookup(name); !ok {
		hint := ""
		if near := field.Nearest(name); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		d.wrong(n, what, "a field that icmpsift fields lists"+hint)
		return "", false
	}
	return name, true
}

// single reads the name of a field that has one value in a packet at most.
func (d *document) single(n ast.Node, what string) (string, bool) {
	name, ok := d.field(n, what)
	if ok && !strings.HasPrefix(name, "sift.") {
		d.wrong(n, what, instead(name)+", since a packet can have several values of "+name)
		return "", false
	}
	return name, ok
}

// instead names the single-valued field that serves for one of Wireshark's.
func instead(name string) string {
	for _, end := range []string{"src", "dst"} {
		if slices.Contains([]string{"ip." + end, "ipv6." + end, "ip." + end + "_host", "ipv6." + end + "_host"}, name) {
			return fmt.Sprintf("%q", "sift."+end)
		}
	}
	return "a field that starts with \"sift.\""
}

func (d *document) endpoints(into *rules.Endpoints) func(ast.Node) {
	return func(n ast.Node) {
		d.mapping(n, "endpoints", []key{
			{"src", false, d.endpoint("endpoints.src", &into.Src)},
			{"dst", false, d.endpoint("endpoints.dst", &into.Dst)},
		})
	}
}

// endpoint reads a field that holds an address.
func (d *document) endpoint(what string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		name, ok := d.single(n, what)
		if !ok {
			return
		}
		switch f, _ := field.Lookup(name); f.Type {
		case field.Address, field.IPv4, field.IPv6, field.Ether:
			*into = name
		default:
			d.wrong(n, what, "a field that holds an address, such as \"sift.src\"")
		}
	}
}
