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
	codes    [256]bool    // message codes it can match
	message  bool         // it asks for something in the message, which fragments do not have
	common   []string     // conditions said alike for both families
	own      [2][]string  // conditions that differ
	header   []string     // conditions on the IPv4 header, of layer 1
	based    []condition  // conditions on the payload
	chains   []*chain     // contents, in the making
	filter   string
	counts   *rules.Correlation
	bytes    bool // the payload is looked at
	beyond   bool // something else than type, code and addresses is looked at
	dropped  []Reason
	notes    []Note
}

// condition is said of the payload of the message (field). Negative ones hold without a message; needs tells that the
// engine tries it only on a payload that is not empty, proves that it holds of none that is.
type condition struct {
	say                     func(message string, b base) string
	negative, needs, proves bool
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
	case c.value("gid") != "" && number(c.value("gid")) < 0:
		return c.wrong(c.option("gid").from, c.value("gid"), "a gid is a number")
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
			c.types[f][t], c.codes[t] = true, true
		}
	}
	c.message = slices.ContainsFunc(c.options, func(o option) bool { return slices.Contains(inMessage, o.name) })
	switch c.proto {
	case "pkthdr":
		if o := c.option("decode-event"); o.name != "" {
			return c.wrong(o.from, o.name+":"+o.value, "a remark of the engine's own decoder; ask for the fields, such as sift.type.assigned, sift.checksum or sift.malformed")
		}
		return c.wrong(c.protoAt, c.proto, "not about ICMP: expected protocol icmp, icmpv4, icmpv6, or ip with a keyword of ICMP")
	case "icmp":
		c.families = [2]bool{true, true}
	case "icmpv4":
		c.families[v4] = true
	case "icmpv6":
		c.families[v6] = true
	case "ip", "ipv4", "ipv6", "ip4", "ip6":
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
	inMessage    = []string{"itype", "icode", "icmp_id", "icmp_seq", "icmpv6.mtu", "icmpv4-csum", "icmpv6-csum", "content", "pcre", "byte_test", "isdataat"}
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
