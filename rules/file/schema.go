package file

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// schemaID is the dialect of JSON Schema.
const schemaID = "https://json-schema.org/draft/2020-12/schema"

// Schema gives the JSON Schema (2020-12) of rule files, with titles and descriptions for editors. It is drawn from the
// functions that read rule files: a key that they take is in it, with the words and forms it may have, and with what the
// type of a correlation asks of the others. What takes more to judge, such as filters and other documents, is left to loading.
func Schema() ([]byte, error) {
	var forms []object
	for _, k := range kindsOfDocument {
		form := learn(k.read).schema(k.path)
		form["title"], form["description"] = k.title, k.about
		if k.either != nil {
			form["anyOf"] = k.either
		}
		forms = append(forms, form)
	}
	out := object{"anyOf": forms}
	if len(forms) == 1 {
		out = forms[0]
	}
	out["$schema"] = schemaID
	return json.MarshalIndent(out, "", "  ")
}

// kindsOfDocument are what a rule file can hold; path goes before their keys in docs.
var kindsOfDocument = []struct {
	title, about string
	path         []string
	read         func(*document, ast.Node)
	either       []object // one of which must hold beside
}{
	{"icmpsift rule", "A rule: what is suspicious in ICMP traffic, and what to say of it.", nil, func(d *document, n ast.Node) { d.rule(n) }, matchOrRules},
	{"icmpsift list", "A list: values that filters look up by its name.", []string{listKind}, func(d *document, n ast.Node) { d.namedList(n) }, nil},
	{"icmpsift suppression", "A suppression: findings that somebody answers for.", []string{suppressionKind}, func(d *document, n ast.Node) { d.suppression(n) }, nil},
}

// matchOrRules is where a rule's events come from.
var matchOrRules = []object{
	{"required": []string{"match"}},
	{"required": []string{"correlation"}, "properties": object{"correlation": object{"required": []string{"rules"}}}},
}

// learn has a document read of which nothing is there, for what is read.
func learn(read func(*document, ast.Node)) *shape {
	root := &shape{}
	read(&document{}, &probe{shape: root})
	return root
}

// object is a JSON object.
type object map[string]any

// schema gives the schema of what stands under the keys.
func (s *shape) schema(path []string) object {
	out := object{}
	switch {
	case s.members != nil && s.scalars != nil:
		out["anyOf"] = []object{s.scalarSchema(), s.mapSchema(path)}
	case s.members != nil:
		out = s.mapSchema(path)
	case s.item != nil:
		item := s.item.schema(path)
		delete(item, "description")
		out = listOf(item)
	case s.words != nil:
		out["enum"] = s.enum()
	default:
		out = s.scalarSchema()
	}
	maps.Copy(out, s.also)
	if about := s.about(path); about != "" {
		out["description"] = about
	}
	return out
}

// scalarSchema is of a text or a number. A form that no number has is of texts alone.
func (s *shape) scalarSchema() object {
	types, out := s.scalars, object{}
	if slices.Contains(types, "string") {
		out = s.form.constraints()
		if !s.form.numeric() {
			types = []string{"string"}
		}
	}
	out["type"] = types
	return out
}

// listOf is of a list, or of a single item that stands for a list of one.
func listOf(item object) object {
	return object{"anyOf": []object{item, {"type": "array", "items": item}}}
}

func (s *shape) mapSchema(path []string) object {
	properties, required := object{}, []string{}
	for _, m := range s.members {
		if m.shape.empty() {
			continue
		}
		properties[m.name] = m.shape.schema(append(path[:len(path):len(path)], m.name))
		if m.required {
			required = append(required, m.name)
		}
	}
	out := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// enum lists the words; those that YAML reads as numbers where they stand without quotes are taken as such too.
func (s *shape) enum() (out []any) {
	for _, w := range s.words {
		out = append(out, w)
		if n, err := strconv.ParseFloat(w, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func (s *shape) about(path []string) string {
	about := doc(path)
	form := s.form.expected
	if form == "" && s.item != nil {
		form = s.item.form.expected
	}
	if form != "" {
		about += " Expected: " + form + "."
	}
	return strings.TrimSpace(about)
}
