package payload

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// maxSize is the largest echo payload an IPv4 datagram can carry (RFC 791, RFC 792).
const maxSize = 65535 - 20 - 8

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
		Holds   string  `yaml:"holds"`
		Ends    string  `yaml:"ends"`
		Note    string  `yaml:"note"`
	}
	piece struct {
		Text   string   `yaml:"text"`
		Hex    string   `yaml:"hex"`
		Byte   []int    `yaml:"byte"`
		Count  string   `yaml:"count"`
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

var classOfKind = map[string]string{"": Stock, "stock": Stock, "vendor": KnownVendor, "tool": KnownTool}

// compile turns an entry into senders: one, or two where a time stamp can have either byte order.
func (e *entry) compile() ([]sender, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var out []sender
	for _, order := range e.orders() {
		s := sender{name: e.Name, class: classOfKind[e.Kind], sizes: e.Sizes, pattern: e.Pattern, least: maxSize + 1}
		if len(e.Resize) == 2 {
			s.least, s.most = e.Resize[0], e.Resize[1]
		}
		if err := s.marks(e); err != nil {
			return nil, err
		}
		if err := s.build(e.Parts, order); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (e *entry) check() error {
	class, known := classOfKind[e.Kind]
	switch {
	case e.Name == "":
		return wrong("", "name is missing")
	case !known:
		return wrong(".kind", "kind %q: expected stock, vendor or tool", e.Kind)
	case len(e.Sizes) == 0 && len(e.Resize) == 0 && class != KnownTool:
		return wrong("", "sizes is missing: expected sizes [56], or resize [least, most]")
	case len(e.Resize) != 0 && (len(e.Resize) != 2 || e.Resize[0] < 1 || e.Resize[0] > e.Resize[1] || e.Resize[1] > maxSize):
		return wrong(".resize", "resize %v: expected [least, most] within 1 and %d", e.Resize, maxSize)
	case e.Pattern < 0 || e.Pattern > 16:
		return wrong(".pattern", "pattern %d: expected 1 to 16 bytes", e.Pattern)
	case len(e.Parts) == 0:
		return wrong("", "parts is missing")
	case e.Holds != "" && class == Stock, e.Ends != "" && class != KnownTool:
		return wrong("", "holds is for kinds vendor and tool, ends for kind tool: expected parts")
	}
	for i, n := range e.Sizes {
		if n < 1 || n > maxSize {
			return wrong(fmt.Sprintf(".sizes[%d]", i), "size %d: expected 1 to %d", n, maxSize)
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
	explained := len(s.holds)+len(s.ends) > 0
	for i := range pieces {
		p, err := pieces[i].compile(order)
		at, last := fmt.Sprintf(".parts[%d]", i), i == len(pieces)-1
		switch {
		case err != nil:
			return wrong(at, "part %d: %s", i+1, err)
		case p.size < 0 && !last:
			return wrong(at, "part %d reaches to the end of the payload: expected it last", i+1)
		}
		s.parts = append(s.parts, p)
		explained = explained || !vague(p.kind)
		if !last {
			s.tail += p.size
		}
	}
	if !explained {
		return wrong(".parts", "every payload would match: expected a part with text, hex, byte, count, zero, time, ramp or repeat")
	}
	s.probe = probeOf(s.parts)
	return s.fits()
}

// vague tells whether a kind of part fits nearly any bytes.
func vague(k kind) bool { return k == opaque || k == erratic || k == printable }

// fits checks sizes against the parts, which the matcher relies on. A tool's payloads are of any size that holds its parts.
func (s *sender) fits() error {
	last := s.parts[len(s.parts)-1]
	least, open := s.tail+max(last.size, 0), last.size < 0
	if s.class == KnownTool && len(s.sizes) == 0 && s.most == 0 {
		if s.least, s.most = max(1, least), least; open {
			s.most = maxSize
		}
	}
	for i, n := range s.sizes {
		if n < least || n > least && !open {
			return wrong(fmt.Sprintf(".sizes[%d]", i), "size %d: the parts make %d bytes", n, least)
		}
	}
	if s.most > 0 && (s.least < least || s.most > least && !open) {
		return wrong(".resize", "resize %d to %d: the parts make %d bytes", s.least, s.most, least)
	}
	if s.pattern > 0 && !open {
		return wrong(".pattern", "pattern needs a last part that reaches to the end")
	}
	return nil
}

// marks compiles the bytes that stand anywhere in the payload, or at its end.
func (s *sender) marks(e *entry) (err error) {
	if s.holds, err = unhex(e.Holds); err != nil {
		return wrong(".holds", "holds %s", err)
	}
	if s.ends, err = unhex(e.Ends); err != nil {
		return wrong(".ends", "ends %s", err)
	}
	return nil
}

func (p *piece) compile(order string) (part, error) {
	if n := p.count(); n != 1 {
		return part{}, fmt.Errorf("has %d keys, expected one of text, hex, byte, count, repeat, cycle, ramp, zero, any, random, time, uuid, rest", n)
	}
	switch {
	case p.Text != "":
		return part{kind: literal, size: len(p.Text), bytes: []byte(p.Text)}, nil
	case p.Byte != nil:
		return bytePart(p.Byte)
	case p.Count != "":
		return countPart(p.Count)
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
	for _, set := range []bool{p.Text != "", p.Hex != "", p.Byte != nil, p.Count != "", p.Repeat != "", p.Cycle != "", p.Ramp != nil, p.Zero != 0,
		p.Any != 0, p.Random != 0, p.Time != "", p.UUID, p.Rest != ""} {
		if set {
			n++
		}
	}
	return n
}

// bytePart is one byte of those listed.
func bytePart(list []int) (part, error) {
	p := part{kind: oneOf, size: 1}
	for _, v := range list {
		if v < 0 || v > 255 {
			return part{}, fmt.Errorf("byte %d: expected 0 to 255", v)
		}
		p.bytes = append(p.bytes, byte(v))
	}
	if len(list) == 0 || len(list) > 128 {
		return part{}, fmt.Errorf("byte with %d values: expected 1 to 128", len(list))
	}
	return p, nil
}

// countPart is a number of the bytes that follow the fixed parts.
func countPart(name string) (part, error) {
	sizes := map[string]stamp{"16-be": {width: 2, order: be}, "16-le": {width: 2, order: le}, "32-be": {width: 4, order: be}, "32-le": {width: 4, order: le}}
	s, ok := sizes[name]
	if !ok {
		return part{}, fmt.Errorf("count %q: expected 16-be, 16-le, 32-be or 32-le", name)
	}
	return part{kind: counter, size: s.width, clock: s}, nil
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
		return part{}, fmt.Errorf("time %q: expected timeval64, timespec64, timeval32, timespec32, nanoseconds64 or milliseconds64, with -le or -be", name)
	}
	return part{kind: clock, size: s.size(), clock: s}, nil
}

func restPart(name string) (part, error) {
	switch name {
	case "text":
		return part{kind: printable, size: -1}, nil
	case "zero":
		return part{kind: cycle, size: -1, bytes: []byte{0}}, nil
	case "any":
		return part{kind: opaque, size: -1}, nil
	}
	return part{}, fmt.Errorf("rest %q: expected text, zero or any", name)
}

func hexPart(once, over string) (part, error) {
	b, err := unhex(once + over)
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("hex is empty: expected pairs of hexadecimal digits")
	}
	if err != nil {
		return part{}, err
	}
	if over != "" {
		return part{kind: cycle, size: -1, bytes: b}, nil
	}
	return part{kind: literal, size: len(b), bytes: b}, nil
}

func unhex(text string) ([]byte, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		return nil, fmt.Errorf("%q: expected pairs of hexadecimal digits", text)
	}
	return b, nil
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
