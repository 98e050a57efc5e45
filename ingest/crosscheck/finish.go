package crosscheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"icmpsift/ingest/field"
)

// finish makes the result, once both sides are at their end.
func (c *comparison) finish() *Result {
	r := c.result
	r.OnePass = c.answer.Export && !c.ahead && c.late
	if r.OnePass {
		r.Agreed += c.pending[false]
		r.Explained += c.pending[true]
	}
	order := append([]string{allFrames, carries}, names(c.fields)...)
	for _, name := range append(order, names(c.listed)...) {
		if t := c.rows[name]; t != nil {
			r.Untold += t.settle(r.OnePass)
			r.Rows = append(r.Rows, t.Row)
			r.Values += t.Values
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.lacking)) {
		r.Lacking = append(r.Lacking, Count{name, c.lacking[name]})
	}
	return r
}

func names(fields []*field.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// allFrames is the row of how many frames the capture has.
const allFrames = "(frames in the file)"

// ending compares the files' ends: a tshark that gave up early agrees with everything before. theirs is how many frames
// tshark read, -1 if not known.
func (c *comparison) ending(ours, theirs int64, complaint error) {
	if complaint != nil {
		c.result.Complaint = complaint.Error()
	}
	switch {
	case c.answer.columns != nil && c.answer.columns.failed() != nil:
		c.result.Problem = c.answer.columns.failed().Error()
	case theirs == 0 && ours > 0:
		c.result.Problem = cmp.Or(c.result.Complaint, "tshark read no frame of it")
	case c.answer.records.err != nil:
		c.result.Problem = c.answer.records.err.Error()
	case theirs >= 0:
		c.length(ours, theirs)
	}
}

// length compares how many frames either side read.
func (c *comparison) length(ours, theirs int64) {
	t := c.row(allFrames)
	t.count(1)
	if ours != theirs {
		t.file("", &clash{field: allFrames, frame: min(ours, theirs) + 1, ours: []string{fmt.Sprint(ours)}, theirs: []string{fmt.Sprint(theirs)}})
	}
}
