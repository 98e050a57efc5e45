package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"icmpsift/ingest/fault"
	"icmpsift/report"
)

// failing has the units of work fail whose step begins like that, and runs analyze.
func failing(t *testing.T, out string, steps ...string) (code int, talk string, r *report.Report) {
	t.Helper()
	fault.Trip = func(u fault.Unit) {
		for _, s := range steps {
			if strings.HasPrefix(u.Step, s) {
				panic("tripped over " + s)
			}
		}
	}
	defer func() { fault.Trip = nil }()
	code, talk = enter(t, "analyze", filepath.Join("..", "..", "testdata", "lab", "exf-payload-raw.pcapng"), "-o", out, "--quiet")
	b, err := os.ReadFile(filepath.Join(out, marker))
	if err != nil {
		return code, talk, nil
	}
	r = &report.Report{}
	if err := json.Unmarshal(b, r); err != nil {
		t.Fatal(err)
	}
	return code, talk, r
}

// Bugs in several parts cost those parts: the report is there, says what is lost, and the exit code tells.
func TestFaults(t *testing.T) {
	_, _, sound := failing(t, filepath.Join(t.TempDir(), "sound"))
	if len(sound.Faults) != 0 || len(sound.Findings) == 0 || len(sound.Artefacts) == 0 {
		t.Fatalf("%d faults, %d findings, %d files", len(sound.Faults), len(sound.Findings), len(sound.Artefacts))
	}
	out := filepath.Join(t.TempDir(), "report")
	steps := []string{"recovery from ", "looking into a tunnel", "writing a finding out", "describing the figure of types", "drawing the figure activity", "following sizes", "cutting out", "counting who sent"}
	code, talk, r := failing(t, out, steps...)
	if r == nil || code != exitIncomplete {
		t.Fatalf("exit code %d: %s", code, talk)
	}
	notes, page := strings.Join(r.Notes, "\n"), textOf(t, filepath.Join(out, "report.md"))
	for _, step := range steps {
		named := func(f report.Fault) bool {
			return strings.HasPrefix(f.Step, step) && f.Times > 0 && f.Cause == "tripped over "+step
		}
		if step != "looking into a tunnel" && (!slices.ContainsFunc(r.Faults, named) || !strings.Contains(notes, step)) {
			t.Errorf("%q is not told:\n%s", step, notes)
		}
	}
	if !strings.Contains(page, "A bug in icmpsift cost a part of this report") || !strings.Contains(strings.Join(r.Bottom, " "), "A bug in icmpsift") {
		t.Errorf("the page or its first words do not tell: %v", r.Bottom)
	}
	if _, err := os.Stat(filepath.Join(out, "figures", "activity.svg")); err == nil || strings.Contains(page, "activity.svg") {
		t.Error("a figure that could not be drawn is shown")
	}
	if len(r.Types) != len(sound.Types) || r.Totals.ICMPPackets != sound.Totals.ICMPPackets || r.Verdict == "" {
		t.Errorf("what did not fail is not the same: %+v", r.Totals)
	}
	for _, f := range r.Findings {
		if f.Rule.Name == "" || f.Src == "" || len(f.Frames) == 0 || f.Filter == "" {
			t.Errorf("a finding lost what its rule told: %+v", f)
		}
	}
	if code, talk := enter(t, "verify", out); code != exitDone {
		t.Errorf("verify: %d %s", code, talk)
	}
}

// broken is a context that panics once, when it is asked after the figures are drawn.
type broken struct {
	context.Context
	armed *atomic.Bool
}

func (b broken) Err() error {
	if b.armed.CompareAndSwap(true, false) {
		var list []int
		_ = list[len(os.Args)]
	}
	return b.Context.Err()
}

// A bug that no unit of work holds ends the run with an error that says so, and without a report, even a half one.
func TestFaultAtTheDoor(t *testing.T) {
	parent, armed := t.TempDir(), atomic.Bool{}
	fault.Trip = func(u fault.Unit) {
		if strings.HasPrefix(u.Step, "drawing the figure ") {
			armed.Store(true)
		}
	}
	defer func() { fault.Trip = nil }()
	var out, talk bytes.Buffer
	code := door{stdout: &out, stderr: &talk}.enter(broken{context.Background(), &armed}, []string{"analyze", filepath.Join("..", "..", "testdata", "lab", "exf-payload-raw.pcapng"),
		"-o", filepath.Join(parent, "report"), "--quiet"})
	if s := talk.String(); code != exitFailed || !strings.Contains(s, "this is a bug in icmpsift") || !strings.Contains(s, "index out of range") || !strings.Contains(s, "fault_test.go") || strings.Contains(s, "goroutine") {
		t.Errorf("exit code %d: %s", code, s)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func textOf(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A capture that a bug keeps from being compared is a failed comparison, and the analysis stands.
func TestFaultInCrosscheck(t *testing.T) {
	fault.Trip = func(u fault.Unit) {
		if strings.HasPrefix(u.Step, "comparing evidence E1 ") {
			panic("no comparison")
		}
	}
	defer func() { fault.Trip = nil }()
	root, out := filepath.Join("..", ".."), filepath.Join(t.TempDir(), "report")
	code, talk := enter(t, "analyze", filepath.Join(root, "testdata", "lab", "tun-hans.pcap"), "--tshark-json", filepath.Join(root, "ingest", "tshark", "testdata", "tun-hans.v40.json.gz"),
		"-o", out, "--quiet", "--format", "json")
	if code != exitIncomplete {
		t.Fatalf("exit code %d: %s", code, talk)
	}
	var r report.Report
	if err := json.Unmarshal([]byte(textOf(t, filepath.Join(out, marker))), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) != 1 || len(r.Crosscheck) != 1 || !strings.Contains(r.Crosscheck[0].Problem, "a bug in icmpsift") || len(r.Findings) == 0 {
		t.Errorf("faults %+v, comparisons %+v, %d findings", r.Faults, r.Crosscheck, len(r.Findings))
	}
}
