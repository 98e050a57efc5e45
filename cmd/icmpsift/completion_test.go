package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script is what completion prints for a shell.
func script(t *testing.T, shell string) string {
	t.Helper()
	var out, complaints bytes.Buffer
	if code := (door{stdout: &out, stderr: &complaints}).enter(context.Background(), []string{"completion", shell}); code != exitDone || complaints.Len() > 0 {
		t.Fatalf("%s: code %d, %s", shell, code, complaints.String())
	}
	return out.String()
}

// Every command knows its flags without doing anything, and help tells the same ones.
func TestVerbsHaveFlags(t *testing.T) {
	for _, v := range verbs(context.Background()) {
		var out bytes.Buffer
		door{stdout: &out, stderr: &out}.enter(context.Background(), append(slices.Clone(v.words), "--help"))
		for _, f := range v.flags {
			if !strings.Contains(out.String(), "--"+f.Name) {
				t.Errorf("%v: --%s is not in its help", v.words, f.Name)
			}
		}
		if strings.Contains(out.String(), "\nFlags:\n") != (len(v.flags) > 0) {
			t.Errorf("%v: %d flags", v.words, len(v.flags))
		}
	}
}

func TestBash(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	text := script(t, "bash")
	for line, want := range map[string]string{
		"icmpsift an":                        "analyze",
		"icmpsift rules li":                  "list lint",
		"icmpsift analyze --fail":            "--fail-on",
		"icmpsift analyze ev --fail-on hi":   "high",
		"icmpsift analyze --tlp A":           "AMBER+STRICT AMBER",
		"icmpsift rules lint --no-s":         "",
		"icmpsift help ver":                  "verify version",
		"icmpsift completion z":              "zsh",
		"icmpsift diff --format j":           "json",
		"icmpsift analyze some":              "",
		"icmpsift rules explain --ho":        "--home-net",
		"icmpsift analyze --min-level crit":  "critical",
		"icmpsift verify report --evi":       "--evidence",
		"icmpsift analyze ev --format = xls": "xlsx",
	} {
		words := strings.Fields(line)
		run := text + "\nCOMP_WORDS=(" + strings.Join(words, " ") + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _icmpsift; echo ${COMPREPLY[*]}"
		out, err := exec.Command(shell, "--norc", "-c", run).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", line, got, want, err)
		}
	}
}

// The scripts are sound for the shells they are for.
func TestScriptsParse(t *testing.T) {
	for _, s := range shells {
		text := script(t, s.name)
		if !strings.Contains(text, "clock-shift") || !strings.Contains(text, "lint") {
			t.Errorf("%s: commands and flags are missing", s.name)
		}
		shell, err := exec.LookPath(s.name)
		if err != nil {
			t.Logf("%s is not installed: its script is not tried", s.name)
			continue
		}
		name := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(shell, "-n", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", s.name, err, out)
		}
	}
}
