// Package extract holds what reading one evidence file once yields: the seam between reading and judging. A [Writer]
// takes packets in file order and links between them as they become known; [Writer.Done] turns it into an
// [ingest.Extract] that can be read as often as wanted. Small extracts stay in memory, others go to a spool file.
package extract

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/spool"
)

// Writer collects the packets of one evidence file.
type Writer struct {
	log      *spool.Log
	links    *spool.Slots // two slots a packet: the other frame's number, and the response time
	pairs    exchange.File
	count    int64
	latest   int64
	disorder int64
	buf      []byte
}

// NewWriter starts an extract whose memory counts against the budget.
func NewWriter(b *spool.Budget) *Writer {
	return &Writer{log: spool.NewLog(b), links: spool.NewSlots(b)}
}

// Add appends a packet, in file order, and matches it as Wireshark does. Errors come from the spool file only.
func (w *Writer) Add(p *ingest.Packet) error {
	w.buf = appendRecord(w.buf[:0], p)
	var head [binary.MaxVarintLen64]byte
	if _, err := w.log.Write(head[:binary.PutUvarint(head[:], uint64(len(w.buf)))]); err != nil {
		return fmt.Errorf("write extract: %w", err)
	}
	if _, err := w.log.Write(w.buf); err != nil {
		return fmt.Errorf("write extract: %w", err)
	}
	if m, ok := w.pairs.Add(p, w.count); ok {
		w.link(m.Request.Place, p.Number, m.Time)
		w.link(w.count, m.Request.Frame, m.Time)
	}
	w.count++
	if !p.NoTime {
		w.latest = max(w.latest, p.Time)
		w.disorder = max(w.disorder, w.latest-p.Time)
	}
	return w.links.Err()
}

func (w *Writer) link(place, frame, time int64) {
	w.links.Set(2*place, frame)
	w.links.Set(2*place+1, time)
}

// Done ends writing and gives the extract, with its ledger entry.
func (w *Writer) Done(e ingest.Evidence) *Extract {
	return &Extract{evidence: e, w: w}
}

// Extract implements [ingest.Extract].
type Extract struct {
	evidence ingest.Evidence
	w        *Writer
}

// Evidence is the ledger entry; callers may fill in what is known only later (ID, DuplicateOf, ClockOffset).
func (x *Extract) Evidence() *ingest.Evidence { return &x.evidence }

// Disorder is the farthest a packet lies behind an earlier one in file order, nanoseconds.
func (x *Extract) Disorder() int64 { return x.w.disorder }

// Open reads the packets from the start. Readers of one extract must not be used at the same time from several goroutines.
func (x *Extract) Open() (ingest.PacketReader, error) {
	r, err := x.w.log.Reader()
	if err != nil {
		return nil, err
	}
	return &reader{x: x, in: bufio.NewReaderSize(r, int(min(x.w.log.Size(), 64<<10))), decoder: decode.New(decode.Options{})}, nil
}

// Close frees memory and spool files.
func (x *Extract) Close() error { return errors.Join(x.w.log.Close(), x.w.links.Close()) }

type reader struct {
	x       *Extract
	in      *bufio.Reader
	decoder *decode.Decoder
	place   int64
	buf     []byte
	frame   ingest.Frame
	packet  ingest.Packet
}

func (r *reader) Next() (*ingest.Packet, error) {
	n, err := binary.ReadUvarint(r.in)
	if err != nil {
		return nil, err // io.EOF between records is the end
	}
	if uint64(cap(r.buf)) < n {
		r.buf = make([]byte, n+n/2)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.in, r.buf); err != nil {
		return nil, errRecord
	}
	whole, problems, err := readRecord(r.buf, &r.frame)
	if err != nil {
		return nil, err
	}
	r.decoder.Replay(&r.frame, whole, &r.packet)
	r.packet.Problems |= problems
	r.packet.Link = r.link()
	r.place++
	return &r.packet, nil
}

// link gives file scope's facts of the packet just decoded.
func (r *reader) link() (l ingest.Link) {
	request, reply := r.packet.Echo()
	if !request && !reply || r.frame.Salvaged {
		return l
	}
	other, time := r.x.w.links.Get(2*r.place), r.x.w.links.Get(2*r.place+1)
	switch {
	case request && other != 0:
		l.RespIn, l.RespTime = other, time
	case request:
		l.NoResp = exchange.Unicast(r.packet.Dst()) && exchange.Matchable(&r.packet)
	case other != 0:
		l.RespTo, l.RespTime = other, time
	}
	return l
}

func (r *reader) Close() error { return nil }
