package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"icmpsift/rules/file"
)

// missing makes the check that a rule states something.
func missing(key, says string) Check {
	return Check{"missing-" + strings.ReplaceAll(key, "_", "-"), Warning, "the rule does not say " + says, func(p *pass) {
		if !p.part() && !p.outline().Has(p.rule.At, key) {
			p.report(nil, "the rule has no %s: say %s", key, says)
		}
	}}
}

// techniqueForm is the tag of a technique; whether ATT&CK has it is not looked up.
var techniqueForm = regexp.MustCompile(`^attack\.t[0-9]{4}(\.[0-9]{3})?$`)

func (p *pass) attack() {
	if !p.part() && !slices.ContainsFunc(p.rule.Tags, techniqueForm.MatchString) {
		p.report([]string{"tags"}, "no tag names an ATT&CK technique: expected one such as attack.t1048.003")
	}
}

func (p *pass) twice() {
	for i, tag := range p.rule.Tags {
		if slices.Contains(p.rule.Tags[:i], tag) {
			p.report([]string{"tags", strconv.Itoa(i)}, "tag %q is given twice: leave one out", tag)
		}
	}
}

// dates are ISO dates, which sort as text.
func (p *pass) dates() {
	if r := p.rule; r.Modified != "" && r.Modified < r.Date {
		p.report([]string{"modified"}, "modified %s is before date %s: expected the day of the last change", r.Modified, r.Date)
	}
}

// longestTitle is Sigma's advice.
const longestTitle = 100

func (p *pass) title() {
	first, _ := utf8.DecodeRuneInString(p.rule.Title)
	keys := []string{"title"}
	switch {
	case utf8.RuneCountInString(p.rule.Title) > longestTitle:
		p.report(keys, "title of more than %d characters: move the detail to description", longestTitle)
	case strings.HasSuffix(p.rule.Title, "."):
		p.report(keys, "title ends in a full stop: it is a heading in reports, leave the stop out")
	case unicode.IsLower(first):
		p.report(keys, "title begins with a small letter: it is a heading in reports")
	}
}

// taken finds what analyze would refuse: the builtin rules are loaded with one's own. A copy of the pack is let be.
func (p *pass) taken() {
	if p.Pack == nil || p.rule.Builtin || p.copied() {
		return
	}
	for _, other := range p.Pack.Rules {
		switch {
		case other.ID == p.rule.ID:
			p.report([]string{"id"}, "id %q is that of the builtin rule %q: expected one of its own, unless the pack is left out by --no-builtin", p.rule.ID, other.Name)
		case other.Name == p.rule.Name:
			p.report([]string{"name"}, "name %q is that of a builtin rule: expected one of its own, unless the pack is left out by --no-builtin", p.rule.Name)
		}
	}
}

// copied tells that the rule's file is one of the pack's.
func (p *pass) copied() bool {
	for _, f := range p.set.Files {
		if f.Path == p.rule.At.File {
			return slices.ContainsFunc(p.Pack.Files, func(of file.File) bool { return of.SHA256 == f.SHA256 })
		}
	}
	return false
}

// Placeholder marks what the template of a new rule leaves to its author.
const Placeholder = "TODO"

func (p *pass) placeholders() {
	for _, key := range []string{"title", "description", "author", "references", "tags", "falsepositives", "response", "blind_spots", "explanations"} {
		for i := 0; p.outline().Has(p.rule.At, key, strconv.Itoa(i)); i++ {
			p.placeholder(key, strconv.Itoa(i))
		}
	}
	for i := range p.rule.Tests {
		p.placeholder("tests", strconv.Itoa(i), "capture")
	}
}

func (p *pass) placeholder(keys ...string) {
	if at := strings.Index(p.outline().Text(p.rule.At, keys...), Placeholder); at >= 0 {
		p.place(p.outline().Within(p.rule.At, at, keys...), Placeholder, keys[0]+" is still the template's: write your own")
	}
}
