package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a filter that does not compile. Offset and Length name the offending bytes of Text; both are 0 where the
// text as a whole is meant.
type Error struct {
	Offset, Length int
	Text           string // the filter as given
	Message        string // what is wrong, lower case, with the offending text quoted
	Hint           string // what to write instead, "" if nothing is known
}

// Error gives message and hint, then the line of the filter at fault, and a caret line below it as Wireshark does.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	line, column, width := e.place()
	if line != "" {
		fmt.Fprintf(&b, "\n    %s\n    %s^%s", line, strings.Repeat(" ", column), strings.Repeat("~", width-1))
	}
	return b.String()
}

// place gives the line the error is on, how many characters stand before it there, and how many it spans (at least one).
func (e *Error) place() (line string, column, width int) {
	start := strings.LastIndexByte(e.Text[:e.Offset], '\n') + 1
	line, _, _ = strings.Cut(e.Text[start:], "\n")
	end := min(e.Offset+e.Length, start+len(line))
	line = strings.Map(plain, line)
	return line, utf8.RuneCountInString(e.Text[start:e.Offset]), max(1, utf8.RuneCountInString(e.Text[e.Offset:max(end, e.Offset)]))
}

// plain keeps every character one column wide and terminals unharmed.
func plain(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
