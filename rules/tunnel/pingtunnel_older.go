package tunnel

import (
	"bytes"
	"encoding/binary"
)

// What older versions of pingtunnel put around a message: its type first, of which one is that of data, and a constant at the end.
var (
	olderData  = []byte{1, 1, 1, 1}
	olderPing  = []byte{2, 2, 2, 2}
	olderCatch = []byte{3, 3, 3, 3}
	olderEnd   = []byte{0xaa, 0xaa, 0xbb, 0xbb}
)

// readOlder reads a message of older versions: type, connection, target and data, each of the three behind its length, protocols and a key, and the end. Where
// what stands between type and end is put together otherwise, it is taken as a whole.
func readOlder(m *Message) (p pingMessage, ok bool) {
	b := m.Payload
	if len(b) < 8 || len(b) == m.Wire && !bytes.HasSuffix(b, olderEnd) {
		return p, false
	}
	p.server = m.Reply
	switch kind := b[:4]; {
	case bytes.Equal(kind, olderPing), bytes.Equal(kind, olderCatch):
		p.kind = 1
		return p, true
	case !bytes.Equal(kind, olderData):
		return p, false
	}
	id, rest, good := counted(b[4:])
	target, rest, also := counted(rest)
	if !good || !also || len(id) > maxIDLength || len(rest) < 2 {
		if len(b) < m.Wire {
			return p, false
		}
		p.id, p.data = string(olderData), b[4:len(b)-len(olderEnd)]
		p.wire = len(p.data)
		return p, true
	}
	p.id, p.target, p.wire = string(id), string(target), int(binary.BigEndian.Uint16(rest))
	p.data = rest[2:min(len(rest), 2+p.wire)]
	return p, 2+p.wire <= len(rest)+m.Wire-len(b)
}

// counted takes bytes off that stand behind their length.
func counted(b []byte) (field, rest []byte, ok bool) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return nil, nil, false
	}
	n := 2 + int(binary.BigEndian.Uint16(b))
	return b[2:n], b[n:], true
}
