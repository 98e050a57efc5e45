package suricata

import (
	"fmt"
	"slices"
	"strings"
)

// keyword reads one option.
type keyword func(c *conversion, o option) *Reason

func ignored(*conversion, option) *Reason { return nil }

func without(why string) keyword {
	return func(c *conversion, o option) *Reason { c.drop(o, why); return nil }
}

func refused(why string) keyword {
	return func(c *conversion, o option) *Reason { return c.wrong(o.from, o.name, why) }
}

// numeric compares a field.
func numeric(both, four, six string, most int64) keyword {
	return func(c *conversion, o option) *Reason {
		r, err := c.relation(o, most, false)
		if err == nil {
			c.common, c.beyond = append(c.common, r.of(c.field(both, four, six))), true
		}
		return err
	}
}

// keywords is the table. Modifiers of content are read where they stand behind it.
func keywords() map[string]keyword {
	table := map[string]keyword{
		"itype":      itype,
		"icode":      icode,
		"icmp_id":    echoNumber(4, "sift.id"),
		"icmp_seq":   echoNumber(6, "sift.seq"),
		"ttl":        numeric("sift.ttl", "sift.ttl", "sift.ttl", 255),
		"id":         numeric("ip.id#1", "ip.id#1", "", 65535),
		"tos":        numeric("ip.dsfield#1", "ip.dsfield#1", "", 255),
		"fragoffset": numeric("ip.frag_offset#1", "ip.frag_offset#1", "", 8191),
		"icmpv6.mtu": numeric("", "", "icmpv6.mtu#1", 1<<32-1),
		"fragbits":   fragbits, "ipopts": ipopts, "sameip": sameip, "icmpv4-csum": checksum, "icmpv6-csum": checksum,
		"dsize": dsize, "content": content, "pcre": pcre, "byte_test": byteTest, "isdataat": isdataat,
		"detection_filter": counter, "threshold": counter, "flow": flow, "flowbits": flowbits,
		"noalert":   refused("the rule is only there for other rules to build on"),
		"byte_jump": refused("a place that is computed from the payload cannot be said in a display filter"),
	}
	for _, name := range []string{"msg", "sid", "rev", "gid", "reference", "classtype", "priority", "metadata", "target", "ip_proto", "pkt_data", "service"} {
		table[name] = ignored
	}
	for _, name := range []string{"offset", "depth", "distance", "within", "nocase", "rawbytes", "fast_pattern", "startswith", "endswith", "replace"} {
		table[name] = modifier
	}
	for _, name := range []string{"tag", "logto", "session", "resp", "react", "activates", "rem", "sample"} {
		table[name] = without("what to do with the packet is not part of a rule here")
	}
	for _, name := range []string{"byte_extract", "byte_math", "base64_decode", "base64_data", "asn1"} {
		table[name] = table["byte_jump"]
	}
	for _, name := range []string{"xbits", "flowint", "activated_by", "hostbits"} {
		table[name] = refused("whether the rule applies depends on other rules' alerts, which cannot be said")
	}
	return table
}

func (c *conversion) eachOption() *Reason {
	table := keywords()
	for _, o := range c.options {
		read, ok := table[o.name]
		if !ok {
			return c.wrong(o.from, o.name, "this keyword has no counterpart in a rule about ICMP packets")
		}
		if err := read(c, o); err != nil {
			return err
		}
	}
	return nil
}

func itype(c *conversion, o option) *Reason {
	r, err := c.relation(o, 255, false)
	if err != nil {
		return err
	}
	for f := range 2 {
		for t := range 256 {
			c.types[f][t] = c.types[f][t] && r.holds(int64(t))
		}
	}
	c.common = append(c.common, r.of(c.typeField()))
	return nil
}

func icode(c *conversion, o option) *Reason {
	r, err := c.relation(o, 255, false)
	if err == nil {
		c.common = append(c.common, r.of(c.field("sift.code", "icmp.code#1", "icmpv6.code#1")))
	}
	return err
}

// identified are the types whose identifier and sequence number Suricata looks at; Snort only at echoes'.
var identified = [2][]int{{0, 8, 13, 14, 15, 16, 17, 18}, {128, 129}}

