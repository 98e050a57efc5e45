// Package filter is Wireshark's display-filter language over the field table. Start with [Compile]; a [Filter] then tells
// of each packet whether it matches, and an [Index] which of many filters do.
//
// The language is that of wireshark-filter(4): existence, comparisons, chains, sets, slices, layers, arithmetic and
// functions, with the meaning of the Wireshark version that the [field.Context] names. Any comparison with an absent field
// is false; of several values, "==" asks for one, "!=" and "===" for all; "any" and "all" in front say so. Fields under
// "sift." are icmpsift's own: [Filter.Wireshark] gives the part of a filter that Wireshark can replay.
package filter

import (
	"fmt"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Filter is a compiled filter. It holds scratch space: use a [Filter.Clone] in each goroutine.
type Filter struct {
	tree      node // nil matches everything
	test      predicate
	relations map[string]*relation
	fields    []*field.Field
	lists     []string
	m         machine
}

// Compile checks a filter against the field table and prepares it. Empty text matches every packet. c, which may be nil,
// is handed to the fields; lists are what "in $name" finds. Errors are of type [*Error].
func Compile(text string, c *field.Context, lists rules.Lists) (*Filter, error) {
	version := Newest
	if c != nil && c.Wireshark != "" {
		version = c.Wireshark
	}
	p, ok := profiles[version]
	if !ok {
		return nil, &Error{Text: text, Message: fmt.Sprintf("the filters of Wireshark %q are not known", version), Hint: "expected 4.0, 4.2 or 4.4"}
	}
	tree, err := parse(text, p)
	if err != nil {
		return nil, err
	}
	f := &Filter{tree: tree, m: machine{context: c}}
	if err := f.compile(newCompiler(text, c, lists)); err != nil {
		return nil, err
	}
	return f, nil
}

// newCompiler makes a compiler for a version that is known.
func newCompiler(text string, c *field.Context, lists rules.Lists) *compiler {
	k := &compiler{text: text, p: profiles[Newest], lists: lists, relations: map[string]*relation{}, read: map[string]operand{}}
	if c != nil {
		k.home = c.Home
		if c.Wireshark != "" {
			k.p = profiles[c.Wireshark]
		}
	}
	return k
}

func (f *Filter) compile(c *compiler) error {
	if f.tree == nil {
		f.test = func(*machine, *ingest.Packet) bool { return true }
		return nil
	}
	var err error
	f.test, err = c.predicate(f.tree)
	f.fields, f.lists, f.relations = c.fields, c.asked, c.relations
	f.m = newMachine(f.m.context, c.slots, c.asks)
	return err
}

// Match tells whether the packet matches.
func (f *Filter) Match(p *ingest.Packet) bool {
	f.m.next()
	return f.test(&f.m, p)
}

// Clone gives a filter of the same meaning with scratch space of its own.
func (f *Filter) Clone() *Filter {
	g := *f
	g.m = newMachine(f.m.context, len(f.m.lists), len(f.m.told))
	return &g
}

// Fields lists the fields the filter uses, each once, in order of first use.
func (f *Filter) Fields() []*field.Field { return slices.Clone(f.fields) }

// Lists names the lists the filter looks values up in, each once, in order of first use.
func (f *Filter) Lists() []string { return slices.Clone(f.lists) }

// String prints the filter in canonical form, which compiles to the same filter.
func (f *Filter) String() string {
	if f.tree == nil {
		return ""
	}
	return show(f.tree)
}
