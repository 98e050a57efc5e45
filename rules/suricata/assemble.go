package suricata

import (
	"fmt"
	"slices"
	"strings"
)

func allOf(parts []string) string { return join(unique(parts), " && ") }
func anyOf(parts []string) string { return join(parts, " || ") }

// join puts parentheses around several parts.
func join(parts []string, op string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, op) + ")"
}

// unique leaves out conditions that stand among the parts before. Some parts are several conditions.
func unique(parts []string) (out []string) {
	for _, part := range parts {
		for _, clause := range clauses(part) {
			if !slices.Contains(out, clause) {
				out = append(out, clause)
			}
		}
	}
	return out
}

// clauses cuts a condition at the "&&" outside of its parentheses, if it has neither "||" there nor texts.
func clauses(text string) (out []string) {
	depth, from := 0, 0
	for i := range text {
		switch {
		case text[i] == '"' || depth == 0 && strings.HasPrefix(text[i:], " || "):
			return []string{text}
		case text[i] == '(' || text[i] == '{':
			depth++
		case text[i] == ')' || text[i] == '}':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], " && "):
			out, from = append(out, text[from:i]), i+len(" && ")
		}
	}
	return append(out, text[from:])
}

// assemble makes the filter: what is common, and what each family has to itself.
func (c *conversion) assemble() *Reason {
	if !c.message && (len(c.header) == 0 || len(c.common)+len(c.based) > 0) {
		c.notes = append(c.notes, Note{Fragments, "Datagrams in fragments are matched once, when they are whole; Suricata tries each fragment as well."})
	}
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
		if f == v4 && len(c.header) > 0 {
			parts, seen = append(parts, c.inHeader()), seen || len(c.based) == 0
		}
		if b.guard != "" {
			parts, seen = append(parts, b.guard), seen || !strings.HasPrefix(b.guard, "!")
		}
		if c.filled() {
			parts, seen = append(parts, fmt.Sprintf("len(%s#1) > %d", messages[f], b.from+b.tail)), true
		}
		for _, x := range c.based {
			parts, seen = append(parts, x.say(messages[f]+"#1", b)), seen || !x.negative
		}
		if !seen && c.mustSay(f, parts) {
			parts = slices.Insert(parts, 0, messages[f])
		}
		if len(parts) > 0 {
			out = append(out, allOf(parts))
		}
	}
	return out, nil
}

// filled tells whether it has to be said that the payload is not empty: Suricata looks into no other.
func (c *conversion) filled() bool {
	return c.dialect == Suricata && slices.ContainsFunc(c.based, func(x condition) bool { return x.needs }) &&
		!slices.ContainsFunc(c.based, func(x condition) bool { return x.proves })
}

