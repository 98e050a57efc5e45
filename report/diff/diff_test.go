package diff

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"icmpsift/report"
	"icmpsift/report/sample"
)

func finding(id, rule, src string, packets int64) report.Finding {
	return report.Finding{ID: id, Rule: report.RuleRef{Name: rule, Title: "Title of " + rule}, Level: "high", Src: src, Dst: "b", Packets: packets, First: time.Unix(1, 0), Last: time.Unix(2, 0)}
}

// states lists what differs: "changed F-2 packets".
func states(l List) string {
	var out []string
	for _, i := range l.Items {
		words := []string{string(i.State), i.ID}
		for _, c := range i.Changes {
			words = append(words, c.What)
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, ", ")
}

func TestFindings(t *testing.T) {
	old := []report.Finding{finding("F-1", "x", "a", 1), finding("F-2", "x", "a", 2), finding("F-3", "y", "a", 3)}
	for name, tt := range map[string]struct {
		now  []report.Finding
		want string
		same int64
	}{
		"the same":               {old, "", 3},
		"in another order":       {[]report.Finding{old[2], old[0], old[1]}, "", 3},
		"one is gone":            {old[:2], "gone F-3", 2},
		"one is new":             {append([]report.Finding{finding("F-0", "z", "a", 1)}, old...), "new F-0", 3},
		"more packets":           {[]report.Finding{old[0], finding("F-2", "x", "a", 9), old[2]}, "changed F-2 packets", 2},
		"begins earlier":         {[]report.Finding{old[0], old[1], finding("F-9", "y", "a", 4)}, "changed F-9 packets", 2},
		"of another host":        {[]report.Finding{old[0], old[1], finding("F-9", "y", "c", 3)}, "new F-9, gone F-3", 2},
		"nothing was found":      {nil, "gone F-1, gone F-2, gone F-3", 0},
		"one of two of the kind": {[]report.Finding{old[1], old[2]}, "gone F-1", 2},
	} {
		r := Compare(&report.Report{Findings: old}, &report.Report{Findings: tt.now})
		if got := states(r.Findings); got != tt.want || r.Findings.Same != tt.same || r.Same != (tt.want == "") {
			t.Errorf("%s: %q, %d the same (%v), want %q, %d", name, got, r.Findings.Same, r.Same, tt.want, tt.same)
		}
	}
}

func TestEvidenceAndFiles(t *testing.T) {
	before := &report.Report{Evidence: []report.Evidence{{ID: "E1", Path: "a", SHA256: "1"}, {ID: "E2", Path: "b", SHA256: "2"}, {ID: "E3", Path: "c", SHA256: "3"}},
		Artefacts: []report.Artefact{{ID: "A-1", SHA256: "x", Src: "s", Carrier: "c"}, {ID: "A-2", SHA256: "y", Src: "t", Carrier: "c"}}}
	after := &report.Report{Evidence: []report.Evidence{{ID: "E1", Path: "a", SHA256: "9"}, {ID: "E2", Path: "moved", SHA256: "2"}, {ID: "E3", Path: "d", SHA256: "4"}},
		Artefacts: []report.Artefact{{ID: "A-7", SHA256: "x", Src: "s", Carrier: "c"}, {ID: "A-3", SHA256: "z", Src: "t", Carrier: "c", Size: 4}, {ID: "A-4", SHA256: "y2", Src: "u", Carrier: "c"}}}
	r := Compare(before, after)
	if got, want := states(r.Evidence), "changed E1 SHA-256, changed E2 path, new E3, gone E3"; got != want {
		t.Errorf("evidence: %q, want %q", got, want)
	}
	if got, want := states(r.Artefacts), "changed A-3 SHA-256 size, new A-4"; got != want || r.Artefacts.Same != 1 {
		t.Errorf("files: %q, want %q", got, want)
	}
}

// What the reports were made with is told, and does not make them differ.
func TestBasis(t *testing.T) {
	at := time.Unix(0, 0)
	r := Compare(&report.Report{Tool: report.Tool{RulesSHA256: "1"}}, &report.Report{Tool: report.Tool{RulesSHA256: "2"}, Case: report.Case{From: &at, Scope: "icmp"}})
	var what []string
	for _, c := range r.Basis {
		what = append(what, c.What)
	}
	if got := strings.Join(what, ", "); got != "rules (SHA-256), from, scope" || !r.Same {
		t.Errorf("%q, %v", got, r.Same)
	}
}

// Texts of reports are somebody else's: they do not move the cursor.
func TestWriteIsInert(t *testing.T) {
	for name, r := range map[string]*report.Report{"incident": sample.Incident(t), "hostile": sample.Hostile(t, "\x1b]0;owned\a\u202e")} {
		var out bytes.Buffer
		if err := Write(&out, Compare(&report.Report{}, r)); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); !strings.Contains(s, "NEW") || strings.ContainsAny(s, "\x1b\a\u202e") {
			t.Errorf("%s: %q", name, s)
		}
	}
}
