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
	spare []*batch
	batch *batch // being filled
	state state  // behind the packets of batch
}

// printer prints into a buffer of its own.
type printer struct {
	Printer
	out *output
}

// output is where a printer prints to: the text of the batch that it has.
type output struct{ text *bytes.Buffer }

func (o *output) Write(b []byte) (int, error) {
	if o.text == nil { // what stands before packets, which the first printer prints
		return len(b), nil
	}
	return o.text.Write(b)
}

// batch is some packets in a row, and what they look like printed.
type batch struct {
	before  state
	packets []ingest.Packet
	bytes   int // of their frames
	text    bytes.Buffer
	done    chan any // told once they are printed: nil, or why not
}

// Enough packets for a batch to be worth handing over.
const (
	batchPackets = 128
	batchBytes   = 64 << 10
	ordinary     = 4 << 10 // bytes of most frames, at most
)

// NewOrdered prints to w by n printers; build makes one that prints to what it is given.
func NewOrdered(w io.Writer, n int, build func(w io.Writer) (Printer, error)) (*Ordered, error) {
	first, err := build(w)
	if err != nil {
		return nil, err
	}
	o := &Ordered{w: w, first: first, idle: make(chan *printer, n), state: state{lapse: newLapse()}}
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
	o.state.lapse.begin()
	for _, p := range o.all {
		if err := p.Begin(e); err != nil {
			return err
		}
	}
	return o.first.Begin(e)
}

// Packet takes a copy of the packet and has it printed some time.
func (o *Ordered) Packet(p *ingest.Packet) error {
	if o.batch == nil {
		o.batch = o.empty()
	}
	b := o.batch
	b.packets = b.packets[:len(b.packets)+1]
	p.CopyTo(&b.packets[len(b.packets)-1])
	b.bytes += len(p.Data)
	o.state.some = true
	o.state.lapse.next(p)
	if len(b.packets) == cap(b.packets) || b.bytes >= batchBytes {
		return o.hand()
	}
	return nil
}

// empty is a batch to be filled.
func (o *Ordered) empty() (b *batch) {
	if n := len(o.spare); n > 0 {
		b, o.spare = o.spare[n-1], o.spare[:n-1]
	} else {
		b = &batch{packets: make([]ingest.Packet, 0, batchPackets), done: make(chan any, 1)}
	}
	b.before = o.state
	return b
}

// hand has the batch printed, and writes those that are done; it waits where all printers are busy.
func (o *Ordered) hand() error {
	b := o.batch
	o.batch = nil
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
	p.out.text = &b.text
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
	b.clear()
	o.spare = append(o.spare, b)
	return err
}

// clear makes a batch ready to be filled again, without the memory that few packets need.
func (b *batch) clear() {
	for i := range b.packets {
		p := &b.packets[i]
		if p.Whole = nil; cap(p.Data) > ordinary {
			p.Data = nil
		}
	}
	b.packets, b.bytes = b.packets[:0], 0
	if b.text.Reset(); b.text.Cap() > batchPackets*ordinary*2 {
		b.text = bytes.Buffer{}
	}
}

// flush writes everything.
func (o *Ordered) flush() error {
	if o.batch != nil {
		if err := o.hand(); err != nil {
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
	o.first.resume(o.state)
	return o.first.End()
}

func (o *Ordered) resume(s state) { o.state = s }
