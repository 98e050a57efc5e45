package correlate

import (
	"math"
	"slices"

	"icmpsift/rules"
)

// gauge keeps the numbers of a group's window up to date as events come and go.
type gauge struct {
	sum    float64
	stale  int       // events dropped since the sum was added up: it gathers rounding errors
	sorted []float64 // value_percentile
	seen   []int     // events by rule: temporal, and x_ratio over rules
	parts  int       // x_ratio over a filter
	starts []int     // temporal_ordered: the number of the event with which the latest chain of the first n+1 rules starts
}

// reading is what a window shows.
type reading struct {
	value          float64
	events         int
	jitter, median float64
	first          int // the event with which the window's part that counts starts
}

// holds tests all conditions.
func (r reading) holds(c *rules.Correlation) bool {
	return all(c.Condition, r.value) && (c.Type != rules.XInterval || all(c.Interval.Jitter, r.jitter) && all(c.Interval.Median, r.median))
}

func all(conditions []rules.Condition, n float64) bool {
	for _, c := range conditions {
		if !c.Holds(n) {
			return false
		}
	}
	return true
}

// add takes the window's next event, and its number in the group.
func (g *gauge) add(c *rules.Correlation, x *event, number int) {
	switch c.Type {
	case rules.ValueSum, rules.ValueAvg:
		g.sum += x.amount()
	case rules.ValuePercentile:
		at, _ := slices.BinarySearch(g.sorted, x.amount())
		g.sorted = slices.Insert(g.sorted, at, x.amount())
	case rules.Temporal, rules.XRatio:
		g.count(c, x, 1)
	case rules.TemporalOrdered:
		g.chain(c, int(x.rule), number)
	}
}

func (g *gauge) drop(c *rules.Correlation, x *event) {
	switch c.Type {
	case rules.ValueSum, rules.ValueAvg:
		g.sum -= x.amount()
		g.stale++
	case rules.ValuePercentile:
		at, _ := slices.BinarySearch(g.sorted, x.amount())
		g.sorted = slices.Delete(g.sorted, at, at+1)
	case rules.Temporal, rules.XRatio:
		g.count(c, x, -1)
	}
}

func (g *gauge) count(c *rules.Correlation, x *event, n int) {
	if g.seen == nil {
		g.seen = make([]int, max(1, len(c.Rules)))
	}
	g.seen[x.rule] += n
	if c.Type == rules.XRatio && x.value == 1 {
		g.parts += n
	}
}

// chain lengthens the chains that a rule's event continues: of each length only the one that started last matters. As what
// leaves the window is always its oldest, a chain whose start is there is there as a whole.
func (g *gauge) chain(c *rules.Correlation, rule, number int) {
	if g.starts == nil {
		g.starts = slices.Repeat([]int{-1}, len(c.Rules))
	}
	if rule > 0 {
		number = g.starts[rule-1]
	}
	g.starts[rule] = max(g.starts[rule], number)
}

// settle adds the sum up anew, now and then, after events were dropped.
func (g *gauge) settle(c *rules.Correlation, events []event) {
	if g.stale <= len(events)/64 {
		return
	}
	g.sum, g.stale = 0, 0
	for i := range events {
		g.sum += events[i].amount()
	}
}

// read gives the window's number; ok is false where there is none yet.
func (g *group) read(c *rules.Correlation) (r reading, ok bool) {
	n := len(g.events) + int(g.stays)
	r = reading{value: float64(n), events: n}
	switch c.Type {
	case rules.ValueCount:
		r.value = float64(len(g.values))
	case rules.Temporal:
		r.value = float64(present(g.gauge.seen))
	case rules.TemporalOrdered:
		r.value, r.first = g.gauge.longest(g.gone)
	case rules.ValueSum:
		r.value = g.gauge.sum
	case rules.ValueAvg:
		r.value = g.gauge.sum / float64(n)
		return r, n >= c.Minimum
	case rules.ValuePercentile:
		r.value = percentile(g.gauge.sorted, c.Percentile)
		return r, n >= c.Minimum
	case rules.XRatio:
		return g.gauge.share(c, r)
	case rules.XInterval:
		return g.interval(c, r)
	}
	return r, true
}

