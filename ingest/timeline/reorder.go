package timeline

import (
	"container/heap"
	"io"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// MaxReorder bounds how far out of order a capture's packets may be to be put right; packets farther behind stay where
// they are and are counted as late.
const MaxReorder = 5 * time.Second

// Bounds of what is held to put packets in order, for each capture. Beyond them packets are given out early.
const (
	maxHeld      = 1 << 16
	maxHeldBytes = 32 << 20
)

// reorder gives one extract's packets in order of time, holding back span nanoseconds of them.
type reorder struct {
	in      ingest.PacketReader
	span    int64
	held    byTime
	bytes   int
	given   *waiting // in use until the next call
	free    []*waiting
	latest  int64
	ended   bool
	decoder *decode.Decoder
	packet  ingest.Packet
}

// waiting is a packet held back: all that it cannot be decoded from again is kept aside.
type waiting struct {
	frame    ingest.Frame
	whole    *ingest.Datagram
	link     ingest.Link
	problems ingest.Problem
	size     int
}

func newReorder(in ingest.PacketReader, span int64) *reorder {
	return &reorder{in: in, span: span, decoder: decode.New(decode.Options{})}
}

func (r *reorder) Next() (*ingest.Packet, error) {
	for r.wants() {
		p, err := r.in.Next()
		if err == io.EOF {
			r.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		if p.NoTime {
			return p, nil
		}
		r.hold(p)
	}
	if len(r.held) == 0 {
		return nil, io.EOF
	}
	return r.give(), nil
}

// wants tells whether an earlier packet than all that are held may still come.
func (r *reorder) wants() bool {
	if r.ended || len(r.held) >= maxHeld || r.bytes >= maxHeldBytes {
		return false
	}
	return len(r.held) == 0 || r.latest-r.held[0].frame.Time < r.span
}

func (r *reorder) hold(p *ingest.Packet) {
	w := &waiting{}
	if k := len(r.free); k > 0 {
		w, r.free = r.free[k-1], r.free[:k-1]
	}
	data := append(w.frame.Data[:0], p.Data...)
	*w = waiting{frame: p.Frame, whole: p.Whole.Clone(), link: p.Link, problems: p.Problems, size: len(data)}
	w.frame.Data = data
	for d := w.whole; d != nil; d = d.Inner {
		w.size += len(d.Payload) + 8*len(d.Frames)
	}
	if len(r.held) == 0 || w.frame.Time > r.latest {
		r.latest = w.frame.Time
	}
	r.bytes += w.size
	heap.Push(&r.held, w)
}

// give gives the earliest packet held, valid until the next call.
func (r *reorder) give() *ingest.Packet {
	if r.given != nil && cap(r.given.frame.Data) <= keptFrame {
		r.free = append(r.free, r.given)
	}
	w := heap.Pop(&r.held).(*waiting)
	r.bytes -= w.size
	r.given = w
	r.decoder.Replay(&w.frame, w.whole, &r.packet)
	r.packet.Problems |= w.problems
	r.packet.Link = w.link
	return &r.packet
}

// keptFrame is up to what size a frame's memory is used again.
const keptFrame = 2048

func (r *reorder) Close() error { return r.in.Close() }

type byTime []*waiting

func (h byTime) Len() int      { return len(h) }
func (h byTime) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h byTime) Less(i, j int) bool {
	if h[i].frame.Time != h[j].frame.Time {
		return h[i].frame.Time < h[j].frame.Time
	}
	return h[i].frame.Number < h[j].frame.Number
}
func (h *byTime) Push(x any) { *h = append(*h, x.(*waiting)) }
func (h *byTime) Pop() any {
	old := *h
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return w
}
