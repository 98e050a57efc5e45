package file

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/attack"
)

// statuses are Sigma's.
var statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}

// The forms of texts.
var (
	uuidForm    = written(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`, `a UUID such as "3f0c6a6e-8f0e-4a57-9a3e-0d9b6f7f2c11"`)
	slugForm    = written(`^[a-z0-9]+([-_][a-z0-9]+)*$`, `small letters, figures, and single "-" or "_" between them`)
	versionForm = written(`^(>= ?)?[0-9]+(\.[0-9]+){0,2}$`, `a version such as "0.2"`)
	attackForm  = written(`^attack\.(t[0-9]{4}(\.[0-9]{3})?|[gs][0-9]{4}|[a-su-z][a-z-]*|t[a-z-]+)$`, `a technique id or a tactic in small letters, such as "attack.t1048.003" or "attack.exfiltration"`)
)

// wiresharks are the versions whose answers the field table can give.
var wiresharks = []string{"4.0", "4.2", "4.4"}

// rule reads one document.
func (d *document) rule(n ast.Node) *found {
	r := &found{Rule: rules.Rule{Endpoints: rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}, At: d.position(n)}}
	d.pin(n)
	takesAlso(n, matchSchema())
	have := d.mapping(n, "the rule", slices.Concat(d.metadata(r), d.prose(&r.Rule), d.logic(&r.Rule, n)))
	for _, name := range []string{"id", "level"} {
		if have != nil && !have[name] {
			r.lacks = append(r.lacks, name)
		}
	}
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

// matchSchema says in JSON Schema that a rule has a match, unless it correlates other rules.
func matchSchema() object {
	return object{
		"if":   object{"properties": object{"correlation": object{"required": []string{"rules"}}}, "required": []string{"correlation"}},
		"then": object{"properties": object{"match": false}},
		"else": object{"required": []string{"match"}},
	}
}

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
		{"id", false, func(n ast.Node) {
			d.checked("id", &r.ID, uuidForm)(n)
			r.ID, r.idAt = strings.ToLower(r.ID), d.position(n)
		}},
		{"name", true, func(n ast.Node) {
			d.checked("name", &r.Name, slugForm)(n)
			r.nameAt = d.position(n)
		}},
		{"status", false, d.oneOf("status", &r.Status, statuses)},
		{"level", false, d.level(&r.Level)},
		{"author", false, d.str("author", &r.Author)},
		{"date", false, d.checked("date", &r.Date, date("2026-11-22"))},
		{"modified", false, d.checked("modified", &r.Modified, date("2026-11-22"))},
		{"license", false, d.str("license", &r.License)},
		{"tags", false, d.each("tag", d.tag(&r.Tags))},
		{"requires", false, d.requires(&r.Requires)},
		{"supersedes", false, d.each("supersedes", d.reference("supersedes", &r.Supersedes))},
	}
}

func (d *document) prose(r *rules.Rule) []key {
	return []key{
		{"description", false, d.str("description", &r.Description)},
		{"references", false, d.list("reference", &r.References)},
		{"falsepositives", false, d.list("falsepositives", &r.FalsePositives)},
		{"response", false, d.list("response", &r.Response)},
		{"blind_spots", false, d.list("blind_spots", &r.BlindSpots)},
		{"explanations", false, d.each("explanations", d.cause(&r.Explanations))},
	}
}

// cause reads an innocent cause: a text, or a map with what speaks against it.
func (d *document) cause(into *[]rules.Cause) func(ast.Node) {
	return func(n ast.Node) {
		var c rules.Cause
		if learning(n) || isMap(n) {
			d.mapping(n, "explanation", []key{
				{"text", true, d.str("explanations.text", &c.Text)},
				{"unless", false, func(n ast.Node) { c.Unless = d.filter(n, "explanations.unless") }},
				{"share", false, func(n ast.Node) { c.Share = d.share(n) }},
				{"recovered", false, d.boolean("explanations.recovered", &c.Recovered)},
				{"because", true, d.str("explanations.because", &c.Because)},
			})
			if c.Text != "" && c.Because != "" && c.Unless == "" && !c.Recovered {
				d.coded(MissingKey, placeOf(n), "", "explanation says nothing that rules it out: expected unless, a display filter, or recovered: true; or the text alone")
			}
		}
		if !isMap(n) {
			d.str("explanations", &c.Text)(n)
		}
		*into = append(*into, c)
	}
}

// share reads a part of a whole.
func (d *document) share(n ast.Node) float64 {
	takesAlso(n, object{"exclusiveMinimum": 0, "maximum": 1})
	v, ok := d.number(n, "explanations.share")
	if ok && (v <= 0 || v > 1) {
		d.wrong(n, "explanations.share", "a share above 0, up to 1")
	}
	return v
}

func isMap(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

func (d *document) logic(r *rules.Rule, doc ast.Node) []key {
	return []key{
		{"match", !refers(doc) && !learning(doc), func(n ast.Node) {
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

// tag reads a Sigma tag. Those of ATT&CK have a form; other namespaces are the author's own.
func (d *document) tag(into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		takesAlso(n, object{"pattern": `\.`, "if": object{"pattern": `^attack\.`}, "then": object{"pattern": attackForm.pattern}})
		s, ok := d.text(n, "tag")
		switch {
		case !ok:
		case !strings.Contains(s, "."):
			d.wrong(n, "tag", `a namespace, a dot and a name, such as "attack.t1048.003"`+bareTag(s))
		case strings.HasPrefix(s, "attack.") && !attackForm.valid(s):
			d.wrong(n, "tag", attackForm.expected+meantTag(s))
		default:
			*into = append(*into, s)
		}
	}
}

// bareTag ends a message of a tag without namespace, if it is one of ATT&CK's.
func bareTag(tag string) string {
	if e, ok := attack.Of("attack." + tag); ok {
		return fmt.Sprintf("; did you mean %q (%s)?", e.Tag(), e.Name)
	}
	return ""
}

// meantTag ends a message with the ATT&CK tag that was probably meant.
func meantTag(tag string) string {
	near, ok := attack.Of(strings.ReplaceAll(tag, "_", "-"))
	if !ok {
		near, ok = attack.Nearest(tag)
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("; did you mean %q (%s)?", near.Tag(), near.Name)
}

func (d *document) requires(into *rules.Requires) func(ast.Node) {
	return func(n ast.Node) {
		d.mapping(n, "requires", []key{
			{"icmpsift", false, d.checked("requires.icmpsift", &into.Icmpsift, versionForm)},
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

// misplaced says where a key belongs that authors put, or other engines have, elsewhere, and which key would stand there
// instead.
func misplaced(what, name string) (hint, instead string) {
	switch {
	case what != "the rule":
		if slices.Contains([]string{"title", "id", "name", "level", "match", "correlation", "recover", "roles", "tests"}, name) {
			return "it belongs to the rule itself; check the indentation", ""
		}
	case slices.Contains([]string{"detection", "logsource", "filter"}, name):
		return "Sigma's detections are not packets; write a display filter under match", "match"
	case slices.Contains([]string{"condition", "timespan", "group-by", "timeframe"}, name):
		return "it belongs inside correlation; check the indentation", ""
	case slices.Contains([]string{"fields", "related", "taxonomy", "scope", "generate"}, name):
		return "this key of Sigma has no meaning here; leave it out", ""
	case slices.Contains([]string{"threshold", "detection_filter", "count"}, name):
		return "counting is written as correlation, with type, group-by, timespan and condition", ""
	case slices.Contains([]string{"mitre", "attack", "technique", "techniques", "tactic", "tactics"}, strings.ToLower(name)):
		return "ATT&CK's techniques are tags, such as attack.t1048.003", ""
	case name == "expires" || name == "reason" || name == "owner":
		return "a suppression is a document of its own, with kind: suppression", ""
	}
	return "", ""
}

// otherNames are what other engines and languages call the keys.
var otherNames = map[string]map[string]string{
	"the rule": {"severity": "level", "priority": "level", "risk": "level", "msg": "title", "sid": "id", "uuid": "id", "rule": "match", "expression": "match", "query": "match",
		"display_filter": "match", "condition_filter": "match", "created": "date", "updated": "modified", "playbook": "response", "false_positives": "falsepositives", "limitations": "blind_spots"},
	"correlation": {"timeframe": "timespan", "window": "timespan", "period": "timespan", "by": "group-by", "groupby": "group-by", "group_by": "group-by", "threshold": "condition", "field": "condition"},
	"condition": {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "==": "eq", "=": "eq", "!=": "neq", "ge": "gte", "le": "lte", "ne": "neq", "min": "gte", "max": "lte", "count": "gte",
		"min_events": "minimum"},
	"recover": {"carrier": "field", "filter": "scope", "match": "scope"},
	"test":    {"file": "capture", "pcap": "capture", "path": "capture", "expected": "expect", "want": "expect"},
	"expect":  {"count": "findings", "matches": "findings", "source": "src", "destination": "dst", "sha256": "recovered", "packets": "frames"},
}
