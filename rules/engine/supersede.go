package engine

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"icmpsift/rules"
)

// supersedings finds for each rule the more general ones: those it names, and those that these name. Rules that supersede
// each other in a circle do not.
func (m *matcher) supersedings() {
	named := map[*compiled]map[*compiled]bool{}
	for _, x := range m.rules {
		named[x] = m.below(x)
	}
	for _, x := range m.rules {
		x.general = map[*compiled]bool{}
		for g := range named[x] {
			if !named[g][x] {
				x.general[g] = true
			}
		}
	}
}

// below are the rules that one supersedes, directly or not.
func (m *matcher) below(x *compiled) map[*compiled]bool {
	seen := map[*compiled]bool{}
	for next := []*compiled{x}; len(next) > 0; next = next[1:] {
		for _, name := range next[0].rule.Supersedes {
			i := slices.IndexFunc(m.rules, func(g *compiled) bool { return g.rule.Is(name.Name) })
			if i >= 0 && !seen[m.rules[i]] {
				seen[m.rules[i]] = true
				next = append(next, m.rules[i])
			}
		}
	}
	return seen
}

// claim leaves packets to the drafts of more specific rules: what a tunnel sent is no other program's. A draft with too few
// packets of its own left goes to the other altogether.
func claim(drafts []*draft) []*draft {
	specific := map[*compiled][]*draft{} // by each rule that theirs supersede
	for _, s := range drafts {
		for x := range s.x.general {
			specific[x] = append(specific[x], s)
		}
	}
	left := make([]rules.Ranges, len(drafts))
	for i, d := range drafts {
		left[i] = d.incident.Members
		for _, s := range specific[d.x] {
			if s.claims(d) {
				left[i] = left[i].Minus(s.incident.Members)
				d.claimants = append(d.claimants, s)
			}
		}
	}
	out := drafts[:0:0]
	for i, d := range drafts {
		switch {
		case len(d.claimants) == 0:
			out = append(out, d)
		case d.enough(left[i].Total()):
			d.keep(left[i])
			out = append(out, d)
		default:
			d.gone = true
		}
	}
	for _, d := range drafts {
		if d.gone {
			s := d.standing()
			s.superseded = append(s.superseded, d)
		}
	}
	return out
}

// claims tells whether the draft's packets are the other's while it lasts: nearly all of them, and more than a few. A signature
// that shows in some packets of a stream does not take these out of it.
func (d *draft) claims(o *draft) bool {
	switch r := d.x.rule.Recover; {
	case r != nil && r.Required:
		return false // it may turn out to be nothing
	case r == nil && o.x.rule.Recover != nil:
		return false // or else nothing would come back
	}
	m := d.incident.Members
	shared := m.Shared(o.incident.Members)
	return o.enough(shared) && 10*shared >= 9*o.incident.Members.Between(m[0].First, m[len(m)-1].Last)
}

// standing is the draft that reports what this one saw: itself, if it is not gone.
func (d *draft) standing() *draft {
	for d.gone {
		d = d.claimants[0]
	}
	return d
}

// revived takes drafts back that left all their packets to what turned out to be a monitor's: of a flood that is not the
// whole story.
func revived(drafts []*draft) (out []*draft) {
	for _, d := range drafts {
		if !d.counters.only() {
			continue
		}
		d.superseded = slices.DeleteFunc(d.superseded, func(o *draft) bool {
			if !o.graver() {
				return false
			}
			o.gone, o.claimants = false, nil
			out = append(out, o)
			return true
		})
	}
	return out
}

// graver tells whether the draft is about more than what its packets hold, and more than a monitor.
func (d *draft) graver() bool { return d.x.rule.Recover == nil && d.x.rule.Level > rules.Low }

// enough tells whether so many packets may be what the rule looks for: as many as it counts to, or half of its own.
func (d *draft) enough(n int64) bool {
	if t := d.x.correlation.Type; t == rules.EventCount || t == rules.ValueCount {
		return n > 0 && !slices.ContainsFunc(d.x.correlation.Condition, func(c rules.Condition) bool {
			return (c.Op == "gt" || c.Op == "gte") && !c.Holds(float64(n))
		})
	}
	return 2*n >= d.incident.Members.Total()
}

// keep leaves the draft a part of its packets.
func (d *draft) keep(left rules.Ranges) {
	d.claimed = d.incident.Members.Minus(left)
	d.incident.Members = left
	d.incident.First, d.last = math.MaxInt64, math.MinInt64
	if t := d.x.correlation.Type; t == rules.EventCount || t == rules.ValueCount {
		d.incident.Peak = min(d.incident.Peak, float64(left.Total()))
	}
}

