package score_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/score"
)

const lab = "../../testdata/lab"

// folder links lab captures into a folder, with labels of the test's own.
func folder(t *testing.T, labels map[string]string, captures ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range captures {
		b, err := os.ReadFile(filepath.Join(lab, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(b))
	}
	for name, text := range labels {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// echoes finds each pair of hosts with five pings or more.
func echoes(name string, level rules.Level, tags ...string) *rules.Rule {
	return &rules.Rule{Name: name, ID: name, Level: level, Tags: tags, Match: "icmp.type == 8", Endpoints: rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}}
}

const sender, receiver = "10.20.0.12", "203.0.113.66"

// What the grade of exf-payload-raw becomes, by label and rule.
func TestGrade(t *testing.T) {
	const whole = "837cf8ea733269319682878fb14a8d5975eac22df36601abbc6e8046b7c9029f"
	entry := func(src, dst, attack, more string) string {
		return fmt.Sprintf("capture: exf-payload-raw.pcapng\ncategory: exfil\nexpected:\n- {technique: x, src: %s, dst: %s, attack_id: %s%s}\n", src, dst, attack, more)
	}
	recovering := echoes("r", rules.High, "attack.t1048.003")
	recovering.Recover = &rules.Recover{Field: "sift.payload"}
	for name, tt := range map[string]struct {
		label string
		rule  *rules.Rule
		want  string // detected, exact, sides, recovered of wanted, alarms, unasked
	}{
		"just so":            {entry(sender, receiver, "T1048.003", ""), recovering, "true true true 0/0 0 0"},
		"brought back":       {entry(sender, receiver, "T1048.003", ", recovered_sha256: "+whole), recovering, "true true true 1/1 0 0"},
		"not brought back":   {entry(sender, receiver, "T1048.003", ", recovered_sha256: "+whole), echoes("r", rules.High, "attack.t1048.003"), "true true true 0/1 0 0"},
		"another file":       {entry(sender, receiver, "T1048.003", ", recovered_sha256: "+strings.Repeat("0", 64)), recovering, "true true true 0/1 0 0"},
		"a stream":           {entry(sender, receiver, "T1048.003", ", streams: {up: {sha256: "+whole+"}, note: x}"), recovering, "true true true 1/1 0 0"},
		"near technique":     {entry(sender, receiver, "T1041", ""), recovering, "true false true 0/0 0 0"},
		"same base":          {entry(sender, receiver, "T1048", ""), recovering, "true false true 0/0 0 0"},
		"another technique":  {entry(sender, receiver, "T1498", ""), recovering, "false false false 0/0 0 1"},
		"other hosts":        {entry(sender, "203.0.113.67", "T1048.003", ""), recovering, "false false false 0/0 0 1"},
		"the other way":      {entry(receiver, sender, "T1048.003", ""), recovering, "true true false 0/0 0 0"},
		"networks":           {entry("10.20.0.0/24", "203.0.0.0/16", "T1048.003", ""), recovering, "true true true 0/0 0 0"},
		"lists":              {entry("[10.9.9.9, "+sender+"]", "many", "T1048.003", ""), recovering, "true true true 0/0 0 0"},
		"everywhere is none": {entry("0.0.0.0/0", receiver, "T1048.003", ""), recovering, "false false false 0/0 0 1"},
		"forged":             {entry("10.9.9.9", receiver, "T1048.003", ", true_sender: "+sender+" 02:00:00:00:00:01"), recovering, "true true true 0/0 0 0"},
		"too low":            {entry(sender, receiver, "T1048.003", ""), echoes("r", rules.Low, "attack.t1048.003"), "false false false 0/0 0 0"},
		"low is enough":      {strings.Replace(entry(sender, receiver, "T1048.003", ""), "exfil", "recon", 1), echoes("r", rules.Low, "attack.t1048.003"), "true true true 0/0 0 0"},
		"verdict benign":     {entry(sender, receiver, "null", `, verdict: benign, frames: {ranges: "1-60"}`), recovering, "- 1 1"},
		"verdict, elsewhere": {entry(sender, receiver, "null", `, verdict: benign, frames: {ranges: "1-5"}`), recovering, "- 0 1"},
		"evidence":           {entry(sender, receiver, "null", ", verdict: evidence of the scan above"), recovering, "- 0 1"},
		"benign":             {"capture: exf-payload-raw.pcapng\ncategory: benign\n", recovering, "- 2 1"},
		"benign, low":        {"capture: exf-payload-raw.pcapng\ncategory: benign\n", echoes("r", rules.Low), "- 0 0"},
		"same as elsewhere":  {entry(sender, receiver, "T1048.003", ", same_event_as: another.pcap"), recovering, "- 0 1"},
	} {
		t.Run(name, func(t *testing.T) {
			g := graded(t, folder(t, map[string]string{"x.yaml": tt.label}, "exf-payload-raw.pcapng"), tt.rule)[0]
			got := "-"
			for _, e := range g.Entries {
				got = fmt.Sprintf("%t %t %t %d/%d", e.Detected, e.Exact, e.Sides, e.Found, e.Wanted)
			}
			if got += fmt.Sprint(" ", len(g.Alarms), " ", len(g.Unasked)); got != tt.want || g.Err != nil {
				t.Errorf("got %s, want %s (%v, %v)", got, tt.want, g.Alarms, g.Err)
			}
		})
	}
}

func graded(t *testing.T, dir string, list ...*rules.Rule) []score.Grade {
	t.Helper()
	cases, err := score.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return score.Run(context.Background(), &rules.Set{Rules: list}, &field.Context{}, cases)
}

// A story is one case of all files in its folder; what a part says is of its own capture.
func TestStory(t *testing.T) {
	story := "captures:\n- {capture: exf-payload-raw.pcapng, category: exfil, expected: [{technique: a, src: 10.20.0.12, dst: 203.0.113.66, attack_id: T1048.003}]}\n" +
		"- {capture: ben-vlan30.pcap, category: benign}\n"
	dir := folder(t, map[string]string{"deep/day-truth.yaml": story})
	for _, name := range []string{"exf-payload-raw.pcapng", "ben-vlan30.pcap"} {
		b, err := os.ReadFile(filepath.Join(lab, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "deep", "day", name), string(b))
	}
	g := graded(t, dir, echoes("r", rules.High, "attack.t1048.003"))
	if len(g) != 1 || g[0].Case.Category != "case" || len(g[0].Entries) != 1 || !g[0].Entries[0].Detected || g[0].Findings < 2 {
		t.Errorf("%+v", g)
	}
}

func TestTotalAndAblation(t *testing.T) {
	labels := map[string]string{
		"a.yaml": "capture: exf-payload-raw.pcapng\ncategory: exfil\nexpected: [{technique: a, src: 10.20.0.12, dst: 203.0.113.66, attack_id: T1048.003}]\n",
		"b.yaml": "capture: ben-vlan30.pcap\ncategory: benign\n",
		"c.yml":  "not: a label\n",
	}
	dir := folder(t, labels, "exf-payload-raw.pcapng", "ben-vlan30.pcap")
	special := echoes("special", rules.High, "attack.t1048.003")
	special.Match += " && ip.src == 10.20.0.12"
	special.Supersedes = []rules.Reference{{Name: "general"}}
	set := &rules.Set{Rules: []*rules.Rule{echoes("general", rules.High, "attack.t1041"), special, echoes("other", rules.Low)}}
	grades := graded(t, dir, set.Rules...)
	sums := score.Total(grades)
	if len(sums) != 3 || sums[0].Detected != 1 || sums[0].Hostile != 1 || sums[1].Alarms == 0 || sums[2].Captures != 2 || sums[2].Detected != 1 {
		t.Errorf("%+v", sums)
	}
	if got := fmt.Sprint(score.Ablate(set, grades)); got != "[{general []} {special [a: a]} {other []}]" {
		t.Errorf("superseding: %s", got)
	}
	cases, _ := score.Load(dir)
	both := score.Run(context.Background(), score.Unsuperseded(*set), &field.Context{}, cases)
	if got := fmt.Sprint(score.Ablate(set, both)); got != "[{general []} {special []} {other []}]" {
		t.Errorf("each for itself: %s", got)
	}
}

func TestLoadErrors(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"not there":  {"capture: gone.pcap\ncategory: benign\n", "gone.pcap"},
		"no labels":  {"a: b\n", "no labels"},
		"not yaml":   {"capture: [\n", "x.yaml"},
		"wrong type": {"capture: {a: b}\n", "x.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := score.Load(folder(t, map[string]string{"x.yaml": tt.text}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := score.Load("/no/such/folder"); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
