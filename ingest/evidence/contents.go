package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
)

// contents is what an archive holds, and how much of it was read.
type contents struct {
	archive
	expansion *capture.Expansion
	names     map[string]int
	members   int
	last      string // name of the member before
}

// unpack opens an archive.
func (r *Reading) unpack(not *capture.NotCapture, file *os.File) {
	e := &r.entry
	if kind := foreign[not.MediaType]; kind != "" {
		e.Status, e.Problem = ingest.Unsupported, fmt.Sprintf("archives of format %s are not opened: unpack it first", kind)
		return
	}
	var at Copy
	if file != nil && not.Compression == "" && r.before.Mode().IsRegular() {
		at = whole{file, r.before.Size()}
	}
	a, ok, err := archiveOf(not.MediaType, not.Content, at, r.options)
	switch {
	case !ok:
	case r.depth >= maxDepth:
		e.Status, e.Problem = ingest.Unsupported, "is an archive in an archive in an archive, which is not opened: unpack it first"
	case err != nil:
		r.spoilt(fmt.Errorf("the archive cannot be opened: %w", err))
	default:
		e.Status, e.Problem, e.Archive = ingest.Complete, "", true
		r.contents = &contents{archive: a, expansion: capture.NewExpansion(r.size), names: map[string]int{}}
	}
}

// size is how many bytes the archive has, as far as that is known.
func (r *Reading) size() int64 { return max(r.Progress(), r.before.Size()) }

// spoilt notes why an archive cannot be read on.
func (r *Reading) spoilt(err error) {
	r.entry.Status, r.entry.Problem = ingest.Damaged, err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		r.entry.Status = ingest.Cut
	}
}

// File is what was opened.
func (r *Reading) File() File { return File{Path: r.entry.Path, Name: r.entry.File} }

// Entry is the ledger entry as far as it is known.
func (r *Reading) Entry() ingest.Evidence { return r.entry }

// Inside tells whether it is a file in an archive.
func (r *Reading) Inside() bool { return r.depth > 0 }

// Fail notes that icmpsift itself failed on an archive.
func (r *Reading) Fail(fault string) {
	r.spoilt(errors.New(fault))
}

// Archive tells whether the file is an archive that could be opened.
func (r *Reading) Archive() bool { return r.entry.Archive }

// Member opens the next file in an archive: zip and tar, and one level of archives in them. The error is io.EOF behind the last, where the
// archive cannot be read on, and where there is none. A member has to be finished or closed before the next is opened.
func (r *Reading) Member() (*Reading, error) {
	if r.contents == nil {
		return nil, io.EOF
	}
	m, err := r.contents.next()
	switch {
	case err == io.EOF:
		return nil, io.EOF
	case err == nil && r.contents.members >= maxMembers:
		err = fmt.Errorf("the first %d files of it were read, the others were not", maxMembers)
	case err != nil:
		err = fmt.Errorf("the archive cannot be read on behind %q: %w", r.contents.last, err)
	}
	if err != nil {
		r.spoilt(err)
		return nil, io.EOF
	}
	return r.member(m), nil
}

func (r *Reading) member(m *member) *Reading {
	c := r.contents
	c.members, c.last = c.members+1, m.name
	name := strings.TrimPrefix(m.name, "./") // as tar writes "tar c ."
	if c.names[m.name]++; c.names[m.name] > 1 {
		name = fmt.Sprintf("%s (%d)", name, c.names[m.name]) // names need not be unique in archives
	}
	e := ingest.Evidence{Path: r.entry.Path + "/" + name, Container: r.entry.Path, Member: m.name, Status: ingest.Unsupported, Problem: m.problem, Offset: -1, DuplicateOf: -1}
	inner := &Reading{entry: e, options: r.options, depth: r.depth + 1, before: stamp(m.modified)}
	if m.bytes != nil {
		inner.bytes = newHashed(inside{c.expansion.Reader(m.bytes), inner.before})
		inner.identify(nil)
	}
	return inner
}

// whole is a file of the file system as a Copy. Others close it.
type whole struct {
	io.ReaderAt
	size int64
}

func (w whole) Size() int64  { return w.size }
func (w whole) Close() error { return nil }

// inside is a member as a source. The archive closes it.
type inside struct {
	io.Reader
	info fs.FileInfo
}

// errInside is cut, as compressed streams are, to who reads the capture in it.
var errInside = fmt.Errorf("the archive ends inside this file: %w", io.ErrUnexpectedEOF)

func (i inside) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errInside
	}
	return n, err
}

func (i inside) Stat() (fs.FileInfo, error) { return i.info, nil }
func (i inside) Close() error               { return nil }

// stamp is all that is known of a member before it is read.
type stamp time.Time

func (s stamp) Name() string       { return "" }
func (s stamp) Size() int64        { return 0 }
func (s stamp) Mode() fs.FileMode  { return 0 }
func (s stamp) ModTime() time.Time { return time.Time(s) }
func (s stamp) IsDir() bool        { return false }
func (s stamp) Sys() any           { return nil }
