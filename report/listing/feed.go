package listing

import (
	"context"

	"icmpsift/ingest"
)

// Feed takes packets that are to be printed later, from another goroutine than the one that prints: as many as it has room for, then it
// waits for [Ordered.Drain].
type Feed struct {
	ctx   context.Context
	ready chan fed
	own   *collector
}

// fed is one of both: a file that begins, or packets of it.
type fed struct {
	begun *ingest.Evidence
	batch *batch
}

// feedBatches is how many batches a feed has room for.
const feedBatches = 16

// Feed makes a feed of packets for o. It gives up waiting when the context ends, with its error.
func (o *Ordered) Feed(ctx context.Context) *Feed {
	return &Feed{ctx: ctx, ready: make(chan fed, feedBatches), own: &collector{spare: o.spare, lapse: newLapse()}}
}

// Begin says that what follows is of this file.
func (f *Feed) Begin(e *ingest.Evidence) error {
	err := f.flush()
	f.own.lapse.begin()
	if err != nil {
		return err
	}
	return f.send(fed{begun: e})
}

// Packet takes a copy of the packet.
func (f *Feed) Packet(p *ingest.Packet) error {
	if b := f.own.add(p); b != nil {
		return f.send(fed{batch: b})
	}
	return nil
}

// Close says that nothing follows. What was fed can be drained all the same.
func (f *Feed) Close() error {
	defer close(f.ready)
	return f.flush()
}

func (f *Feed) flush() error {
	if b := f.own.rest(); b != nil {
		return f.send(fed{batch: b})
	}
	return nil
}

func (f *Feed) send(x fed) error {
	select {
	case f.ready <- x:
		return nil
	case <-f.ctx.Done():
		return f.ctx.Err()
	}
}

// Drain prints all that the feed takes, until it is closed.
func (o *Ordered) Drain(f *Feed) error {
	for x := range f.ready {
		var err error
		if x.begun != nil {
			err = o.Begin(x.begun)
		} else {
			err = o.hand(x.batch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
