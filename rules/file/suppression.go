package file

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
)

// suppressed is a rule that a suppression names.
type suppressed struct {
	name string
	at   rules.Position
}

// suppression reads a suppression document: whose findings are out of sight, why, who answers for it, and until when.
func (d *document) suppression(n ast.Node) *rules.Suppression {
	s := &rules.Suppression{At: d.position(n)}
	d.mapping(n, "the suppression", []key{
		kindKey(suppressionKind),
		{"title", false, d.str("title", &s.Title)},
		{"rules", true, func(n ast.Node) { takesAlso(n, object{"minItems": 1}); d.silenced(n, s) }},
		{"match", false, func(n ast.Node) { s.Match = d.filter(n, "match") }},
		{"reason", true, d.str("reason", &s.Reason)},
		{"owner", true, d.str("owner", &s.Owner)},
		{"expires", true, d.checked("expires", &s.Expires, date("2027-06-30"))},
	})
	if m, ok := d.value(n, "rules"); ok && len(s.Rules) == 0 {
		d.report(placeOf(m), "", "rules is empty: expected the names or ids of rules")
	}
	return s
}

// silenced reads the rules that a suppression names.
func (d *document) silenced(n ast.Node, s *rules.Suppression) {
	d.each("rule", func(n ast.Node) {
		if name, ok := d.text(n, "rule"); ok {
			s.Rules = append(s.Rules, name)
			d.suppressed = append(d.suppressed, suppressed{name, d.position(n)})
		}
	})(n)
}

// suppressions checks that the rules which suppressions name exist.
func (l *loader) suppressions() {
	known := map[string]bool{}
	for _, name := range l.known {
		known[name] = true
	}
	for _, s := range l.suppressed {
		if !known[s.name] && !known[strings.ToLower(s.name)] {
			l.problems = append(l.problems, Problem{Path: s.at.File, Line: s.at.Line, Column: s.at.Column, Text: s.name,
				Message: fmt.Sprintf("rule %q: expected the name or id of a rule that is loaded%s", shorten(s.name), suggest(s.name, l.known))})
		}
	}
}
