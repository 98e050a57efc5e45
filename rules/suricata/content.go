package suricata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// needle is one content with its modifiers.
type needle struct {
	option
	bytes            []byte
	negated, nocase  bool
	start, end       bool // startswith, endswith
	relative         bool // distance or within
	offset, distance int
	depth, within    int // -1 without
}

// chain is contents relative to one another, in the making. The first is at a window of the payload.
type chain struct {
	parts   []part
	ends    int    // where in the payload the last ends; -1 if that is not fixed
	tail    string // expression for what has to follow the last
	negated bool
	option  option
}

// part is one content or expression, min to max bytes (open: any number) behind the one before.
type part struct {
	min, max int
	exact    []byte // nil: an expression
	pattern  string
	closing  bool // at the end of the payload
}

// unbounded is a window that no payload exceeds; wide is the greatest that an expression may have to count.
const (
	unbounded = 65000
	wide      = 4096
	open      = -1 << 24 // no greatest number; -1 is one that a window too short for its content has
)

// content reads a content and the modifiers behind it; Snort 3 has them after commas.
func content(c *conversion, o option) *Reason {
	n := needle{option: o, depth: -1, within: -1}
	text := strings.TrimSpace(o.value)
	if rest, ok := strings.CutPrefix(text, "!"); ok {
		n.negated, text = true, strings.TrimSpace(rest)
	}
	end := closingQuote(text)
	if end < 0 {
		return c.wrong(o.valueFrom, o.value, "content: expected text in double quotes")
	}
	var err *Reason
	if n.bytes, err = c.contentBytes(o, text[1:end]); err != nil {
		return err
	}
	if err := c.modifiers(&n, text[end+1:]); err != nil {
		return err
	}
	return c.place(n)
}

func closingQuote(text string) int {
	if !strings.HasPrefix(text, `"`) {
		return -1
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// contentBytes reads text, escapes and |hex|.
func (c *conversion) contentBytes(o option, text string) (out []byte, err *Reason) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			out = append(out, text[i])
		case text[i] == '|':
			length := strings.IndexByte(text[i+1:], '|')
			if length < 0 {
				return nil, c.wrong(o.valueFrom, text[i:], "content: the closing | of bytes is missing")
			}
			digits := strings.Join(strings.Fields(text[i+1:i+1+length]), "")
			for k := 0; k < len(digits); k += 2 {
				b, bad := strconv.ParseUint(digits[k:min(k+2, len(digits))], 16, 8)
				if bad != nil || k+2 > len(digits) {
					return nil, c.wrong(o.valueFrom, text[i:i+length+2], "content: expected pairs of hexadecimal digits between | and |")
				}
				out = append(out, byte(b))
			}
			i += length + 1
		default:
			out = append(out, text[i])
		}
	}
	if len(out) == 0 {
		return nil, c.wrong(o.valueFrom, o.value, "content: there is nothing to look for")
	}
	return out, nil
}

// modifier stands alone only if no content is before it; content reads those behind it.
func modifier(c *conversion, o option) *Reason {
	if o.name == "rawbytes" || o.name == "fast_pattern" {
		return nil
	}
	for _, before := range c.options {
		if before.from >= o.from {
			break
		}
		if before.name == "content" || before.name == "uricontent" {
			return nil
		}
	}
	return c.wrong(o.from, o.name, o.name+": no content stands before it")
}

func (c *conversion) modifiers(n *needle, inline string) *Reason {
	for _, m := range strings.Split(inline, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(m), " ")
		if err := c.modify(n, option{name: name, value: strings.TrimSpace(value), from: n.from, valueFrom: n.valueFrom}); err != nil {
			return err
		}
	}
	behind := slices.IndexFunc(c.options, func(o option) bool { return o.from == n.from })
	for _, o := range c.options[behind+1:] {
		if slices.Contains([]string{"content", "pcre", "byte_test", "isdataat", "byte_jump"}, o.name) {
			break
		}
		if err := c.modify(n, o); err != nil {
			return err
		}
	}
	if n.negated && n.end && c.dialect == Suricata {
		c.drop(n.option, "Suricata 7 looks for a negated content with endswith in other places as well; here it must be missing at the end")
	}
	if n.start && n.depth < 0 {
		n.depth = len(n.bytes)
	}
	if n.relative && (n.offset > 0 || n.depth >= 0) {
		return c.wrong(n.from, n.value, "content: offset and depth count from the start, distance and within from the content before; expected one kind")
	}
	return nil
}

