package file

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
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
	d.wrong(n, what, "a map of keys and values"+example(what, textOf(n)))
	return nil, false
}

// examples are of maps that authors write as text.
var examples = map[string]string{
	"condition": "{gte: 20}", "condition.jitter": "{lte: 0.1}", "condition.median": "{gte: 5}", "requires": "{bytes: true}", "roles": "{src: scanner, dst: target}",
	"endpoints": "{src: sift.src, dst: sift.dst}", "recover": "{field: sift.payload}", "test": "{capture: one.pcap, expect: {findings: 1}}", "expect": "{findings: 1}",
	"correlation": "{type: event_count, group-by: [sift.src], timespan: 5m, condition: {gte: 20}}",
}

var foreignRule = regexp.MustCompile(`^(alert|drop|reject|pass|log) +(icmp|ip|tcp|udp|any)\b`)

// example ends a message with what a map looks like.
func example(what, text string) string {
	switch e := examples[what]; {
	case e != "":
		return ", such as " + e
	case foreignRule.MatchString(text):
		return `; rules of Snort and Suricata are converted by "icmpsift rules import"`
	case what == "the rule":
		return `: title, id, name, level, match; several rules in a file are documents of their own, divided by lines of "---"`
	}
	return ""
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
	if hint, instead := misplaced(what, name); hint != "" {
		d.coded(UnknownKey, placeOf(p), name, fmt.Sprintf("key %q does not belong in %s: %s", shorten(name), what, hint))
		return instead
	}
	if meant := otherNames[what][strings.ToLower(name)]; meant != "" {
		d.coded(UnknownKey, placeOf(p), name, fmt.Sprintf("unknown key %q in %s; did you mean %q?", shorten(name), what, meant))
		return meant
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

// checked reads text that must have a form.
func (d *document) checked(what string, into *string, f form) func(ast.Node) {
	return func(n ast.Node) {
		takesForm(n, f)
		s, ok := d.text(n, what)
		if ok && !f.valid(s) {
			d.wrong(n, what, f.expected)
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
	text := strings.ReplaceAll(textOf(n), "_", "")
	v, err := strconv.ParseFloat(text, 64)
	whole, notWhole := strconv.ParseInt(text, 0, 64)
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if err == nil {
			return v, true
		}
		if notWhole == nil {
			return float64(whole), true
		}
	}
	switch {
	case err == nil && quoted(n):
		d.wrong(n, what, "a number, without quotes")
	case errors.Is(err, strconv.ErrRange), err == nil && len(text) > 18:
		d.wrong(n, what, "a number that is not as large")
	default:
		d.wrong(n, what, "a number")
	}
	return 0, false
}

// quoted tells a text in quotes.
func quoted(n ast.Node) bool {
	t := n.GetToken()
	return t != nil && (t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType)
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
