package listing

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// Fields prints chosen fields, as tshark -T fields does.
type Fields struct {
	w      io.Writer
	choice *Choice
	o      Options
	begun  bool
	line   []byte

	escapes [256]string
}

// NewFields prints the chosen fields to w.
func NewFields(w io.Writer, c *Choice, o Options) *Fields {
	return &Fields{w: w, choice: c, o: o, escapes: o.escapes(c.context)}
}

// End does nothing.
func (f *Fields) End() error { return nil }

func (f *Fields) resume(s state) { f.choice.lapse = s.lapse }

// Begin prints byte order mark and names before the first file, if asked for.
func (f *Fields) Begin(e *ingest.Evidence) error {
	f.choice.begin(e)
	if f.begun {
		return nil
	}
	f.begun = true
	f.line = f.line[:0]
	if f.o.BOM {
		f.line = append(f.line, "\uFEFF"...)
	}
	for i := range f.choice.list {
		if !f.o.Header {
			break
		}
		f.separate(i)
		f.line = append(f.line, f.choice.list[i].name...)
	}
	if f.o.Header {
		f.line = append(f.line, '\n')
	}
	_, err := f.w.Write(f.line)
	return err
}

func (f *Fields) separate(i int) {
	if i > 0 {
		f.line = append(f.line, f.o.separator())
	}
}

// Packet prints one line.
func (f *Fields) Packet(p *ingest.Packet) error {
	f.line = f.line[:0]
	f.choice.lapse.next(p)
	for i := range f.choice.list {
		f.separate(i)
		f.cell(&f.choice.list[i], p)
	}
	_, err := f.w.Write(append(f.line, '\n'))
	return err
}

// cell prints the values of one field.
func (f *Fields) cell(x *chosen, p *ingest.Packet) {
	texts := f.o.occurrences(f.choice.texts(x, p))
	if len(texts) == 0 {
		return
	}
	f.quote()
	for i, text := range texts {
		if i > 0 {
			f.line = append(f.line, f.o.aggregator())
		}
		f.escape(text)
	}
	f.quote()
}

func (f *Fields) quote() {
	if f.o.Quote != 0 {
		f.line = append(f.line, f.o.Quote)
	}
}

// escape prints a value so that its line and its cell stay whole.
func (f *Fields) escape(text []byte) {
	done := 0
	for i, b := range text {
		if in := f.escapes[b]; in != "" {
			f.line = append(append(f.line, text[done:i]...), in...)
			done = i + 1
		}
	}
	f.line = append(f.line, text[done:]...)
}

// escapes is what stands for each byte of a value; "" where it stands for itself. Before Wireshark 4.2 separators and
// quotes in values were left as they are.
func (o *Options) escapes(c *field.Context) (table [256]string) {
	for i := range table {
		switch b := byte(i); {
		case !c.Since("4.2"):
			table[i] = letter(b, "\b\t\n\f\r", "btnfr")
		case o.Quote != 0 && b == o.Quote:
			table[i] = string([]byte{b, b})
		case o.Quote == 0 && b == o.separator() && (b != '\t' || o.NoEscape), b == '\\' && (o.Quote == 0 || !o.NoEscape):
			table[i] = string([]byte{'\\', b})
		case !o.NoEscape:
			table[i] = letter(b, "\a\b\t\n\v\f\r", "abtnvfr")
		}
	}
	return table
}

// letter is a backslash and a letter for a byte of which, "" for others.
func letter(b byte, which, letters string) string {
	if i := strings.IndexByte(which, b); i >= 0 {
		return "\\" + letters[i:i+1]
	}
	return ""
}

// Choice is the fields of -e.
type Choice struct {
	context *field.Context
	list    []chosen
	columns columns
	lapse   lapse
	values  []field.Value
	out     [][]byte
	room    []byte
}

// chosen is one field of -e, or a column.
type chosen struct {
	name   string
	field  *field.Field // or
	column *column
	again  bool // the same name comes later, where tshark shows the values
}

// Choose looks up fields by their names; an unknown name is an error that tells the nearest. Columns of the list are taken
// under the names of any version, such as _ws.col.Info and _ws.col.info.
func Choose(c *field.Context, names []string) (*Choice, error) {
	out := &Choice{context: c, columns: newColumns(c), lapse: newLapse()}
	last := map[string]int{}
	for i, name := range names {
		x := chosen{name: name}
		if x.column = columnNamed(name); x.column != nil && c.Since("4.2") {
			x.name = x.column.name
		} else if x.column == nil {
			f, ok := field.Lookup(name)
			if !ok {
				return nil, fmt.Errorf("no field %q; did you mean %q?", name, field.Nearest(name))
			}
			x.field = f
		}
		if at, ok := last[x.name]; ok {
			out.list[at].again = true
		}
		last[x.name] = i
		out.list = append(out.list, x)
	}
	return out, nil
}

// begin takes note that another file begins.
func (c *Choice) begin(e *ingest.Evidence) {
	c.columns.evidence = e
	c.lapse.begin()
}

// Fields lists the fields of the table that are chosen; columns may not be among them.
func (c *Choice) Fields() []*field.Field {
	var out []*field.Field
	for i := range c.list {
		if f := c.list[i].field; f != nil {
			out = append(out, f)
		}
	}
	return out
}

// Linked tells whether a chosen field needs other packets of the file, or the file's whole entry, as times of the list do.
func (c *Choice) Linked() bool {
	return slices.ContainsFunc(c.list, func(x chosen) bool { return x.column != nil || x.field.Linked })
}

// texts are the values of one field in the form of -T fields, not escaped; they hold until the next call.
func (c *Choice) texts(x *chosen, p *ingest.Packet) [][]byte {
	c.out, c.room = c.out[:0], c.room[:0]
	switch {
	case x.again:
	case x.column != nil:
		if text := x.column.text(&c.columns, p); text != "" {
			c.out = append(c.out, []byte(text))
		}
	default:
		c.values = x.field.Values(c.context, p, c.values[:0])
		for i := range c.values {
			v := &c.values[i]
			if x.field == c.lapse.field {
				v.Int = c.lapse.now
			}
			from := len(c.room)
			c.room = c.text(x.field, v)
			c.out = append(c.out, c.room[from:len(c.room):len(c.room)])
		}
	}
	return c.out
}

func (c *Choice) text(f *field.Field, v *field.Value) []byte {
	if f.Type == field.String {
		return append(c.room, v.Text...)
	}
	return f.AppendValue(c.room, c.context, v)
}
