package crosscheck

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// columns reads lines of frame number, Protocol and Info, one for every frame.
type columns struct {
	in             *bufio.Reader
	number         int64 // of the line at hand
	protocol, info string
	err            error
}

const maxLine = 1 << 20 // an Info column is hostile text

func newColumns(in io.Reader) *columns { return &columns{in: bufio.NewReaderSize(in, 64<<10)} }

// at goes on to a frame; ok is false if there is no line for it.
func (c *columns) at(frame int64) (protocol, info string, ok bool) {
	for c.err == nil && c.number < frame {
		c.next()
	}
	return c.protocol, c.info, c.err == nil && c.number == frame
}

// total reads on to the end and gives the number of the last frame.
func (c *columns) total() int64 {
	for c.err == nil {
		c.next()
	}
	return c.number
}

func (c *columns) next() {
	line, err := c.line()
	if err != nil {
		c.err = err
		return
	}
	cells := bytes.SplitN(line, []byte{'\t'}, 3)
	n, err := strconv.ParseInt(string(cells[0]), 10, 64)
	if err != nil || len(cells) != 3 || n <= c.number {
		c.err = fmt.Errorf("tshark's list: %.80q after frame %d: expected a frame number, protocol and info", line, c.number)
		return
	}
	c.number, c.protocol, c.info = n, string(cells[1]), string(cells[2])
}

// line is the next line without its end. What is longer than any real line is an error.
func (c *columns) line() (line []byte, err error) {
	for {
		part, err := c.in.ReadSlice('\n')
		if line = append(line, part...); err != bufio.ErrBufferFull {
			if err == io.EOF && len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return bytes.TrimRight(line, "\r\n"), err
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("tshark's list: a line after frame %d is longer than %d bytes", c.number, maxLine)
		}
	}
}

// failed is what went wrong with the list, but for its end.
func (c *columns) failed() error {
	if c.err == io.EOF {
		return nil
	}
	return c.err
}
