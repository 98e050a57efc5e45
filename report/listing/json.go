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
	c     *field.Context
	forms Forms
	some  bool // a packet was printed
	lapse lapse
	tree  []field.Node
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
	return &JSON{w: w, c: c, forms: f, lapse: newLapse(), o: object{pretty: true}}
}

// Begin keeps the file's entry for the columns; packets of several files stand in one array.
func (j *JSON) Begin(e *ingest.Evidence) error {
	j.lapse.begin()
	j.forms.begin(e)
	return nil
}

func (f *Forms) begin(e *ingest.Evidence) {
	if f.Only != nil {
		f.Only.begin(e)
	}
}

func (j *JSON) resume(s state) {
	j.some, j.lapse = s.some, s.lapse
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
	o.member("_index", "packets-"+string(appendDay(nil, p)))
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
		j.tree = field.Tree(j.c, p, j.tree[:0])
		j.lapse.next(p)
		j.lapse.correct(j.tree)
		t := details{context: j.c, packet: p, hex: j.forms.Hex, merge: j.forms.NoDuplicates, o: o}
		t.members(j.tree)
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

// appendDay appends the packet's day, in UTC.
func appendDay(b []byte, p *ingest.Packet) []byte {
	return time.Unix(0, p.Time).UTC().AppendFormat(b, time.DateOnly)
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
			o.string(string(text))
		}
		o.close(']')
	}
}

// details prints a tree as nested objects.
type details struct {
	context *field.Context
	packet  *ingest.Packet
	hex     bool
	merge   bool
	o       *object
	text    []byte
}

// members prints sibling items, each with what stands below it.
func (t *details) members(nodes []field.Node) {
	if t.merge {
		for _, same := range bySameKey(nodes) {
			t.member(same)
		}
		return
	}
	var one [1][]field.Node
	for len(nodes) > 0 {
		n := subtree(nodes)
		one[0] = nodes[:n]
		t.member(one[:])
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
func (t *details) member(same [][]field.Node) {
	first := &same[0][0]
	name, valued, parents := key(first), hasValue(first), 0
	for _, s := range same {
		if len(s) > 1 {
			parents++
		}
	}
	if t.hex && len(first.Raw()) > 0 {
		t.o.list(name+"_raw", same, t.raw)
	}
	if valued {
		t.o.list(name, same, t.value)
	}
	switch {
	case parents > 0 && valued:
		t.o.list(name+"_tree", same, t.below)
	case parents > 0:
		t.o.list(name, same, t.below)
	case !valued:
		t.o.list(name, same, t.none)
	}
}

// hasValue: protocols, items that are only present, and texts have none.
func hasValue(n *field.Node) bool {
	return n.Field != nil && n.Field.Type != field.Protocol && n.Field.Type != field.None
}

func (t *details) value(nodes []field.Node) {
	t.text = nodes[0].Field.AppendJSON(t.text[:0], t.context, nodes[0].Value)
	t.o.string(string(t.text))
}

func (t *details) below(nodes []field.Node) {
	if len(nodes) == 1 {
		t.none(nodes)
		return
	}
	t.o.open('{')
	t.members(nodes[1:])
	t.o.close('}')
}

// none stands for an item without value and children: what a protocol says, else nothing.
func (t *details) none(nodes []field.Node) {
	if nodes[0].Field != nil && nodes[0].Field.Type == field.Protocol {
		t.o.string(nodes[0].Label)
		return
	}
	t.o.string("")
}

// raw prints bytes as hex (of part of a byte its value), position, length, mask and Wireshark's number of the type.
func (t *details) raw(nodes []field.Node) {
	n := &nodes[0]
	b, mask := n.Raw(), n.Value.Mask()
	t.o.open('[')
	t.o.element()
	t.o.string(string(appendRaw(nil, n, b)))
	for _, x := range []int64{int64(field.Position(t.packet, b)), int64(len(b)), mask, int64(n.Number())} {
		t.o.element()
		t.o.b = strconv.AppendInt(t.o.b, x, 10)
	}
	t.o.close(']')
}
