// Package correlate counts events in sliding windows of packet time, per group, and turns runs of windows that meet a
// rule's condition into incidents: one [Incident] per run, not one per window. Use [New], [Correlator.Add] roughly in
// order of time, then [Correlator.Done].
package correlate

import (
	"hash/maphash"
	"math"
	"time"

	"icmpsift/rules"
)

// bounds limit a correlator's state. What is given up to stay inside is counted, never silent.
type bounds struct {
	events    int // in one group's window
	sorted    int // the same, where values or intervals are kept in order
	groups    int
	held      int // events in all windows
	incidents int
}

var standard = bounds{events: 1 << 19, sorted: 1 << 13, groups: 1 << 18, held: 1 << 21, incidents: 1 << 18}

// Event is one packet that matched the rule's filter, or an incident of a rule it refers to.
type Event struct {
	Time, Number int64         // case time (nanoseconds) and timeline number
	Group        []byte        // values of the group-by fields; copied when kept
	Value        []byte        // what value_count counts; copied when kept
	Amount       float64       // what value_sum, value_avg and value_percentile compute with
	Rule         int           // which of the correlation's rules it comes from
	Part         bool          // x_ratio: it is in the share
	Members      *rules.Ranges // packets of an incident; nil: the packet itself

	value  uint64 // see Correlator.value
	valued bool   // it is known
	pair   Pair   // it came by way of the lobby
}

// Correlator runs one rule's correlation.
type Correlator struct {
	c       rules.Correlation
	most    bounds
	groups  map[string]*group
	latest  *group   // of the event before, which the next is often of, too
	spare   []*group // their memory is used again
	early   queue    // events that an earlier one may still overtake
	ordered bool     // none can
	end     int64    // no event comes later
	done    []Incident
	stored  int   // what these cost
	closed  int64 // incidents, those among them that were given up
	held    int   // events in all windows
	stuck   int   // values of events that stay
	room    *Room
	used    int // of it
	evicted int64
	nearest nearest
	parts   []*rules.Ranges // packets of events that are incidents
	lobby   *Lobby          // nil: it has no seat in one
	seat    int
}

// group is small while nothing happens in it: floods make very many.
type group struct {
	key    string
	pair   Pair             // that came by way of the lobby
	events []event          // the window, oldest first
	gone   int              // events that left the window: an event's number in the group is its place in the window and this
	gauge  *gauge           // nil for types that have none
	values map[uint64]int32 // events in the window, by value
	stays  int64            // events in the window that are not among these, since they will not leave it
	stuck  int              // values of those
	last   int64
	now    *running // nil if no incident is open
	run    *run     // of one value, at the end of what was counted; nil where values do not count
	fresh  int32    // events at the end that the incident does not hold yet
	since  int32    // x_interval: events since intervals were last measured
}

// moment is when an event was, and its timeline number.
type moment struct{ time, number int64 }

// event holds no pointers: of a flood there are very many, which the garbage collector need not look at.
type event struct {
	time, number int64
	value        uint64 // see Correlator.value
	members      int32  // of an incident: its place among the correlator's parts, from 1; 0 is the packet itself
	rule         int32
}

// value is what counts of an event beside its time: a number that stands for what value_count counts, equal for others never but by a
// chance of 2^-64; whether it is in x_ratio's share; else the bits of its amount.
func (c *Correlator) value(e *Event) uint64 {
	switch {
	case e.valued:
		return e.value
	case c.counts():
		return maphash.Bytes(c.room.seed, e.Value)
	case c.c.Type != rules.XRatio:
		return math.Float64bits(e.Amount)
	case e.Part:
		return 1
	}
	return 0
}

func (x *event) amount() float64 { return math.Float64frombits(x.value) }

// New makes a correlator for a rule's correlation, which rules/file has checked, with bounds of its own alone.
func New(c rules.Correlation) *Correlator { return NewRoom(math.MaxInt).New(c) }

// New makes a correlator that keeps its state inside the room.
func (r *Room) New(c rules.Correlation) *Correlator {
	x := &Correlator{c: c, most: standard, end: math.MaxInt64, groups: map[string]*group{}, room: r}
	r.users = append(r.users, x)
	return x
}

// Ordered tells that events come in order of time: none has to wait for earlier ones, nor be remembered for what happens after the end,
// the time of the last packet that there can be.
func (c *Correlator) Ordered(end int64) { c.ordered, c.end = true, end }

// Evicted counts events and incidents given up to stay in memory.
func (c *Correlator) Evicted() int64 { return c.evicted }

// Incidents counts what [Correlator.Done] gives, and incidents that were given up.
func (c *Correlator) Incidents() int64 { return c.closed }

// Add takes the next event. Events wait for late ones; one that comes later still counts as being of the time of its
// group's last.
func (c *Correlator) Add(e Event) {
	if c.ordered {
		c.take(&e)
		return
	}
	c.early.push(e)
	for c.early.ripe() {
		c.take(c.early.pop())
	}
}

func (c *Correlator) take(e *Event) {
	c.room.settle(e.Time)
	if c.held+c.stuck >= c.most.held {
		c.thin(e.Time, c.most.held/4*3)
	}
	g := c.group(e)
	e.Time = max(e.Time, g.last)
	c.expire(g, e.Time)
	if g.now != nil && e.Time-g.last > int64(c.c.Timespan) {
		c.close(g)
	}
	g.last = e.Time
	x := event{time: e.Time, number: e.Number, value: c.value(e), rule: int32(e.Rule)}
	if e.Members != nil {
		c.parts = append(c.parts, e.Members)
		x.members = int32(len(c.parts))
	}
	if c.counts() {
		g.follow(x)
	}
	if c.stays(g, &x) {
		c.stick(g, &x)
	} else {
		c.enter(g, x)
	}
	c.judge(g, &x)
	if len(c.done) >= 2*c.most.incidents {
		c.choose(c.most.incidents)
	}
}

