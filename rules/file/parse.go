package file

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// Bounds on what the YAML parser is given: it recurses into what nests, and is slow on long lines.
const (
	deepest     = 100
	LongestLine = 16 << 10 // bytes of a line of a rule file; longer ones are refused
)

// found is a rule, and where it states what must be its own.
type found struct {
	rules.Rule
	idAt, nameAt rules.Position
	lacks        []string // keys that it does not state, and has to if it reports findings
	broken       bool
}

// document checks one file; every problem lands in problems.
type document struct {
	path, name   string // as positions show it, and in its source
	origin       *Source
	source       source
	bodies       []ast.Node // its YAML documents
	context      *field.Context
	lists        rules.Lists
	used         map[string]bool // lists that its filters name
	aliased      map[string]bool // aliases of all rules
	suppressions []*rules.Suppression
	suppressed   []suppressed
	pinned       *field.Context // context, under the Wireshark version that the rule at hand asks for
	problems     Problems
}

func newDocument(path, name string, origin *Source, data []byte) *document {
	d := &document{path: path, name: name, origin: origin, source: newSource(data)}
	for _, doc := range d.documents() {
		if holds(doc) {
			d.bodies = append(d.bodies, doc.Body)
		}
	}
	if len(d.bodies) == 0 && len(d.problems) == 0 {
		d.problems = append(d.problems, Problem{Path: path, Code: Unreadable, Message: "holds no rule: expected a YAML document with title, id, name, level and match"})
	}
	return d
}

// rules gives the rules of the file, and reads its suppressions.
func (d *document) rules() (out []*found) {
	for _, n := range d.bodies {
		before := len(d.problems)
		switch k, named := d.value(n, "kind"); d.kind(n) {
		case "":
			if named {
				d.wrong(k, "kind", kinds)
			}
			r := d.rule(n)
			r.broken = len(d.problems) > before
			out = append(out, r)
		case suppressionKind:
			if s := d.suppression(n); len(d.problems) == before {
				d.suppressions = append(d.suppressions, s)
			}
		case listKind: // was read before
		default:
			d.wrong(k, "kind", kinds+suggest(d.kind(n), []string{suppressionKind, listKind}))
		}
	}
	return out
}

// holds tells whether a document holds anything: comments and directives are nothing.
func holds(doc *ast.DocumentNode) bool {
	return doc.Body != nil && doc.Body.Type() != ast.CommentGroupType && doc.Body.Type() != ast.DirectiveType
}

func (d *document) documents() []*ast.DocumentNode {
	if at, what, ok := d.source.foreign(); ok {
		d.coded(NotYAML, at, "", what)
		return nil
	}
	if at, ok := d.source.tooDeep(); ok {
		d.report(at, "", fmt.Sprintf("lists or maps nest deeper than %d: expected those of a rule", deepest))
		return nil
	}
	if at, ok := d.source.tooLong(); ok {
		d.report(at, "", fmt.Sprintf("line of more than %d bytes: expected it folded over several lines", LongestLine))
		return nil
	}
	file, err := parseYAML(d.source.joined())
	if err != nil {
		d.syntax(err)
		return nil
	}
	if at, lost := d.source.unread(file.Docs); lost {
		d.coded(NotYAML, at, "", "the YAML parser does not read on from here: expected documents that are divided by lines of ---")
		return nil
	}
	return file.Docs
}

// parseYAML guards against the library: what it panics on is not YAML either.
func parseYAML(text []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the YAML parser gave up: %v", p)
		}
	}()
	return parser.ParseBytes(text, 0)
}

// tokens cuts text into YAML's tokens; none if that makes the library panic.
func tokens(text []byte) (out token.Tokens) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	return lexer.Tokenize(string(text))
}

// syntax reports what the YAML parser says, with its position.
func (d *document) syntax(err error) {
	var e yaml.Error
	at, message := place{}, err.Error()
	if errors.As(err, &e) {
		message = e.GetMessage()
		if t := e.GetToken(); t != nil {
			at = place{t.Position.Line, t.Position.Column}
		}
	}
	first, _, _ := strings.Cut(message, "\n")
	if hint := d.source.hint(at, first); hint != "" {
		first = hint + " (" + first + ")"
	}
	d.coded(NotYAML, at, "", "not YAML: "+first)
}

// place is a line and a column in characters, from 1; the zero place is the file as a whole.
type place struct{ line, column int }

func (d *document) report(at place, text, message string) {
	d.coded(InvalidValue, at, text, message)
}

func (d *document) coded(code Code, at place, text, message string) {
	d.problems = append(d.problems, Problem{Path: d.path, Line: at.line, Column: at.column, Text: text, Message: message, Code: code})
}

// wrong reports a value that is not what was expected.
func (d *document) wrong(n ast.Node, what, expected string) {
	text := textOf(n)
	d.report(placeOf(n), text, fmt.Sprintf("%s %s: expected %s", what, describe(n, text), expected))
}

func (d *document) position(n ast.Node) rules.Position {
	at := placeOf(n)
	return rules.Position{File: d.path, Line: at.line, Column: at.column}
}

// placeOf is where a node starts: of a map, its first key.
func placeOf(n ast.Node) place {
	switch v := n.(type) {
	case *ast.MappingNode:
		if len(v.Values) > 0 && !v.IsFlowStyle {
			return placeOf(v.Values[0].Key)
		}
		return tokenPlace(v)
	case *ast.MappingValueNode:
		return placeOf(v.Key)
	}
	return tokenPlace(n)
}

func tokenPlace(n ast.Node) place {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{max(1, t.Position.Line), max(1, t.Position.Column)}
	}
	return place{1, 1}
}

// textOf is the text of a scalar, "" for other nodes.
func textOf(n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NanNode, *ast.InfinityNode:
		return v.GetToken().Value
	}
	return ""
}

// describe quotes a scalar and names anything else.
func describe(n ast.Node, text string) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "is a map"
	case *ast.SequenceNode:
		return "is a list"
	case *ast.NullNode:
		return "is empty"
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		return fmt.Sprintf("is YAML's %s, since it begins with %q and has no quotes", strings.ToLower(n.Type().String()), mark(n))
	}
	return fmt.Sprintf("%q", shorten(text))
}

// mark is the sign that makes an alias, an anchor or a tag of a value.
func mark(n ast.Node) string {
	switch n.(type) {
	case *ast.AliasNode:
		return "*"
	case *ast.AnchorNode:
		return "&"
	}
	return "!"
}

// shorten keeps quoted text within a line.
func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// newSource takes a file's bytes as YAML reads them: without byte order mark, lines ending in one line feed.
func newSource(data []byte) source {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return source{text: bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))}
}
