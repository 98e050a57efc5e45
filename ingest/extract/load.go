package extract

import (
	"errors"
	"fmt"
	"io"
	"math"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/spool"
)

// Bounds of what a saved extract may say. It may be forged, and is evidence like any other.
const (
	mostFrames = 1 << 38 // numbers of frames: no capture is longer
	mostNested = 100     // datagrams in one another: as many layers as the decoder reads
	mostFCS    = 255
)

// Loaded is an extract that was loaded.
type Loaded struct {
	Extract *Extract
	Entry   Entry
}

// Frames is a saved extract being read: [capture.Reader], or what reads by it.
type Frames interface {
	Sections(begun func(own []byte))
	Next() (*ingest.Frame, error)
	Own() []byte
}

// Loader takes a saved extract in. What has to be looked ahead for is worked out again from the packets. A loader holds one packet at a time.
type Loader struct {
	budget  *spool.Budget
	decoder *decode.Decoder
	packet  ingest.Packet

	done    []Loaded
	writer  *Writer // of the entry in work, nil before the first
	entry   Entry
	own     digest // of the packets of the entry
	all     digest
	icmp    int64
	last    int64 // frame number
	packets int64
	closed  *closing
	problem error // the first thing that is wrong with the extract
}

// NewLoader loads into memory of the budget, and beyond it into spool files.
func NewLoader(b *spool.Budget) *Loader {
	return &Loader{budget: b, decoder: decode.New(decode.Options{}), all: newDigest()}
}

// Section takes a section's header in.
func (l *Loader) Section(own []byte) {
	if c, ok := ended(own); ok {
		if l.closed != nil {
			l.wrong(errors.New("it has more than one end"))
		}
		l.closed = &c
		return
	}
	e, err := ParseEntry(own)
	switch {
	case l.closed != nil:
		l.wrong(errors.New("it goes on behind its end"))
	case err != nil:
		l.wrong(err)
	default:
		l.all.add(own)
		l.finish()
		l.entry, l.writer, l.own, l.icmp, l.last = e, NewWriter(l.budget), newDigest(), 0, 0
	}
}

// wrong keeps the first problem.
func (l *Loader) wrong(err error) {
	if l.problem == nil {
		l.problem = err
	}
}

// Entry is that of the section in work; ok is false before the first.
func (l *Loader) Entry() (e Entry, ok bool) { return l.entry, l.writer != nil }

// Packet takes a frame in, and what the extract says of it. Errors are the spool's: what is wrong with the frame is the extract's problem.
func (l *Loader) Packet(f *ingest.Frame, own []byte) error {
	if l.writer == nil {
		l.wrong(errors.New("it has packets in front of its first entry"))
		return nil
	}
	l.packets++
	l.all.add(own, f.Data)
	l.own.add(own, f.Data)
	frame, whole, problems, err := l.said(f, own)
	if err != nil { // whatever is wrong, the packet is there
		l.wrong(err)
		frame, whole, problems = l.plain(f), nil, 0
	}
	l.last = frame.Number
	l.decoder.Replay(&frame, whole, &l.packet)
	l.packet.Problems |= problems
	if l.packet.ICMP >= 0 {
		l.icmp++
	}
	return l.writer.Add(&l.packet)
}

// said is the frame as it was in the original.
func (l *Loader) said(f *ingest.Frame, own []byte) (out ingest.Frame, whole *ingest.Datagram, problems ingest.Problem, err error) {
	c := cursor{b: own}
	bits, problems := c.facts(&out)
	whole = c.wholes(bits)
	out.Data = f.Data
	if c.err != nil || len(c.b) > 0 {
		return out, nil, 0, errors.New("what it says of a packet cannot be read")
	}
	switch e := &l.entry.Evidence; {
	case out.Number <= l.last || out.Number > mostFrames:
		err = fmt.Errorf("frame %d follows frame %d", out.Number, l.last)
	case out.Section < 0 || out.Interface < 0 || out.FCS < 0 || out.FCS > mostFCS || out.Wire < 0 || out.Wire > math.MaxUint32 || out.Offset < 0:
		err = fmt.Errorf("what it says of frame %d cannot be", out.Number)
	case out.Link != f.Link:
		err = fmt.Errorf("frame %d is of two link types", out.Number)
	case !out.NoTime && (out.Time < e.First || out.Time > e.Last):
		err = fmt.Errorf("frame %d lies outside the time of its file", out.Number)
	default:
		err = sound(whole, out.Number)
	}
	return out, whole, problems, err
}

// sound tells what cannot be of a datagram that the frame of the number completes.
func sound(w *ingest.Datagram, number int64) error {
	for nested := 0; w != nil; w = w.Inner {
		if nested++; nested > mostNested {
			return fmt.Errorf("frame %d completes more datagrams than a frame can hold", number)
		}
		for _, f := range w.Frames {
			if f < 1 || f > number {
				return fmt.Errorf("frame %d completes a datagram of which frame %d is a fragment", number, f)
			}
		}
		for _, p := range w.Parts {
			if p.Offset < 0 || p.Length < 0 || p.Offset > math.MaxInt32 || p.Length > math.MaxInt32 {
				return fmt.Errorf("frame %d completes a datagram with a fragment of %d bytes at %d", number, p.Length, p.Offset)
			}
		}
	}
	return nil
}

// plain is a frame of which nothing is said that can be believed.
func (l *Loader) plain(f *ingest.Frame) ingest.Frame {
	out := *f
	out.Number, out.On = max(l.last+1, 1), nil
	return out
}

// finish ends the entry in work.
func (l *Loader) finish() {
	if l.writer == nil {
		return
	}
	if e := &l.entry.Evidence; l.icmp != e.ICMPFrames {
		l.wrong(fmt.Errorf("it holds %d ICMP packets of %q, and says that there were %d", l.icmp, e.Path, e.ICMPFrames))
	}
	x := l.writer.Done(l.entry.Evidence)
	x.evidence.Extract = &ingest.Saved{Content: l.own.sum()}
	l.done, l.writer = append(l.done, Loaded{x, l.entry}), nil
}

// Done ends loading. The error says what is wrong with the extract, nil if it is whole and sound: then it holds what it says. Even with
// an error what was loaded is given.
func (l *Loader) Done() ([]Loaded, error) {
	l.finish()
	switch c := l.closed; {
	case l.problem != nil:
	case c == nil:
		l.problem = errTorn
	case c.Entries != len(l.done) || c.Packets != l.packets || c.SHA256 != l.all.sum():
		l.problem = errors.New("it was changed after it was made: its check sum is not right")
	}
	return l.done, l.problem
}

var errTorn = errors.New("it is torn: its end is missing")

// Close gives up loading, and frees what was loaded.
func (l *Loader) Close() error {
	var errs []error
	if l.writer != nil {
		errs = append(errs, l.writer.Close())
		l.writer = nil
	}
	for _, x := range l.done {
		errs = append(errs, x.Extract.Close())
	}
	l.done = nil
	return errors.Join(errs...)
}

// Load reads all frames. Errors are the spool's, and those of goOn, which is asked now and then.
func (l *Loader) Load(in Frames, goOn func() error) error {
	in.Sections(l.Section)
	for n := 1; ; n++ {
		f, err := in.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = l.Packet(f, in.Own())
		}
		if err == nil && n%4096 == 0 {
			err = goOn()
		}
		if err != nil {
			return err
		}
	}
}
