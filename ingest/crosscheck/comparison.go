package crosscheck

import (
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/tshark"
)

// comparison is one capture being compared.
type comparison struct {
	answer  *Answer
	list    *Accepted
	context *field.Context
	fields  []*field.Field // of the table, but for ours and the columns
	listed  []*field.Field // the columns: Protocol and Info
	rows    map[string]*tally
	lacking map[string]int64
	result  *Result

	heard   heard
	ahead   bool           // the other side knows of something that takes a second pass
	verdict verdict        // on the frame at hand
	excused bool           // some of its differences are explained
	late    bool           // something was met that only a second pass tells
	unasked map[int64]bool // requests that only icmpsift sees, for an accepted reason: their replies differ, too
	pending map[bool]int64 // frames that differ only in what takes a second pass, by whether other differences are explained
	values  []field.Value
	text    []byte
}

// verdict is the worst that was found in a frame.
type verdict int

const (
	agreed verdict = iota
	explained
	onePass // differs only as a one-pass export does
	differs
)

func newComparison(e *ingest.Evidence, a *Answer, list *Accepted, wireshark string) *comparison {
	if wireshark == "" {
		wireshark = a.Wireshark
	}
	c := &comparison{answer: a, list: list, context: &field.Context{Wireshark: wireshark}, rows: map[string]*tally{}, lacking: map[string]int64{}, unasked: map[int64]bool{}, pending: map[bool]int64{},
		result: &Result{Evidence: e.ID, Path: e.Path, Source: a.Source, Wireshark: wireshark, How: a.How, NoColumns: a.columns == nil}}
	for _, f := range field.All() {
		switch {
		case f.Name == protocolColumn, f.Name == infoColumn:
			c.listed = append(c.listed, f)
		case !f.Ours() && !column(f):
			c.fields = append(c.fields, f)
		}
	}
	return c
}

// The columns that the list of an installed tshark has.
const (
	protocolColumn = "_ws.col.protocol"
	infoColumn     = "_ws.col.info"
)

func column(f *field.Field) bool { return strings.HasPrefix(f.Name, "_ws.col.") }

// carries is the row of frames that only one side calls ICMP.
const carries = "(carries ICMP)"

func (c *comparison) onlyOurs(p *ingest.Packet) {
	if c.answer.Export {
		c.result.Missing++
		return
	}
	c.carrying(p.Number, p, nil)
}

func (c *comparison) onlyTheirs(r *tshark.Record) {
	if c.heard.fill(r); c.heard.icmp() {
		c.carrying(r.Number, nil, r)
	}
}

// carrying notes a frame that only one side calls ICMP.
func (c *comparison) carrying(frame int64, p *ingest.Packet, r *tshark.Record) {
	c.verdict, c.excused = agreed, false
	d := &clash{field: carries, frame: frame, packet: p, record: r, ours: yes(r == nil), theirs: yes(p == nil)}
	t := c.row(carries)
	t.count(1)
	c.judge(t, d)
	c.unasked[frame] = p != nil && c.verdict != differs
	c.settle()
}

func yes(b bool) []string {
	if b {
		return []string{"yes"}
	}
	return []string{"no"}
}

func (c *comparison) both(p *ingest.Packet, r *tshark.Record) {
	if c.heard.fill(r); !c.heard.icmp() {
		c.carrying(p.Number, p, nil)
		return
	}
	c.verdict, c.excused = agreed, false
	c.row(carries).count(1)
	for _, f := range c.fields {
		c.field(f, p, r, c.heard.texts[f.Name])
	}
	c.heard.lacking(c.lacks)
	c.columns(p, r)
	c.settle()
}

// lacks counts a field that the table lacks.
func (c *comparison) lacks(name string, values int) {
	if _, known := c.lacking[name]; !known && len(c.lacking) >= maxNames {
		name = "(others)"
	}
	c.lacking[name] += int64(values)
}

func (c *comparison) columns(p *ingest.Packet, r *tshark.Record) {
	if c.answer.columns == nil {
		return
	}
	protocol, info, ok := c.answer.columns.at(p.Number)
	if !ok {
		return // the list broke off, which finish tells
	}
	for _, f := range c.listed {
		text := info
		if f.Name == protocolColumn {
			text = protocol
		}
		c.field(f, p, r, []string{text})
	}
}

