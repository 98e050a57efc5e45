package file

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

var operators = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

func typeNames() (out []string) {
	for _, t := range rules.CorrelationTypes {
		out = append(out, string(t))
	}
	return out
}

func (d *document) correlation(n ast.Node) *rules.Correlation {
	c := &rules.Correlation{}
	var condition, aliases, groups ast.Node
	d.mapping(n, "correlation", []key{
		{"type", true, func(n ast.Node) {
			var word string
			d.oneOf("correlation.type", &word, typeNames())(n)
			c.Type = rules.CorrelationType(word)
		}},
		{"rules", false, func(n ast.Node) {
			takesAlso(n, object{"minItems": 1})
			if d.each("rules", d.reference("rules", &c.Rules))(n); len(c.Rules) == 0 {
				d.wrong(n, "rules", "names or ids of rules")
			}
		}},
		{"group-by", true, func(n ast.Node) { groups = n }},
		{"timespan", true, func(n ast.Node) { c.Timespan = d.timespan(n, "timespan") }},
		{"condition", false, func(n ast.Node) { condition = n }},
		{"aliases", false, func(n ast.Node) { aliases = n }},
		{"generate", false, d.boolean("generate", &c.Generate)},
		{"share", false, func(n ast.Node) { c.Share = d.filter(n, "share") }},
	})
	if aliases != nil {
		d.aliases(aliases, c)
	}
	if groups != nil {
		d.each("group-by", func(n ast.Node) { d.group(n, c) })(groups)
	}
	if condition != nil {
		d.condition(condition, c)
	}
	if learning(n) {
		takesAlso(n, wholeSchema())
	}
	d.whole(n, condition, c)
	return c
}

// reference reads the name or id of another rule.
func (d *document) reference(what string, into *[]rules.Reference) func(ast.Node) {
	return func(n ast.Node) {
		if s, ok := d.text(n, what); ok {
			*into = append(*into, rules.Reference{Name: strings.TrimSpace(s), At: d.position(n)})
		}
	}
}

// group reads a field to group by, or an alias.
func (d *document) group(n ast.Node, c *rules.Correlation) {
	name := textOf(n)
	if _, ok := c.Aliases[name]; !ok {
		name, ok = d.grouped(n, "group-by", c)
		takesWords(n, nil) // with aliases any word can stand here: see wholeSchema
		if !ok {
			return
		}
	}
	c.GroupBy = append(c.GroupBy, name)
}

// grouped reads the name of a field, or an alias that incidents of a rule referred to are grouped by: whether they are is
// seen once all rules are read.
func (d *document) grouped(n ast.Node, what string, c *rules.Correlation) (string, bool) {
	if name := textOf(n); len(c.Rules) > 0 && d.aliased[name] {
		return name, true
	}
	return d.single(n, what)
}

// aliases reads names that stand for another field in each rule.
func (d *document) aliases(n ast.Node, c *rules.Correlation) {
	if !takes(n, "object") {
		takesAlso(n, object{"additionalProperties": object{"type": "object", "additionalProperties": object{"enum": fieldNames(isSingle)}}})
		return
	}
	pairs, ok := d.entries(n, "aliases")
	if !ok {
		return
	}
	c.Aliases = map[string]map[string]string{}
	for _, p := range pairs {
		alias := keyName(p)
		if _, taken := field.Lookup(alias); taken {
			d.report(placeOf(p), alias, fmt.Sprintf("alias %q is the name of a field: expected a name of its own", shorten(alias)))
		}
		of := map[string]string{}
		var keys []key
		for _, r := range c.Rules {
			keys = append(keys, key{r.Name, true, func(n ast.Node) { of[r.Name], _ = d.grouped(n, "aliases."+alias, c) }})
		}
		d.mapping(p.Value, "alias "+strconv.Quote(shorten(alias)), keys)
		c.Aliases[alias] = of
	}
}

// whole checks what the keys of a correlation ask of each other.
func (d *document) whole(n, condition ast.Node, c *rules.Correlation) {
	temporal := c.Type == rules.Temporal || c.Type == rules.TemporalOrdered
	missing := func(what, expected string) {
		d.report(placeOf(n), "", fmt.Sprintf("correlation has no %s: expected %s", what, expected))
	}
	switch {
	case temporal && len(c.Rules) < 2:
		missing("rules", "two rules or more with "+string(c.Type))
	case temporal && condition == nil:
		c.Condition = []rules.Condition{{Op: "gte", Value: float64(len(c.Rules))}}
	case condition == nil:
		missing("condition", `the key "condition"`)
	}
	if c.Type == rules.XRatio && (len(c.Rules) != 2) == (c.Share == "") {
		missing("share", "a filter under share, or two rules, of which the second is counted over the first")
	}
	if c.Type == rules.XRatio && c.Share != "" && len(c.Rules) > 0 {
		missing("match", "share and the rule's own match, or two rules and no share")
	}
	if c.Type != rules.XRatio && c.Share != "" {
		missing("type", "x_ratio with share")
	}
	for i, r := range c.Rules {
		if slices.ContainsFunc(c.Rules[:i], func(o rules.Reference) bool { return o.Name == r.Name }) {
			d.report(place{r.At.Line, r.At.Column}, r.Name, fmt.Sprintf("rules %q: expected each rule once", shorten(r.Name)))
		}
	}
}

