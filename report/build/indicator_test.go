package build

import (
	"testing"
	"time"

	"icmpsift/report"
)

func TestIndicators(t *testing.T) {
	at := time.Date(2024, 5, 14, 8, 0, 0, 0, time.UTC)
	finding := func(id, level string, after time.Duration, hosts ...report.HostRef) report.Finding {
		return report.Finding{ID: id, Level: level, Confidence: "medium", Rule: report.RuleRef{Title: "Rule"}, First: at.Add(after), Last: at.Add(after + time.Minute), Hosts: hosts}
	}
	r := &report.Report{Findings: []report.Finding{
		finding("F-1", "high", time.Hour, report.HostRef{Address: "10.0.0.1", Role: "sender", Zone: "home"}, report.HostRef{Address: "203.0.113.1", MAC: "02:00:00:00:00:01", Role: "receiver", Zone: "outside"}),
		finding("F-2", "medium", 0, report.HostRef{Address: "203.0.113.1", Role: "scanner", Zone: "outside"}, report.HostRef{Address: "10.0.0.0/24", Role: "target", Zone: "home"}),
		finding("F-3", "medium", 0, report.HostRef{Address: "198.51.100.7", Role: "spoofed", Zone: "outside"}, report.HostRef{Address: "02:00:00:00:00:02 02:00:00:00:00:03", MAC: "02:00:00:00:00:02 02:00:00:00:00:03", Role: "spoofer"}),
		finding("F-4", "high", 0, report.HostRef{Address: "10.0.0.9", Role: "implant", Zone: "home"}, report.HostRef{Address: "2001:db8::/32", Role: "controller", Zone: "outside"}),
		finding("F-5", "low", 0, report.HostRef{Address: "192.0.2.5", Role: "scanner", Zone: "outside"}),
	}, Artefacts: []report.Artefact{
		{Finding: "F-1", SHA256: "ab", Size: 2, Complete: true, Confidence: "high"}, {Finding: "F-1", SHA256: "cd", Size: 1, Name: "x", Confidence: "low"}, {Finding: "F-9", SHA256: "ef"},
	}}
	want := []struct {
		kind, value, context string
		findings             int
	}{
		{"file-name", "x", "Name that came with a recovered file", 1},
		{"ipv4-addr", "10.0.0.9", "Implant inside the home networks: Rule", 1},
		{"ipv4-addr", "203.0.113.1", "Receiver outside the home networks: Rule", 2},
		{"mac-addr", "02:00:00:00:00:02", "Station that sent forged packets, or the router next to the capture: Rule", 1},
		{"mac-addr", "02:00:00:00:00:03", "Station that sent forged packets, or the router next to the capture: Rule", 1},
		{"sha256", "ab", "Recovered file, of unknown type, 2 bytes", 1},
		{"sha256", "cd", "Recovered file, of unknown type, 1 byte, with gaps: the whole file has another hash", 1},
	}
	got := indicators(r)
	if len(got) != len(want) {
		t.Fatalf("%d indicators, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if g := got[i]; g.Type != w.kind || g.Value != w.value || g.Context != w.context || len(g.Findings) != w.findings {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if x := got[2]; !x.First.Equal(at) || !x.Last.Equal(at.Add(time.Hour+time.Minute)) || x.Level != "high" {
		t.Errorf("seen twice: %+v", x)
	}
}
