package correlate

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"
	"time"

	"icmpsift/rules"
)

// kinds are a correlation of every type that any window meets, so that the incidents' peaks are those of all windows.
func kinds(span time.Duration) map[string]rules.Correlation {
	out := map[string]rules.Correlation{}
	for _, t := range rules.CorrelationTypes {
		c := correlation(t, span, atLeast(0))
		switch t {
		case rules.Temporal, rules.TemporalOrdered:
			c.Rules = []rules.Reference{{Name: "a"}, {Name: "b"}, {Name: "c"}}
		case rules.ValuePercentile:
			c.Percentile = 75
		case rules.XRatio:
			c.Minimum, c.Share = 3, "icmp"
		}
		out[string(t)] = c
	}
	return out
}

func stream(rnd *rand.Rand, n, step int) (out []Event) {
	at := int64(0)
	for i := range n {
		at += int64(rnd.Intn(step))
		out = append(out, Event{Time: at, Number: int64(i + 1), Group: []byte{byte(rnd.Intn(2))}, Value: []byte{byte(rnd.Intn(5))}, Amount: float64(rnd.Intn(50)), Rule: rnd.Intn(3), Part: rnd.Intn(3) == 0})
	}
	return out
}

func play(c rules.Correlation, events []Event) []Incident {
	x := New(c)
	for _, e := range events {
		if c.Type != rules.Temporal && c.Type != rules.TemporalOrdered {
			e.Rule = 0
		}
		x.Add(e)
	}
	return x.Done()
}

// oracle computes a window's number anew.
func oracle(c rules.Correlation, w []Event) (v float64, ok bool) {
	values, seen, sum, parts := map[string]bool{}, map[int]bool{}, 0.0, 0
	var amounts []float64
	for _, e := range w {
		values[string(e.Value)], seen[e.Rule] = true, true
		sum += e.Amount
		amounts = append(amounts, e.Amount)
		if e.Part {
			parts++
		}
	}
	slices.Sort(amounts)
	n := float64(len(w))
	switch c.Type {
	case rules.ValueCount:
		return float64(len(values)), true
	case rules.Temporal:
		return float64(len(seen)), true
	case rules.TemporalOrdered:
		next := 0
		for _, e := range w {
			if e.Rule == next {
				next++
			}
		}
		return float64(next), true
	case rules.ValueSum:
		return sum, true
	case rules.ValueAvg:
		return sum / n, len(w) >= c.Minimum
	case rules.ValuePercentile:
		for _, a := range amounts {
			below := 0
			for _, b := range amounts {
				if b <= a {
					below++
				}
			}
			if float64(below) >= c.Percentile/100*n {
				return a, len(w) >= c.Minimum
			}
		}
	case rules.XRatio:
		return float64(parts) / n, len(w) >= c.Minimum
	case rules.XInterval:
		times := map[int64]bool{}
		for _, e := range w {
			times[e.Time] = true
		}
		return float64(len(times)), len(times) >= 3
	}
	return n, true
}

// No event outside of the timespan counts: the peak of each group is that of its windows, computed one by one.
func TestWindowsAgainstOracle(t *testing.T) {
	rnd := rand.New(rand.NewSource(7))
	for range 25 {
		span := time.Duration(1 + rnd.Intn(40))
		events := stream(rnd, 80, 8)
		for name, c := range kinds(span) {
			want := map[string]float64{}
			for i, e := range events {
				var w []Event
				for _, x := range events[:i+1] {
					if string(x.Group) == string(e.Group) && e.Time-x.Time <= int64(span) {
						w = append(w, x)
					}
				}
				if v, ok := oracle(c, w); ok {
					want[string(e.Group)] = max(want[string(e.Group)], v)
				}
			}
			got := map[string]float64{}
			for _, i := range play(c, events) {
				got[i.Group] = max(got[i.Group], i.Peak)
			}
			for g, v := range want {
				if math.Abs(got[g]-v) > 1e-9 {
					t.Fatalf("%s, span %d, group %q: peak %g, want %g", name, span, g, got[g], v)
				}
			}
		}
	}
}

