package field

import (
	"bytes"
	_ "embed"
	"slices"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

// layoutText says in which order the items of a protocol stand and what stands in what; it tells its own grammar.
//
//go:embed tree.layout
var layoutText string

// item is a line of a layout.
type item struct {
	name          string
	field         *Field  // or
	expert        *expert // or
	inside        bool    // or
	walk          walker  // or
	text          text
	since, before string // versions
	nth           int    // which value, from 1; 0 all
	only, never   *int64 // values
	below, behind int    // bytes: values that start before below (0: any) and behind behind (-1: any)
	types         []byte // of messages; none for all
	raw           *extent
	items         []*item
	heads         []string // of a walk: items with these names, or pseudo-protocols whose names begin so, hold what follows
	flat          bool     // of a walk: and hold all of it directly
	with          *Field   // only if the layer has this field, too
	places        places   // of a walk
}

// extent is which bytes an item is read from.
type extent struct {
	off, size int // in the layer; size 0: as the table says
	mask      int64
}

// read puts the bytes into the value.
func (e *extent) read(b []byte, v Value) Value {
	if e.size > 0 {
		v.Bytes = span(b, e.off, e.size)
	}
	v.mask = e.mask
	return v
}

// places are where names stand in what a walker finds; a name may have several.
type places map[string][]*place

// place is where a name stands in what a walker finds.
type place struct {
	over   []*item // outermost first
	inside bool    // what stands inside the layer follows it
	raw    *extent
}

// takes tells whether the layout wants this value, the k-th that the field has in layer i.
func (x *item) takes(k, i int, p *ingest.Packet, v *Value) bool {
	if x.nth > 0 && x.nth != k+1 || x.only != nil && v.Int != *x.only || x.never != nil && v.Int == *x.never {
		return false
	}
	if x.types != nil && !x.typed(p.Layers[i].Bytes) {
		return false
	}
	if x.below == 0 && x.behind < 0 {
		return true
	}
	at := Offset(p.Layers[i].Bytes, v.Bytes)
	return (x.below == 0 || at < x.below) && at > x.behind
}

// typed tells whether a message is of one of the types.
func (x *item) typed(message []byte) bool { return bytes.IndexByte(x.types, message[0]) >= 0 }

// head tells whether items of that name hold what follows them in a walk.
func (x *item) head(name string) bool {
	for _, h := range x.heads {
		if name == h || strings.HasSuffix(h, ".") && strings.HasPrefix(name, h) && byName[name] != nil && byName[name].Type == Bytes {
			return true
		}
	}
	return false
}

// Offset is where sub, a part of b, begins in it; -1 if it is not a part.
func Offset(b, sub []byte) int {
	if len(sub) == 0 {
		return -1
	}
	for i := range b {
		if &b[i] == &sub[0] {
			return i
		}
	}
	return -1
}

// layouts and expertNamed are built once and never change.
var (
	expertNamed = expertIndex()
	layouts     = assembleLayouts(layoutText)
)

func expertIndex() map[string]*expert {
	m := map[string]*expert{malformedKind.name: &malformedKind}
	for _, kinds := range [][]expert{expertKinds, lateKinds} {
		for i := range kinds {
			m[kinds[i].name] = &kinds[i]
		}
	}
	return m
}

// assembleLayouts reads the layouts, and makes those that are not written down from the table.
func assembleLayouts(text string) map[ingest.Proto]*item {
	m := map[ingest.Proto]*item{}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(l string) bool { return l[0] == '#' })
	for len(lines) > 0 {
		var x *item
		x, lines = parseItem(lines, 0)
		m[x.field.Proto] = x
	}
	for _, f := range table {
		if f.Type == Protocol && m[f.Proto] == nil && f.Name == f.Proto.String() {
			m[f.Proto] = &item{name: f.Name, field: f, behind: -1, items: []*item{{name: others}}}
		}
	}
	walks := map[string]places{}
	for proto, x := range m {
		x.complete(proto)
		x.place(nil, nil)
		x.gather(walks)
	}
	for _, x := range m {
		x.share(walks)
	}
	return m
}

// others stands for the fields that a layout does not name.
const others = "..."

