package suricata

import (
	"fmt"
	"slices"
	"strings"

	"icmpsift/rules"
)

// Families, as indexes.
const (
	v4 = iota
	v6
)

// conversion is one rule on its way to one of ours.
type conversion struct {
	*statement
	vars     map[string]string
	dialect  Dialect
	families [2]bool
	types    [2][256]bool // message types the rule can match, by family
	common   []string     // conditions said alike for both families
	own      [2][]string  // conditions that differ
	based    []condition  // conditions on the payload
	chains   []*chain     // contents, in the making
	filter   string
	counts   *rules.Correlation
	bytes    bool // the payload is looked at
	beyond   bool // something else than type, code and addresses is looked at
	dropped  []Reason
}

// condition is said of the payload, which starts base bytes into the message (field). Negative ones hold without a message.
type condition struct {
	say      func(message string, base int) string
	negative bool
}

func (c *conversion) drop(o option, message string) {
	c.dropped = append(c.dropped, *c.wrong(o.from, c.text[o.from:min(len(c.text), o.valueFrom+len(o.value))], message))
}

func (c *conversion) convert() *Reason {
	for _, step := range []func() *Reason{c.protocol, c.family, c.eachOption, c.finishChains, c.addresses} {
		if err := step(); err != nil {
			return err
		}
	}
	return c.assemble()
}

// protocol takes what is about ICMP.
func (c *conversion) protocol() *Reason {
	switch {
	case c.value("sid") == "" || number(c.value("sid")) < 0:
		return c.wrong(c.option("sid").from, c.value("sid"), "a rule needs a sid, a number of its own")
	case c.action == "pass":
		return c.wrong(0, c.action, "a pass rule suppresses others; write a suppression (kind: suppression)")
	case c.action == "dynamic":
		return c.wrong(0, c.action, "a dynamic rule waits for another one to activate it, which cannot be said")
	}
	for i, p := range c.ports {
		if p.text != "any" {
			c.dropped = append(c.dropped, *c.wrong(p.from, p.text, [2]string{"source", "destination"}[i]+" port: ICMP has no ports"))
		}
	}
	for f := range 2 {
		for t := range 256 {
			c.types[f][t] = true
		}
	}
	switch c.proto {
	case "icmp":
		c.families = [2]bool{true, true}
	case "icmpv4":
		c.families[v4] = true
	case "icmpv6":
		c.families[v6] = true
	case "ip", "ipv4", "ipv6", "ip4", "ip6", "pkthdr":
		if !slices.ContainsFunc(c.options, func(o option) bool { return slices.Contains(icmpOptions, o.name) }) {
			return c.wrong(c.protoAt, c.proto, "not about ICMP: the rule has neither protocol icmp nor a keyword of ICMP")
		}
		c.families = [2]bool{!strings.HasSuffix(c.proto, "6"), !strings.HasSuffix(c.proto, "4")}
	default:
		return c.wrong(c.protoAt, c.proto, "not about ICMP: expected protocol icmp, icmpv4, icmpv6, or ip with a keyword of ICMP")
	}
	return nil
}

var (
	icmpOptions  = []string{"itype", "icode", "icmp_id", "icmp_seq", "icmpv6.mtu", "icmpv4-csum", "icmpv6-csum", "ip_proto"}
	onlyV4       = []string{"id", "tos", "ipopts", "fragbits", "fragoffset", "icmpv4-csum"}
	onlyV6       = []string{"icmpv6.mtu", "icmpv6-csum"}
	protoNumbers = map[string]int64{"icmp": 1, "icmp6": 58, "icmpv6": 58, "ipv6-icmp": 58}
)

// family narrows the protocol to what the keywords leave of it.
func (c *conversion) family() *Reason {
	var last option
	for _, o := range c.options {
		switch {
		case slices.Contains(onlyV4, o.name):
			c.families[v6], last = false, o
		case slices.Contains(onlyV6, o.name):
			c.families[v4], last = false, o
		case o.name == "ip_proto":
			if n, ok := protoNumbers[strings.ToLower(strings.TrimLeft(o.value, "!<>= "))]; ok {
				o.value = o.value[:len(o.value)-len(strings.TrimLeft(o.value, "!<>= "))] + fmt.Sprint(n)
			}
			r, err := c.relation(o, 255, false)
			if err != nil {
				return err
			}
			c.families[v4], c.families[v6], last = c.families[v4] && r.holds(1), c.families[v6] && r.holds(58), o
		}
	}
	if c.families == [2]bool{} {
		return c.wrong(last.from, last.name, "no ICMP packet is left: the protocol and this keyword exclude one another")
	}
	return nil
}

// name of a field that both families have under sift. and each under a name of its own.
func (c *conversion) field(both, four, six string) string {
	switch c.families {
	case [2]bool{true, false}:
		return four
	case [2]bool{false, true}:
		return six
	}
	return both
}

func (c *conversion) typeField() string { return c.field("sift.type", "icmp.type#1", "icmpv6.type#1") }

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
