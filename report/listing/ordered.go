package listing

import (
	"bytes"
	"fmt"
	"io"

	"icmpsift/ingest"
)

// Ordered prints packets by several printers at a time, on copies of the packets, and what they print in order: nobody can
// tell it from one of them.
type Ordered struct {
	w     io.Writer
	first Printer       // prints what stands before and behind packets
	idle  chan *printer // those that print nothing now
	all   []*printer
	queue []*batch // being printed, the oldest first
	spare chan *batch
	texts chan *bytes.Buffer // not in use; there are as many as batches that are being printed
	own   *collector         // of packets that come one by one
	some  bool               // packets were handed over
}

// printer prints into a buffer of its own.
type printer struct {
	Printer
	out *output
}

// collector gathers packets of one file after the other in batches.
type collector struct {
	spare <-chan *batch
	batch *batch // being filled, nil if none is
	lapse lapse
}

// add takes a copy of the packet; it gives the batch that is full with it.
func (c *collector) add(p *ingest.Packet) (full *batch) {
	if c.batch == nil {
		c.batch = c.empty()
	}
	b := c.batch
	b.packets = b.packets[:len(b.packets)+1]
	p.CopyTo(&b.packets[len(b.packets)-1])
	b.bytes += len(p.Data)
	c.lapse.next(p)
	if len(b.packets) == cap(b.packets) || b.bytes >= batchBytes {
		return c.rest()
	}
	return nil
}

// rest gives the batch that is being filled, if there is one.
func (c *collector) rest() (b *batch) {
	b, c.batch = c.batch, nil
	return b
}

// empty is a batch to be filled.
func (c *collector) empty() (b *batch) {
	select {
	case b = <-c.spare:
	default:
		b = &batch{packets: make([]ingest.Packet, 0, batchPackets), done: make(chan any, 1)}
	}
	b.before.lapse = c.lapse
	return b
}

// output is where a printer prints to: the text of the batch that it has.
type output struct{ text *bytes.Buffer }

func (o *output) Write(b []byte) (int, error) {
	if o.text == nil { // what stands before packets, which the first printer prints
		return len(b), nil
	}
	return o.text.Write(b)
}

// room is where an object may write what is to be written to w: in w itself, where it has room of its own, so that it need not be
// copied there.
func room(w io.Writer, own []byte) []byte {
	if o, ok := w.(*output); ok && o.text != nil {
		o.text.Grow(documentBytes)
		return o.text.AvailableBuffer()
	}
	return own[:0]
}

const documentBytes = 8 << 10 // of most documents, at most

// batch is some packets in a row, and what they look like printed.
type batch struct {
	before  state
	packets []ingest.Packet
	bytes   int           // of their frames
	text    *bytes.Buffer // once it is being printed
	done    chan any      // told once they are printed: nil, or why not
}

// Enough packets for a batch to be worth handing over.
const (
	batchPackets = 128
	batchBytes   = 64 << 10
	ordinary     = 4 << 10 // bytes of most frames, at most
	largeText    = 8 << 20 // bytes of most batches as text, at most
)

// NewOrdered prints to w by n printers; build makes one that prints to what it is given.
func NewOrdered(w io.Writer, n int, build func(w io.Writer) (Printer, error)) (*Ordered, error) {
	first, err := build(w)
	if err != nil {
		return nil, err
	}
	o := &Ordered{w: w, first: first, idle: make(chan *printer, n), spare: make(chan *batch, 4*n+feedBatches), texts: make(chan *bytes.Buffer, 3*n)}
	o.own = &collector{spare: o.spare, lapse: newLapse()}
	for range n {
		p := &printer{out: &output{}}
		if p.Printer, err = build(p.out); err != nil {
			return nil, err
		}
		o.all = append(o.all, p)
		o.idle <- p
	}
	return o, nil
}

// Begin ends the file before.
func (o *Ordered) Begin(e *ingest.Evidence) error {
	if err := o.flush(); err != nil {
		return err
	}
	o.own.lapse.begin()
	for _, p := range o.all {
		if err := p.Begin(e); err != nil {
			return err
		}
	}
	return o.first.Begin(e)
}

// Packet takes a copy of the packet and has it printed some time.
func (o *Ordered) Packet(p *ingest.Packet) error {
	if b := o.own.add(p); b != nil {
		return o.hand(b)
	}
	return nil
}

// hand has a batch printed, and writes those that are done; it waits where all printers are busy.
func (o *Ordered) hand(b *batch) error {
	b.before.some, o.some = o.some, true
	o.queue = append(o.queue, b)
	go o.print(<-o.idle, b) // before anything can fail: who flushes waits for it
	for len(o.queue) > 2*len(o.all) {
		if err := o.write(); err != nil {
			return err
		}
	}
	return nil
}

// print prints a batch. What panics here is for who waits for it.
func (o *Ordered) print(p *printer, b *batch) {
	defer func() { b.done <- recover() }()
	defer func() { o.idle <- p }()
	b.text = o.buffer()
	p.out.text = b.text
	p.resume(b.before)
	for i := range b.packets {
		if err := p.Packet(&b.packets[i]); err != nil {
			panic(err)
		}
	}
	p.out.text = nil
}

// write waits for the oldest batch and writes it.
func (o *Ordered) write() error {
	b := o.queue[0]
	o.queue = o.queue[1:]
	if fault := <-b.done; fault != nil {
		panic(fmt.Sprint(fault))
	}
	_, err := o.w.Write(b.text.Bytes())
	o.release(b.text)
	b.clear()
	select {
	case o.spare <- b:
	default:
	}
	return err
}

// buffer is one to print to.
func (o *Ordered) buffer() *bytes.Buffer {
	select {
	case b := <-o.texts:
		return b
	default:
		return &bytes.Buffer{}
	}
}

// release takes a buffer back, unless few batches need one as large.
func (o *Ordered) release(b *bytes.Buffer) {
	if b.Reset(); b.Cap() > largeText {
		return
	}
	select {
	case o.texts <- b:
	default:
	}
}

// clear makes a batch ready to be filled again, without the memory that few packets need.
func (b *batch) clear() {
	for i := range b.packets {
		p := &b.packets[i]
		if p.Whole = nil; cap(p.Data) > ordinary {
			p.Data = nil
		}
	}
	b.packets, b.bytes, b.text = b.packets[:0], 0, nil
}

// flush writes everything.
func (o *Ordered) flush() error {
	if b := o.own.rest(); b != nil {
		if err := o.hand(b); err != nil {
			return err
		}
	}
	for len(o.queue) > 0 {
		if err := o.write(); err != nil {
			return err
		}
	}
	return nil
}

// End writes everything, and what stands behind it.
func (o *Ordered) End() error {
	if err := o.flush(); err != nil {
		return err
	}
	o.first.resume(state{some: o.some, lapse: o.own.lapse})
	return o.first.End()
}

func (o *Ordered) resume(s state) { o.some, o.own.lapse = s.some, s.lapse }
