// Package correlate counts events in sliding windows of packet time, per group, and turns runs of windows that meet a
// rule's condition into incidents: one [Incident] per run, not one per window. Use [New], [Correlator.Add] roughly in
// order of time, then [Correlator.Done].
package correlate

import (
	"slices"
	"sort"
	"time"

	"icmpsift/rules"
)

// Bounds of a correlator's state. What is given up to stay inside is counted, never silent.
const (
	maxEvents = 1 << 19 // in one group's window
	maxGroups = 1 << 18
	maxHeld   = 1 << 21 // events in all windows
	maxSorted = 1 << 13 // in one group's window, where values or intervals are kept in order
)

// Event is one packet that matched the rule's filter, or an incident of a rule it refers to.
type Event struct {
	Time, Number int64         // case time (nanoseconds) and timeline number
	Group        []byte        // values of the group-by fields; copied when kept
	Value        []byte        // what value_count counts; copied when kept
	Amount       float64       // what value_sum, value_avg and value_percentile compute with
	Rule         int           // which of the correlation's rules it comes from
	Part         bool          // x_ratio: it is in the share
	Members      *rules.Ranges // packets of an incident; nil: the packet itself
}

// Incident is a run of events of one group without a gap longer than the timespan, in which the condition was met.
type Incident struct {
	Group       string // values of the group-by fields, as the events gave them
	First, Last int64
	Met         int64        // when the condition first held
	Members     rules.Ranges // timeline numbers
	Peak        float64      // highest (of upper bounds alone, lowest) number in any one window
	Events      int          // in that window
	Jitter      float64      // x_interval
	Median      float64      // x_interval, seconds
	AtLeast     bool         // a window held more than is counted: Peak is a lower bound
}

// Correlator runs one rule's correlation.
type Correlator struct {
	c       rules.Correlation
	groups  map[string]*group
	early   queue // events that an earlier one may still overtake
	done    []Incident
	held    int // events in all windows
	evicted int64
	nearest nearest
}

type group struct {
	key    string
	events []event // the window, oldest first
	gauge  gauge
	values map[string]*tally
	last   int64
	open   bool
	now    Incident
	fresh  int // events at the end that the incident does not hold yet
	run    run // of one value, at the end of what was counted
}

// run is consecutive events of one value. At either end of a value_count incident a long run is something else that the
// same group did: it adds nothing to a count of different values.
type run struct {
	value  string
	length int
	before event // the one before the run
}

const longRun = 4

type event struct {
	time, number int64
	value        *tally // nil where values do not count
	amount       float64
	rule         int
	part         bool
	members      *rules.Ranges
}

// mark adds the packets of the event.
func (x *event) mark(r *rules.Ranges) {
	if x.members == nil {
		r.Add(x.number)
		return
	}
	*r = r.Union(*x.members)
}

// tally counts the events of one value in a window.
type tally struct {
	value string
	n     int
}

// New makes a correlator for a rule's correlation, which rules/file has checked.
func New(c rules.Correlation) *Correlator {
	return &Correlator{c: c, groups: map[string]*group{}}
}

// Evicted counts events and groups given up to stay in memory.
func (c *Correlator) Evicted() int64 { return c.evicted }

// Add takes the next event. Events wait for late ones; one that comes later still counts as being of the time of its
// group's last.
func (c *Correlator) Add(e Event) {
	c.early.push(e)
	for c.early.ripe() {
		c.take(c.early.pop())
	}
}

func (c *Correlator) take(e *Event) {
	if c.held >= maxHeld {
		c.thin()
	}
	g := c.group(e)
	e.Time = max(e.Time, g.last)
	c.slide(g, e.Time)
	if g.open && e.Time-g.last > int64(c.c.Timespan) {
		c.close(g)
	}
	g.last = e.Time
	x := event{time: e.Time, number: e.Number, amount: e.Amount, rule: e.Rule, part: e.Part, members: e.Members}
	if c.c.Type == rules.ValueCount {
		x.value = g.tally(e.Value)
		g.follow(x)
	}
	g.events = append(g.events, x)
	g.fresh++
	g.gauge.add(&c.c, &x)
	c.held++
	c.judge(g)
}

func (c *Correlator) group(e *Event) *group {
	g := c.groups[string(e.Group)]
	if g == nil {
		if len(c.groups) >= maxGroups {
			c.shed(e.Time)
		}
		g = &group{key: string(e.Group), last: e.Time}
		c.groups[g.key] = g
	}
	return g
}

// judge tests the window that ends with the group's last event.
func (c *Correlator) judge(g *group) {
	r, ok := g.read(&c.c)
	if !ok {
		return
	}
	c.approach(g, r)
	if runs(c.c.Type) {
		c.grow(g, r)
	} else if r.holds(&c.c) {
		c.meet(g, r)
	}
}

// runs tells the types whose number rises while events come in: an incident opens when the number gets high enough, takes
// in all that follows without a gap, and upper bounds are tested on its peak.
func runs(t rules.CorrelationType) bool {
	return t == rules.EventCount || t == rules.ValueCount || t == rules.ValueSum
}

func (c *Correlator) grow(g *group, r reading) {
	x := &g.events[len(g.events)-1]
	switch {
	case g.open:
		x.mark(&g.now.Members)
	case reached(c.c.Condition, r.value):
		g.begin(c.c.Type, x.time)
		g.now.Peak = r.value
	}
	if g.open {
		g.now.Last, g.now.Peak = x.time, max(g.now.Peak, r.value)
	}
}

