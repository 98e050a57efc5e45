package file

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// Kinds of documents beside rules, which name none.
const (
	listKind        = "list"
	suppressionKind = "suppression"
	kinds           = suppressionKind + ", " + listKind + ", or no kind for a rule"
)

// kind is what a document says it is, "" for a rule.
func (d *document) kind(n ast.Node) string {
	if k, ok := d.value(n, "kind"); ok {
		return textOf(k)
	}
	return ""
}

// value is what a key of a map has.
func (d *document) value(n ast.Node, name string) (ast.Node, bool) {
	if m, ok := n.(*ast.MappingNode); ok {
		for _, p := range m.Values {
			if keyName(p) == name {
				return p.Value, true
			}
		}
	}
	return nil, false
}

// kindKey is the key that said what the document is.
func kindKey(kind string) key {
	return key{name: "kind", required: true, read: func(n ast.Node) {
		takes(n, "string")
		takesWords(n, []string{kind})
	}}
}

// lists reads the lists of all files, then those that replace them.
func (l *loader) lists(sources []Source) {
	for _, d := range l.files {
		for _, n := range d.bodies {
			if d.kind(n) == listKind {
				l.list(d, n)
			}
		}
	}
	for _, s := range sources {
		for _, name := range slices.Sorted(maps.Keys(s.Lists)) {
			l.set.Lists[name] = s.Lists[name]
			l.digest("--list "+name, []byte(strings.Join(s.Lists[name].Values, "\n")))
		}
	}
}

func (l *loader) digest(path string, data []byte) {
	sum := sha256.Sum256(data)
	l.set.Files = append(l.set.Files, File{Path: path, SHA256: hex.EncodeToString(sum[:]), Text: data})
}

// namedList reads a list document; the nodes are those of its name and file.
func (d *document) namedList(n ast.Node) (list *rules.List, name, file ast.Node) {
	list = &rules.List{At: d.position(n)}
	d.mapping(n, "the list", []key{
		kindKey(listKind),
		{"name", true, func(n ast.Node) { name = n; d.checked("name", &list.Name, listForm)(n) }},
		{"title", false, d.ignoredText("title")},
		{"description", false, d.ignoredText("description")},
		{"values", false, d.list("value", &list.Values)},
		{"file", false, func(n ast.Node) {
			if takesAlso(n, object{"pattern": "^[^/]"}); takes(n, "string") {
				file = n
			}
		}},
	})
	return list, name, file
}

// list takes one list document into the set.
func (l *loader) list(d *document, n ast.Node) {
	before := len(d.problems)
	list, nameNode, fileNode := d.namedList(n)
	if fileNode != nil {
		l.listFile(d, fileNode, list)
	} else if list.Values == nil && len(d.problems) == before {
		d.report(placeOf(n), "", "the list holds nothing: expected the key \"values\" or \"file\"")
	}
	if other, taken := l.set.Lists[list.Name]; taken {
		d.report(placeOf(nameNode), list.Name, fmt.Sprintf("name %q is taken by the list at %s:%d: expected one of its own", list.Name, other.At.File, other.At.Line))
	}
	if len(d.problems) == before {
		l.set.Lists[list.Name] = list
	}
}

// ignoredText reads text that is for people only.
func (d *document) ignoredText(what string) func(ast.Node) { return d.str(what, new(string)) }

// listForm is that of a list's name.
var listForm = form{slugForm.pattern, "", func(s string) bool { return slugForm.valid(s) && s != filter.HomeNet }, slugForm.expected + `, and not "` + filter.HomeNet + `", which --home-net sets`}

// listFile reads a list's values from a file beside the rule file: one a line, what follows "#" is a comment.
func (l *loader) listFile(d *document, n ast.Node, list *rules.List) {
	name, ok := d.text(n, "file")
	if !ok {
		return
	}
	at := path.Join(path.Dir(d.name), name)
	if path.IsAbs(name) || !fs.ValidPath(at) {
		d.wrong(n, "file", "a path relative to the rule file that stays within the folder the rules are read from")
		return
	}
	data, err := read(d.origin.FS, at, maxList)
	if err != nil {
		d.report(placeOf(n), name, fmt.Sprintf("file %q: %s", shorten(name), reason(err)))
		return
	}
	l.digest(d.origin.show(at), data)
	list.Values = append(list.Values, Values(data)...)
}

// Values reads the values of a list from text: one a line, what follows "#" at the start of a word is a comment.
func Values(data []byte) (out []string) {
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if v := strings.TrimSpace(comment.ReplaceAllString(line, "")); v != "" {
			out = append(out, v)
		}
	}
	return out
}

var comment = regexp.MustCompile(`(^|\s)#.*`)

// unusedLists finds lists that were given and that nothing asks for: most likely their names are wrong.
func (l *loader) unusedLists(sources []Source) {
	if len(l.problems) > 0 {
		return // filters that do not compile do not tell their lists
	}
	for _, s := range sources {
		for _, name := range slices.Sorted(maps.Keys(s.Lists)) {
			if !l.used[name] {
				l.add("--list "+name, fmt.Sprintf("no rule looks anything up in a list %q%s", name, suggest(name, slices.Sorted(maps.Keys(l.used)))))
			}
		}
	}
}
