package timeline

import (
	"bytes"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// joiner puts fragments together over the files of a case, in order of time: those of a datagram may lie in several files, and a file
// that begins behind the first fragment of one puts it together wrongly where numbers are used again. Fields with a Wireshark name
// go on to tell of a fragment which frame of its own file completes its datagram.
type joiner struct {
	decoder *decode.Decoder
	packet  ingest.Packet
}

func newJoiner(bound int) *joiner {
	return &joiner{decoder: decode.New(decode.Options{MaxReassembly: bound})}
}

// Numbers of frames are unique in the case while they are put together.
const frameBits = 38

// fragmentary tells whether a packet is made of fragments, or one of them, and the extracts hold all of these.
func fragmentary(p *ingest.Packet) bool {
	if !p.Fragment && p.Whole == nil {
		return false
	}
	for w := p.Whole; w != nil; w = w.Inner {
		if at := int(w.Layer); at < 0 || at >= len(p.Layers) || p.Layers[at].Quoted > 0 || !p.Layers[at].MayCarryICMP() {
			return false
		}
	}
	return !p.Fragment || p.MayCarryICMP()
}

// join makes of a fragment what it is in the case: the packet that completes its datagram, or one that does not.
func (j *joiner) join(p *ingest.Packet) {
	frame := p.Frame
	frame.Number |= int64(p.Case.Evidence) << frameBits
	q := &j.packet
	j.decoder.Decode(&frame, q)
	named(q.Whole, p.Case.Evidence)
	if alike(p.Whole, q.Whole) {
		return
	}
	p.Layers = append(p.Layers[:0], q.Layers...)
	p.ICMP, p.IP, p.Whole, p.Fragment, p.Problems = q.ICMP, q.IP, q.Whole, q.Fragment, q.Problems
}

// named gives the frames of datagrams the numbers they have in their files.
func named(w *ingest.Datagram, own int) {
	for ; w != nil; w = w.Inner {
		files := make([]int, len(w.Frames))
		for i, n := range w.Frames {
			files[i], w.Frames[i] = int(n>>frameBits), n&(1<<frameBits-1)
		}
		if slices.ContainsFunc(files, func(f int) bool { return f != own }) {
			w.Files = files
		}
	}
}

// alike tells whether file and case agree on what a frame completes.
func alike(a, b *ingest.Datagram) bool {
	for ; a != nil && b != nil; a, b = a.Inner, b.Inner {
		if a.Layer != b.Layer || a.Next != b.Next || b.Files != nil || !slices.Equal(a.Frames, b.Frames) || !bytes.Equal(a.Payload, b.Payload) {
			return false
		}
	}
	return a == nil && b == nil
}
