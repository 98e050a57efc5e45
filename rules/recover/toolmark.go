package recover

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The marks of PyExfil close its packets: the first, which names the file, those with pieces, and the last.
const (
	pyExfilFirst = "\x12\x11\x13\x12\x12\x12"
	pyExfilPiece = "\x12\x13\x14\x15"
	pyExfilLast  = "\x15\x14\x13\x12"
)

// toolMarked takes off what known tools put around their pieces, which tells itself in streams of a few packets, too.
func toolMarked(t transfer) []transfer {
	if t.place != nil {
		return nil
	}
	if out := t.pyExfil(); out != nil {
		return out
	}
	if out := t.icmpExfil(); out != nil {
		return out
	}
	return t.egressAssess()
}

// icmpExfil reads the packets of icmp-exfil (spookyscaryyy): flags, of which the first says that the file's name and its length follow, the
// length of the piece, and the piece.
func (t transfer) icmpExfil() []transfer {
	out := transfer{}
	for i, c := range t.inOrder() {
		name, data, ok := icmpExfilPiece(c.Value)
		if !ok || c.Wire != len(c.Value) || (name != "") != (i == 0) {
			return nil
		}
		if i == 0 {
			out.name = name
		}
		c.Value, c.Wire = data, len(data)
		out.members = append(out.members, c)
	}
	if len(out.members) < 2 {
		return nil
	}
	return []transfer{out}
}

func icmpExfilPiece(b []byte) (name string, data []byte, ok bool) {
	if len(b) < 3 || b[0] > 3 {
		return "", nil, false
	}
	rest := b[1:]
	if b[0]&1 != 0 {
		n := int(rest[0])
		if len(rest) < 1+n+2 || n == 0 || !printable(rest[1:1+n]) {
			return "", nil, false
		}
		name, rest = string(rest[1:1+n]), rest[1+n:]
	}
	if int(binary.BigEndian.Uint16(rest)) != len(rest)-2 {
		return "", nil, false
	}
	return name, rest[2:], true
}

func (t transfer) pyExfil() []transfer {
	out, marks := transfer{}, 0
	for _, c := range t.inOrder() {
		switch {
		case bytes.HasSuffix(c.Value, []byte(pyExfilFirst)):
			marks++
			out.name = nameOf([]Candidate{c})
		case bytes.HasSuffix(c.Value, []byte(pyExfilLast)):
			marks++
		case bytes.HasSuffix(c.Value, []byte(pyExfilPiece)) && len(c.Value) > len(pyExfilPiece):
			c.Value, c.Wire = c.Value[:len(c.Value)-len(pyExfilPiece)], c.Wire-len(pyExfilPiece)
			out.members = append(out.members, c)
		default:
			return nil
		}
	}
	if marks == 0 || len(out.members) == 0 {
		return nil
	}
	return []transfer{out}
}

// egressMark stands between the file's name and the piece in packets of Egress-Assess.
const egressMark = ".:::-989-:::."

func (t transfer) egressAssess() []transfer {
	for _, members := range [][]Candidate{t.members, t.inText()} {
		if len(members) == 0 {
			continue
		}
		name, _, found := bytes.Cut(members[0].Value, []byte(egressMark))
		front := slices.Concat(name, []byte(egressMark))
		if !found || slices.ContainsFunc(members, func(c Candidate) bool { return !bytes.HasPrefix(c.Value, front) }) {
			continue
		}
		return []transfer{{members: shortened(members, len(front)), name: nameOf([]Candidate{{Value: name}})}}
	}
	return nil
}
