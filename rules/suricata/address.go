package suricata

import (
	"fmt"
	"net/netip"
	"strings"
)

// addresses says the header's addresses, and both ways round for "<>".
func (c *conversion) addresses() *Reason {
	var there, back []string
	for _, side := range []struct {
		w          word
		here, over string
	}{{c.src, "src", "dst"}, {c.dst, "dst", "src"}} {
		for i, end := range []string{side.here, side.over} {
			p := addressParser{c: c, at: side.w, side: end}
			text, err := p.group(side.w.text, 0)
			if err != nil {
				return err
			}
			if text != "" && i == 0 {
				there = append(there, text)
			} else if text != "" {
				back = append(back, text)
			}
		}
	}
	if c.both && len(there) > 0 {
		there = []string{anyOf([]string{allOf(there), allOf(back)})}
	}
	c.common = append(c.common, there...)
	return nil
}

// addressParser says one address expression of one side.
type addressParser struct {
	c    *conversion
	at   word
	side string // src or dst
}

// maxNesting bounds groups and variables within one another.
const maxNesting = 8

// group gives the condition that an expression stands for; "" is any address.
func (p *addressParser) group(text string, depth int) (string, *Reason) {
	if depth > maxNesting {
		return "", p.bad(text, "groups and variables nest too deep, or name one another")
	}
	if rest, ok := strings.CutPrefix(text, "!"); ok {
		inner, err := p.group(rest, depth+1)
		if err == nil && inner == "" {
			err = p.bad(text, "no address is left")
		}
		if !strings.HasPrefix(inner, "(") {
			inner = "(" + inner + ")"
		}
		return p.versioned(p.versions(rest, depth), "!"+inner), err
	}
	switch {
	case text == "any":
		return "", nil
	case strings.HasPrefix(text, "$"):
		return p.variable(text, depth)
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		return p.list(text[1:len(text)-1], depth)
	}
	a, err := p.address(text)
	return "sift." + p.side + " == " + a, err
}

// versions tells of which IP versions an expression names addresses. To Suricata, all but some IPv4 addresses is no IPv6
// address.
func (p *addressParser) versions(text string, depth int) (out [2]bool) {
	text = strings.TrimLeft(text, "!")
	value, known := p.c.vars[strings.Trim(strings.TrimPrefix(text, "$"), "{}()")]
	switch inner, isGroup := strings.CutPrefix(text, "["); {
	case depth > maxNesting || p.c.dialect != Suricata || text == "any" || text == "$HOME_NET" && !known:
		return [2]bool{true, true}
	case text == "$EXTERNAL_NET" && !known:
		return p.versions("$HOME_NET", depth+1)
	case strings.HasPrefix(text, "$"):
		return p.versions(strings.ReplaceAll(value, " ", ""), depth+1)
	case isGroup:
		for _, m := range members(strings.TrimSuffix(inner, "]")) {
			v := p.versions(m, depth+1)
			out = [2]bool{out[v4] || v[v4], out[v6] || v[v6]}
		}
		return out
	}
	return [2]bool{!strings.Contains(text, ":"), strings.Contains(text, ":")}
}

// versioned narrows a condition to the only version.
func (p *addressParser) versioned(versions [2]bool, text string) string {
	switch versions {
	case [2]bool{true, false}:
		return "(sift.version == 4 && " + text + ")"
	case [2]bool{false, true}:
		return "(sift.version == 6 && " + text + ")"
	}
	return text
}

func (p *addressParser) bad(text, message string) *Reason { return p.c.wrong(p.at.from, text, message) }

func (p *addressParser) address(text string) (string, *Reason) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.String(), nil
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return a.String(), nil
	}
	return "", p.bad(text, "no address: expected an address, a network such as 10.0.0.0/8, a group [..], a variable or any")
}

// variable takes --var first. HOME_NET is the zone that --home-net of analyze sets, EXTERNAL_NET all that is not home.
func (p *addressParser) variable(text string, depth int) (string, *Reason) {
	name := strings.Trim(text[1:], "{}()")
	if value, ok := p.c.vars[name]; ok {
		return p.group(strings.ReplaceAll(value, " ", ""), depth+1)
	}
	switch name {
	case "HOME_NET":
		return fmt.Sprintf(`sift.zone.%s == "home"`, p.side), nil
	case "EXTERNAL_NET":
		return p.group("!$HOME_NET", depth+1)
	}
	return "", p.bad(text, fmt.Sprintf("the value of this variable is not known; say --var %s=NETWORKS", name))
}

// list takes what is in one of its members and in none of those with "!". To Suricata, a group that names no address of a
// version but some with "!" takes all others of it.
func (p *addressParser) list(text string, depth int) (string, *Reason) {
	var in, not, plain []string
	var named, but [2]bool
	any := false
	for _, member := range members(text) {
		rest, negated := strings.CutPrefix(member, "!")
		s, err := p.group(rest, depth+1)
		if err != nil {
			return "", err
		}
		v := p.versions(rest, depth)
		value, single := strings.CutPrefix(s, "sift."+p.side+" == ")
		switch {
		case negated && s == "":
			return "", p.bad(member, "no address is left")
		case negated:
			but, not = [2]bool{but[v4] || v[v4], but[v6] || v[v6]}, append(not, "!("+s+")")
			continue
		case s == "":
			any = true
		case single:
			plain = append(plain, value)
		default:
			in = append(in, s)
		}
		named = [2]bool{named[v4] || v[v4], named[v6] || v[v6]}
	}
	if len(plain) > 0 {
		in = append(in, oneOf("sift."+p.side, plain))
	}
	switch others := [2]bool{but[v4] && !named[v4], but[v6] && !named[v6]}; {
	case len(in)+len(not) == 0 && !any:
		return "", p.bad("["+text+"]", "the group is empty")
	case any && len(not) == 0:
		return "", nil
	case any:
		return allOf(not), nil
	case len(in) == 0:
		return p.versioned(but, allOf(not)), nil
	case others != [2]bool{}:
		in = append(in, p.versioned(others, allOf(not)))
	}
	return allOf(append([]string{anyOf(in)}, not...)), nil
}

// members cuts at commas outside of inner brackets.
func members(text string) (out []string) {
	depth, from := 0, 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ',' && depth == 0 {
			if m := strings.TrimSpace(text[from:i]); m != "" {
				out = append(out, m)
			}
			from = i + 1
			continue
		}
		depth += strings.Count("[", text[i:i+1]) - strings.Count("]", text[i:i+1])
	}
	return out
}
