package file

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"icmpsift/rules"
)

// metadata asks rules that report findings for what a finding is known by. Parts of others do without: in Sigma, of a chain
// "only the outermost correlation rule may define meta information".
func (l *loader) metadata(all []*found) {
	parts, generated := map[string]bool{}, map[string]string{}
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

// sound reports the first thing that is wrong with each reference of a rule.
func (l *loader) sound(r *rules.Rule) bool {
	before := len(l.problems)
	if !r.Refers() {
		return true
	}
	for _, x := range r.Correlation.Rules {
		base := l.set.Named(x.Name)
		switch path := l.circle(r, base, []string{r.Name}); {
		case base == nil:
			l.refuse(x, fmt.Sprintf("rules %q: expected the name or id of a rule in the loaded files%s", shorten(x.Name), suggest(x.Name, l.names(r))))
		case path != nil:
			l.refuse(x, fmt.Sprintf("rules %q: correlations refer to each other in a circle: %s: expected none", shorten(x.Name), strings.Join(path, " > ")))
		case base.Correlation != nil:
			l.groups(r, base, x)
		}
	}
	return len(l.problems) == before
}

func (l *loader) refuse(x rules.Reference, message string) {
	l.problems = append(l.problems, Problem{Path: x.At.File, Line: x.At.Line, Column: x.At.Column, Text: x.Name, Message: message})
}

func (l *loader) names(but *rules.Rule) (out []string) {
	for _, r := range l.set.Rules {
		if r != but {
			out = append(out, r.Name)
		}
	}
	return out
}

// circle gives the way from a rule back to itself, or nil.
func (l *loader) circle(r, at *rules.Rule, path []string) []string {
	if at == nil || slices.Contains(path[1:], at.Name) {
		return nil // another circle, which its own rules tell
	}
	path = append(slices.Clone(path), at.Name)
	if at == r {
		return path
	}
	if at.Correlation == nil {
		return nil
	}
	for _, x := range at.Correlation.Rules {
		if found := l.circle(r, l.set.Named(x.Name), path); found != nil {
			return found
		}
	}
	return nil
}

// groups checks that incidents of a correlation have the values that another needs of them: those they are grouped by.
func (l *loader) groups(r, base *rules.Rule, x rules.Reference) {
	need := slices.Clone(r.Correlation.GroupBy)
	if f := r.Correlation.Field; f != "" {
		need = append(need, f)
	}
	for _, name := range need {
		if of, ok := r.Correlation.Aliases[name]; ok {
			name = of[x.Name]
		}
		if !slices.Contains(base.Correlation.GroupBy, name) {
			l.refuse(x, fmt.Sprintf("rules %q: its incidents have no %s: expected that field in its group-by, or one of %s here", shorten(x.Name), name, strings.Join(base.Correlation.GroupBy, ", ")))
		}
	}
}
