// Package problems writes what rules/lint found: as text for people, as JSON, as SARIF 2.1.0 for code scanning, and as
// workflow commands for GitHub's annotations. Call [Write]. In text and workflow commands nothing that rule files say can
// control the terminal or start a command of its own.
package problems

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"icmpsift/report/inert"
	"icmpsift/rules/lint"
)

// Options say how to write.
type Options struct {
	Format  string // one of [Formats]
	Version string // of icmpsift, for SARIF
	Rules   int    // that loaded
}

// Formats lists what Write can write.
func Formats() []string { return []string{"text", "json", "sarif", "github"} }

// Write writes the problems. Errors are those of w.
func Write(w io.Writer, list []lint.Problem, o Options) error {
	switch o.Format {
	case "json":
		return writeJSON(w, list, o)
	case "sarif":
		return writeSARIF(w, list, o)
	case "github":
		return writeGitHub(w, list)
	}
	return writeText(w, list, o)
}

// Count tells how many problems have a severity; those that are waived count apart, see [Waived].
func Count(list []lint.Problem, s lint.Severity) (n int) {
	for _, p := range list {
		if p.Severity == s && p.Waived == "" {
			n++
		}
	}
	return n
}

// Waived tells how many problems their files let stand.
func Waived(list []lint.Problem) (n int) {
	for _, p := range list {
		if p.Waived != "" {
			n++
		}
	}
	return n
}

func writeText(w io.Writer, list []lint.Problem, o Options) error {
	var b strings.Builder
	for _, p := range list {
		if p.Waived == "" {
			fmt.Fprintf(&b, "%s: %s: %s [%s]\n%s", inert.Text(place(p)), p.Severity, inert.Verbatim(p.Message), p.Code, excerpt(p))
		}
	}
	waived := ""
	if n := Waived(list); n > 0 {
		waived = fmt.Sprintf(" (%d waived)", n)
	}
	fmt.Fprintf(&b, "%s, %s, %s in %s%s\n", some(Count(list, lint.Error), "error"), some(Count(list, lint.Warning), "warning"), some(Count(list, lint.Note), "note"), some(o.Rules, "sound rule"), waived)
	_, err := io.WriteString(w, b.String())
	return err
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func place(p lint.Problem) string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Column)
}

// widest is what an excerpt shows of a line; lines of generated rules can be very long.
const widest = 120

// excerpt is the source line, and a caret under what is meant.
func excerpt(p lint.Problem) string {
	if p.Line == 0 || strings.TrimSpace(p.Source) == "" {
		return ""
	}
	line := []rune(p.Source)
	at := min(max(p.Column-1, 0), len(line))
	from := max(0, at-widest/2)
	to := min(len(line), from+widest)
	before, length := shown(line[from:at]), min(max(p.Length, 1), max(1, to-at))
	marked := len([]rune(shown(line[at:min(at+length, to)])))
	return fmt.Sprintf("    %s%s\n    %s^%s\n", before, shown(line[at:to]), strings.Repeat(" ", len([]rune(before))), strings.Repeat("~", max(0, marked-1)))
}

// shown makes each character harmless; blanks stay, so that the caret stays below its place.
func shown(line []rune) string {
	var b strings.Builder
	for _, r := range line {
		switch r {
		case ' ', '\t':
			b.WriteByte(' ')
		default:
			b.WriteString(inert.Verbatim(string(r)))
		}
	}
	return b.String()
}

// entry is a problem in JSON.
type entry struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Length   int    `json:"length,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Message  string `json:"message"`
	Source   string `json:"source,omitempty"`
	Waived   string `json:"waived,omitempty"` // why
}

func writeJSON(w io.Writer, list []lint.Problem, o Options) error {
	out := struct {
		Rules    int     `json:"rules"`
		Errors   int     `json:"errors"`
		Warnings int     `json:"warnings"`
		Notes    int     `json:"notes"`
		Waived   int     `json:"waived"`
		Problems []entry `json:"problems"`
	}{o.Rules, Count(list, lint.Error), Count(list, lint.Warning), Count(list, lint.Note), Waived(list), []entry{}}
	for _, p := range list {
		out.Problems = append(out.Problems, entry{p.Code, p.Severity.String(), p.Path, p.Line, p.Column, p.Length, p.Rule, p.Message, p.Source, p.Waived})
	}
	return indented(w, out)
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
