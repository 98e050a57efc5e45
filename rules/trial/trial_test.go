package trial

import (
	"context"
	"strings"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

const (
	captures = "../../testdata/lab"
	sweep    = "rec-masscan.pcap"
)

var sweeps = &rules.Rule{ID: "00000000-0000-4000-8000-000000000001", Name: "requests", Match: "icmp.type == 8",
	Correlation: &rules.Correlation{Type: rules.ValueCount, Field: "sift.dst", GroupBy: []string{"sift.src"}, Timespan: 60e9, Condition: []rules.Condition{{Op: "gte", Value: 20}}}}

func number(n int) *int { return &n }

// What a test expects is compared, each part of it; what it says nothing of is not.
func TestDifferences(t *testing.T) {
	for name, tt := range map[string]struct {
		capture string
		expect  rules.Expect
		want    []string // the start of each difference
	}{
		"nothing asked": {sweep, rules.Expect{}, nil},
		"as it is":      {sweep, rules.Expect{Findings: number(1), Src: "10.20.0.66"}, nil},
		"findings":      {sweep, rules.Expect{Findings: number(2)}, []string{"findings: expected 2, got 1"}},
		"src and dst":   {sweep, rules.Expect{Src: "10.0.0.1", Dst: "10.0.0.2"}, []string{"src: expected 10.0.0.1, got 10.20.0.66", "dst: expected 10.0.0.2"}},
		"frames":        {sweep, rules.Expect{Frames: "1-3"}, []string{"frames: expected 1-3, got "}},
		"recovered":     {sweep, rules.Expect{Recovered: []string{"ab"}}, []string{"recovered: expected ab, got []"}},
		"none":          {"ben-vlan30.pcap", rules.Expect{Src: "10.0.0.1"}, []string{"expected a finding, got none"}},
		"none expected": {"ben-vlan30.pcap", rules.Expect{Findings: number(0)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Test(context.Background(), &rules.Set{}, sweeps, rules.Test{Capture: tt.capture, Expect: tt.expect}, captures, &field.Context{})
			if err != nil {
				t.Fatal(err)
			}
			ok := len(got) == len(tt.want)
			for i := range min(len(got), len(tt.want)) {
				ok = ok && strings.HasPrefix(got[i], tt.want[i])
			}
			if !ok {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	if _, err := Test(context.Background(), &rules.Set{}, sweeps, rules.Test{Capture: "no-such-file.pcap"}, captures, &field.Context{}); err == nil || !strings.Contains(err.Error(), "no-such-file.pcap") {
		t.Errorf("got %v, want an error that names the capture", err)
	}
	if _, err := Test(context.Background(), &rules.Set{}, sweeps, rules.Test{Capture: "trial_test.go", Expect: rules.Expect{Findings: number(0)}}, ".", &field.Context{}); err == nil || !strings.Contains(err.Error(), "not-capture") {
		t.Errorf("got %v, want an error that says that this is no capture", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ended, &rules.Set{Rules: []*rules.Rule{sweeps}}, &field.Context{}, captures+"/"+sweep); err == nil {
		t.Error("a cancelled run gives no error")
	}
}

// The rules that a tested rule refers to run with it.
func TestReferences(t *testing.T) {
	requests := &rules.Rule{ID: "00000000-0000-4000-8000-000000000002", Name: "request", Match: "icmp.type == 8"}
	many := &rules.Rule{ID: "00000000-0000-4000-8000-000000000003", Name: "many", Correlation: &rules.Correlation{Type: rules.ValueCount, Field: "sift.dst", Rules: []rules.Reference{{Name: "request"}},
		GroupBy: []string{"sift.src"}, Timespan: 60e9, Condition: []rules.Condition{{Op: "gte", Value: 20}}}}
	got, err := Test(context.Background(), &rules.Set{Rules: []*rules.Rule{many, requests}}, many, rules.Test{Capture: sweep, Expect: rules.Expect{Findings: number(1), Src: "10.20.0.66"}}, captures, &field.Context{})
	if err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}
