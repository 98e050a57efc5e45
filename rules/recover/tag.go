package recover

import (
	"bytes"
	"slices"
)

// Bounds of what is taken for a tag.
const (
	longestTag = 64
	manyPieces = 6 // in so many pieces chance puts no two equal bytes at one place, if they are compressed or encrypted
)

// untagged takes off bytes that open or close every piece, where what is between them is another kind of bytes: a known file starts behind
// them, or they are not of the text that follows, or the pieces are as even as compressed and encrypted bytes are.
func untagged(t transfer) []transfer {
	if len(t.members) < 4 {
		return nil
	}
	front := max(0, min(sharedFrom(t.members, 0), longestTag, shortest(t.members)-1))
	if n := t.tag(front); n > 0 {
		t.members, front = shortened(t.members, n), 1
		if cut := t.place != nil && len(t.members) != len(t.place); cut {
			return nil
		}
	} else {
		front = 0
	}
	back := t.tail()
	if back > 0 {
		t.members = bobbed(t.members, back)
	}
	if front+back == 0 {
		return nil
	}
	return []transfer{{members: t.members, place: t.place, name: t.name}}
}

// tag is how many of the shared first bytes are a tag.
func (t transfer) tag(shared int) int {
	first := t.opening()
	whole, _ := structureOf(t.start(0))
	for n := shared; n >= 1; n-- {
		if behind, s := structureOf(t.start(n)); behind != "" && (n > 1 || s.good > 0) && (whole == "" || whole == behind) && t.start(n) != nil {
			return n
		}
	}
	if shared == 0 || whole != "" {
		return 0
	}
	if binaryBefore(first, shared) && t.textFrom(shared) {
		n := shared
		for n > 1 && weight[first[n-1]] > 0 { // text that all pieces share is the file's
			n--
		}
		return n
	}
	if len(t.members) >= manyPieces && (shared >= 2 && t.even(shared) || shared >= surelyShared && !t.ofLines()) {
		return shared
	}
	return 0
}

// surelyShared is as much as pieces of no file have in common at their front.
const surelyShared = 16

// closed takes off what closes the pieces, where the first and the last packet, which do not end so, say something about the file.
func closed(t transfer) []transfer {
	members := t.inOrder()
	if len(members) < 5 || t.place != nil {
		return nil
	}
	from, to := 0, len(members)
	inner := transfer{members: members[1 : len(members)-1]}
	n := inner.tail()
	if n < 3 || !binaryBefore(inner.members[0].Value[len(inner.members[0].Value)-n:], n) {
		return nil
	}
	end := func(c Candidate) bool {
		return bytes.HasSuffix(c.Value, inner.members[0].Value[len(inner.members[0].Value)-n:])
	}
	if !end(members[0]) {
		from = 1
	}
	if !end(members[len(members)-1]) {
		to--
	}
	if from == 0 && to == len(members) {
		return nil // untagged sees to it
	}
	return []transfer{{members: bobbed(members[from:to], n), name: nameOf(members[:from])}}
}

// sized takes away a first packet that holds nothing but the length of all that follow, behind what all packets share.
func sized(t transfer) []transfer {
	members := t.inOrder()
	if len(members) < 3 || t.place != nil {
		return nil
	}
	for _, n := range []int{0, min(sharedFrom(members, 0), longestTag)} {
		first := members[0].Value[min(n, len(members[0].Value)):]
		if len(first) == 0 || len(first) > 8 {
			continue
		}
		total := uint64(0)
		for _, c := range members[1:] {
			total += uint64(c.Wire - n)
		}
		for _, x := range numerals {
			if x.width != len(first) {
				continue
			}
			if v, ok := x.read(first); ok && v == total {
				return []transfer{transfer{members: members[1:]}.without(n)}
			}
		}
	}
	return nil
}

// start is the first bytes of the joined pieces without n bytes of each.
func (t transfer) start(n int) (b []byte) {
	for _, c := range t.inOrder() {
		if len(c.Value) < n {
			return nil
		}
		if b = append(b, c.Value[n:]...); len(b) >= openingBytes {
			break
		}
	}
	return b
}

// binaryBefore tells whether the first n bytes are no text.
func binaryBefore(b []byte, n int) bool {
	return slices.ContainsFunc(b[:n], func(c byte) bool { return weight[c] < -4 })
}

// textFrom tells whether all pieces are text from an offset on.
func (t transfer) textFrom(at int) bool {
	for _, c := range t.members {
		for _, x := range bytes.TrimRight(c.Value[min(at, len(c.Value)):], "\x00") {
			if x < 0x20 && x != '\n' && x != '\r' && x != '\t' || x == 0x7f {
				return false
			}
		}
	}
	return true
}

// even tells whether the pieces without n bytes are like compressed or encrypted bytes: all values are about as frequent.
func (t transfer) even(n int) bool {
	var b []byte
	for _, c := range t.members {
		if b = append(b, c.Value[min(n, len(c.Value)):]...); len(b) >= sampled {
			break
		}
	}
	return uniform(b)
}

// uniform tells whether all byte values are about as frequent, as compressed and encrypted bytes have them.
func uniform(b []byte) bool {
	if len(b) < 128 {
		return false
	}
	h := histogram(b, 0, 1)
	sum := 0.0
	for _, k := range h {
		d := float64(k) - float64(len(b))/256
		sum += d * d
	}
	chi := sum / (float64(len(b)) / 256) // 255 on average, and 22 its deviation
	return chi < 255+8*22.6
}

