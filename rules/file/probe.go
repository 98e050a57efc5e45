package file

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"icmpsift/ingest/field"
)

// shape is what may stand in one place of a rule file. It is learned from the reader itself: a document is read whose
// every value is a [probe], and each function that reads a value leaves there what it takes.
type shape struct {
	scalars []string // JSON's names of the scalars that are taken
	words   []string // the closed list of them, if there is one
	form    form     // of a text
	item    *shape   // of a list
	members []member // of a map
	also    object   // what else JSON Schema can say of it
}

type member struct {
	name     string
	required bool
	shape    *shape
}

// probe stands for a value that is not there, to be told what is expected of it.
type probe struct {
	ast.Node // nil: of a node it has only what follows
	shape    *shape
}

func (*probe) GetToken() *token.Token { return nil }
func (*probe) Type() ast.NodeType     { return ast.UnknownNodeType }
func (*probe) String() string         { return "" }

// learning tells a value that is not there.
func learning(n ast.Node) bool { _, ok := n.(*probe); return ok }

// empty tells a place that nothing is read from: the reader refuses whatever stands there.
func (s *shape) empty() bool { return s.scalars == nil && s.item == nil && s.members == nil }

// takes notes that a scalar is read; real is false for a probe.
func takes(n ast.Node, scalars ...string) (real bool) {
	p, ok := n.(*probe)
	if ok {
		p.shape.scalars = scalars
	}
	return !ok
}

// takesWords notes the closed list of words that a text is from.
func takesWords(n ast.Node, words []string) {
	if p, ok := n.(*probe); ok {
		p.shape.words = slices.Clone(words)
	}
}

// takesFields notes that a text is the name of a field, and which ones are taken.
func takesFields(n ast.Node, which func(*field.Field) bool) {
	if learning(n) {
		takesWords(n, fieldNames(which))
	}
}

// takesForm notes what a text must look like.
func takesForm(n ast.Node, f form) {
	if p, ok := n.(*probe); ok {
		p.shape.form = f
	}
}

// takesAlso notes what JSON Schema is to ask besides.
func takesAlso(n ast.Node, constraints object) {
	if p, ok := n.(*probe); ok {
		p.shape.also = constraints
	}
}

// takesList notes a list, and reads its one item.
func takesList(n ast.Node, read func(ast.Node)) (real bool) {
	p, ok := n.(*probe)
	if ok {
		p.shape.item = &shape{}
		read(&probe{shape: p.shape.item})
	}
	return !ok
}

// takesMap notes a map, and reads the value of each key.
func takesMap(n ast.Node, keys []key) (real bool) {
	p, ok := n.(*probe)
	if !ok {
		return true
	}
	for _, k := range keys {
		m := member{k.name, k.required, &shape{}}
		k.read(&probe{shape: m.shape})
		p.shape.members = append(p.shape.members, m)
	}
	return false
}
