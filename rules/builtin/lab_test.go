package builtin_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/score"
	"icmpsift/rules/trial"
)

const lab = "../../testdata/lab"

func run(t *testing.T, list []*rules.Rule, c *field.Context, captures []string) *engine.Result {
	t.Helper()
	r, err := trial.Run(context.Background(), &rules.Set{Rules: list}, c, captures...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// All that is hostile in the lab's captures is found, between the right hosts; nineteen in twenty of the files come back byte
// for byte, in no more artefacts than three each; and what is ordinary raises no alarm.
func TestScore(t *testing.T) {
	cases, err := score.Load(lab)
	if err != nil {
		t.Fatal(err)
	}
	c := context_(t)
	grades := score.Run(context.Background(), &rules.Set{Rules: pack(t, c)}, c, cases)
	for _, g := range grades {
		if g.Err != nil {
			t.Errorf("%s: %v", g.Case.Name, g.Err)
		}
		for _, e := range g.Entries {
			if !e.Detected || !e.Sides || e.Crowded {
				t.Errorf("%s: %s: detected %t, hosts right %t, %d artefacts", g.Case.Name, e.Entry.Technique, e.Detected, e.Sides, e.Pieces)
			}
		}
		for _, a := range g.Alarms {
			t.Errorf("%s: false alarm: %s", g.Case.Name, a)
		}
	}
	sums := score.Total(grades)
	all := sums[len(sums)-1]
	t.Logf("%+v", all)
	if all.Captures < 100 || all.Hostile < 90 || 20*all.Found < 19*all.Wanted || all.Wanted < 60 {
		t.Errorf("%+v", all)
	}
}

// Who forges an address is known by the MAC address of his station, which is no longer the forged one's.
func TestSpooferIsKnownByMAC(t *testing.T) {
	c := context_(t)
	for name, want := range map[string]string{"atk-redirect.pcap": "86:11:dd:58:4f:38", "atk-ptb.pcapng": "b6:61:10:55:fe:94", "atk-smurf.pcap": "86:11:dd:58:4f:38"} {
		hosts := 0
		for _, f := range run(t, pack(t, c), c, []string{filepath.Join(lab, name)}).Findings {
			if f.Rule.Roles.Src != "spoofed" {
				continue
			}
			hosts++
			if h := f.Hosts; len(h) != 3 || h[0].MACs != nil || h[2].Role != "spoofer" || h[2].Address != want || !slices.Equal(h[2].MACs, []string{want}) {
				t.Errorf("%s: %s: hosts %+v, want spoofer %s", name, f.Rule.Name, h, want)
			}
		}
		if hosts == 0 {
			t.Errorf("%s: no address is found to be forged", name)
		}
	}
}

func artefacts(r *engine.Result) (out []string) {
	for _, a := range r.Artefacts {
		out = append(out, a.SHA256[:8]+" "+a.Finding.Rule.Name+" "+a.Src+" > "+a.Dst+" "+a.MediaType+" "+a.Order)
	}
	return out
}

// Public captures with a file in them, if they are there: of what stands in their sidecar or write-up.
func TestPublicCaptures(t *testing.T) {
	const folder = "../../../shared/captures/public"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no public captures here")
	}
	c := context_(t)
	list := pack(t, c)
	for pattern, want := range map[string][]string{
		"Inshallhack__Write-ups/*analysis.pcap":         {"18860aefa9cd373dc9cd54d621d232508a4cedd010e143d0e02281b9e05dc07c"},
		"00dhkim__icmp-tunneling-tool/*two_file.pcapng": {"data.txt 4546", "data2.txt 2530"},
		"OISF__suricata-verify/*covert_send6.pcap":      {"11631"},
	} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, error %v", pattern, found, err)
		}
		r := run(t, list, c, found)
		for _, w := range want {
			if !slices.ContainsFunc(r.Artefacts, func(a *rules.Artefact) bool {
				return a.SHA256 == w || strings.TrimSpace(a.Name+" "+strconv.Itoa(len(a.Bytes))) == w
			}) {
				t.Errorf("%s: no %s, got %s", found[0], w, artefacts(r))
			}
		}
	}
}