func present(seen []int) (n int) {
	for _, k := range seen {
		if k > 0 {
			n++
		}
	}
	return n
}

// longest gives the number of rules, from the first, that were seen in order in a window whose oldest event has the given
// number, and the place in it of the first of them.
func (g *gauge) longest(oldest int) (n float64, first int) {
	for i, start := range g.starts {
		if start >= oldest {
			n, first = float64(i+1), start-oldest
		}
	}
	return n, first
}

// percentile is the nearest rank: the smallest value that at least p in a hundred values do not exceed. It is always a value
// that some packet has; an interpolated one may lie where there is none.
func percentile(sorted []float64, p float64) float64 {
	rank := int(math.Ceil(p * float64(len(sorted)) / 100)) // in this order: 7 in a hundred of 100 are 7, and not a bit more
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func (g *gauge) share(c *rules.Correlation, r reading) (reading, bool) {
	part, whole := g.parts, g.seen[0]
	if len(c.Rules) == 2 {
		part = g.seen[1]
	}
	r.value, r.events = float64(part)/float64(max(1, whole)), whole
	return r, whole >= max(1, c.Minimum)
}

// maxMissing is how many ticks in a row may be lost for an interval still to be told as a multiple of the period.
const maxMissing = 8

// interval measures the window's ticks: of many events, once in a while.
func (g *group) interval(c *rules.Correlation, r reading) (reading, bool) {
	if g.since++; int(g.since) <= len(g.events)/64 {
		return r, false
	}
	g.since = 0
	steps := intervals(g.events, int64(c.Interval.Burst))
	if len(steps) < 2 {
		return r, false
	}
	r.value = float64(len(steps) + 1)
	steps = fold(beating(steps))
	r.median = middle(steps)
	r.jitter = spread(steps, r.median)
	if c.Interval.Measure == "cv" {
		r.jitter = variation(steps)
	}
	r.median /= 1e9
	return r, true
}

// intervals are the nanoseconds from tick to tick; events of a burst are one tick, at its first.
func intervals(events []event, burst int64) []float64 {
	steps := make([]float64, 0, len(events))
	beat := Beat{Burst: burst}
	for _, x := range events {
		if step, ok := beat.Add(x.time); ok {
			steps = append(steps, float64(step))
		}
	}
	return steps
}

// Beat tells ticks among events: those of a burst are one tick, at its first.
type Beat struct {
	Burst        int64 // nanoseconds; events no farther apart belong together
	tick, before int64
	begun        bool
}

// Add takes the time of the next event. Where a further tick begins, it gives the time since the one before.
func (b *Beat) Add(time int64) (step int64, ok bool) {
	if step, ok = time-b.tick, b.begun && time-b.before > b.Burst; ok || !b.begun {
		b.tick = time
	}
	b.before, b.begun = time, true
	return step, ok
}

// beating leaves out the pauses, which say nothing of the beat, if they are few: one in ten intervals, or a single one. It
// sorts, and gives the median.
func beating(steps []float64) ([]float64, float64) {
	period, n := middle(steps), len(steps)
	for n > 2 && steps[n-1] > (maxMissing+0.5)*period {
		n--
	}
	if pauses := len(steps) - n; pauses > 1 && 10*pauses > len(steps) {
		n = len(steps)
	}
	return steps[:n], period
}

// fold takes intervals in which ticks were lost for what they are: several of the period.
func fold(steps []float64, period float64) []float64 {
	for i, x := range steps {
		if k := math.Round(x / period); k > 1 && k <= maxMissing {
			steps[i] = x / k
		}
	}
	return steps
}

// middle is the median; it sorts.
func middle(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

// spread is the median absolute deviation from the median, over the median.
func spread(x []float64, median float64) float64 {
	off := make([]float64, len(x))
	for i := range x {
		off[i] = math.Abs(x[i] - median)
	}
	return over(middle(off), median)
}

// variation is the standard deviation over the mean.
func variation(x []float64) float64 {
	var sum, squares float64
	for _, v := range x {
		sum += v
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return over(math.Sqrt(squares/float64(len(x))), mean)
}

// over divides; packets of one instant have no even intervals.
func over(a, b float64) float64 {
	if b == 0 {
		return math.Inf(1)
	}
	return a / b
}
