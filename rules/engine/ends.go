package engine

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// ends are where a finding's two sides stand in the packets of one of the rules that its rule is made of.
type ends struct {
	match    *filter.Filter
	src, dst *field.Field
	group    []*field.Field // what the outermost correlation groups by, as these packets have it
}

// across gives the field of the other side.
var across = map[string]string{"sift.src": "sift.dst", "sift.dst": "sift.src", "sift.quoted.src": "sift.quoted.dst", "sift.quoted.dst": "sift.quoted.src"}

// maxWays bounds the ways from a correlation down to the rules it is made of.
const maxWays = 1000

// descent goes down all ways from a correlation.
type descent struct {
	seen  map[string]bool
	found []ends
}

// spread finds the ends of the rule's findings.
func (x *compiled) spread() (err error) {
	d := descent{seen: map[string]bool{}}
	err = d.take(x, "", "", x.correlation.GroupBy)
	x.ends = d.found
	return err
}

// take finds the ends in the packets of a rule. src and dst are the names they have in those of the first rule below it; ""
// leaves it to the rules to say.
func (d *descent) take(x *compiled, src, dst string, group []string) error {
	if src == "" {
		src, dst = x.stated()
	}
	key := fmt.Sprintf("%d %s %s %q", x.place, src, dst, group)
	switch {
	case d.seen[key]:
		return nil
	case len(d.seen) >= maxWays:
		return fmt.Errorf("there are more than %d ways from it to the rules it is made of: expected a smaller chain of correlations", maxWays)
	}
	d.seen[key] = true
	if x.match != nil {
		return d.leaf(x, src, dst, group)
	}
	for i, in := range x.inputs {
		s, t := x.sides(i, src, dst)
		names := make([]string, len(group))
		for k, name := range group {
			names[k] = x.inside(i, name)
		}
		if err := d.take(in.from, s, t, names); err != nil {
			return err
		}
	}
	return nil
}

func (d *descent) leaf(x *compiled, src, dst string, group []string) error {
	var fields []*field.Field
	for _, name := range append([]string{src, dst}, group...) {
		f, err := named(name, "")
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	d.found = append(d.found, ends{match: x.match, src: fields[0], dst: fields[1], group: fields[2:]})
	return nil
}

// stated are the endpoints that the rule names; "" where it correlates others and leaves the usual ones.
func (x *compiled) stated() (src, dst string) {
	usual := rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}
	if x.match == nil && (x.rule.Endpoints == usual || x.rule.Endpoints == rules.Endpoints{}) {
		return "", ""
	}
	return x.src.Name, x.dst.Name
}

// own are the endpoints as the first of the rules below has them.
func (x *compiled) own() (src, dst string) {
	if src, dst = x.stated(); src == "" {
		return x.inputs[0].from.own()
	}
	return src, dst
}

// sides gives the names that src and dst have in one input. A group-by field or alias that is a side in the first input is
// the same side in the others, where it may stand at the other end: then the opposite end changes with it.
func (x *compiled) sides(input int, src, dst string) (string, string) {
	first, second := src, dst
	if src == "" {
		first, second = x.inputs[0].from.own()
	}
	s, one := x.grouped(input, first)
	d, other := x.grouped(input, second)
	switch {
	case one && other:
		return s, d
	case one:
		return s, opposite(s, first, second)
	case other:
		return opposite(d, second, first), d
	}
	return src, dst
}

// opposite is the end across from one that has moved.
func opposite(name, was, other string) string {
	if over, ok := across[name]; ok && name != was {
		return over
	}
	return other
}

// grouped gives what a field of the first input that is grouped by is in another.
func (x *compiled) grouped(input int, name string) (string, bool) {
	for i, n := range x.inputs[0].names {
		if x.inputs[0].from.root(n) == name {
			return x.inputs[input].from.root(x.inputs[input].names[i]), true
		}
	}
	return "", false
}

// root is what a group-by field or alias of the rule is in the packets of the first rule below it.
func (x *compiled) root(name string) string {
	if x.match == nil {
		return x.inputs[0].from.root(x.inside(0, name))
	}
	return name
}

// inside gives the name that a group-by field or alias of the rule has in one input.
func (x *compiled) inside(input int, name string) string {
	for i, n := range x.correlation.GroupBy {
		if n == name {
			return x.inputs[input].names[i]
		}
	}
	return name
}

// ends finds the rule that a packet of the finding came from: the first that it matches with the values of the group.
func (d *draft) ends(p *ingest.Packet) *ends {
	all := d.x.ends
	if len(all) == 1 {
		return &all[0]
	}
	first := -1
	for i := range all {
		switch {
		case !all[i].match.Match(p):
		case d.belongs(p, all[i].group):
			return &all[i]
		case first < 0:
			first = i
		}
	}
	return &all[max(first, 0)]
}

// belongs tells whether the packet has the values of the finding's group in these fields.
func (d *draft) belongs(p *ingest.Packet, group []*field.Field) bool {
	d.key = d.key[:0]
	for _, f := range group {
		d.values = f.Values(d.context, p, d.values[:0])
		d.key = appendFirst(d.key, f.Type, d.values)
	}
	return string(d.key) == d.incident.Group
}
