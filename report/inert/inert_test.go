package inert

import (
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"prose", "Host 10.0.0.5 sent 1,200 bytes.", "Host `10.0.0.5` sent 1,200 bytes."},
		{"prefix", "(192.0.2.0/24)", "(`192.0.2.0/24`)"},
		{"emoji in an address", "from 2001:db8:100::1, twice", "from `2001:db8:100::1`, twice"},
		{"time of day", "at 10:00:01.5, 12:13:14", "at 10:00:01.5, 12:13:14"},
		{"table", "a|b", "a&#124;b"},
		{"html", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"},
		{"entity", "&lt;", "&amp;lt;"},
		{"markup", "*a* _b_ ~c~ $d$", `\*a\* \_b\_ \~c\~ \$d\$`},
		{"link", "[x](javascript:alert)", `\[x\](javascript:alert)`},
		{"image", "![x](y)", `!\[x\](y)`},
		{"bare link", "see https://evil.example/a|b.", "see `https://evil.example/a\\x7cb`."},
		{"www", "WWW.evil.example", "`WWW.evil.example`"},
		{"mail", "me@evil.example", "`me@evil.example`"},
		{"backtick", "a`b", "a\\`b"},
		{"heading", "# a", `\# a`},
		{"list", "- a", `\- a`},
		{"numbered", "1. a", `1\. a`},
		{"backslash", `a\*b`, `a\\\*b`},
		{"lines fold", "a\n\n  b", "a b"},
		{"escape", "a\x1b[0m", `a\\x1b\[0m`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Markdown(c.in); got != c.want {
				t.Errorf("Markdown(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestCode(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "a b", "`a b`"},
		{"table", "a|b", "`a\\x7cb`"},
		{"backtick inside", "a`b", "``a`b``"},
		{"backtick at the edge", "``a", "``` ``a ```"},
		{"line break", "a\nb", "`a\\x0ab`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Code(c.in); got != c.want {
				t.Errorf("Code(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestFence(t *testing.T) {
	if got, want := Fence("", "a\n````\nb"), "`````\na\n````\nb\n`````"; got != want {
		t.Errorf("Fence = %q, want %q", got, want)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff\\x")
	f.Add(`\\\u{12}`)
	f.Fuzz(func(t *testing.T, s string) {
		if m := Markdown(s); strings.ContainsAny(m, "|<\n") && !strings.Contains(m, "`") {
			t.Fatalf("Markdown(%q) = %q", s, m)
		}
		if c := Code(s); strings.ContainsAny(c, "|\n") {
			t.Fatalf("Code(%q) = %q", s, c)
		}
	})
}
