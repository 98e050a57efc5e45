package timeline

import (
	"context"
	"errors"
	"io"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
)

// Limit is a mandate: which messages may be looked at. The zero Limit lets all through.
type Limit struct {
	From, To *time.Time                // by the timeline's clock: from the first moment on, up to and without the second; nil is open
	Passes   func(*ingest.Packet) bool // nil lets all through
	Shown    string                    // what Wireshark can say of Passes, as a display filter; "" is nothing
}

// None tells whether the limit lets everything through.
func (l Limit) None() bool { return l.From == nil && l.To == nil && l.Passes == nil }

func (l Limit) holds(p *ingest.Packet) bool {
	at := time.Unix(0, p.Case.Time)
	return (l.From == nil || !at.Before(*l.From)) && (l.To == nil || at.Before(*l.To)) && (l.Passes == nil || l.Passes(p))
}

// outside takes a place off the timeline.
const outside = 0

// Limit takes messages that the limit does not let through off the timeline: from here on nobody reads them. They keep their
// numbers and were paired before, so that a reply inside is no unsolicited one because its request lies outside. The first
// sighting of a packet decides on all of them; a further one is dropped as well if it does not pass itself. Fragments stay,
// for they are read with the message they make up alone.
func (t *Timeline) Limit(ctx context.Context, l Limit) (err error) {
	if l.None() {
		return nil
	}
	r := t.open(nil)
	defer func() { err = errors.Join(err, r.Close()) }()
	gone := spool.NewSlots(t.budget)
	defer func() { err = errors.Join(err, gone.Err(), gone.Close()) }()
	t.limit = l
	for ctx.Err() == nil {
		p, err := r.Next()
		if err == io.EOF {
			return t.err()
		}
		if err != nil {
			return err
		}
		if p.Message() != nil {
			t.judge(r.place-1, r.mark, p, l.holds(p), gone)
		}
	}
	return ctx.Err()
}

// judge takes the sighting at a place off the timeline if it, or the first one of its packet, does not pass.
func (t *Timeline) judge(place, mark int64, p *ingest.Packet, passes bool, gone *spool.Slots) {
	without := p.Case.Copy && gone.Get(p.Case.Number) != 0
	if passes && !without {
		return
	}
	t.original.Set(place, outside|mark)
	switch {
	case !p.Case.Copy:
		gone.Set(p.Case.Number, 1)
		if p.IP >= 0 {
			t.stats.Outside++
		}
	case passes && gone.Get(p.Case.Number) == 1:
		gone.Set(p.Case.Number, 2)
		t.stats.Astray++
	}
}

// End is when what may be looked at ends, in nanoseconds: with the last capture, or where the limit says so before.
func (t *Timeline) End() (end int64) {
	for _, e := range t.Evidence() {
		end = max(end, e.Last-e.ClockOffset)
	}
	if t.limit.To != nil {
		end = min(end, t.limit.To.UnixNano())
	}
	return end
}

// Limits is the limit that the timeline was given.
func (t *Timeline) Limits() Limit { return t.limit }
