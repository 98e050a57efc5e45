package recover

import (
	"bytes"
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
	return t.egressAssess()
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
