package crosscheck

import (
	"errors"
	"fmt"
	"io"

	"icmpsift/ingest"
	"icmpsift/ingest/tshark"
)

// records reads tshark's trees in ascending order of frames.
type records struct {
	in     io.Reader
	reader *tshark.Reader // made with the first record
	record *tshark.Record // at hand; nil behind the last
	last   int64
	err    error // that ended reading before its time
}

// next goes on to the next record; behind the last, or an error, there is none.
func (r *records) next() {
	if r.record = nil; r.err != nil {
		return
	}
	if r.reader == nil {
		if r.reader, r.err = tshark.NewReader(r.in); r.err != nil {
			return
		}
	}
	found, err := r.reader.Next()
	switch {
	case err != nil:
		r.end()
	case !entire(found):
		r.err = fmt.Errorf("line %d: expected whole packets as \"tshark -T json\" and \"-T ek\" write them, not fields or protocols chosen with -e, -j or -J", found.Line)
	case found.Number <= r.last:
		r.err = fmt.Errorf("line %d: frame %d behind frame %d: expected the frames of one capture in ascending order", found.Line, found.Number, r.last)
	default:
		r.record, r.last = found, found.Number
	}
}

// entire tells whether a record holds all that tshark dissected, as far as that can be seen.
func entire(r *tshark.Record) bool {
	described := false
	for i := range r.Nodes {
		switch n := &r.Nodes[i]; {
		case n.Name == "filtered":
			return false
		case n.Name == "frame.protocols" && n.Valued:
			described = true
		}
	}
	return described && r.Number > 0
}

// end says what was wrong with what was read.
func (r *records) end() {
	if s := r.reader.State(); s.Problem != "" && s.Status != ingest.Empty {
		r.err = errors.New(s.Problem)
	}
}
