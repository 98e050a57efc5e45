package export

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/rules"
)

type object = map[string]any

// Schema gives the JSON Schema (2020-12) of report.json, drawn from the types of the report and from the comments beside
// them.
func Schema() ([]byte, error) {
	words, err := comments()
	if err != nil {
		return nil, err
	}
	s := schema{words, object{}}
	root := s.of(reflect.TypeFor[report.Report]())
	root["$schema"], root["$id"], root["title"] = "https://json-schema.org/draft/2020-12/schema", "urn:"+strings.ReplaceAll(report.Schema, "/", ":"), "icmpsift report.json"
	root["description"] = "All that one run of icmpsift says. Fields are added, never renamed: readers pass over what they do not know."
	root["$defs"] = s.defs
	root["properties"].(object)["schema"] = object{"const": report.Schema}
	var b strings.Builder
	err = document(&b, root)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

type schema struct {
	words map[string]string // comments, by type or by type and field
	defs  object
}

// of is the schema of a struct.
func (s schema) of(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "-" {
			continue
		}
		p := s.value(f.Type)
		if closed, ok := closedLists[t.Name()+"."+f.Name]; ok {
			p["enum"] = closed
		}
		if about := s.words[t.Name()+"."+f.Name]; about != "" {
			p["description"] = about
		}
		properties[name] = p
		required = append(required, name)
	}
	out := object{"type": "object", "properties": properties, "required": required}
	if about := s.words[t.Name()]; about != "" {
		out["description"] = about
	}
	return out
}

func (s schema) value(t reflect.Type) object {
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	case reflect.Slice:
		return object{"type": "array", "items": s.value(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.value(t.Elem())}
	case reflect.Pointer:
		return object{"anyOf": []object{s.value(t.Elem()), {"type": "null"}}}
	}
	return s.structure(t)
}

// structure refers to the definition of a struct.
func (s schema) structure(t reflect.Type) object {
	if t == reflect.TypeFor[time.Time]() {
		return object{"type": "string", "format": "date-time"}
	}
	if _, known := s.defs[t.Name()]; !known {
		s.defs[t.Name()] = nil // a struct may hold itself
		s.defs[t.Name()] = s.of(t)
	}
	return object{"$ref": "#/$defs/" + t.Name()}
}

var (
	levels      = rules.LevelNames()
	noneOr      = append([]string{""}, levels...)
	confidences = []string{"low", "medium", "high"}
	zones       = []string{"", "home", "outside", "multicast", "broadcast", "link-local"}
	roles       = append([]string{""}, rules.RoleNames...)
)

// closedLists are the words of fields that have no others.
var closedLists = map[string][]string{
	"Report.Verdict": append([]string{"none"}, levels...), "Incident.Level": levels, "Finding.Level": levels, "Rule.Level": levels, "Indicator.Level": levels,
	"Event.Level": noneOr, "Host.Level": noneOr, "Finding.Confidence": confidences, "Artefact.Confidence": confidences, "Indicator.Confidence": confidences,
	"HostRef.Zone": zones, "Host.Zone": zones, "HostRef.Role": roles, "Observed.Op": {"gt", "gte", "lt", "lte", "eq", "neq"},
	"Evidence.Status":   {"complete", "cut", "damaged", "unsupported", "empty", "not-capture"},
	"Suppression.State": {"used", "unused", "expired"},
	"Indicator.Type":    {"ipv4-addr", "ipv6-addr", "mac-addr", "sha256", "file-name"},
}

// comments reads what the report's types say of themselves and of their fields.
func comments() (map[string]string, error) {
	out := map[string]string{}
	names, err := fs.Glob(report.Source, "*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := report.Source.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, b, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("the report's own types: %w", err)
		}
		maps.Copy(out, said(f))
	}
	return out, nil
}

func said(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, x := range g.Specs {
			t := x.(*ast.TypeSpec)
			out[t.Name.Name] = sentence(g.Doc)
			if s, ok := t.Type.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					for _, name := range field.Names {
						out[t.Name.Name+"."+name.Name] = sentence(field.Comment)
					}
				}
			}
		}
	}
	return out
}

func sentence(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
