package correlate

import "icmpsift/rules"

// stays tells whether an event, once it has been told of, need not be remembered: the condition is met, whatever else comes, and the
// evidence ends before the event could leave the window. What is left to do is to count.
func (c *Correlator) stays(g *group, x *event) bool {
	return g.now != nil && c.ordered && x.time >= c.end-int64(c.c.Timespan) && (c.c.Type == rules.EventCount || c.counts()) && c.rising()
}

// rising tells whether a window that meets the condition does so with more events in it as well.
func (c *Correlator) rising() bool {
	for _, x := range c.c.Condition {
		if x.Op != "gte" && x.Op != "gt" {
			return false
		}
	}
	return true
}

// stick counts an event that stays.
func (c *Correlator) stick(g *group, x *event) {
	g.stays++
	if !c.counts() {
		return
	}
	if n := len(g.values); g.tally(x.value) > n {
		g.stuck++
		c.stuck++
		c.charge(valueCost)
	}
}

// unstick gives up what was counted of events that stay: the count starts anew.
func (c *Correlator) unstick(g *group) {
	if g.stays == 0 {
		return
	}
	c.evicted += g.stays
	c.stuck -= g.stuck
	c.charge(-g.stuck * valueCost)
	if g.stays, g.stuck = 0, 0; g.now != nil {
		g.now.AtLeast = true
	}
	if c.counts() {
		g.values = nil
		for i := range g.events {
			g.tally(g.events[i].value)
		}
	}
}
