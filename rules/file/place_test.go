package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"icmpsift/rules/filter"
)

// style is a way to write a text in YAML: it gives the lines, and notes where in them each byte of the text came to stand.
type style struct {
	name  string
	write func(*scribe, string)
}

// scribe writes a file and keeps the place of each byte of a text in it.
type scribe struct {
	strings.Builder
	line, column int
	places       []place
}

// raw writes what stands for no byte of the text.
func (s *scribe) raw(text string) {
	for _, r := range text {
		s.WriteRune(r)
		if s.column++; r == '\n' {
			s.line, s.column = s.line+1, 1
		}
	}
}

// char writes a character of the text as it is written in the style.
func (s *scribe) char(r rune, written string) {
	for range utf8.RuneLen(r) {
		s.places = append(s.places, place{s.line, s.column})
	}
	s.raw(written)
}

// each writes all characters, blanks that follow one of the marks by what breaks a line.
func (s *scribe) each(text, breaks string, write func(rune) string) {
	blanks := 0
	for i, r := range text {
		if r == ' ' && breaks != "" && i+1 < len(text) && text[i+1] != ' ' && text[i-1] != ' ' {
			if blanks++; blanks%2 == 0 {
				s.char(r, breaks)
				continue
			}
		}
		s.char(r, write(r))
	}
}

func same(r rune) string { return string(r) }

func single(r rune) string { return strings.ReplaceAll(string(r), "'", "''") }

// escaped writes every third kind of character as an escape of its own form.
func escaped(r rune) string {
	switch {
	case r == '"' || r == '\\':
		return "\\" + string(r)
	case r == '=':
		return `\x3d`
	case r == 'p':
		return `\u0070`
	case r == '0':
		return `\U00000030`
	}
	return string(r)
}

// styles are those that YAML has. A text that a style cannot hold is left out by plain.
var styles = []style{
	{"plain", func(s *scribe, text string) { s.raw("match: "); s.each(text, "", same) }},
	{"plain over lines", func(s *scribe, text string) { s.raw("match:\n  "); s.each(text, "\n     ", same) }},
	{"literal", func(s *scribe, text string) { s.raw("match: |\n  "); s.each(text, "", same) }},
	{"literal over lines", func(s *scribe, text string) { s.raw("match: |-\n    "); s.each(text, "\n    ", same) }},
	{"literal with an indentation indicator", func(s *scribe, text string) { s.raw("match: |2+ # why\n  "); s.each(text, "\n   ", same) }},
	{"folded", func(s *scribe, text string) { s.raw("match: >\n  "); s.each(text, "\n  ", same) }},
	{"folded, stripped", func(s *scribe, text string) { s.raw("match: >-\n\n      "); s.each(text, "\n      ", same) }},
	{"double", func(s *scribe, text string) { s.raw(`match: "`); s.each(text, "", escaped); s.raw(`"`) }},
	{"double over lines", func(s *scribe, text string) { s.raw(`match: "`); s.each(text, "\n    ", escaped); s.raw(`"`) }},
	{"double, continued", func(s *scribe, text string) { s.raw(`match: "`); s.each(text, "\\\n    \\ ", escaped); s.raw(`"`) }},
	{"single", func(s *scribe, text string) { s.raw("match: '"); s.each(text, "", single); s.raw("'") }},
	{"single over lines", func(s *scribe, text string) { s.raw("match:\n  '"); s.each(text, "\n      ", single); s.raw("'") }},
}

// plain tells whether YAML takes the text without quotes.
func plain(text string) bool {
	return !strings.ContainsAny(text[:1], "'\"[]{}>|*&!%#`@,?:-=") && !strings.Contains(text, " #") && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":")
}

// Whichever way a filter is written in YAML, its error stands at the very character.
func TestFilterPlaces(t *testing.T) {
	table, err := os.ReadFile(filepath.FromSlash("../../cmd/icmpsift/testdata/lint/filters.txt"))
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for line := range strings.Lines(string(table)) {
		if text := strings.TrimSuffix(line, "\n"); !strings.HasPrefix(text, "#") {
			looked += everyStyle(t, text) + everyStyle(t, "icmp  and ip.host != \"it's ä\\\\ok\" and "+text)
		}
	}
	if looked < 1000 {
		t.Errorf("only %d places", looked)
	}
}

func everyStyle(t *testing.T, text string) (looked int) {
	t.Helper()
	for _, st := range styles {
		if strings.HasPrefix(st.name, "plain") && !plain(text) {
			continue
		}
		s := &scribe{line: 1, column: 1}
		s.raw("title: X\nid: 0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d60\nname: x\nlevel: low\n")
		st.write(s, text)
		s.places = append(s.places, place{s.line, s.column}) // behind the last character
		if strings.HasPrefix(st.name, "double") || strings.HasPrefix(st.name, "single") {
			s.places[len(text)].column-- // the quote
		}
		s.raw("\n")
		looked++
		data := s.String()
		if looked%2 == 0 { // every other one as Windows writes it
			data = "\ufeff" + strings.ReplaceAll(data, "\n", "\r\n")
		}
		if err := misplacedFilter(text, data, s.places); err != nil {
			t.Errorf("%s: %v\n%s", st.name, err, s.String())
		}
	}
	return looked
}

// misplacedFilter loads what was written, and compares the place of the error with that of the character at fault.
func misplacedFilter(text, data string, places []place) error {
	_, wrong := filter.Compile(text, nil, nil)
	at := places[wrong.(*filter.Error).Offset]
	_, err := Load(nil, Source{FS: fstest.MapFS{"x.yml": {Data: []byte(data)}}, Root: "."})
	problems, ok := err.(Problems)
	if !ok || len(problems) != 1 || problems[0].Code != BadFilter {
		return fmt.Errorf("got %v", err)
	}
	if got := (place{problems[0].Line, problems[0].Column}); got != at {
		return fmt.Errorf("the error is placed at %v, and should be at %v: %v", got, at, problems)
	}
	return nil
}
