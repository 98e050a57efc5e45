package capture

import (
	"io"
	"sync"
)

const (
	bufferSize = 256 << 10 // stays in the L2 cache; larger ones are slower
	largest    = 16 << 20  // the most bytes one record or block may take
	ahead      = 1 << 20   // room kept behind a large record, so that sliding over damage does not copy all of it each time
)

// stream is a window on the bytes of a capture: what have() made available can be looked at without being consumed.
type stream struct {
	src      io.Reader
	buf      []byte // the window's memory: home, or large while something large is looked at
	home     []byte
	large    []byte
	pos, end int   // the available bytes are buf[pos:end]
	base     int64 // offset of buf[0] in the capture
	err      error // why src gave no more
}

// homes are used again: of thousands of small files each would make a new one.
var homes = sync.Pool{New: func() any { return new([bufferSize]byte) }}

func newStream(src io.Reader) *stream {
	home := homes.Get().(*[bufferSize]byte)[:]
	return &stream{src: src, buf: home, home: home}
}

// release gives the memory of a stream back that nobody looks at any more.
func (s *stream) release() {
	if s.home != nil {
		homes.Put((*[bufferSize]byte)(s.home))
	}
	s.buf, s.home, s.large, s.base, s.pos, s.end = nil, nil, nil, s.offset(), 0, 0
}

// offset is the position in the uncompressed capture.
func (s *stream) offset() int64 { return s.base + int64(s.pos) }

// left is how many bytes are available without reading.
func (s *stream) left() int { return s.end - s.pos }

// have makes n bytes available; false if the capture ends before.
func (s *stream) have(n int) bool { return s.end-s.pos >= n || s.fill(n) }

// at looks at n available bytes, i bytes ahead.
func (s *stream) at(i, n int) []byte { return s.buf[s.pos+i : s.pos+i+n : s.pos+i+n] }

func (s *stream) fill(n int) bool {
	if s.pos+n > len(s.buf) {
		s.slide(n)
	}
	for idle := 0; s.left() < n && s.err == nil; {
		m, err := s.src.Read(s.buf[s.end:])
		s.end, s.err = s.end+m, err
		if idle++; m > 0 {
			idle = 0
		} else if idle > 100 && s.err == nil {
			s.err = io.ErrNoProgress
		}
	}
	return s.left() >= n
}

// slide moves the available bytes to the front of a buffer that has room for n.
func (s *stream) slide(n int) {
	target := s.home
	if n > len(s.home) {
		if n+ahead > len(s.large) {
			s.large = make([]byte, n+ahead)
		}
		target = s.large
	}
	if s.left() > len(target) { // more is available than asked for: stay in the larger buffer
		target = s.buf
	}
	kept := copy(target, s.buf[s.pos:s.end])
	s.base += int64(s.pos)
	s.buf, s.pos, s.end = target, 0, kept
}

// skip consumes n bytes, however many; false if the capture ends before.
func (s *stream) skip(n int) bool {
	for n > s.left() {
		n -= s.left()
		s.pos = s.end
		if !s.have(1) {
			return false
		}
	}
	s.pos += n
	return true
}

// finished tells whether the capture ended cleanly at the end of the available bytes.
func (s *stream) finished() bool { return s.err == io.EOF }
