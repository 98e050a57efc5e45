package spool

import (
	"bufio"
	"bytes"
	"io"
)

const (
	firstChunk = 4 << 10
	chunkSize  = 256 << 10
)

// Log is a stream of bytes: written once, then read as often as wanted. It is not for concurrent writing; once written
// and at rest, any number of readers may read at the same time.
type Log struct {
	budget *Budget
	onDisk bool     // from the first byte on
	chunks [][]byte // in memory, each filled up to its length
	size   int64
	area   *area         // once spilled
	out    *bufio.Writer // nil while nothing is buffered
}

// NewLog starts an empty log.
func NewLog(b *Budget) *Log { return &Log{budget: b} }

// NewFileLog starts an empty log that takes no memory but a buffer for writing: for what is put aside to make room.
func NewFileLog(b *Budget) *Log { return &Log{budget: b, onDisk: true} }

// Size is how many bytes were written.
func (l *Log) Size() int64 { return l.size }

// Write appends p. Errors come only from the temporary file, such as a full disk.
func (l *Log) Write(p []byte) (int, error) {
	n := len(p)
	for l.area == nil && len(p) > 0 {
		if !l.room() {
			if err := l.spill(); err != nil {
				return 0, err
			}
			break
		}
		last := &l.chunks[len(l.chunks)-1]
		k := min(cap(*last)-len(*last), len(p))
		*last = append(*last, p[:k]...)
		p = p[k:]
	}
	if len(p) > 0 {
		if err := l.write(p, l.size+int64(n-len(p))); err != nil {
			return 0, err
		}
	}
	l.size += int64(n)
	return n, nil
}

// room makes sure the last chunk has space; false when the budget is used up.
func (l *Log) room() bool {
	if k := len(l.chunks); k > 0 && len(l.chunks[k-1]) < cap(l.chunks[k-1]) {
		return true
	}
	if l.onDisk {
		return false
	}
	size := firstChunk
	if k := len(l.chunks); k > 0 {
		size = min(2*cap(l.chunks[k-1]), chunkSize)
	}
	if !l.budget.Take(size) {
		return false
	}
	l.chunks = append(l.chunks, make([]byte, 0, size))
	return true
}

func (l *Log) spill() (err error) {
	if l.area, err = l.budget.area(); err != nil {
		return err
	}
	at := int64(0)
	for _, c := range l.chunks {
		if err = l.write(c, at); err != nil {
			return err
		}
		at += int64(len(c))
	}
	l.free()
	return nil
}

// write appends to the area, of which at is the end.
func (l *Log) write(p []byte, at int64) error {
	if l.out == nil {
		l.out = bufio.NewWriterSize(io.NewOffsetWriter(l.area, at), 64<<10)
	}
	_, err := l.out.Write(p)
	return err
}

// Rest writes out what is buffered and frees the buffer: thousands of logs that wait to be read are not to hold one each. Writing
// may go on. Errors are those of Write.
func (l *Log) Rest() error {
	if l.out == nil {
		return nil
	}
	if err := l.out.Flush(); err != nil {
		return err
	}
	l.out = nil
	return nil
}

func (l *Log) free() {
	for _, c := range l.chunks {
		l.budget.Give(cap(c))
	}
	l.chunks = nil
}

// Reader reads the log from its start.
func (l *Log) Reader() (io.Reader, error) {
	if l.area == nil {
		parts := make([]io.Reader, len(l.chunks))
		for i, c := range l.chunks {
			parts[i] = bytes.NewReader(c)
		}
		return io.MultiReader(parts...), nil
	}
	if err := l.Rest(); err != nil {
		return nil, err
	}
	return io.NewSectionReader(l.area, 0, l.size), nil
}

// part reads the bytes from start to end.
func (l *Log) part(start, end int64) (io.Reader, error) {
	r, err := l.Reader()
	if spilled, ok := r.(*io.SectionReader); ok {
		return io.NewSectionReader(spilled, start, end-start), err
	}
	var parts []io.Reader
	at := int64(0)
	for _, c := range l.chunks {
		from, to := max(start-at, 0), min(end-at, int64(len(c)))
		if from < to {
			parts = append(parts, bytes.NewReader(c[from:to]))
		}
		at += int64(len(c))
	}
	return io.MultiReader(parts...), err
}

// Close gives memory and room in the file back.
func (l *Log) Close() error {
	l.free()
	if l.out = nil; l.area == nil {
		return nil
	}
	return l.area.Close()
}
