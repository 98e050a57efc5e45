package tunnel

// openPayload joins the payloads that each host's program wrote: what a tunnel of unknown make carries, headers and all.
func openPayload(t *talk) (c Content) {
	var streams [2]*stream
	for from := range streams {
		streams[from] = t.following(from, t.payloads(from))
	}
	if len(streams[0].parts)+len(streams[1].parts) < 2 {
		return c
	}
	t.both(&c, streams, "sift.payload", "time")
	return c
}

// payloads are those that a host's program wrote, as they came.
func (t *talk) payloads(from int) (out []piece) {
	for _, i := range t.said() {
		if m := &t.messages[i]; m.From == from && m.Wire > 0 {
			out = append(out, piece{data: m.Payload, wire: m.Wire, message: i})
		}
	}
	return out
}
