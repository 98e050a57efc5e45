package engine

import (
	"fmt"
	"slices"
	"time"

	"icmpsift/rules"
)

// slack is how far outside of a specific finding's time a general one may begin or end: tools connect and say goodbye.
const slack = int64(time.Minute)

// supersede takes drafts of general rules away that a more specific rule's draft explains, and has that one name them.
// What a general rule brought back is kept: it goes to a specific draft that has nothing of its own.
func supersede(drafts []*draft) []*draft {
	between := map[[2]string][]*draft{}
	for _, d := range drafts {
		if len(d.x.rule.Supersedes) > 0 {
			between[d.ends()] = append(between[d.ends()], d)
		}
	}
	if len(between) == 0 {
		return drafts
	}
	taken := map[*draft]*draft{}
	for _, d := range drafts {
		for _, s := range between[d.ends()] {
			if s.x.supersedes(d.x.rule) && s.explains(d) && last(taken, s) != d {
				taken[d] = s
				break
			}
		}
	}
	return slices.DeleteFunc(drafts, func(d *draft) bool {
		if taken[d] != nil {
			last(taken, d).take(d)
		}
		return taken[d] != nil
	})
}

// last is the draft that no other takes, from one on.
func last(taken map[*draft]*draft, d *draft) *draft {
	for taken[d] != nil {
		d = taken[d]
	}
	return d
}

func (x *compiled) supersedes(r *rules.Rule) bool {
	return x.rule != r && slices.ContainsFunc(x.rule.Supersedes, func(s rules.Reference) bool { return r.Is(s.Name) })
}

// ends are the two sides of the finding, whichever way round.
func (d *draft) ends() [2]string {
	a, b := d.src.name(), d.dst.name()
	return [2]string{min(a, b), max(a, b)}
}

// explains tells whether nearly all packets of the other draft are this one's, too; or at least lie in its time, as those
// of the other direction do. What is suppressed explains no more than its own packets.
func (d *draft) explains(o *draft) bool {
	if 10*d.incident.Members.Shared(o.incident.Members) >= 9*o.incident.Members.Total() {
		return true
	}
	return d.suppression() == nil && d.incident.First-slack <= o.incident.First && o.last <= d.last+slack
}

func (d *draft) take(o *draft) {
	d.superseded = append(d.superseded, o)
	if len(d.carved) == 0 {
		d.carved, d.truncated = o.carved, d.truncated || o.truncated
	}
}

// supersededNotes names the rules that saw the same less precisely.
func (d *draft) supersededNotes() (out []string) {
	packets := map[*rules.Rule]int64{}
	for _, o := range d.superseded {
		packets[o.x.rule] += o.incident.Members.Total()
	}
	for r, n := range packets {
		out = append(out, fmt.Sprintf("The more general rule %s sees it too, in %d packets.", r.Name, n))
	}
	return out
}
