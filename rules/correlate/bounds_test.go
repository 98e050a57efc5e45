package correlate

import (
	"fmt"
	"math"
	"math/rand"
	"runtime"
	"testing"
	"time"

	"icmpsift/rules"
)

// tight are bounds that a test soon runs into.
var tight = bounds{events: 64, sorted: 32, groups: 128, held: 1024, incidents: 32}

// repeated are a correlation of every type that a few events of one group meet, and that one event does not.
func repeated(span time.Duration) map[string]rules.Correlation {
	out := kinds(span)
	for name, c := range out {
		switch c.Condition = []rules.Condition{atLeast(3)}; c.Type {
		case rules.ValueSum:
			c.Condition = []rules.Condition{atLeast(100)}
		case rules.ValueAvg, rules.ValuePercentile:
			c.Minimum = 3
		case rules.XRatio:
			c.Condition = []rules.Condition{atLeast(0.1)}
		}
		out[name] = c
	}
	return out
}

// within checks the bounds, and the books.
func within(t *testing.T, name string, c *Correlator) {
	t.Helper()
	held := 0
	for _, g := range c.groups {
		if held += len(g.events); len(g.events) > c.window() {
			t.Fatalf("%s: %d events in a window", name, len(g.events))
		}
	}
	if held != c.held || held > c.most.held || len(c.groups) > c.most.groups || len(c.done) > 2*c.most.incidents {
		t.Fatalf("%s: %d events held, %d believed, in %d groups; %d incidents", name, held, c.held, len(c.groups), len(c.done))
	}
}

// nth is the nth event of a group, of one of three rules, with a value of its own.
func nth(group string, n int, at int64) *Event {
	return &Event{Time: at, Number: at + 1, Group: []byte(group), Value: fmt.Append(nil, n), Amount: 40, Rule: n % 3, Part: true}
}

// feedTight takes events under tight bounds, checking them.
func feedTight(t *testing.T, name string, c rules.Correlation, events func(yield func(*Event) bool)) *Correlator {
	t.Helper()
	x := New(c)
	x.most = tight
	taken := 0
	for e := range events {
		if c.Type != rules.Temporal && c.Type != rules.TemporalOrdered {
			e.Rule = 0
		}
		x.take(e)
		if taken++; taken%37 == 0 {
			within(t, name, x)
		}
	}
	within(t, name, x)
	return x
}

// Whatever the type, state stays within its bounds, and what does not fit is counted to the last event.
func TestStateIsBoundedAndCounted(t *testing.T) {
	const n = 20_000
	for shape, group := range map[string]func(i int) string{
		"distinct groups": func(i int) string { return fmt.Sprint(i) },
		"one group":       func(int) string { return "" },
		"full windows":    func(i int) string { return fmt.Sprint(i % 100) },
		"a few and many":  func(i int) string { return fmt.Sprint(i % 7 * (i % 5000)) },
	} {
		events := func(yield func(*Event) bool) {
			for i := 0; i < n && yield(nth(group(i), i, int64(i))); i++ {
			}
		}
		for name, c := range kinds(time.Hour) {
			c.Condition = []rules.Condition{atLeast(math.MaxInt32)}
			x := feedTight(t, name+", "+shape, c, events)
			if x.Evicted()+int64(x.held) != n {
				t.Errorf("%s, %s: %d events evicted and %d held of %d", name, shape, x.Evicted(), x.held, n)
			}
			c.Condition = []rules.Condition{atLeast(0)} // every group opens an incident
			x = feedTight(t, name+", open, "+shape, c, events)
			held := x.held
			found := x.Done()
			if lost := x.Incidents() - int64(len(found)); len(found) > tight.incidents || x.Evicted()-lost+int64(held) != n {
				t.Errorf("%s, %s: %d of %d incidents kept, %d evicted, %d held", name, shape, len(found), x.Incidents(), x.Evicted(), held)
			}
		}
	}
}

// An incident that goes on slowly stays one incident, with all of its packets, while floods of other groups come and go.
func TestIncidentsOutlastFloods(t *testing.T) {
	for name, c := range repeated(time.Hour) {
		var steady rules.Ranges
		x := feedTight(t, name, c, func(yield func(*Event) bool) {
			at, n := int64(0), 0
			for i := range 40 {
				for j := range map[bool]int{true: 3 * tight.groups}[i > 6] {
					if at += 10; !yield(nth(fmt.Sprint(i, j), 0, at)) {
						return
					}
				}
				at = (at/100_000 + 1) * 100_000 // evenly
				e := nth("steady", n, at)
				n++
				steady.Add(e.Number)
				if !yield(e) {
					return
				}
			}
		})
		found := x.Done()
		if len(found) != 1 || found[0].Group != "steady" || found[0].Members.String() != steady.String() || x.Evicted() == 0 {
			t.Errorf("%s: %d evicted, incidents %+v, want one of %s", name, x.Evicted(), found, steady)
		}
	}
}

