package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"icmpsift/report"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

// suppressed are the findings that nothing but their list counts.
func (b *builder) suppressed() []report.Finding {
	out := make([]report.Finding, 0, len(b.in.Result.Suppressed))
	for _, f := range b.in.Result.Suppressed {
		row := b.finding(f)
		row.SuppressedBy = fmt.Sprintf("%s of %s (until %s): %s", suppressionID(f.SuppressedBy), f.SuppressedBy.Owner, f.SuppressedBy.Expires, prose(f.SuppressedBy.Reason))
		row.Artefacts = []string{}
		out = append(out, row)
	}
	return out
}

// suppressions lists what was agreed on, and what came of it.
func (b *builder) suppressions() []report.Suppression {
	used := map[*rules.Suppression]int64{}
	for _, f := range b.in.Result.Suppressed {
		used[f.SuppressedBy]++
	}
	out := []report.Suppression{}
	for _, s := range b.in.Suppressions {
		out = append(out, report.Suppression{ID: suppressionID(s), Title: s.Title, Rules: append([]string{}, s.Rules...), Match: s.Match, Reason: prose(s.Reason), Owner: s.Owner,
			Expires: s.Expires, Source: fmt.Sprintf("%s:%d", s.At.File, s.At.Line), Findings: used[s], State: b.state(s, used[s])})
	}
	return out
}

func (b *builder) state(s *rules.Suppression, used int64) string {
	_, last := period(b.in.Ledger)
	switch {
	case used > 0:
		return "used"
	case last != nil && engine.Expired(s, last.UnixNano()):
		return "expired"
	}
	return "unused"
}

func suppressionID(s *rules.Suppression) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{strings.Join(s.Rules, " "), s.Match, s.Reason, s.Owner, s.Expires}, "\x00")))
	return "S-" + hex.EncodeToString(sum[:4])
}
