package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"icmpsift/ingest/crosscheck"
	"icmpsift/ingest/oracle"
)

// entering lets one script at a time into the door, for the current folder belongs to the whole process.
var entering sync.Mutex

// TestScripts runs testdata/*.txtar but those that [TestRuleScripts] runs.
func TestScripts(t *testing.T) {
	scripts := scriptsLike(t, "*")
	runScripts(t, slices.DeleteFunc(scripts, func(s string) bool { return strings.HasPrefix(filepath.Base(s), "rules") }))
}

// TestRuleScripts runs those of the tools for rules, which do little side by side.
func TestRuleScripts(t *testing.T) { runScripts(t, oracle.Sample(t, scriptsLike(t, "rules*"), 5)) }

// scriptsLike lists scripts by absolute path: they are opened while others have gone elsewhere.
func scriptsLike(t *testing.T, pattern string) []string {
	scripts, err := filepath.Glob(filepath.Join("testdata", pattern+".txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for i := range scripts {
		if scripts[i], err = filepath.Abs(scripts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return scripts
}

// runScripts runs scripts. Beside testscript's own commands there are
//
//	exits CODE ARGS...   enters the door with ARGS and wants the exit code; output goes to stdout and stderr
//	events FILE EVENT... wants a log of --json-log that tells of the events in that order, the first and the last line among them
//	sha256 SUM FILE...   wants one of the files (patterns) to have the hash
//	mode PERM FILE...    wants the permissions of all of the files (patterns); passes on Windows
//	silent TEXT FOLDER   wants no file of the folder to hold the bytes, not inside the parts of a workbook either
//	spoken TEXT FOLDER   wants one to hold them
//	only FOLDER NAME...  wants the folder to hold exactly these names, hidden ones included
func runScripts(t *testing.T, scripts []string) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Setup: func(e *testscript.Env) error {
			e.Setenv("CASE", filepath.Join(root, "testdata", "case"))
			e.Setenv("LAB", filepath.Join(root, "testdata", "lab"))
			e.Setenv("PACK", filepath.Join(root, "rules", "builtin"))
			e.Setenv("EXPORTS", filepath.Join(root, "ingest", "tshark", "testdata"))
			e.Setenv("RECORDED", filepath.Join(root, "ingest", "crosscheck", "testdata"))
			return nil
		},
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "sha256": sha256Of, "mode": mode, "only": only, "gzip": compressed, "flip": flip, "silent": silentIn, "spoken": spokenIn, "events": events},
		Condition: condition,
	})
}