// A flood of some groups takes no events from those that hold few: a chain begun before it is ended after it.
func TestFloodsLeaveSmallWindows(t *testing.T) {
	for name, c := range repeated(time.Hour) {
		x := feedTight(t, name, c, func(yield func(*Event) bool) {
			at := int64(0)
			for i := range 3 {
				for j := range 4000 {
					if at++; !yield(nth(fmt.Sprint("flood", j%50), 0, at)) {
						return
					}
				}
				at = (at/10_000 + 1) * 10_000
				if !yield(nth("quiet", i, at)) {
					return
				}
			}
		})
		if g := x.groups["quiet"]; g == nil || len(g.events) != 3 || x.Evicted() == 0 {
			t.Errorf("%s: %d evicted, and not three events of the quiet group are left: %+v", name, x.Evicted(), g)
		}
	}
}

// Whenever state is given up, a window's number is that of the events it still holds: nothing that is gone counts.
func TestEvictionIsExact(t *testing.T) {
	rnd := rand.New(rand.NewSource(9))
	for range 30 {
		events := stream(rnd, 400, 8)
		for name, c := range kinds(time.Duration(1 + rnd.Intn(200))) {
			if c.Type == rules.XInterval {
				continue // measures the events it holds
			}
			x := New(c)
			x.most = bounds{events: 1 + rnd.Intn(40), sorted: 1 + rnd.Intn(40), groups: 2, held: 1 + rnd.Intn(60), incidents: 9}
			for _, e := range events {
				if c.Type != rules.Temporal && c.Type != rules.TemporalOrdered {
					e.Rule = 0
				}
				x.take(&e)
				if rnd.Intn(9) == 0 {
					x.evict(x.groups[string(e.Group)], rnd.Intn(len(x.groups[string(e.Group)].events)))
				}
				holds(t, name, x, x.groups[string(e.Group)])
			}
		}
	}
}

// holds checks a group's number against its events.
func holds(t *testing.T, name string, x *Correlator, g *group) {
	t.Helper()
	var window []Event
	for _, e := range g.events {
		y := Event{Time: e.time, Number: e.number, Amount: e.amount(), Rule: int(e.rule), Part: e.value == 1, Value: fmt.Append(nil, e.value)}
		window = append(window, y)
	}
	want, wanted := oracle(x.c, window)
	got, ok := g.read(&x.c)
	if ok != wanted || math.Abs(got.value-want) > 1e-9 {
		t.Fatalf("%s: %g (%v), of the events held it is %g (%v)", name, got.value, ok, want, wanted)
	}
	if x.c.Type == rules.TemporalOrdered && got.value > 0 && (g.events[got.first].rule != 0 || got.value > 1 && chained(g.events[got.first+1:]) >= int(got.value)) {
		t.Fatalf("the chain of %g starts at event %d of %d, not with the last that starts one", got.value, got.first, len(g.events))
	}
}

// chained is how many rules follow each other in order.
func chained(events []event) (next int) {
	for _, e := range events {
		if int(e.rule) == next {
			next++
		}
	}
	return next
}

// What is given up lowers counts, and nothing else.
func TestEvictionsLowerCounts(t *testing.T) {
	rnd := rand.New(rand.NewSource(9))
	for _, typ := range []rules.CorrelationType{rules.EventCount, rules.ValueCount, rules.Temporal, rules.TemporalOrdered} {
		c := kinds(50)[string(typ)]
		c.Condition = []rules.Condition{atLeast(1)}
		x, y := New(c), New(c)
		y.most.held = 30
		for _, e := range stream(rnd, 4000, 3) {
			if len(c.Rules) == 0 {
				e.Rule = 0
			}
			other := e
			x.take(&e)
			y.take(&other)
		}
		if y.Evicted() == 0 || peak(y.Done()) > peak(x.Done()) {
			t.Errorf("%s: %d evicted, peak %d of %d", typ, y.Evicted(), peak(y.done), peak(x.done))
		}
	}
}

// A count that ran into the bounds is a lower bound, and says so.
func TestFullWindowSaysAtLeast(t *testing.T) {
	c := New(correlation(rules.EventCount, time.Hour, atLeast(1)))
	c.most.events = 100
	for i := range 101 {
		c.Add(Event{Time: int64(i), Number: int64(i + 1)})
	}
	if got := c.Done()[0]; !got.AtLeast || got.Peak != 100 || got.Members.Total() != 101 {
		t.Errorf("peak %g, at least: %v, %d members", got.Peak, got.AtLeast, got.Members.Total())
	}
}