// Order of arrival within the tolerance changes nothing.
func TestOrderOfArrival(t *testing.T) {
	rnd := rand.New(rand.NewSource(8))
	for range 20 {
		events := stream(rnd, 200, int(time.Second))
		late := slices.Clone(events)
		delay := make([]int64, len(events)+1)
		for i := range delay {
			delay[i] = rnd.Int63n(Tolerance)
		}
		slices.SortStableFunc(late, func(a, b Event) int { return int(a.Time + delay[a.Number] - b.Time - delay[b.Number]) })
		for name, c := range kinds(time.Duration(1+rnd.Intn(20)) * time.Second) {
			c.Condition = []rules.Condition{atLeast(float64(rnd.Intn(4)))}
			if want, got := fmt.Sprint(play(c, events)), fmt.Sprint(play(c, late)); want != got {
				t.Fatalf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
	}
}

func beats(period time.Duration, n int, change func(i int) (jitter time.Duration, skip bool)) (out []Event) {
	for i := range n {
		if j, skip := change(i); !skip {
			out = append(out, Event{Time: int64(time.Duration(i)*period + j), Number: int64(i + 1)})
		}
	}
	return out
}

func TestIntervals(t *testing.T) {
	rnd := rand.New(rand.NewSource(10))
	for name, tt := range map[string]struct {
		change func(i int) (time.Duration, bool)
		want   int
	}{
		"a clock":       {func(int) (time.Duration, bool) { return 0, false }, 1},
		"some jitter":   {func(int) (time.Duration, bool) { return time.Duration(rnd.Intn(3e9)), false }, 1},
		"missing ticks": {func(i int) (time.Duration, bool) { return 0, i%5 == 2 || i%11 == 3 }, 1},
		"a pause":       {func(i int) (time.Duration, bool) { return time.Duration(i/12) * 40 * time.Minute, i >= 24 }, 1},
		"many pauses":   {func(i int) (time.Duration, bool) { return time.Duration(i/4) * 40 * time.Minute, i%4 == 3 }, 0},
		"at random":     {func(int) (time.Duration, bool) { return time.Duration(rnd.Int63n(600e9)), false }, 0},
	} {
		for _, measure := range []string{"cv", "mad"} {
			c := correlation(rules.XInterval, 24*time.Hour, atLeast(20))
			c.Interval = rules.Interval{Measure: measure, Jitter: []rules.Condition{{Op: "lte", Value: 0.1}}, Median: []rules.Condition{{Op: "gte", Value: 30}, {Op: "lte", Value: 90}}, Burst: 3 * time.Second}
			events := beats(time.Minute, 50, tt.change)
			if measure == "mad" && name == "many pauses" {
				tt.want = 1 // most intervals are even
			}
			if got := play(c, events); len(got) != tt.want {
				t.Errorf("%s, %s: %d incidents, want %d", name, measure, len(got), tt.want)
			}
			var bursts []Event
			for _, e := range events {
				for k := range int64(3) {
					bursts = append(bursts, Event{Time: e.Time + k*1e9, Number: 3*e.Number + k})
				}
			}
			if got := play(c, bursts); tt.want == 1 && len(got) != 1 {
				t.Errorf("%s, %s, in bursts: %d incidents", name, measure, len(got))
			}
		}
	}
}

// The nearest window is told whether the condition was met or not.
func TestNearest(t *testing.T) {
	for n, want := range map[float64]string{4: "[a] 3 2-4", 3: "[a] 3 2-4", 2: "[a] 2 2-3"} {
		c := New(correlation(rules.EventCount, 9, atLeast(n)))
		for i, e := range []seen{{0, "b", ""}, {50, "a", ""}, {51, "a", ""}, {52, "a", ""}, {90, "a", ""}, {95, "b", ""}} {
			c.Add(Event{Time: int64(e.at), Number: int64(i + 1), Group: []byte(e.group)})
		}
		c.Done()
		got, ok := c.Nearest()
		if s := fmt.Sprint(got.Group, " ", got.Value, " ", got.Members); !ok || s != want {
			t.Errorf("at least %g: got %s, want %s", n, s, want)
		}
	}
}

// Whatever comes, the correlator keeps its books.
func FuzzCorrelator(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, uint8(0), uint16(5), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, typ uint8, span uint16, threshold uint8) {
		c := kinds(time.Duration(span))[string(rules.CorrelationTypes[int(typ)%len(rules.CorrelationTypes)])]
		c.Condition = []rules.Condition{{Op: []string{"gt", "gte", "lt", "lte", "eq", "neq"}[typ%6], Value: float64(threshold)}}
		x, at := New(c), int64(0)
		if span%2 == 1 {
			x.most = bounds{events: 9, sorted: 7, groups: 5, held: 20, incidents: 3}
		}
		for i := 0; i+3 < len(data); i += 4 {
			at += int64(int8(data[i])) << (data[i+3] % 32)
			e := Event{Time: at, Number: int64(i/4 + 1), Group: data[i+1 : i+2], Value: data[i+2 : i+3], Amount: float64(int8(data[i+2])), Part: data[i+3]&64 != 0}
			if len(c.Rules) > 0 {
				e.Rule = int(data[i+3]) % len(c.Rules)
			}
			x.Add(e)
		}
		for _, i := range x.Done() {
			if i.Last < i.First || i.Members.Total() == 0 || math.IsNaN(i.Peak) {
				t.Errorf("%s: %+v", c.Type, i)
			}
		}
		x.Nearest()
		held := 0
		for _, g := range x.groups {
			held += len(g.events)
		}
		if held != x.held || held > x.most.held || len(x.groups) > x.most.groups {
			t.Errorf("%d events held, %d believed, in %d groups", held, x.held, len(x.groups))
		}
	})
}

