package correlate

import (
	"slices"

	"icmpsift/rules"
)

// Incident is a run of events of one group without a gap longer than the timespan, in which the condition was met.
type Incident struct {
	Group       string // values of the group-by fields, as the events gave them
	First, Last int64
	Met         int64        // when the condition first held
	Members     rules.Ranges // timeline numbers
	More        int64        // packets that come after these, and are only counted
	Peak        float64      // highest (of upper bounds alone, lowest) number in any one window
	Events      int          // in that window
	Jitter      float64      // x_interval
	Median      float64      // x_interval, seconds
	AtLeast     bool         // state was given up while it went on: Peak is a lower bound
	packed      packed       // members that Unpack has not put there yet
}

// Unpack fills Members, where they are still packed.
func (i *Incident) Unpack() {
	if i.packed.n > 0 {
		i.Members, i.packed = i.packed.unpack(), packed{}
	}
}

// Kept is how many ranges of packets it holds.
func (i *Incident) Kept() int { return max(i.packed.n, len(i.Members)) }

// Shorten unpacks the first ranges, so many at most. The packets behind them are only counted from here on.
func (i *Incident) Shorten(most int) {
	if i.Unpack(); len(i.Members) > most {
		i.More += i.Members[most:].Total()
		i.Members = slices.Clone(i.Members[:most])
	}
}

// first is the lowest timeline number.
func (i *Incident) first() int64 {
	if i.packed.n > 0 {
		return i.packed.first()
	}
	return i.Members[0].First
}

// running is an incident that may go on.
type running struct {
	Incident         // its members are not joined yet
	members  members // of it
}

// run is consecutive events of one value. At either end of a value_count incident a long run is something else that the
// same group did: it adds nothing to a count of different values.
type run struct {
	value        uint64
	length       int
	before, last moment // of the event before the run, and of the last one
}

const longRun = 4

// meet takes a window that meets the condition into the incident: the open one, if they touch.
func (c *Correlator) meet(g *group, r reading) {
	last := &g.events[len(g.events)-1]
	if g.now != nil && last.time-g.now.Last > int64(c.c.Timespan) {
		c.close(g)
	}
	opens := g.now == nil
	if opens {
		c.open(g, Incident{First: g.events[r.first].time, Met: last.time})
		g.fresh = int32(len(g.events))
	}
	for i := max(r.first, len(g.events)-int(g.fresh)); i < len(g.events); i++ {
		c.join(g, &g.events[i])
	}
	g.fresh = 0
	g.now.Last = last.time
	if opens || better(c.c.Condition, r.value, g.now.Peak) {
		g.now.Peak, g.now.Events, g.now.Jitter, g.now.Median = r.value, r.events, r.jitter, r.median
	}
}

// better tells whether a number is farther on the condition's side than another: lower where there are upper bounds only.
func better(conditions []rules.Condition, n, than float64) bool {
	for _, c := range conditions {
		if c.Op != "lt" && c.Op != "lte" {
			return n > than
		}
	}
	return n < than
}

// begin opens an incident with what is in the window.
func (c *Correlator) begin(g *group, now int64) {
	events := g.events
	if c.counts() {
		events = events[leading(events):]
	}
	c.open(g, Incident{First: events[0].time, Met: now})
	for i := range events {
		c.join(g, &events[i])
	}
}

func (c *Correlator) open(g *group, i Incident) {
	g.now = &running{Incident: i}
	c.charge(openCost)
}

// join takes an event into the open incident.
func (c *Correlator) join(g *group, x *event) {
	before := g.now.members.cost()
	g.now.members.add(x, c.parts)
	c.charge(g.now.members.cost() - before)
}

// leading is the length of a long run at the front.
func leading(events []event) int {
	n := 1
	for n < len(events) && events[n].value == events[0].value {
		n++
	}
	if n < longRun || n == len(events) {
		return 0
	}
	return n
}

func (c *Correlator) close(g *group) {
	i := g.now.Incident
	m := g.now.members
	c.charge(-openCost - m.cost())
	g.now = nil
	if runs(c.c.Type) && !all(c.c.Condition, i.Peak) {
		return
	}
	i.Group, i.More, i.packed = g.key, m.more, m.packets
	if len(m.incidents) > 0 {
		i.packed = packed{}
		i.Members, i.More = m.all()
	}
	if c.counts() && g.run.length >= longRun {
		c.cut(&i, g.run)
	}
	c.closed++
	c.done = append(c.done, i)
	c.store(i.cost())
}

// cut takes a long run at the end off.
func (c *Correlator) cut(i *Incident, r *run) {
	if i.Unpack(); i.Members.Has(r.before.number) {
		i.Members, i.More, i.Last = i.Members.Until(r.before.number), 0, r.before.time
	}
}

func (i *Incident) cost() int {
	return incidentCost + len(i.Group) + rangeCost*len(i.Members) + cap(i.packed.before)
}

// Done gives what Finish gives, with all members.
func (c *Correlator) Done() []Incident {
	all := c.Finish()
	for i := range all {
		all[i].Unpack()
	}
	return all
}

// Finish closes what is open and gives all incidents by time of their first event, their members packed: most incidents of a flood are
// never looked at. What else there is of state goes.
func (c *Correlator) Finish() []Incident {
	for c.early.len() > 0 {
		c.take(c.early.pop())
	}
	for _, g := range c.groups {
		if g.now != nil {
			c.close(g)
		}
	}
	c.choose(c.most.incidents)
	c.nearest.keep(c.nearest.owner, c.parts)
	if c.lobby != nil {
		c.lobby.close()
	}
	c.groups, c.spare, c.early, c.parts, c.held, c.stuck = nil, nil, queue{}, nil, 0, 0
	c.charge(c.stored - c.used)
	return c.done
}
