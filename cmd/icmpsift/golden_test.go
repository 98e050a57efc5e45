package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestGoldenReports holds whole reports, from the evidence to the page, against those that were looked at: a case with
// findings, and a capture in which nothing is found. They have rules of their own, testdata/golden/rules.yml.
func TestGoldenReports(t *testing.T) {
	for name, c := range map[string]struct {
		evidence string
		code     int
	}{"case": {"case", exitIncomplete}, "quiet": {filepath.Join("lab", "ben-ping4-sizes.pcap"), exitDone}} {
		t.Run(name, func(t *testing.T) {
			out, golden := filepath.Join(t.TempDir(), "out"), filepath.Join("testdata", "golden")
			var talk bytes.Buffer
			entering.Lock()
			code := (door{stdout: &talk, stderr: &talk}).enter(context.Background(), []string{"analyze", filepath.Join("..", "..", "testdata", c.evidence), "-o", out, "--quiet", "--case", "IR-2026-017",
				"--format", "md,html,json,svg", "--no-builtin", "--rules", filepath.Join(golden, "rules.yml")})
			entering.Unlock()
			if code != c.code {
				t.Fatalf("exit code %d, want %d: %s", code, c.code, talk.String())
			}
			for _, ext := range []string{".md", ".html", ".json"} {
				same(t, filepath.Join(out, "report"+ext), filepath.Join(golden, name+ext))
			}
		})
	}
}

func same(t *testing.T, made, golden string) {
	t.Helper()
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test -update and look at the difference", golden)
	}
}
