package filter

import (
	"math/rand"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// An automaton and the expression that it is made of match the same.
func TestAutomaton(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	atoms := []string{"a", "b", "[ab]", ".", "(a|b)", "(?i:a)", "$", "^", "(^a|b)", `\x{f780}`, "(|b)", `\b`, `\B`, "(?m:^a)", "(?m:b$)", "[^a]", `\n`, "(?s:.)", `\z`, " ", "(?:ab|a)"}
	asked, yes := 0, 0
	for range 20_000 {
		pattern := []string{"^", "", "(?i)", "^(?i)"}[rnd.Intn(4)]
		for range 1 + rnd.Intn(5) {
			pattern += atoms[rnd.Intn(len(atoms))] + []string{"", "", "?", "*", "+", "{0,2}", "{2}", "*?"}[rnd.Intn(8)]
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			continue
		}
		a, m := automatonOf(re), &machine{}
		for range 5 {
			b := make([]byte, rnd.Intn(7))
			for i := range b {
				b[i] = "aabbA\x80\n _"[rnd.Intn(9)]
			}
			want := re.Match(widen(nil, b))
			if asked++; want {
				yes++
			}
			if got, text := matches(a, m, b), matches(a, m, string(b)); got != want || text != want {
				t.Fatalf("%q on %q: %v, of text %v, want %v", pattern, b, got, text, want)
			}
		}
	}
	if yes < asked/5 || yes > asked*4/5 {
		t.Errorf("%d of %d match", yes, asked)
	}
}

// What cannot begin anywhere but at the start, is given up at the first byte that does not fit.
func TestAutomatonBeginsOnce(t *testing.T) {
	for pattern, want := range map[string]bool{"^abc": true, "abc": false, "(?i)^abc": true, "^a|^b": true, "^a|b": false, "(^a)b": true, "^": true, "^a*": true,
		"(?m)^a": false, "a^b": false, `\Aa`: true, "(|^)b": false, `^\bab`: true, "(^|x)b": false, "": false, "$": false} {
		if got := automatonOf(regexp.MustCompile(pattern)).anchored; got != want {
			t.Errorf("%q: %v, want %v", pattern, got, want)
		}
	}
}

// Expressions with more states than a table may have, or too large ones, are asked themselves; bytes as long as they are, take linear time.
func TestAutomatonIsBounded(t *testing.T) {
	rnd := rand.New(rand.NewSource(6))
	for _, pattern := range []string{"[ab]*a[ab]{12}c", "x{900}y{900}", "(a|b|ab)*c$"} {
		re := regexp.MustCompile(pattern)
		a, m := automatonOf(re), &machine{}
		for range 200 {
			b := make([]byte, 200)
			for i := range b {
				b[i] = "ab"[rnd.Intn(2)]
			}
			b[rnd.Intn(len(b))] = 'c'
			if got, want := matches(a, m, b), re.Match(b); got != want {
				t.Fatalf("%q on %q: %v, want %v", pattern, b, got, want)
			}
		}
		if entries := int(a.made) * (len(a.sample) + 1); entries > maxTable {
			t.Errorf("%q: %d entries", pattern, entries)
		}
	}
}

// Filters of several machines share automata.
func TestAutomatonSideBySide(t *testing.T) {
	re := regexp.MustCompile("(get|put) [a-z]+ (one|two)$")
	a := automatonOf(re)
	var all sync.WaitGroup
	for seed := range 4 {
		all.Go(func() {
			rnd, m := rand.New(rand.NewSource(int64(seed))), &machine{}
			for range 2000 {
				b := []byte("get it two")
				b[rnd.Intn(len(b))] = byte(rnd.Intn(256))
				if got, want := matches(a, m, b), re.Match(widen(nil, b)); got != want {
					t.Errorf("%q: %v, want %v", b, got, want)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkMatches(b *testing.B) {
	re := regexp.MustCompile(`(?i)^([^a-z0-9 /.]{1,4})? *(sudo +)?(whoami|id|ls( +[-/~.][!-~]*)*|cat +[ -~]*)[ \r\n]*$`)
	for name, text := range map[string]string{"match": "cat /etc/passwd and more", "ramp": "\x00\x06GHF\x20BI\x08\x09" + strings.Repeat("\x0a\x0b !#$%&", 6)} {
		b.Run(name, func(b *testing.B) {
			a, m := automatonOf(re), &machine{}
			b.ReportAllocs()
			for b.Loop() {
				matches(a, m, text)
			}
		})
		b.Run(name+"/regexp", func(b *testing.B) {
			m := &machine{}
			for b.Loop() {
				m.arena = m.arena[:0]
				re.Match(m.widened([]byte(text)))
			}
		})
	}
}
