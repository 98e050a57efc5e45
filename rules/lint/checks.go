package lint

import (
	"slices"

	"icmpsift/rules/file"
	"icmpsift/rules/filter"
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
	{"unknown-attack", Warning, "a tag names a technique or tactic that ATT&CK does not have", (*pass).unknownAttack},
	{"retired-attack", Warning, "a tag names a technique or tactic that ATT&CK has no longer", (*pass).retiredAttack},
	{"unseen", Warning, "a part of another rule says what only reports would show", (*pass).unseen},
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
	{"superseded-rule", Warning, "the rule supersedes one that is not there, or itself", (*pass).superseded},
	{"same-logic", Warning, "an earlier rule finds the same", (*pass).same},
}

// suppressionChecks are what lint looks for in suppressions.
var suppressionChecks = []Check{
	{"expired-suppression", Warning, "a suppression holds no longer", (*pass).expired},
	{"expiring-suppression", Note, "a suppression ends within a month", (*pass).expiring},
}

// commonChecks are of all documents that have filters.
var commonChecks = []Check{{"cut-filter", Warning, "a part of a filter is a comment to YAML", (*pass).cut}}

// adviser hands on what [Options.Advise] says, mostly under the codes of advice.
var adviser = Check{"filter-advice", Warning, "a filter that compiles may not mean what it says", nil}

// advices are what [filter.Advise] has to say.
var advices = []Check{
	{filter.VersionDependent, Warning, "the versions of Wireshark take a filter differently", nil},
	{filter.BareInequality, Warning, "!= where a packet can have several values", nil},
	{filter.Unreachable, Warning, "no packet can match a part of a filter", nil},
	{filter.Redundant, Warning, "a part of a filter adds nothing", nil},
	{filter.Slow, Warning, "a regular expression looks at far more than it needs to", nil},
}

// waiverChecks are what is wrong with waivers themselves.
var waiverChecks = []Check{
	{"invalid-waiver", Warning, "a waiver is not written as waivers are", nil},
	{"unused-waiver", Warning, "a waiver has nothing to waive", nil},
}

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
func Checks() []Check {
	return slices.Concat(refusals, checks, suppressionChecks, commonChecks, advices, waiverChecks)
}
