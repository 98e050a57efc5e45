package recover

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"

	"icmpsift/ingest/payload"
)

// Strip takes away what tools add around a file's bytes without changing them: a tag that opens every packet (kept
// unless a known file starts behind it), and stale buffer behind the file's end in a last packet that is no shorter. Nothing is taken that
// would not be framing or padding by the file's own format; changed tells whether anything was.
func Strip(s Stream) (out Stream, changed bool) {
	if len(s.Pieces) == 0 {
		return s, false
	}
	out = untag(s)
	if end := out.end(); end < len(out.Bytes) {
		out.Bytes = out.Bytes[:end]
		out.Gaps = slices.DeleteFunc(slices.Clone(out.Gaps), func(g Gap) bool { return g.Offset > int64(end) })
	}
	return out, len(out.Bytes) != len(s.Bytes)
}

// end is where the file ends: in the last piece, if that was sent from a buffer that it did not fill, else behind it. Such a
// piece is as long as the one before.
func (s Stream) end() int {
	last := len(s.Pieces) - 1
	if last == 0 || len(s.piece(last)) != len(s.piece(last-1)) {
		return len(s.Bytes)
	}
	start := int(s.Pieces[last].Offset)
	if end := fileEnd(s.Bytes); start < end && end < len(s.Bytes) {
		return end
	}
	end := start + bytes.IndexByte(s.Bytes[start:], 0)
	if end > start && s.stale(last, end-start) && payload.Text(s.Bytes[:end]) {
		return end
	}
	return len(s.Bytes)
}

// stale tells whether what stands at an offset of a piece is what a shorter read left in its buffer: zero bytes only, or
// behind one zero byte what stood there in the piece before.
func (s Stream) stale(i, offset int) bool {
	now, before := s.piece(i), s.piece(i-1)
	return len(bytes.Trim(now[offset:], "\x00")) == 0 || bytes.Equal(now[offset+1:], before[offset+1:])
}

// untag removes the bytes that open every piece, if a known file starts behind them, and they are no part of one that
// starts with them (a PDF is known with bytes in front of it, too).
func untag(s Stream) Stream {
	if len(s.Pieces) < 4 {
		return s
	}
	whole := known(s.Bytes)
	for n := sharedPrefix(s); n >= 2; n-- {
		if behind := known(s.Bytes[n:]); behind != "" && (whole == "" || whole == behind) {
			return s.without(n)
		}
	}
	return s
}

// known is the media type of bytes that open with a file's signature, else "".
func known(b []byte) string {
	media, _, certain := payload.Magic(b)
	if !certain {
		return ""
	}
	return media
}

// without drops the first n bytes of each piece.
func (s Stream) without(n int) Stream {
	out := s
	out.Bytes, out.Pieces, out.Gaps = nil, append([]Piece(nil), s.Pieces...), append([]Gap(nil), s.Gaps...)
	for i := range s.Pieces {
		out.Pieces[i].Offset = int64(len(out.Bytes))
		out.Bytes = append(out.Bytes, s.piece(i)[n:]...)
	}
	for i, g := range out.Gaps { // a gap follows a piece, and lost a tag with each piece before it
		before := sort.Search(len(s.Pieces), func(k int) bool { return s.Pieces[k].Offset >= g.Offset })
		out.Gaps[i].Offset -= int64(before * n)
		if size := int64(s.size); size > 0 && g.Length >= size { // so did the packets that are missing
			out.Gaps[i].Length -= g.Length / size * int64(n)
		}
	}
	return out
}

func (s Stream) piece(i int) []byte {
	if i+1 < len(s.Pieces) {
		return s.Bytes[s.Pieces[i].Offset:s.Pieces[i+1].Offset]
	}
	return s.Bytes[s.Pieces[i].Offset:]
}

// sharedPrefix is how many leading bytes all pieces share, at most 32 and less than the shortest piece.
func sharedPrefix(s Stream) int {
	n := 32
	for i := range s.Pieces {
		p := s.piece(i)
		n = min(n, len(p)-1)
		for n > 0 && !bytes.Equal(p[:n], s.piece(0)[:n]) {
			n--
		}
	}
	return max(n, 0)
}

// fileEnd finds where a file of a known format ends, len(b) if it cannot tell.
func fileEnd(b []byte) int {
	switch media := known(b); {
	case media == "application/pdf":
		return after(b, "%%EOF", "\r\n")
	case media == "image/png":
		return after(b, "IEND\xaeB`\x82", "")
	case media == "image/jpeg":
		return after(b, "\xff\xd9", "")
	case media != "" && bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return zipEnd(b)
	}
	return len(b)
}

// after is the end of the last mark, and of the line end characters behind it.
func after(b []byte, mark, lineEnd string) int {
	i := bytes.LastIndex(b, []byte(mark))
	if i < 0 {
		return len(b)
	}
	i += len(mark)
	for i < len(b) && bytes.IndexByte([]byte(lineEnd), b[i]) >= 0 {
		i++
	}
	return i
}

// zipEnd is behind the end-of-central-directory record and its comment (APPNOTE 4.3.16). The right record is the one that
// the central directory leads up to.
func zipEnd(b []byte) int {
	const size = 22
	for i := 0; i+size <= len(b); i++ {
		next := bytes.Index(b[i:], []byte("PK\x05\x06"))
		if next < 0 || i+next+size > len(b) {
			break
		}
		i += next
		directory := int64(binary.LittleEndian.Uint32(b[i+12:])) + int64(binary.LittleEndian.Uint32(b[i+16:]))
		if directory == int64(i) {
			return min(len(b), i+size+int(binary.LittleEndian.Uint16(b[i+20:])))
		}
	}
	return len(b)
}