// condition reads thresholds, and what else the type of correlation needs to know.
func (d *document) condition(n ast.Node, c *rules.Correlation) {
	takesAlso(n, anyThreshold())
	keys := d.thresholds("condition", &c.Condition)
	values := c.Type == rules.ValueCount || c.Type == rules.ValueSum || c.Type == rules.ValueAvg || c.Type == rules.ValuePercentile
	keys = append(keys, key{"field", values, func(n ast.Node) { d.counted(n, values || c.Type == rules.XInterval, c) }})
	learning := learning(n) // what is not there has no type, and is told the keys of all
	if learning || c.Type == rules.ValuePercentile {
		keys = append(keys, key{"percentile", !learning, func(n ast.Node) {
			takesAlso(n, object{"minimum": 0, "maximum": 100})
			if v, ok := d.number(n, "condition.percentile"); ok && (v < 0 || v > 100) {
				d.wrong(n, "condition.percentile", "a number from 0 to 100")
			} else {
				c.Percentile = v
			}
		}})
	}
	if learning || c.Type == rules.XRatio || c.Type == rules.ValueAvg || c.Type == rules.ValuePercentile {
		keys = append(keys, key{"minimum", !learning && c.Type == rules.XRatio, func(n ast.Node) {
			takesAlso(n, object{"type": "integer", "minimum": 1, "maximum": 1e9})
			if v, ok := d.number(n, "condition.minimum"); ok && (v < 1 || v > 1e9 || v != float64(int(v))) {
				d.wrong(n, "condition.minimum", "a whole number, 1 or more, of events to take a share, average or percentile of")
			} else {
				c.Minimum = int(v)
			}
		}})
	}
	if learning || c.Type == rules.XInterval {
		keys = append(keys, d.interval(&c.Interval, !learning)...)
	}
	before := len(d.problems)
	d.mapping(n, "condition", keys)
	if len(c.Condition) == 0 && len(d.problems) == before {
		d.wrong(n, "condition", "a threshold such as {gte: 20}")
	}
	burst(&c.Interval)
}

// anyThreshold asks for one threshold at least, in JSON Schema.
func anyThreshold() object {
	var any []object
	for _, op := range operators {
		any = append(any, object{"required": []string{op}})
	}
	return object{"anyOf": any}
}

// wholeSchema says in JSON Schema what [document.whole] and [document.condition] ask: which keys go with which type.
func wholeSchema() object {
	when := func(then object, types ...rules.CorrelationType) object {
		return object{"if": object{"properties": object{"type": object{"enum": types}}, "required": []string{"type"}}, "then": then}
	}
	unless := func(then object, types ...rules.CorrelationType) object {
		x := when(object{}, types...)
		delete(x, "then")
		x["else"] = then
		return x
	}
	needs := func(keys ...string) object { return object{"required": keys} }
	condition := func(of object) object { return object{"properties": object{"condition": of}} }
	none := func(keys ...string) object {
		properties := object{}
		for _, k := range keys {
			properties[k] = false
		}
		return object{"properties": properties}
	}
	values := []rules.CorrelationType{rules.ValueCount, rules.ValueSum, rules.ValueAvg, rules.ValuePercentile}
	return object{"allOf": []object{
		when(object{"required": []string{"rules"}, "properties": object{"rules": object{"type": "array", "minItems": 2}}}, rules.Temporal, rules.TemporalOrdered),
		unless(needs("condition"), rules.Temporal, rules.TemporalOrdered),
		when(condition(needs("field")), values...), unless(condition(none("field")), append(values[:len(values):len(values)], rules.XInterval)...),
		when(condition(needs("percentile")), rules.ValuePercentile), unless(condition(none("percentile")), rules.ValuePercentile),
		when(condition(needs("minimum")), rules.XRatio), unless(condition(none("minimum")), rules.XRatio, rules.ValueAvg, rules.ValuePercentile),
		when(condition(needs("jitter")), rules.XInterval), unless(condition(none("jitter", "median", "measure", "burst")), rules.XInterval),
		when(object{"oneOf": []object{needs("share"), needs("rules")}}, rules.XRatio), unless(none("share"), rules.XRatio),
		{"if": needs("aliases"), "else": object{"properties": object{"group-by": listOf(object{"enum": fieldNames(isSingle)})}}},
	}}
}

