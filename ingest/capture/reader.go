package capture

import (
	"io"
	"slices"
	"strings"

	"icmpsift/ingest"
)

// records is a capture format: next fills in the frame, or is false at the end.
type records interface {
	next(f *ingest.Frame) bool
	format() string
	interfaces() []ingest.Interface
	comments() []string
}

// Reader reads one capture. It is not safe for concurrent use.
type Reader struct {
	records
	layers []string
	stream *stream
	log    *journal
	timed  bool // frames say themselves what their time is told against
	spans  spans
	frame  ingest.Frame
	done   bool
}

// NewReader identifies the input by its content, peels compression off and reads the capture's header. Errors: [ErrEmpty]
// for no bytes at all, [*NotCapture] for other files, [*Unsupported] for captures of a kind that cannot be read. A
// capture that breaks off inside its header is not an error: it has no frames and a State that says so.
func NewReader(r io.Reader) (*Reader, error) {
	top, layers, err := peel(r)
	if err != nil {
		return nil, err
	}
	c := &Reader{layers: layers, stream: newStream(top), log: newJournal()}
	if c.records, err = identify(c.stream, c.log); err != nil {
		return nil, wrapped(err, c.Compression())
	}
	_, c.timed = c.records.(*export)
	return c, nil
}

// Next gives the next frame; it and its Data are valid until the next call. The only error is io.EOF, also behind
// damage: see [Reader.State].
func (r *Reader) Next() (*ingest.Frame, error) {
	if r.done {
		return nil, io.EOF
	}
	if !r.next(&r.frame) {
		r.done, r.frame = true, ingest.Frame{}
		r.stream.release()
		return nil, io.EOF
	}
	if !r.timed {
		r.spans.tell(&r.frame)
	}
	return &r.frame, nil
}

// spans remembers what a frame's time is told against.
type spans struct {
	began       bool
	first, last int64
}

func (c *spans) tell(f *ingest.Frame) {
	f.Since, f.Elapsed = 0, 0
	if f.NoTime {
		return
	}
	if !c.began {
		c.began, c.first, c.last = true, f.Time, f.Time
	}
	f.Since, f.Elapsed, c.last = f.Time-c.last, f.Time-c.first, f.Time
}

// Format is "pcap", "pcapng", "tshark-json" or "tshark-ek".
func (r *Reader) Format() string { return r.format() }

// Compression names the layers peeled off, outermost first, joined by "+"; "" if there were none.
func (r *Reader) Compression() string { return strings.Join(r.layers, "+") }

// Interfaces lists the interfaces seen so far, in the order of the file.
func (r *Reader) Interfaces() []ingest.Interface { return slices.Clone(r.interfaces()) }

// Comments lists the comments on sections (not on packets) seen so far: hostile text.
func (r *Reader) Comments() []string { return slices.Clone(r.comments()) }

// State tells how far reading came; it is final once Next has given io.EOF.
func (r *Reader) State() State { return r.log.report() }
