package file

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"slices"
	"strings"
)

// field reads a field name.
func (d *document) field(n ast.Node, what string) (string, bool) {
	takesFields(n, func(*field.Field) bool { return true })
	name, ok := d.text(n, what)
	if !ok {
		return "", false
	}
	if base, layer, _ := strings.Cut(name, "#"); layer != "" {
		d.report(placeOf(n), name, fmt.Sprintf("%s %q: layers of a field are not supported by this version: expected %s", what, name, instead(base)))
		return "", false
	}
	if _, ok := field.Lookup(name); !ok {
		hint := ""
		if strings.ContainsAny(name, ", ") {
			hint = fmt.Sprintf("; several are written [%s]", strings.Join(strings.FieldsFunc(shorten(name), func(r rune) bool { return r == ',' || r == ' ' }), ", "))
		}
		if near := field.Nearest(name); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		d.wrong(n, what, "a field that icmpsift fields lists"+hint)
		return "", false
	}
	return name, true
}

// single reads the name of a field that has one value in a packet at most.
func (d *document) single(n ast.Node, what string) (string, bool) {
	name, ok := d.field(n, what)
	takesFields(n, isSingle)
	if f, _ := field.Lookup(name); ok && !isSingle(f) {
		d.wrong(n, what, instead(name)+", since a packet can have several values of "+name)
		return "", false
	}
	return name, ok
}

// instead names the single-valued field that serves for one of Wireshark's.
func instead(name string) string {
	for _, end := range []string{"src", "dst"} {
		if slices.Contains([]string{"ip." + end, "ipv6." + end, "ip." + end + "_host", "ipv6." + end + "_host"}, name) {
			return fmt.Sprintf("%q", "sift."+end)
		}
	}
	return "a field that starts with \"sift.\""
}

func (d *document) endpoints(into *rules.Endpoints) func(ast.Node) {
	return func(n ast.Node) {
		d.mapping(n, "endpoints", []key{
			{"src", false, d.endpoint("endpoints.src", &into.Src)},
			{"dst", false, d.endpoint("endpoints.dst", &into.Dst)},
		})
	}
}

// endpoint reads a field that holds an address.
func (d *document) endpoint(what string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		name, ok := d.single(n, what)
		takesFields(n, func(f *field.Field) bool { return isSingle(f) && holdsAddress(f) })
		if !ok {
			return
		}
		if f, _ := field.Lookup(name); !holdsAddress(f) {
			d.wrong(n, what, "a field that holds an address, such as \"sift.src\"")
			return
		}
		*into = name
	}
}
