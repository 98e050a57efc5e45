package field

import "icmpsift/ingest"

// reassembled4 reads from the datagram that this frame completes.
func reassembled4(get func(w *ingest.Datagram, dst []Value) []Value) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if w := p.Completed(i); w != nil {
			dst = get(w, dst)
		}
		return dst
	}
}

func wholePayload(w *ingest.Datagram, dst []Value) []Value {
	return append(dst, Value{Bytes: w.Payload})
}

func wholeLength(w *ingest.Datagram, dst []Value) []Value {
	return append(dst, Value{Int: int64(len(w.Payload))})
}

func wholeCount(w *ingest.Datagram, dst []Value) []Value {
	return append(dst, Value{Int: int64(len(w.Frames))})
}

// wholeFrames are the frames of fragments that nothing is wrong with.
func wholeFrames(w *ingest.Datagram, dst []Value) []Value { return partFrames(w, false, dst) }

// wrongFrames are the frames of the others.
func wrongFrames(w *ingest.Datagram, dst []Value) []Value { return partFrames(w, true, dst) }

func partFrames(w *ingest.Datagram, wrong bool, dst []Value) []Value {
	for k, n := range w.Frames {
		if wrong == (k < len(w.Parts) && w.Parts[k].Error()) {
			dst = append(dst, Value{Int: n})
		}
	}
	return dst
}

// partsThat gives true for each fragment with the flag.
func partsThat(flag ingest.PartFlags) func(w *ingest.Datagram, dst []Value) []Value {
	return func(w *ingest.Datagram, dst []Value) []Value {
		for _, part := range w.Parts {
			if part.Flags&flag != 0 {
				dst = append(dst, Value{Int: 1})
			}
		}
		return dst
	}
}

// reassembledIn tells of a fragment which frame completes its datagram, at the header of the innermost fragment in the frame.
func reassembledIn(proto ingest.Proto) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Fragment && p.Link.ReassembledIn > 0 && i == fragmentHeader(p, proto) {
			dst = append(dst, Value{Int: p.Link.ReassembledIn})
		}
		return dst
	}
}

// fragmentHeader is the header of the given protocol in which the frame's innermost datagram is a fragment, -1 if none: an IPv4
// header, or the IPv6 header before a fragment header.
func fragmentHeader(p *ingest.Packet, proto ingest.Proto) int {
	for i := len(p.Layers) - 1; i >= 0; i-- {
		switch l := &p.Layers[i]; {
		case l.Quoted > 0:
		case l.Proto == proto:
			return i
		case l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6:
			return -1
		}
	}
	return -1
}
