package lint_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/file"
	"icmpsift/rules/filter"
	"icmpsift/rules/lint"
)

const rule = `# one
title: Rule
id: 5d1c3f1e-7d36-4c3c-9a3b-0f3b8d1f2d01
name: rule
level: low
match: >-
  icmp and
  icmp.code != 3
recover: {field: icmp.type, scope: "icmp.type != 8"}
`

// run lints a file in memory.
func run(t testing.TB, text string, o lint.Options) []lint.Problem {
	t.Helper()
	o.Context = &field.Context{}
	if o.Folder == nil {
		o.Folder = func(*rules.Rule) string { return "" }
	}
	set, err := file.Load(o.Context, file.Source{FS: fstest.MapFS{"x.yml": {Data: []byte(text)}}, Root: "."})
	var refused file.Problems
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	return lint.Run(set, refused, o)
}

// Advice on a filter is placed within the YAML value, whichever way that is written.
func TestAdvice(t *testing.T) {
	advise := func(text string, _ *field.Context, _ rules.Lists) []filter.Advice {
		at := strings.Index(text, "!=")
		return []filter.Advice{{Offset: at, Length: 2, Code: "bare-unequal", Message: "all values must differ", Hint: "write any"}}
	}
	var got []lint.Problem
	for _, p := range run(t, rule, lint.Options{Advise: advise}) {
		if p.Code == "bare-unequal" {
			got = append(got, p)
		}
	}
	want := []lint.Problem{
		{Code: "bare-unequal", Severity: lint.Warning, Path: "x.yml", Line: 8, Column: 13, Length: 2, Source: "  icmp.code != 3", Rule: "rule", Message: "match: all values must differ; write any"},
		{Code: "bare-unequal", Severity: lint.Warning, Path: "x.yml", Line: 9, Column: 47, Length: 2, Source: `recover: {field: icmp.type, scope: "icmp.type != 8"}`, Rule: "rule", Message: "scope: all values must differ; write any"},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Codes are unique, and say what they are of.
func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range lint.Checks() {
		if seen[c.Code] || c.Summary == "" || strings.ToLower(c.Code) != c.Code {
			t.Errorf("%+v", c)
		}
		seen[c.Code] = true
	}
}

func TestSeverities(t *testing.T) {
	for _, name := range lint.SeverityNames() {
		if s, ok := lint.ParseSeverity(name); !ok || s.String() != name {
			t.Errorf("%s is %v, %v", name, s, ok)
		}
	}
	if _, ok := lint.ParseSeverity("fatal"); ok {
		t.Error("fatal is no severity")
	}
}

// Whatever a file holds: no panic, and each problem stands within its line.
func FuzzLint(f *testing.F) {
	f.Add([]byte(rule))
	for _, pattern := range []string{"../file/testdata/*/*.y*ml", "../builtin/*.yml", "../../cmd/icmpsift/testdata/lint/weak/*.yml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	advise := func(text string, _ *field.Context, _ rules.Lists) []filter.Advice {
		return []filter.Advice{{Offset: len(text) / 2, Length: len(text), Message: "half"}}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Count(strings.ReplaceAll(string(data), "\r", "\n"), "\n") + 2
		for _, p := range run(t, string(data), lint.Options{Advise: advise, Today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}) {
			if p.Severity == lint.Error && p.Waived != "" || p.Code == "" || p.Path != "x.yml" || p.Message == "" || p.Length < 1 || p.Line > lines || (p.Line == 0) != (p.Column == 0) {
				t.Errorf("%+v", p)
			}
		}
	})
}
