package tunnel

import (
	"bytes"
	"fmt"

	"icmpsift/ingest/payload"
)

// both adds the two streams of a connection, and the largest file in them where that is not a stream itself.
func (t *talk) both(c *Content, streams [2]*stream, carrier, order string) {
	web := webObjects(streams)
	for _, s := range streams {
		if len(s.bytes) == 0 {
			continue
		}
		f := t.whole(s, carrier, order)
		if note := secret(f.Bytes); note != "" && len(web) == 0 {
			c.Notes = append(c.Notes, fmt.Sprintf("What %s sent through the tunnel %s: it was written as it came.", f.Src, note))
		}
		c.Finds = append(c.Finds, f)
	}
	if found := largest(web); found != nil {
		c.Finds = append(c.Finds, t.transfer(*found, carrier))
	}
}

// whole makes an artefact of all that a stream holds.
func (t *talk) whole(s *stream, carrier, order string) Find {
	f := t.find(s.from, carrier)
	end := int64(len(s.bytes))
	f.Bytes, f.Gaps = s.cut(0, end)
	f.Order, f.Complete = order, len(f.Gaps) == 0
	f.Messages = s.messages(0, end)
	f.Packets = int64(len(f.Messages))
	typed(&f)
	if responding(f.Bytes) || requesting(f.Bytes) {
		f.MediaType, f.Extension, f.Confidence = "application/http", ".bin", "high"
	}
	return f
}

func largest(list []object) (out *object) {
	for i := range list {
		if out == nil || len(list[i].body) > len(out.body) {
			out = &list[i]
		}
	}
	return out
}

// Bytes of what is encrypted look like chance does: so many of them, with so much entropy.
const (
	secretLength  = 1024
	secretEntropy = 7.5
)

// secret says why a stream cannot be read further, "" where nothing speaks for encryption.
func secret(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("SSH-")):
		return "is an SSH session, encrypted"
	case len(b) > 5 && b[0] >= 0x14 && b[0] <= 0x17 && b[1] == 3 && b[2] <= 4:
		return "is a TLS session, encrypted"
	}
	if _, _, certain := payload.Magic(b); !certain && len(b) >= secretLength && payload.Entropy(b) > secretEntropy {
		return "is encrypted or compressed, as far as its bytes tell"
	}
	return ""
}
