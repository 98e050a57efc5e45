package suricata

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"icmpsift/ingest/field"
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

// mtu is that of a message that is too big; Suricata reads it if the code is 0.
func mtu(c *conversion, o option) *Reason {
	c.common = append(c.common, "icmpv6.code#1 == 0")
	return numeric("", "", "icmpv6.mtu#1", 1<<32-1)(c, o)
}

// inIPv4 compares a field of the IPv4 header.
func inIPv4(field string, most int64) keyword {
	return func(c *conversion, o option) *Reason {
		r, err := c.relation(o, most, false)
		if err == nil {
			c.header, c.beyond = append(c.header, r.of(field)), true
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
		"id":         inIPv4("ip.id#1", 65535),
		"tos":        inIPv4("ip.dsfield#1", 255),
		"fragoffset": fragoffset,
		"icmpv6.mtu": mtu,
		"fragbits":   fragbits, "ipopts": ipopts, "sameip": sameip, "icmpv4-csum": checksum, "icmpv6-csum": checksum,
		"dsize": dsize, "content": content, "pcre": pcre, "byte_test": byteTest, "isdataat": isdataat,
		"detection_filter": counter, "threshold": counter, "flow": flow, "flowbits": marks, "xbits": marks, "hostbits": marks,
		"noalert":   refused("the rule is only there for other rules to build on"),
		"byte_jump": refused("a place that is computed from the payload cannot be said in a display filter"),
	}
	for _, name := range []string{"icmpv4.hdr", "icmpv6.hdr"} {
		table[name] = refused("contents of the header are not taken: say them with itype, icode, icmp_id and icmp_seq")
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
	for _, name := range []string{"flowint", "activated_by"} {
		table[name] = refused("whether the rule applies depends on other rules' alerts, which cannot be said")
	}
	return table
}

func (c *conversion) eachOption() *Reason {
	table := keywords()
	for _, o := range c.options {
		read, ok := table[o.name]
		if !ok {
			return c.wrong(o.from, o.name, "this keyword has no counterpart in a rule about ICMP packets"+meant(o.name, table))
		}
		if err := read(c, o); err != nil {
			return err
		}
	}
	return nil
}

// misnamed are what authors take for the names of keywords, after the names that other tools have.
var misnamed = map[string]string{"icmp_type": "itype", "icmp-type": "itype", "icmpv6_type": "itype", "icmp_code": "icode", "icmp-code": "icode", "icmpv6_code": "icode"}

// meant ends a message with the keyword that was probably meant, if one is near. Short words are near to too many.
func meant(name string, table map[string]keyword) string {
	word, _, _ := strings.Cut(name, " ")
	near := misnamed[word]
	if near == "" && len(word) > 3 {
		near = field.Closest(word, slices.Values(slices.Sorted(maps.Keys(table))))
	}
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
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
	if err != nil {
		return err
	}
	for n := range 256 {
		c.codes[n] = c.codes[n] && r.holds(int64(n))
	}
	c.common = append(c.common, r.of(c.field("sift.code", "icmp.code#1", "icmpv6.code#1")))
	return nil
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
		same := fmt.Sprintf("%s == %d", field, n)
		others := c.dialect != Snort2 && c.families[v4] && c.reaches(v4, identified[v4][2:])
		coded := c.dialect == Suricata && c.families[v6] && c.reaches(v6, identified[v6])
		if !others && !coded {
			c.common = append(c.common, same)
			return nil
		}
		c.own[v4], c.own[v6] = append(c.own[v4], "icmp && "+same), append(c.own[v6], "icmpv6 && "+same)
		if others {
			c.own[v4][len(c.own[v4])-1] = fmt.Sprintf("icmp.type#1 in {0, 8, 13..18} && icmp#1[%d:2] == %02x:%02x", place, n>>8, n&255)
		}
		if coded {
			c.own[v6][len(c.own[v6])-1] = uncoded(field, n)
		}
		return nil
	}
}

// uncoded says an ICMPv6 echo's number as Suricata has it: 0 if its code is not.
func uncoded(field string, n int64) string {
	if n == 0 {
		return fmt.Sprintf("%s >= 0 && icmpv6 && (%s == 0 || icmpv6.code#1 != 0)", field, field)
	}
	return fmt.Sprintf("%s == %d && icmpv6.code#1 == 0", field, n)
}

// reaches tells whether the rule can match one of the types. Type conditions that come later count as well.
func (c *conversion) reaches(family int, types []int) bool {
	for _, o := range c.options {
		if o.name != "itype" {
			continue
		}
		if r, err := c.relation(o, 255, false); err == nil && !slices.ContainsFunc(types, func(t int) bool { return r.holds(int64(t)) }) {
			return false
		}
	}
	return c.families[family]
}

// fragoffset of a datagram whose message Suricata looks at is 0: it is whole, though put together.
func fragoffset(c *conversion, o option) *Reason {
	r, err := c.relation(o, 8191, false)
	if err != nil {
		return err
	}
	c.beyond = true
	text := r.of("ip.frag_offset#1")
	if c.dialect != Suricata {
		c.header = append(c.header, text)
		return nil
	}
	c.notes = append(c.notes, Note{Extension, "Only IPv4 is asked for its fragment offset; Suricata asks IPv6's fragment headers as well."})
	switch {
	case c.message && !r.holds(0):
		return c.whole(o)
	case !c.message && r.holds(0):
		c.header = append(c.header, anyOf([]string{text, "icmp"}))
	case !c.message:
		c.header = append(c.header, text)
	}
	return nil
}

func (c *conversion) whole(o option) *Reason {
	return c.wrong(o.from, o.name+":"+o.value, "the message of a datagram that came in fragments is looked at when it is whole: the rule can never match")
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
	c.common, c.beyond = append(c.common, c.field("", "icmp", "icmpv6"), fmt.Sprintf("sift.checksum == %q", word)), true
	return nil
}

var optionTypes = map[string]string{"eol": "0", "nop": "1", "rr": "7", "ts": "68", "sec": "130", "esec": "133", "lsrr": "131", "lsrre": "131",
	"ssrr": "137", "satid": "136"}

func ipopts(c *conversion, o option) *Reason {
	c.beyond = true
	if o.value == "any" {
		if c.dialect == Suricata {
			c.notes = append(c.notes, Note{AnyOption, "Suricata 7 takes ipopts:any for all options at once, which no packet has; here it is any of them."})
		}
		c.header = append(c.header, "ip.opt.type#1 in {0, 1, 7, 68, 130, 131, 133, 134, 136, 137, 148}")
		return nil
	}
	n, ok := optionTypes[o.value]
	if !ok {
		return c.wrong(o.valueFrom, o.value, "ipopts: expected rr, eol, nop, ts, sec, esec, lsrr, ssrr, satid or any")
	}
	c.header = append(c.header, "ip.opt.type#1 == "+n)
	return nil
}

var flags = map[rune]string{'M': "ip.flags.mf#1", 'D': "ip.flags.df#1", 'R': "ip.flags.rb#1"}

// fragbits: bits alone are all that is set, "+" allows others, "*" wants one of them, "!" none. To Suricata, "+" wants
// others as well, "!" that not all of them are set, and a sign behind the letters is none.
func fragbits(c *conversion, o option) *Reason {
	value := strings.ToUpper(strings.NewReplacer(" ", "", ",", "").Replace(o.value))
	letters := strings.Trim(value, "+*!")
	mode := strings.Replace(value, letters, "", 1)
	if letters == "" || strings.Trim(letters, "MDR") != "" || len(mode) > 1 {
		return c.wrong(o.valueFrom, o.value, `fragbits: expected M, D or R, with "+", "*" or "!"`)
	}
	if c.dialect == Suricata && !strings.HasPrefix(value, mode) {
		mode = ""
	}
	if c.message && c.dialect == Suricata && strings.Contains(letters, "M") && (mode == "" || mode == "+") {
		return c.whole(o)
	}
	c.beyond, c.header = true, append(c.header, c.bits(letters, mode))
	return nil
}

// bits says that the flags are as the mode wants them.
func (c *conversion) bits(letters, mode string) string {
	var set, clear, others []string
	for _, r := range "MDR" {
		if strings.ContainsRune(letters, r) {
			set, clear = append(set, flags[r]+" == 1"), append(clear, flags[r]+" == 0")
		} else {
			others = append(others, flags[r])
		}
	}
	switch {
	case mode == "*":
		return anyOf(set)
	case mode == "!" && c.dialect == Suricata:
		return anyOf(clear)
	case mode == "!":
		return allOf(clear)
	case mode == "+" && c.dialect == Suricata:
		return allOf(append(set, anyOf(suffixed(others, " == 1"))))
	case mode == "+":
		return allOf(set)
	}
	return allOf(append(set, suffixed(others, " == 0")...))
}

func suffixed(list []string, suffix string) (out []string) {
	for _, s := range list {
		out = append(out, s+suffix)
	}
	return out
}

func flow(c *conversion, o option) *Reason {
	if strings.ReplaceAll(o.value, " ", "") != "stateless" {
		c.drop(o, "flows are not followed: the packet matches whatever the state of its flow")
	}
	return nil
}

// marks are set on flows, hosts or pairs of them, for other rules to ask for.
func marks(c *conversion, o option) *Reason {
	switch verb, _, _ := strings.Cut(strings.ReplaceAll(o.value, " ", ""), ","); verb {
	case "set", "unset", "toggle", "setx", "reset":
		c.drop(o, "marks are not kept, and rules that ask for them are refused")
		return nil
	case "noalert":
		return c.wrong(o.from, o.name, "the rule is only there for other rules to build on")
	}
	return c.wrong(o.from, o.name, "whether the rule applies depends on other rules' alerts, which cannot be said")
}
