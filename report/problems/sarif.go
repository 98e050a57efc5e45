package problems

import (
	"io"
	"net/url"
	"slices"

	"icmpsift/rules/lint"
)

// SARIF's objects, as far as they are used (OASIS, Static Analysis Results Interchange Format 2.1.0).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string      `json:"id"`
		Short   sarifText   `json:"shortDescription"`
		Default sarifConfig `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"` // -1: not in the table
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`

		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn"`
		EndColumn   int        `json:"endColumn"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
)

// writeSARIF writes one run with all checks as its rules. Severities are SARIF's levels by name.
func writeSARIF(w io.Writer, list []lint.Problem, o Options) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "icmpsift rules lint", Version: o.Version}
	for _, c := range lint.Checks() {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{c.Code, sarifText{c.Summary}, sarifConfig{c.Severity.String()}})
	}
	for _, p := range list {
		index := slices.IndexFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == p.Code })
		run.Results = append(run.Results, sarifResult{p.Code, index, p.Severity.String(), sarifText{p.Message}, []sarifLocation{located(p)}, waivedIn(p)})
	}
	return indented(w, sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// waivedIn tells of a problem that its own file waives.
func waivedIn(p lint.Problem) []sarifSuppression {
	if p.Waived == "" {
		return nil
	}
	return []sarifSuppression{{"inSource", p.Waived}}
}

func located(p lint.Problem) (l sarifLocation) {
	l.Physical.Artifact.URI = (&url.URL{Path: p.Path}).String()
	if p.Line > 0 {
		l.Physical.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndColumn: p.Column + max(1, p.Length)}
		if p.Source != "" {
			l.Physical.Region.Snippet = &sarifText{p.Source}
		}
	}
	return l
}
