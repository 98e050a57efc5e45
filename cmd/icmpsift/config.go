package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/report/custody"
)

const configHelp = `case file, YAML: flags by their names ("fail-on: high", lists for those that repeat) and the evidence under "evidence"; the command line wins over it; relative paths in it are relative to the file`

// evidenceKey is the key that is no flag: the paths to analyze.
const evidenceKey = "evidence"

// caseFile is a case file that was read, and where in it flags were set.
type caseFile struct {
	path     string
	evidence []string
	flags    *pflag.FlagSet
	set      map[string]string // place by flag: "case.yml:3:7"
	seen     map[string]bool
	problems []error
}

// loadCase sets what the file says and the command line does not. The path "" gives nothing.
func loadCase(path string, flags *pflag.FlagSet) (*caseFile, error) {
	c := &caseFile{path: path, flags: flags, set: map[string]string{}, seen: map[string]bool{}}
	if path == "" {
		return c, nil
	}
	data, err := readInput("--config", path)
	if err != nil {
		return nil, err
	}
	pairs, err := c.parse(data)
	if err != nil {
		return nil, usagef("analyze: --config:\n%w", err)
	}
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for _, p := range pairs {
		c.pair(p, given)
	}
	if len(c.problems) > 0 {
		return nil, usagef("analyze: --config:\n%w", errors.Join(c.problems...))
	}
	return c, nil
}

// parse gives the entries of the file's one map.
func (c *caseFile) parse(data []byte) (pairs []*ast.MappingValueNode, err error) {
	defer func() {
		if fault := recover(); fault != nil { // what the library panics on is not YAML either
			err = fmt.Errorf("%s: not YAML: %v", c.path, fault)
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, c.syntax(err)
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.CommentGroupType })
	if len(docs) != 1 {
		return nil, fmt.Errorf("%s: %d YAML documents: expected one", c.path, len(docs))
	}
	switch body := docs[0].Body.(type) {
	case *ast.MappingNode:
		return body.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{body}, nil
	}
	return nil, fmt.Errorf("%s: expected flags and their values, such as \"fail-on: high\"", c.at(docs[0].Body))
}

func (c *caseFile) syntax(err error) error {
	var e yaml.Error
	place, message := c.path, err.Error()
	if errors.As(err, &e) {
		message = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			place = fmt.Sprintf("%s:%d:%d", c.path, t.Position.Line, t.Position.Column)
		}
	}
	first, _, _ := strings.Cut(message, "\n")
	return fmt.Errorf("%s: not YAML: %s", place, first)
}

func (c *caseFile) at(n ast.Node) string {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return fmt.Sprintf("%s:%d:%d", c.path, t.Position.Line, t.Position.Column)
	}
	return c.path
}

func (c *caseFile) wrong(n ast.Node, format string, a ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %s", c.at(n), fmt.Sprintf(format, a...)))
}

// pair takes one entry; given are the flags of the command line.
func (c *caseFile) pair(p *ast.MappingValueNode, given map[string]bool) {
	name := strings.Trim(p.Key.String(), `"'`)
	f := c.flags.Lookup(name)
	switch {
	case c.seen[name]:
		c.wrong(p.Key, "%q a second time", name)
		return
	case name == evidenceKey:
	case f == nil || name == "config":
		c.wrong(p.Key, "unknown key %q%s", name, c.meant(name))
		return
	}
	c.seen[name] = true
	values, ok := c.values(p.Value, name)
	switch {
	case !ok, given[name]:
	case name == evidenceKey:
		for _, v := range values {
			c.evidence = append(c.evidence, c.beside(v))
		}
	default:
		c.apply(f, p.Value, values)
	}
}

// meant ends the message on an unknown key.
func (c *caseFile) meant(name string) string {
	names := []string{evidenceKey}
	c.flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" {
			names = append(names, f.Name)
		}
	})
	if near := field.Closest(name, slices.Values(names)); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; expected a flag of analyze without its dashes, or \"evidence\""
}

// values are a scalar's text, or those of a list.
func (c *caseFile) values(n ast.Node, name string) (out []string, ok bool) {
	list, isList := n.(*ast.SequenceNode)
	if !isList {
		text, ok := c.scalar(n, name)
		return []string{text}, ok
	}
	for _, item := range list.Values {
		text, ok := c.scalar(item, name)
		if !ok {
			return nil, false
		}
		out = append(out, text)
	}
	return out, true
}

func (c *caseFile) scalar(n ast.Node, name string) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimSuffix(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	c.wrong(n, "%s: expected a value, or a list of values", name)
	return "", false
}

// apply sets a flag.
func (c *caseFile) apply(f *pflag.Flag, n ast.Node, values []string) {
	for i, v := range values {
		values[i] = c.rebase(f.Name, v)
	}
	_, isList := n.(*ast.SequenceNode)
	several, repeats := f.Value.(pflag.SliceValue)
	var err error
	switch {
	case isList && !repeats:
		c.wrong(n, "%s: expected one value, not a list", f.Name)
		return
	case isList:
		err, f.Changed = several.Replace(values), true
	default:
		err = c.flags.Set(f.Name, values[0])
	}
	if err != nil {
		c.wrong(n, "%v", plain(err))
	}
	c.set[f.Name] = c.at(n)
}

// pathFlags take paths.
var pathFlags = []string{"output", "rules", "suppress", "stock", "assets", "tshark-json"}

// rebase makes relative paths those of the file's folder.
func (c *caseFile) rebase(name, value string) string {
	switch {
	case value == "":
	case slices.Contains(pathFlags, name), name == "tshark" && strings.ContainsRune(value, '/'):
		return c.beside(value)
	case name == "list":
		if list, path, ok := strings.Cut(value, "=@"); ok {
			return list + "=@" + c.beside(path)
		}
	}
	return value
}

func (c *caseFile) beside(path string) string {
	if filepath.IsAbs(path) || path == evidence.Stdin {
		return path
	}
	return filepath.Join(filepath.Dir(c.path), path)
}

// trace adds to the message on a flag's value where the file says so.
func (c *caseFile) trace(err error) error {
	var usage usageError
	if c == nil || !errors.As(err, &usage) {
		return err
	}
	for name, place := range c.set {
		if strings.Contains(err.Error(), "--"+name+" ") || strings.Contains(err.Error(), "--"+name+":") {
			return usageError{fmt.Errorf("%w\n%s says so", err, place)}
		}
	}
	return err
}

// settings are the flags that were set, by whom, for the record.
func (c *caseFile) settings() []custody.Setting {
	out := []custody.Setting{}
	c.flags.Visit(func(f *pflag.Flag) {
		s := custody.Setting{Flag: f.Name, Values: []string{f.Value.String()}, From: "command line"}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			s.Values = several.GetSlice()
		}
		if place, ok := c.set[f.Name]; ok {
			s.From = place
		}
		if slices.Contains(secrets, f.Name) {
			s.Values = []string{unspoken}
		}
		out = append(out, s)
	})
	return out
}
