package capture

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

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