// complete puts the protocol's other fields in the place kept for them, or into the item whose name theirs begins with.
func (x *item) complete(proto ingest.Proto) {
	at := slices.IndexFunc(x.items, func(in *item) bool { return in.name == others })
	if at < 0 {
		return
	}
	named := map[string]*item{}
	x.names(named)
	var rest []*item
	for _, f := range table {
		if f.Proto != proto || named[f.Name] != nil {
			continue
		}
		in := &item{name: f.Name, field: f, expert: expertNamed[f.Name], behind: -1}
		if over := holder(named, x, f.Name); over != nil {
			over.items = append(over.items, in)
		} else {
			rest = append(rest, in)
		}
		named[f.Name] = in
	}
	x.items = slices.Replace(x.items, at, at+1, rest...)
}

// holder is the item with the longest name that the given name begins with, the protocol's own not counted.
func holder(named map[string]*item, protocol *item, name string) *item {
	for end := strings.LastIndexByte(name, '.'); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		if over := named[name[:end]]; over != nil && over != protocol {
			return over
		}
	}
	return nil
}

// names collects the items of a layout by name.
func (x *item) names(m map[string]*item) {
	m[x.name] = x
	for _, in := range x.items {
		in.names(m)
	}
}

// place notes for each walk where the names below it stand.
func (x *item) place(walk *item, over []*item) {
	if x.walk != nil {
		x.places = places{}
		walk, over = x, nil
	} else if walk != nil {
		walk.places[x.name] = append(walk.places[x.name], &place{over: over, inside: x.inside, raw: x.raw})
		over = append(slices.Clone(over), x)
	}
	for _, in := range x.items {
		in.place(walk, over)
	}
}

// parseItem reads the first line, which stands depth tabs in, and those below it.
func parseItem(lines []string, depth int) (x *item, rest []string) {
	words := splitLine(lines[0])
	x = &item{name: words[0], behind: -1}
	for _, w := range words[1:] {
		x.narrow(w)
	}
	switch first := x.name[0]; {
	case x.name == "*":
		x.inside = true
	case first == '@':
		x.walk = walkers[x.name[1:]]
	case first == '"':
		label := strings.Trim(x.name, `"`)
		x.text = func([]Node, *ingest.Layer, int) string { return label }
	case first == '$':
		x.text = texts[x.name[1:]]
	case expertNamed[x.name] != nil:
		x.expert = expertNamed[x.name]
	default:
		x.field = byName[x.name]
	}
	lines = lines[1:]
	for len(lines) > 0 && tabs(lines[0]) > depth {
		var in *item
		in, lines = parseItem(lines, depth+1)
		x.items = append(x.items, in)
	}
	return x, lines
}

// splitLine keeps a quoted text whole.
func splitLine(line string) []string {
	line = strings.TrimSpace(line)
	if line[0] == '"' {
		return []string{line}
	}
	return strings.Fields(line)
}

func tabs(line string) int { return len(line) - len(strings.TrimLeft(line, "\t")) }

// narrow reads one word behind a field.
func (x *item) narrow(word string) {
	n, _ := strconv.Atoi(word[1:])
	value := int64(n)
	switch {
	case word[0] == '=':
		x.only = &value
	case word[0] == '!':
		x.never = &value
	case word[0] == '#':
		x.nth = n
	case word[0] == '<':
		x.below = n
	case word[0] == '>':
		x.behind = n
	case word[0] == '[':
		x.raw = parseExtent(word[1 : len(word)-1])
	case word[0] == '?':
		for _, t := range strings.Split(word[1:], ",") {
			n, _ := strconv.Atoi(t)
			x.types = append(x.types, byte(n))
		}
	case strings.HasSuffix(word, "+"):
		x.since = word[:len(word)-1]
	case strings.HasSuffix(word, "-"):
		x.before = word[:len(word)-1]
	case word == "*":
		x.inside = true
	case word[0] == '&':
		x.with = byName[word[1:]]
	case word == "flat":
		x.flat = true
	default:
		x.heads = strings.Split(word, ",")
	}
}

func parseExtent(text string) *extent {
	e := &extent{}
	if parts := strings.Split(text, ","); len(parts) > 1 {
		e.off, _ = strconv.Atoi(parts[0])
		e.size, _ = strconv.Atoi(parts[1])
		if len(parts) > 2 {
			e.mask, _ = strconv.ParseInt(parts[2], 16, 64)
		}
	}
	return e
}

// gather collects the places that are written down for walks.
func (x *item) gather(walks map[string]places) {
	if len(x.places) > 0 {
		walks[x.name] = x.places
	}
	for _, in := range x.items {
		in.gather(walks)
	}
}

// share gives them to the same walks in other layouts.
func (x *item) share(walks map[string]places) {
	if x.walk != nil && len(x.places) == 0 {
		x.places = walks[x.name]
	}
	for _, in := range x.items {
		in.share(walks)
	}
}
