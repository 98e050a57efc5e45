package file

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// statuses are Sigma's.
var statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}

// The forms of texts.
var (
	uuidForm    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	slugForm    = regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)
	versionForm = regexp.MustCompile(`^(>= ?)?[0-9]+(\.[0-9]+){0,2}$`)
	attackForm  = regexp.MustCompile(`^attack\.(t[0-9]{4}(\.[0-9]{3})?|[gs][0-9]{4}|[a-su-z][a-z-]*|t[a-z-]+)$`)
)

// wiresharks are the versions whose answers the field table can give.
var wiresharks = []string{"4.0", "4.2", "4.4"}

// rule reads one document.
func (d *document) rule(n ast.Node) *found {
	r := &found{Rule: rules.Rule{Endpoints: rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}, At: d.position(n)}}
	d.pin(n)
	d.mapping(n, "the rule", slices.Concat(d.metadata(r), d.prose(&r.Rule), d.logic(&r.Rule, n)))
	return r
}

// valueAt finds a value by the keys that lead to it, nil if there is none.
func valueAt(n ast.Node, keys ...string) ast.Node {
	for _, k := range keys {
		var pairs []*ast.MappingValueNode
		switch v := n.(type) {
		case *ast.MappingNode:
			pairs = v.Values
		case *ast.MappingValueNode:
			pairs = []*ast.MappingValueNode{v}
		}
		i := slices.IndexFunc(pairs, func(p *ast.MappingValueNode) bool { return keyName(p) == k })
		if i < 0 {
			return nil
		}
		n = pairs[i].Value
	}
	return n
}

// refers tells whether the document correlates other rules.
func refers(n ast.Node) bool { return valueAt(n, "correlation", "rules") != nil }

// pin makes the document's filters compile with the meaning of the Wireshark version it asks for, wherever it does.
func (d *document) pin(n ast.Node) {
	d.pinned = d.context
	version := valueAt(n, "requires", "wireshark")
	if version == nil || !slices.Contains(wiresharks, textOf(version)) {
		return
	}
	c := field.Context{}
	if d.context != nil {
		c = *d.context
	}
	c.Wireshark = textOf(version)
	d.pinned = &c
}

func (d *document) metadata(r *found) []key {
	return []key{
		{"title", true, d.str("title", &r.Title)},
		{"id", true, func(n ast.Node) {
			d.checked("id", &r.ID, uuidForm.MatchString, `a UUID such as "3f0c6a6e-8f0e-4a57-9a3e-0d9b6f7f2c11"`)(n)
			r.ID, r.idAt = strings.ToLower(r.ID), d.position(n)
		}},
		{"name", true, func(n ast.Node) {
			d.checked("name", &r.Name, slugForm.MatchString, `small letters, figures, and single "-" or "_" between them`)(n)
			r.nameAt = d.position(n)
		}},
		{"status", false, d.oneOf("status", &r.Status, statuses)},
		{"level", true, d.level(&r.Level)},
		{"author", false, d.str("author", &r.Author)},
		{"date", false, d.checked("date", &r.Date, isDate, "a date such as 2026-11-22")},
		{"modified", false, d.checked("modified", &r.Modified, isDate, "a date such as 2026-11-22")},
		{"license", false, d.str("license", &r.License)},
		{"tags", false, d.each("tag", d.tag(&r.Tags))},
		{"requires", false, d.requires(&r.Requires)},
	}
}

func (d *document) prose(r *rules.Rule) []key {
	return []key{
		{"description", false, d.str("description", &r.Description)},
		{"references", false, d.list("reference", &r.References)},
		{"falsepositives", false, d.list("falsepositives", &r.FalsePositives)},
		{"response", false, d.list("response", &r.Response)},
		{"blind_spots", false, d.list("blind_spots", &r.BlindSpots)},
		{"explanations", false, d.list("explanations", &r.Explanations)},
	}
}

func (d *document) logic(r *rules.Rule, doc ast.Node) []key {
	_, learning := doc.(*probe) // of a probe it is not known whether it refers to others
	return []key{
		{"match", !refers(doc) && !learning, func(n ast.Node) {
			if refers(doc) {
				d.wrong(n, "match", "no match beside correlation.rules, whose rules have their own")
			}
			r.Match, r.MatchAt = d.match(n)
		}},
		{"correlation", false, func(n ast.Node) { r.Correlation = d.correlation(n) }},
		{"endpoints", false, d.endpoints(&r.Endpoints)},
		{"roles", false, d.roles(&r.Roles)},
		{"recover", false, func(n ast.Node) { r.Recover = d.recovery(n) }},
		{"tests", false, d.each("test", func(n ast.Node) { r.Tests = append(r.Tests, d.test(n)) })},
	}
}

func isDate(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }

func (d *document) level(into *rules.Level) func(ast.Node) {
	return func(n ast.Node) {
		var word string
		d.oneOf("level", &word, rules.LevelNames())(n)
		*into, _ = rules.ParseLevel(word)
	}
}

// tag reads a Sigma tag. Technique ids are checked; other namespaces are the author's own.
func (d *document) tag(into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := d.text(n, "tag")
		switch {
		case !ok:
		case !strings.Contains(s, "."):
			d.wrong(n, "tag", `a namespace, a dot and a name, such as "attack.t1048.003"`)
		case strings.HasPrefix(s, "attack.") && !attackForm.MatchString(s):
			d.wrong(n, "tag", `a technique id or a tactic in small letters, such as "attack.t1048.003" or "attack.exfiltration"`)
		default:
			*into = append(*into, s)
		}
	}
}

func (d *document) requires(into *rules.Requires) func(ast.Node) {
	return func(n ast.Node) {
		d.mapping(n, "requires", []key{
			{"icmpsift", false, d.checked("requires.icmpsift", &into.Icmpsift, versionForm.MatchString, `a version such as "0.2"`)},
			{"wireshark", false, d.oneOf("requires.wireshark", &into.Wireshark, wiresharks)},
			{"directions", false, d.oneOf("requires.directions", &into.Directions, []string{"both"})},
			{"bytes", false, d.boolean("requires.bytes", &into.Bytes)},
		})
	}
}

func (d *document) roles(into *rules.Roles) func(ast.Node) {
	return func(n ast.Node) {
		d.mapping(n, "roles", []key{
			{"src", true, d.oneOf("roles.src", &into.Src, rules.RoleNames)},
			{"dst", true, d.oneOf("roles.dst", &into.Dst, rules.RoleNames)},
		})
	}
}

// misplaced says where a key belongs that authors put, or other engines have, elsewhere.
func misplaced(what, name string) string {
	switch {
	case what != "the rule":
		if slices.Contains([]string{"title", "id", "name", "level", "match", "correlation", "recover", "roles", "tests"}, name) {
			return "it belongs to the rule itself; check the indentation"
		}
	case slices.Contains([]string{"detection", "logsource", "filter"}, name):
		return "Sigma's detections are not packets; write a display filter under match"
	case slices.Contains([]string{"condition", "timespan", "group-by", "timeframe"}, name):
		return "it belongs inside correlation; check the indentation"
	case slices.Contains([]string{"fields", "related", "taxonomy", "scope", "generate"}, name):
		return "this key of Sigma has no meaning here; leave it out"
	}
	return ""
}
