package file

import (
	"regexp"
	"slices"
	"strings"

	"icmpsift/ingest/field"
)

// form is what a text must look like.
type form struct {
	pattern  string // a regular expression that means the same to Go and to JSON Schema; "" if there is none
	format   string // JSON Schema's name for it, if it has one
	valid    func(string) bool
	expected string // in words
}

// written makes the form of a pattern that says all there is to say.
func written(pattern, expected string) form {
	return form{pattern: pattern, valid: regexp.MustCompile(pattern).MatchString, expected: expected}
}

// date is the form of a day.
func date(example string) form {
	return form{`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, "date", isDate, "a date such as " + example}
}

// numeric tells whether the form lets a number pass, which YAML does not give as text where it stands without quotes.
func (f form) numeric() bool { return f.valid == nil || f.valid("5") || f.valid("0.2") }

// constraints are what JSON Schema can ask of the text.
func (f form) constraints() object {
	out := object{"pattern": `\S`}
	if f.pattern != "" {
		out["pattern"] = f.pattern
	}
	if f.format != "" {
		out["format"] = f.format
	}
	return out
}

// fieldNames lists the fields that a place takes.
func fieldNames(takes func(*field.Field) bool) (out []string) {
	for _, f := range field.All() {
		if takes(f) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return out
}

// isSingle tells a field that has one value in a packet at most.
func isSingle(f *field.Field) bool { return strings.HasPrefix(f.Name, "sift.") }

// holdsAddress tells a field that can stand for one side of a finding.
func holdsAddress(f *field.Field) bool {
	return slices.Contains([]field.Type{field.Address, field.IPv4, field.IPv6, field.Ether}, f.Type)
}
