package tshark

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wide reads UTF-16 as UTF-8: what PowerShell's ">" makes of tshark's output.
type wide struct {
	in    *bufio.Reader
	order binary.ByteOrder
	high  rune // the first half of a pair
	ready []byte
	err   error
}

// wideOrder tells the byte order of UTF-16 by its byte order mark, nil for other text.
func wideOrder(head []byte) binary.ByteOrder {
	switch {
	case len(head) < 2:
	case head[0] == 0xff && head[1] == 0xfe:
		return binary.LittleEndian
	case head[0] == 0xfe && head[1] == 0xff:
		return binary.BigEndian
	}
	return nil
}

func newWide(in io.Reader, order binary.ByteOrder) *wide {
	w := &wide{in: bufio.NewReaderSize(in, window), order: order}
	w.in.Discard(2)
	return w
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.ready) < len(p) && w.err == nil && len(w.ready) < window {
		w.unit()
	}
	n := copy(p, w.ready)
	w.ready = append(w.ready[:0], w.ready[n:]...)
	if n == 0 {
		return 0, w.err
	}
	return n, nil
}

// unit reads one code unit.
func (w *wide) unit() {
	b, err := w.in.Peek(2)
	if len(b) < 2 {
		if w.err = err; len(b) == 1 && err == io.EOF {
			w.err = io.ErrUnexpectedEOF
		}
		return
	}
	r := rune(w.order.Uint16(b))
	w.in.Discard(2)
	switch {
	case w.high != 0:
		w.ready, w.high = utf8.AppendRune(w.ready, utf16.DecodeRune(w.high, r)), 0
	case utf16.IsSurrogate(r):
		w.high = r
	default:
		w.ready = utf8.AppendRune(w.ready, r)
	}
}

// narrow is the head of UTF-16 text as UTF-8.
func narrow(head []byte) []byte {
	order := wideOrder(head)
	if order == nil {
		return head
	}
	out := make([]byte, 0, len(head)/2)
	for head = head[2:]; len(head) >= 2; head = head[2:] {
		out = utf8.AppendRune(out, rune(order.Uint16(head)))
	}
	return out
}
