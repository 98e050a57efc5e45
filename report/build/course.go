package build

import (
	"context"
	"math"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules"
	"icmpsift/rules/correlate"
)

// Bounds of what is told of single packets: findings, and points of each series.
const (
	maxCourses = 12
	maxPoints  = 200
)

// Courses follows the packets of the worst findings that may carry data, and of the worst that beat; see [Follow].
type Courses struct {
	members rules.Ranges
	list    []*course
	of      map[*rules.Finding]*course
	points  int64 // of a series, at most; twice as many where both directions have their own
}

type course struct {
	finding   *rules.Finding
	size      int64 // packets, or ticks, of a point
	carries   bool
	there     *report.PayloadPoint // in the making, and that of the way back
	back      *report.PayloadPoint
	payloads  []*report.PayloadPoint
	beats     bool
	beat      correlate.Beat
	intervals []*report.IntervalPoint
}

// Follow looks at the packets of findings, worst first, once more: which to follow is known only when the rules are done.
func Follow(ctx context.Context, t *timeline.Timeline, found []*rules.Finding) (*Courses, error) {
	return follow(ctx, t, found, maxPoints)
}

func follow(ctx context.Context, t *timeline.Timeline, found []*rules.Finding, points int64) (*Courses, error) {
	c := &Courses{of: map[*rules.Finding]*course{}, points: points}
	for _, f := range found {
		if len(c.list) < maxCourses {
			c.pick(f)
		}
	}
	if len(c.list) == 0 {
		return c, nil
	}
	return c, t.Some(ctx, c.members.Has, c.add)
}

// pick follows a finding if there is something to follow.
func (c *Courses) pick(f *rules.Finding) {
	x := &course{finding: f, size: (f.Members.Total() + c.points - 1) / c.points, carries: conveys(f.Rule), beats: f.Rule.Correlation != nil && f.Rule.Correlation.Type == rules.XInterval}
	if len(f.Members) == 0 || !x.carries && !x.beats {
		return
	}
	if x.beats {
		x.beat.Burst = int64(f.Rule.Correlation.Interval.Burst)
	}
	c.list, c.of[f] = append(c.list, x), x
	c.members = c.members.Union(f.Members)
}

// conveys tells rules about data in packets: they bring bytes back, or speak of a theft or a channel.
func conveys(r *rules.Rule) bool {
	if r.Recover != nil {
		return true
	}
	for _, id := range techniques(r.Tags) {
		base, _, _ := strings.Cut(id, ".")
		if base == "T1048" || base == "T1041" || base == "T1572" {
			return true
		}
	}
	return false
}

func (c *Courses) add(p *ingest.Packet) {
	if p.Case.Copy || p.Message() == nil {
		return
	}
	for _, x := range c.list {
		if x.finding.Members.Has(p.Case.Number) {
			x.add(p)
		}
	}
}

func (x *course) add(p *ingest.Packet) {
	if x.carries {
		x.carry(p)
	}
	if x.beats {
		if step, ok := x.beat.Add(p.Case.Time); ok {
			x.tick(p.Case.Time, float64(step)/float64(time.Second))
		}
	}
}

// carry adds a packet to the point of its direction.
func (x *course) carry(p *ingest.Packet) {
	back := p.Src().String() == x.finding.Dst
	open := &x.there
	if back {
		open = &x.back
	}
	size := max(0, int64(p.Message().Reported)-8)
	if *open == nil || (*open).Packets == x.size {
		*open = &report.PayloadPoint{Time: when(p.Case.Time), Back: back, SizeMin: size, SizeMax: size}
		x.payloads = append(x.payloads, *open)
	}
	join(*open, size, entropy(p))
}

// entropy is that of the payload bytes that were captured.
func entropy(p *ingest.Packet) float64 {
	if b := p.Message().Bytes; len(b) > 8 {
		return payload.Entropy(b[8:])
	}
	return 0
}

// tick adds an interval to the last point.
func (x *course) tick(at int64, seconds float64) {
	n := len(x.intervals)
	if n == 0 || x.intervals[n-1].Ticks == x.size {
		x.intervals = append(x.intervals, &report.IntervalPoint{Time: when(at), Min: seconds, Max: seconds})
		n++
	}
	p := x.intervals[n-1]
	p.Ticks++
	p.Seconds += (seconds - p.Seconds) / float64(p.Ticks)
	p.Min, p.Max = min(p.Min, seconds), max(p.Max, seconds)
}

// join adds a packet to a point.
func join(p *report.PayloadPoint, size int64, entropy float64) {
	p.Packets++
	p.Size += (float64(size) - p.Size) / float64(p.Packets)
	p.Entropy += (entropy - p.Entropy) / float64(p.Packets)
	p.SizeMin, p.SizeMax = min(p.SizeMin, size), max(p.SizeMax, size)
}

// tell puts what was followed into the row of a finding.
func (c *Courses) tell(f *rules.Finding, row *report.Finding) {
	row.Payloads, row.Intervals = []report.PayloadPoint{}, []report.IntervalPoint{}
	if c == nil || c.of[f] == nil {
		return
	}
	for _, p := range c.of[f].payloads {
		p.Size, p.Entropy = thousandths(p.Size), thousandths(p.Entropy)
		row.Payloads = append(row.Payloads, *p)
	}
	for _, p := range c.of[f].intervals {
		p.Seconds = math.Round(p.Seconds*1e6) / 1e6
		row.Intervals = append(row.Intervals, *p)
	}
}

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }
