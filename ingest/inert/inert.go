// Package inert makes hostile text harmless before it is shown. Paths, names, comments, payload, case ids and texts of
// users' rules come from whoever made the evidence: they must not move a terminal's cursor, reverse a name, become a
// link or break a table.
package inert

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text shows s on one line with everything invisible or misleading as a visible escape: control characters and bytes
// that are not UTF-8 as \x1b, bidi controls, zero-width and other characters without a picture as \u{202e}. A backslash
// that could be taken for the start of an escape is doubled, so the original can be read back.
func Text(s string) string { return escape(s, true) }

// Verbatim is [Text] without doubled backslashes and with line breaks as spaces, for what readers copy and run, such as
// display filters.
func Verbatim(s string) string {
	return escape(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s), false)
}

// Prose is [Text] for sentences: line breaks and runs of white space become one space.
func Prose(s string) string { return Text(strings.Join(strings.Fields(s), " ")) }

// Cut shortens s to at most limit characters, the last of them an ellipsis. Text that is not UTF-8
// keeps its bytes, each counting as a character.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	end := 0
	for range max(limit-1, 0) {
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
	}
	return s[:end] + "…"
}

func escape(s string, doubling bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		piece, n := show(s, i)
		b.WriteString(piece)
		i += n
		if doubling && piece == `\` && startsEscape(s, i) {
			b.WriteByte('\\')
		}
	}
	return b.String()
}

// show gives what stands for the character at i, and its length in s.
func show(s string, i int) (piece string, n int) {
	r, n := utf8.DecodeRuneInString(s[i:])
	edge := r == ' ' && (i == 0 || i+n == len(s)) // a name that ends in a space must not look as if it did not
	switch {
	case r == utf8.RuneError && n == 1, r < 0x20, r == 0x7f, edge:
		return fmt.Sprintf(`\x%02x`, s[i]), 1
	case !visible(r):
		return fmt.Sprintf(`\u{%04x}`, r), n
	}
	return s[i : i+n], n
}

// startsEscape tells whether a backslash before i would be read as part of what comes at i.
func startsEscape(s string, i int) bool {
	if i == len(s) {
		return false
	}
	next, _ := show(s, i)
	return strings.IndexByte(`\xu`, next[0]) >= 0
}

// plain is the common case: printable ASCII without backslashes and without spaces at the edges.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// visible tells whether r draws something where it stands. IsPrint alone lets default-ignorable letters and marks pass.
func visible(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != 0x2800
}
