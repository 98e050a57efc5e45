// Package extract holds what reading one evidence file once yields: the seam between reading and judging. A [Writer]
// takes packets in file order and links between them as they become known; [Writer.Done] turns it into an
// [ingest.Extract] that can be read as often as wanted. Small extracts stay in memory, others go to a spool file.
package extract

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/spool"
)

// Writer collects the packets of one evidence file.
type Writer struct {
	log      *spool.Log
	links    *spool.Slots // two slots a packet: the other frame's number, and the response time
	joined   *spool.Slots // by frame number: the frame that completes the datagram of its fragment
	pairs    *exchange.Spooled
	count    int64
	timed    bool // a packet with a time was seen
	earliest int64
	latest   int64
	disorder int64
	buf      []byte
}

// NewWriter starts an extract whose memory counts against the budget.
func NewWriter(b *spool.Budget) *Writer {
	w := &Writer{log: spool.NewLog(b), links: spool.NewSlots(b), joined: spool.NewSlots(b)}
	w.pairs = exchange.NewSpooled(b, w.match)
	return w
}

// Add appends a packet, in file order, and matches it as Wireshark does. Errors come from the spool file only.
func (w *Writer) Add(p *ingest.Packet) error {
	w.buf = appendRecord(w.buf[:0], p)
	if _, err := w.log.Write(w.buf); err != nil {
		return fmt.Errorf("write extract: %w", err)
	}
	if err := w.pairs.Add(p, w.count); err != nil {
		return err
	}
	w.count++
	if !p.NoTime {
		w.see(p.Time)
	}
	w.join(p)
	return errors.Join(w.links.Err(), w.joined.Err())
}

// join links the fragments of the datagrams that a frame completes to it.
func (w *Writer) join(p *ingest.Packet) {
	for d := p.Whole; d != nil; d = d.Inner {
		for _, frame := range d.Frames {
			if frame != p.Number {
				w.joined.Set(frame, p.Number)
			}
		}
	}
}

// see measures disorder; times of a hostile file may lie farther apart than 64 bits hold.
func (w *Writer) see(time int64) {
	if !w.timed {
		w.timed, w.earliest, w.latest = true, time, time
	}
	w.earliest, w.latest = min(w.earliest, time), max(w.latest, time)
	behind := w.latest - time
	if behind < 0 {
		behind = math.MaxInt64
	}
	w.disorder = max(w.disorder, behind)
}

// match links a request and the reply that stands at place.
func (w *Writer) match(place, frame int64, m exchange.Match) {
	w.link(m.Request.Place, frame, m.Time)
	w.link(place, m.Request.Frame, m.Time)
}

func (w *Writer) link(place, frame, time int64) {
	w.links.Set(2*place, frame)
	w.links.Set(2*place+1, time)
}

// rest frees memory that is not needed between two readings.
func (w *Writer) rest() {
	w.links.Rest()
	w.joined.Rest()
}

// Close frees what a writer holds that is not to be finished.
func (w *Writer) Close() error {
	return errors.Join(w.log.Close(), w.links.Close(), w.joined.Close(), w.pairs.Close())
}

// Done ends writing and gives the extract, with its ledger entry. Should the spool fail now, Open says so.
func (w *Writer) Done(e ingest.Evidence) *Extract {
	w.buf = nil
	failed := errors.Join(w.pairs.Finish(), w.log.Rest())
	w.rest()
	return &Extract{evidence: e, w: w, failed: failed}
}

// Extract implements [ingest.Extract].
type Extract struct {
	evidence ingest.Evidence
	w        *Writer
	failed   error // it could not be finished
}

// Evidence is the ledger entry; callers may fill in what is known only later (ID, DuplicateOf, ClockOffset).
func (x *Extract) Evidence() *ingest.Evidence { return &x.evidence }

// Size is how many bytes the packets take.
func (x *Extract) Size() int64 { return x.w.log.Size() }

// Earliest is the time of the earliest packet; 0 if none has a time.
func (x *Extract) Earliest() int64 { return x.w.earliest }

// Disorder is the farthest a packet lies behind an earlier one in file order, nanoseconds.
func (x *Extract) Disorder() int64 { return x.w.disorder }

// Open reads the packets from the start. Readers of one extract must not be used at the same time from several
// goroutines. Next's errors other than io.EOF come from the spool file.
func (x *Extract) Open() (ingest.PacketReader, error) {
	if x.failed != nil {
		return nil, fmt.Errorf("read extract: %w", x.failed)
	}
	r, err := x.w.log.Reader()
	if err != nil {
		return nil, fmt.Errorf("read extract: %w", err)
	}
	return &reader{x: x, in: bufio.NewReaderSize(r, int(max(512, min(x.w.log.Size(), 64<<10)))), decoder: decode.New(decode.Options{}), on: x.interfaces()}, nil
}