// slack is how far outside of a specific finding's time a general one may begin or end: tools connect and say goodbye.
const slack = int64(time.Minute)

// supersede takes drafts of general rules away that lie in the time of a more specific rule's draft between the same
// hosts, as what was sent the other way does. What a general rule brought back is kept: it goes to a specific draft that
// has nothing of its own; and a file whose own structure tells that it is whole goes to any.
func supersede(drafts []*draft) []*draft {
	pairs := map[[2]string][]*draft{}
	for _, d := range drafts {
		if len(d.x.general) > 0 {
			hosts := d.couple()
			pairs[hosts] = append(pairs[hosts], d)
		}
	}
	if len(pairs) == 0 {
		return drafts
	}
	taken, spread := map[*draft]*draft{}, spreaders(drafts)
	for _, d := range drafts {
		for _, s := range pairs[d.couple()] {
			switch {
			case !s.x.general[d.x] || !s.explains(d):
				continue
			case !d.outweighs(s):
				taken[d] = s
			case taken[s] == nil && d.within(s):
				taken[s] = d
			}
			break
		}
		for _, s := range spread {
			if taken[d] == nil && s.x.general[d.x] && s.embraces(d) && s.explains(d) {
				taken[d] = s
			}
		}
	}
	return slices.DeleteFunc(drafts, func(d *draft) bool {
		if taken[d] == nil {
			return false
		}
		s := taken[d]
		for taken[s] != nil {
			s = taken[s]
		}
		s.take(d)
		return true
	})
}

// couple are the two sides of the finding, whichever way round.
func (d *draft) couple() [2]string {
	a, b := d.src.name(), d.dst.name()
	return [2]string{min(a, b), max(a, b)}
}

// explains tells whether the other draft's packets lie in this one's time. What is suppressed explains no more than its
// own packets.
func (d *draft) explains(o *draft) bool {
	if d.monitor() && o.graver() {
		return false
	}
	meet := o.incident.First <= d.last && d.incident.First <= o.last
	return meet && d.suppression() == nil && d.incident.First-slack <= o.incident.First && o.last <= d.last+slack
}

// outweighs tells whether what the draft brought back says more than a rule that tells but when packets came: a file, or text
// that is not one form filled in again and again.
func (d *draft) outweighs(s *draft) bool {
	if s.x.correlation.Type != rules.XInterval || !d.believable() {
		return false
	}
	return !s.form.alike() || slices.ContainsFunc(d.carved, func(a *rules.Artefact) bool { return a.Vouched })
}

// within tells whether nearly all packets of the draft are the other's.
func (d *draft) within(s *draft) bool {
	return 10*d.incident.Members.Shared(s.incident.Members) >= 9*d.incident.Members.Total()
}

func (d *draft) take(o *draft) {
	d.superseded = append(d.superseded, o)
	if d.borrowed = d.borrowed || len(d.carved) == 0; d.borrowed {
		d.carved, d.truncated = append(d.carved, o.carved...), d.truncated || o.truncated
		d.tunnelled, d.inside, d.said = d.tunnelled || o.tunnelled, append(d.inside, o.inside...), append(d.said, o.said...)
		return
	}
	for _, a := range o.carved {
		if a.Vouched && !d.has(a) {
			d.carved = append(d.carved, a)
		}
	}
}

// has tells whether the draft brought the same bytes back itself, alone or among others.
func (d *draft) has(a *rules.Artefact) bool {
	return slices.ContainsFunc(d.carved, func(own *rules.Artefact) bool { return bytes.Contains(own.Bytes, a.Bytes) })
}

// supersededNotes names the rules that saw the same less precisely, and the rule that some packets were left to.
func (d *draft) supersededNotes() (out []string) {
	packets := map[string]int64{}
	for _, o := range d.superseded {
		packets[o.x.rule.Name] += o.incident.Members.Total()
	}
	var seen []string
	for _, name := range slices.Sorted(maps.Keys(packets)) {
		seen = append(seen, fmt.Sprintf("%s in %s", name, packetsOf(packets[name])))
	}
	if len(seen) > 0 {
		out = append(out, "More general rules see it, too: "+strings.Join(seen, ", ")+".")
	}
	if n := d.claimed.Total(); n > 0 {
		out = append(out, fmt.Sprintf("Besides, %s that match are left to the finding of the more specific rule %s.", packetsOf(n), d.claimants[0].standing().x.rule.Name))
	}
	return out
}

func packetsOf(n int64) string {
	if n == 1 {
		return "1 packet"
	}
	return fmt.Sprintf("%d packets", n)
}
