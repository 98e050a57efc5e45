package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of Markdown: its language and its text.
var block = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```\n")

// TestGuide does what rules/README.md shows, from top to bottom in one folder: a block of YAML whose first line is a
// comment with a file name is that file, and what a console block's commands print must be what stands there.
func TestGuide(t *testing.T) {
	guide, err := filepath.Abs("../../rules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	enterFolder(t, filepath.Dir(filepath.Dir(guide)))
	commands := 0
	done := block.ReplaceAllFunc(text, func(b []byte) []byte {
		part := block.FindSubmatch(b)
		switch string(part[1]) {
		case "yaml":
			write(t, part[2])
		case "console":
			got, n := session(t, string(part[2]))
			commands += n
			if !*update && got != string(part[2]) {
				t.Errorf("the guide says\n%s\nbut it is\n%s", part[2], got)
			}
			return []byte("```console\n" + got + "```\n")
		}
		return b
	})
	if commands < 10 {
		t.Errorf("only %d commands are run", commands)
	}
	if *update {
		if err := os.WriteFile(guide, done, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadme counts what the README says there is.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var list, complaints bytes.Buffer
	if code := (door{stdout: &list, stderr: &complaints}).enter(context.Background(), []string{"rules", "list", "--format", "json"}); code != exitDone {
		t.Fatalf("exit code %d, %s", code, complaints.String())
	}
	var rules []struct{}
	if err := json.Unmarshal(list.Bytes(), &rules); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("\n%d builtin rules, ", len(rules)); !strings.Contains(string(text), want) {
		t.Errorf("the README does not say %q", want)
	}
}

// enterFolder makes an empty folder, in which testdata is the repository's, the current one.
func enterFolder(t *testing.T, root string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(filepath.Join(root, "testdata"), filepath.Join(folder, "testdata")); err != nil {
		t.Skipf("no symbolic links here: %v", err) // Windows without the right to make them
	}
	t.Chdir(folder)
}

var fileName = regexp.MustCompile(`^# ([a-z0-9./-]+)\n`)

// write writes a block of YAML to the file it names; every block names one.
func write(t *testing.T, text []byte) {
	t.Helper()
	name := fileName.FindSubmatch(text)
	if name == nil {
		t.Fatalf("this YAML names no file in a comment on its first line:\n%s", text)
	}
	path := string(name[1])
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.TrimPrefix(text, name[0]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// session enters the commands of a console block ("$ icmpsift ..."), and gives the block as it would be. An exit code other
// than 0 is told in brackets.
func session(t *testing.T, text string) (out string, commands int) {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(text) {
		if edit := replacing.FindStringSubmatch(line); edit != nil {
			replace(t, edit[3], edit[1], edit[2])
			b.WriteString(line)
			continue
		}
		words, ok := strings.CutPrefix(line, "$ icmpsift ")
		if !ok {
			continue
		}
		commands++
		var printed bytes.Buffer
		entering.Lock()
		code := (door{stdout: &printed, stderr: &printed}).enter(context.Background(), split(words))
		entering.Unlock()
		b.WriteString(line)
		for shown := range strings.Lines(printed.String()) {
			b.WriteString(strings.TrimRight(shown, " \n") + "\n")
		}
		if code != exitDone {
			b.WriteString("[exit status " + string(rune('0'+code)) + "]\n")
		}
	}
	return b.String(), commands
}

// replacing is the one other command there is.
var replacing = regexp.MustCompile(`^\$ sed -i 's/([^/]+)/([^/]+)/' ([a-z.]+)\n$`)

func replace(t *testing.T, path, old, with string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s has no %q: %v", path, old, err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(with), 1), 0o644); err != nil {
		t.Fatal(err)
	}
}

var word = regexp.MustCompile(`'([^']*)'|\S+`)

// split cuts a command line into words as a shell does; single quotes hold a word together.
func split(line string) (out []string) {
	for _, w := range word.FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(w[0], "'") {
			out = append(out, w[1])
		} else {
			out = append(out, w[0])
		}
	}
	return out
}
