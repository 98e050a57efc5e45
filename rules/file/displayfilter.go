package file

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
	"icmpsift/rules/filter"
	"strings"
)

// filter reads a display filter and compiles it to see that it does; errors are placed within the scalar.
func (d *document) filter(n ast.Node, what string) string {
	if _, list := n.(*ast.SequenceNode); list {
		d.wrong(n, what, `one display filter; its parts are joined by "and" or "or"`)
		return ""
	}
	text, ok := d.text(n, what)
	if !ok {
		return ""
	}
	f, err := filter.Compile(text, d.pinned, d.lists)
	if err == nil {
		for _, name := range f.Lists() {
			d.used[name] = true
		}
	}
	var e *filter.Error
	switch {
	case errors.As(err, &e):
		at := d.source.within(n, text, e.Offset)
		d.coded(BadFilter, at, offending(e), fmt.Sprintf("%s: %s", what, withHint(e.Message, e.Hint)))
	case err != nil:
		d.coded(BadFilter, placeOf(n), text, fmt.Sprintf("%s: %v", what, err))
	}
	return strings.TrimSpace(text)
}

// match reads the rule's own filter; its position is that of its first character, also in a block scalar.
func (d *document) match(n ast.Node) (string, rules.Position) {
	at := d.source.within(n, textOf(n), 0)
	return d.filter(n, "match"), rules.Position{File: d.path, Line: at.line, Column: at.column}
}

func offending(e *filter.Error) string {
	start := min(max(e.Offset, 0), len(e.Text))
	return e.Text[start:min(start+max(e.Length, 0), len(e.Text))]
}

func withHint(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + "; " + hint
}
