package suricata

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"icmpsift/rules"
)

// statement is one rule of a file, its continued lines joined.
type statement struct {
	file    string
	text    string
	starts  []start
	outcome Outcome // of comments; else ""
	problem *Reason
	open    bool // it ends before its options do
	// disabled is a rule that stands in a comment.
	disabled bool
	action   string
	proto    string
	protoAt  int
	src      word
	dst      word
	ports    [2]word
	both     bool // "<>"
	options  []option
}

// start tells which line of the file the text is from, from some byte of it on.
type start struct{ from, line, column int }

// word is text of a rule and where it is.
type word struct {
	text string
	from int
}

// option is one keyword of a rule with its value.
type option struct {
	name, value string
	from        int // of the name
	valueFrom   int
}

var actions = []string{"alert", "log", "pass", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth", "sdrop", "block", "activate", "dynamic"}

// maxRule bounds the text of one rule.
const maxRule = 64 << 10

// maxLines bounds the lines of one rule that goes over several without backslashes.
const maxLines = 200

// split cuts a file into rules and comments; empty lines are neither.
func split(file string, data []byte) (out []*statement) {
	lines := bytes.Split(data, []byte("\n"))
	for i := 0; i < len(lines); {
		s := &statement{file: file}
		for more := true; more && i < len(lines); i++ {
			more = s.join(string(lines[i]), i+1)
		}
		if strings.TrimSpace(s.text) == "" {
			continue
		}
		s.parse()
		if s.open {
			s, i = s.closed(lines, i)
		}
		out = append(out, s)
	}
	return out
}

// join takes a line of the file; more tells that the rule goes on in the next one, as a backslash says.
func (s *statement) join(line string, number int) (more bool) {
	text, column := strings.TrimRight(line, " \t\r"), 1
	if s.text == "" {
		body := strings.TrimLeft(text, " \t\ufeff")
		text, column = body, 1+utf8.RuneCountInString(text[:len(text)-len(body)])
	}
	s.starts = append(s.starts, start{len(s.text), number, column})
	more = strings.HasSuffix(text, `\`) && !strings.HasPrefix(text, "#")
	s.text += strings.TrimSuffix(text, `\`)
	if more = more && len(s.text) < maxRule; more {
		s.text += " "
	}
	return more
}

// closed goes on up to the end of the rule over lines that no backslash joins, as Snort 3 does, and gives the next line
// of the file. Where another rule begins before that, the rule is what it is.
func (s *statement) closed(lines [][]byte, i int) (*statement, int) {
	whole := &statement{file: s.file, text: uncommented(s.text), starts: slices.Clone(s.starts)}
	for n := i; n < min(len(lines), i+maxLines) && len(whole.text) < maxRule; n++ {
		line := uncommented(strings.TrimSuffix(strings.TrimRight(string(lines[n]), " \t\r"), `\`))
		if begins(line) {
			break
		}
		whole.text += " "
		whole.join(line, n+1)
		if !strings.HasSuffix(line, ")") {
			continue
		}
		if whole.parse(); !whole.open {
			return whole, n + 1
		}
		whole = &statement{file: s.file, text: whole.text, starts: whole.starts}
	}
	return s, i
}

// begins tells whether a line is the beginning of a rule of its own.
func begins(line string) bool {
	f := strings.Fields(line)
	return len(f) > 1 && slices.Contains(actions, strings.ToLower(f[0]))
}

// uncommented cuts what a line of a rule has behind "#": a comment, where an option could begin.
func uncommented(line string) string {
	quoted, ended := false, true
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '#' && ended && !quoted:
			return strings.TrimRight(line[:i], " \t")
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		}
		if c := line[min(i, len(line)-1)]; c != ' ' && c != '\t' {
			ended = c == ';' || c == '('
		}
	}
	return line
}

// at gives the place in the file of a byte of the text.
func (s *statement) at(offset int) rules.Position {
	k := 0
	for k+1 < len(s.starts) && s.starts[k+1].from <= offset {
		k++
	}
	b := s.starts[k]
	return rules.Position{File: s.file, Line: b.line, Column: b.column + utf8.RuneCountInString(s.text[b.from:max(b.from, min(offset, len(s.text)))])}
}

func (s *statement) wrong(from int, text, message string) *Reason {
	return &Reason{At: s.at(from), Text: text, Message: message}
}

func (s *statement) parse() {
	if body, ok := strings.CutPrefix(s.text, "#"); ok {
		s.outcome = Comment
		if f := strings.Fields(strings.TrimLeft(body, "# \t")); len(f) > 2 && slices.Contains(actions, strings.ToLower(f[0])) && strings.Contains(body, "(") {
			s.outcome = Disabled
		}
		return
	}
	if !utf8.ValidString(s.text) {
		s.problem = s.wrong(0, "", "not UTF-8 text; bytes are written as |00 ff| in rules")
		return
	}
	if len(s.text) > maxRule {
		s.problem = s.wrong(0, "", fmt.Sprintf("longer than %d bytes, which is no rule", maxRule))
		return
	}
	if rest := s.header(); s.problem == nil {
		s.body(rest)
	}
}

// enabled gives the rule that a comment is; the comment itself if it only looks like one.
func (s *statement) enabled() *statement {
	body := strings.TrimLeft(s.text, "# \t")
	e := &statement{file: s.file, text: body, starts: []start{{0, s.starts[0].line, s.starts[0].column + len(s.text) - len(body)}}, disabled: true}
	if e.parse(); e.proto == "" {
		s.outcome = Comment
		return s
	}
	return e
}

// header reads action, protocol, addresses, ports and direction; rest is where the options begin.
func (s *statement) header() (rest int) {
	paren := strings.IndexByte(s.text, '(')
	if paren < 0 {
		paren = len(s.text)
	}
	words := fields(s.text[:paren])
	switch {
	case !slices.Contains(actions, strings.ToLower(words[0].text)):
		s.problem = s.wrong(words[0].from, words[0].text, "no action of a rule: expected alert, drop, log or the like")
	case len(words) != 7:
		s.problem = s.wrong(0, s.text[:paren], "a rule's header has seven parts: action, protocol, address, port, direction, address, port")
	case words[4].text != "->" && words[4].text != "<>":
		s.problem = s.wrong(words[4].from, words[4].text, `no direction: expected "->" or "<>"`)
	case paren == len(s.text):
		s.open, s.problem = true, s.wrong(paren, "", `the rule has no options: expected "(" behind the header`)
	default:
		s.action, s.src, s.dst = strings.ToLower(words[0].text), words[2], words[5]
		s.proto, s.protoAt = strings.ToLower(words[1].text), words[1].from
		s.ports, s.both = [2]word{words[3], words[6]}, words[4].text == "<>"
	}
	return paren + 1
}

// fields cuts text at white space outside of brackets; it gives at least one word.
func fields(text string) (out []word) {
	depth, from := 0, -1
	for i := 0; i <= len(text); i++ {
		space := i == len(text) || depth <= 0 && (text[i] == ' ' || text[i] == '\t')
		switch {
		case space && from >= 0:
			out, from = append(out, word{text[from:i], from}), -1
		case !space && from < 0:
			from = i
		}
		if i < len(text) {
			depth += strings.Count("[", text[i:i+1]) - strings.Count("]", text[i:i+1])
		}
	}
	if out == nil {
		out = []word{{}}
	}
	return out
}

// body reads options up to the closing parenthesis. A semicolon that is missing behind the last one is forgiven.
func (s *statement) body(from int) {
	for {
		for from < len(s.text) && strings.IndexByte(" \t;", s.text[from]) >= 0 {
			from++
		}
		if from == len(s.text) {
			s.open, s.problem = true, s.wrong(from, "", `the rule ends too early: expected ")"`)
			return
		}
		if s.text[from] == ')' {
			if rest := strings.TrimSpace(s.text[from+1:]); rest != "" && rest[0] != '#' {
				s.problem = s.wrong(from+1, rest, "unexpected text behind the rule")
			}
			return
		}
		end := s.optionEnd(from)
		s.add(from, end)
		from = end
	}
}

// optionEnd finds the semicolon or the rule's closing parenthesis, outside of quotes and not escaped.
func (s *statement) optionEnd(from int) int {
	quoted, last := false, strings.LastIndexByte(s.text, ')')
	for i := from; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted, i == last && !quoted:
			return i
		}
	}
	return len(s.text)
}

func (s *statement) add(from, end int) {
	name, value, _ := strings.Cut(s.text[from:end], ":")
	lead := len(value) - len(strings.TrimLeft(value, " \t"))
	o := option{name: strings.ToLower(strings.TrimSpace(name)), value: strings.TrimSpace(value), from: from, valueFrom: from}
	if value != "" {
		o.valueFrom = from + len(name) + 1 + lead
	}
	s.options = append(s.options, o)
}

// option gives the first option of a name; the zero option if there is none.
func (s *statement) option(name string) option {
	for _, o := range s.options {
		if o.name == name {
			return o
		}
	}
	return option{}
}

// value gives an option's value without quotes and escapes.
func (s *statement) value(name string) string { return unquote(s.option(name).value) }

func unquote(v string) string {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' {
		return v
	}
	var b strings.Builder
	for v = v[1 : len(v)-1]; v != ""; v = v[1:] {
		if v[0] == '\\' && len(v) > 1 {
			v = v[1:]
		}
		b.WriteByte(v[0])
	}
	return b.String()
}

// number reads a whole number, decimal or 0x; -1 if it is none.
func number(text string) int64 {
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		text, base = hex, 16
	}
	n, err := strconv.ParseUint(text, base, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

// id is gid:sid, without leading zeros; the gid of plain rules is 1.
func (s *statement) id() string {
	gid, sid := s.value("gid"), s.value("sid")
	if gid == "" {
		gid = "1"
	}
	if n := number(sid); n >= 0 {
		sid = fmt.Sprint(n)
	}
	return gid + ":" + sid
}
