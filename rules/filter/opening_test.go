package filter

import (
	"math/rand"
	"regexp"
	"testing"
)

// What an opening refuses, the expression does not match.
func TestOpening(t *testing.T) {
	for pattern, want := range map[string]string{ // the bytes of a small alphabet that can stand first
		"^abc": "a", "(?i)^abc": "aA", "^(a|b)c": "ab", "^[ab]?c": "abc", "^a*": "*", "^a*b": "ab", "^": "*", "abc": "*", "^(|a)b": "ab",
		"^a|^b": "ab", "^a|b": "*", "^(?:a|b*)c": "abc", "^a{0,2}b": "ab", "^a{2}b": "a", "^[^a]": "bcABC\x80", "^.": "abcABC\x80", "(?m)^a": "*",
		"^a$": "a", "^$": "*", "^(a)$": "a", "(^a)b": "a", `^\bab`: "a", `^\x{f780}a`: "\x80", "^(ab?)+c": "a", "^((?i)a|b)": "abAB",
	} {
		o := openingOf(regexp.MustCompile(pattern))
		got := "*"
		if o != nil {
			got = ""
			for _, c := range []byte("abcABC\x80") {
				if o[c] {
					got += string([]byte{c})
				}
			}
		}
		if got != want {
			t.Errorf("%q begins with %q, want %q", pattern, got, want)
		}
	}
}

func TestOpeningRefusesNoMatch(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	atoms := []string{"a", "b", "[ab]", ".", "(a|b)", "(?i:a)", "$", "^", "(^a|b)", `\x{f780}`, "(|b)"}
	refused := 0
	for range 20_000 {
		pattern := "^"
		if rnd.Intn(4) == 0 {
			pattern = ""
		}
		for range 1 + rnd.Intn(4) {
			pattern += atoms[rnd.Intn(len(atoms))] + []string{"", "", "?", "*", "+", "{0,2}", "{2}"}[rnd.Intn(7)]
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			continue
		}
		b := make([]byte, rnd.Intn(5))
		for i := range b {
			b[i] = "abA\x80\n"[rnd.Intn(5)]
		}
		if o := openingOf(re); o.refuses(b) {
			if refused++; re.Match(widen(nil, b)) {
				t.Fatalf("%q matches %q", pattern, b)
			}
		}
	}
	if refused < 2000 {
		t.Errorf("only %d refused", refused)
	}
}