// interfaces finds what the file tells of its interfaces by section and number.
func (x *Extract) interfaces() map[[2]int]*ingest.Interface {
	if x.evidence.Format != "pcapng" {
		return nil
	}
	on := make(map[[2]int]*ingest.Interface, len(x.evidence.Interfaces))
	for i := range x.evidence.Interfaces {
		told := &x.evidence.Interfaces[i]
		on[[2]int{told.Section, told.ID}] = told
	}
	return on
}

// Close frees memory and spool files.
func (x *Extract) Close() error { return x.w.Close() }

type reader struct {
	x       *Extract
	in      *bufio.Reader
	decoder *decode.Decoder
	on      map[[2]int]*ingest.Interface // by section and number, of a format that describes interfaces
	place   int64
	buf     []byte
	frame   ingest.Frame
	packet  ingest.Packet

	skimmed []byte // the record of the packet skimmed last
}

func (r *reader) Next() (*ingest.Packet, error) {
	if _, err := r.Skim(); err != nil {
		return nil, err
	}
	return &r.packet, r.Decode()
}

// Skim gives the next packet with its frame's number and time alone: [Decode] does the rest for those who want it.
func (r *reader) Skim() (*ingest.Packet, error) {
	if r.place == r.x.w.count {
		return nil, io.EOF
	}
	b, err := r.record()
	if err != nil {
		return nil, fmt.Errorf("read extract: %w", err)
	}
	if err := skimRecord(b, &r.packet.Frame); err != nil {
		return nil, fmt.Errorf("read extract: %w", err)
	}
	r.skimmed = b
	r.place++
	return &r.packet, nil
}

// Decode completes the packet that was skimmed last.
func (r *reader) Decode() error {
	whole, problems, err := r.stored()
	if err != nil {
		return err
	}
	r.decoder.Replay(&r.frame, whole, &r.packet)
	r.packet.Problems |= problems
	r.packet.Link = r.link(r.place - 1)
	r.reassembled()
	return errors.Join(r.x.w.links.Err(), r.x.w.joined.Err())
}

// stored reads the record of the packet that was skimmed last into frame, without decoding it.
func (r *reader) stored() (whole *ingest.Datagram, problems ingest.Problem, err error) {
	whole, problems, err = readRecord(r.skimmed, &r.frame)
	if err != nil {
		return nil, 0, fmt.Errorf("read extract: %w", err)
	}
	r.frame.On = r.on[[2]int{r.frame.Section, r.frame.Interface}]
	return whole, problems, nil
}

// record gives the bytes of the next record, valid until the next call.
func (r *reader) record() ([]byte, error) {
	head, err := r.in.Peek(headSize)
	if err != nil {
		return nil, damaged(err)
	}
	n := recordSize(head)
	if n > r.x.w.log.Size() {
		return nil, errRecord
	}
	r.in.Discard(headSize)
	if n <= int64(r.in.Size()) { // mostly: no copy
		b, err := r.in.Peek(int(n))
		r.in.Discard(len(b))
		return b, damaged(err)
	}
	if int64(cap(r.buf)) < n {
		r.buf = make([]byte, n+n/2)
	}
	r.buf = r.buf[:n]
	_, err = io.ReadFull(r.in, r.buf)
	return r.buf, damaged(err)
}

// damaged says what it means that the spool ends before its time; other errors are the system's.
func damaged(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errRecord
	}
	return err
}

// link gives file scope's facts of the packet just decoded.
func (r *reader) link(place int64) (l ingest.Link) {
	request, reply := r.packet.Echo()
	if !request && !reply || !exchange.Matchable(&r.packet) {
		return l
	}
	other, time := r.x.w.links.Get(2*place), r.x.w.links.Get(2*place+1)
	switch {
	case request && other != 0:
		l.RespIn, l.RespTime = other, time
	case request:
		l.NoResp = exchange.Unicast(r.packet.Dst())
	case other != 0:
		l.RespTo, l.RespTime = other, time
	}
	return l
}

// reassembled tells of a fragment which frame completes its datagram, or that none does.
func (r *reader) reassembled() {
	if !fragmented(&r.packet) {
		return
	}
	r.packet.Link.ReassembledIn = r.x.w.joined.Get(r.packet.Number)
	if r.packet.Fragment && r.packet.Link.ReassembledIn == 0 {
		r.packet.Problems |= ingest.Unassembled
	}
}

// fragmented tells whether a header in the packet, on the wire or quoted, is a fragment's.
func fragmented(p *ingest.Packet) bool {
	for i := range p.Layers {
		switch l := &p.Layers[i]; {
		case l.Proto == ingest.ProtoIPv6Fragment:
			return true
		case l.Proto == ingest.ProtoIPv4 && len(l.Bytes) > 7 && (l.Bytes[6]&0x3f|l.Bytes[7]) != 0:
			return true
		}
	}
	return false
}

func (r *reader) Close() error {
	r.x.w.rest()
	return nil
}
