package suricata

import (
	"fmt"
	"regexp"
	"strings"
)

// perl is a pcre option: what is between the delimiters, and the flags behind them.
type perl struct {
	pattern string
	flags   string
}

// pcre takes the flags i, s, m, x, A, R, and G, O, B, which change nothing here.
func pcre(c *conversion, o option) *Reason {
	value, negated := strings.CutPrefix(strings.TrimSpace(o.value), "!")
	p, ok := readPerl(value)
	if !ok {
		return c.wrong(o.valueFrom, o.value, `pcre: expected "/expression/flags"`)
	}
	if i := strings.IndexFunc(p.flags, func(r rune) bool { return !strings.ContainsRune("ismxARGOB", r) }); i >= 0 {
		return c.wrong(o.valueFrom, p.flags[i:], "pcre: this flag is about HTTP or changes what an expression means in a way that cannot be said; expected i, s, m, x, A, R")
	}
	if strings.Contains(p.flags, "x") {
		p.pattern = spread(p.pattern)
	}
	p.pattern = ends(p.pattern, strings.Contains(p.flags, "m"))
	text := fmt.Sprintf("(?%s:%s)", p.mode(), printable(p.pattern))
	if _, err := regexp.Compile(text); err != nil || strings.Contains(p.pattern, `\C`) || refersBack(p.pattern) {
		return c.wrong(o.valueFrom, p.pattern, "pcre: RE2, which runs in linear time, cannot say this expression (look-around, back-references, possessive repeats)")
	}
	return c.placePerl(o, p, text, negated)
}

func readPerl(value string) (p perl, ok bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(value), `"`)
	if !ok || !strings.HasSuffix(text, `"`) {
		return p, false
	}
	text = text[:len(text)-1]
	begin, end := byte('/'), byte('/')
	if strings.HasPrefix(text, "m") && len(text) > 1 {
		text = text[1:]
		begin, end = text[0], text[0]
	}
	last := strings.LastIndexByte(text, end)
	if text == "" || text[0] != begin || last <= 0 {
		return p, false
	}
	return perl{text[1:last], text[last+1:]}, true
}

// mode sets all three of i, m and s, on or off.
func (p perl) mode() string {
	on, off := "", ""
	for _, f := range "ims" {
		if strings.ContainsRune(p.flags, f) {
			on += string(f)
		} else {
			off += string(f)
		}
	}
	if off != "" {
		off = "-" + off
	}
	return on + off
}

// spread drops what the flag x makes invisible: white space and comments outside of classes.
func spread(pattern string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(pattern[i : i+2])
			i++
			continue
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case !inClass && strings.IndexByte(" \t\n\v\f\r", c) >= 0:
			continue
		case !inClass && c == '#':
			return b.String()
		}
		b.WriteByte(c)
	}
	return b.String()
}

// ends writes where an expression may end as RE2 can say it: "$" and "\Z" of PCRE are also before a last line break.
func ends(pattern string, lines bool) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(strings.NewReplacer(`\Z`, `(?:\n?\z)`, `\\`, `\x5c`).Replace(pattern[i-1 : i+1]))
			continue
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '$' && !inClass:
			b.WriteString(map[bool]string{false: `(?:\n?\z)`, true: `(?:$|\z)`}[lines])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// printable writes a pattern so that a raw string of the filter language can hold it: quotes and bytes as \x22.
func printable(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern) && (pattern[i+1] == '"' || pattern[i+1] == ';'):
		case c == '\\' && i+1 < len(pattern) && pattern[i+1] < 0x7f:
			i++
			b.WriteString(pattern[i-1 : i+1])
		case c == '"' || c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// placePerl makes a chain of it, or appends it to the one it is relative to. There "^" is the place where it begins.
func (c *conversion) placePerl(o option, p perl, text string, negated bool) *Reason {
	x := part{pattern: text, max: open}
	anchored := strings.Contains(p.flags, "A")
	last := c.last()
	relative := strings.Contains(p.flags, "R") && last != nil
	if relative && last.ends < 0 {
		c.firstOnly(o)
		return c.perlBehind(last, o, p, x, negated)
	}
	if relative {
		x.min = last.ends
	}
	if anchored {
		x.pattern = "^" + x.pattern
	}
	c.chains = append(c.chains, &chain{parts: []part{x}, ends: -1, negated: negated, option: o})
	return nil
}

func (c *conversion) perlBehind(last *chain, o option, p perl, x part, negated bool) *Reason {
	body, anchored := strings.CutPrefix(p.pattern, "^")
	alternatives := strings.Contains(body, "|")
	switch {
	case negated:
		return c.wrong(o.from, "pcre:"+o.value, "that something is missing behind a content whose place is not fixed cannot be said in a display filter")
	case anchored && strings.Contains(p.flags, "m") || strings.Contains(strings.ReplaceAll(body, "[^", ""), "^") || anchored && alternatives || strings.Contains(body, `\A`) || strings.Contains(body, `\b`) || strings.Contains(body, `\B`):
		return c.wrong(o.from, "pcre:"+o.value, `pcre: with flag R, behind a content whose place is not fixed, "^" can only be at the front, and "\A" and "\b" nowhere`)
	case last.tail != "":
		return c.tailed(o)
	}
	if anchored || strings.Contains(p.flags, "A") {
		x.max = 0
	}
	x.pattern = fmt.Sprintf("(?%s:%s)", p.mode(), printable(body))
	last.parts = append(last.parts, x)
	return nil
}

// refersBack tells whether an expression refers to a group by its number, or might: from \10 on PCRE asks how many groups there are.
func refersBack(pattern string) bool {
	for i := 0; i+1 < len(pattern); i++ {
		if pattern[i] == '\\' {
			if i++; pattern[i] >= '1' && pattern[i] <= '9' {
				return true
			}
		}
	}
	return false
}