// field compares one field of a frame.
func (c *comparison) field(f *field.Field, p *ingest.Packet, r *tshark.Record, want []string) {
	c.values = f.Values(c.context, p, c.values[:0])
	n := max(len(c.values), len(want))
	if n == 0 {
		return
	}
	c.ahead = c.ahead || len(want) > 0 && secondPass[f.Name]
	t := c.row(f.Name)
	t.count(n)
	if c.same(f, c.values, want) || f.Name == sinceDisplayed && c.heard.displayed(want) {
		return
	}
	d := &clash{field: f.Name, frame: p.Number, packet: p, record: r, heard: &c.heard, context: c.context, unasked: c.unasked[p.Link.RespTo],
		ours: c.texts(f, c.values), theirs: want, export: c.answer.Export, once: c.once(f, p, want)}
	if valueless(f) {
		d.ours, d.theirs = present(len(c.values)), present(len(want))
	}
	c.judge(t, d)
}

// secondPass are the fields that tshark has only with -2 (reassembly takes no second pass).
var secondPass = map[string]bool{"icmp.resp_in": true, "icmp.no_resp": true, "icmpv6.resp_in": true, "icmpv6.no_resp": true}

// sinceDisplayed is the field whose value depends on what else is displayed: the table's is that without a display filter.
const sinceDisplayed = "frame.time_delta_displayed"

// once tells whether a one-pass tshark would say what stands here.
func (c *comparison) once(f *field.Field, p *ingest.Packet, want []string) bool {
	if !c.answer.Export {
		return false
	}
	q := *p
	q.Link.RespIn, q.Link.NoResp = 0, false
	return c.same(f, f.Values(c.context, &q, nil), want)
}

// same compares values with texts; protocols and fields without a value are compared by their number.
func (c *comparison) same(f *field.Field, values []field.Value, want []string) bool {
	if len(values) != len(want) {
		return false
	}
	if valueless(f) {
		return true
	}
	if c.answer.EK {
		return sameBag(c.texts(f, values), want)
	}
	for i := range values {
		if c.text = c.append(c.text[:0], f, values[i]); string(c.text) != want[i] && !sameText(f, string(c.text), want[i]) {
			return false
		}
	}
	return true
}

// sameText compares texts that hold bytes which are no UTF-8: JSON cannot, and how many characters stand for them varies.
func sameText(f *field.Field, a, b string) bool {
	return f.Type == field.String && valid(a) == valid(b)
}

func valid(s string) string {
	const stand = "\uFFFD"
	s = strings.ToValidUTF8(s, stand)
	for strings.Contains(s, stand+stand) {
		s = strings.ReplaceAll(s, stand+stand, stand)
	}
	return s
}

// valueless tells whether a field's items have no value that both sides write: they are compared by their number.
func valueless(f *field.Field) bool { return f.Type == field.Protocol || f.Type == field.None }

func present(n int) []string { return slices.Repeat([]string{"present"}, n) }

// sameBag compares without order, which -T ek does not keep across layers.
func sameBag(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (c *comparison) append(text []byte, f *field.Field, v field.Value) []byte {
	switch {
	case column(f):
		return f.Append(text, c.context, v) // the list comes as -T fields writes it
	case c.answer.EK:
		return f.AppendEK(text, c.context, &v)
	}
	return f.AppendJSON(text, c.context, &v)
}

func (c *comparison) texts(f *field.Field, values []field.Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(c.append(nil, f, v))
	}
	return out
}

// judge files a difference.
func (c *comparison) judge(t *tally, d *clash) {
	entry := c.list.find(d, c.context.Wireshark)
	switch {
	case entry != nil:
		t.file(entry.Reason, d)
		c.excused = true
		c.verdict = max(c.verdict, explained)
	case d.once:
		t.wait(d)
		c.late = true
		c.verdict = max(c.verdict, onePass)
	default:
		t.file("", d)
		c.verdict = differs
	}
}

// settle counts the frame at hand.
func (c *comparison) settle() {
	c.result.Frames++
	switch c.verdict {
	case agreed:
		c.result.Agreed++
	case explained:
		c.result.Explained++
	case onePass:
		c.pending[c.excused]++
	}
}
