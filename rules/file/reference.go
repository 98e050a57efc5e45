package file

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// metadata asks rules that report findings for what a finding is known by. Parts of others do without: in Sigma, of a chain
// "only the outermost correlation rule may define meta information".
func (l *loader) metadata(all []*found) {
	parts, generated := map[string]bool{}, map[string]string{}
	l.set.Referred = parts
	for _, r := range all {
		if r.Correlation == nil {
			continue
		}
		for _, x := range r.Correlation.Rules {
			if name := strings.ToLower(x.Name); r.Correlation.Generate {
				generated[name] = r.Name
			} else {
				parts[name] = true
			}
		}
	}
	for _, r := range all {
		if !parts[r.Name] && !parts[r.ID] {
			l.stated(r, cmp.Or(generated[r.Name], generated[r.ID]))
		}
	}
}

// stated reports what a rule does not state; by is the correlation that has it report findings, if that is why.
func (l *loader) stated(r *found, by string) {
	for _, name := range r.lacks {
		message := fmt.Sprintf("the rule has no %s: expected the key %q", name, name)
		if by != "" {
			message += fmt.Sprintf(", as %q refers to it with generate: true and it reports findings of its own", shorten(by))
		}
		l.problems = append(l.problems, Problem{Path: r.At.File, Line: r.At.Line, Column: r.At.Column, Message: message, Code: MissingKey})
		r.broken = true
	}
}

// references checks what correlations refer to, once all files are read; rules that refer to what is not there go.
func (l *loader) references() {
	for gone := []*rules.Rule{nil}; len(gone) > 0; { // what refers to a rule that goes, goes as well
		gone = gone[:0]
		for _, r := range l.set.Rules {
			if !l.sound(r) {
				gone = append(gone, r)
			}
		}
		l.set.Rules = slices.DeleteFunc(l.set.Rules, func(r *rules.Rule) bool { return slices.Contains(gone, r) })
	}
}

// sound reports the first thing that is wrong with each reference of a rule. Of rules that are there and broken, their own
// problems tell.
func (l *loader) sound(r *rules.Rule) bool {
	before, broken := len(l.problems), false
	if !r.Refers() {
		return true
	}
	for _, x := range r.Correlation.Rules {
		base := l.named(x.Name)
		switch path := l.circle(r, base, []string{r.Name}, map[*rules.Rule]bool{}); {
		case base == nil && (slices.Contains(l.known, x.Name) || slices.Contains(l.known, strings.ToLower(x.Name))):
			broken = true
		case base == nil:
			l.refuse(x, fmt.Sprintf("rules %q: expected the name or id of a rule in the loaded files%s", shorten(x.Name), suggest(x.Name, l.names(r))))
		case path != nil:
			l.refuse(x, fmt.Sprintf("rules %q: correlations refer to each other in a circle: %s: expected none", shorten(x.Name), strings.Join(path, " > ")))
		default:
			l.groups(r, base, x)
		}
	}
	return len(l.problems) == before && !broken
}

func (l *loader) refuse(x rules.Reference, message string) {
	l.problems = append(l.problems, Problem{Path: x.At.File, Line: x.At.Line, Column: x.At.Column, Text: x.Name, Message: message})
}

func (l *loader) names(but *rules.Rule) (out []string) {
	for _, r := range slices.Concat(l.set.Rules, l.elsewhere.Rules) {
		if r != but {
			out = append(out, r.Name)
		}
	}
	return out
}

// circle gives the way from a rule back to itself, or nil. Where it went before it does not go again: what leads on from
// there leads nowhere, or in another circle, which its own rules tell.
func (l *loader) circle(r, at *rules.Rule, path []string, seen map[*rules.Rule]bool) []string {
	if at == nil || seen[at] {
		return nil
	}
	seen[at] = true
	path = append(slices.Clone(path), at.Name)
	if at == r {
		return path
	}
	if at.Correlation == nil {
		return nil
	}
	for _, x := range at.Correlation.Rules {
		if found := l.circle(r, l.named(x.Name), path, seen); found != nil {
			return found
		}
	}
	return nil
}

// groups checks that what a rule refers to has the values that it groups by: packets have fields, incidents of a correlation
// those that they are grouped by themselves.
func (l *loader) groups(r, base *rules.Rule, x rules.Reference) {
	need := slices.Clone(r.Correlation.GroupBy)
	if f := r.Correlation.Field; f != "" {
		need = append(need, f)
	}
	for _, name := range need {
		if of, ok := r.Correlation.Aliases[name]; ok {
			name = of[x.Name]
		}
		_, ok := field.Lookup(name)
		switch c := base.Correlation; {
		case c == nil && !ok:
			l.refuse(x, fmt.Sprintf("rules %q: its packets have no %s: expected a field, since it is no correlation with that alias", shorten(x.Name), name))
		case c != nil && !slices.Contains(c.GroupBy, name):
			l.refuse(x, fmt.Sprintf("rules %q: its incidents have no %s: expected that field in its group-by, or one of %s here", shorten(x.Name), name, strings.Join(c.GroupBy, ", ")))
		}
	}
}

// aliases gathers the names that correlations give to what they group by: others can group their incidents by them.
func (l *loader) aliases() {
	l.aliased = map[string]bool{}
	for _, d := range l.files {
		for _, n := range d.bodies {
			switch v := valueAt(n, "correlation", "aliases").(type) {
			case *ast.MappingNode:
				for _, p := range v.Values {
					l.aliased[keyName(p)] = true
				}
			case *ast.MappingValueNode:
				l.aliased[keyName(v)] = true
			}
		}
	}
}
