package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"icmpsift/ingest/oracle"
)

// analyzed is the report folder of a case.
func analyzed(t *testing.T, args ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "out")
	var complaints bytes.Buffer
	d := door{stdout: io.Discard, stderr: &complaints}
	if code := d.enter(context.Background(), append([]string{"analyze", "--quiet", "-o", folder}, args...)); code != exitDone && code != exitIncomplete {
		t.Fatalf("exit code %d: %s", code, &complaints)
	}
	return folder
}

// TestExportsOfACase holds what a real case and one without evidence give against the schemas.
func TestExportsOfACase(t *testing.T) {
	nothing := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(nothing, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, folder := range map[string]string{"case": analyzed(t, "../../testdata/case", "--case", "IR-17", "--organization", "Example Ltd"), "nothing": analyzed(t, nothing)} {
		for _, x := range []struct {
			file, schema string
			lines        bool
		}{
			{"report.json", "report", false}, {"stix.json", "stix", false}, {"navigator.json", "navigator", false}, {"timeline.jsonl", "timeline", true}, {"findings.ndjson", "ecs", true},
		} {
			t.Run(name+" "+x.file, func(t *testing.T) {
				text := content(t, filepath.Join(folder, x.file))
				schema := compiled(t, filepath.Join("../../report/export/testdata", x.schema+".schema.json"))
				parts := [][]byte{text}
				if x.lines {
					parts = bytes.SplitAfter(text, []byte("\n"))
				}
				if name == "case" && len(text) == 0 {
					t.Error("empty")
				}
				for _, part := range parts {
					if len(part) > 0 {
						holds(t, schema, part)
					}
				}
			})
		}
	}
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(content(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func holds(t *testing.T, s *jsonschema.Schema, text []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
}

var (
	buttonFilter = regexp.MustCompile(`(?m)^"TRUE","Findings//[^"]*","([^"]*)"`)
	byteEscape   = regexp.MustCompile(`\\x[0-9a-f]{2}`)
)

// TestProfileInWireshark has tshark take every filter of the profile, and read the profile as it would be used: it names the
// findings that colour packets.
func TestProfileInWireshark(t *testing.T) {
	tshark := oracle.Tshark(t)
	folder := analyzed(t, "../../testdata/case/day3")
	buttons := buttonFilter.FindAllSubmatch(content(t, filepath.Join(folder, "wireshark", "dfilter_buttons")), -1)
	if len(buttons) == 0 {
		t.Fatal("no buttons")
	}
	capture := "../../testdata/case/day3/c2.pcap"
	for _, b := range buttons {
		text := byteEscape.ReplaceAllStringFunc(string(b[1]), func(s string) string { return map[string]string{`\x22`: `"`, `\x5c`: `\`}[s] })
		if out, err := exec.Command(tshark, "-n", "-r", capture, "-c", "1", "-Y", text).CombinedOutput(); err != nil {
			t.Errorf("tshark refuses %q: %v %s", text, err, out)
		}
	}
	home := t.TempDir()
	if err := os.CopyFS(filepath.Join(home, "profiles", "case"), os.DirFS(filepath.Join(folder, "wireshark"))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-C", "case", "--color", "-T", "fields", "-e", "frame.coloring_rule.name", "-n", "-r", capture)
	cmd.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+home, "TERM=xterm-256color", "COLORTERM=truecolor")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "F-") || strings.Contains(string(out), "colorfilters") || strings.Contains(string(out), "dfilter_buttons") {
		t.Errorf("%v\n%s", err, out)
	}
}
