package engine

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/correlate"
)

// input is what a correlation takes from one of its rules.
type input struct {
	from  *compiled
	names []string  // the group-by fields as they are called there
	group *grouping // the same, of packets; nil of incidents
}

// sink is a correlation that a rule feeds, as which of its inputs.
type sink struct {
	to    *compiled
	input int
}

// names says what the correlation's group-by fields are called in each input.
func (x *compiled) names() {
	x.inputs = make([]input, max(1, len(x.correlation.Rules)))
	for i := range x.inputs {
		for _, name := range x.correlation.GroupBy {
			if alias, ok := x.correlation.Aliases[name]; ok && len(x.correlation.Rules) > 0 {
				name = alias[x.correlation.Rules[i].Name]
			}
			x.inputs[i].names = append(x.inputs[i].names, name)
		}
	}
}

// join takes a rule as an input.
func (m *matcher) join(x *compiled, i int, from *compiled) error {
	x.inputs[i].from = from
	from.sinks = append(from.sinks, sink{x, i})
	if from != x && from.rule.Correlation != nil {
		return nil
	}
	group, err := m.grouping(x.inputs[i].names)
	if err != nil {
		return fmt.Errorf("rule %q: %w", x.rule.Name, err)
	}
	x.inputs[i].group = group
	return nil
}

// link joins correlations with the rules they refer to.
func (m *matcher) link(parts map[*rules.Rule]*rules.Rule) error {
	for _, x := range m.rules {
		x.quiet = parts[x.rule] != nil
		if err := m.feeds(x); err != nil {
			return err
		}
	}
	for _, x := range m.rules {
		if x.quiet && x.rule.Correlation == nil { // its packets are others' events only
			x.sinks = slices.DeleteFunc(x.sinks, func(s sink) bool { return s.to == x })
		}
	}
	if !m.settle() {
		return fmt.Errorf("correlations refer to each other in a circle")
	}
	for _, x := range m.rules {
		if err := x.spread(); err != nil {
			return fmt.Errorf("rule %q: %w", x.rule.Name, err)
		}
	}
	return nil
}

// feeds joins a correlation with its inputs.
func (m *matcher) feeds(x *compiled) error {
	if x.match != nil {
		return m.join(x, 0, x)
	}
	for i, r := range x.correlation.Rules {
		base := m.named(r.Name)
		if base == nil {
			return fmt.Errorf("rule %q: no rule %q", x.rule.Name, r.Name)
		}
		if err := m.join(x, i, base); err != nil {
			return err
		}
	}
	return nil
}

// settle gives each correlation its depth; it tells whether they all have one.
func (m *matcher) settle() bool {
	for range len(m.rules) + 1 {
		if !m.deepen() {
			return true
		}
	}
	return false
}

func (m *matcher) named(name string) *compiled {
	i := slices.IndexFunc(m.rules, func(x *compiled) bool { return x.rule.Name == name || strings.EqualFold(x.rule.ID, name) })
	if i < 0 {
		return nil
	}
	return m.rules[i]
}

// deepen puts each correlation below those that feed it; it tells whether any had to move.
func (m *matcher) deepen() (moved bool) {
	for _, x := range m.rules {
		for _, in := range x.inputs {
			if in.from != x && in.from.rule.Correlation != nil && x.depth <= in.from.depth {
				x.depth, moved = in.from.depth+1, true
			}
		}
	}
	return moved
}

// chain ends the correlations, those that feed others first.
func (m *matcher) chain(ctx context.Context, t *timeline.Timeline) error {
	for depth, left := 0, len(m.rules); left > 0; depth++ {
		if err := m.feed(ctx, t, depth); err != nil {
			return err
		}
		for _, x := range m.rules {
			if x.depth == depth {
				m.faults.Do(fault.Unit{Step: ending, Rule: x.rule.Name}, func() { x.found = x.correlator.Finish() })
				left--
			}
		}
	}
	return nil
}

// raised is an incident on its way to the correlation it is an event of.
type raised struct {
	to *compiled
	correlate.Event
}

