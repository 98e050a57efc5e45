package tunnel

import (
	"bytes"
	"fmt"
)

// openPayload joins the payloads that each host's program wrote: what a tunnel of unknown make carries, headers and all. Where
// HTTP stands behind a header of constant length, the file that it carried comes back without.
func openPayload(t *talk) (c Content) {
	var streams [2]*stream
	for from := range streams {
		streams[from] = t.following(from, t.payloads(from))
	}
	if len(streams[0].parts)+len(streams[1].parts) < 2 {
		return c
	}
	t.both(&c, streams, "sift.payload", "time")
	if f, ok := t.headed(); ok {
		c.Finds = append(c.Finds, f)
	}
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

// headed is the file of an HTTP answer whose pieces stand behind headers of one length; it must be whole.
func (t *talk) headed() (f Find, ok bool) {
	for from := range t.hosts {
		answer := t.payloads(from)
		front := webFront(answer)
		if front == 0 {
			continue
		}
		streams := [2]*stream{t.behind(1-from, t.payloads(1-from), front), t.behind(from, answer, front)}
		if o := largest(responses(streams[1], nil)); o != nil && o.whole {
			if asked, _ := requests(streams[0]); len(asked) > 0 {
				o = largest(responses(streams[1], asked))
			}
			return t.transfer(*o, fmt.Sprintf("sift.payload[%d:]", front)), true
		}
	}
	return f, false
}

// webFront is the length of what stands before the first HTTP answer, 0 if nothing does or there is none.
func webFront(list []piece) int {
	for _, p := range list {
		if at := bytes.Index(p.data[:min(len(p.data), deepest)], []byte("HTTP/1.")); at >= 0 {
			return at
		}
	}
	return 0
}

// behind joins what stands behind headers. A payload that came before, header and all, is sent again.
func (t *talk) behind(from int, list []piece, front int) *stream {
	known, s := map[string]bool{}, t.stream(from)
	for _, p := range list {
		if p.wire <= front || len(p.data) < front || known[string(p.data)] {
			continue
		}
		known[string(p.data)] = true
		p.data, p.wire = p.data[front:], p.wire-front
		s.add(p)
	}
	return s
}
