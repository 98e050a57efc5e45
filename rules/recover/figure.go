package recover

import (
	"bytes"
	"slices"
	"strconv"
)

// figured reads a number below 256 in each packet, in decimal figures with or without zeros in front, where what they make up is text or a known file. Behind each other
// without anything between them they would be figures, and no more.
func figured(t transfer) []transfer {
	if len(t.members) < leastText {
		return nil
	}
	next, b := t, make([]byte, 0, len(t.members))
	next.members = slices.Clone(t.members)
	for i := range next.members {
		c := &next.members[i]
		v, err := strconv.ParseUint(string(bytes.TrimRight(c.Value, "\x00\r\n ")), 10, 8)
		if err != nil || len(c.Value) != c.Wire {
			return nil
		}
		c.Value, c.Wire = []byte{byte(v)}, 1
		b = append(b, byte(v))
	}
	if inOrder := sequenced(next.members, next.place, Auto).stream().Bytes; Judge(inOrder).grade == nothing && Judge(b).grade == nothing {
		return nil
	}
	return []transfer{next}
}
