package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sync/atomic"
)

const (
	chunkSize = 256 << 10 // as the capture reader reads
	chunks    = 8         // how far hashing may fall behind
)

// source is what evidence is read from.
type source interface {
	io.ReadCloser
	Stat() (fs.FileInfo, error)
}

// hashed reads a file and has what was read hashed by a goroutine of its own: SHA-256 takes longer than reading. Without
// work it only reads.
type hashed struct {
	file source
	read atomic.Int64 // bytes so far
	stop atomic.Bool  // read no further
	last fs.FileInfo  // as it was at the end, nil if that could not be had
	err  error        // why reading ended
	work chan []byte
	free chan []byte
	sum  chan string
}

func newHashed(file source) *hashed {
	h := &hashed{file: file, work: make(chan []byte, chunks), free: make(chan []byte, chunks+2), sum: make(chan string, 1)}
	go h.hash()
	return h
}

func newUnhashed(file source) *hashed { return &hashed{file: file} }

func (h *hashed) hash() {
	digest := sha256.New()
	for chunk := range h.work {
		digest.Write(chunk)
		select {
		case h.free <- chunk:
		default: // enough are free
		}
	}
	h.sum <- hex.EncodeToString(digest.Sum(nil))
}

var errStopped = errors.New("reading was stopped")

// Read reads the file; after an error it gives that error again.
func (h *hashed) Read(p []byte) (int, error) {
	if h.err != nil {
		return 0, h.err
	}
	if h.stop.Load() {
		h.err = errStopped
		return 0, h.err
	}
	n, err := h.file.Read(p[:min(len(p), chunkSize)])
	if n > 0 && h.work != nil {
		h.work <- append(h.chunk(n), p[:n]...)
	}
	h.read.Add(int64(n))
	if err != nil {
		h.err = reason(err)
	}
	return n, h.err
}

// chunk gives an empty chunk with room for n bytes: one that has been hashed, or else a new one.
func (h *hashed) chunk(n int) []byte {
	select {
	case c := <-h.free:
		return c[:0]
	default:
		return make([]byte, 0, n)
	}
}

// finish reads the rest, closes the file and gives the hash of everything. The error is what kept it from reading to the end.
func (h *hashed) finish() (string, error) {
	if h.err == nil {
		rest := make([]byte, chunkSize)
		for h.err == nil {
			h.Read(rest)
		}
	}
	if !errors.As(h.err, new(stalled)) { // asking a mount that hangs would hang, too
		h.last, _ = h.file.Stat()
	}
	sum := h.close()
	if h.err != io.EOF {
		return "", h.err
	}
	return sum, nil
}

// close closes the file and gives the hash of what was read, "" if nothing was hashed.
func (h *hashed) close() string {
	h.file.Close()
	if h.work == nil {
		return ""
	}
	close(h.work)
	return <-h.sum
}
