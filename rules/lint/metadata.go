package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/attack"
	"icmpsift/rules/file"
)

// missing makes the check that a rule states something.
func missing(key, says string) Check {
	return Check{"missing-" + strings.ReplaceAll(key, "_", "-"), Warning, "the rule does not say " + says, func(p *pass) {
		if !p.part() && !p.outline().Has(p.at, key) {
			p.report(nil, "the rule has no %s: say %s", key, says)
		}
	}}
}

// techniqueForm is the tag of a technique.
var techniqueForm = regexp.MustCompile(`^attack\.t[0-9]{4}(\.[0-9]{3})?$`)

func (p *pass) attack() {
	if !p.part() && !slices.ContainsFunc(p.rule.Tags, techniqueForm.MatchString) {
		p.report([]string{"tags"}, "no tag names an ATT&CK technique: expected one such as attack.t1048.003")
	}
}

// groupForm is the tag of a group or a piece of software, which are not looked up.
var groupForm = regexp.MustCompile(`^attack\.[gs][0-9]{4}$`)

// unknownAttack finds tags of techniques and tactics that are not ATT&CK's; those of other namespaces are the author's own.
func (p *pass) unknownAttack() {
	for i, tag := range p.rule.Tags {
		e, known := attack.Of(tag)
		if known && tag == e.Tag() || !strings.HasPrefix(strings.ToLower(tag), "attack.") || groupForm.MatchString(tag) {
			continue
		}
		hint := "expected a technique such as attack.t1048.003, or a tactic such as attack.exfiltration"
		if known {
			hint = fmt.Sprintf("tags are in small letters: %s (%s)", e.Tag(), e.Name)
		} else if near, ok := attack.Nearest(tag); ok {
			hint = fmt.Sprintf("did you mean %s (%s)?", near.Tag(), near.Name)
		}
		p.report([]string{"tags", strconv.Itoa(i)}, "tag %q: ATT&CK %s has nothing of that name; %s", tag, attack.Version, hint)
	}
}

func (p *pass) retiredAttack() {
	for i, tag := range p.rule.Tags {
		e, ok := attack.Of(tag)
		if !ok || !e.Retired {
			continue
		}
		hint := "nothing stands in its place: leave it out"
		if now, ok := e.Current(); ok {
			hint = fmt.Sprintf("expected %s (%s)", now.Tag(), now.Name)
		}
		p.report([]string{"tags", strconv.Itoa(i)}, "tag %q (%s) is no longer in ATT&CK %s; %s", tag, e.Name, attack.Version, hint)
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
		if f.Path == p.at.File {
			return slices.ContainsFunc(p.Pack.Files, func(of file.File) bool { return of.SHA256 == f.SHA256 })
		}
	}
	return false
}

// superseded finds names in supersedes that no rule has.
func (p *pass) superseded() {
	names := p.names()
	for i, x := range p.rule.Supersedes {
		keys := []string{"supersedes", strconv.Itoa(i)}
		switch {
		case p.rule.Is(x.Name):
			p.report(keys, "the rule supersedes itself: expected the names of more general rules")
		case p.set.Named(x.Name) == nil && (p.Pack == nil || p.Pack.Named(x.Name) == nil):
			near := field.Closest(strings.ToLower(x.Name), slices.Values(names))
			if near != "" {
				near = fmt.Sprintf("; did you mean %q?", near)
			}
			p.report(keys, "supersedes %q: expected the name or id of a rule%s", x.Name, near)
		case p.set.Named(x.Name) != nil && p.circle(p.set.Named(x.Name), map[*rules.Rule]bool{}):
			p.report(keys, "supersedes %q, which supersedes this rule: neither will: expected one of the two", x.Name)
		}
	}
}

// circle tells whether a rule supersedes the one that is looked at, directly or not.
func (p *pass) circle(r *rules.Rule, seen map[*rules.Rule]bool) bool {
	seen[r] = true
	for _, x := range r.Supersedes {
		next := p.set.Named(x.Name)
		if next == p.rule || next != nil && !seen[next] && p.circle(next, seen) {
			return true
		}
	}
	return false
}

// names are those of the other rules, the builtin ones among them.
func (p *pass) names() (out []string) {
	for _, r := range p.set.Rules {
		out = append(out, r.Name)
	}
	if p.Pack != nil {
		for _, r := range p.Pack.Rules {
			out = append(out, r.Name)
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == p.rule.Name })
}

// Placeholder marks what the template of a new rule leaves to its author.
const Placeholder = "TODO"

func (p *pass) placeholders() {
	for _, key := range []string{"title", "description", "author", "references", "tags", "falsepositives", "response", "blind_spots", "explanations"} {
		for i := 0; p.outline().Has(p.at, key, strconv.Itoa(i)); i++ {
			p.placeholder(key, strconv.Itoa(i))
		}
	}
	for i := range p.rule.Tests {
		p.placeholder("tests", strconv.Itoa(i), "capture")
	}
}

func (p *pass) placeholder(keys ...string) {
	if at := strings.Index(p.outline().Text(p.at, keys...), Placeholder); at >= 0 {
		p.place(p.outline().Within(p.at, at, keys...), Placeholder, keys[0]+" is still the template's: write your own")
	}
}
