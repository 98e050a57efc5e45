package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/ingest/field"
	"icmpsift/report/inert"
	"icmpsift/rules"
	"icmpsift/rules/file"
	"icmpsift/rules/filter"
)

const showUsage = `icmpsift rules show [flags] RULE

Shows a rule, by name or id, as its file states it, and what it means: the filter in canonical form, the part of it that
Wireshark can replay, the ICMP types it can match, the correlation in words, its ATT&CK techniques by name, the tests.

Example:
  icmpsift rules show icmp-traceroute`

func rulesShow(d door, _ context.Context, args []string) error {
	var s ruleset
	var format string
	f := pflag.NewFlagSet("rules show", pflag.ContinueOnError)
	f.StringVar(&format, "format", "text", "how to write: text, json")
	s.flags(f)
	rest, err := d.parse(f, args, showUsage)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("rules show takes the name or id of one rule, not %d; \"icmpsift rules list\" lists them", len(rest))
	}
	if err := oneOf("rules show", "--format", format, []string{"text", "json"}); err != nil {
		return err
	}
	set, c, err := loadRules(&s, "rules show")
	if err != nil {
		return err
	}
	r, err := findRule(set, "rules show", rest[0])
	if err != nil {
		return err
	}
	m, err := meaningOf(set, r, c)
	if err != nil {
		return err
	}
	if format == "json" {
		return writeJSON(d.stdout, m)
	}
	return m.write(d.stdout, r)
}

// loadRules loads the rules that the flags name; their problems are the caller's.
func loadRules(s *ruleset, command string) (*file.Set, *field.Context, error) {
	c, err := s.context(command)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.load(command, c)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return set, c, nil
}

// findRule looks a rule up by name or id.
func findRule(set *file.Set, command, name string) (*rules.Rule, error) {
	var names []string
	for _, r := range set.Rules {
		if r.Name == name || name != "" && r.ID == strings.ToLower(name) {
			return r, nil
		}
		names = append(names, r.Name)
	}
	hint := `; "icmpsift rules list" lists them`
	if near := nearestWord(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return nil, usagef("%s: no rule %q%s", command, name, hint)
}

// meaning is a rule as its file states it, and what that comes to.
type meaning struct {
	ruleEntry
	Source      string      `json:"source"`     // its text
	SourceLine  int         `json:"sourceLine"` // on which the text begins
	Filter      string      `json:"filter"`     // canonical
	Wireshark   string      `json:"wireshark"`  // the part that Wireshark can replay
	Whole       bool        `json:"wiresharkWhole"`
	ICMP        string      `json:"icmpTypes"` // "" is none
	ICMPv6      string      `json:"icmpv6Types"`
	Correlation string      `json:"correlation"` // in words
	Tests       []testEntry `json:"tests"`
}

// testEntry is a test: its capture as the file names it, and what it expects in words.
type testEntry struct {
	Capture string `json:"capture"`
	Expect  string `json:"expect"`
}

func meaningOf(set *file.Set, r *rules.Rule, c *field.Context) (*meaning, error) {
	f, err := filter.Compile(r.Match, c, set.Lists)
	if err != nil {
		return nil, err
	}
	m := &meaning{ruleEntry: newRuleEntry(r), Filter: f.String(), Correlation: correlationWords(r.Correlation), Tests: []testEntry{}}
	m.Wireshark, m.Whole = f.Wireshark()
	v4, v6 := f.Types()
	m.ICMP, m.ICMPv6 = typeRanges(v4), typeRanges(v6)
	for _, file := range set.Files {
		if file.Path == r.At.File {
			m.Source, m.SourceLine = file.Outline().Source(r.At)
		}
	}
	for _, t := range r.Tests {
		m.Tests = append(m.Tests, testEntry{t.Capture, expectWords(t.Expect)})
	}
	return m, nil
}

// typeRanges writes a set of types as "0-7,9".
func typeRanges(types *[256]bool) string {
	var r rules.Ranges
	for i, in := range types {
		if in {
			r.Add(int64(i))
		}
	}
	return r.String()
}

func (m *meaning) write(w io.Writer, r *rules.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d\n", inert.Text(r.At.File), m.SourceLine)
	for _, line := range strings.Split(m.Source, "\n") {
		text := strings.TrimLeft(line, " ")
		fmt.Fprintf(&b, "    %s%s\n", line[:len(line)-len(text)], inert.Verbatim(strings.TrimRight(text, " \t")))
	}
	if r.Refers() {
		fmt.Fprintf(&b, "\nfilter       those of the rules it refers to: %s\n", inert.Verbatim(referred(r.Correlation)))
		return m.finish(w, &b)
	}
	replay, note := m.Wireshark, ""
	switch {
	case replay == "":
		replay = "nothing of it"
	case !m.Whole:
		note = "             (shows the packets that match and possibly more: the rest of the filter is beyond Wireshark)\n"
	}
	fmt.Fprintf(&b, "\nfilter       %s\nin Wireshark %s\n%sICMP types   %s\nICMPv6 types %s\n", inert.Verbatim(m.Filter), inert.Verbatim(replay), note, typeWords(m.ICMP), typeWords(m.ICMPv6))
	return m.finish(w, &b)
}

// finish writes when the rule fires, and its tests.
func (m *meaning) finish(w io.Writer, b *strings.Builder) error {
	fmt.Fprintf(b, "fires        %s\n", inert.Verbatim(m.Correlation))
	for i, t := range m.Attack {
		fmt.Fprintf(b, "%-12s %s\n", []string{"ATT&CK", ""}[min(i, 1)], t)
	}
	if len(m.Tests) == 0 {
		b.WriteString("tests        none\n")
	}
	for i, t := range m.Tests {
		fmt.Fprintf(b, "%-12s %s: %s\n", []string{"tests", ""}[min(i, 1)], inert.Text(t.Capture), t.Expect)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func typeWords(ranges string) string {
	switch ranges {
	case "":
		return "none"
	case "0-255":
		return "any"
	}
	return ranges
}
