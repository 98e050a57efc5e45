package file

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// foreign finds what YAML text cannot hold: other encodings than UTF-8, and control characters.
func (s source) foreign() (at place, what string, ok bool) {
	if bytes.HasPrefix(s.text, []byte("\xff\xfe")) || bytes.HasPrefix(s.text, []byte("\xfe\xff")) {
		return place{1, 1}, "the file is UTF-16: save it as UTF-8", true
	}
	for i := 0; i < len(s.text); {
		r, width := utf8.DecodeRune(s.text[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			return s.place(i), fmt.Sprintf("byte %#02x is not UTF-8: save the file as UTF-8", s.text[i]), true
		case r < ' ' && r != '\t' && r != '\n', 0x7f <= r && r < 0xa0 && r != 0x85:
			return s.place(i), fmt.Sprintf("control character %U: YAML is text, leave it out, or write \\x%02x in double quotes", r, r), true
		}
		i += width
	}
	return place{}, "", false
}

// joined gives the text with the marks of documents that hold nothing made comments: at such a document the YAML parser
// stops, and all that follows would be lost.
func (s source) joined() []byte {
	lines, below := bytes.Split(bytes.Clone(s.text), []byte("\n")), false
	for i := len(lines) - 1; i >= 0; i-- {
		line := string(lines[i])
		switch empty := idle(strings.TrimLeft(line, "-.")); {
		case divides(line) && empty && below:
			lines[i][0] = '#'
		case divides(line):
			below = below || line[0] == '-'
		case !empty:
			below = false
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// idle tells a line, or the rest of one, that says nothing.
func idle(line string) bool {
	text := strings.TrimSpace(line)
	return text == "" || text[0] == '#'
}

// unread finds the first part of a file that became no document.
func (s source) unread(docs []*ast.DocumentNode) (at place, lost bool) {
	read := 0
	for _, doc := range docs {
		if holds(doc) {
			read++
		}
	}
	for _, line := range s.parts() {
		if read--; read < 0 {
			return place{line, 1}, true
		}
	}
	return place{}, false
}

// parts gives the lines on which the contents of documents begin.
func (s source) parts() (out []int) {
	within := false
	for i, line := range strings.Split(string(s.text), "\n") {
		if divides(line) {
			within, line = false, line[3:]
		}
		if !within && !idle(line) && line[0] != '%' {
			within, out = true, append(out, i+1)
		}
	}
	return out
}

var (
	conflict  = regexp.MustCompile(`(?m)^(<<<<<<<|=======|>>>>>>>)( |$)`)
	twice     = regexp.MustCompile(`^mapping key "(.*)" already defined at \[([0-9]+):`)
	colonText = regexp.MustCompile(`^\s*(?:- )?[\w-]+:\s+[^'"{\[|>].*:(\s|$)`)
	blockMark = regexp.MustCompile(`[|>][-+0-9]*\s*(#.*)?$`)
)

// hint says what is most likely wrong where the YAML parser gave up, and what to do; "" where nothing is known.
func (s source) hint(at place, message string) string {
	lines := strings.Split(string(s.text), "\n")
	line, before := "", ""
	if at.line > 0 && at.line <= len(lines) {
		line = lines[at.line-1]
		before = lastText(lines[:at.line-1])
	}
	says := func(text string) bool { return strings.Contains(message, text) }
	key := twice.FindStringSubmatch(message)
	switch {
	case conflict.Match(s.text):
		return "a merge conflict is left in the file: choose one of the two sides"
	case tabbed(line):
		return "the line is indented by a tab: YAML wants blanks"
	case key != nil:
		return fmt.Sprintf("key %q is given twice, first on line %s: leave one out", key[1], key[2])
	case says("unknown escape"):
		return `in double quotes a backslash is written "\\"; in single quotes, or below "|", it stands for itself`
	case says("find end character"):
		return "the closing quote is missing"
	case says("must be specified"):
		return "a closing bracket or brace is missing, here or on a line above"
	case says("directive"):
		return "a line that begins with % is a directive: leave it out"
	case blockMark.MatchString(before) && says("non-map value"):
		return `text below "|" or ">" must be indented`
	case says("non-map value"):
		return "expected \"key: value\", with a blank behind the colon"
	case colonText.MatchString(line) && says("mapping value is not allowed"):
		return "text that holds a colon and a blank must be in quotes, or below \"|\""
	case says("mapping value is not allowed"), says("invalid key"):
		return "check how far this line and the next are indented: keys that belong together begin in one column"
	case says("value is not allowed"), says("flow map"):
		return "a value that begins with a quote, a bracket or a brace ends with it: put the whole in single quotes, or below \"|\""
	}
	return ""
}

// lastText is the last line that says something.
func lastText(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if !idle(lines[i]) {
			return lines[i]
		}
	}
	return ""
}

// tabbed tells a line that is indented by a tab, at least in part.
func tabbed(line string) bool {
	return strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t")
}