// feed gives the correlations of one depth the incidents below them, and packets if they take any, in order of time.
func (m *matcher) feed(ctx context.Context, t *timeline.Timeline, depth int) error {
	if depth == 0 {
		return nil // packets went to them as they came
	}
	list, packets := m.raise(depth)
	add := func(until int64) {
		for len(list) > 0 && list[0].Time <= until {
			m.faults.Do(fault.Unit{Step: correlating, Rule: list[0].to.rule.Name}, func() { list[0].to.correlator.Add(list[0].Event) })
			list = list[1:]
		}
	}
	var err error
	if packets {
		err = t.Each(ctx, func(p *ingest.Packet) {
			add(p.Case.Time)
			m.deep(p, depth)
		})
	}
	add(math.MaxInt64)
	return err
}

// raise makes events of incidents; packets tells whether plain rules feed the same depth.
func (m *matcher) raise(depth int) (list []raised, packets bool) {
	for _, x := range m.rules {
		for i, in := range x.inputs {
			if x.depth != depth {
				continue
			}
			if in.from.rule.Correlation == nil {
				packets = true
				continue
			}
			for k := range in.from.found {
				list = append(list, raised{x, x.eventOf(i, &in.from.found[k])})
			}
			x.matched += int64(len(in.from.found))
		}
	}
	slices.SortStableFunc(list, func(a, b raised) int { return cmp.Compare(a.Time, b.Time) })
	return list, packets
}

// eventOf is an incident as an event: at the time it became one, with the values its group has.
func (x *compiled) eventOf(input int, i *correlate.Incident) correlate.Event {
	i.Unpack()
	in := x.inputs[input]
	e := correlate.Event{Time: i.Met, Number: i.Members[0].First, Rule: input, Members: &i.Members}
	values := split(i.Group)
	value := func(name string) string {
		if at := slices.Index(in.from.correlation.GroupBy, name); at >= 0 && at < len(values) {
			return values[at]
		}
		return "\x00"
	}
	for _, name := range in.names {
		e.Group = append(e.Group, value(name)...)
	}
	if x.value != nil {
		e.Value = []byte(value(x.correlation.Field))
		e.Amount = amountOf(string(e.Value))
	}
	return e
}

// deep sends a packet to correlations of the depth that take both packets and incidents.
func (m *matcher) deep(p *ingest.Packet, depth int) {
	if !judged(p) {
		return
	}
	m.matches = m.asks(p, m.matches[:0])
	m.send(p, m.matches, depth, false)
}

// split takes a group's key apart into the values that appendValue wrote.
func split(key string) (out []string) {
	for len(key) > 0 {
		n := min(size(key), len(key))
		out, key = append(out, key[:n]), key[n:]
	}
	return out
}

// size is the length of the first value.
func size(key string) int {
	switch key[0] {
	case 1:
		return 5
	case 6, 4:
		return 17
	case 5:
		return 33
	case 2, 3:
		n, k := binary.Uvarint([]byte(key[1:]))
		return 1 + k + int(n)
	}
	return 1
}

// texts prints a group's values.
func texts(key string) []string {
	out := split(key)
	for i, v := range out {
		out[i] = text(v)
	}
	return out
}

func text(v string) string {
	b := []byte(v[1:])
	switch v[0] {
	case 1, 6:
		a, _ := netip.AddrFromSlice(b)
		return a.String()
	case 2, 3:
		_, k := binary.Uvarint(b)
		if v[0] == 3 {
			return string(b[k:])
		}
		return hex.EncodeToString(b[k:])
	case 5:
		return "sha256:" + hex.EncodeToString(b)
	case 4:
		return strconv.FormatFloat(amountOf(v), 'g', -1, 64)
	}
	return ""
}

// amountOf is a number that appendValue wrote, 0 for anything else.
func amountOf(v string) float64 {
	if v[0] != 4 || len(v) < 17 {
		return 0
	}
	f := math.Float64frombits(binary.BigEndian.Uint64([]byte(v[9:17])))
	return amount(&field.Value{Int: int64(binary.BigEndian.Uint64([]byte(v[1:9]))), Float: f})
}
