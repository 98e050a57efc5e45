package crosscheck

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestVersionOf(t *testing.T) {
	for text, want := range map[string]string{
		"TShark (Wireshark) 4.0.17 (Git v4.0.17 packaged as 4.0.17-0+deb12u1).\n\nCopyright": "4.0.17",
		"TShark (Wireshark) 3.6.2 (Git v3.6.2 packaged as 3.6.2-2)\n":                        "3.6.2",
		"Running as user \"root\".\nTShark (Wireshark) 4.4.18.\n":                            "4.4.18",
		"tcpdump version 4.99.3\n": "",
		"":                         "",
	} {
		if got, ok := versionOf([]byte(text)); got != want || ok != (want != "") {
			t.Errorf("%.40q: %q, %t", text, got, ok)
		}
	}
}

func TestProfile(t *testing.T) {
	for version, want := range map[string]string{"2.6.20": "3.6", "3.4": "3.6", "3.6.2": "3.6", "4.0.17": "4.0", "4.2.2": "4.2", "4.3.0": "4.2", "4.4.18": "4.4", "4.10.1": "4.4", "5.0": "4.4"} {
		if got := profile(version); got != want {
			t.Errorf("%s answers as %s, want %s", version, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	if _, err := Find(context.Background(), "no-such-tshark"); err == nil || !strings.Contains(err.Error(), "--tshark-json") {
		t.Errorf("error %v", err)
	}
	t.Setenv(Binary, "no-such-tshark-either")
	if _, err := Find(context.Background(), ""); err == nil || !strings.Contains(err.Error(), "no-such-tshark-either") {
		t.Errorf("error %v", err)
	}
}

// script stands in for a tshark. What it prints depends on whether the tree or the list is asked for.
func script(t *testing.T, tree, list string) *Tool {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	path := filepath.Join(t.TempDir(), "tshark")
	text := "#!/bin/sh\ncase \"$*\" in\n*--version*) echo 'TShark (Wireshark) 4.0.17' ;;\n*json*) " + tree + " ;;\n*) " + list + " ;;\nesac\n"
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	tool, err := Find(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

func compare(t *testing.T, tool *Tool, capture string) *Result {
	t.Helper()
	x := extract(t, capture)
	a, err := tool.Ask(context.Background(), x.Evidence().File)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compare(context.Background(), x, a, accepted(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What goes wrong with tshark is said in its own words, and is never agreement.
func TestTsharkFails(t *testing.T) {
	capture := filepath.Join(lab, "ben-unreach.pcap")
	recorded, err := filepath.Abs("testdata/ben-unreach-40.json")
	if err != nil {
		t.Fatal(err)
	}
	lines := `for i in $(seq 18); do printf '%d\tICMP\tx\n' $i; done`
	for name, tt := range map[string]struct{ tree, list, problem, complaint string }{
		"refuses":       {"echo 'tshark: no such network type' >&2; exit 2", "exit 2", "tshark: no such network type", ""},
		"says nothing":  {"exit 3", "exit 3", "exit status 3", ""},
		"dies":          {"head -c 30000 " + recorded + "; kill -9 $$", lines, "ends inside a packet", "killed"},
		"other program": {"echo hello", "echo hello", "expected a frame number", ""},
		"silent":        {"true", "true", "read no frame", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := compare(t, script(t, tt.tree, tt.list), capture)
			if !strings.Contains(r.Problem, tt.problem) || !strings.Contains(r.Complaint, tt.complaint) || r.Agrees(false) {
				t.Errorf("problem %q, complaint %q", r.Problem, r.Complaint)
			}
		})
	}
}

// A tshark that reads fewer frames differs, even where all it has agrees.
func TestFewerFrames(t *testing.T) {
	recorded, err := filepath.Abs("testdata/ben-unreach-40.json")
	if err != nil {
		t.Fatal(err)
	}
	r := compare(t, script(t, "cat "+recorded, `for i in $(seq 17); do printf '%d\tICMP\tx\n' $i; done`), filepath.Join(lab, "ben-unreach.pcap"))
	d := row(t, r, allFrames).Differences
	if len(d) != 1 || d[0].First[0].Ours[0] != "18" || d[0].First[0].Theirs[0] != "17" || r.Agrees(false) {
		t.Errorf("%+v", d)
	}
}

// The name of a capture is never an option, and no shell sees it.
func TestHostileName(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join(lab, "ben-unreach.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	name := "-T x $(touch owned);.pcap"
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Skip(err)
	}
	tool := script(t, `printf '%s\n' "$@" >&2; exit 1`, "exit 1")
	a, err := tool.Ask(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	a.records.next()
	a.length()
	if err := a.Close(); err == nil || !strings.Contains(err.Error(), "-r "+filepath.Join(dir, name)+" ") {
		t.Errorf("arguments: %v", err)
	}
	if _, err := os.Stat("owned"); err == nil {
		t.Error("a shell saw the name")
	}
}

// A tshark that hangs is stopped with the run.
func TestHangingTshark(t *testing.T) {
	tool := script(t, "exec sleep 60", "exec sleep 60")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	a, err := tool.Ask(ctx, filepath.Join(lab, "ben-unreach.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := Compare(ctx, extract(t, filepath.Join(lab, "ben-unreach.pcap")), a, accepted(t), ""); err != context.DeadlineExceeded || time.Since(start) > 20*time.Second {
		t.Errorf("error %v after %v", err, time.Since(start))
	}
}

func TestColumns(t *testing.T) {
	c := newColumns(strings.NewReader("1\tARP\twho\n2\tICMP\tEcho\twith a tab \n4\tICMP\t\n"))
	for _, tt := range []struct {
		frame          int64
		protocol, info string
		ok             bool
	}{{2, "ICMP", "Echo\twith a tab ", true}, {3, "ICMP", "", false}, {4, "ICMP", "", true}, {5, "ICMP", "", false}} {
		if protocol, info, ok := c.at(tt.frame); protocol != tt.protocol && ok || info != tt.info || ok != tt.ok {
			t.Errorf("frame %d: %q, %q, %t", tt.frame, protocol, info, ok)
		}
	}
	if c.total() != 4 || c.failed() != nil {
		t.Errorf("%d frames, %v", c.total(), c.failed())
	}
	for _, text := range []string{"x\tICMP\ty\n", "1\tICMP\n", "2\tA\tb\n1\tA\tb\n", "1\tICMP\tcut", strings.Repeat("9", maxLine+100<<10)} {
		if c := newColumns(strings.NewReader(text)); c.total() < 0 || c.failed() == nil {
			t.Errorf("%.20q: no error", text)
		}
	}
}
