package correlate

import (
	"cmp"
	"slices"
)

// hold counts n more events in windows.
func (c *Correlator) hold(n int) {
	_, cost := c.costs()
	c.held += n
	c.charge(n * cost)
}

// store counts what finished incidents cost.
func (c *Correlator) store(bytes int) {
	c.stored += bytes
	c.charge(bytes)
}

// thin makes room for events: first those behind their windows go, then, if more than enough are left, the older half of
// every window that is not small. Windows of half the average size and more hold more than half of all events, so a flood in
// some groups takes nothing from those that wait for one event more.
func (c *Correlator) thin(now int64, enough int) {
	for _, g := range c.groups {
		c.expire(g, now)
	}
	if c.held+c.stuck <= enough {
		return
	}
	small := (c.held + c.stuck) / len(c.groups) / 2
	for _, g := range c.groups {
		if n := len(g.events); n+g.stuck > small {
			c.unstick(g)
			c.evict(g, (n+1)/2)
			g.events = slices.Clone(g.events) // lets go of the memory
		}
	}
}

// evict drops events that still count.
func (c *Correlator) evict(g *group, n int) {
	if n == 0 {
		return
	}
	c.drop(g, n)
	c.evicted += int64(n)
	if g.now != nil {
		g.now.AtLeast = true
	}
}

// shed makes room for groups: half of them go, those first whose incident is not open or cannot go on, and of those the
// longest idle.
func (c *Correlator) shed(now int64) {
	idle, lasting := make([]*group, 0, len(c.groups)), []*group{}
	for _, g := range c.groups {
		if c.lasts(g, now) {
			lasting = append(lasting, g)
		} else {
			idle = append(idle, g)
		}
	}
	n := (len(c.groups) + 1) / 2
	for _, g := range append(oldest(idle, min(n, len(idle))), oldest(lasting, max(0, n-len(idle)))...) {
		c.remove(g, now)
	}
}

// oldest picks the n groups that are idle the longest; of equal ones those whose keys come first.
func oldest(list []*group, n int) []*group {
	if n == 0 {
		return nil
	}
	times := make([]int64, len(list))
	for i, g := range list {
		times[i] = g.last
	}
	slices.Sort(times)
	limit := times[n-1]
	var equal []*group
	out := make([]*group, 0, n)
	for _, g := range list {
		switch {
		case g.last < limit:
			out = append(out, g)
		case g.last == limit:
			equal = append(equal, g)
		}
	}
	slices.SortFunc(equal, func(a, b *group) int { return cmp.Compare(a.key, b.key) })
	return append(out, equal[:n-len(out)]...)
}

// lasts tells whether the group's next event may go on with its incident.
func (c *Correlator) lasts(g *group, now int64) bool {
	return g.now != nil && now-g.last <= int64(c.c.Timespan)
}

func (c *Correlator) remove(g *group, now int64) {
	c.expire(g, now)
	c.unstick(g)
	c.evict(g, len(g.events))
	if g.now != nil {
		c.close(g)
	}
	delete(c.groups, g.key)
	c.latest = nil
	if g.pair.Key != 0 {
		c.lobby.left(c, g.pair)
	}
	cost, _ := c.costs()
	c.charge(-cost - len(g.key))
	if cap(g.events) <= fewEvents/8 && len(c.spare) < len(c.groups)/2 {
		clear(g.events[:cap(g.events)])
		c.spare = append(c.spare, g)
	}
}

// choose keeps so many incidents, those with the highest counts.
func (c *Correlator) choose(most int) {
	slices.SortFunc(c.done, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.first(), b.first()), cmp.Compare(a.Group, b.Group))
	})
	kept := Worst(c.done, most)
	c.evicted += int64(len(c.done) - len(kept))
	c.done = kept
	c.store(-c.stored)
	for i := range kept {
		c.store(kept[i].cost())
	}
}

// Worst picks the incidents with the highest counts, in the order they are in; of equal ones the first.
func Worst(all []Incident, most int) []Incident {
	if len(all) <= most {
		return all
	}
	place := make([]int, len(all))
	for i := range place {
		place[i] = i
	}
	slices.SortStableFunc(place, func(a, b int) int { return cmp.Compare(all[b].Peak, all[a].Peak) })
	place = place[:most]
	slices.Sort(place)
	out := make([]Incident, len(place))
	for i, at := range place {
		out[i] = all[at]
	}
	return out
}
