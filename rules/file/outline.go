package file

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"icmpsift/rules"
)

// Outline tells where a rule file states what, for those who have more to say of a rule than that it loads.
type Outline struct {
	path   string
	source source
	lines  []string
	docs   []*ast.DocumentNode
}

// Outline reads a file's structure again; of a file that is no YAML it knows the lines alone.
func (f File) Outline() *Outline {
	d := &document{path: f.Path, source: newSource(f.Text)}
	return &Outline{path: f.Path, source: d.source, lines: strings.Split(string(d.source.text), "\n"), docs: d.documents()}
}

// Line is the text of a line, from 1; "" where there is none.
func (o *Outline) Line(n int) string {
	if n < 1 || n > len(o.lines) {
		return ""
	}
	return o.lines[n-1]
}

// Source is the text of the document that begins at a position, comments in front of it included, and the line on which
// the text begins.
func (o *Outline) Source(at rules.Position) (text string, line int) {
	first := min(max(at.Line-1, 0), len(o.lines))
	last := first
	for first > 0 && !divides(o.lines[first-1]) {
		first--
	}
	for last < len(o.lines) && !divides(o.lines[last]) {
		last++
	}
	return strings.Trim(strings.Join(o.lines[first:last], "\n"), "\n"), first + 1
}

// divides tells a line that stands between documents; a comment or a tag may follow the marks.
func divides(line string) bool {
	marks, _, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	return marks == "---" || marks == "..."
}

// Comment is a comment of a rule file.
type Comment struct {
	Text         string         // what follows "#"
	At, Document rules.Position // of "#", and of the document that it stands in or before
}

// Comments gives the comments of the file's documents in order. Those of a file that is no YAML are nobody's.
func (o *Outline) Comments() (out []Comment) {
	if !strings.Contains(string(o.source.text), "#") {
		return nil
	}
	part, owner := o.owners()
	for _, t := range tokens(o.source.text) {
		if t.Type != token.CommentType || t.Position == nil || t.Position.Line < 1 || t.Position.Line > len(part) {
			continue
		}
		if doc, ok := owner[part[t.Position.Line-1]]; ok {
			out = append(out, Comment{t.Value, o.position(place{t.Position.Line, max(1, t.Position.Column)}), doc})
		}
	}
	return out
}

// owners gives of each line which part of the file it is in, parts being divided by marks, and the document in each part.
func (o *Outline) owners() (part []int, owner map[int]rules.Position) {
	n := 0
	for _, line := range o.lines {
		if divides(line) {
			n++
		}
		part = append(part, n)
	}
	owner = map[int]rules.Position{}
	for _, doc := range o.docs {
		if !holds(doc) {
			continue
		}
		if at := o.position(placeOf(doc.Body)); at.Line <= len(part) {
			owner[part[at.Line-1]] = at
		}
	}
	return part, owner
}

// Has tells whether the document has a value under the keys; items of lists go by their number, from 0.
func (o *Outline) Has(document rules.Position, keys ...string) bool {
	return o.find(document, keys) != nil
}

// At is where the value under the keys stands, or as much of the way to it as there is.
func (o *Outline) At(document rules.Position, keys ...string) rules.Position {
	for ; len(keys) > 0; keys = keys[:len(keys)-1] {
		if n := o.find(document, keys); n != nil {
			return o.position(placeOf(n))
		}
	}
	return document
}

// Within is where byte offset of the scalar under the keys stands.
func (o *Outline) Within(document rules.Position, offset int, keys ...string) rules.Position {
	n := o.find(document, keys)
	if n == nil {
		return o.At(document, keys...)
	}
	return o.position(o.source.within(n, textOf(n), offset))
}

// Text is the scalar under the keys as YAML gives it: what offsets for [Outline.Within] count in.
func (o *Outline) Text(document rules.Position, keys ...string) string {
	if n := o.find(document, keys); n != nil {
		return textOf(n)
	}
	return ""
}

func (o *Outline) position(p place) rules.Position {
	return rules.Position{File: o.path, Line: p.line, Column: p.column}
}

func (o *Outline) find(document rules.Position, keys []string) ast.Node {
	for _, doc := range o.docs {
		if doc.Body != nil && o.position(placeOf(doc.Body)) == document {
			return descend(doc.Body, keys)
		}
	}
	return nil
}

// descend follows the keys; nil if one of them is not there.
func descend(n ast.Node, keys []string) ast.Node {
	for _, k := range keys {
		if n = child(n, k); n == nil {
			return nil
		}
	}
	return n
}

func child(n ast.Node, key string) ast.Node {
	switch v := n.(type) {
	case *ast.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v.Values) {
			return v.Values[i]
		}
	case *ast.MappingNode:
		for _, p := range v.Values {
			if keyName(p) == key {
				return p.Value
			}
		}
	case *ast.MappingValueNode:
		if keyName(v) == key {
			return v.Value
		}
	default:
		if key == "0" { // a single value counts as a list of one
			return n
		}
	}
	return nil
}
