package timeline

import (
	"container/heap"
	"io"
	"time"

	"icmpsift/ingest"
)

// MaxReorder bounds how far out of order a capture's packets may be to be put right; packets farther behind stay where
// they are and are counted as late.
const MaxReorder = 5 * time.Second

// maxHeld bounds the packets held to put them in order.
const maxHeld = 1 << 16

// reorder gives one extract's packets in order of time, holding back span nanoseconds of them.
type reorder struct {
	in     ingest.PacketReader
	span   int64
	held   byTime
	latest int64
	ended  bool
}

func (r *reorder) Next() (*ingest.Packet, error) {
	for !r.ended && len(r.held) < maxHeld && (len(r.held) == 0 || r.held[0].Time+r.span > r.latest) {
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
		r.latest = max(r.latest, p.Time)
		heap.Push(&r.held, p.Clone())
	}
	if len(r.held) == 0 {
		return nil, io.EOF
	}
	return heap.Pop(&r.held).(*ingest.Packet), nil
}

func (r *reorder) Close() error { return r.in.Close() }

type byTime []*ingest.Packet

func (h byTime) Len() int      { return len(h) }
func (h byTime) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h byTime) Less(i, j int) bool {
	if h[i].Time != h[j].Time {
		return h[i].Time < h[j].Time
	}
	return h[i].Number < h[j].Number
}
func (h *byTime) Push(x any) { *h = append(*h, x.(*ingest.Packet)) }
func (h *byTime) Pop() any {
	old := *h
	p := old[len(old)-1]
	*h = old[:len(old)-1]
	return p
}
