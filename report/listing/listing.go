// Package listing prints packets as tshark does: the list with its columns, chosen fields with tshark's separators, whole
// packets as JSON. Make a printer ([NewText], [NewFields], [NewJSON], [NewEK]), call Begin for each file, Packet for each of
// its packets, and End once. Nothing is kept from one packet to the next but what the next one needs.
package listing

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/report/inert"
)

// Printer prints packets, of one file after the other.
type Printer interface {
	Begin(e *ingest.Evidence) error // what follows is of this file
	Packet(p *ingest.Packet) error
	End() error // nothing follows

	resume(s state) // what follows comes behind packets that another printer has printed
}

// state is what printing a packet needs to know of those printed before it.
type state struct {
	some  bool // there were any
	lapse lapse
}

// Text is tshark's packet list: No., Time (seconds since the first packet), Source, Destination, Protocol, Length, Info.
type Text struct {
	w       io.Writer
	columns columns
	line    []byte
}

// NewText prints packets to w.
func NewText(w io.Writer, c *field.Context) *Text { return &Text{w: w, columns: newColumns(c)} }

// Begin keeps the file's entry: its interfaces say how exact times are.
func (t *Text) Begin(e *ingest.Evidence) error {
	t.columns.evidence = e
	return nil
}

// End does nothing: tshark's list has no foot.
func (t *Text) End() error { return nil }

func (t *Text) resume(state) {}

// Packet prints one line. Info may hold text from the capture (a domain name, a request line), and is made inert.
func (t *Text) Packet(p *ingest.Packet) error {
	c := &t.columns
	b := pad(t.line[:0], strconv.FormatInt(p.Number, 10), 5)
	b = pad(append(b, ' '), c.time(p), 10)
	b = pad(append(b, ' '), c.source(p), 12)
	b = append(b, " → "...)
	from := len(b)
	b = append(b, c.destination(p)...)
	b = append(b, blanks[:max(0, 12-utf8.RuneCount(b[from:]))]...)
	b = append(append(append(b, ' '), c.protocol(p)...), ' ')
	b = append(strconv.AppendInt(b, int64(p.Wire-p.PseudoHeader()), 10), ' ')
	told := c.info(p)
	info := strings.TrimRight(told, " ")
	b = append(append(b, inert.Text(info)...), told[len(info):]...) // Wireshark pads the names of types
	t.line = append(b, '\n')
	_, err := t.w.Write(t.line)
	return err
}

const blanks = "            "

// pad appends a text right-justified.
func pad(b []byte, text string, width int) []byte {
	return append(append(b, blanks[:max(0, width-utf8.RuneCountInString(text))]...), text...)
}
