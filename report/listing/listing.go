// Package listing prints packets as tshark does: the list with its columns, or chosen fields with tshark's separators.
// Use [Text] or [NewFields], then Packet for each packet.
package listing

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// Printer prints one packet a line.
type Printer interface {
	Header() error
	Packet(p *ingest.Packet) error
}

// Text is tshark's packet list: No., Time (seconds since the first packet), Source, Destination, Protocol, Length, Info.
type Text struct {
	w        io.Writer
	context  *field.Context
	protocol *field.Field
	info     *field.Field
	evidence *ingest.Evidence
	values   []field.Value
}

// NewText prints packets of one evidence file to w.
func NewText(w io.Writer, c *field.Context, e *ingest.Evidence) *Text {
	t := &Text{w: w, context: c, evidence: e}
	t.protocol, _ = field.Lookup("_ws.col.protocol")
	t.info, _ = field.Lookup("_ws.col.info")
	return t
}

// Header does nothing: tshark's list has none.
func (t *Text) Header() error { return nil }

// Packet prints one line. Nothing in it is text from the capture: Info is made of names, numbers and addresses.
func (t *Text) Packet(p *ingest.Packet) error {
	since := strconv.FormatFloat(float64(p.Elapsed)/1e9, 'f', t.digits(p), 64)
	if p.NoTime {
		since = ""
	}
	_, err := fmt.Fprintf(t.w, "%5d %10s %12s → %-12s %s %d %s\n", p.Number, since, p.Src(), p.Dst(), t.first(t.protocol, p), p.Wire, t.first(t.info, p))
	return err
}

// digits is how many decimals the clock of the packet's interface has.
func (t *Text) digits(p *ingest.Packet) (n int) {
	for _, i := range t.evidence.Interfaces {
		if i.Section == p.Section && i.ID == p.Interface {
			for r := i.Resolution; r > 1 && n < 9; r /= 10 {
				n++
			}
			return n
		}
	}
	return 6
}

func (t *Text) first(f *field.Field, p *ingest.Packet) string {
	if t.values = f.Values(t.context, p, t.values[:0]); len(t.values) == 0 {
		return ""
	}
	return t.values[0].Text
}

// Options are tshark's -E options.
type Options struct {
	Header     bool
	Separator  string // between fields; a tab if empty
	Aggregator string // between values of a field; a comma if empty
	Occurrence byte   // 'f' first, 'l' last, 'a' all (the default)
	Quote      string // around each field
}

// ParseOption reads one "name=value" of -E, as tshark does: /t and /s stand for tab and space.
func (o *Options) ParseOption(word string) error {
	name, value, ok := strings.Cut(word, "=")
	switch {
	case !ok:
		return fmt.Errorf("-E %q: expected NAME=VALUE", word)
	case name == "header" && (value == "y" || value == "n"):
		o.Header = value == "y"
	case name == "separator" && value != "":
		o.Separator = character(value)
	case name == "aggregator" && value != "":
		o.Aggregator = character(value)
	case name == "occurrence" && (value == "f" || value == "l" || value == "a"):
		o.Occurrence = value[0]
	case name == "quote" && quotes[value] != nil:
		o.Quote = *quotes[value]
	default:
		return fmt.Errorf("-E %q: expected header=y|n, separator=/t|/s|CHARACTER, occurrence=f|l|a, aggregator=,|/s|CHARACTER or quote=d|s|n", word)
	}
	return nil
}

func mark(s string) *string { return &s }

var quotes = map[string]*string{"d": mark(`"`), "s": mark("'"), "n": mark("")}

func character(word string) string {
	switch word {
	case "/t":
		return "\t"
	case "/s":
		return " "
	}
	return word[:1]
}

// Fields prints chosen fields, as tshark -T fields does.
type Fields struct {
	w       io.Writer
	context *field.Context
	fields  []*field.Field
	o       Options
	line    []byte
	values  []field.Value
}

// aliases are names that tshark -e still takes.
var aliases = map[string]string{"_ws.col.Info": "_ws.col.info", "_ws.col.Protocol": "_ws.col.protocol"}

// NewFields prints the named fields to w; an unknown name is an error that names the nearest.
func NewFields(w io.Writer, c *field.Context, names []string, o Options) (*Fields, error) {
	out := &Fields{w: w, context: c, o: o}
	if out.o.Separator == "" {
		out.o.Separator = "\t"
	}
	if out.o.Aggregator == "" {
		out.o.Aggregator = ","
	}
	for _, name := range names {
		if a, ok := aliases[name]; ok {
			name = a
		}
		f, ok := field.Lookup(name)
		if !ok {
			return nil, fmt.Errorf("no field %q; did you mean %q?", name, field.Nearest(name))
		}
		out.fields = append(out.fields, f)
	}
	return out, nil
}

// Header prints the names, if asked for.
func (f *Fields) Header() error {
	if !f.o.Header {
		return nil
	}
	f.line = f.line[:0]
	for i, x := range f.fields {
		if i > 0 {
			f.line = append(f.line, f.o.Separator...)
		}
		f.line = append(f.line, x.Name...)
	}
	_, err := f.w.Write(append(f.line, '\n'))
	return err
}

// Packet prints one line.
func (f *Fields) Packet(p *ingest.Packet) error {
	f.line = f.line[:0]
	for i, x := range f.fields {
		if i > 0 {
			f.line = append(f.line, f.o.Separator...)
		}
		f.values = x.Values(f.context, p, f.values[:0])
		if len(f.values) == 0 {
			continue
		}
		f.line = append(f.line, f.o.Quote...)
		f.line = f.append(f.line, x)
		f.line = append(f.line, f.o.Quote...)
	}
	_, err := f.w.Write(append(f.line, '\n'))
	return err
}

func (f *Fields) append(line []byte, x *field.Field) []byte {
	values := f.values
	switch f.o.Occurrence {
	case 'f':
		values = values[:1]
	case 'l':
		values = values[len(values)-1:]
	}
	for i, v := range values {
		if i > 0 {
			line = append(line, f.o.Aggregator...)
		}
		line = x.Append(line, f.context, v)
	}
	return line
}
