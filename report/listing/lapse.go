package listing

import (
	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// lapse is the time since the packet printed before, in the same file: frame.time_delta_displayed, which only who prints
// can tell.
type lapse struct {
	field *field.Field // nil if the table has none
	last  int64        // time of the packet before, nanoseconds
	some  bool         // there was one
	now   int64        // the lapse of the packet at hand
}

func newLapse() lapse {
	f, _ := field.Lookup("frame.time_delta_displayed")
	return lapse{field: f}
}

// begin forgets the file before.
func (l *lapse) begin() { l.some = false }

// next moves on to a packet.
func (l *lapse) next(p *ingest.Packet) {
	if p.NoTime {
		return
	}
	l.now = 0
	if l.some {
		l.now = p.Time - l.last
	}
	l.last, l.some = p.Time, true
}

// correct puts the lapse in the place of what the table says.
func (l *lapse) correct(tree []field.Node) {
	for i := range tree {
		if tree[i].Depth == 0 && i > 0 { // behind the frame's own items
			return
		}
		if tree[i].Field != nil && tree[i].Field == l.field {
			tree[i].Value.Int = l.now
		}
	}
}