// events checks a log of --json-log: every line is an object with a time and an event, and the events named come in that order.
func events(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: events FILE EVENT...")
	}
	want := args[1:]
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	for i, line := range lines {
		var e struct{ Time, Event string }
		ts.Check(json.Unmarshal([]byte(line), &e))
		_, err := time.Parse(eventTime, e.Time)
		ts.Check(err)
		switch {
		case len(want) > 0 && e.Event == want[0]:
			want = want[1:]
		case i == 0, i == len(lines)-1:
			ts.Fatalf("line %d is of %q, want %q", i+1, e.Event, want)
		}
	}
	if len(want) > 0 {
		ts.Fatalf("no %q in order in %s", want[0], args[0])
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	entering.Lock()
	defer entering.Unlock()
	args = input(ts, args)
	here, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer os.Chdir(here)
	if got := (door{stdout: ts.Stdout(), stderr: ts.Stderr()}).enter(context.Background(), args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// input gives a command the file behind "<" to read from, and the words before.
func input(ts *testscript.TestScript, args []string) []string {
	last := len(args) - 1
	name, ok := strings.CutPrefix(args[last], "<")
	if !ok {
		return args
	}
	f, err := os.Open(ts.MkAbs(name))
	ts.Check(err)
	terminal := os.Stdin
	os.Stdin = f
	ts.Defer(func() { os.Stdin = terminal; f.Close() })
	return args[:last]
}

// condition: [tshark] holds where a tshark is installed; CI has to have one.
func condition(name string) (bool, error) {
	if name != "tshark" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, err := crosscheck.Find(context.Background(), "")
	if err != nil && os.Getenv("CI") != "" {
		return false, err
	}
	return err == nil, nil
}

func files(ts *testscript.TestScript, patterns []string) (out []string) {
	for _, p := range patterns {
		found, err := filepath.Glob(ts.MkAbs(p))
		ts.Check(err)
		if len(found) == 0 {
			ts.Fatalf("no file %s", p)
		}
		out = append(out, found...)
	}
	return out
}

func sha256Of(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range files(ts, args[1:]) {
		b, err := os.ReadFile(name)
		ts.Check(err)
		if fmt.Sprintf("%x", sha256.Sum256(b)) == args[0] {
			return
		}
	}
	ts.Fatalf("no file has the hash %s", args[0])
}

// compressed writes a file compressed to another.
func compressed(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	z := gzip.NewWriter(out)
	_, err = z.Write(b)
	ts.Check(errors.Join(err, z.Close(), out.Close()))
}

// flip turns one bit of the byte in the middle of files round.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range files(ts, args) {
		b, err := os.ReadFile(name)
		ts.Check(err)
		b[len(b)/2] ^= 1
		ts.Check(os.WriteFile(name, b, 0o600))
	}
}

func silentIn(ts *testscript.TestScript, neg bool, args []string) {
	if name := holder(ts, args[0], args[1]); name != "" {
		ts.Fatalf("%s holds %q", name, args[0])
	}
}

func spokenIn(ts *testscript.TestScript, neg bool, args []string) {
	if holder(ts, args[0], args[1]) == "" {
		ts.Fatalf("no file of %s holds %q", args[1], args[0])
	}
}

// holder names a file of the folder, or the part of a workbook there, that holds the text.
func holder(ts *testscript.TestScript, text, folder string) (found string) {
	entries, err := os.ReadDir(ts.MkAbs(folder))
	ts.Check(err)
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		name := filepath.Join(ts.MkAbs(folder), e.Name())
		b, err := os.ReadFile(name)
		ts.Check(err)
		if bytes.Contains(b, []byte(text)) {
			return e.Name()
		}
		if filepath.Ext(name) != ".xlsx" {
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		ts.Check(err)
		for _, f := range z.File {
			if b, err := fs.ReadFile(z, f.Name); err == nil && bytes.Contains(b, []byte(text)) {
				return e.Name() + "/" + f.Name
			}
		}
	}
	return ""
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range files(ts, args[1:]) {
		info, err := os.Stat(name)
		ts.Check(err)
		if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != args[0] && runtime.GOOS != "windows" {
			ts.Fatalf("%s: %s, want %s", name, got, args[0])
		}
	}
}

func only(ts *testscript.TestScript, neg bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var got []string
	for _, e := range entries {
		if e.Name() != ".tmp" { // testscript's own
			got = append(got, e.Name())
		}
	}
	if strings.Join(got, " ") != strings.Join(args[1:], " ") {
		ts.Fatalf("%s holds %q, want %q", args[0], got, args[1:])
	}
}

const caseFolder = "../../testdata/case"

// An interrupted run gives 130 and leaves nothing behind, parents of the report folder included.
func TestInterrupt(t *testing.T) {
	for name, memory := range map[string]string{"in memory": "1GiB", "spooled": "0"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			var stdout, stderr bytes.Buffer
			code := door{stdout: &stdout, stderr: &stderr}.enter(ctx, []string{"analyze", caseFolder, "--memory", memory, "-o", filepath.Join(dir, "a", "b", "report")})
			if code != exitInterrupt || stdout.Len() > 0 || !strings.Contains(stderr.String(), "interrupted") {
				t.Errorf("code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
			nothingIn(t, dir)
		})
	}
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path != dir {
			t.Errorf("left behind: %s %v", path, err)
		}
		return nil
	})
}

