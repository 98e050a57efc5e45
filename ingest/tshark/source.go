package tshark

import (
	"bytes"
	"io"
)

const (
	window    = 256 << 10
	maxObject = 32 << 20 // the most bytes one packet may take; a frame of 256 KiB with -x takes about four
	lookahead = 64       // from an opening brace to the end of the key behind it
)

// source cuts an export into its JSON objects, without understanding them. It holds one object at a time.
type source struct {
	in       io.Reader
	err      error // why in gave no more
	buf      []byte
	pos, end int   // what was read and not consumed is buf[pos:end]
	base     int64 // offset of buf[0]
	line     int   // of buf[pos], from 1
	open     int   // arrays that are open around the objects
	opening  [][]byte
	noise    int64  // lines that are no JSON
	said     string // the first of them
}

// place is where something stands in the export.
type place struct {
	offset int64
	line   int
}

func newSource(in io.Reader, opening [][]byte) *source {
	return &source{in: in, buf: make([]byte, window), line: 1, opening: opening}
}

func (s *source) here() place { return place{s.base + int64(s.pos), s.line} }

// have makes n bytes available behind pos; false if the export ends before.
func (s *source) have(n int) bool {
	for s.end-s.pos < n && s.err == nil {
		if s.end == len(s.buf) {
			s.slide(n)
		}
		m, err := s.in.Read(s.buf[s.end:])
		s.end, s.err = s.end+m, err
	}
	return s.end-s.pos >= n
}

// slide makes room behind the available bytes; after a large object the window shrinks again.
func (s *source) slide(n int) {
	kept, target := s.buf[s.pos:s.end], s.buf
	switch {
	case len(kept) > len(s.buf)/2 || n > len(s.buf):
		target = make([]byte, max(2*len(s.buf), n+window))
	case len(s.buf) > 8*window && len(kept) < window/2 && n < window:
		target = make([]byte, window)
	}
	s.end = copy(target, kept)
	s.base += int64(s.pos)
	s.buf, s.pos = target, 0
}

// drop consumes n bytes, as far as they are available.
func (s *source) drop(n int) {
	n = min(n, s.end-s.pos)
	s.line += bytes.Count(s.buf[s.pos:s.pos+n], newline)
	s.pos += n
}

var newline = []byte{'\n'}

// seek moves to the next opening brace outside of all objects; false at the end of the export.
func (s *source) seek() bool {
	for s.have(1) {
		switch c := s.buf[s.pos]; c {
		case '{':
			return true
		case '[':
			s.open++
		case ']':
			s.open = max(0, s.open-1)
		case ' ', '\t', '\r', ',':
		case '\n':
			s.line++
		default:
			s.mutter()
			continue
		}
		s.pos++
	}
	return false
}

// mutter passes over a line of something else, such as what tshark says on its standard error.
func (s *source) mutter() {
	n := 0
	for s.have(n+1) && s.buf[s.pos+n] != '\n' && n < window/2 {
		n++
	}
	s.noise++
	if s.said == "" {
		s.said = quoted(s.buf[s.pos : s.pos+n])
	}
	s.drop(n)
}

// ending is how the search for an object's end ended.
type ending uint8

const (
	whole  ending = iota
	torn          // the next packet begins before this one ends
	broken        // a line ends inside a string, or brackets do not agree
	huge          // larger than maxObject
	cut           // the export ends
)

// object gives the length of the object at pos, all of it available, or else how far it makes sense.
func (s *source) object() (int, ending) {
	depth, text := 0, false
	for n := 0; ; n++ {
		if n > maxObject {
			return n, huge
		}
		if s.pos+n >= s.end && !s.have(n+1) {
			return n, cut
		}
		c := s.buf[s.pos+n]
		switch {
		case text && c == '\\':
			n++
		case text && c == '\n':
			return n, broken
		case c == '"':
			text = !text
		case text:
		case c == '{' && n > 0 && s.opens(n):
			return n, torn
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return n + 1, whole
			}
		}
	}
}

// opens tells whether a packet begins at the brace n bytes ahead: tshark always writes the same key first.
func (s *source) opens(n int) bool {
	s.have(n + lookahead)
	rest := s.buf[s.pos+n+1 : min(s.pos+n+lookahead, s.end)]
	rest = bytes.TrimLeft(rest, " \t\r\n")
	for _, key := range s.opening {
		if bytes.HasPrefix(rest, key) {
			return true
		}
	}
	return false
}

// last tells whether the export ends n bytes ahead, but for blanks: what a text file's last line ends in.
func (s *source) last(n int) bool {
	return !s.have(n+lookahead) && len(bytes.TrimSpace(s.buf[min(s.pos+n, s.end):s.end])) == 0
}

// resync moves behind damage: to where the next packet begins, at least n bytes on; false at the end of the export.
func (s *source) resync(n int) bool {
	s.drop(n)
	for s.have(1) {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '{')
		if i < 0 {
			s.drop(s.end - s.pos)
			continue
		}
		s.drop(i)
		if s.opens(0) {
			return true
		}
		s.drop(1)
	}
	return false
}
