package listing

import (
	"io"
	"strconv"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// JSON prints packets as tshark -T json does: one array of documents, each a packet's tree. Keys may be there twice in an
// object, as in tshark, unless Forms.NoDuplicates is set.
type JSON struct {
	w     io.Writer
	forms Forms
	some  bool // a packet was printed
	press *press
	day   day
	o     object
}

// Forms choose among the forms of JSON and EK.
type Forms struct {
	Only         *Choice // these fields, flat (-e); nil for the whole tree
	Hex          bool    // raw bytes as well (-x)
	NoDuplicates bool    // equal keys of an object become one, with an array (JSON only)
	Options      Options // which occurrences, with Only
}

// NewJSON prints packets of one or more files to w; End must be called.
func NewJSON(w io.Writer, c *field.Context, f Forms) *JSON {
	j := &JSON{w: w, forms: f, o: object{pretty: true}}
	j.press = newPress(c, &details{context: c, hex: f.Hex, merge: f.NoDuplicates}, f.Hex)
	return j
}

// Begin keeps the file's entry for the columns; packets of several files stand in one array.
func (j *JSON) Begin(e *ingest.Evidence) error {
	j.press.lapse.begin()
	j.forms.begin(e)
	return nil
}

func (f *Forms) begin(e *ingest.Evidence) {
	if f.Only != nil {
		f.Only.begin(e)
	}
}

func (j *JSON) resume(s state) {
	j.some, j.press.lapse = s.some, s.lapse
	j.forms.resume(s)
}

func (f *Forms) resume(s state) {
	if f.Only != nil {
		f.Only.lapse = s.lapse
	}
}

// Packet prints one document.
func (j *JSON) Packet(p *ingest.Packet) error {
	o := &j.o
	o.reset(1)
	if j.some {
		o.b = append(o.b, ",\n  "...)
	} else {
		o.b = append(o.b, "[\n  "...)
	}
	j.some = true
	o.open('{')
	o.key("_index")
	o.b = append(append(append(o.b, `"packets-`...), j.day.of(p)...), '"')
	o.member("_type", "doc")
	o.key("_score")
	o.b = append(o.b, "null"...)
	o.key("_source")
	o.open('{')
	o.key("layers")
	j.layers(p)
	o.close('}')
	o.close('}')
	_, err := j.w.Write(o.b)
	return err
}

func (j *JSON) layers(p *ingest.Packet) {
	o := &j.o
	o.open('{')
	if only := j.forms.Only; only != nil {
		only.print(o, p, &j.forms.Options)
	} else {
		j.press.print(o, p)
		o.fresh = false
	}
	o.close('}')
}

// End closes the array.
func (j *JSON) End() error {
	end := "[]\n"
	if j.some {
		end = "\n]\n"
	}
	_, err := io.WriteString(j.w, end)
	return err
}

// day tells packets' days, in UTC.
type day struct {
	number int64 // days since 1970
	text   []byte
}

const nanosecondsOfDay = 86400e9

// of gives the packet's day; the text holds until the next call.
func (d *day) of(p *ingest.Packet) []byte {
	number := p.Time / nanosecondsOfDay
	if p.Time%nanosecondsOfDay < 0 {
		number--
	}
	if number != d.number || d.text == nil {
		d.number, d.text = number, time.Unix(0, p.Time).UTC().AppendFormat(d.text[:0], time.DateOnly)
	}
	return d.text
}

// print writes the fields of -e, each an array of texts in the form of -T fields; what a packet lacks is left out.
func (c *Choice) print(o *object, p *ingest.Packet, options *Options) {
	c.lapse.next(p)
	for i := range c.list {
		x := &c.list[i]
		texts := options.occurrences(c.texts(x, p))
		if len(texts) == 0 {
			continue
		}
		o.key(x.name)
		o.open('[')
		for _, text := range texts {
			o.element()
			o.text(text)
		}
		o.close(']')
	}
}

// details is JSON's style of trees: nested objects.
type details struct {
	context *field.Context
	hex     bool
	merge   bool
	text    []byte
}

func (t *details) lay(d *draft, nodes []field.Node) { t.members(d, nodes) }

// named is the text of items without field, which is their key.
func (t *details) named(n *field.Node) string {
	if n.Field == nil {
		return n.Label
	}
	return ""
}

// members prints sibling items, each with what stands below it.
func (t *details) members(d *draft, nodes []field.Node) {
	if t.merge {
		for _, same := range bySameKey(nodes) {
			t.member(d, same)
		}
		return
	}
	for len(nodes) > 0 {
		n := subtree(nodes)
		t.member(d, [][]field.Node{nodes[:n]})
		nodes = nodes[n:]
	}
}

// subtree is how many nodes the first and those below it are.
func subtree(nodes []field.Node) int {
	n := 1
	for n < len(nodes) && nodes[n].Depth > nodes[0].Depth {
		n++
	}
	return n
}

// bySameKey gathers siblings of equal key at the place of the first.
func bySameKey(nodes []field.Node) (groups [][][]field.Node) {
	at := map[string]int{}
	for len(nodes) > 0 {
		n := subtree(nodes)
		k, ok := at[key(&nodes[0])]
		if !ok {
			k = len(groups)
			at[key(&nodes[0])] = k
			groups = append(groups, nil)
		}
		groups[k] = append(groups[k], nodes[:n])
		nodes = nodes[n:]
	}
	return groups
}

// key is the item's name in tshark's JSON: its text where it has no field.
func key(n *field.Node) string {
	if n.Field == nil {
		return n.Label
	}
	return n.Field.Name
}

// member prints items of one key: raw bytes, values, what stands below.
func (t *details) member(d *draft, same [][]field.Node) {
	first := &same[0][0]
	name, valued, parents := key(first), hasValue(first), 0
	for _, s := range same {
		if len(s) > 1 {
			parents++
		}
	}
	below := func(n []field.Node) { t.below(d, n) }
	if t.hex && len(first.Raw()) > 0 {
		d.list(name+"_raw", same, func(n []field.Node) { d.cut(n, raw) })
	}
	if valued {
		d.list(name, same, func(n []field.Node) { d.cut(n, value) })
	}
	switch {
	case parents > 0 && valued:
		d.list(name+"_tree", same, below)
	case parents > 0:
		d.list(name, same, below)
	case !valued:
		d.list(name, same, func(n []field.Node) { t.none(d, n) })
	}
}

// hasValue: protocols, items that are only present, and texts have none.
func hasValue(n *field.Node) bool {
	return n.Field != nil && n.Field.Type != field.Protocol && n.Field.Type != field.None
}

func (t *details) below(d *draft, nodes []field.Node) {
	if len(nodes) == 1 {
		t.none(d, nodes)
		return
	}
	d.open('{')
	t.members(d, nodes[1:])
	d.close('}')
}

// none stands for an item without value and children: what a protocol says, else nothing.
func (t *details) none(d *draft, nodes []field.Node) {
	if isProtocol(&nodes[0]) {
		d.cut(nodes, label)
		return
	}
	d.string("")
}

// value prints the value of an item that has one.
func (t *details) value(o *object, n *field.Node) {
	t.text = n.Field.AppendJSON(t.text[:0], t.context, &n.Value)
	o.text(t.text)
}

// raw prints bytes as hex (of part of a byte its value), position, length, mask and Wireshark's number of the type.
func (t *details) raw(o *object, p *ingest.Packet, n *field.Node) {
	b, mask := n.Raw(), n.Value.Mask()
	o.open('[')
	o.element()
	o.b = append(appendRaw(append(o.b, '"'), n, b), '"')
	for _, x := range [...]int64{int64(field.Position(p, b)), int64(len(b)), mask, int64(n.Number())} {
		o.element()
		o.b = strconv.AppendInt(o.b, x, 10)
	}
	o.close(']')
}
