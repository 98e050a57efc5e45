package wireshark_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
	"icmpsift/rules/wireshark"
)

// matches loads a rule for each filter: "Rule 0", "Rule 1" and so on.
func matches(t *testing.T, filters ...string) *file.Set {
	t.Helper()
	var text strings.Builder
	for i, f := range filters {
		fmt.Fprintf(&text, "---\ntitle: Rule %d\nid: 5d1c3f1e-7d36-4c3c-9a3b-0f3b8d1f2%03d\nname: rule-%d\nlevel: high\nmatch: '%s'\n", i, i, i, f)
	}
	text.WriteString("---\nkind: list\nname: monitors\nvalues: [10.20.0.5]\n")
	set, err := file.Load(&field.Context{}, file.Source{FS: fstest.MapFS{"r.yml": {Data: []byte(text.String())}}, Root: "."})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestItems(t *testing.T) {
	tests := []struct {
		match, want string
		whole       bool
	}{
		{"icmp.type == 8", "icmp.type == 8", true},
		{"icmp.type == 8 && ip.ttl < 5", "icmp.type == 8 && ip.ttl < 5", true},
		{"sift.type == 8", "icmp.type == 8 || icmpv6.type == 8", true},
		{"icmp.type == 8 && sift.zone.dst == \"outside\"", "icmp.type == 8", false},
		{"icmp.type == 8 || sift.zone.dst == \"outside\"", "", false}, // half of an "or" would lose packets
		{"!(icmp.type == 8 && sift.zone.dst == \"outside\")", "", false},
		{"sift.payload.class == \"text\"", "", false},
		{"ip.src in $monitors", "ip.src in {10.20.0.5}", true},
		{"icmp.type == 8 && data.data contains \"$x in $y\"", "icmp.type == 8 && data.data contains \"$x in $y\"", true},
	}
	filters := make([]string, 0, len(tests))
	for _, x := range tests {
		filters = append(filters, x.match)
	}
	set := matches(t, filters...)
	items, err := wireshark.Items(set.Rules, &field.Context{}, set.Lists)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range items {
		if x.Filter != tests[i].want || x.Whole != tests[i].whole && x.Filter != "" || x.Filter == "" && x.Reason == "" {
			t.Errorf("%s: %q, whole %v, %q", tests[i].match, x.Filter, x.Whole, x.Reason)
		}
	}
}

// Titles that are made to break out of Wireshark's files stay on their line and in their field.
func TestHostileTitles(t *testing.T) {
	for _, title := range []string{`a","b`, "two\nlines", "at@mark@", `back\slash`, "menu//entry", "ä"} {
		items := []wireshark.Item{{Title: title, Level: rules.High, Filter: `icmp.type == 8`, Whole: true}}
		var buttons, colours bytes.Buffer
		if err := wireshark.Rules(items).Buttons(&buttons); err != nil {
			t.Fatal(err)
		}
		if err := wireshark.Rules(items).Colours(&colours); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(buttons.String(), "\n"); n != 3 || strings.Count(buttons.String(), `"`) != 8 || strings.Count(buttons.String(), "//") != 1 {
			t.Errorf("%q: %s", title, &buttons)
		}
		if n := strings.Count(colours.String(), "\n"); n != 3 || strings.Count(colours.String(), "@") != 3 {
			t.Errorf("%q: %s", title, &colours)
		}
	}
}

// Each filter that is handed over shows in Wireshark at least the packets that the rule matches, and just these if it is
// in Wireshark's own fields; and Wireshark takes the colours without complaint.
func TestWiresharkShowsAtLeastTheRulesPackets(t *testing.T) {
	tshark := oracle.Tshark(t)
	c := &field.Context{}
	set, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		t.Fatal(err)
	}
	own := matches(t, "icmp.type == 3 && icmp.code in {1, 3, 13}", "icmp.type == 8 && frame.len > 1000",
		"icmp.type == 11 && sift.zone.src == \"outside\"", "icmp.type == 8 && data.data contains \"SECRET\"", "icmp[1:1] == 0d && icmp.type == 3")
	set.Rules = append(set.Rules, own.Rules...)
	items, err := wireshark.Items(set.Rules, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, capture := range oracle.Sample(t, []string{"exf-payload-b64.pcap", "ben-unreach.pcap"}, 2) {
		capture = filepath.Join("../../testdata/lab", capture)
		result, err := trial.Run(context.Background(), &set.Set, c, capture)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range items {
			if x.Filter == "" {
				continue
			}
			out, err := exec.Command(tshark, "-n", "-2", "-r", capture, "-Y", x.Filter).Output()
			if err != nil {
				t.Fatalf("tshark refuses %q: %v", x.Filter, err)
			}
			n, ours := int64(bytes.Count(out, []byte("\n"))), result.Matched[x.Rule]
			if n < ours || x.Filter == x.Rule.Match && n != ours {
				t.Errorf("%s in %s: %q shows %d packets, the rule matches %d", x.Rule.Name, capture, x.Filter, n, ours)
			}
			shown += int(n)
		}
	}
	if shown == 0 {
		t.Error("no filter shows a packet")
	}
	profile(t, tshark, items)
}

// profile has tshark read the files as a profile.
func profile(t *testing.T, tshark string, items []wireshark.Item) {
	t.Helper()
	var buttons, colours bytes.Buffer
	_, _ = wireshark.Rules(items).Buttons(&buttons), wireshark.Rules(items).Colours(&colours)
	home := t.TempDir()
	folder := filepath.Join(home, "profiles", "icmpsift")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*bytes.Buffer{"dfilter_buttons": &buttons, "colorfilters": &colours} {
		if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(tshark, "-C", "icmpsift", "--color", "-T", "fields", "-e", "frame.coloring_rule.name", "-n", "-r", "../../testdata/lab/ben-unreach.pcap")
	cmd.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+home, "TERM=xterm-256color", "COLORTERM=truecolor")
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("Rule 0")) || bytes.Contains(out, []byte("colorfilters")) {
		t.Errorf("%v\n%s", err, out)
	}
}
