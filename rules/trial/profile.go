package trial

import (
	"cmp"
	"context"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// Cost is what one rule's filter costs.
type Cost struct {
	Rule    *rules.Rule
	Tried   int64         // packets of the types that the filter can match
	Matched int64         // of them
	Total   time.Duration // for all packets, once
}

// mostProfiled bounds the packets that are held in memory for the measurement; they are the first of the captures.
const mostProfiled = 200_000

// least is how long each filter runs to be measured: over all packets, as often as it takes.
const least = 100 * time.Millisecond

// Profile measures the rules' filters on the ICMP packets of captures, the dearest first.
func Profile(ctx context.Context, set *rules.Set, c *field.Context, captures ...string) (costs []Cost, packets int64, err error) {
	var all []*ingest.Packet
	err = Case(ctx, captures, func(line *timeline.Timeline) error {
		return line.Each(ctx, func(p *ingest.Packet) {
			if _, _, ok := p.Type(); ok && p.IP >= 0 && !p.Case.Copy && len(all) < mostProfiled {
				all = append(all, p.Clone())
			}
		})
	})
	if err != nil {
		return nil, 0, err
	}
	for _, r := range set.Rules {
		if r.Refers() {
			continue // it has no filter of its own
		}
		cost, err := measure(ctx, r, set.Lists, c, all)
		if err != nil {
			return nil, 0, err
		}
		costs = append(costs, cost)
	}
	slices.SortStableFunc(costs, func(a, b Cost) int { return cmp.Compare(b.Total, a.Total) })
	return costs, int64(len(all)), nil
}

func measure(ctx context.Context, r *rules.Rule, lists rules.Lists, c *field.Context, all []*ingest.Packet) (Cost, error) {
	cost := Cost{Rule: r}
	f, err := filter.Compile(r.Match, c, lists)
	if err != nil {
		return cost, err
	}
	tried := reachable(f, all)
	cost.Tried = int64(len(tried))
	start, rounds := time.Now(), 0
	for elapsed := time.Duration(0); elapsed < least; elapsed = time.Since(start) {
		cost.Matched = 0
		for _, p := range tried {
			if f.Match(p) {
				cost.Matched++
			}
		}
		if rounds++; ctx.Err() != nil {
			return cost, ctx.Err()
		}
	}
	cost.Total = time.Since(start) / time.Duration(rounds)
	return cost, nil
}

// reachable are the packets of the types that the filter can match: no other is asked.
func reachable(f *filter.Filter, all []*ingest.Packet) (out []*ingest.Packet) {
	v4, v6 := f.Types()
	for _, p := range all {
		typ, _, _ := p.Type()
		if types := map[bool]*[256]bool{false: v4, true: v6}[p.V6()]; types[typ] {
			out = append(out, p)
		}
	}
	return out
}