// modify takes one modifier; other options are no concern of contents.
func (c *conversion) modify(n *needle, o option) *Reason {
	into := map[string]*int{"offset": &n.offset, "depth": &n.depth, "distance": &n.distance, "within": &n.within}[o.name]
	switch o.name {
	case "nocase":
		n.nocase = true
	case "startswith":
		n.start = true
	case "endswith":
		n.end = true
	case "", "rawbytes", "fast_pattern", "fast_pattern_offset", "fast_pattern_length":
	case "replace":
		c.drop(o, "packets are not changed")
	}
	if into == nil {
		return nil
	}
	v, err := strconv.Atoi(unquote(o.value))
	if err != nil || v > 65535 || v < -65535 || v < 0 && o.name != "distance" {
		return c.wrong(o.valueFrom, o.value, o.name+": expected a number of bytes up to 65535 (names of byte_extract cannot be said)")
	}
	*into, n.relative = v, n.relative || o.name == "distance" || o.name == "within"
	return nil
}

// place puts a content into a window of the payload, or behind the content before.
func (c *conversion) place(n needle) *Reason {
	p := n.part()
	last := c.last()
	from := 0
	switch {
	case !n.relative:
		p.min, p.max = n.offset, room(n.depth, n.offset, len(n.bytes))
	case last != nil && last.ends < 0:
		c.firstOnly(n.option)
		return c.behind(last, n, p)
	default:
		if last != nil {
			from = last.ends
		}
		p.min, p.max = max(0, from+n.distance), room(n.within, from+n.distance, len(n.bytes))
	}
	if p.max != open && p.max < p.min {
		return c.wrong(n.from, "content:"+n.value, "the content is longer than its window: it can never match")
	}
	x := &chain{parts: []part{p}, ends: -1, negated: n.negated, option: n.option}
	if p.min == p.max {
		x.ends = p.min + len(n.bytes)
	}
	c.chains = append(c.chains, x)
	return nil
}

func (n needle) part() part {
	p := part{exact: n.bytes, closing: n.end}
	if p.pattern = pattern(n.bytes, n.nocase); n.nocase && p.pattern != pattern(n.bytes, false) {
		p.exact = nil
	}
	return p
}

// room is the last place in a window that a content of n bytes can start at.
func room(window, from, n int) int {
	if window < 0 || window >= unbounded {
		return open
	}
	return from + window - n
}

// last is what contents are relative to: the last one that has to be there.
func (c *conversion) last() *chain {
	for i := len(c.chains) - 1; i >= 0; i-- {
		if !c.chains[i].negated {
			return c.chains[i]
		}
	}
	return nil
}

// behind appends to a chain whose place is not fixed.
func (c *conversion) behind(x *chain, n needle, p part) *Reason {
	p.min, p.max = n.distance, room(n.within, n.distance, len(n.bytes))
	switch {
	case n.negated:
		return c.wrong(n.from, "content:"+n.value, "that something is missing behind a content whose place is not fixed cannot be said in a display filter")
	case p.min < 0:
		return c.wrong(n.from, "content:"+n.value, "a place before a content whose place is not fixed cannot be said in a display filter")
	case p.max != open && p.max < p.min:
		return c.wrong(n.from, "content:"+n.value, "the content is longer than its window: it can never match")
	case x.tail != "":
		return c.tailed(n.option)
	}
	x.parts = append(x.parts, p)
	return nil
}

// firstOnly tells that Suricata tries no further place of a content when one that must be missing stands between it and
// what is relative to it.
func (c *conversion) firstOnly(o option) {
	if c.dialect == Suricata && c.chains[len(c.chains)-1].negated {
		c.drop(o, "Suricata tries only the first place of the content it is relative to, since a negated one stands between them; here all are tried")
	}
}

func (c *conversion) tailed(o option) *Reason {
	return c.wrong(o.from, o.name, "several tests behind a content whose place is not fixed cannot be said in a display filter")
}

// finishChains turns chains into conditions.
func (c *conversion) finishChains() *Reason {
	for _, x := range c.chains {
		for _, p := range x.parts {
			if p.min > wide && len(x.parts) > 1 || p.max-p.min > wide {
				return c.wrong(x.option.from, x.option.name+":"+x.option.value, fmt.Sprintf("a window of more than %d bytes is too wide for an expression", wide))
			}
		}
		c.look(condition{say: x.say, negative: x.negated, needs: true, proves: !x.negated && x.parts[0].exact != nil})
	}
	return nil
}

func (c *conversion) look(x condition) {
	c.based, c.bytes, c.beyond = append(c.based, x), true, true
}

// say writes the chain as a slice, as contains, or as an expression.
func (x *chain) say(message string, b base) string {
	p := x.parts[0]
	out := ""
	switch single := len(x.parts) == 1 && x.tail == "" && p.exact != nil && !p.closing; {
	case single && p.max == p.min:
		out = b.reaching(message, p.min+len(p.exact), fmt.Sprintf("%s[%d:%d] == %s", message, b.from+p.min, len(p.exact), literal(p.exact)))
	case single && p.max == open:
		out = b.behind(message, p.min) + b.holding(p.exact)
	default:
		out = b.behind(message, p.min) + ` matches r"(?s-i)` + x.expression(b) + `"`
	}
	if x.negated {
		return "!(" + out + ")"
	}
	return out
}