// enter puts an event into the window; of a full one the oldest goes.
func (c *Correlator) enter(g *group, x event) {
	if len(g.events) >= c.window() {
		c.evict(g, 1)
	}
	if c.counts() {
		g.tally(x.value)
	}
	g.events = append(g.events, x)
	g.fresh++
	if g.gauge != nil {
		g.gauge.add(&c.c, &x, g.gone+len(g.events)-1)
	}
	c.hold(1)
}

// counts tells whether values are told apart, gauges whether a window has more numbers than that of its events or values.
func (c *Correlator) counts() bool { return c.c.Type == rules.ValueCount }

func (c *Correlator) gauges() bool {
	t := c.c.Type
	return t != rules.EventCount && t != rules.ValueCount && t != rules.XInterval
}

func (c *Correlator) group(e *Event) *group {
	if g := c.latest; g != nil && g.key == string(e.Group) {
		return g
	}
	g := c.groups[string(e.Group)]
	if c.latest = g; g == nil {
		if len(c.groups) >= c.most.groups {
			c.shed(e.Time)
		}
		g = c.fresh()
		g.key, g.pair, g.last = string(e.Group), e.pair, e.Time
		c.groups[g.key], c.latest = g, g
		cost, _ := c.costs()
		c.charge(cost + len(g.key))
	}
	return g
}

// fresh gives an empty group, out of the memory of one that was given up where there is one.
func (c *Correlator) fresh() (g *group) {
	if k := len(c.spare); k > 0 {
		g, c.spare = c.spare[k-1], c.spare[:k-1]
		*g = group{events: g.events[:0], values: g.values}
	} else {
		g = &group{}
	}
	if c.gauges() {
		g.gauge = &gauge{}
	}
	return g
}

// judge tests the window that ends with the group's last event.
func (c *Correlator) judge(g *group, x *event) {
	r, ok := g.read(&c.c)
	if !ok {
		return
	}
	c.approach(g, r)
	if runs(c.c.Type) {
		c.grow(g, r, x)
	} else if r.holds(&c.c) {
		c.meet(g, r)
	}
}

// runs tells the types whose number rises while events come in: an incident opens when the number gets high enough, takes
// in all that follows without a gap, and upper bounds are tested on its peak.
func runs(t rules.CorrelationType) bool {
	return t == rules.EventCount || t == rules.ValueCount || t == rules.ValueSum
}

func (c *Correlator) grow(g *group, r reading, x *event) {
	switch {
	case g.now != nil:
		c.join(g, x)
	case reached(c.c.Condition, r.value):
		c.begin(g, x.time)
		g.now.Peak = r.value
	}
	if g.now != nil {
		g.now.Last, g.now.Peak = x.time, max(g.now.Peak, r.value)
	}
}

// expire drops what lies behind the window.
func (c *Correlator) expire(g *group, now int64) {
	old := 0
	for old < len(g.events) && now-g.events[old].time > int64(c.c.Timespan) {
		old++
	}
	c.drop(g, old)
}

// window is how many events one may hold.
func (c *Correlator) window() int {
	if c.c.Type == rules.ValuePercentile || c.c.Type == rules.XInterval {
		return c.most.sorted
	}
	return c.most.events
}

// fewEvents are moved rather than leave a hole.
const fewEvents = 32

// drop takes the n oldest events out of the window.
func (c *Correlator) drop(g *group, n int) {
	if n == 0 {
		return
	}
	c.nearest.keep(g, c.parts)
	for i := range g.events[:n] {
		if c.counts() {
			g.forget(g.events[i].value)
		}
		if g.gauge != nil {
			g.gauge.drop(&c.c, &g.events[i])
		}
	}
	c.hold(-n)
	g.gone += n
	if left := len(g.events) - n; left <= fewEvents {
		g.events = g.events[:copy(g.events, g.events[n:])] // room in front would be lost
	} else {
		g.events = g.events[n:]
	}
	if g.gauge != nil {
		g.gauge.settle(&c.c, g.events)
	}
}

// follow keeps track of the run at the end.
func (g *group) follow(x event) {
	switch {
	case g.run == nil:
		g.run = &run{value: x.value}
	case g.run.value != x.value:
		*g.run = run{value: x.value, before: g.run.last}
	}
	g.run.length++
	g.run.last = moment{x.time, x.number}
}

// tally counts one more event of the value; it gives the number of values.
func (g *group) tally(value uint64) int {
	if g.values == nil {
		g.values = map[uint64]int32{}
	}
	g.values[value]++
	return len(g.values)
}

func (g *group) forget(value uint64) {
	if n := g.values[value]; n > 1 {
		g.values[value] = n - 1
	} else {
		delete(g.values, value)
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

// Single is the correlation of a rule that has none: each packet counts, packets of one pair within an hour are one incident.
func Single(src, dst string) rules.Correlation {
	return rules.Correlation{Type: rules.EventCount, GroupBy: []string{src, dst}, Timespan: time.Hour,
		Condition: []rules.Condition{{Op: "gte", Value: 1}}}
}
