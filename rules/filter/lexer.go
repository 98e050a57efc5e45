package filter

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds the length of a filter, so that a hostile rule file costs little.
const maxText = 1 << 16

type lexer struct {
	text   string
	pos    int
	p      profile
	tokens []token
}

// lex cuts the text into tokens, the last of which is endOfText.
func lex(text string, p profile) ([]token, error) {
	l := &lexer{text: text, p: p}
	if len(text) > maxText {
		return nil, l.fail(span{0, 0}, fmt.Sprintf("the filter is longer than %d bytes", maxText), "")
	}
	for {
		l.pos += len(text[l.pos:]) - len(strings.TrimLeft(text[l.pos:], " \t\r\n"))
		if l.pos == len(text) {
			l.emit(endOfText, l.pos, "")
			return l.tokens, nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) emit(k kind, from int, value string) {
	l.tokens = append(l.tokens, token{span{from, l.pos}, k, l.text[from:l.pos], value})
}

func (l *lexer) fail(s span, message, hint string) error {
	return &Error{Offset: s.off, Length: s.end - s.off, Text: l.text, Message: message, Hint: hint}
}

func (l *lexer) next() error {
	rest := l.text[l.pos:]
	switch c := rest[0]; {
	case c == '"':
		return l.quoted(false)
	case (c == 'r' || c == 'R') && strings.HasPrefix(rest[1:], `"`):
		return l.quoted(true)
	case c == '\'':
		return l.character()
	case startsWord(c):
		l.word()
		return nil
	case c == '.' && len(rest) > 1 && startsWord(rest[1]) && rest[1] != ':':
		return l.fieldName()
	}
	return l.sign(rest)
}

func (l *lexer) sign(rest string) error {
	for _, s := range signs {
		if !strings.HasPrefix(rest, s) || s == "~=" && !l.p.tildeEqual || s == "^^" && !l.p.xor {
			continue
		}
		from := l.pos
		l.pos += len(s)
		value := s
		if v, ok := signValues[s]; ok {
			value = v
		}
		l.emit(symbol, from, value)
		return l.afterSign(s)
	}
	n := 1
	for n < len(rest) && rest[n]&0xc0 == 0x80 {
		n++
	}
	return l.fail(span{l.pos, l.pos + n}, fmt.Sprintf("%q was unexpected", rest[:n]), signHint(rest))
}

// signHint tells what is written instead of a sign of another language; rest is the text from there on.
func signHint(rest string) string {
	switch {
	case strings.HasPrefix(rest, "=>"):
		return `"at least" is written ">="`
	case strings.HasPrefix(rest, "=<"):
		return `"at most" is written "<="`
	case rest[0] == '=':
		return `equality is written "=="`
	case rest[0] == '|', rest[0] == '^':
		return fmt.Sprintf("logical operators are doubled: %q", rest[:1]+rest[:1])
	case rest[0] == ';':
		return `conditions are joined by "and" or "or"`
	case rest[0] == '?':
		return "there are no wildcards; matches looks for a regular expression"
	case rest[0] == '.':
		return networkHint
	}
	return invisibleHint(rest)
}

// invisibleHint is of characters that word processors and web pages put in the place of others.
func invisibleHint(rest string) string {
	switch r, _ := utf8.DecodeRuneInString(rest); {
	case strings.ContainsRune("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb", r):
		return `text is written in straight quotes: "..."`
	case strings.ContainsRune("\u2013\u2014\u2212", r):
		return "a hyphen is written -"
	case unicode.IsSpace(r):
		return "this is no ordinary blank: write one"
	case unicode.Is(unicode.Cf, r):
		return "this character cannot be seen: leave it out"
	}
	return ""
}

const networkHint = "a network is written with the number of its bits, such as 10.0.0.0/8"

// afterSign reads what follows "[" and "#": text of another lexical kind.
func (l *lexer) afterSign(s string) error {
	switch s {
	case "[":
		return l.ranges()
	case "#":
		return l.layer()
	}
	return nil
}

func (l *lexer) layer() error {
	from := l.pos
	for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
		l.pos++
	}
	if l.pos > from {
		l.emit(rangeText, from, l.text[from:l.pos])
		return nil
	}
	if l.pos < len(l.text) && l.text[l.pos] == '[' {
		return nil
	}
	return l.fail(span{from - 1, from}, `expected a layer number or "[" behind "#"`, "such as ip.src#1; a filter has no comments")
}

// ranges reads "0:2,4]" behind an opening bracket.
func (l *lexer) ranges() error {
	for {
		from := l.pos
		n := strings.IndexAny(l.text[from:], ",]")
		if n < 0 {
			return l.fail(span{from - 1, len(l.text)}, `the closing "]" is missing`, "")
		}
		l.pos += n
		l.emit(rangeText, from, l.text[from:l.pos])
		l.pos++
		l.emit(symbol, l.pos-1, l.text[l.pos-1:l.pos])
		if l.text[l.pos-1] == ']' {
			return nil
		}
	}
}

func (l *lexer) fieldName() error {
	from := l.pos
	l.pos++
	l.run()
	name := l.text[from+1 : l.pos]
	if !namePattern.MatchString(name) {
		return l.fail(span{from, l.pos}, fmt.Sprintf("%q is not a field name", name), "")
	}
	l.emit(fieldName, from, name)
	return nil
}

// word reads the longest run of characters that names, numbers, addresses, bytes and times are made of, and says what it is.
func (l *lexer) word() {
	from := l.pos
	l.run()
	w := l.text[from:l.pos]
	if exponent.MatchString(w) && l.pos+1 < len(l.text) && l.text[l.pos] == '+' && isDigit(l.text[l.pos+1]) {
		l.pos++
		l.run()
		w = l.text[from:l.pos]
	}
	if l.prefixLength(w) {
		w = l.text[from:l.pos]
	}
	if s, ok := wordSymbols[w]; ok && (w != "xor" || l.p.xor) && (w != "bitand" || l.p.bitand) {
		l.emit(symbol, from, s)
		return
	}
	k, value := classify(w)
	l.emit(k, from, value)
}

// prefixLength passes over "/24" behind what looks like an address; elsewhere "/" divides.
func (l *lexer) prefixLength(w string) bool {
	n := l.pos + 1
	for n < len(l.text) && isDigit(l.text[n]) {
		n++
	}
	if n <= l.pos+1 || l.text[l.pos] != '/' || !addressLike.MatchString(w) {
		return false
	}
	l.pos = n
	return true
}

// run passes over [alnum_:-] and single dots between them; ".." ends a word.
func (l *lexer) run() {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		dot := c == '.' && l.pos+1 < len(l.text) && inWord(l.text[l.pos+1])
		if !dot && !inWord(c) {
			return
		}
		l.pos++
	}
}

