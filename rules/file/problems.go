package file

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong in a rule file.
type Problem struct {
	Path         string
	Line, Column int    // from 1, the column in characters; 0 where the file as a whole is meant
	Text         string // the offending text
	Message      string // what is wrong and what was expected
	Code         Code   // its kind
}

// Code names a kind of problem, for those who filter and count them. Codes are a contract: they keep their meaning.
type Code string

// The kinds of problems.
const (
	Unreadable   Code = "unreadable"    // the file or folder could not be read, or holds no rule
	NotYAML      Code = "not-yaml"      // the YAML parser gave up
	UnknownKey   Code = "unknown-key"   // a key that cannot stand there
	MissingKey   Code = "missing-key"   // a key that must stand there
	InvalidValue Code = "invalid-value" // a value that is not what was expected
	BadFilter    Code = "bad-filter"    // a display filter that does not compile
	Duplicate    Code = "duplicate"     // an id or name that another rule has
)

// Error gives path:line:column: message.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
}

// Problems is everything that is wrong, sorted by path, line and column.
type Problems []Problem

// Error gives every problem on its own line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// orNil sorts the problems, drops repetitions and gives them as an error, or nil if there are none.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}
