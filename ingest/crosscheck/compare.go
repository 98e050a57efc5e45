package crosscheck

import (
	"cmp"
	"context"
	"io"

	"icmpsift/ingest"
)

// Compare goes through a capture's packets and tshark's answer side by side. Wireshark "" takes the answer's version.
// The answer is closed. Errors are the extract's and the context's; what is wrong with tshark or an export becomes the
// result's Problem.
func Compare(ctx context.Context, x ingest.Extract, a *Answer, list *Accepted, wireshark string) (*Result, error) {
	r, err := x.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := newComparison(x.Evidence(), a, list, wireshark)
	o := &ours{in: r}
	err = c.run(ctx, o, a.records)
	c.result.Salvaged = o.hidden
	length := a.length()
	complaint := a.Close()
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return nil, err
	}
	c.ending(x.Evidence().Frames, length, complaint)
	return c.finish(), nil
}

// run merges both sides by frame number.
func (c *comparison) run(ctx context.Context, ours *ours, theirs *records) error {
	ours.next()
	theirs.next()
	for ctx.Err() == nil && ours.err == nil {
		p, r := ours.packet, theirs.record
		switch {
		case theirs.err != nil, p == nil && r == nil:
			return ours.err
		case r == nil || p != nil && p.Number < r.Number:
			c.onlyOurs(p)
			ours.next()
		case p == nil || r.Number < p.Number:
			c.onlyTheirs(r)
			theirs.next()
		default:
			c.both(p, r)
			ours.next()
			theirs.next()
		}
	}
	return ours.err
}

// ours are the packets of an extract that carry ICMP and that Wireshark shows.
type ours struct {
	in     ingest.PacketReader
	packet *ingest.Packet // nil behind the last
	hidden int64          // packets passed over that Wireshark does not show
	err    error
}

func (o *ours) next() {
	for {
		p, err := o.in.Next()
		if o.packet = p; err != nil {
			if o.packet = nil; err != io.EOF {
				o.err = err
			}
			return
		}
		switch {
		case p.Message() == nil:
		case p.Salvaged:
			o.hidden++
		default:
			return
		}
	}
}
