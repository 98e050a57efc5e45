package capture

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/therootcompany/xz"
)

const (
	maxLayers = 4         // compression inside compression: enough for honest files, an end for those that unpack to themselves
	maxWindow = 128 << 20 // zstd's own limit without --long=N, and twice what xz -9 asks for
	peeked    = 4 << 10   // smaller than the stream's reads, so that those of plain files bypass this buffer
	unpacked  = 64 << 10  // what decompressors read at a time
)

// compression is one way to compress.
type compression struct {
	name, media string
	is          func(head []byte) bool
	open        func(*bufio.Reader) (io.Reader, error)
}

var compressions = []compression{
	{"gzip", "application/gzip", isGzip, openGzip},
	{"zstd", "application/zstd", isZstd, openZstd},
	{"xz", "application/x-xz", isXz, openXz},
	{"bzip2", "application/x-bzip2", isBzip2, openBzip2},
	{"lz4", "application/x-lz4", isLz4, openLz4},
}

// Decompress takes off every layer of compression that the input turns out to have, as [NewReader] does. The error is a
// [*NotCapture].
func Decompress(r io.Reader) (io.Reader, error) {
	top, _, err := peel(r)
	return top, err
}

// peel takes off every layer of compression and names them, outermost first.
func peel(r io.Reader) (top io.Reader, layers []string, err error) {
	packed := &metered{Reader: r}
	buffered := bufio.NewReaderSize(packed, peeked)
	for len(layers) < maxLayers {
		c := compressed(buffered)
		if c == nil {
			break
		}
		opened, err := c.open(bufio.NewReaderSize(buffered, unpacked))
		if err != nil {
			return nil, nil, &NotCapture{MediaType: c.media, Problem: (&layerError{c.name, err}).Error()}
		}
		buffered = bufio.NewReaderSize(&layer{c.name, opened}, peeked)
		layers = append(layers, c.name)
	}
	if layers == nil {
		return buffered, nil, nil
	}
	return NewExpansion(func() int64 { return packed.n }).Reader(buffered), layers, nil
}

const longestMagic = 10 // bzip2's

func compressed(r *bufio.Reader) *compression {
	head, _ := r.Peek(longestMagic)
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
	return uniform{d}, nil
}

// uniform says in one way that the input ended too early.
type uniform struct{ io.Reader }

func (u uniform) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	return n, early(err)
}

// isXz: the .xz file format 1.2.1, section 2.1.1.1.
func isXz(head []byte) bool { return bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) }

// openXz reads files of several streams, too, and padding.
func openXz(src *bufio.Reader) (io.Reader, error) {
	r, err := xz.NewReader(src, maxWindow)
	if err != nil {
		return nil, early(err)
	}
	return &vague{src, r, func(err error) bool { return err == xz.ErrBuf }}, nil
}

// vague is a decoder that has one error for streams that end too early and for others: which it was, its source tells.
type vague struct {
	src    *bufio.Reader
	r      io.Reader
	either func(error) bool
}

func (v *vague) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	if err != nil && err != io.EOF && v.either(err) {
		if _, more := v.src.Peek(1); more == io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, early(err)
}

// isBzip2: "BZh", the size of blocks, and the magic number of a block (pi) or of the end (the root of pi), as bzip2 writes them.
func isBzip2(head []byte) bool {
	return len(head) >= longestMagic && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte{0x31, 0x41, 0x59, 0x26, 0x53, 0x59}) || bytes.Equal(head[4:10], []byte{0x17, 0x72, 0x45, 0x38, 0x50, 0x90}))
}

// openBzip2 reads files of several streams, too. The decoder takes no byte that it does not need.
func openBzip2(src *bufio.Reader) (io.Reader, error) {
	return &vague{src, bzip2.NewReader(src), func(error) bool { return true }}, nil
}

// isLz4: the LZ4 frame format 1.6.4, and the legacy frame of it.
func isLz4(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x04, 0x22, 0x4d, 0x18}) || bytes.HasPrefix(head, []byte{0x02, 0x21, 0x4c, 0x18})
}

// openLz4 reads files of several frames, too.
func openLz4(src *bufio.Reader) (io.Reader, error) { return uniform{lz4.NewReader(src)}, nil }
