package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"icmpsift/rules"
)

// expectsNothing tells a test that is a near miss.
func expectsNothing(t rules.Test) bool { return t.Expect.Findings != nil && *t.Expect.Findings == 0 }

func (p *pass) untested() {
	switch {
	case len(p.rule.Tests) > 0 || p.part():
	case p.rule.Status == "stable":
		p.report([]string{"status"}, "status stable, but the rule has no tests: expected tests, or status test or experimental")
	default:
		p.report(nil, "the rule has no tests: expected a capture on which it fires, and a near miss on which it does not")
	}
}

func (p *pass) positive() {
	if len(p.rule.Tests) > 0 && !slices.ContainsFunc(p.rule.Tests, func(t rules.Test) bool { return !expectsNothing(t) }) {
		p.report([]string{"tests"}, "no test expects a finding: expected a capture on which the rule fires")
	}
}

func (p *pass) negative() {
	if len(p.rule.Tests) > 0 && !slices.ContainsFunc(p.rule.Tests, expectsNothing) {
		p.report([]string{"tests"}, "no test expects {findings: 0}: expected a near miss on which the rule does not fire")
	}
}

// captures looks for the files; where the folder is not known there is nothing to look in.
func (p *pass) captures() {
	dir := p.Folder(p.rule)
	if dir == "" {
		return
	}
	for i, t := range p.rule.Tests {
		if strings.Contains(t.Capture, Placeholder) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(t.Capture))); err != nil {
			p.report([]string{"tests", strconv.Itoa(i), "capture"}, "capture %q is not there: expected a file, relative to the rule file's folder", t.Capture)
		}
	}
}
