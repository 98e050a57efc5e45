package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/pflag"

	"icmpsift/ingest/field"
	"icmpsift/report/inert"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
)

const testUsage = `icmpsift rules test [flags] [PATH...]

Runs the captures that rules are tested on, and tells what differs from what the rules expect. PATHs are rule files and
folders, whose correlations may name builtin rules; without one the builtin rules are tested, and those --rules adds.
Captures are relative to the rule's file. Those of the builtin rules are not in the program: they are looked for relative
to --captures, or else to rules/builtin where the working folder is within icmpsift's repository.

A rule that has no tests, or whose captures are not there, is untested. Exit code 5 if a test failed or a rule is untested.

Example:
  icmpsift rules test my-rules/`

// testRun is what the flags of test say, and what came out.
type testRun struct {
	ruleset          ruleset
	format, captures string
	quiet            bool
	set              *rules.Set    // what rules can name
	tested           []*rules.Rule // those of the set to test
	context          *field.Context
	folder           func(*rules.Rule) string
}

func (t *testRun) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules test", pflag.ContinueOnError)
	f.StringVar(&t.format, "format", "text", "how to write: text, json")
	f.StringVar(&t.captures, "captures", "", "folder that the builtin rules' captures are relative to")
	f.BoolVar(&t.quiet, "quiet", false, "no progress")
	t.ruleset.flags(f)
	return f
}

// Outcomes of a test, and of a rule.
const (
	passed   = "passed"
	failed   = "failed"
	untested = "untested"
)

// tried is a rule's outcome in JSON.
type tried struct {
	Rule    string      `json:"rule"`
	File    string      `json:"file"`
	Line    int         `json:"line"`
	Outcome string      `json:"outcome"`
	Reason  string      `json:"reason,omitempty"` // of a rule without tests
	Tests   []triedTest `json:"tests"`
}

type triedTest struct {
	Capture     string   `json:"capture"`
	Outcome     string   `json:"outcome"`
	Differences []string `json:"differences"` // or why it could not run
}

func rulesTest(d door, ctx context.Context, args []string) error {
	t := &testRun{}
	paths, err := d.parse(t.flags(), args, testUsage)
	if err != nil {
		return err
	}
	if err := oneOf("rules test", "--format", t.format, []string{"text", "json"}); err != nil {
		return err
	}
	if _, err := ruleSources("rules test", paths); err != nil {
		return err
	}
	if err := t.load(paths); err != nil {
		return err
	}
	t.folder = captureFolder(t.captures)
	if t.captures == "" && checkout() == "" && !t.ruleset.noBuiltin && len(paths) == 0 {
		fmt.Fprintln(d.stderr, "icmpsift: rules test: the builtin rules' captures are not in the program; --captures names the folder that they are relative to, rules/builtin of icmpsift's repository")
	}
	all, err := t.run(d, ctx)
	if err != nil {
		return err
	}
	return t.tell(d, all)
}

// load reads the rules. With paths the builtin ones are there to be named: copies of them may be what is tested.
func (t *testRun) load(paths []string) (err error) {
	t.ruleset.paths = append(t.ruleset.paths, paths...)
	if t.context, err = t.ruleset.context("rules test"); err != nil {
		return err
	}
	if len(paths) > 0 && !t.ruleset.noBuiltin {
		if t.ruleset.beside, err = file.Load(t.context, file.Embedded(builtin.Files)); err != nil {
			return err
		}
	}
	set, err := t.ruleset.load("rules test", t.context)
	if err != nil {
		return usageError{err}
	}
	t.set, t.tested = &set.Set, set.Rules
	if pack := t.ruleset.beside; pack != nil {
		t.set = &rules.Set{Rules: slices.Concat(set.Rules, pack.Rules), Suppressions: set.Suppressions, Lists: maps.Clone(pack.Lists)}
		maps.Copy(t.set.Lists, set.Lists)
	}
	return nil
}

func (t *testRun) run(d door, ctx context.Context) (out []tried, err error) {
	var bar *progressbar.ProgressBar
	if !t.quiet && terminal(d.stderr) {
		bar = progressbar.NewOptions(len(t.tested), progressbar.OptionSetWriter(d.stderr), progressbar.OptionSetDescription("testing"),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false), progressbar.OptionFullWidth())
		defer bar.Finish()
	}
	for _, r := range t.tested {
		one, err := t.rule(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
		if bar != nil {
			bar.Add(1)
		}
	}
	return out, nil
}

func (t *testRun) rule(ctx context.Context, r *rules.Rule) (tried, error) {
	out := tried{Rule: r.Name, File: r.At.File, Line: r.At.Line, Outcome: passed, Tests: []triedTest{}}
	if len(r.Tests) == 0 {
		out.Outcome, out.Reason = untested, "has no tests"
	}
	for _, test := range r.Tests {
		one := t.test(ctx, r, test)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		out.Tests = append(out.Tests, one)
		if one.Outcome == failed || one.Outcome == untested && out.Outcome == passed {
			out.Outcome = one.Outcome
		}
	}
	return out, nil
}

func (t *testRun) test(ctx context.Context, r *rules.Rule, test rules.Test) triedTest {
	out := triedTest{Capture: test.Capture, Outcome: passed, Differences: []string{}}
	dir := t.folder(r)
	if dir == "" {
		out.Outcome, out.Differences = untested, []string{"not looked for: the folder of the builtin rules' captures is not known"}
		return out
	}
	if path := filepath.Join(dir, filepath.FromSlash(test.Capture)); absent(path) {
		out.Outcome, out.Differences = untested, []string{"no such capture: " + path}
		return out
	}
	differences, err := trial.Test(ctx, t.set, r, test, dir, t.context)
	if err != nil {
		differences = []string{err.Error()}
	}
	if len(differences) > 0 {
		out.Outcome, out.Differences = failed, differences
	}
	return out
}

func absent(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// tell writes what came out, and settles the exit code.
func (t *testRun) tell(d door, all []tried) error {
	rulesBy, testsBy := map[string]int{}, map[string]int{}
	for _, r := range all {
		rulesBy[r.Outcome]++
		for _, x := range r.Tests {
			testsBy[x.Outcome]++
		}
	}
	var err error
	if t.format == "json" {
		err = writeJSON(d.stdout, &struct {
			Rules map[string]int `json:"rules"`
			Tests map[string]int `json:"tests"`
			Of    []tried        `json:"outcomes"`
		}{rulesBy, testsBy, all})
	} else {
		_, err = fmt.Fprintf(d.stdout, "%srules: %s\ntests: %s\n", outcomes(all), tallied(rulesBy), tallied(testsBy))
	}
	if err == nil && rulesBy[passed] < len(all) {
		return exitError(exitCheck)
	}
	return err
}

func tallied(by map[string]int) string {
	return fmt.Sprintf("%d passed, %d failed, %d untested", by[passed], by[failed], by[untested])
}

// outcomes tells of each rule, and of tests that did not pass what differs.
func outcomes(all []tried) string {
	var b strings.Builder
	for _, r := range all {
		fmt.Fprintf(&b, "%-8s %s", r.Outcome, inert.Text(r.Rule))
		if r.Reason != "" {
			fmt.Fprintf(&b, " (%s:%d): %s", inert.Text(r.File), r.Line, r.Reason)
		}
		b.WriteByte('\n')
		for _, x := range r.Tests {
			if x.Outcome == passed {
				continue
			}
			fmt.Fprintf(&b, "         %s\n", inert.Text(x.Capture))
			for _, line := range x.Differences {
				fmt.Fprintf(&b, "           %s\n", inert.Verbatim(line))
			}
		}
	}
	return b.String()
}
