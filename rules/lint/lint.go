// Package lint says what is wrong with rule files, and what could be better: [Run] takes what rules/file loaded and gives
// every [Problem], each with a stable code, its place and what to do. It reads rules and looks whether their captures are
// there; it runs none of them.
//
// Each check is an entry of a table, see [Checks]. What loading refuses is an error; the other checks look at the rules and
// suppressions that loaded. What these say an author can let stand, by a comment in the document:
//
//	# icmpsift: allow CODE, CODE - reason
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/file"
	"icmpsift/rules/filter"
)

// Severity says how bad a problem is.
type Severity int

// Severities, rising.
const (
	Note    Severity = iota // could be better
	Warning                 // the rule works, but not as well as its author or reader thinks
	Error                   // the rule does not load
)

var severityNames = []string{"note", "warning", "error"}

// String gives the word.
func (s Severity) String() string { return severityNames[s] }

// SeverityNames lists the words, rising.
func SeverityNames() []string { return severityNames }

// ParseSeverity reads the word; ok is false for anything else.
func ParseSeverity(s string) (severity Severity, ok bool) {
	i := slices.Index(severityNames, s)
	return Severity(i), i >= 0
}

// Problem is one thing to look at.
type Problem struct {
	Code         string
	Severity     Severity
	Path         string
	Line, Column int    // from 1, the column in characters; 0 where the file as a whole is meant
	Length       int    // characters from the column on, at least 1
	Source       string // the line
	Rule         string // name; "" where the rule did not load, and for what is no rule
	Message      string
	Waived       string // the reason that its author gives for letting it stand; "" if it is not waived

	document rules.Position
}

// Options say how to lint.
type Options struct {
	Context *field.Context
	Folder  func(*rules.Rule) string                                               // where a rule's captures are relative to; "" where that is not known
	Pack    *file.Set                                                              // the builtin rules, whose names and ids others cannot have; nil: nobody minds
	Advise  func(text string, c *field.Context, lists rules.Lists) []filter.Advice // looks at each filter that compiles, such as [filter.Advise]; nil: nobody does
	Today   time.Time                                                              // the day on which suppressions must hold; zero: any
}

// Run gives every problem of the files: those that loading them met, and what the checks have to say of the rules and
// suppressions that loaded. They come sorted by place; those that the files themselves waive are marked.
func Run(set *file.Set, refused file.Problems, o Options) []Problem {
	l := &linter{Options: o, set: set, outlines: map[string]*file.Outline{}, filters: map[*rules.Rule]*filter.Filter{}, canonical: map[string][]*rules.Rule{},
		commentsOf: map[rules.Position][]file.Comment{}, parts: set.Parts()}
	for _, f := range set.Files {
		l.outlines[f.Path] = f.Outline()
		for _, c := range l.outlines[f.Path].Comments() {
			l.comments = append(l.comments, c)
			l.commentsOf[c.Document] = append(l.commentsOf[c.Document], c)
		}
	}
	for _, p := range refused {
		l.refused(p)
	}
	for _, r := range set.Rules {
		l.look(slices.Concat(checks, commonChecks), pass{at: r.At, name: r.Name, rule: r})
	}
	for _, s := range set.Suppressions {
		l.look(slices.Concat(suppressionChecks, commonChecks), pass{at: s.At, suppression: s})
	}
	l.waive()
	slices.SortStableFunc(l.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(b.Severity, a.Severity))
	})
	return l.found
}

// look makes all checks of a document, filter advice last.
func (l *linter) look(checks []Check, p pass) {
	p.linter = l
	for i := range checks {
		p.check = &checks[i]
		checks[i].run(&p)
	}
	if p.check = &adviser; l.Advise != nil {
		p.advice()
	}
}

// linter gathers problems over all files.
type linter struct {
	Options
	set      *file.Set
	outlines map[string]*file.Outline
	comments []file.Comment

	commentsOf map[rules.Position][]file.Comment // by document
	filters    map[*rules.Rule]*filter.Filter    // nil where one does not compile
	canonical  map[string][]*rules.Rule          // rules that were looked at, by canonical filter
	parts      map[*rules.Rule]*rules.Rule       // of what
	found      []Problem
}

// refused takes over what loading said.
func (l *linter) refused(p file.Problem) {
	out := Problem{Code: string(p.Code), Severity: Error, Path: p.Path, Line: p.Line, Column: p.Column, Length: 1, Message: p.Message}
	if o := l.outlines[p.Path]; o != nil && p.Line > 0 {
		out.Source = o.Line(p.Line)
		out.Length = span(out.Source, p.Column, p.Text)
	}
	if out.Code == "" {
		out.Code = string(file.InvalidValue)
	}
	l.found = append(l.found, out)
}

// span is how many characters of the line the text takes from the column on: all where it stands there as it is, one
// where YAML wrote it otherwise.
func span(line string, column int, text string) int {
	rest := []rune(line)
	rest = rest[min(column-1, len(rest)):]
	first, _, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(string(rest), first) {
		return 1
	}
	return max(1, utf8.RuneCountInString(first))
}

// pass is one check looking at one document: a rule or a suppression.
type pass struct {
	*linter
	check       *Check
	at          rules.Position // of the document
	name        string         // of the rule
	rule        *rules.Rule
	suppression *rules.Suppression
}

func (p *pass) outline() *file.Outline { return p.outlines[p.at.File] }

// report adds a problem with the value under the keys, or with the document as a whole.
func (p *pass) report(keys []string, format string, a ...any) {
	text := p.outline().Text(p.at, keys...)
	p.place(p.outline().At(p.at, keys...), text, fmt.Sprintf(format, a...))
}

func (p *pass) place(at rules.Position, text, message string) {
	line := p.outline().Line(at.Line)
	p.found = append(p.found, Problem{Code: p.check.Code, Severity: p.check.Severity, Path: at.File, Line: at.Line, Column: at.Column,
		Length: span(line, at.Column, text), Source: line, Rule: p.name, Message: message, document: p.at})
}
