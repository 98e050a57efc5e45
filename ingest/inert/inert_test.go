package inert

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "capture 1.pcap", "capture 1.pcap"},
		{"empty", "", ""},
		{"letters of the world", "größe 漢字", "größe 漢字"},
		{"terminal escape", "a\x1b[31mred", `a\x1b[31mred`},
		{"C1 control", "a\u009b31m", `a\u{009b}31m`},
		{"line breaks", "a\r\nb\tc", `a\x0d\x0ab\x09c`},
		{"bidi override", "a\u202egpj.exe", `a\u{202e}gpj.exe`},
		{"bidi isolate", "\u2066x\u2069", `\u{2066}x\u{2069}`},
		{"zero width", "a\u200bb\ufeffc", `a\u{200b}b\u{feff}c`},
		{"no-break space", "a\u00a0b", `a\u{00a0}b`},
		{"line separator", "a\u2028b", `a\u{2028}b`},
		{"invisible letter", "a\u3164b\u115f", `a\u{3164}b\u{115f}`},
		{"variation selector", "a\ufe0f", `a\u{fe0f}`},
		{"noncharacter", "a\ufffe", `a\u{fffe}`},
		{"invalid UTF-8", "a\xff\xc3(", `a\xff\xc3(`},
		{"replacement character is itself", "\ufffd", "\ufffd"},
		{"edge spaces", " a b ", `\x20a b\x20`},
		{"windows path", `C:\temp\a`, `C:\temp\a`},
		{"looks like an escape", `a\x1b`, `a\\x1b`},
		{"share", `\\host\d`, `\\\host\d`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestVerbatim(t *testing.T) {
	if got, want := Verbatim("data matches \"\\\\x41\"\n and \x1b"), `data matches "\\x41"  and \x1b`; got != want {
		t.Errorf("Verbatim = %q, want %q", got, want)
	}
}

func TestCut(t *testing.T) {
	if got := Cut("größer", 4); got != "grö…" {
		t.Errorf("Cut = %q", got)
	}
}

// read is the inverse of Text, to prove that nothing is lost.
func read(s string) string {
	var b strings.Builder
	for s != "" {
		switch {
		case strings.HasPrefix(s, `\\`):
			b.WriteByte('\\')
			s = s[2:]
		case strings.HasPrefix(s, `\x`):
			b.WriteByte(hex(s[2:4]))
			s = s[4:]
		case strings.HasPrefix(s, `\u{`):
			end := strings.IndexByte(s, '}')
			r := rune(0)
			for _, c := range s[3:end] {
				r = r<<4 | rune(strings.IndexRune("0123456789abcdef", c))
			}
			b.WriteRune(r)
			s = s[end+1:]
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}

func hex(s string) byte {
	const digits = "0123456789abcdef"
	return byte(strings.IndexByte(digits, s[0])<<4 | strings.IndexByte(digits, s[1]))
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff\\x")
	f.Add(`\\\u{12}`)
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if !visible(r) {
				t.Fatalf("%q keeps %U", got, r)
			}
		}
		if back := read(got); back != s {
			t.Fatalf("%q reads back as %q", s, back)
		}
	})
}
