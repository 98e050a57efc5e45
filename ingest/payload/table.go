package payload

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

var (
	//go:embed stock.yaml
	stockText []byte
	//go:embed tools.yaml
	toolsText []byte
)

// Table is the payload table: the senders whose pings are known, and the tools that hide data in theirs. It is safe for
// concurrent use. The zero value knows nobody.
type Table struct{ senders, tools []sender }

// Bounds of a file: the YAML parser recurses into what nests.
const (
	maxFile     = 1 << 20
	deepestNest = 100
)

// NewTable loads the builtin tables and then the given ones, which have their form: see stock.yaml. Earlier senders win.
// Errors name the file if the reader has a name, the line and the column.
func NewTable(extra ...io.Reader) (*Table, error) {
	b, err := builtin()
	if err != nil {
		return nil, err
	}
	t := &Table{slices.Clip(b.senders), slices.Clip(b.tools)}
	for i, r := range extra {
		text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err == nil {
			err = t.load(nameOf(r, i), text)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// builtin is the tables that come with the program, read once.
var builtin = sync.OnceValues(func() (*Table, error) {
	t := &Table{}
	return t, errors.Join(t.load("stock.yaml", stockText), t.load("tools.yaml", toolsText))
})

// Names lists the known senders in the order they are tried.
func (t *Table) Names() []string { return names(t.senders) }

// Tools lists the known tools in the order they are tried.
func (t *Table) Tools() []string { return names(t.tools) }

func names(list []sender) (out []string) {
	for i := range list {
		if !slices.Contains(out, list[i].name) {
			out = append(out, list[i].name)
		}
	}
	return out
}

func nameOf(r io.Reader, i int) string {
	if f, ok := r.(interface{ Name() string }); ok {
		return f.Name()
	}
	return fmt.Sprintf("number %d", i+1)
}

func (t *Table) load(name string, text []byte) error {
	body, err := parse(text)
	if err != nil {
		return placed(name, nil, err)
	}
	var f stockFile
	if body != nil {
		if err := yaml.NodeToValue(body, &f, yaml.DisallowUnknownField()); err != nil {
			return placed(name, nil, err)
		}
	}
	for i := range f.Senders {
		e := &f.Senders[i]
		list, err := e.compile()
		if err != nil {
			return placed(name, find(body, i, err), fmt.Errorf("sender %d %q: %w", i+1, e.Name, err))
		}
		if e.Kind == "tool" {
			t.tools = append(t.tools, list...)
		} else {
			t.senders = append(t.senders, list...)
		}
	}
	return nil
}

// parse gives the file's document, nil if it is empty.
func parse(text []byte) (body ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("not YAML: the parser gave up: %v", p)
		}
	}()
	if len(text) > maxFile || nests(text) {
		return nil, fmt.Errorf("larger than a mebibyte or nested deeper than %d: expected a list of senders", deepestNest)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, err
	}
	switch {
	case len(file.Docs) > 1:
		return nil, fmt.Errorf("%d YAML documents: expected one, with a list of senders", len(file.Docs))
	case len(file.Docs) == 0:
		return nil, nil
	}
	if refers(file.Docs[0].Body) {
		return nil, fmt.Errorf("an anchor or alias: expected each sender written out")
	}
	return file.Docs[0].Body, nil
}

// refers tells whether a document repeats parts of itself by name: a short one could make a very large list.
func refers(body ast.Node) bool {
	return len(ast.Filter(ast.AnchorType, body))+len(ast.Filter(ast.AliasType, body)) > 0
}

// nests tells whether brackets, or lists within lists, go deeper than any list of senders does.
func nests(text []byte) bool {
	depth, dashes := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-':
			dashes++
		case '\n':
			dashes = 0
		}
		if depth > deepestNest || dashes > 2*deepestNest {
			return true
		}
	}
	return false
}

// flaw is what is wrong with an entry, and where in it.
type flaw struct {
	at   string // ".sizes", ".parts[1]"
	text string
}

func (f *flaw) Error() string { return f.text }

func wrong(at, format string, values ...any) error { return &flaw{at, fmt.Sprintf(format, values...)} }

// find gives the place that an error of the i-th entry is about, or as much of the way to it as there is.
func find(body ast.Node, i int, err error) ast.Node {
	var f *flaw
	errors.As(err, &f)
	for at := fmt.Sprintf("$.senders[%d]%s", i, f.at); ; at = at[:strings.LastIndexAny(at, ".[")] {
		if p, err := yaml.PathString(at); err == nil {
			if n, err := p.FilterNode(body); err == nil && n != nil {
				return n
			}
		}
		if strings.Count(at, ".") == 1 && !strings.Contains(at, "[") {
			return body
		}
	}
}

// placed puts the file's name before the error, and the line and column it knows or the node has.
func placed(name string, n ast.Node, err error) error {
	where, text := name, err.Error()
	var y yaml.Error
	if errors.As(err, &y) {
		text, _, _ = strings.Cut(y.GetMessage(), "\n")
		if t := y.GetToken(); t != nil {
			where = fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
		}
	} else if n != nil && n.GetToken() != nil {
		p := n.GetToken().Position
		where = fmt.Sprintf("%s:%d:%d", name, p.Line, p.Column)
	}
	return fmt.Errorf("%s: payload table: %s", where, text)
}
