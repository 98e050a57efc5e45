package file

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// key is what may stand in a map, and how its value is read.
type key struct {
	name     string
	required bool
	read     func(n ast.Node)
}

// entries gives a node's key-value pairs; ok is false, and reported, if it is no map.
func (d *document) entries(n ast.Node, what string) (pairs []*ast.MappingValueNode, ok bool) {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}, true
	}
	d.wrong(n, what, "a map of keys and values")
	return nil, false
}

// mapping reads a map by its keys: unknown ones are reported with what they may have been meant to be, missing ones too. It
// gives the keys that are there, or were meant to be; nil if the node is no map.
func (d *document) mapping(n ast.Node, what string, keys []key) (have map[string]bool) {
	if !takesMap(n, keys) {
		return nil
	}
	pairs, ok := d.entries(n, what)
	if !ok {
		return nil
	}
	have = map[string]bool{}
	for _, p := range pairs {
		name := keyName(p)
		have[name] = true
		i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
		if i < 0 {
			have[d.unknown(p, what, keys)] = true
			continue
		}
		keys[i].read(p.Value)
	}
	for _, k := range keys {
		if k.required && !have[k.name] {
			d.coded(MissingKey, placeOf(n), "", fmt.Sprintf("%s has no %s: expected the key %q", what, k.name, k.name))
		}
	}
	return have
}

func keyName(p *ast.MappingValueNode) string {
	if s := textOf(p.Key); s != "" {
		return s
	}
	return p.Key.GetToken().Value
}

// unknown reports a key that cannot stand here, and gives the key that was probably meant.
func (d *document) unknown(p *ast.MappingValueNode, what string, keys []key) (meant string) {
	name := keyName(p)
	if hint := misplaced(what, name); hint != "" {
		d.coded(UnknownKey, placeOf(p), name, fmt.Sprintf("key %q does not belong in %s: %s", shorten(name), what, hint))
		return ""
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	meant = nearest(name, names)
	hint := ": expected one of " + strings.Join(names, ", ")
	if meant != "" {
		hint = fmt.Sprintf("; did you mean %q?", meant)
	}
	d.coded(UnknownKey, placeOf(p), name, fmt.Sprintf("unknown key %q in %s%s", shorten(name), what, hint))
	return meant
}

// text reads a scalar as it is written: an unquoted 4.0 stays "4.0". Empty ones are reported.
func (d *document) text(n ast.Node, what string) (string, bool) {
	if !takes(n, "string", "number", "boolean") {
		return "", false
	}
	s := textOf(n)
	if strings.TrimSpace(s) == "" {
		d.wrong(n, what, "text")
		return "", false
	}
	return s, true
}

// str reads text into a variable.
func (d *document) str(what string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		if s, ok := d.text(n, what); ok {
			*into = strings.TrimSpace(s)
		}
	}
}

// checked reads text that must pass a test.
func (d *document) checked(what string, into *string, valid func(string) bool, expected string) func(ast.Node) {
	return func(n ast.Node) {
		takesForm(n, expected)
		s, ok := d.text(n, what)
		if ok && !valid(s) {
			d.wrong(n, what, expected)
		}
		*into = s
	}
}

// oneOf reads a word of a closed list.
func (d *document) oneOf(what string, into *string, words []string) func(ast.Node) {
	return func(n ast.Node) {
		takesWords(n, words)
		s, ok := d.text(n, what)
		if ok && !slices.Contains(words, s) {
			d.wrong(n, what, "one of "+strings.Join(words, ", ")+suggest(s, words))
		}
		*into = s
	}
}

// list reads a list of text; a single text counts as a list of one, as in Sigma.
func (d *document) list(what string, into *[]string) func(ast.Node) {
	return d.each(what, func(n ast.Node) {
		if s, ok := d.text(n, what); ok {
			*into = append(*into, strings.TrimSpace(s))
		}
	})
}

// each reads the items of a list.
func (d *document) each(what string, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		if !takesList(n, read) {
			return
		}
		items := []ast.Node{n}
		if list, ok := n.(*ast.SequenceNode); ok {
			items = list.Values
		}
		for _, item := range items {
			if item == nil {
				d.wrong(n, what, "no empty items")
				continue
			}
			read(item)
		}
	}
}

// number reads a number.
func (d *document) number(n ast.Node, what string) (float64, bool) {
	if !takes(n, "number") {
		return 0, false
	}
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if v, err := strconv.ParseFloat(strings.ReplaceAll(textOf(n), "_", ""), 64); err == nil {
			return v, true
		}
	}
	d.wrong(n, what, "a number")
	return 0, false
}

// boolean reads true or false.
func (d *document) boolean(what string, into *bool) func(ast.Node) {
	return func(n ast.Node) {
		if !takes(n, "boolean") {
			return
		}
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.wrong(n, what, "true or false")
			return
		}
		*into = b.Value
	}
}

// unsupported refuses a key that is known but that nothing here obeys yet.
func (d *document) unsupported(name, instead string) key {
	return key{name: name, read: func(n ast.Node) {
		d.coded(Unsupported, placeOf(n), textOf(n), fmt.Sprintf("%s: not supported by this version%s", name, instead))
	}}
}