// A percentile is a value that was there: by nearest rank, at the ends and of few values as well.
func TestPercentile(t *testing.T) {
	upTo := func(n int) (out []float64) {
		for i := range n {
			out = append(out, float64(i+1))
		}
		return out
	}
	for _, tt := range []struct {
		values  []float64
		p, want float64
	}{
		{values: upTo(1), p: 0, want: 1}, {values: upTo(1), p: 50, want: 1}, {values: upTo(1), p: 95, want: 1}, {values: upTo(1), p: 100, want: 1},
		{values: upTo(2), p: 0, want: 1}, {values: upTo(2), p: 50, want: 1}, {values: upTo(2), p: 50.1, want: 2}, {values: upTo(2), p: 95, want: 2},
		{values: upTo(3), p: 50, want: 2}, {values: upTo(4), p: 50, want: 2}, {values: upTo(5), p: 50, want: 3},
		{values: upTo(10), p: 90, want: 9}, {values: upTo(19), p: 95, want: 19}, {values: upTo(20), p: 95, want: 19}, {values: upTo(21), p: 95, want: 20},
		{values: upTo(100), p: 0, want: 1}, {values: upTo(100), p: 7, want: 7}, {values: upTo(100), p: 50, want: 50}, {values: upTo(100), p: 95, want: 95}, {values: upTo(100), p: 99.5, want: 100}, {values: upTo(100), p: 100, want: 100},
		{values: upTo(1000), p: 99.9, want: 999}, {values: upTo(1000), p: 14, want: 140}, {values: upTo(1000), p: 0.1, want: 1},
		{values: []float64{60, 1400}, p: 95, want: 1400}, {values: []float64{60, 60, 60, 1400}, p: 75, want: 60}, {values: []float64{-5, -1}, p: 0, want: -5},
	} {
		if got := percentile(tt.values, tt.p); got != tt.want {
			t.Errorf("percentile %g of %d values up to %g: %g, want %g", tt.p, len(tt.values), tt.values[len(tt.values)-1], got, tt.want)
		}
	}
}

// An average or percentile of fewer values than the rule asks for is none.
func TestMinimum(t *testing.T) {
	for _, typ := range []rules.CorrelationType{rules.ValueAvg, rules.ValuePercentile} {
		for n, want := range map[int]int{2: 0, 3: 1} {
			c := correlation(typ, time.Hour, atLeast(10))
			c.Percentile, c.Minimum = 95, 3
			var events []Event
			for i := range n {
				events = append(events, Event{Time: int64(i), Number: int64(i + 1), Amount: 20})
			}
			if got := play(c, events); len(got) != want {
				t.Errorf("%s of %d: %d incidents, want %d", typ, n, len(got), want)
			}
		}
	}
}
