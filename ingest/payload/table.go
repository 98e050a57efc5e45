package payload

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed stock.yaml
var builtin []byte

// Table is the stock payload table: the senders whose pings are known. It is safe for concurrent use. The zero value
// knows nobody.
type Table struct{ senders []sender }

// maxSize is the largest echo payload an IPv4 datagram can carry (RFC 791, RFC 792).
const maxSize = 65535 - 20 - 8

// NewTable loads the builtin table and then the given ones, which have its form: see stock.yaml. Earlier senders win.
// Errors name the file if the reader has a name, the line and the column.
func NewTable(extra ...io.Reader) (*Table, error) {
	t := &Table{}
	if err := t.load("builtin", bytes.NewReader(builtin)); err != nil {
		return nil, err
	}
	for i, r := range extra {
		if err := t.load(nameOf(r, i), r); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Names lists the known senders in the order they are tried.
func (t *Table) Names() []string {
	names := make([]string, len(t.senders))
	for i := range t.senders {
		names[i] = t.senders[i].name
	}
	return names
}

func nameOf(r io.Reader, i int) string {
	if f, ok := r.(interface{ Name() string }); ok {
		return f.Name()
	}
	return fmt.Sprintf("number %d", i+1)
}

// The form of the file.
type (
	stockFile struct {
		Senders []entry `yaml:"senders"`
	}
	entry struct {
		Name    string  `yaml:"name"`
		Kind    string  `yaml:"kind"`
		Sizes   []int   `yaml:"sizes"`
		Resize  []int   `yaml:"resize"`
		Pattern int     `yaml:"pattern"`
		Parts   []piece `yaml:"parts"`
		Note    string  `yaml:"note"`
	}
	piece struct {
		Text   string   `yaml:"text"`
		Hex    string   `yaml:"hex"`
		Repeat string   `yaml:"repeat"`
		Cycle  string   `yaml:"cycle"`
		Ramp   *incline `yaml:"ramp"`
		Zero   int      `yaml:"zero"`
		Any    int      `yaml:"any"`
		Random int      `yaml:"random"`
		Time   string   `yaml:"time"`
		UUID   bool     `yaml:"uuid"`
		Rest   string   `yaml:"rest"`
	}
	incline struct {
		Start int  `yaml:"start"`
		From  int  `yaml:"from"`
		To    *int `yaml:"to"`
	}
)

func (t *Table) load(name string, r io.Reader) error {
	var f stockFile
	if err := yaml.NewDecoder(r, yaml.DisallowUnknownField()).Decode(&f); err != nil && err != io.EOF {
		return fmt.Errorf("stock payload table %s: %s", name, yaml.FormatError(err, false, true))
	}
	for i := range f.Senders {
		e := &f.Senders[i]
		s, err := e.compile()
		if err != nil {
			return fmt.Errorf("stock payload table %s: sender %d %q: %w", name, i+1, e.Name, err)
		}
		t.senders = append(t.senders, s...)
	}
	return nil
}

// compile turns an entry into senders: one, or two where a time stamp can have either byte order.
func (e *entry) compile() ([]sender, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var out []sender
	for _, order := range e.orders() {
		s := sender{name: e.Name, class: Stock, sizes: e.Sizes, pattern: e.Pattern, least: maxSize + 1}
		if e.Kind == "vendor" {
			s.class = KnownVendor
		}
		if len(e.Resize) == 2 {
			s.least, s.most = e.Resize[0], e.Resize[1]
		}
		if err := s.build(e.Parts, order); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (e *entry) check() error {
	switch {
	case e.Name == "":
		return fmt.Errorf("name is missing")
	case e.Kind != "" && e.Kind != "stock" && e.Kind != "vendor":
		return fmt.Errorf("kind %q: expected stock or vendor", e.Kind)
	case len(e.Sizes) == 0 && len(e.Resize) == 0:
		return fmt.Errorf("sizes is missing: expected sizes [56], or resize [least, most]")
	case len(e.Resize) != 0 && (len(e.Resize) != 2 || e.Resize[0] < 1 || e.Resize[0] > e.Resize[1] || e.Resize[1] > maxSize):
		return fmt.Errorf("resize %v: expected [least, most] within 1 and %d", e.Resize, maxSize)
	case e.Pattern < 0 || e.Pattern > 16:
		return fmt.Errorf("pattern %d: expected 1 to 16 bytes", e.Pattern)
	case len(e.Parts) == 0:
		return fmt.Errorf("parts is missing")
	}
	for _, n := range e.Sizes {
		if n < 1 || n > maxSize {
			return fmt.Errorf("size %d: expected 1 to %d", n, maxSize)
		}
	}
	return nil
}

// orders lists the byte orders to try: both where a time is named without one.
func (e *entry) orders() []string {
	for _, p := range e.Parts {
		if p.Time != "" && !strings.HasSuffix(p.Time, "-le") && !strings.HasSuffix(p.Time, "-be") {
			return []string{"-le", "-be"}
		}
	}
	return []string{""}
}

func (s *sender) build(pieces []piece, order string) error {
	explained := false
	for i := range pieces {
		p, err := pieces[i].compile(order)
		if err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		last := i == len(pieces)-1
		if p.size < 0 && !last {
			return fmt.Errorf("part %d reaches to the end of the payload: expected it last", i+1)
		}
		if last {
			break
		}
		s.tail += p.size
		s.parts = append(s.parts, p)
		explained = explained || !vague(p.kind)
	}
	p, _ := pieces[len(pieces)-1].compile(order)
	s.parts = append(s.parts, p)
	if !explained && vague(p.kind) {
		return fmt.Errorf("every payload would match: expected a part with text, hex, zero, time, ramp or repeat")
	}
	return s.fits()
}

// vague tells whether a kind of part fits nearly any bytes.
func vague(k kind) bool { return k == opaque || k == erratic || k == printable }

// fits checks sizes against the parts, which the matcher relies on.
func (s *sender) fits() error {
	last := s.parts[len(s.parts)-1]
	least, open := s.tail+max(last.size, 0), last.size < 0
	for _, n := range s.sizes {
		if n < least || n > least && !open {
			return fmt.Errorf("size %d: the parts make %d bytes", n, least)
		}
	}
	if s.most > 0 && (s.least < least || s.most > least && !open) {
		return fmt.Errorf("resize %d to %d: the parts make %d bytes", s.least, s.most, least)
	}
	if s.pattern > 0 && !open {
		return fmt.Errorf("pattern needs a last part that reaches to the end")
	}
	return nil
}

func (p *piece) compile(order string) (part, error) {
	if n := p.count(); n != 1 {
		return part{}, fmt.Errorf("has %d keys, expected one of text, hex, repeat, cycle, ramp, zero, any, random, time, uuid, rest", n)
	}
	switch {
	case p.Text != "":
		return part{kind: literal, size: len(p.Text), bytes: []byte(p.Text)}, nil
	case p.Repeat != "":
		return part{kind: cycle, size: -1, bytes: []byte(p.Repeat)}, nil
	case p.Zero != 0:
		return fixed(literal, p.Zero)
	case p.Any != 0:
		return fixed(opaque, p.Any)
	case p.Random != 0:
		return fixed(erratic, p.Random)
	case p.UUID:
		return part{kind: uuid, size: 16}, nil
	case p.Ramp != nil:
		return p.Ramp.compile()
	case p.Time != "":
		return timePart(p.Time, order)
	case p.Rest != "":
		return restPart(p.Rest)
	}
	return hexPart(p.Hex, p.Cycle)
}

// count tells how many keys are set.
func (p *piece) count() (n int) {
	for _, set := range []bool{p.Text != "", p.Hex != "", p.Repeat != "", p.Cycle != "", p.Ramp != nil, p.Zero != 0, p.Any != 0, p.Random != 0,
		p.Time != "", p.UUID, p.Rest != ""} {
		if set {
			n++
		}
	}
	return n
}

func fixed(k kind, n int) (part, error) {
	if n < 1 || n > maxSize {
		return part{}, fmt.Errorf("%d bytes: expected 1 to %d", n, maxSize)
	}
	p := part{kind: k, size: n}
	if k == literal {
		p.bytes = make([]byte, n)
	}
	return p, nil
}

func timePart(name, order string) (part, error) {
	s, ok := stamps()[name]
	if !ok {
		s, ok = stamps()[name+order]
	}
	if !ok {
		return part{}, fmt.Errorf("time %q: expected timeval64, timespec64, timeval32, timespec32 or nanoseconds64, with -le or -be", name)
	}
	return part{kind: clock, size: s.size(), clock: s}, nil
}

func restPart(name string) (part, error) {
	switch name {
	case "text":
		return part{kind: printable, size: -1}, nil
	case "zero":
		return part{kind: cycle, size: -1, bytes: []byte{0}}, nil
	}
	return part{}, fmt.Errorf("rest %q: expected text or zero", name)
}

func hexPart(once, over string) (part, error) {
	text := once + over
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil || len(b) == 0 {
		return part{}, fmt.Errorf("%q: expected pairs of hexadecimal digits", text)
	}
	if over != "" {
		return part{kind: cycle, size: -1, bytes: b}, nil
	}
	return part{kind: literal, size: len(b), bytes: b}, nil
}

func (r *incline) compile() (part, error) {
	from, to := r.From, 255
	if r.To != nil {
		to = *r.To
	}
	if from < 0 || to > 255 || r.Start < from || r.Start > to {
		return part{}, fmt.Errorf("ramp from %d to %d, start %d: expected bytes, and the start between them", from, to, r.Start)
	}
	n := to - from + 1
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(from + (r.Start-from+i)%n)
	}
	return part{kind: cycle, size: -1, bytes: b}, nil
}
