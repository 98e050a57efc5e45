package builtin_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/trial"
)

// sidecar is the ground truth that comes with a lab capture.
type sidecar struct {
	Capture  any    `yaml:"capture"` // a name, or a list for a rotated set
	Category string `yaml:"category"`
	Expected []struct {
		Technique string `yaml:"technique"`
		Src       any    `yaml:"src"` // an address, a list, or words
		Dst       any    `yaml:"dst"`
		Verdict   string `yaml:"verdict"`
		Attack    string `yaml:"attack_id"`
		Carrier   string `yaml:"carrier"`
		Recovered string `yaml:"recovered_sha256"`
	} `yaml:"expected"`
}

const lab = "../../testdata/lab"

func (s sidecar) captures() (out []string) {
	list, ok := s.Capture.([]any)
	if !ok {
		list = []any{s.Capture}
	}
	for _, name := range list {
		out = append(out, filepath.Join(lab, name.(string)))
	}
	return out
}

func eachLab(t *testing.T, visit func(t *testing.T, s sidecar, r *engine.Result)) {
	c := context_(t)
	list := pack(t, c)
	sidecars, err := filepath.Glob(filepath.Join(lab, "*.yaml"))
	if err != nil || len(sidecars) < 100 {
		t.Fatalf("%d sidecars in %s, error %v", len(sidecars), lab, err)
	}
	for _, path := range sidecars {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			s := load(t, path)
			visit(t, s, run(t, list, c, s.captures()))
		})
	}
}

func load(t *testing.T, path string) (s sidecar) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, list []*rules.Rule, c *field.Context, captures []string) *engine.Result {
	t.Helper()
	r, err := trial.Run(context.Background(), &rules.Set{Rules: list}, c, captures...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Ordinary traffic gives no finding at medium or above and no file; what was sent comes back byte for byte, whatever carried it.
func TestLab(t *testing.T) {
	files := 0
	eachLab(t, func(t *testing.T, s sidecar, r *engine.Result) {
		if s.Category == "benign" {
			for _, f := range r.Findings {
				if f.Level >= rules.Medium {
					t.Errorf("%s: %s from %s to %s", f.Level, f.Rule.Name, f.Src, f.Dst)
				}
			}
			if len(r.Artefacts) > 0 {
				t.Errorf("%d artefacts of ordinary traffic", len(r.Artefacts))
			}
		}
		for _, f := range r.Findings {
			if len(f.Artefacts) > 3 {
				t.Errorf("%d artefacts of one finding (%s)", len(f.Artefacts), f.Rule.Name)
			}
		}
		for _, e := range s.Expected {
			if e.Recovered == "" || e.Verdict == "benign" {
				continue
			}
			files++
			if !recovered(r, e.Recovered, e.Src, e.Dst) {
				t.Errorf("%s not recovered from %s (%v to %v): got %s", e.Recovered, e.Carrier, e.Src, e.Dst, artefacts(r))
			}
		}
	})
	if files < 50 {
		t.Errorf("only %d files were looked for", files)
	}
}

func recovered(r *engine.Result, sum string, src, dst any) bool {
	return slices.ContainsFunc(r.Artefacts, func(a *rules.Artefact) bool {
		return a.SHA256 == sum && a.Finding.Src == src && a.Finding.Dst == dst
	})
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
