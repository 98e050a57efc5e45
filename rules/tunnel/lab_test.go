package tunnel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
)

const lab = "../../testdata/lab"

func load(t *testing.T) (*field.Context, *file.Set) {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	set, err := file.Load(c, file.Source{FS: os.DirFS("testdata"), Root: "."})
	if err != nil {
		t.Fatal(err)
	}
	return c, set
}

func TestRules(t *testing.T) {
	c, set := load(t)
	for _, r := range set.Rules {
		for _, test := range r.Tests {
			differences, err := trial.Test(context.Background(), &rules.Set{}, r, test, "testdata", c)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Errorf("%s, %s: %s", r.Name, test.Capture, d)
			}
		}
	}
}

// sidecar is what the lab's ground truth says of a tunnel.
type sidecar struct {
	Capture  any
	Expected []struct {
		Src, Dst string
		Inner    struct {
			File    any
			HTTP    struct{ SHA256 string } `yaml:"http_file"`
			SHA256  string
			Packets int  `yaml:"inner_ip_packets"`
			Rebuilt bool `yaml:"http_object_rebuilt_ok"`
		}
		Streams map[string]struct {
			SHA256   string
			Contains bool `yaml:"contains_file"`
		}
		Recovered string `yaml:"recovered_sha256"`
	}
}

// wanted lists the hashes that must come back of a lab capture, and how many packets were inside.
func (s sidecar) wanted() (sums []string, packets int) {
	for _, e := range s.Expected {
		packets += e.Inner.Packets
		contains := e.Inner.Rebuilt
		for _, x := range e.Streams {
			sums, contains = append(sums, x.SHA256), contains || x.Contains
		}
		if f, ok := e.Inner.File.(map[string]any); ok && (contains || e.Streams == nil) {
			sums = append(sums, f["sha256"].(string))
		} else if contains && e.Inner.HTTP.SHA256+e.Inner.SHA256 != "" {
			sums = append(sums, e.Inner.HTTP.SHA256+e.Inner.SHA256)
		}
		if e.Recovered != "" {
			sums = append(sums, e.Recovered)
		}
	}
	return sums, packets
}

// What the lab's tunnels and shells carried comes back byte for byte, by a rule that knows none of them.
func TestLab(t *testing.T) {
	c, set := load(t)
	rule := set.Named("test-any")
	all := 0
	for _, pattern := range []string{"tun-*.yaml", "c2-icmps*.yaml"} {
		sidecars, err := filepath.Glob(filepath.Join(lab, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range sidecars {
			var s sidecar
			if b, err := os.ReadFile(path); err != nil || yaml.Unmarshal(b, &s) != nil {
				t.Fatalf("%s: %v", path, err)
			}
			name := s.Capture.(string)
			t.Run(name, func(t *testing.T) {
				sums, packets := s.wanted()
				if len(sums) == 0 {
					t.Fatal("the sidecar tells nothing to bring back")
				}
				all += len(sums)
				r, err := trial.Run(context.Background(), &rules.Set{Rules: []*rules.Rule{rule}}, c, filepath.Join(lab, name))
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Findings) != 1 || r.Findings[0].Src != s.Expected[0].Src || r.Findings[0].Dst != s.Expected[0].Dst {
					t.Fatalf("%d findings", len(r.Findings))
				}
				checkArtefacts(t, r.Artefacts, sums, packets)
			})
		}
	}
	if all < 15 {
		t.Errorf("only %d artefacts were wanted", all)
	}
}

func checkArtefacts(t *testing.T, list []*rules.Artefact, sums []string, packets int) {
	t.Helper()
	for _, want := range sums {
		i := slices.IndexFunc(list, func(a *rules.Artefact) bool { return a.SHA256 == want })
		if i < 0 {
			t.Errorf("%s did not come back", want)
			continue
		}
		if sum := sha256.Sum256(list[i].Bytes); !list[i].Complete || hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s: not complete, or not these bytes", want)
		}
	}
	if len(list) > 3 {
		t.Errorf("%d artefacts of one stream", len(list))
	}
	if packets == 0 {
		return
	}
	i := slices.IndexFunc(list, func(a *rules.Artefact) bool { return a.Extension == ".pcapng" })
	if i < 0 {
		t.Fatal("no capture of the inside")
	}
	if lines := shown(t, list[i].Bytes, "-T", "fields", "-e", "frame.protocols"); lines != nil && len(lines) != packets {
		t.Errorf("tshark shows %d packets, want %d", len(lines), packets)
	} else if lines != nil && !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "raw:ip:tcp:http") }) {
		t.Errorf("tshark sees no HTTP: %q", lines)
	}
}

