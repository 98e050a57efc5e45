package evidence

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	maxMembers = 100_000 // of one archive
	maxDepth   = 2       // archives inside archives are opened, those inside these are not
)

// archive gives the files in it, one after the other.
type archive interface {
	// next gives the next regular file; io.EOF is behind the last.
	next() (*member, error)
	close()
}

// member is a file in an archive.
type member struct {
	name     string // as the archive has it: hostile text
	modified time.Time
	bytes    io.Reader
	problem  string // why its bytes cannot be had
}

// Options of opening evidence.
type Options struct {
	Password string        // of encrypted members of zip archives
	Unhashed bool          // for who reads a file only to show it: no SHA-256 but of files in archives, where it tells duplicates
	Stall    time.Duration // a file that gives nothing for so long is given up; 0 waits for ever, as for standard input

	// Scratch keeps a copy of what is read where it can be read anywhere, as zip archives inside other archives must be.
	Scratch func(r io.Reader) (Copy, error)
}

// Copy is a copy of some bytes.
type Copy interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// archiveOf opens what the bytes are; ok is false for what is no archive. at is the archive's file, nil where it has none.
func archiveOf(media string, content io.Reader, at Copy, o Options) (a archive, ok bool, err error) {
	switch media {
	case "application/x-tar":
		return &tarArchive{r: tar.NewReader(content)}, true, nil
	case "application/zip":
		if at == nil {
			at, err = o.scratch(content)
		}
		if err == nil {
			a, err = newZip(at, o.Password)
		}
		return a, true, err
	}
	return nil, false, nil
}

func (o Options) scratch(content io.Reader) (Copy, error) {
	if o.Scratch == nil {
		return nil, errors.New("a zip archive inside another file needs room for a copy")
	}
	return o.Scratch(content)
}

// foreign are archives that are not opened.
var foreign = map[string]string{
	"application/x-7z-compressed": "7z", "application/x-rar-compressed": "RAR", "application/vnd.rar": "RAR", "application/x-cpio": "cpio", "application/vnd.ms-cab-compressed": "cabinet",
}

type tarArchive struct{ r *tar.Reader }

func (t *tarArchive) next() (*member, error) {
	for {
		h, err := t.r.Next()
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeGNUSparse {
			return &member{name: h.Name, modified: h.ModTime, bytes: t.r}, nil
		}
	}
}

func (t *tarArchive) close() {}

// zipArchive reads by the archive's directory.
type zipArchive struct {
	files    []*zip.File
	password string
	open     io.Closer
	at       Copy
}

func newZip(at Copy, password string) (archive, error) {
	r, err := zip.NewReader(at, at.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are never used as paths
		at.Close()
		return nil, err
	}
	return &zipArchive{files: r.File, password: password, at: at}, nil
}

func (z *zipArchive) next() (*member, error) {
	z.done()
	for len(z.files) > 0 {
		f := z.files[0]
		z.files = z.files[1:]
		if f.FileInfo().Mode().IsRegular() {
			return z.member(f), nil
		}
	}
	return nil, io.EOF
}

func (z *zipArchive) member(f *zip.File) *member {
	m := &member{name: f.Name, modified: f.Modified}
	opened, err := openZipped(f, z.password)
	if err != nil {
		m.problem = err.Error()
		return m
	}
	m.bytes, z.open = opened, opened
	return m
}

func (z *zipArchive) done() {
	if z.open != nil {
		z.open.Close()
		z.open = nil
	}
}

func (z *zipArchive) close() {
	z.done()
	z.at.Close()
}

// openZipped opens a file of a zip archive.
func openZipped(f *zip.File, password string) (io.ReadCloser, error) {
	if f.Flags&1 == 0 {
		r, err := f.Open()
		if errors.Is(err, zip.ErrAlgorithm) {
			err = fmt.Errorf("is compressed in a way (method %d) that is not known: unpack the archive first", f.Method)
		}
		return r, err
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	return decrypted(f, raw, password)
}
