package suricata

import (
	"fmt"
	"slices"
	"strings"
)

func allOf(parts []string) string { return join(parts, " && ") }
func anyOf(parts []string) string { return join(parts, " || ") }

// join puts parentheses around several parts.
func join(parts []string, op string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, op) + ")"
}

// assemble makes the filter: what is common, and what each family has to itself.
func (c *conversion) assemble() *Reason {
	parts := slices.Clone(c.common)
	var own []string
	for f := range 2 {
		if !c.families[f] {
			continue
		}
		alternatives, err := c.family4or6(f)
		if err != nil {
			return err
		}
		own = append(own, alternatives...)
	}
	if len(own) > 0 {
		parts = append(parts, anyOf(own))
	}
	c.filter = strings.Join(parts, " && ")
	if len(parts) == 1 && len(own) > 1 {
		c.filter = strings.Join(own, " || ")
	}
	return nil
}

var messages = [2]string{"icmp", "icmpv6"}

// family4or6 says what one family has to itself, once for each place its payload starts at.
func (c *conversion) family4or6(f int) (out []string, err *Reason) {
	bases, err := c.bases(f)
	if err != nil {
		return nil, err
	}
	for _, b := range bases {
		parts, seen := slices.Clone(c.own[f]), len(c.own[f]) > 0
		if b.guard != "" {
			parts, seen = append(parts, b.guard), seen || !strings.HasPrefix(b.guard, "!")
		}
		for _, x := range c.based {
			parts, seen = append(parts, x.say(messages[f]+"#1", b.base)), seen || !x.negative
		}
		if !seen && c.mustSay(f, parts) {
			parts = slices.Insert(parts, 0, c.present(f))
		}
		if len(parts) > 0 {
			out = append(out, allOf(parts))
		}
	}
	return out, nil
}

// mustSay tells whether the other conditions leave open that this is a message of the family.
func (c *conversion) mustSay(f int, parts []string) bool {
	if len(parts) > 0 && c.families[1-f] {
		return true
	}
	return !slices.ContainsFunc(c.common, func(s string) bool {
		return strings.HasPrefix(s, "sift.type ") || strings.HasPrefix(s, "sift.code ") || strings.HasPrefix(s, "sift.id ") ||
			strings.HasPrefix(s, "sift.seq ") || strings.HasPrefix(s, messages[f]+".")
	})
}

// present says that there is a message. Fragments have none, but the engines look at them all the same.
func (c *conversion) present(f int) string {
	fragment := slices.ContainsFunc(c.options, func(o option) bool { return o.name == "fragbits" || o.name == "fragoffset" })
	if fragment && f == v4 && len(c.based) == 0 {
		return "ip.proto#1 == 1"
	}
	return messages[f]
}

// base is where the payload of some types starts; guard is the condition that it is one of them, "" for all.
type base struct {
	guard string
	base  int
}

// special are the types whose payload starts elsewhere than that of others. 0 is a place that depends on the message.
var special = map[Dialect][2]map[int]int{
	Suricata: {{13: 20, 14: 20, 9: 0}, {}},
	Snort2:   {{0: 8, 8: 8}, {128: 8, 129: 8}},
}
var usual = map[Dialect]int{Suricata: 8, Snort2: 4}

func (c *conversion) bases(f int) (out []base, err *Reason) {
	if len(c.based) == 0 {
		return []base{{}}, nil
	}
	if c.dialect == Unknown {
		if c.only(f, identified[f][:2]) {
			return []base{{base: 8}}, nil
		}
		return nil, c.wrong(0, "", "where the payload of types other than echo starts depends on the engine; say --dialect snort2 or --dialect suricata")
	}
	places := map[int][]string{}
	var all []string
	rest := false
	for t, can := range c.types[f] {
		place, ok := special[c.dialect][f][t]
		switch {
		case !can:
		case !ok:
			rest = true
		default:
			places[place], all = append(places[place], fmt.Sprint(t)), append(all, fmt.Sprint(t))
		}
	}
	return c.guards(places, all, rest)
}

// only tells whether the rule matches none but these types.
func (c *conversion) only(f int, types []int) bool {
	for t, can := range c.types[f] {
		if can && !slices.Contains(types, t) && (f == v4 || t != 0 && t != 8) {
			return false
		}
	}
	return true
}

func (c *conversion) guards(places map[int][]string, all []string, rest bool) (out []base, err *Reason) {
	if rest {
		b := base{base: usual[c.dialect]}
		if len(all) > 0 {
			b.guard = "!(" + oneOf(c.typeField(), all) + ")"
		}
		out = append(out, b)
	}
	for _, place := range []int{8, 20} {
		if types := places[place]; types != nil {
			b := base{base: place, guard: oneOf(c.typeField(), types)}
			if !rest && len(types) == len(all) {
				b.guard = ""
			}
			out = append(out, b)
		}
	}
	if places[0] != nil {
		message := "the payload of router advertisements starts behind their entries, which no filter can say"
		if out == nil {
			return nil, c.wrong(c.option("itype").from, "itype:"+c.option("itype").value, message)
		}
		c.dropped = append(c.dropped, *c.wrong(c.protoAt, c.proto, message+": they are left out"))
	}
	return out, nil
}

func oneOf(field string, values []string) string {
	if len(values) == 1 {
		return field + " == " + values[0]
	}
	return field + " in {" + strings.Join(values, ", ") + "}"
}