// shown is what tshark says of a capture, nil where there is no tshark. It must have nothing to complain of.
func shown(t *testing.T, capture []byte, flags ...string) []string {
	t.Helper()
	name := os.Getenv("ICMPSIFT_TSHARK_BIN")
	if name == "" {
		name = "tshark"
	}
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no tshark: CI must have it")
		}
		t.Log("no tshark: captures are not checked by it")
		return nil
	}
	path := filepath.Join(t.TempDir(), "inside.pcapng")
	if err := os.WriteFile(path, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append([]string{"-n", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"}, flags...)...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// The inner capture of a lab tunnel has the packets' own times, good checksums and nothing malformed.
func TestInsideIsSound(t *testing.T) {
	c, set := load(t)
	for _, name := range []string{"tun-hans.pcap"} {
		r, err := trial.Run(context.Background(), &rules.Set{Rules: []*rules.Rule{set.Named("test-any")}}, c, filepath.Join(lab, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := shown(t, r.Artefacts[0].Bytes, "-T", "fields", "-e", "frame.time_epoch", "-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "_ws.malformed", "-e", "frame.comment", "-e", "frame.packet_flags_direction", "-e", "ip.src")
		for _, line := range lines {
			f := strings.Split(line, "\t")
			if f[1] != "1" || f[2] == "0" || f[3] != "" {
				t.Errorf("%s: %q", name, line)
			}
			if way := f[5]; (way == "0x00000002" || way == "2") != (f[6] == "10.1.2.100") {
				t.Errorf("%s: direction %s of a packet from %s", name, way, f[6])
			}
			frame := strings.TrimSuffix(strings.TrimPrefix(f[4], "In frame "), " of E1")
			if want := epochOf(t, filepath.Join(lab, name), frame); want != f[0] {
				t.Errorf("%s: time %s, but frame %s has %s", name, f[0], frame, want)
			}
		}
	}
}

// epochs keeps what tshark said of the times in a capture.
var epochs = map[string]map[string]string{}

func epochOf(t *testing.T, path, frame string) string {
	t.Helper()
	if epochs[path] == nil {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		epochs[path] = map[string]string{}
		for i, line := range shown(t, b, "-T", "fields", "-e", "frame.time_epoch") {
			epochs[path][strconv.Itoa(i+1)] = line
		}
	}
	return epochs[path][frame]
}

// A transcript tells who said what when, in words of the lab's own record, and nothing else than text.
func TestLabTranscript(t *testing.T) {
	c, set := load(t)
	for name, want := range map[string][]string{
		"c2-icmpsh.pcap": {"10.20.0.12 (implant) and 203.0.113.66 (controller)", "  10.20.0.12 <- 203.0.113.66  7 bytes\n    whoami\n",
			"  10.20.0.12 -> 203.0.113.66  33 bytes\n    whoami\n    corp\\jdoe\n    C:\\Users\\jdoe>\n", " empty polls, until 2026-11-22 ", "\n       IPv4 Address. . . ."},
		"c2-icmpdoor.pcap": {"203.0.113.66 (controller) and 10.20.0.11 (implant)", "203.0.113.66 -> 10.20.0.11  8 bytes\n    uname -a\n", "in 7 packets, until"},
	} {
		rule := map[string]string{"c2-icmpsh.pcap": "test-shell", "c2-icmpdoor.pcap": "test-door"}[name]
		r, err := trial.Run(context.Background(), &rules.Set{Rules: []*rules.Rule{set.Named(rule)}}, c, filepath.Join(lab, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Artefacts) != 2 || r.Artefacts[0].Extension != ".txt" {
			t.Fatalf("%s: %d artefacts", name, len(r.Artefacts))
		}
		text := string(r.Artefacts[0].Bytes)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", name, w, text)
			}
		}
		if n := strings.Count(text, "head -c 300"); name == "c2-icmpdoor.pcap" && n != 1 {
			t.Errorf("the kernel's echo of a command is told too: %d", n)
		}
		if bytes.ContainsAny(r.Artefacts[0].Bytes, "\r\x1b") {
			t.Errorf("%s: control characters", name)
		}
	}
}