var (
	exponent    = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?[eE]$`)
	addressLike = regexp.MustCompile(`^([0-9]+(\.[0-9]+){3}|.*:.*)$`)
	namePattern = regexp.MustCompile(`^[[:alnum:]_][[:alnum:]_-]*(\.[[:alnum:]_][[:alnum:]_-]*)*$`)
	intPattern  = regexp.MustCompile(`^([0-9]+|0[bBxX]?[[:xdigit:]]+)$`)
	realPattern = regexp.MustCompile(`^([0-9]+\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)$`)
	colonBytes  = regexp.MustCompile(`^:([[:xdigit:]]+|[[:xdigit:]]{2}([:.-][[:xdigit:]]{2})+)$`)
)

// classify tells numbers, literals and names apart. A number that does not parse, such as 08, is a literal: it may be bytes.
func classify(w string) (kind, string) {
	switch {
	case intPattern.MatchString(w):
		if _, err := strconv.ParseUint(w, 0, 64); err != nil {
			return unquoted, w
		}
		return integer, w
	case realPattern.MatchString(w):
		return float, w
	case colonBytes.MatchString(w):
		return unquoted, w[1:] // the colon says "literal, not a name"
	case isAddress(w) || !namePattern.MatchString(w):
		return unquoted, w
	}
	return word, w
}

func isAddress(w string) bool {
	text, _, _ := strings.Cut(w, "/")
	_, err := netip.ParseAddr(text)
	return err == nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func inWord(c byte) bool { return startsWord(c) || c == '-' }

func startsWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == ':'
}
