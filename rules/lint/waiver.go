package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/file"
)

// waiver is an author's comment that lets one code stand in one document.
type waiver struct {
	comment      file.Comment
	code, reason string
	used         bool
}

// The forms of waivers: "# icmpsift: allow CODE, CODE - reason".
var (
	addressed  = regexp.MustCompile(`^\s*icmpsift:`)
	waiverForm = regexp.MustCompile(`^\s*icmpsift:\s*allow\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s+(?:-{1,2}|–|—|:)\s+(\S.*?)\s*$`)
)

const waiverExpected = `expected "# icmpsift: allow CODE - reason"`

// waive marks the problems that their own document lets stand, and finds waivers that are wrong or let nothing stand.
func (l *linter) waive() {
	looked := l.looked()
	for _, c := range l.comments {
		for _, w := range l.waivers(c) {
			if l.apply(w); !w.used && looked[c.Document] {
				l.complain(c, 1, fmt.Sprintf("no %s problem is here: the waiver can go", w.code))
			}
		}
	}
	for i := range l.found {
		l.found[i].document = rules.Position{}
	}
}

// looked are the documents that the checks looked at: of one that did not load nobody knows what its waivers are for.
func (l *linter) looked() map[rules.Position]bool {
	out := map[rules.Position]bool{}
	for _, r := range l.set.Rules {
		out[r.At] = true
	}
	for _, s := range l.set.Suppressions {
		out[s.At] = true
	}
	return out
}

// apply marks what the waiver is for.
func (l *linter) apply(w *waiver) {
	for i := range l.found {
		if p := &l.found[i]; p.document == w.comment.Document && p.Code == w.code && p.Severity < Error {
			p.Waived, w.used = w.reason, true
		}
	}
}

// waivers reads a comment, which is a waiver for each of its codes; most comments are none.
func (l *linter) waivers(c file.Comment) (out []*waiver) {
	if !addressed.MatchString(c.Text) {
		return nil
	}
	part := waiverForm.FindStringSubmatch(c.Text)
	if part == nil {
		l.complain(c, 0, "this waiver is not understood: "+waiverExpected+", with the code that lint prints in brackets; the reason is required")
		return nil
	}
	for _, code := range strings.Split(part[1], ",") {
		if code = strings.TrimSpace(code); l.waivable(c, code) {
			out = append(out, &waiver{comment: c, code: code, reason: part[2]})
		}
	}
	return out
}

func (l *linter) waivable(c file.Comment, code string) bool {
	if slices.ContainsFunc(refusals, func(x Check) bool { return x.Code == code }) {
		l.complain(c, 0, fmt.Sprintf("%s is an error, for which the rule is refused: it cannot be waived, mend it", code))
		return false
	}
	known := Waivable()
	if slices.Contains(known, code) {
		return true
	}
	hint := "expected one that lint prints in brackets"
	if near := field.Closest(code, slices.Values(known)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	l.complain(c, 0, fmt.Sprintf("%q is no code of lint; %s", code, hint))
	return false
}

// Waivable lists the codes that a document can let stand, and that can be left out altogether.
func Waivable() (out []string) {
	for _, c := range slices.Concat(checks, suppressionChecks, advices, commonChecks) {
		out = append(out, c.Code)
	}
	return append(out, adviser.Code)
}

// complain reports what is wrong with a waiver.
func (l *linter) complain(c file.Comment, which int, message string) {
	check := waiverChecks[which]
	l.found = append(l.found, Problem{Code: check.Code, Severity: check.Severity, Path: c.At.File, Line: c.At.Line, Column: c.At.Column,
		Length: 1 + utf8.RuneCountInString(strings.TrimRight(c.Text, " \t\r")), Source: l.outlines[c.At.File].Line(c.At.Line), Message: message})
}