func echoNumber(place int, field string) keyword {
	return func(c *conversion, o option) *Reason {
		n := number(unquote(o.value))
		if n < 0 || n > 65535 {
			return c.wrong(o.valueFrom, o.value, o.name+": expected a number up to 65535")
		}
		c.beyond = true
		if c.dialect == Snort2 || !c.families[v4] || !c.reaches(v4, identified[v4][2:]) {
			c.common = append(c.common, fmt.Sprintf("%s == %d", field, n))
			return nil
		}
		c.own[v4] = append(c.own[v4], fmt.Sprintf("icmp.type#1 in {0, 8, 13..18} && icmp#1[%d:2] == %02x:%02x", place, n>>8, n&255))
		c.own[v6] = append(c.own[v6], fmt.Sprintf("%s == %d", field, n))
		return nil
	}
}

// reaches tells whether the rule can match one of the types. Type conditions that come later do not count.
func (c *conversion) reaches(family int, types []int) bool {
	for _, o := range c.options {
		if o.name != "itype" {
			continue
		}
		if r, err := c.relation(o, 255, false); err == nil {
			return slices.ContainsFunc(types, func(t int) bool { return r.holds(int64(t)) })
		}
	}
	return c.families[family]
}

func sameip(c *conversion, _ option) *Reason {
	c.common, c.beyond = append(c.common, "sift.src == sift.dst"), true
	return nil
}

func checksum(c *conversion, o option) *Reason {
	word, ok := map[string]string{"valid": "good", "invalid": "bad"}[strings.ToLower(unquote(o.value))]
	if !ok {
		return c.wrong(o.valueFrom, o.value, o.name+": expected valid or invalid")
	}
	c.common, c.beyond = append(c.common, fmt.Sprintf("sift.checksum == %q", word)), true
	return nil
}

var optionTypes = map[string]string{"eol": "0", "nop": "1", "rr": "7", "ts": "68", "sec": "130", "esec": "133", "lsrr": "131", "lsrre": "131",
	"ssrr": "137", "satid": "136"}

func ipopts(c *conversion, o option) *Reason {
	c.beyond = true
	if o.value == "any" {
		c.common = append(c.common, "ip.opt.type#1 in {0, 1, 7, 68, 130, 131, 133, 134, 136, 137, 148}")
		return nil
	}
	n, ok := optionTypes[o.value]
	if !ok {
		return c.wrong(o.valueFrom, o.value, "ipopts: expected rr, eol, nop, ts, sec, esec, lsrr, ssrr, satid or any")
	}
	c.common = append(c.common, "ip.opt.type#1 == "+n)
	return nil
}

var flags = map[rune]string{'M': "ip.flags.mf#1", 'D': "ip.flags.df#1", 'R': "ip.flags.rb#1"}

// fragbits: bits alone are all that is set, "+" allows others, "*" wants one of them, "!" none.
func fragbits(c *conversion, o option) *Reason {
	var mode rune
	wanted := map[rune]bool{}
	for _, r := range o.value {
		switch {
		case strings.ContainsRune("+*!", r) && mode == 0:
			mode = r
		case flags[r] != "":
			wanted[r] = true
		case r != ' ' && r != ',':
			return c.wrong(o.valueFrom, o.value, `fragbits: expected M, D or R, with "+", "*" or "!"`)
		}
	}
	var parts []string
	for _, r := range "MDR" {
		value := map[bool]string{true: "1", false: "0"}[wanted[r] && mode != '!']
		if wanted[r] || mode == 0 {
			parts = append(parts, flags[r]+" == "+value)
		}
	}
	if len(wanted) == 0 {
		return c.wrong(o.valueFrom, o.value, "fragbits: expected M, D or R")
	}
	c.beyond = true
	if mode == '*' {
		c.common = append(c.common, anyOf(parts))
		return nil
	}
	c.common = append(c.common, parts...)
	return nil
}

func flow(c *conversion, o option) *Reason {
	if strings.ReplaceAll(o.value, " ", "") != "stateless" {
		c.drop(o, "flows are not followed: the packet matches whatever the state of its flow")
	}
	return nil
}

func flowbits(c *conversion, o option) *Reason {
	switch verb, _, _ := strings.Cut(strings.ReplaceAll(o.value, " ", ""), ","); verb {
	case "set", "unset", "toggle", "setx", "reset":
		c.drop(o, "marks on flows are not kept, and rules that ask for them are refused")
		return nil
	case "noalert":
		return c.wrong(o.from, o.name, "the rule is only there for other rules to build on")
	}
	return c.wrong(o.from, o.name, "whether the rule applies depends on other rules' alerts, which cannot be said")
}
