package correlate

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"icmpsift/rules"
)

func correlation(t rules.CorrelationType, span time.Duration, conditions ...rules.Condition) rules.Correlation {
	return rules.Correlation{Type: t, Timespan: span, Condition: conditions}
}

func atLeast(n float64) rules.Condition { return rules.Condition{Op: "gte", Value: n} }

type seen struct {
	at           time.Duration
	group, value string
}

func feed(c rules.Correlation, events []seen) []Incident {
	x := New(c)
	for i, e := range events {
		x.Add(Event{Time: int64(e.at), Number: int64(i + 1), Group: []byte(e.group), Value: []byte(e.value)})
	}
	return x.Done()
}

func every(step time.Duration, n int) (out []seen) {
	for i := range n {
		out = append(out, seen{at: time.Duration(i) * step, value: fmt.Sprint(i)})
	}
	return out
}

// values are events a second apart, one letter each.
func values(letters string) (out []seen) {
	for i, l := range letters {
		out = append(out, seen{at: time.Duration(i) * time.Second, value: string(l)})
	}
	return out
}

func TestIncidents(t *testing.T) {
	sec := time.Second
	for name, tt := range map[string]struct {
		c      rules.Correlation
		events []seen
		want   []string // members of each incident and its peak
	}{
		"below":            {correlation(rules.EventCount, 10*sec, atLeast(4)), every(sec, 3), nil},
		"reached":          {correlation(rules.EventCount, 10*sec, atLeast(3)), every(sec, 3), []string{"1-3 3"}},
		"one run, one":     {correlation(rules.EventCount, 3*sec, atLeast(3)), every(sec, 20), []string{"1-20 4"}},
		"too slow":         {correlation(rules.EventCount, 3*sec, atLeast(3)), every(2*sec, 20), nil},
		"window edge":      {correlation(rules.EventCount, 2*sec, atLeast(3)), every(sec, 3), []string{"1-3 3"}},
		"two runs":         {correlation(rules.EventCount, 2*sec, atLeast(2)), []seen{{at: 0}, {at: sec}, {at: 60 * sec}, {at: 61 * sec}}, []string{"1-2 2", "3-4 2"}},
		"groups apart":     {correlation(rules.EventCount, 9*sec, atLeast(2)), []seen{{0, "a", ""}, {sec, "b", ""}, {2 * sec, "a", ""}}, []string{"1,3 2"}},
		"same value":       {correlation(rules.ValueCount, 9*sec, atLeast(2)), []seen{{0, "", "x"}, {sec, "", "x"}}, nil},
		"values":           {correlation(rules.ValueCount, 9*sec, atLeast(2)), []seen{{0, "", "x"}, {sec, "", "x"}, {sec, "", "y"}}, []string{"1-3 2"}},
		"value left":       {correlation(rules.ValueCount, 2*sec, atLeast(2)), []seen{{0, "", "x"}, {3 * sec, "", "y"}}, nil},
		"upper bound":      {correlation(rules.EventCount, 9*sec, atLeast(2), rules.Condition{Op: "lte", Value: 3}), every(sec, 5), nil},
		"inside bounds":    {correlation(rules.EventCount, 9*sec, atLeast(2), rules.Condition{Op: "lte", Value: 5}), every(sec, 5), []string{"1-5 5"}},
		"exactly":          {correlation(rules.EventCount, 9*sec, rules.Condition{Op: "eq", Value: 2}), every(sec, 3), nil},
		"lead-in left out": {correlation(rules.EventCount, 2*sec, atLeast(3)), append([]seen{{at: 0}}, seen{at: 50 * sec}, seen{at: 51 * sec}, seen{at: 52 * sec}), []string{"2-4 3"}},
		"long tail":        {correlation(rules.ValueCount, 99*sec, atLeast(3)), values("abcbzzzz"), []string{"1-4 4"}},
		"short tail":       {correlation(rules.ValueCount, 99*sec, atLeast(3)), values("abczzz"), []string{"1-6 4"}},
		"long head":        {correlation(rules.ValueCount, 99*sec, atLeast(3)), values("aaaabcd"), []string{"5-7 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, i := range feed(tt.c, tt.events) {
				got = append(got, fmt.Sprint(i.Members, " ", i.Peak))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// No incident may rest on events farther apart than the timespan: the peak must be the true highest count of any window.
func TestPeakIsTheTrueMaximum(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	for range 200 {
		span := time.Duration(1 + rnd.Intn(20))
		var events []seen
		at := time.Duration(0)
		for range 100 {
			at += time.Duration(rnd.Intn(8))
			events = append(events, seen{at: at, value: fmt.Sprint(rnd.Intn(6))})
		}
		want, distinct := 0, 0
		for i := range events {
			values := map[string]bool{}
			n := 0
			for j := i; j >= 0 && events[i].at-events[j].at <= span; j-- {
				values[events[j].value] = true
				n++
			}
			want, distinct = max(want, n), max(distinct, len(values))
		}
		if got := peak(feed(correlation(rules.EventCount, span, atLeast(1)), events)); got != want {
			t.Fatalf("span %d: peak %d events, want %d", span, got, want)
		}
		if got := peak(feed(correlation(rules.ValueCount, span, atLeast(1)), events)); got != distinct {
			t.Fatalf("span %d: peak %d values, want %d", span, got, distinct)
		}
	}
}

func peak(incidents []Incident) (n int) {
	for _, i := range incidents {
		n = max(n, int(i.Peak))
	}
	return n
}

// Packets of one instant, at the zero of time: a run that follows a run leaves an incident of what lies between, at least.
func TestRunsOfOneInstant(t *testing.T) {
	for _, letters := range []string{"aaaa", "aaaabbbb", "aaaabbbbcccc", "aaaabcccc", "abbbb"} {
		var events []seen
		for _, l := range letters {
			events = append(events, seen{value: string(l)})
		}
		for n := range 3 {
			for _, i := range feed(correlation(rules.ValueCount, 9, atLeast(float64(n))), events) {
				if i.Members.Total() == 0 || i.Last < i.First {
					t.Errorf("%s, %d: %+v", letters, n, i)
				}
			}
		}
	}
}
