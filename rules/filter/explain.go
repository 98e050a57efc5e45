package filter

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Step is a part of a filter that is true or false of a packet, and what it is made of: the operands of "and", "or", "xor"
// and "not".
type Step struct {
	Text  string // canonical
	Op    string // "&&", "||", "^^", "!"; "" for a relation
	Steps []*Step

	test    *Filter
	asked   []operand // of a relation: what has values, in order of mention
	context *field.Context
}

// Asked is something a relation asks a packet for, and its values there.
type Asked struct {
	Text   string
	Values []string // as `tshark -T fields` prints them; none if it is absent
}

// Steps takes a filter apart for explanation: nil if it matches everything. Each part is compiled as it is within the
// filter, so that explanations cannot differ from matches.
func Steps(text string, c *field.Context, lists rules.Lists) (*Step, error) {
	f, err := Compile(text, c, lists)
	if err != nil || f.tree == nil {
		return nil, err
	}
	return newCompiler(text, c, lists).step(f.tree, c)
}

func (c *compiler) step(n node, context *field.Context) (*Step, error) {
	s := &Step{Text: show(n), context: context, test: &Filter{tree: n, m: machine{context: context}}}
	under, asked := []node(nil), []node(nil)
	switch n := n.(type) {
	case *junction:
		s.Op, under = n.op, parts(n, n.op)
	case *negation:
		s.Op, under = "!", []node{n.x}
	case *comparison:
		asked = n.operands
	case *membership:
		asked = []node{n.x}
	case *presence:
		asked = []node{n.x}
	}
	if err := c.askFor(s, asked); err != nil {
		return nil, err
	}
	for _, x := range under {
		part, err := c.step(x, context)
		if err != nil {
			return nil, err
		}
		s.Steps = append(s.Steps, part)
	}
	return s, s.test.compile(c)
}

// askFor compiles the operands of a relation that are not constants.
func (c *compiler) askFor(s *Step, operands []node) error {
	for _, n := range operands {
		t, ok := c.typeOf(n)
		if _, isLiteral := n.(*literal); !ok || isLiteral {
			continue
		}
		x, err := c.operand(n, t, nil)
		if err != nil {
			return err
		}
		if x.fixed == nil {
			s.asked = append(s.asked, x)
		}
	}
	return nil
}

// Passes tells whether the part is true of the packet.
func (s *Step) Passes(p *ingest.Packet) bool { return s.test.Match(p) }

// Asked gives what a relation asks the packet for.
func (s *Step) Asked(p *ingest.Packet) []Asked {
	out := make([]Asked, len(s.asked))
	for i, x := range s.asked {
		out[i].Text = show(x.node)
		s.test.m.next()
		for _, v := range x.eval(&s.test.m, p) {
			out[i].Values = append(out[i].Values, s.print(x, v))
		}
	}
	return out
}

// print writes a value: of a field as tshark does, of what was computed by its type.
func (s *Step) print(x operand, v field.Value) string {
	f := &field.Field{Type: x.typ}
	if n, ok := x.node.(*name); ok && !n.raw {
		f = n.field
	}
	text := string(f.Append(nil, s.context, v))
	if name, ok := f.Names[v.Int]; ok && isInteger(f.Type) {
		text += fmt.Sprintf(" (%s)", name)
	}
	return text
}