// inHeader says conditions of the IPv4 header that carries the message, or a fragment of it: the outermost, or the next
// one in a tunnel. They name layer 1.
func (c *conversion) inHeader() string {
	here := append([]string{"ip.proto#1 == 1"}, c.header...)
	inner := strings.ReplaceAll(strings.Join(append([]string{"ip.proto#1 == 1"}, c.header...), " && "), "#1", "#2")
	return anyOf([]string{allOf(here), allOf([]string{"ip.proto#1 != 1", inner})})
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

// base is where the payload of some messages is: from bytes after their start, up to tail bytes before their end. guard
// is the condition that a message is one of them, "" for all.
type base struct {
	guard      string
	from, tail int
}

// behind is the payload from a place on, and what is behind it.
func (b base) behind(message string, at int) string {
	return fmt.Sprintf("%s[%d:]", message, b.from+at)
}

// reaching adds that the payload has size bytes.
func (b base) reaching(message string, size int, text string) string {
	if b.tail == 0 {
		return text
	}
	return fmt.Sprintf("len(%s) >= %d && %s", message, b.from+size+b.tail, text)
}

// holding says that data is in the payload. A slice from a place to another before the end cannot be written.
func (b base) holding(data []byte) string {
	if b.tail == 0 {
		return " contains " + literal(data)
	}
	return ` matches r"(?s-i)` + b.ended(pattern(data, false)) + `"`
}

// ended puts the payload's end before the tail.
func (b base) ended(expression string) string {
	rest := fmt.Sprintf("(?s:.{%d})", b.tail)
	switch {
	case b.tail == 0:
		return expression
	case !strings.Contains(expression, `\z`):
		return expression + fmt.Sprintf(".{%d}", b.tail)
	}
	return strings.NewReplacer(`$|\z`, `$`+rest+`|`+rest+`\z`, `\z`, rest+`\z`).Replace(expression)
}

// bases gives the places where the family's payload can be, as the dialect has them.
func (c *conversion) bases(f int) (out []base, err *Reason) {
	switch {
	case len(c.based) == 0:
		return []base{{}}, nil
	case c.dialect == Suricata && f == v4:
		return c.suricata4(), nil
	case c.dialect == Suricata:
		return c.suricata6(), nil
	case c.dialect == Snort2:
		return c.snort(f), nil
	case c.only(f, identified[f][:2]):
		return []base{{from: 8}}, nil
	}
	return nil, c.wrong(0, "", "where the payload of types other than echo starts depends on the engine; say --dialect snort2 or --dialect suricata")
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

// among gives those of the types that the rule can match, and whether it can match others.
func (c *conversion) among(f int, types ...int) (can []string, others bool) {
	for t, ok := range c.types[f] {
		if ok && slices.Contains(types, t) {
			can = append(can, fmt.Sprint(t))
		}
		others = others || ok && !slices.Contains(types, t)
	}
	return can, others
}

func (c *conversion) snort(f int) (out []base) {
	echo, others := c.among(f, identified[f][:2]...)
	guard := oneOf(messages[f]+".type#1", echo)
	switch {
	case !others:
		return []base{{from: 8}}
	case echo == nil:
		return []base{{from: 4}}
	}
	return []base{{guard: "!(" + guard + ")", from: 4}, {guard: guard, from: 8}}
}

// entries are those of router advertisements that have room for them.
const entries = "icmp.type#1 == 9 && icmp.num_addrs#1 > 0 && icmp.addr_entry_size#1 > 0 && len(icmp#1) >= 8 + 4 * icmp.num_addrs#1 * icmp.addr_entry_size#1"

// suricata4 has the payload behind the times of timestamps and the entries of router advertisements, where the message
// is long enough for them. What is behind entries no filter can say.
func (c *conversion) suricata4() (out []base) {
	var elsewhere []string
	times, others := c.among(v4, 13, 14)
	adverts, _ := c.among(v4, 9)
	stamped := "len(icmp#1) >= 20"
	if others && times != nil {
		stamped = oneOf("icmp.type#1", times) + " && " + stamped
	}
	if times != nil {
		elsewhere, out = append(elsewhere, stamped), []base{{guard: stamped, from: 20}}
	}
	if adverts != nil {
		elsewhere = append(elsewhere, entries)
		c.unadvertised()
	}
	b := base{from: 8}
	if elsewhere != nil {
		b.guard = "!(" + strings.Join(elsewhere, " || ") + ")"
	}
	return append([]base{b}, out...)
}

// unadvertised tells what becomes of the payload behind entries.
func (c *conversion) unadvertised() {
	const message = "where the payload behind the entries of router advertisements (ICMP type 9) starts, no filter can say"
	if types, others := c.among(v4, 9); types != nil && !others {
		c.drop(c.option("itype"), message)
		return
	}
	c.notes = append(c.notes, Note{Entries, "Left out is the payload behind the entries of router advertisements (ICMP type 9): where it starts, no filter can say."})
}

// suricata6 has two kinds of ICMPv6 messages. Those it knows the header of are echoes and errors, of the codes it knows:
// their payload is behind 8 bytes. All others' it takes from byte 4 on, without the last 8 bytes (decode-icmpv6.c).
func (c *conversion) suricata6() []base {
	var known []string
	_, others := c.among(v6, 1, 2, 3, 4, 128, 129)
	for most, types := range map[int][]int{0: {2, 128, 129}, 1: {3}, 2: {4}, 6: {1}} {
		can, _ := c.among(v6, types...)
		low, high := slices.Contains(c.codes[:most+1], true), slices.Contains(c.codes[most+1:], true)
		if others = others || can != nil && high; can != nil && low {
			known = append(known, coded(can, most, high))
		}
	}
	slices.Sort(known)
	guard := strings.Join(known, " || ")
	switch {
	case known == nil:
		return []base{{from: 4, tail: 8}}
	case !others:
		return []base{{from: 8}}
	}
	return []base{{guard: "(" + guard + ")", from: 8}, {guard: "!(" + guard + ")", from: 4, tail: 8}}
}

// coded says that an ICMPv6 message has one of the types, and no code that is greater if there can be one.
func coded(types []string, most int, greater bool) string {
	text := oneOf("icmpv6.type#1", types)
	switch {
	case greater && most == 0:
		text += " && icmpv6.code#1 == 0"
	case greater:
		text += " && icmpv6.code#1 <= " + fmt.Sprint(most)
	}
	return text
}

func oneOf(field string, values []string) string {
	if len(values) == 1 {
		return field + " == " + values[0]
	}
	return field + " in {" + strings.Join(values, ", ") + "}"
}
