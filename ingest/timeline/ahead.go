package timeline

import (
	"cmp"
	"context"
	"errors"
	"io"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
)

// How far reading may be ahead of the last visitor. [Slots] packets are under way at most, and fewer if they are large.
const (
	batchPackets = 128
	batches      = 6
	batchBytes   = 256 << 10
	Slots        = batches * batchPackets
)

// Visitor takes a packet, which is valid until the last visitor has seen it. slot is below [Slots] and different for all packets
// under way: visitors that follow one another may hand things on by it.
type Visitor func(slot int, p *ingest.Packet)

// batch is packets that go from one visitor to the next.
type batch struct {
	first   int             // slot of the first
	packets []ingest.Packet // the first n are in use
	n       int
	bytes   int
}

func (b *batch) add(p *ingest.Packet) (full bool) {
	if b.n == len(b.packets) {
		b.packets = append(b.packets, ingest.Packet{})
	}
	p.CopyTo(&b.packets[b.n])
	b.n++
	b.bytes += len(p.Data)
	for w := p.Whole; w != nil; w = w.Inner {
		b.bytes += len(w.Payload)
	}
	return b.n == batchPackets || b.bytes >= batchBytes
}

// clear makes room for the next packets, and lets go of large ones.
func (b *batch) clear() {
	for i := range b.packets[:b.n] {
		p := &b.packets[i]
		if p.Whole = nil; cap(p.Data) > keptFrame {
			p.Data = nil
		}
	}
	b.n, b.bytes = 0, 0
}

// stream reads to the end: reading, and every visitor but the last, in goroutines of their own, each behind the one before.
// All see every packet, in order. What panics in any of them ends it with a [fault.Bug].
func stream(ctx context.Context, open func() (ingest.PacketReader, error), visitors ...Visitor) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	free := make(chan *batch, batches)
	for i := range batches {
		free <- &batch{first: i * batchPackets}
	}
	filled, failed, bugs := make(chan *batch), make(chan error, 1), make(chan error, len(visitors))
	go func() {
		defer close(filled)
		failed <- fill(inner, open, free, filled)
	}()
	in := filled
	for _, v := range visitors[:len(visitors)-1] {
		in = pass(inner, in, v, func(bug error) { bugs <- bug; stop() })
	}
	for b := range in {
		if inner.Err() != nil {
			continue // what is under way runs out
		}
		if bug := b.visit(visitors[len(visitors)-1]); bug != nil {
			bugs <- bug
			stop()
		}
		b.clear()
		free <- b
	}
	err := <-failed
	select {
	case bug := <-bugs:
		return bug
	default:
		return cmp.Or(err, ctx.Err())
	}
}

// fill reads packets into batches.
func fill(ctx context.Context, open func() (ingest.PacketReader, error), free <-chan *batch, out chan<- *batch) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fault.Caught(cause)
		}
	}()
	r, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := b.fill(r)
		select {
		case out <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (b *batch) fill(r ingest.PacketReader) error {
	for {
		p, err := r.Next()
		if err != nil {
			return err
		}
		if b.add(p) {
			return nil
		}
	}
}

// pass shows batches to a visitor and hands them on, until the visitor fails.
func pass(ctx context.Context, in <-chan *batch, v Visitor, failed func(error)) chan *batch {
	out := make(chan *batch)
	go func() {
		defer close(out)
		for b := range in {
			if bug := b.visit(v); bug != nil {
				failed(bug)
				for range in { // whoever is before it ends, too
				}
				return
			}
			select {
			case out <- b:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// visit shows a batch's packets to a visitor. What panics there is an error that names the packet.
func (b *batch) visit(v Visitor) (failed error) {
	i := 0
	defer func() {
		if cause := recover(); cause != nil {
			bug := fault.Caught(cause)
			bug.Evidence, bug.Frame = b.packets[i].Case.Evidence, b.packets[i].Number
			failed = bug
		}
	}()
	for ; i < b.n; i++ {
		v(b.first+i, &b.packets[i])
	}
	return nil
}
