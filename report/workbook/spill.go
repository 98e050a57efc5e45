package workbook

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spill holds bytes in memory up to a bound, and beyond it in a temporary file: the sheet of a million packets has 70 MB compressed.
type spill struct {
	dir  string
	data bytes.Buffer
	file *os.File
}

// spillAt is how many bytes are held in memory.
const spillAt = 1 << 20

// Write adds bytes.
func (s *spill) Write(b []byte) (int, error) {
	n, _ := s.data.Write(b)
	if s.data.Len() < spillAt {
		return n, nil
	}
	return n, s.flush()
}

func (s *spill) flush() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "workbook-"); err != nil {
			return err
		}
	}
	_, err = s.data.WriteTo(s.file)
	return err
}

// WriteTo gives all bytes out and lets them go.
func (s *spill) WriteTo(w io.Writer) (n int64, err error) {
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		if n, err = io.Copy(w, s.file); err != nil {
			return n, err
		}
	}
	m, err := s.data.WriteTo(w)
	return n + m, errors.Join(err, s.close())
}

// close removes the file, if there is one.
func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
