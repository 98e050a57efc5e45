package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	maxLayers = 4         // compression inside compression: enough for honest files, an end for those that unpack to themselves
	maxWindow = 128 << 20 // zstd's own limit without --long=N
	peeked    = 64 << 10  // smaller than the stream's reads, so that those of plain files bypass this buffer
)

// compression is one way to compress. Others (xz, bzip2, lz4) are added as further rows of the table.
type compression struct {
	name, media string
	is          func(head []byte) bool
	open        func(*bufio.Reader) (io.Reader, error)
}

var compressions = []compression{
	{"gzip", "application/gzip", isGzip, openGzip},
	{"zstd", "application/zstd", isZstd, openZstd},
}

// Decompress takes off every layer of compression that the input turns out to have, as [NewReader] does. The error is a
// [*NotCapture].
func Decompress(r io.Reader) (io.Reader, error) {
	top, _, err := peel(r)
	return top, err
}

// peel takes off every layer of compression and names them, outermost first.
func peel(r io.Reader) (top io.Reader, layers []string, err error) {
	buffered := bufio.NewReaderSize(r, peeked)
	for len(layers) < maxLayers {
		c := compressed(buffered)
		if c == nil {
			break
		}
		opened, err := c.open(buffered)
		if err != nil {
			return nil, nil, &NotCapture{MediaType: c.media, Problem: (&layerError{c.name, err}).Error()}
		}
		buffered = bufio.NewReaderSize(&layer{c.name, opened}, peeked)
		layers = append(layers, c.name)
	}
	return buffered, layers, nil
}

func compressed(r *bufio.Reader) *compression {
	head, _ := r.Peek(4)
	for i := range compressions {
		if compressions[i].is(head) {
			return &compressions[i]
		}
	}
	return nil
}

// layer names itself in the errors of its decompressor.
type layer struct {
	name string
	io.Reader
}

func (l *layer) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	var inner *layerError
	if err != nil && err != io.EOF && !errors.As(err, &inner) {
		err = &layerError{l.name, err}
	}
	return n, err
}

type layerError struct {
	name string
	err  error
}

func (e *layerError) Error() string {
	if e.err == io.ErrUnexpectedEOF {
		return e.name + " stream is cut short"
	}
	return fmt.Sprintf("%s stream is damaged: %v", e.name, e.err)
}

func (e *layerError) Unwrap() error { return e.err }

// isGzip: RFC 1952 section 2.3.1; 8 is deflate, the only method there is.
func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}) }

// members reads gzip files of several members, and goes on behind a member whose checksum is wrong.
type members struct {
	src    *bufio.Reader
	member *gzip.Reader
	wrong  error // the first checksum error
}

var errTrailing = errors.New("the bytes behind its end are neither gzip nor padding")

func openGzip(src *bufio.Reader) (io.Reader, error) {
	member, err := gzip.NewReader(src)
	if err != nil {
		return nil, early(err)
	}
	member.Multistream(false)
	return &members{src: src, member: member}, nil
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.member.Read(p)
	switch {
	case err == io.EOF:
		err = m.advance()
	case err == gzip.ErrChecksum:
		if m.wrong == nil {
			m.wrong = err
		}
		err = m.advance()
	}
	return n, early(err)
}

// advance opens the next member; its error is io.EOF, or what was wrong before, when there is none.
func (m *members) advance() error {
	head, err := m.src.Peek(1)
	if err != nil {
		return m.end(err)
	}
	if head[0] == 0 {
		return m.padding()
	}
	if err := m.member.Reset(m.src); err == gzip.ErrHeader {
		return errTrailing
	} else if err != nil {
		return early(err)
	}
	m.member.Multistream(false)
	return nil
}

// padding reads the zeros that tapes and disk images leave behind a file.
func (m *members) padding() error {
	for {
		c, err := m.src.ReadByte()
		if err != nil {
			return m.end(err)
		}
		if c != 0 {
			return errTrailing
		}
	}
}

func (m *members) end(err error) error {
	if err == io.EOF && m.wrong != nil {
		return m.wrong
	}
	return err
}

// early makes one error of the two ways in which decompressors say that their input ended too early.
func early(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// isZstd: RFC 8878 section 3.1.1; a skippable frame (3.1.2) may come first.
func isZstd(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// openZstd decodes in the caller's goroutine: measured faster than klauspost's pipeline, and nothing needs closing.
func openZstd(src *bufio.Reader) (io.Reader, error) {
	d, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, early(err)
	}
	return &zstdFrames{d}, nil
}

type zstdFrames struct{ d *zstd.Decoder }

func (z *zstdFrames) Read(p []byte) (int, error) {
	n, err := z.d.Read(p)
	return n, early(err)
}