// tail is how many bytes close every piece and are no text, or follow text that is encoded.
func (t transfer) tail() int {
	n := 0
	for ; n < 16; n++ {
		first := t.members[0].Value
		for _, c := range t.members {
			if len(c.Value) <= n+1 || c.Wire != len(c.Value) || c.Value[len(c.Value)-1-n] != first[len(first)-1-n] {
				return t.tailOf(n)
			}
		}
	}
	return t.tailOf(n)
}

func (t transfer) tailOf(n int) int {
	if n < 2 {
		return 0
	}
	first := t.members[0].Value
	end := first[len(first)-n:]
	if len(bytes.Trim(end, "\x00")) == 0 || len(bytes.Trim(end, "=\r\n")) == 0 {
		return 0
	}
	for n > 0 && end[0] == '=' {
		n, end = n-1, end[1:]
	}
	if n > 0 && !ofAlphabet(end) && (transfer{members: bobbed(t.members, n)}).encoded() {
		return n
	}
	if n > 1 && binaryBefore(end, n) && bobbedText(t.members, n) || len(t.members) >= manyPieces && (transfer{members: bobbed(t.members, n)}).even(0) {
		return n
	}
	return 0
}

// encoded tells whether all pieces are text in base64 or hexadecimal, and look it.
func (t transfer) encoded() bool {
	var b []byte
	for _, c := range t.members {
		if len(c.Value) < 4 || !ofAlphabet(c.Value) {
			return false
		}
		b = append(b, c.Value...)
	}
	return wellMixed(b)
}

func bobbedText(members []Candidate, n int) bool {
	return transfer{members: bobbed(members, n)}.textFrom(0)
}

// bobbed gives the members without the last n bytes of each.
func bobbed(members []Candidate, n int) []Candidate {
	out := slices.Clone(members)
	for i := range out {
		out[i].Value, out[i].Wire = out[i].Value[:len(out[i].Value)-n], out[i].Wire-n
	}
	return out
}

// headed tries what stands behind a header of a fixed length: where a known file starts in the first piece, or where text of one alphabet
// starts in all of them.
func headed(t transfer) (out []transfer) {
	if len(t.members) < 3 {
		return nil
	}
	limit := min(shortest(t.members)-1, longestTag)
	for n := 1; n <= limit; n++ {
		if name, s := structureOf(t.start(n)); name != "" && (s.good > 0 || longMagic(name)) {
			return []transfer{t.without(n)}
		}
	}
	for n := limit; n > 0; n-- {
		if t.textFrom(0) || t.textFrom(n-1) {
			continue
		}
		if n%4 == 0 && t.textFrom(n) {
			return []transfer{t.without(n)}
		}
		break
	}
	return out
}

// sharing tries what stands behind the bytes that all pieces share.
func sharing(t transfer) []transfer {
	n := min(sharedFrom(t.members, 0), longestTag, shortest(t.members)-1)
	if n < 2 || len(t.members) < manyPieces {
		return nil
	}
	return []transfer{t.without(n)}
}

func (t transfer) without(n int) transfer {
	next := transfer{name: t.name}
	for i, c := range t.members {
		if len(c.Value) < n || c.Wire <= n {
			continue
		}
		c.Value, c.Wire = c.Value[n:], c.Wire-n
		next.members = append(next.members, c)
		if t.place != nil {
			next.place = append(next.place, t.place[i])
		}
	}
	return next
}

// tailed tries the stream without its first or last packet, which may be a message about the transfer.
func tailed(t transfer) []transfer {
	members := t.inOrder()
	if len(members) < 4 || t.place != nil {
		return nil
	}
	if name, _ := structureOf(members[0].Value); name != "" {
		return nil
	}
	for n := 1; n <= 2; n++ {
		b := transfer{members: members[n:]}.start(0)
		if name, s := structureOf(b); name != "" && (s.good > 0 || longMagic(name)) {
			return []transfer{{members: members[n:], name: nameOf(members[:n])}}
		}
	}
	return nil
}

func nameOf(members []Candidate) string {
	for _, c := range members {
		if m := fileName.FindSubmatch(bytes.Trim(c.Value, "\x00")); m != nil && printable(m[1]) {
			return string(m[1])
		}
	}
	return ""
}

// columned takes the columns that change, where most of each piece is always the same: data at a fixed place in an ordinary ping.
func columned(t transfer) []transfer {
	length, n := commonLength(t.members)
	if n < leastText || n < len(t.members) || length < 4 || shortest(t.members) < length {
		return nil
	}
	from, to := -1, 0
	for at := range length {
		if sharedAt(t.members, at) {
			continue
		}
		if from < 0 {
			from = at
		}
		to = at + 1
	}
	if from < 0 || 2*(to-from) > length {
		return nil
	}
	out := transfer{name: t.name, place: t.place, members: slices.Clone(t.members)}
	for i := range out.members {
		c := &out.members[i]
		c.Value, c.Wire = c.Value[from:to], to-from
	}
	return []transfer{out}
}

// sharedAt tells whether all pieces have the same byte at an offset.
func sharedAt(members []Candidate, at int) bool {
	for _, c := range members {
		if c.Value[at] != members[0].Value[at] {
			return false
		}
	}
	return true
}
