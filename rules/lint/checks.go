package lint

import (
	"slices"

	"icmpsift/rules/file"
)

// Check is one thing that lint looks for.
type Check struct {
	Code     string // stable: never re-used
	Severity Severity
	Summary  string
	run      func(*pass)
}

// checks are what lint looks for in rules that load.
var checks = []Check{
	missing("description", "what the rule sees, and why that is suspicious"),
	missing("author", "who answers for the rule"),
	missing("date", "when it was written, such as 2026-11-22"),
	missing("status", "how far it can be trusted: stable, test or experimental"),
	missing("references", "where the technique is described"),
	missing("falsepositives", "what ordinary traffic looks the same"),
	missing("response", "what to do when it fires"),
	missing("blind_spots", "what it cannot see"),
	{"missing-attack", Warning, "no tag names an ATT&CK technique", (*pass).attack},
	{"duplicate-tag", Note, "a tag is given twice", (*pass).twice},
	{"modified-before-date", Warning, "the rule was modified before it was written", (*pass).dates},
	{"title-form", Note, "the title is no short heading", (*pass).title},
	{"placeholder", Note, "text of the template is left", (*pass).placeholders},
	{"no-test", Warning, "the rule has no tests", (*pass).untested},
	{"no-positive-test", Warning, "no test expects a finding", (*pass).positive},
	{"no-negative-test", Warning, "no test expects that nothing is found", (*pass).negative},
	{"missing-capture", Warning, "a test's capture is not there", (*pass).captures},
	{"unreachable-match", Warning, "no ICMP message can match", (*pass).unreachable},
	{"unreachable-condition", Warning, "no count can meet the condition", (*pass).unmeetable},
	{"taken-by-builtin", Warning, "a builtin rule has the id or name", (*pass).taken},
	{"same-logic", Warning, "an earlier rule finds the same", (*pass).same},
}

// adviser hands on what [Options.Advise] says, under its own codes.
var adviser = Check{"filter-advice", Warning, "a filter that compiles may not mean what it says", (*pass).advice}

// refusals are what loading a file can refuse.
var refusals = []Check{
	{string(file.Unreadable), Error, "the file or folder cannot be read, or holds no rule", nil},
	{string(file.NotYAML), Error, "the file is not YAML", nil},
	{string(file.UnknownKey), Error, "a key that cannot stand there", nil},
	{string(file.MissingKey), Error, "a key that must stand there is missing", nil},
	{string(file.InvalidValue), Error, "a value is not what was expected", nil},
	{string(file.BadFilter), Error, "a display filter does not compile", nil},
	{string(file.Duplicate), Error, "two rules have the same id or name", nil},
}

// Checks lists what lint looks for, errors first.
func Checks() []Check { return slices.Concat(refusals, checks) }