// thresholds are the comparisons that may stand in a map.
func (d *document) thresholds(what string, into *[]rules.Condition) (keys []key) {
	for _, op := range operators {
		keys = append(keys, key{name: op, read: func(n ast.Node) {
			if v, ok := d.number(n, what+"."+op); ok {
				*into = append(*into, rules.Condition{Op: op, Value: v})
			}
		}})
	}
	return keys
}

// counted reads the field that values come from.
func (d *document) counted(n ast.Node, values bool, c *rules.Correlation) {
	if !values {
		d.wrong(n, "condition.field", "no field with "+string(c.Type)+", or type value_count")
	}
	name, ok := d.field(n, "condition.field")
	if c.Field = name; !ok || c.Type == rules.ValueCount || c.Type == rules.XInterval || !values {
		return
	}
	switch f, _ := field.Lookup(name); f.Type {
	case field.String, field.Bytes, field.Address, field.IPv4, field.IPv6, field.Ether, field.None:
		d.wrong(n, "condition.field", "a field that holds a number, to compute with")
	}
}

// interval reads what x_interval asks beside the number of ticks.
func (d *document) interval(i *rules.Interval, required bool) []key {
	i.Measure, i.Burst = "mad", -1
	nested := func(name string, required bool, into *[]rules.Condition) key {
		return key{name, required, func(n ast.Node) {
			what, before := "condition."+name, len(d.problems)
			takesAlso(n, anyThreshold())
			if d.mapping(n, what, d.thresholds(what, into)); len(*into) == 0 && len(d.problems) == before {
				d.wrong(n, what, "a threshold such as {lte: 0.1}")
			}
		}}
	}
	return []key{
		nested("jitter", required, &i.Jitter),
		nested("median", false, &i.Median),
		{"measure", false, d.oneOf("condition.measure", &i.Measure, []string{"mad", "cv"})},
		{"burst", false, func(n ast.Node) { i.Burst = d.timespan(n, "condition.burst") }},
	}
}

// burst is, where the rule does not say, a tenth of the least period it asks for.
func burst(i *rules.Interval) {
	if i.Burst >= 0 {
		return
	}
	i.Burst = 0
	for _, c := range i.Median {
		if (c.Op == "gt" || c.Op == "gte") && c.Value > 0 && c.Value < 1e9 {
			i.Burst = time.Duration(c.Value * 1e8)
		}
	}
}

// timespanParts are the number and the unit of a timespan; timespanForm is that of those within bounds, less than a century.
var (
	timespanParts = regexp.MustCompile(`^([0-9]{1,9})([A-Za-z]+)$`)
	timespanForm  = written(`^0{0,8}([1-9][0-9]{0,8}s|[1-9][0-9]{0,7}m|[1-9][0-9]{0,5}h|[1-9][0-9]{0,4}d|[1-9][0-9]{0,3}w)$`, `a number and s, m, h, d or w, such as "60s"`)
)

var longTimespan = regexp.MustCompile(`^([0-9]{1,9})\s*(s|m|h|d|w)(ec|in|our|ay|eek)[a-z]*$`)

// meantTimespan ends a message with the timespan that was probably meant.
func meantTimespan(s string) string {
	if part := longTimespan.FindStringSubmatch(strings.ToLower(s)); part != nil {
		return fmt.Sprintf("; did you mean %q?", part[1]+part[2])
	}
	return ""
}

// timespan reads Sigma's "5m". Months and years have no fixed length.
func (d *document) timespan(n ast.Node, what string) time.Duration {
	takesForm(n, timespanForm)
	expected := timespanForm.expected
	s, ok := d.text(n, what)
	if !ok {
		return 0
	}
	part := timespanParts.FindStringSubmatch(s)
	if part == nil {
		d.wrong(n, what, expected+meantTimespan(s))
		return 0
	}
	unit, ok := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[part[2]]
	count, _ := strconv.ParseInt(part[1], 10, 64)
	switch {
	case slices.Contains([]string{"M", "mo", "y", "Y"}, part[2]):
		d.wrong(n, what, "no months or years, which have no fixed length, but "+expected)
	case !ok:
		d.wrong(n, what, expected+meantTimespan(s))
	case count == 0 || count > int64(100*366*24*time.Hour/unit):
		d.wrong(n, what, "more than nothing and less than a century")
	default:
		return time.Duration(count) * unit
	}
	return 0
}
