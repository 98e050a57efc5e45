package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// PCRE2 without UTF, which Wireshark uses, matches bytes; Go's regexp matches code points. Bytes from 0x80 up become code
// points that have no case and belong to no class, in the pattern and in what is searched, so that nothing but ASCII is
// folded or classified: as in PCRE2's default tables.
const highBytes = 0xf700

// widen appends b to dst, each byte as the UTF-8 of its code point.
func widen(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, wide(c))
	}
	return dst
}

func wide(c byte) rune {
	if c < utf8.RuneSelf {
		return rune(c)
	}
	return highBytes + rune(c)
}

// translator rewrites a pattern of PCRE2 to one of Go's that matches the same.
type translator struct {
	in    string // as bytes
	out   strings.Builder
	class bool // within [...]
}

// outside and inside are what PCRE2's escapes mean where Go has none or another meaning, out of and in a class.
var (
	outside = map[byte]string{'s': `[\t-\r ]`, 'S': `[^\t-\r ]`, 'h': `[\t \x{f7a0}]`, 'H': `[^\t \x{f7a0}]`, 'v': `[\n-\r\x{f785}]`, 'V': `[^\n-\r\x{f785}]`,
		'N': `[^\n]`, 'R': `(?:\r\n|[\n-\r\x{f785}])`, 'Z': `(?:\n?\z)`, 'e': `\x1b`}
	inside = map[byte]string{'s': `\t-\r `, 'h': `\t \x{f7a0}`, 'v': `\n-\r\x{f785}`, 'e': `\x1b`, 'b': `\x08`}
	// refused are escapes that RE2, which runs in linear time, has nothing for.
	refused = map[byte]string{'K': "match resets", 'G': "match starts", 'C': "single code units", 'X': "grapheme clusters", 'g': "references", 'k': "references"}
)