// meet takes a window that meets the condition into the incident: the open one, if they touch.
func (c *Correlator) meet(g *group, r reading) {
	last := &g.events[len(g.events)-1]
	if g.open && last.time-g.now.Last > int64(c.c.Timespan) {
		c.close(g)
	}
	opens := !g.open
	if opens {
		g.open, g.now = true, Incident{First: max(r.from, g.events[0].time), Met: last.time}
		g.fresh = len(g.events)
	}
	for i := max(0, len(g.events)-g.fresh); i < len(g.events); i++ {
		if g.events[i].time >= r.from {
			g.events[i].mark(&g.now.Members)
		}
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
func (g *group) begin(t rules.CorrelationType, now int64) {
	events := g.events
	if t == rules.ValueCount {
		events = events[leading(events):]
	}
	g.open = true
	g.now = Incident{First: events[0].time, Met: now}
	for i := range events {
		events[i].mark(&g.now.Members)
	}
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

// slide drops what lies behind the window, and the oldest event of a full one.
func (c *Correlator) slide(g *group, now int64) {
	old := 0
	for old < len(g.events) && now-g.events[old].time > int64(c.c.Timespan) {
		old++
	}
	c.drop(g, old)
	if len(g.events) >= most(c.c.Type) {
		c.evict(g, 1)
	}
}

// most is how many events a window may hold.
func most(t rules.CorrelationType) int {
	if t == rules.ValuePercentile || t == rules.XInterval {
		return maxSorted
	}
	return maxEvents
}

// thin gives up the older half of every window.
func (c *Correlator) thin() {
	for _, g := range c.groups {
		c.evict(g, (len(g.events)+1)/2)
		g.events = slices.Clone(g.events) // lets go of the memory
	}
}

// evict drops events that still count.
func (c *Correlator) evict(g *group, n int) {
	c.drop(g, n)
	c.evicted += int64(n)
	g.now.AtLeast = g.now.AtLeast || g.open
}

// drop takes the n oldest events out of the window.
func (c *Correlator) drop(g *group, n int) {
	if n == 0 {
		return
	}
	c.nearest.keep(g)
	for i := range g.events[:n] {
		g.forget(g.events[i].value)
		g.gauge.drop(&c.c, &g.events[i])
	}
	c.held -= n
	if n == len(g.events) {
		g.events = g.events[:0]
	} else {
		g.events = g.events[n:]
	}
	g.gauge.settle(&c.c, g.events)
}

// follow keeps track of the run at the end.
func (g *group) follow(x event) {
	if g.run.length > 0 && g.run.value == x.value.value {
		g.run.length++
		return
	}
	g.run = run{value: x.value.value, length: 1}
	if k := len(g.events); k > 0 {
		g.run.before = g.events[k-1]
	}
}

// tally counts one more event of the value.
func (g *group) tally(value []byte) *tally {
	t := g.values[string(value)]
	if t == nil {
		if g.values == nil {
			g.values = map[string]*tally{}
		}
		t = &tally{value: string(value)}
		g.values[t.value] = t
	}
	t.n++
	return t
}

func (g *group) forget(t *tally) {
	if t == nil {
		return
	}
	if t.n--; t.n == 0 {
		delete(g.values, t.value)
	}
}

// reached tests the lower bounds: they open an incident. Upper bounds are tested on the peak, when it is over.
func reached(conditions []rules.Condition, n float64) bool {
	for _, c := range conditions {
		if c.Op == "lt" || c.Op == "lte" || c.Op == "neq" {
			continue
		}
		if c.Op == "eq" && n >= c.Value {
			continue
		}
		if !c.Holds(n) {
			return false
		}
	}
	return true
}

func (c *Correlator) close(g *group) {
	if runs(c.c.Type) && !all(c.c.Condition, g.now.Peak) {
		g.open = false
		return
	}
	if c.c.Type == rules.ValueCount && g.run.length >= longRun && g.now.Members.Has(g.run.before.number) {
		g.now.Members, g.now.Last = g.now.Members.Until(g.run.before.number), g.run.before.time
	}
	g.now.Group = g.key
	c.done = append(c.done, g.now)
	g.open, g.now = false, Incident{}
}

// shed makes room: groups without an open incident go, idle ones first.
func (c *Correlator) shed(now int64) {
	idle := make([]int64, 0, len(c.groups))
	for _, g := range c.groups {
		idle = append(idle, g.last)
	}
	sort.Slice(idle, func(i, j int) bool { return idle[i] < idle[j] })
	limit := idle[len(idle)/2]
	for key, g := range c.groups {
		if g.last > limit {
			continue
		}
		if now-g.last <= int64(c.c.Timespan) {
			c.evicted += int64(len(g.events))
		}
		if g.open {
			c.close(g)
		}
		c.nearest.keep(g)
		c.held -= len(g.events)
		delete(c.groups, key)
	}
}

// Done closes what is open and gives all incidents by time of their first event.
func (c *Correlator) Done() []Incident {
	for c.early.len() > 0 {
		c.take(c.early.pop())
	}
	for _, g := range c.groups {
		if g.open {
			c.close(g)
		}
	}
	sort.Slice(c.done, func(i, j int) bool {
		a, b := c.done[i], c.done[j]
		if a.First != b.First {
			return a.First < b.First
		}
		return a.Members[0].First < b.Members[0].First
	})
	return c.done
}

// Single is the correlation of a rule that has none: each packet counts, packets of one pair within an hour are one incident.
func Single(src, dst string) rules.Correlation {
	return rules.Correlation{Type: rules.EventCount, GroupBy: []string{src, dst}, Timespan: time.Hour,
		Condition: []rules.Condition{{Op: "gte", Value: 1}}}
}
