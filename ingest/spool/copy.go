package spool

import "io"

// Copied is a copy of some bytes on disk, to be read anywhere.
type Copied struct {
	*tempFile
	size int64
}

// Copy copies what is read into a temporary file.
func (b *Budget) Copy(r io.Reader) (*Copied, error) {
	f, err := b.file()
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(f.File, r)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Copied{f, n}, nil
}

// Size is how many bytes were copied.
func (c *Copied) Size() int64 { return c.size }
