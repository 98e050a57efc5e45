package crosscheck

import "slices"

// tally is a row in the making.
type tally struct {
	Row
	pending Difference // what a one-pass export cannot hold
	late    int64      // values of it
}

func (c *comparison) row(name string) *tally {
	t := c.rows[name]
	if t == nil {
		t = &tally{Row: Row{Field: name}}
		c.rows[name] = t
	}
	return t
}

func (t *tally) count(values int) {
	t.Frames++
	t.Values += int64(values)
}

// file notes a difference under its reason.
func (t *tally) file(reason string, d *clash) {
	i := slices.IndexFunc(t.Differences, func(x Difference) bool { return x.Reason == reason })
	if i < 0 {
		i = len(t.Differences)
		t.Differences = append(t.Differences, Difference{Reason: reason})
	}
	t.Differences[i].add(d)
}

// wait notes a difference that only the end of an export can judge.
func (t *tally) wait(d *clash) {
	t.pending.add(d)
	t.late += int64(max(len(d.ours), len(d.theirs)))
}

func (d *Difference) add(x *clash) {
	d.Frames++
	if len(d.First) < maxExamples {
		d.First = append(d.First, Example{Frame: x.frame, Ours: x.ours, Theirs: slices.Clone(x.theirs)})
	}
}

// settle ends the row, what nobody explained in front: what waited is not compared if the export was made in one pass, and else a difference like others.
// It gives the values that were not compared.
func (t *tally) settle(onePass bool) (untold int64) {
	switch {
	case t.pending.Frames == 0:
	case onePass:
		t.Frames -= t.pending.Frames
		t.Values -= t.late
		untold = t.late
	default:
		t.merge(t.pending)
	}
	slices.SortStableFunc(t.Differences, func(a, b Difference) int { return min(len(a.Reason), 1) - min(len(b.Reason), 1) })
	return untold
}

// merge adds differences without a reason.
func (t *tally) merge(d Difference) {
	i := slices.IndexFunc(t.Differences, func(x Difference) bool { return x.Reason == "" })
	if i < 0 {
		t.Differences = append(t.Differences, d)
		return
	}
	known := &t.Differences[i]
	known.Frames += d.Frames
	known.First = append(known.First, d.First...)
	slices.SortFunc(known.First, func(a, b Example) int { return int(a.Frame - b.Frame) })
	known.First = known.First[:min(maxExamples, len(known.First))]
}
