// Package correlate counts events in sliding windows of packet time, per group, and turns runs of windows that meet a
// rule's condition into incidents: one [Incident] per run, not one per window. Use [New], [Correlator.Add] in order of
// time, then [Correlator.Done].
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
)

// Event is one packet that matched the rule's filter.
type Event struct {
	Time, Number int64  // case time (nanoseconds) and timeline number
	Group        []byte // values of the group-by fields; copied when kept
	Value        []byte // what value_count counts; copied when kept
}

// Incident is a run of events of one group without a gap longer than the timespan, in which the condition was met.
type Incident struct {
	First, Last int64
	Members     rules.Ranges // timeline numbers
	Peak        int          // highest count in any one window
	AtLeast     bool         // a window held more than is counted: Peak is a lower bound
}

// Correlator runs one rule's correlation.
type Correlator struct {
	c       rules.Correlation
	groups  map[string]*group
	done    []Incident
	held    int // events in all windows
	evicted int64
}

type group struct {
	events []event // the window, oldest first
	values map[string]*tally
	last   int64
	open   bool
	now    Incident
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

// Add takes the next event. An event older than its group's last counts as being of the same time.
func (c *Correlator) Add(e Event) {
	if c.held >= maxHeld {
		c.thin()
	}
	g := c.groups[string(e.Group)]
	if g == nil {
		if len(c.groups) >= maxGroups {
			c.shed(e.Time)
		}
		g = &group{last: e.Time}
		c.groups[string(e.Group)] = g
	}
	e.Time = max(e.Time, g.last)
	if g.open && e.Time-g.last > int64(c.c.Timespan) {
		c.close(g)
	}
	g.last = e.Time
	c.slide(g, e.Time)
	x := event{time: e.Time, number: e.Number}
	if c.c.Type == rules.ValueCount {
		x.value = g.tally(e.Value)
		g.follow(x)
	}
	g.events = append(g.events, x)
	c.held++
	c.judge(g, e)
}

// judge opens an incident when the window first meets the condition, and grows an open one.
func (c *Correlator) judge(g *group, e Event) {
	count := g.count(c.c.Type)
	switch {
	case g.open:
		g.now.Members.Add(e.Number)
	case reached(c.c.Condition, count):
		g.begin(c.c.Type)
	}
	if g.open {
		g.now.Last, g.now.Peak = e.Time, max(g.now.Peak, count)
	}
}

// begin opens an incident with what is in the window.
func (g *group) begin(t rules.CorrelationType) {
	events := g.events
	if t == rules.ValueCount {
		events = events[leading(events):]
	}
	g.open = true
	g.now = Incident{First: events[0].time}
	for _, x := range events {
		g.now.Members.Add(x.number)
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
	if len(g.events) >= maxEvents {
		c.evict(g, 1)
	}
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
	for _, x := range g.events[:n] {
		g.forget(x.value)
	}
	c.held -= n
	if n == len(g.events) {
		g.events = g.events[:0]
		return
	}
	g.events = g.events[n:]
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

func (g *group) count(t rules.CorrelationType) int {
	if t == rules.ValueCount {
		return len(g.values)
	}
	return len(g.events)
}

// reached tests the lower bounds: they open an incident. Upper bounds are tested on the peak, when it is over.
func reached(conditions []rules.Condition, count int) bool {
	for _, c := range conditions {
		if c.Op == "lt" || c.Op == "lte" || c.Op == "neq" {
			continue
		}
		if c.Op == "eq" && float64(count) >= c.Value {
			continue
		}
		if !c.Holds(float64(count)) {
			return false
		}
	}
	return true
}

func (c *Correlator) close(g *group) {
	for _, x := range c.c.Condition {
		if !x.Holds(float64(g.now.Peak)) {
			g.open = false
			return
		}
	}
	if c.c.Type == rules.ValueCount && g.run.length >= longRun && g.now.Members.Has(g.run.before.number) {
		g.now.Members, g.now.Last = g.now.Members.Until(g.run.before.number), g.run.before.time
	}
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
		c.held -= len(g.events)
		delete(c.groups, key)
	}
}

// Done closes what is open and gives all incidents by time of their first event.
func (c *Correlator) Done() []Incident {
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