func (x *chain) expression(payload base) string {
	var b strings.Builder
	for i, p := range x.parts {
		least, most := p.min, p.max
		if i == 0 {
			least, most = 0, p.max-p.min
			if p.max == open {
				most = open
			}
		}
		if i > 0 || most != open {
			b.WriteString(gap(i == 0, least, most))
		}
		b.WriteString(p.pattern)
		if p.closing {
			b.WriteString(`\z`)
		}
	}
	return payload.ended(b.String() + x.tail)
}

// greatest is how often RE2 repeats at most.
const greatest = 1000

// gap is an expression for least to most bytes.
func gap(first bool, least, most int) string {
	var b strings.Builder
	if first {
		b.WriteByte('^')
	}
	for n := least; n > 0; n -= greatest {
		fmt.Fprintf(&b, ".{%d}", min(n, greatest))
	}
	if most == open {
		return b.String() + ".*"
	}
	for n := most - least; n > 0; n -= greatest {
		fmt.Fprintf(&b, ".{0,%d}", min(n, greatest))
	}
	return b.String()
}

// pattern is an expression for just these bytes, or their letters in either case.
func pattern(data []byte, nocase bool) string {
	var b strings.Builder
	for _, c := range data {
		lower := c | 0x20
		switch {
		case nocase && 'a' <= lower && lower <= 'z':
			fmt.Fprintf(&b, "[%c%c]", lower, lower-0x20)
		case 'a' <= lower && lower <= 'z' || '0' <= c && c <= '9':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

// literal writes bytes as a filter has them: as text where it is readable, else in hex.
func literal(data []byte) string {
	readable := func(c byte) bool { return ' ' <= c && c < 0x7f && c != '"' && c != '\\' }
	if !slices.ContainsFunc(data, func(c byte) bool { return !readable(c) }) {
		return `"` + string(data) + `"`
	}
	if len(data) == 1 {
		return fmt.Sprintf(`"\x%02x"`, data[0])
	}
	return strings.ReplaceAll(fmt.Sprintf("% x", data), " ", ":")
}

// dsize of the messages that are shorter than what belongs to no payload is 0, as is that of those as long.
func dsize(c *conversion, o option) *Reason {
	r, err := c.relation(o, 65535, c.dialect == Snort2)
	if err != nil {
		return err
	}
	none := r.op == "==" && r.low == 0
	if r.op == "!=" && c.dialect == Suricata && c.option("content").name != "" {
		c.notes = append(c.notes, Note{OtherSize, "Suricata 7 looks for contents only in the first n bytes where dsize:!n stands with them; here the whole payload is searched."})
	}
	c.look(condition{say: func(m string, b base) string {
		if none && b.tail > 0 {
			return fmt.Sprintf("len(%s) <= %d", m, b.from+b.tail)
		}
		return r.plus(int64(b.from + b.tail)).of("len(" + m + ")")
	}, needs: r.op == "!=" || r.op == ">=", proves: !r.holds(0)})
	return nil
}

// isdataat asks for bytes at a place; n more of Suricata, n+1 of Snort where it is relative.
func isdataat(c *conversion, o option) *Reason {
	value, negated := strings.CutPrefix(strings.TrimSpace(o.value), "!")
	parts := strings.Split(strings.ReplaceAll(value, " ", ""), ",")
	n, relative := number(parts[0]), slices.Contains(parts[1:], "relative")
	if n < 0 || n > 65535 {
		return c.wrong(o.valueFrom, o.value, "isdataat: expected a number of bytes up to 65535")
	}
	if c.dialect == Unknown && relative {
		return c.wrong(o.from, "isdataat:"+o.value, "how many bytes it wants depends on the engine; say --dialect snort2 or --dialect suricata")
	}
	least := int(n) + 1
	if relative && c.dialect == Suricata {
		least = int(n)
	}
	last := c.last()
	switch {
	case relative && last != nil && last.ends < 0:
		c.firstOnly(o)
		return c.follow(last, o, map[bool]string{false: gap(false, least, least), true: gap(false, 0, max(0, least-1)) + `\z`}[negated], least)
	case relative && last != nil:
		least += last.ends
	}
	c.look(condition{say: func(m string, b base) string {
		return fmt.Sprintf("len(%s) %s %d", m, map[bool]string{false: ">=", true: "<"}[negated], b.from+b.tail+least)
	}, needs: true, proves: !negated && least > 0})
	return nil
}

// follow demands that an expression comes right behind a chain.
func (c *conversion) follow(x *chain, o option, expression string, reach int) *Reason {
	if x.tail != "" {
		return c.tailed(o)
	}
	if reach > wide {
		return c.wrong(o.from, o.name+":"+o.value, fmt.Sprintf("more than %d bytes behind a content is too far for an expression", wide))
	}
	x.tail = expression
	return nil
}