// translate gives the pattern in Go's syntax. The error says what cannot be said.
func translate(pattern string) (string, error) {
	t := &translator{in: pattern}
	for len(t.in) > 0 {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func (t *translator) next() error {
	c := t.in[0]
	switch {
	case c == '\\' && len(t.in) > 1:
		return t.escape()
	case c >= utf8.RuneSelf:
		t.code(int64(c))
	case t.class && strings.HasPrefix(t.in, "[:"):
		return t.named()
	case t.class && c == ']':
		t.class = false
		t.out.WriteByte(c)
	case t.class && c == '[': // a bracket like any other
		t.out.WriteString(`\[`)
	case c == '[' && !t.class:
		t.open()
	case c == '$' && !t.class:
		t.out.WriteString(`(?:$|\n\z)`) // also before a newline that ends the text
	case strings.HasPrefix(t.in, "(?") && !t.class:
		return t.group()
	default:
		t.out.WriteByte(c)
	}
	t.in = t.in[1:]
	return nil
}

// open begins a class; a bracket that closes right away is one of its characters.
func (t *translator) open() {
	t.class = true
	t.out.WriteByte('[')
	for _, s := range []string{"^", "]"} {
		if rest, ok := strings.CutPrefix(t.in[1:], s); ok {
			if s == "]" {
				t.out.WriteByte('\\')
			}
			t.out.WriteString(s)
			t.in = t.in[:1] + rest
		}
	}
}

// named copies a class such as [:alpha:].
func (t *translator) named() error {
	end := strings.Index(t.in, ":]")
	if end < 0 {
		t.out.WriteString(`\[`)
		t.in = t.in[1:]
		return nil
	}
	t.out.WriteString(t.in[:end+2])
	t.in = t.in[end+2:]
	return nil
}

// group passes groups and flags that both know, and names those that RE2 lacks.
func (t *translator) group() error {
	for prefix, what := range map[string]string{"(?=": "look-ahead", "(?!": "look-ahead", "(?<=": "look-behind", "(?<!": "look-behind", "(?>": "atomic groups", "(?#": "comments",
		"(?|": "branch resets", "(?R": "recursion", "(?(": "conditions", "(?&": "recursion", "(?C": "callouts", "(?0": "recursion", "(?1": "recursion", "(?+": "recursion", "(?P=": "references", "(?P>": "recursion"} {
		if strings.HasPrefix(t.in, prefix) {
			return fmt.Errorf("%s: %q", what, prefix)
		}
	}
	if strings.HasPrefix(t.in, "(?'") {
		return fmt.Errorf("names in quotes: %q", "(?'")
	}
	t.out.WriteString("(?")
	t.in = t.in[2:]
	return nil
}

// escape rewrites one escape.
func (t *translator) escape() error {
	c := t.in[1]
	if what, ok := refused[c]; ok {
		return fmt.Errorf("%s: %q", what, `\`+string(c))
	}
	table := outside
	if t.class {
		table = inside
	}
	text, known := table[c]
	switch {
	case known:
		t.out.WriteString(text)
		t.in = t.in[2:]
	case c == 'Q':
		t.quote()
	case c == 'x':
		return t.hex()
	case c == 'c' && len(t.in) > 2:
		t.code(int64(upperByte(t.in[2]) ^ 0x40))
		t.in = t.in[3:]
	case c == 'o' || '0' <= c && c <= '9':
		return t.digits()
	case t.class && strings.IndexByte("SHVNR", c) >= 0:
		return fmt.Errorf("a negated class in a class: %q", `\`+string(c))
	case c >= utf8.RuneSelf:
		t.code(int64(c))
		t.in = t.in[2:]
	case isLetter(c) && strings.IndexByte("dDwWbBAzaftnrEpP", c) < 0:
		return fmt.Errorf("unknown escape: %q", `\`+string(c))
	default:
		t.out.WriteString(t.in[:2])
		t.in = t.in[2:]
	}
	return nil
}

func upperByte(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 0x20
	}
	return c
}

func isLetter(c byte) bool { return 'a' <= upperByte(c)|0x20 && upperByte(c)|0x20 <= 'z' }

// quote copies what stands between \Q and \E.
func (t *translator) quote() {
	text, rest, _ := strings.Cut(t.in[2:], `\E`)
	for i := range len(text) {
		t.code(int64(text[i]))
	}
	t.in = rest
}

// hex reads \xhh with up to two digits, or \x{hh}.
func (t *translator) hex() error {
	if rest, ok := strings.CutPrefix(t.in, `\x{`); ok {
		digits, rest, closed := strings.Cut(rest, "}")
		return t.number(digits, 16, rest, closed)
	}
	n := 2
	for n < 4 && n < len(t.in) && strings.IndexByte("0123456789abcdefABCDEF", t.in[n]) >= 0 {
		n++
	}
	return t.number("0"+t.in[2:n], 16, t.in[n:], true)
}

// digits reads \o{...}, \0 with up to two octal digits, and three octal digits; any other number refers back.
func (t *translator) digits() error {
	if rest, ok := strings.CutPrefix(t.in, `\o{`); ok {
		digits, rest, closed := strings.Cut(rest, "}")
		return t.number(digits, 8, rest, closed)
	}
	n := 1
	for n < 4 && n < len(t.in) && '0' <= t.in[n] && t.in[n] <= '7' {
		n++
	}
	if t.in[1] != '0' && n < 4 && !t.class {
		return fmt.Errorf("references: %q", t.in[:2])
	}
	return t.number(t.in[1:n], 8, t.in[n:], n > 1)
}

func (t *translator) number(digits string, base int, rest string, ok bool) error {
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil || !ok || n > 0xff {
		return fmt.Errorf("not a byte: %q", t.in[:len(t.in)-len(rest)])
	}
	t.code(n)
	t.in = rest
	return nil
}

// code writes a byte as the code point that stands for it.
func (t *translator) code(n int64) { fmt.Fprintf(&t.out, `\x{%x}`, wide(byte(n))) }
