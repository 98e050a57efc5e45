package tshark

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"icmpsift/ingest"
)

// ErrNotExport says that the input is no export of tshark.
var ErrNotExport = errors.New(`not an export of tshark: expected an array of packets ("-T json") or lines of packets ("-T ek")`)

// Reader reads one export, a packet at a time. It is not safe for concurrent use.
type Reader struct {
	format string
	src    *source
	tree   *tree
	record Record
	state  State
	places int
	told   versions
}

// State is how far reading came.
type State struct {
	Status  ingest.Status // Complete, Cut, Damaged or Empty; provisional until Next has given io.EOF
	Problem string        // the first thing that is wrong, with line and offset; "" if nothing
	Offset  int64         // of it in the export, -1 if none
	Line    int           // likewise, 0 if none
	Records int64         // packets read
	Lost    int64         // packets of which something is there that cannot be read
	Noise   int64         // lines outside of the packets that are no JSON, such as tshark's messages
	Said    string        // the first of them: hostile text
}

// NewReader identifies the export. The only errors are [ErrNotExport] and those of reading r.
func NewReader(r io.Reader) (*Reader, error) {
	head := bufio.NewReaderSize(r, Sniffed)
	start, err := head.Peek(Sniffed)
	if err != nil && err != io.EOF && len(start) == 0 {
		return nil, fmt.Errorf("export cannot be read: %w", err)
	}
	var in io.Reader = head
	if order := wideOrder(start); order != nil {
		in = newWide(head, order)
	} else if bytes.HasPrefix(start, bom) {
		head.Discard(len(bom))
	}
	format := Identify(start, err == io.EOF)
	if format == "" {
		return nil, ErrNotExport
	}
	opening := openingJSON
	if format == EK {
		opening = openingEK
	}
	return &Reader{format: format, src: newSource(in, opening), tree: newTree(format == EK), state: State{Offset: -1}}, nil
}

// Format is [JSON] or [EK].
func (r *Reader) Format() string { return r.format }

// Next gives the next packet, valid until the next call. The only error is io.EOF, also behind damage: see [Reader.State].
func (r *Reader) Next() (*Record, error) {
	for r.src.seek() {
		at := r.src.here()
		n, end := r.src.object()
		if end != whole {
			r.lose(at, n, end)
			continue
		}
		object := r.src.buf[r.src.pos : r.src.pos+n]
		nodes, ok, err := r.tree.read(object)
		r.src.drop(n)
		switch {
		case err != nil:
			r.lost(ingest.Damaged, at, "a packet cannot be read: %.200s", err)
		case ok:
			return r.take(nodes, at), nil
		}
	}
	r.close()
	return nil, io.EOF
}

// take makes the record of a packet's nodes.
func (r *Reader) take(nodes []Node, at place) *Record {
	r.state.Records++
	r.record = Record{Nodes: nodes, Line: at.line, Offset: at.offset, Timestamp: r.tree.stamp}
	for i := range nodes {
		n := &nodes[i]
		if n.Name == "frame.number" {
			r.record.Number, _ = strconv.ParseInt(n.Value, 0, 64)
			break
		}
	}
	r.told.see(nodes)
	return &r.record
}

// lose passes over a packet that is not whole, to where the next one begins.
func (r *Reader) lose(at place, n int, end ending) {
	if end == torn {
		r.src.drop(n)
		r.lost(ingest.Damaged, at, "a packet breaks off where the next one begins")
		return
	}
	last := end == cut || r.src.last(n)
	switch more := r.src.resync(1); {
	case last && !more:
		r.ended(at, "the export ends inside a packet")
	case end == huge:
		r.lost(ingest.Damaged, at, "a packet is larger than %d bytes", maxObject)
	default:
		r.lost(ingest.Damaged, at, "a packet breaks off, or holds a line end inside a text or a text without its closing quote")
	}
}

// ended notes the end of the input inside something; what the source said of it, if it said more than that it ended.
func (r *Reader) ended(at place, what string) {
	status := ingest.Cut
	if err := r.src.err; err != nil && err != io.EOF {
		what = fmt.Sprintf("%s: %v", what, err)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			status = ingest.Damaged
		}
	}
	r.lost(status, at, "%s", what)
}

// lost notes a packet that cannot be read; the first one names the state.
func (r *Reader) lost(status ingest.Status, at place, format string, args ...any) {
	r.state.Lost++
	r.problem(status, at, format, args...)
}

func (r *Reader) problem(status ingest.Status, at place, format string, args ...any) {
	if r.places++; r.places > 1 {
		return
	}
	r.state.Status, r.state.Offset, r.state.Line = status, at.offset, at.line
	r.state.Problem = fmt.Sprintf("line %d, offset %d: ", at.line, at.offset) + fmt.Sprintf(format, args...)
}

// close looks at the end of the export.
func (r *Reader) close() {
	if err := r.src.err; err != nil && err != io.EOF && r.places == 0 {
		r.ended(r.src.here(), "the export cannot be read further")
		r.state.Lost--
	}
	if r.src.open > 0 && r.places == 0 {
		r.problem(ingest.Cut, r.src.here(), "the export ends without the bracket that closes it")
	}
}

// State tells how far reading came; it is final once Next has given io.EOF.
func (r *Reader) State() State {
	s := r.state
	if r.places > 1 {
		s.Problem += fmt.Sprintf("; %d such places in all", r.places)
	}
	s.Noise, s.Said = r.src.noise, r.src.said
	switch {
	case s.Status != "":
	case s.Records == 0:
		s.Status = ingest.Empty
	default:
		s.Status = ingest.Complete
	}
	return s
}

// Wireshark tells which version's export it looks like, as far as the packets read so far show: "3.6", "4.0", "4.2",
// "4.4", or "" when nothing does. Exports do not name the tshark that made them.
func (r *Reader) Wireshark() string { return r.told.version() }
