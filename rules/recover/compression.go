package recover

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"math/bits"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/therootcompany/xz"
	"github.com/ulikunitz/xz/lzma"
)

// maxInflated bounds what compressed bytes are unfolded to: what a bomb can cost.
const maxInflated = 64 << 20

// gzipOf unpacks one member.
func gzipOf(b []byte) structure {
	return inflated(func(r io.Reader) (io.Reader, error) {
		z, err := gzip.NewReader(r)
		if err == nil {
			z.Multistream(false)
		}
		return z, err
	})(b)
}

// gzipHeader tells whether a header of gzip stands in front as programs write it (RFC 1952, 2.3).
func gzipHeader(b []byte) bool {
	return len(b) >= 64 && string(b[:3]) == "\x1f\x8b\x08" && b[3]&0xe0 == 0 && b[8]&^6 == 0 && (b[9] <= 13 || b[9] == 255)
}

// inflated reads a compressed stream to its end, and its check sum with it.
func inflated(open func(io.Reader) (io.Reader, error)) func(b []byte) structure {
	return func(b []byte) structure {
		r := bytes.NewReader(b)
		z, err := open(r)
		if err != nil {
			return structure{}
		}
		n, err := io.Copy(io.Discard, io.LimitReader(z, maxInflated))
		switch {
		case err == nil:
			return structure{true, 1, len(b) - r.Len()}
		case n > 0:
			return structure{false, 0.5 * btof(err == io.ErrUnexpectedEOF), 0}
		}
		return structure{}
	}
}

func bzip2Of(b []byte) structure {
	if len(b) < 10 || string(b[4:10]) != "\x31\x41\x59\x26\x53\x59" {
		return structure{}
	}
	r := bytes.NewReader(b)
	_, err := io.Copy(io.Discard, io.LimitReader(bzip2.NewReader(r), maxInflated))
	if err != nil {
		return structure{false, 0.3, 0}
	}
	return structure{true, 1, 0}
}

// xzOf unpacks the stream, whose check sums must be right (xz file format, 2.1 and 3).
func xzOf(b []byte) structure {
	if len(b) < 12 || b[6] != 0 || b[7]&0xf0 != 0 || crc32.ChecksumIEEE(b[6:8]) != binary.LittleEndian.Uint32(b[8:]) {
		return structure{}
	}
	z, err := xzReader(bytes.NewReader(b))
	if err != nil {
		return structure{false, 0.3, 0}
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(z, maxInflated)); err != nil {
		return structure{false, 0.3, 0}
	}
	if n := bytes.LastIndex(b, []byte("YZ")); n > 12 && len(trimmed(b[n+2:])) == 0 {
		return structure{true, 1, n + 2}
	}
	return structure{true, 1, 0}
}

// xzReader unpacks one stream; what stands behind it stays. What asks for a dictionary, which is memory, of more than 64 MiB is refused.
func xzReader(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	z, err := xz.NewReader(bytes.NewReader(trimmed(b)), xz.DefaultDictMax)
	if err == nil {
		z.Multistream(false)
	}
	return z, err
}

// mostDictionary is the largest dictionary of LZMA that memory is taken for.
const mostDictionary = 64 << 20

// unlzma unpacks LZMA in the old form of one file (.lzma), which has no signature: the usual properties, a size of dictionary as programs choose it, and a length that
// is not told or not beyond belief stand in front, and nothing may be wrong to the end.
func unlzma(b []byte) ([]byte, bool) {
	const header = 13
	if len(b) <= header || b[0] != 0x5d {
		return nil, false
	}
	dictionary, size := binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint64(b[5:])
	if dictionary < 1<<12 || dictionary > mostDictionary || bits.OnesCount32(dictionary) > 2 || size != math.MaxUint64 && size > maxInflated {
		return nil, false
	}
	r, err := lzma.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(r, maxInflated))
	return out, err == nil && len(out) > 0
}

// lz4Of unpacks a frame, whose check sums must be right (LZ4 frame format).
func lz4Of(b []byte) structure {
	r := bytes.NewReader(b)
	n, err := io.Copy(io.Discard, io.LimitReader(lz4.NewReader(r), maxInflated))
	switch {
	case err == nil && n > 0:
		return structure{true, 1, len(b) - r.Len()}
	case n > 0:
		return structure{false, 0.5, 0}
	}
	return structure{}
}

func zstdOf(b []byte) structure {
	z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxInflated))
	if err != nil {
		return structure{}
	}
	defer z.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(z, maxInflated)); err != nil {
		return structure{false, 0.3, 0}
	}
	return structure{true, 1, 0}
}

// inflate undoes raw deflate; ok only if all of b is used.
func inflate(b []byte) ([]byte, bool) {
	r := bytes.NewReader(b)
	out, err := io.ReadAll(io.LimitReader(flate.NewReader(r), maxInflated))
	return out, err == nil && r.Len() == 0
}
