package inert

import (
	"net/netip"
	"regexp"
	"strings"
)

// Markdown is [Prose] for running text of GitHub-flavoured Markdown, table cells included. No markup, HTML or table
// syntax survives; a word that a renderer would turn into a link, a mention or an emoji (":100:" of an IPv6 address is
// one) and a word that is an address becomes a code span.
func Markdown(s string) string {
	words := strings.Split(Prose(s), " ")
	for i, w := range words {
		words[i] = markdownWord(w, i == 0)
	}
	return strings.Join(words, " ")
}

// Code is [Text] as a Markdown code span, fit for table cells; "" stays "". A vertical bar is shown as \x7c because a
// table would split the span there.
func Code(s string) string {
	if s == "" {
		return ""
	}
	return span(Text(s))
}

// Fence makes lines a fenced code block of the given language; no text in it can end the block. Lines must be inert
// otherwise ([Text] or [Verbatim]).
func Fence(language, lines string) string {
	fence := strings.Repeat("`", max(3, longestRun(lines, '`')+1))
	return fence + language + "\n" + lines + "\n" + fence
}

func span(s string) string {
	s = strings.ReplaceAll(s, "|", `\x7c`)
	tick := strings.Repeat("`", longestRun(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return tick + s + tick
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if run++; s[i] != c {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func markdownWord(w string, first bool) string {
	core := strings.Trim(w, `.,;!?()"'`)
	if core == "" || !special(core) {
		return punctuation(w, first)
	}
	at := strings.Index(w, core)
	return punctuation(w[:at], false) + span(core) + punctuation(w[at+len(core):], false)
}

// clock is a time of day: it has two colons, but is neither an address nor an emoji.
var clock = regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d+)?$`)

// special words are addresses and whatever a renderer acts on without any markup.
func special(w string) bool {
	if clock.MatchString(w) {
		return false
	}
	if strings.Contains(w, "@") || strings.Contains(w, "://") || strings.Count(w, ":") > 1 || strings.Contains(strings.ToLower(w), "www.") {
		return true
	}
	if _, err := netip.ParseAddr(w); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(w)
	return err == nil
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`, "#", `\#`)

// punctuation disarms markup characters; those that only matter at the start of a line only there.
func punctuation(w string, first bool) string {
	out := entities.Replace(w)
	if !first || w == "" {
		return out
	}
	if strings.IndexByte("-+=:", w[0]) >= 0 {
		return `\` + out
	}
	if digits := strings.TrimLeft(w, "0123456789"); len(digits) < len(w) && (digits == "." || digits == ")") {
		return strings.TrimSuffix(w, digits) + `\` + digits
	}
	return out
}
