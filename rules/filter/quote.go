package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted reads "text" with escapes, or r"text" in which backslashes stay.
func (l *lexer) quoted(raw bool) error {
	from := l.pos
	if raw {
		l.pos++
	}
	l.pos++
	var b []byte
	for l.pos < len(l.text) && l.text[l.pos] != '"' {
		var err error
		if b, err = l.quotedPart(b, raw); err != nil {
			return err
		}
	}
	if l.pos >= len(l.text) {
		return l.fail(span{from, len(l.text)}, "the closing quote of a string is missing", "")
	}
	l.pos++
	l.emit(quoted, from, string(b))
	return nil
}

func (l *lexer) quotedPart(b []byte, raw bool) ([]byte, error) {
	c := l.text[l.pos]
	switch {
	case c != '\\':
		l.pos++
		return append(b, c), nil
	case raw:
		part := l.text[l.pos:min(l.pos+2, len(l.text))]
		l.pos += len(part)
		return append(b, part...), nil
	}
	return l.escape(b)
}

// character reads 'c', where c is one printable ASCII character or an escape.
func (l *lexer) character() error {
	from := l.pos
	l.pos++
	var b []byte
	for l.pos < len(l.text) && l.text[l.pos] != '\'' {
		var err error
		if b, err = l.quotedPart(b, false); err != nil {
			return err
		}
	}
	if l.pos >= len(l.text) {
		return l.fail(span{from, len(l.text)}, "the closing quote of a character is missing", "")
	}
	l.pos++
	if len(b) != 1 && utf8.RuneCount(b) != 1 {
		return l.fail(span{from, l.pos}, l.text[from:l.pos]+" is not one character", "text is written in double quotes")
	}
	l.emit(character, from, string(b))
	return nil
}

var simpleEscapes = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '\'': '\'', '"': '"'}

// escape reads \n, \x41, \101, \u00e9, \U0001f600 and the like (C11 6.4.4.4).
func (l *lexer) escape(b []byte) ([]byte, error) {
	rest := l.text[l.pos+1:]
	if rest == "" {
		l.pos++
		return b, nil // the missing quote is told by the caller
	}
	if c, ok := simpleEscapes[rest[0]]; ok {
		l.pos += 2
		return append(b, c), nil
	}
	switch rest[0] {
	case 'x':
		return l.numericEscape(b, rest[1:], 16, 2, 2)
	case 'u':
		return l.universal(b, rest[1:], 4)
	case 'U':
		return l.universal(b, rest[1:], 8)
	}
	return l.numericEscape(b, rest, 8, 3, 1)
}

// numericEscape reads at most n digits that follow the prefix bytes ("\x" or "\").
func (l *lexer) numericEscape(b []byte, rest string, base, n, prefix int) ([]byte, error) {
	k := 0
	for k < n && k < len(rest) && digitOf(rest[k]) < base {
		k++
	}
	v, err := strconv.ParseUint(rest[:k], base, 8)
	if err != nil {
		return nil, l.badEscape(l.pos, min(l.pos+max(prefix+k, 2), len(l.text)))
	}
	l.pos += prefix + k
	return append(b, byte(v)), nil
}

func (l *lexer) universal(b []byte, rest string, n int) ([]byte, error) {
	end := min(l.pos+2+n, len(l.text))
	v, err := strconv.ParseUint(rest[:min(n, len(rest))], 16, 32)
	if err != nil || end < l.pos+2+n || v < 0xa0 && v != '$' && v != '@' && v != '`' || !utf8.ValidRune(rune(v)) {
		return nil, l.badEscape(l.pos, end)
	}
	l.pos = end
	return utf8.AppendRune(b, rune(v)), nil
}

func (l *lexer) badEscape(from, to int) error {
	return l.fail(span{from, to}, fmt.Sprintf("%s is not an escape sequence", strings.ToValidUTF8(l.text[from:to], "?")),
		`a backslash is written "\\", or the string as r"..."`)
}

func digitOf(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return 99
}

// quote writes text so that the lexer reads the same bytes back.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + text[i:i+1])
		case r == utf8.RuneError && n == 1, r < ' ', r >= 0x7f && r < 0xa0:
			for _, c := range []byte(text[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}