// Of an incident of very many packets the first are kept, and the others counted.
func TestMembersAreCapped(t *testing.T) {
	const n = maxMembers + 1000
	c := New(correlation(rules.EventCount, time.Hour, atLeast(1)))
	for i := range int64(n) {
		c.Add(Event{Time: i, Number: 2 * i})
	}
	if got := c.Done()[0]; len(got.Members) != maxMembers || got.Members.Total()+got.More != n || got.Last != n-1 {
		t.Errorf("%d ranges of %d packets, %d more, last at %d", len(got.Members), got.Members.Total(), got.More, got.Last)
	}
}

// incidents are events that are incidents of other rules: each has two packets, and no two of them are next to each other.
func incidents(n int) (out []Event) {
	for i := range n {
		at := int64(4 * i)
		out = append(out, Event{Time: at, Number: at, Value: fmt.Append(nil, i), Members: &rules.Ranges{{First: at, Last: at}, {First: at + 2, Last: at + 2}}})
	}
	return out
}

// The packets of ten thousand incidents are joined in memory that grows with their number, not with its square.
func TestManyIncidentsAreOne(t *testing.T) {
	const n = 10_000
	events := incidents(n)
	for name, c := range kinds(time.Hour) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found := play(c, events)
		runtime.ReadMemStats(&after)
		if len(found) != 1 || found[0].Members.Total() < 2*n*63/64 { // x_interval does not measure at each event
			t.Fatalf("%s: %d incidents, the first of %d packets", name, len(found), found[0].Members.Total())
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > n*6000 {
			t.Errorf("%s: %d bytes allocated for each incident", name, spent/n)
		}
	}
}

func BenchmarkManyIncidents(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		events, c := incidents(n), correlation(rules.EventCount, time.Hour, atLeast(1))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				play(c, events)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/incident")
		})
	}
}

// Correlators that share a room stay inside it together; one that looks at little loses nothing to a flood that others look at, and
// the books of each are right.
func TestSharedRoom(t *testing.T) {
	const room, n = 2 << 20, 60_000
	r := NewRoom(room)
	var all []*Correlator
	for _, c := range kinds(time.Hour) {
		c.Condition = []rules.Condition{atLeast(2)}
		all = append(all, r.New(c))
	}
	quiet := r.New(correlation(rules.EventCount, time.Hour, atLeast(100)))
	most := runtimeHeap()
	for i := range n {
		for _, c := range all {
			c.take(nth(fmt.Sprint(i/2), 0, int64(i)))
		}
		if i%600 == 0 {
			quiet.take(nth("quiet", 0, int64(i)))
		}
		if used := room - r.left; used > room+room/100 {
			t.Fatalf("%d bytes used of %d", used, room)
		}
	}
	if grown := int(runtimeHeap()) - int(most); grown > room {
		t.Errorf("the heap grew by %d bytes, where there is room for %d", grown, room)
	}
	if found := quiet.Done(); quiet.Evicted() != 0 || len(found) != 1 || found[0].Members.Total() != n/600 {
		t.Errorf("the quiet rule gave up %d events, and found %+v", quiet.Evicted(), found)
	}
	for _, c := range all {
		if c.Done(); c.Evicted() == 0 {
			t.Errorf("%s gave up nothing", c.c.Type)
		}
		if c.used != c.stored {
			t.Errorf("%s: %d bytes charged for %d of incidents", c.c.Type, c.used, c.stored)
		}
	}
}

func runtimeHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkDistinctGroups sends five million groups of one event each past each type, whether or not each is an incident.
func BenchmarkDistinctGroups(b *testing.B) {
	const n = 5_000_000
	for _, least := range []float64{0, math.MaxInt32} {
		for name, c := range kinds(time.Hour) {
			c.Condition = []rules.Condition{atLeast(least)}
			b.Run(fmt.Sprint(name, "/", least), func(b *testing.B) {
				for range b.N {
					x := New(c)
					for i := range n {
						x.Add(*nth(fmt.Sprint(i), 0, int64(i)*1e5))
					}
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB")
					b.ReportMetric(float64(x.Evicted()), "evicted")
					x.Done()
				}
			})
		}
	}
}

// An incident that is shortened keeps its first packets and goes on counting all.
func TestShorten(t *testing.T) {
	var i Incident
	for n := int64(2); n <= 200; n += 2 {
		i.packed.add(n)
	}
	i.More = 7
	if i.Kept() != 100 {
		t.Fatalf("%d ranges", i.Kept())
	}
	i.Shorten(40)
	if i.Kept() != 40 || i.Members.Total() != 40 || i.More != 67 || i.Members[39].Last != 80 {
		t.Errorf("%d ranges, %d more, the last ends at %d", i.Kept(), i.More, i.Members[39].Last)
	}
	if i.Shorten(40); i.More != 67 {
		t.Errorf("shortened twice: %d more", i.More)
	}
}
