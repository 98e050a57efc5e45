package recover

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
)

// byRestart parts packets where the sequence number begins anew with other pieces: the next file. The same pieces again fill holes, and are
// no other file.
func byRestart(members []Candidate) (out [][]Candidate) {
	if _, counts := numbering(members); counts || len(members) < 8 {
		return [][]Candidate{members}
	}
	first, high, start := members[0].Seq, members[0].Seq, 0
	for i, c := range members {
		if i-start >= 4 && c.Seq-first <= 1 && high-c.Seq >= 3 {
			out = append(out, members[start:i])
			start, high = i, c.Seq
		}
		if c.Seq-first < 1<<15 {
			high = max(high, c.Seq)
		}
	}
	out = append(out, members[start:])
	if len(out) > maxRestarts {
		return [][]Candidate{members}
	}
	for _, part := range out {
		if r, counts := numbering(part); !counts || 10*(r.steady()+1) < 9*len(part)-10 {
			return [][]Candidate{members}
		}
	}
	return out
}

// maxRestarts bounds the files that one sender's packets are parted into.
const maxRestarts = 16

// parted gives the files that stand one behind the other in a stream, each beginning with a piece: where one ends by its own structure, or
// where behind something else a whole one begins.
func (s Stream) parted() (out []Stream) {
	for len(out) < maxRestarts {
		cut := s.nextFile()
		if cut == 0 {
			break
		}
		var head Stream
		head, s = s.cut(cut)
		out = append(out, head)
	}
	return append(out, s)
}

// nextFile is where the next file of a stream begins; 0 if there is none.
func (s Stream) nextFile() int {
	if len(s.Pieces) < 2 {
		return 0
	}
	name, x := structureOf(s.Bytes)
	if x.whole && x.end > 0 && x.end < len(s.Bytes) && s.begins(x.end) && len(trimmed(s.Bytes[x.end:])) > 0 {
		return x.end
	}
	if name != "" && x.good > 0 {
		return 0
	}
	tried := 0
	for _, p := range s.Pieces[1:] {
		if b := s.Bytes[p.Offset:]; tried < maxTried && signed(b) {
			tried++
			if name, x := structureOf(b); x.whole && name != "" {
				return int(p.Offset)
			}
		}
	}
	return 0
}

// maxTried bounds the signatures behind which a whole file is looked for.
const maxTried = 32

// signed tells whether a format's signature of four bytes or more stands there, whose structure can be checked.
func signed(b []byte) bool {
	return slices.ContainsFunc(formats, func(f format) bool {
		return f.check != nil && len(f.magic) >= 4 && bytes.HasPrefix(b, []byte(f.magic))
	})
}

// begins tells whether a piece begins at an offset.
func (s Stream) begins(at int) bool {
	_, found := slices.BinarySearchFunc(s.Pieces, int64(at), func(p Piece, at int64) int { return int(p.Offset - at) })
	return found
}

// fills tells whether a piece begins at an offset, and the one before is shorter than the first.
func (s Stream) fills(at int) bool {
	k, found := slices.BinarySearchFunc(s.Pieces, int64(at), func(p Piece, at int64) int { return int(p.Offset - at) })
	return found && k > 0 && int64(at)-s.Pieces[k-1].Offset < s.Pieces[1].Offset
}

// cut parts a stream.
func (s Stream) cut(at int) (head, rest Stream) {
	head, rest = s, s
	head.Bytes, rest.Bytes = s.Bytes[:at:at], s.Bytes[at:]
	k := sort.Search(len(s.Pieces), func(i int) bool { return s.Pieces[i].Offset >= int64(at) })
	head.Pieces, rest.Pieces, rest.Repeats = s.Pieces[:k:k], slices.Clone(s.Pieces[k:]), 0
	for i := range rest.Pieces {
		rest.Pieces[i].Offset -= int64(at)
	}
	head.Gaps, rest.Gaps = nil, nil
	for _, g := range s.Gaps {
		if g.Offset <= int64(at) {
			head.Gaps = append(head.Gaps, g)
		} else {
			rest.Gaps = append(rest.Gaps, Gap{g.Offset - int64(at), g.Length})
		}
	}
	return head, rest
}

// maxTimes bounds how often in a row the same file is looked for.
const maxTimes = 4

// again tells how often a stream says the same in a row, each time to a last piece that is no longer full, and keeps it once. What merely
// repeats itself is one file.
func (s Stream) again() (once Stream, times int) {
	for n := maxTimes; n > 1; n-- {
		size := len(s.Bytes) / n
		if len(s.Bytes)%n != 0 || size < 4*leastText || len(s.Pieces) < 3*n || len(s.Gaps) > 0 || !s.fills(size) {
			continue
		}
		if bytes.Equal(s.Bytes[size:], s.Bytes[:len(s.Bytes)-size]) && !bytes.Equal(s.Bytes[1:size], s.Bytes[:size-1]) {
			once, _ = s.cut(size)
			once.Repeats += len(s.Pieces) - len(once.Pieces)
			return once, n
		}
	}
	return s, 1
}

func timesWords(n int) string {
	return fmt.Sprintf("The same file was sent %d times, one after the other: it is given once.", n)
}
