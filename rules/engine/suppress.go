package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// cover is a suppression that speaks for a rule's findings.
type cover struct {
	s     *rules.Suppression
	match *filter.Filter
}

// covers compiles the suppressions that name the rule.
func covers(r *rules.Rule, set *rules.Set, c *field.Context) (out []cover, err error) {
	for _, s := range set.Suppressions {
		if !slices.ContainsFunc(s.Rules, r.Is) {
			continue
		}
		f, err := filter.Compile(s.Match, c, set.Lists)
		if err != nil {
			return nil, err
		}
		out = append(out, cover{s, f})
	}
	return out, nil
}

// manyMore is how many times more incidents are gathered where a suppression may take some of them out of sight: they must
// not crowd out others of the same rule.
const manyMore = 20

// limit is how many of a rule's incidents are gathered.
func (x *compiled) limit() int {
	if x.spreads() {
		return maxSpreaders
	}
	if len(x.covers) > 0 || x.demanding() {
		return manyMore * maxFindings
	}
	return maxFindings
}

// cover counts the packets that each suppression covers.
func (d *draft) cover(p *ingest.Packet) {
	d.asked++
	for i, c := range d.x.covers {
		if c.match.Match(p) {
			d.covered[i]++
		}
	}
}

// suppression is the first that covers every packet of the draft and had not expired by the last of them; nil if none does.
func (d *draft) suppression() *rules.Suppression {
	for i, c := range d.x.covers {
		if d.asked > 0 && d.covered[i] == d.asked && !Expired(c.s, d.last) {
			return c.s
		}
	}
	return nil
}

// Expired tells whether a suppression no longer holds at a packet time (nanoseconds), so that evidence is judged by what
// was agreed on when it was taken, whenever it is read.
func Expired(s *rules.Suppression, at int64) bool {
	end, err := time.Parse(time.DateOnly, s.Expires)
	return err == nil && at >= end.UnixNano()
}

// coverNotes tells why suppressions that come near do not hold.
func (d *draft) coverNotes() (out []string) {
	for i, c := range d.x.covers {
		switch {
		case d.covered[i] == 0:
		case d.covered[i] < d.asked:
			out = append(out, fmt.Sprintf("A suppression of %s covers %d of its %d packets, and so does not hold: %s", c.s.Owner, d.covered[i], d.asked, c.s.Reason))
		case Expired(c.s, d.last):
			out = append(out, fmt.Sprintf("A suppression of %s covers it, and expired on %s: %s", c.s.Owner, c.s.Expires, c.s.Reason))
		}
	}
	return out
}

// demanding tells whether the rule's findings stand only if something believable comes back: most of its incidents do not.
func (x *compiled) demanding() bool { return x.rule.Recover != nil && x.rule.Recover.Required }

// prune takes drafts beyond each rule's bound away again, those in sight and those suppressed counted apart. Those that may still fall
// for want of something believable are left to be pruned after that.
func prune(drafts []*draft, most int) []*draft {
	type kind struct {
		x          *compiled
		suppressed bool
	}
	place := make([]int, len(drafts))
	for i := range place {
		place[i] = i
	}
	slices.SortStableFunc(place, func(a, b int) int { return cmp.Compare(drafts[b].incident.Peak, drafts[a].incident.Peak) })
	kept, keep := map[kind]int{}, make([]bool, len(drafts))
	for _, at := range place {
		k := kind{drafts[at].x, drafts[at].suppression() != nil}
		kept[k]++
		keep[at] = kept[k] <= most || drafts[at].undecided()
	}
	out := drafts[:0]
	for i, d := range drafts {
		if keep[i] {
			out = append(out, d)
		}
	}
	return out
}

// undecided tells whether the draft stands only if something believable comes back, and nothing did so far.
func (d *draft) undecided() bool { return d.x.demanding() && len(d.carved) == 0 }
