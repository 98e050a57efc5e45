package file

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// source is the text of a file, to find the place of a character within a scalar: YAML folds lines, strips indents and
// undoes escapes, but leaves the order of all other characters. So the n-th character of a scalar's value that is not
// white space is the n-th that is not white space in the file.
type source struct{ text []byte }

// within gives the place of byte offset of a scalar's value.
func (s source) within(n ast.Node, value string, offset int) place {
	start := placeOf(n)
	at := s.offset(start)
	if at < 0 {
		return start
	}
	offset = min(max(offset, 0), len(value))
	skip, inside := marks(value[:offset]), offset < len(value) && !white(runeAt(value, offset))
	if !inside && skip > 0 {
		skip-- // behind the last character
	}
	at, width, ok := scan(s.text, at, n, skip)
	if !ok {
		return start
	}
	if !inside && marks(value[:offset]) > 0 {
		at += width
	}
	return s.place(at)
}

func runeAt(s string, i int) rune { r, _ := utf8.DecodeRuneInString(s[i:]); return r }

func white(r rune) bool { return unicode.IsSpace(r) }

// marks counts the characters that are not white space.
func marks(s string) (n int) {
	for _, r := range s {
		if !white(r) {
			n++
		}
	}
	return n
}

// scan finds the scalar's character that comes behind skip others, and the bytes it takes in the file.
func scan(text []byte, at int, n ast.Node, skip int) (offset, width int, ok bool) {
	at, quote := content(text, at, n)
	for at < len(text) {
		r, width := character(text[at:], quote)
		if !white(r) {
			if skip == 0 {
				return at, width, true
			}
			skip--
		}
		at += width
	}
	return 0, 0, false
}

// content is where a scalar's characters begin: behind its quote, or on the line behind "|" or ">".
func content(text []byte, at int, n ast.Node) (start int, quote byte) {
	if _, ok := n.(*ast.LiteralNode); ok {
		line := bytes.IndexByte(text[at:], '\n')
		if line < 0 {
			return len(text), 0
		}
		return at + line + 1, 0
	}
	switch n.GetToken().Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		return at + 1, text[at]
	}
	return at, 0
}

// character reads one character of a scalar; escapes count as what they stand for.
func character(text []byte, quote byte) (r rune, width int) {
	r, width = utf8.DecodeRune(text)
	switch {
	case quote == '\'' && r == '\'' && len(text) > 1:
		return r, 2
	case quote == '"' && r == '\\' && len(text) > 1:
		return escape(text)
	}
	return r, width
}

// escape reads an escape of a double-quoted scalar (YAML 1.2.2, section 5.7).
func escape(text []byte) (r rune, width int) {
	digits := 0
	switch text[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 't', 'n', 'r', 'v', 'f', ' ', '\n', '\t', 'N', '_', 'L', 'P':
		return ' ', 2
	default:
		r, width = utf8.DecodeRune(text[1:])
		return r, 1 + width
	}
	if len(text) < 2+digits {
		return 'x', len(text)
	}
	code, _ := strconv.ParseUint(string(text[2:2+digits]), 16, 32)
	return rune(code), 2 + digits
}

// offset is where a place is in the text, -1 if nowhere.
func (s source) offset(p place) int {
	at := 0
	for line := 1; line < p.line; line++ {
		n := bytes.IndexByte(s.text[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	for column := 1; column < p.column; column++ {
		if at >= len(s.text) || s.text[at] == '\n' {
			return -1
		}
		_, width := utf8.DecodeRune(s.text[at:])
		at += width
	}
	if at >= len(s.text) {
		return -1
	}
	return at
}

// place turns a byte offset back into line and column.
func (s source) place(at int) place {
	before := s.text[:at]
	line := bytes.LastIndexByte(before, '\n') + 1
	return place{bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[line:]) + 1}
}

// tooDeep finds where brackets, or list and key marks at the front of a line, nest deeper than a rule can need.
func (s source) tooDeep() (place, bool) {
	depth, front, marks := 0, true, 0
	for i, c := range s.text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '\n':
			front, marks = true, 0
			continue
		}
		front = front && (c == ' ' || c == '-' || c == '?')
		if front && c == ' ' && i > 0 && (s.text[i-1] == '-' || s.text[i-1] == '?') {
			marks++
		}
		if depth > deepest || front && marks > deepest {
			return s.place(i), true
		}
	}
	return place{}, false
}

// tooLong finds a line longer than any author's.
func (s source) tooLong() (place, bool) {
	start := 0
	for line := range bytes.Lines(s.text) {
		if len(line) > LongestLine {
			return s.place(start), true
		}
		start += len(line)
	}
	return place{}, false
}
