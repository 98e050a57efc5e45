package trial

import (
	"context"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/filter"
)

// Explanation says what a rule made of captures, part by part.
type Explanation struct {
	Rule    *rules.Rule
	Packets int64          // ICMP packets that were asked
	Parts   []Part         // none of a rule that has no filter of its own
	Match   *ingest.Packet // the first that passes, nil if none does
	Miss    *ingest.Packet // the first of those that fail the fewest relations, nil if all pass
	Picked  *ingest.Packet // the one of the frame that was asked for
	Result  *engine.Result
}

// Part is a part of the rule's filter, the whole first; Depth is how deep it lies within.
type Part struct {
	*filter.Step
	Depth  int
	Passed int64
}

// Explain runs one rule of a set over captures. frame, if not 0, picks a packet by its frame number in the first of them.
func Explain(ctx context.Context, set *rules.Set, r *rules.Rule, c *field.Context, frame int64, captures ...string) (*Explanation, error) {
	if r.Requires.Wireshark != "" {
		pinned := *c
		pinned.Wireshark, c = r.Requires.Wireshark, &pinned
	}
	whole, err := filter.Steps(r.Match, c, set.Lists)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Rule: r}
	if whole != nil && !r.Refers() {
		x.list(whole, 0)
	}
	best := -1
	err = Case(ctx, captures, func(line *timeline.Timeline) (err error) {
		if err := line.Each(ctx, func(p *ingest.Packet) { x.add(p, frame, &best) }); err != nil {
			return err
		}
		if x.Result, err = engine.Analyze(ctx, line, &rules.Set{Rules: set.With(r), Lists: set.Lists}, c, nil); err != nil {
			return err
		}
		return x.Result.Faults.Err()
	})
	return x, err
}

func (x *Explanation) list(s *filter.Step, depth int) {
	x.Parts = append(x.Parts, Part{Step: s, Depth: depth})
	for _, under := range s.Steps {
		x.list(under, depth+1)
	}
}

// add asks every part of a packet.
func (x *Explanation) add(p *ingest.Packet, frame int64, best *int) {
	if p.Case.Evidence == 0 && p.Number == frame {
		q := p.Clone()
		x.Picked = q
	}
	if _, _, ok := p.Type(); !ok || p.IP < 0 || p.Case.Copy || x.Parts == nil {
		return
	}
	x.Packets++
	relations := 0
	for i := range x.Parts {
		passes := x.Parts[i].Passes(p)
		if passes {
			x.Parts[i].Passed++
		}
		if len(x.Parts[i].Steps) == 0 && passes {
			relations++
		}
	}
	switch passes := x.Parts[0].Passes(p); {
	case passes && x.Match == nil:
		x.Match = p.Clone()
	case !passes && relations > *best:
		x.Miss, *best = p.Clone(), relations
	}
}
