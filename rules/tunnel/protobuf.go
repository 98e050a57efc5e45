package tunnel

import "encoding/binary"

// Wire types of protocol buffers (https://protobuf.dev/programming-guides/encoding/).
const (
	protoVarint = 0
	protoFixed8 = 1
	protoBytes  = 2
	protoFixed4 = 5
)

// entry is a field of a protocol buffers message.
type entry struct {
	field  uint64
	kind   byte
	number uint64 // of a varint
	bytes  []byte // of bytes, as captured
	wire   int    // their length
}

// maxEntries bounds the fields of a message.
const maxEntries = 4096

// protobuf reads the fields of a message of so many bytes on the wire; b is what was captured. ok is false if it is none.
// A message cut by the snaplen gives the fields up to there.
func protobuf(b []byte, wire int) (out []entry, ok bool) {
	for at := 0; at < len(b); {
		tag, n := binary.Uvarint(b[at:])
		e := entry{field: tag >> 3, kind: byte(tag & 7)}
		if n == 0 && wire > len(b) {
			return out, true
		}
		if n <= 0 || e.field == 0 || len(out) == maxEntries {
			return nil, false
		}
		size, read := e.read(b[at+n:])
		if at += n + size; size == 0 && at >= len(b) && wire > len(b) {
			return out, true
		}
		if !read || at > wire {
			return nil, false
		}
		out = append(out, e)
	}
	return out, len(out) > 0
}

// read fills the value in and gives its length on the wire, more than is left where the capture cut it.
func (e *entry) read(b []byte) (size int, ok bool) {
	switch e.kind {
	case protoVarint:
		e.number, size = binary.Uvarint(b)
		return max(size, 0), size > 0
	case protoFixed8:
		return 8, true
	case protoFixed4:
		return 4, true
	case protoBytes:
		length, n := binary.Uvarint(b)
		if n <= 0 || length > 1<<20 {
			return 0, false
		}
		e.wire = int(length)
		e.bytes = b[n:min(n+e.wire, len(b))]
		return n + e.wire, true
	}
	return 0, false
}

// zigzag undoes the encoding of sint32.
func zigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
