// Package listing prints packets as tshark does: the list with its columns, chosen fields with tshark's separators, whole
// packets as JSON. Make a printer ([NewText], [NewFields], [NewJSON], [NewEK]), call Begin for each file, Packet for each of
// its packets, and End once. Nothing is kept from one packet to the next but what the next one needs.
package listing

import (
	"fmt"
	"io"
	"strings"

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
	info := strings.TrimRight(c.info(p), " ")
	blanks := len(c.info(p)) - len(info) // Wireshark pads the names of types
	_, err := fmt.Fprintf(t.w, "%5d %10s %12s → %-12s %s %d %s%*s\n", p.Number, c.time(p), c.source(p), c.destination(p), c.protocol(p), p.Wire-p.PseudoHeader(), inert.Text(info), blanks, "")
	return err
}
