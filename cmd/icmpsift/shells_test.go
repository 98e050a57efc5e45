package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completed are command lines and what every shell should offer for them.
var completed = map[string][]string{
	"icmpsift ana":                      {"analyze"},
	"icmpsift rules li":                 {"lint", "list"},
	"icmpsift analyze --fail":           {"--fail-on"},
	"icmpsift analyze ev --fail-on hi":  {"high"},
	"icmpsift analyze --pack":           {"--packets"},
	"icmpsift completion z":             {"zsh"},
	"icmpsift help ver":                 {"verify", "version"},
	"icmpsift rules explain --ho":       {"--home-net"},
	"icmpsift analyze --min-level crit": {"critical"},
}

func TestFish(t *testing.T) {
	shell, name := installed(t, "fish")
	for line, want := range completed {
		cmd := exec.Command(shell, "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", name, line)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		var got []string
		for s := range strings.Lines(string(out)) {
			word, _, _ := strings.Cut(strings.TrimSpace(s), "\t")
			got = append(got, word)
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q (%v)", line, got, want, err)
		}
	}
}

// zshLoop types lines with a tab behind them into a zsh of its own and prints what that makes of them.
const zshLoop = `
zmodload zsh/zpty || exit 1
zpty shell "TERM=dumb COLUMNS=160 $1 -f -i"
zpty -w shell "PS1='> '; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -D -u; source $2; compdef _icmpsift icmpsift; print rea''dy"
zpty -r -m shell got '*ready*> *' || exit 1
shift 2
for line; do
  zpty -w -n shell "$line"$'\t'"#end"
  zpty -r -m shell got '*#end*' || exit 1
  zpty -w -n shell $'\x15'
  print -r -- "$line => ${(qqqq)got}"
done
zpty -d shell`

func TestZsh(t *testing.T) {
	shell, name := installed(t, "zsh")
	lines := slices.Sorted(maps.Keys(completed))
	cmd := exec.Command(shell, append([]string{"-f", "-c", zshLoop, "zsh", shell, name}, lines...)...)
	cmd.Env = append(os.Environ(), "ZDOTDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, line := range lines {
		_, got, _ := strings.Cut(string(out), line+" => ")
		got, _, _ = strings.Cut(got, "\n")
		for _, word := range completed[line] {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %s, want %q in it", line, got, word)
			}
		}
	}
}

// installed finds a shell and writes its script to a file.
func installed(t *testing.T, shell string) (path, name string) {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("needs " + shell)
	}
	name = filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(name, []byte(script(t, shell)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, name
}
