package engine_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/oracle"
	"icmpsift/rules"
)

// spellings are the ways to export a capture, with the raw bytes and without.
var spellings = [][]string{{"-T", "json"}, {"-T", "json", "-x"}, {"-T", "json", "--no-duplicate-keys"}, {"-T", "ek"}, {"-T", "ek", "-x"}}

// exportable are lab captures of every kind: both families, errors, fragments, tunnels, link types, payloads, type fields, a snaplen.
var exportable = []string{"atk-fakera.pcapng", "atk-ptb.pcapng", "atk-redirect.pcap", "ben-any-sll2.pcap", "ben-frag-ping.pcap", "c2-icmpsh.pcap", "exf-oneway-reply.pcapng",
	"exf-payload-raw.pcapng", "exf-payload-snap64.pcap", "exf-reply-raw.pcap", "exf-reply6.pcap", "exf-type-vlan.pcap", "exf6-payload.pcapng",
	"rec-slow.pcap", "tun-hans.pcap"}

// summary is what must be the same of a capture and its exports.
func summary(r judged) (out []string) {
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s > %s, level %s, %d packets, %d bytes, frames %v", f.Rule.Name, f.Src, f.Dst, f.Level, f.Packets, f.Bytes, f.Frames))
	}
	for _, a := range r.Artefacts {
		out = append(out, fmt.Sprintf("%s %s > %s recovered %s, complete %v", a.Finding.Rule.Name, a.Src, a.Dst, a.SHA256, a.Complete))
	}
	slices.Sort(out)
	return out
}

// asExport runs tshark on a capture and gives a file with what it writes.
func asExport(t *testing.T, capture string, flags ...string) string {
	t.Helper()
	name := oracle.Tshark(t)
	out, err := exec.Command(name, append([]string{"-n", "-2", "-r", capture}, flags...)...).Output()
	if err != nil {
		t.Fatalf("%s %v on %s: %v", name, flags, capture, err)
	}
	path := filepath.Join(t.TempDir(), "export")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The same of exports made once and kept, where no tshark is at hand.
func TestKeptExports(t *testing.T) {
	c := facts(t)
	list := pack(t, c)
	kept := filepath.Join("..", "..", "ingest", "tshark", "testdata")
	for export, capture := range map[string]string{"atk-ptb.v44.json.gz": "atk-ptb.pcapng", "exf-payload-raw.v44.ek.gz": "exf-payload-raw.pcapng", "exf-reply6.v40.json.gz": "exf-reply6.pcap",
		"exf6-payload.v40-x.ek.gz": "exf6-payload.pcapng", "tun-hans.v40.json.gz": "tun-hans.pcap"} {
		want := summary(judge(t, list, c, filepath.Join(lab, capture)))
		if got := summary(judge(t, list, c, filepath.Join(kept, export))); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s:\n got %s\nwant %s", export, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

// A rule that needs payload bytes says so of an export that tells of none, and where to get them.
func TestDormantOnExports(t *testing.T) {
	c := facts(t)
	list := pack(t, c)
	for _, tt := range []struct{ fields, want string }{
		{"", ""},
		{"frame ip", "holds no ICMP packet that could be rebuilt from the export's fields"},
		{"frame eth ip icmp", "not told whole by the export: make it with tshark -x"},
	} {
		flags := []string{"-T", "json"}
		if tt.fields != "" {
			flags = append(flags, "-j", tt.fields) // lower-case j: data is left out
		}
		dormant := judge(t, list, c, asExport(t, filepath.Join(lab, "ben-winping-emu.pcap"), flags...)).Dormant
		found := slices.ContainsFunc(dormant, func(d rules.Dormant) bool {
			return d.Rule.Name == "icmp-exfil-payload" && strings.Contains(d.Reason, tt.want)
		})
		if found != (tt.want != "") {
			t.Errorf("-j %q: %v, want %q", tt.fields, dormant, tt.want)
		}
	}
}

// A capture and what tshark exports of it give the same findings, frames and files, with raw bytes and without.
func TestExports(t *testing.T) {
	c := facts(t)
	list := pack(t, c)
	captures := oracle.Sample(t, exportable, 6)
	if testing.Short() {
		captures = []string{"atk-ptb.pcapng", "exf-reply6.pcap", "exf-payload-raw.pcapng"}
	}
	findings := 0
	for _, name := range captures {
		capture := filepath.Join(lab, name)
		want := summary(judge(t, list, c, capture))
		findings += len(want)
		for _, flags := range spellings {
			got := judge(t, list, c, asExport(t, capture, flags...))
			if g := summary(got); !slices.Equal(g, want) {
				t.Errorf("%s as %v:\n got %s\nwant %s\n%v", name, flags, strings.Join(g, "\n     "), strings.Join(want, "\n     "), got.Dormant)
			}
		}
	}
	if findings < len(captures) {
		t.Errorf("only %d findings and files in %d captures", findings, len(captures))
	}
}