// Evidence names with control characters do not reach the terminal or break the report.
func TestHostileNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	dir := t.TempDir()
	hostile := filepath.Join(dir, "ev\x1b]0;owned\a\n\x1b[2J\u202efolder")
	if err := os.CopyFS(hostile, os.DirFS(filepath.Join(caseFolder, "day3"))); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"analyze", hostile, "-o", filepath.Join(dir, "out\x1b[31m\nput")},
		{"analyze", hostile + "\x1b[31m"},
		{"analyze", hostile, "-o", hostile},
		{"analyze", hostile, "--rules", hostile, "-o", filepath.Join(dir, "x")},
		{"analyze", "--tlp", "\x1b[31m", hostile},
		{"analyze", "--\x1b[31m", hostile},
		{"\x1b[31m"},
	} {
		var out bytes.Buffer
		door{stdout: &out, stderr: &out}.enter(context.Background(), args)
		if out.Len() == 0 || strings.ContainsAny(strings.ReplaceAll(out.String(), "\n", ""), "\x1b\a\u202e") {
			t.Errorf("%q: %q", args, out.String())
		}
	}
	for _, name := range []string{"report.md"} {
		b, err := os.ReadFile(filepath.Join(dir, "out\x1b[31m\nput", name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(b, "\x1b\a") {
			t.Errorf("%s holds a control character", name)
		}
	}
}

// Links do not get reports into evidence, and do not break where the report belongs.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	evidence := filepath.Join(dir, "evidence")
	if err := os.CopyFS(evidence, os.DirFS(filepath.Join(caseFolder, "day3"))); err != nil {
		t.Fatal(err)
	}
	link := func(target, name string) string {
		path := filepath.Join(dir, name)
		if err := os.Symlink(target, path); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
		return path
	}
	run := func(args ...string) (int, string) {
		var stderr bytes.Buffer
		code := door{stdout: new(bytes.Buffer), stderr: &stderr}.enter(context.Background(), append([]string{"analyze", "--no-progress"}, args...))
		return code, stderr.String()
	}
	in := link("evidence", "in")
	if code, text := run(evidence, "-o", filepath.Join(in, "out")); code != exitUsage || !strings.Contains(text, "inside the evidence") {
		t.Errorf("through a link: %d %s", code, text)
	}
	if code, text := run(in, "-o", filepath.Join(evidence, "out")); code != exitUsage || !strings.Contains(text, "inside the evidence") {
		t.Errorf("of a link: %d %s", code, text)
	}
	if code, text := run(evidence, "-o", link("nowhere", "dangling")); code != exitUsage || !strings.Contains(text, "cannot be used") {
		t.Errorf("dangling: %d %s", code, text)
	}
	if err := os.Mkdir(filepath.Join(dir, "reports"), 0o755); err != nil {
		t.Fatal(err)
	}
	out := link("reports", "out")
	for _, force := range []string{"--force=false", "--force"} {
		if code, text := run(evidence, "-o", out+"/", force); code != exitIncomplete {
			t.Errorf("into a link, %s: %d %s", force, code, text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "reports", "report.json")); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("%v %v", entries, err)
	}
}

// A report folder that cannot take its name leaves the earlier report as it was.
func TestEarlierReportStays(t *testing.T) {
	dir := t.TempDir()
	f, err := newFolder(filepath.Join(dir, "report"), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report"), []byte("earlier"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(f.temporary) // the disk is taken away
	if err := f.settle(); err == nil || strings.Count(err.Error(), "rename") != 1 {
		t.Errorf("error %v", err)
	}
	f.abandon()
	if b, err := os.ReadFile(filepath.Join(dir, "report")); err != nil || string(b) != "earlier" {
		t.Errorf("%q %v", b, err)
	}
}
