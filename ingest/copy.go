package ingest

// CopyTo makes q a copy of the packet that outlives its reader's next call; what memory q holds is used again.
func (p *Packet) CopyTo(q *Packet) {
	data, layers := append(q.Data[:0], p.Data...), append(q.Layers[:0], p.Layers...)
	*q = *p
	q.Data, q.Layers, q.Whole = data, layers, p.Whole.Clone()
	for i := range layers {
		layers[i].Bytes = moved(p, q, layers[i].Bytes)
	}
}

// moved gives the bytes of a layer of p as a part of what q has: mostly of the frame, or of a datagram.
func moved(p, q *Packet, b []byte) []byte {
	if out, ok := rebased(b, p.Data, q.Data); ok {
		return out
	}
	for w, c := p.Whole, q.Whole; w != nil; w, c = w.Inner, c.Inner {
		if out, ok := rebased(b, w.Payload, c.Payload); ok {
			return out
		}
	}
	return append([]byte{}, b...)
}

// rebased gives the part of copied that b is of whole; ok is false if b is no part of it.
func rebased(b, whole, copied []byte) (out []byte, ok bool) {
	at, ok := Place(b, whole)
	if !ok {
		return nil, false
	}
	return copied[at : at+len(b)], true
}

// Place tells where in whole b begins, if it is a part of it: the same memory, not merely the same bytes.
func Place(b, whole []byte) (at int, ok bool) {
	at = cap(whole) - cap(b)
	if len(b) == 0 || at < 0 || at+len(b) > len(whole) || &whole[at] != &b[0] {
		return 0, false
	}
	return at, true
}
