package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/report/problems"
	"icmpsift/rules"
	"icmpsift/rules/attack"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
	"icmpsift/rules/filter"
	"icmpsift/rules/lint"
)

const lintUsage = `icmpsift rules lint [flags] [PATH...]

Says everything that is wrong in rule files and folders, with file, line and column: errors, for which a rule is refused;
warnings, for which it serves less than it could; notes. Without PATH it looks at the builtin rules; those may be named by
correlations and suppressions in any case. Whether tests' captures exist is looked at; "icmpsift rules test" runs them.
ATT&CK tags are looked up in ATT&CK Enterprise ` + attack.Version + `. Exit code 5 if there are errors, or with --strict warnings.

A comment "# icmpsift: allow CODE - reason" in a rule lets warnings and notes of that code stand in it.

Examples:
  icmpsift rules lint rules/
  icmpsift rules lint --strict --format github my-rule.yml`

// lintRun is what the flags of lint say.
type lintRun struct {
	format, severity string
	strict           bool
	exclude          []string
	captures, day    string
	ruleset          ruleset
	paths            []string
	least            lint.Severity
	today            time.Time
}

func (l *lintRun) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules lint", pflag.ContinueOnError)
	f.StringVar(&l.format, "format", "text", "how to write: "+strings.Join(problems.Formats(), ", "))
	f.StringVar(&l.severity, "severity", "note", "leave out what is below: "+strings.Join(lint.SeverityNames(), ", "))
	f.BoolVar(&l.strict, "strict", false, "exit with 5 for warnings too")
	f.StringSliceVar(&l.exclude, "exclude", nil, "codes of warnings and notes to leave out (repeatable)")
	f.StringVar(&l.captures, "captures", "", "folder that the builtin rules' captures are relative to")
	f.StringVar(&l.day, "today", "", "day by which suppressions are judged, such as 2026-11-28 (default: today, in UTC)")
	l.ruleset.meaning(f)
	return f
}

func (l *lintRun) check() error {
	if err := oneOf("rules lint", "--format", l.format, problems.Formats()); err != nil {
		return err
	}
	if err := oneOf("rules lint", "--severity", l.severity, lint.SeverityNames()); err != nil {
		return err
	}
	l.least, _ = lint.ParseSeverity(l.severity)
	for _, code := range l.exclude {
		if err := oneOf("rules lint", "--exclude", code, lint.Waivable()); err != nil {
			return err
		}
	}
	return l.date()
}

// date is the day by which suppressions are judged.
func (l *lintRun) date() (err error) {
	if l.today = time.Now(); l.day == "" {
		return nil
	}
	if l.today, err = time.Parse(time.DateOnly, l.day); err != nil {
		return usagef("rules lint: --today %q: expected a date such as 2026-11-28", l.day)
	}
	return nil
}

// oneOf refuses a flag's value that is not one of the words.
func oneOf(command, flag, value string, words []string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return usagef("%s: %s %q: expected %s", command, flag, value, strings.Join(words, ", "))
}

func rulesLint(d door, _ context.Context, args []string) (err error) {
	l := &lintRun{}
	if l.paths, err = d.parse(l.flags(), args, lintUsage); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	c, err := l.ruleset.context("rules lint")
	if err != nil {
		return err
	}
	pack, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		return err
	}
	sources, err := l.sources(pack)
	if err != nil {
		return err
	}
	set, err := file.Load(c, sources...)
	var refused file.Problems
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	list := lint.Run(set, refused, lint.Options{Context: c, Pack: pack, Folder: captureFolder(l.captures), Advise: filter.Advise, Today: l.today})
	list = slices.DeleteFunc(list, func(p lint.Problem) bool { return p.Severity < l.least || slices.Contains(l.exclude, p.Code) })
	if err := problems.Write(d.stdout, list, problems.Options{Format: l.format, Version: release, Rules: len(set.Rules)}); err != nil {
		return err
	}
	return l.verdict(list)
}

// sources are the files to look at, the lists given, and beside one's own files the builtin rules.
func (l *lintRun) sources(pack *file.Set) ([]file.Source, error) {
	out, err := ruleSources("rules lint", l.paths)
	if err != nil {
		return nil, err
	}
	given, err := parseLists("rules lint", l.ruleset.lists)
	if err != nil {
		return nil, err
	}
	if len(l.paths) > 0 {
		out = append(out, file.Beside(pack))
	}
	return append(out, file.Given(given)), nil
}

func (l *lintRun) verdict(list []lint.Problem) error {
	switch {
	case slices.ContainsFunc(list, func(p lint.Problem) bool { return p.Code == string(file.Unreadable) && p.Line == 0 && unread(p.Path) }):
		return exitError(exitUsage)
	case problems.Count(list, lint.Error) > 0, l.strict && problems.Count(list, lint.Warning) > 0:
		return exitError(exitCheck)
	}
	return nil
}

// unread tells a file that cannot be opened from one that holds nothing.
func unread(path string) bool {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return true
	}
	f, err := os.Open(path)
	if err == nil {
		f.Close()
	}
	return err != nil && !strings.HasPrefix(path, "builtin/")
}

// ruleSources are the files and folders named, or the builtin rules if none is.
func ruleSources(command string, paths []string) (out []file.Source, err error) {
	if len(paths) == 0 {
		return []file.Source{file.Embedded(builtin.Files)}, nil
	}
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			return nil, usagef("%s: %q: %w", command, p, reason(err))
		}
		out = append(out, file.Path(p))
	}
	return out, nil
}

// captureFolder gives the folder that a rule's captures are relative to: its file's, and for a builtin rule the one that
// was named, or where the working folder is within icmpsift's repository; "" where there is none.
func captureFolder(named string) func(*rules.Rule) string {
	if named == "" {
		named = checkout()
	}
	return func(r *rules.Rule) string {
		if r.Builtin {
			return named
		}
		return filepath.Dir(filepath.FromSlash(r.At.File))
	}
}

// checkout finds rules/builtin at or above the working folder.
func checkout() string {
	dir, err := os.Getwd()
	for err == nil {
		pack := filepath.Join(dir, "rules", "builtin")
		if _, e := os.Stat(filepath.Join(pack, "builtin.go")); e == nil {
			return pack
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return ""
}
