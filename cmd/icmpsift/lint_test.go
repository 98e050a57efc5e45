package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest/oracle"
	"icmpsift/rules/lint"
)

var update = flag.Bool("update", false, "write the golden files")

// Each rule file that is broken or weak has a golden file with all that lint says of it: message, line, column, caret.
func TestLintGolden(t *testing.T) {
	for _, folder := range []struct {
		rules, golden string
		least         int
	}{{"../../rules/file/testdata/bad", "testdata/lint/bad", 50}, {"testdata/lint/weak", "testdata/lint/weak", 10}} {
		paths, err := filepath.Glob(filepath.Join(folder.rules, "*.yml"))
		if err != nil || len(paths) < folder.least {
			t.Fatalf("%s: %d files, %v", folder.rules, len(paths), err)
		}
		for _, path := range oracle.Sample(t, paths, 8) {
			name := strings.TrimSuffix(filepath.Base(path), ".yml")
			t.Run(name, func(t *testing.T) { lintGolden(t, path, filepath.Join(folder.golden, name+".txt")) })
		}
	}
}

func lintGolden(t *testing.T, path, golden string) {
	entering.Lock()
	defer entering.Unlock()
	var out, complaints bytes.Buffer
	code := door{stdout: &out, stderr: &complaints}.enter(context.Background(), []string{"rules", "lint", "--today", "2026-11-28", path})
	got := strings.ReplaceAll(out.String(), filepath.ToSlash(filepath.Dir(path))+"/", "")
	if wrong := strings.Contains(got, ": error: "); complaints.Len() > 0 || wrong != (code == exitCheck) || !wrong && code != exitDone {
		t.Errorf("exit code %d, %s", code, complaints.String())
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || got != string(want) {
		t.Errorf("%v\ngot\n%swant\n%s", err, got, want)
	}
}

// Of each wrong filter of a table, what is said and where the caret stands.
func TestLintFilters(t *testing.T) {
	const golden = "testdata/lint/filters.golden"
	table, err := os.ReadFile("testdata/lint/filters.txt")
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	filters := 0
	for line := range strings.Lines(string(table)) {
		if !strings.HasPrefix(line, "#") {
			filters++
			fmt.Fprintf(&file, "---\ntitle: X\nid: 5d1c3f1e-7d36-4c3c-9a3b-%012d\nname: x%d\nlevel: low\nmatch: |\n  %s", filters, filters, line)
		}
	}
	path := filepath.Join(t.TempDir(), "filters.yml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	lintGolden(t, path, golden)
	got, err := os.ReadFile(golden)
	if err != nil || filters < 40 || !strings.HasSuffix(string(got), fmt.Sprintf("\n%d errors, 0 warnings, 0 notes in 0 sound rules\n", filters)) {
		t.Errorf("%d filters, %v: not each of them has its error", filters, err)
	}
}

// Every check has a file that it finds something in.
func TestLintGoldenIsWhole(t *testing.T) {
	var all strings.Builder
	paths, _ := filepath.Glob("testdata/lint/*/*.txt")
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, c := range lint.Checks() {
		if !strings.Contains(all.String(), ": "+c.Severity.String()+": ") || !strings.Contains(all.String(), " ["+c.Code+"]\n") {
			t.Errorf("no golden file shows %s", c.Code)
		}
	}
}
