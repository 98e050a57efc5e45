package suricata

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules/engine"
	"icmpsift/rules/file"
)

// counted are captures whose times matter, whole.
var counted = []string{"ben-ping4-loss.pcap", "tun-ptunnel-ng-http.pcapng", "ben-monitor-periodic.pcap", "atk-flood.pcapng.zst", "c2-beacon-30s.pcap", "exf-slow-type.pcap", "rec-fping.pcapng.zst",
	"rec-nmap-pe.pcap", "atk-smurf.pcap", "atk-redirect.pcap"}

const countsRecording = "testdata/suricata-7.0.10-counts.txt"

// counting are rules with thresholds, sids from 1.
func counting() (out []string) {
	for _, track := range []string{"by_src", "by_dst", "by_both"} {
		for _, count := range []int{2, 5, 20, 100} {
			for _, seconds := range []int{1, 10, 300} {
				for _, option := range []string{"threshold:type threshold, track %s, count %d, seconds %d", "threshold:type both, track %s, count %d, seconds %d",
					"threshold:type limit, track %s, count %d, seconds %d", "detection_filter:track %s, count %d, seconds %d"} {
					if track == "by_both" && strings.HasPrefix(option, "detection_filter") {
						continue // Suricata has none
					}
					for _, itype := range []string{"itype:8; icode:0", "itype:0"} {
						out = append(out, fmt.Sprintf("alert icmp any any -> any any (msg:\"%d\"; %s; "+option+"; sid:%d;)", len(out)+1, itype, track, count, seconds, len(out)+1))
					}
				}
			}
		}
	}
	return out
}

// TestRecordedCounts: a rule with a count has findings where Suricata alerts. Its windows are fixed and ours slide, so
// that ours may have findings where a burst lies on the border of two windows.
func TestRecordedCounts(t *testing.T) {
	data, err := os.ReadFile(countsRecording)
	if err != nil {
		t.Fatal(err)
	}
	alerting := map[string]bool{}
	for _, line := range strings.Split(string(data), "\n") {
		alerting[line] = true
	}
	agreeCounts(t, alerting)
}

// TestOracleCounts has Suricata count, for each capture with its own times.
func TestOracleCounts(t *testing.T) {
	binaryOf(t)
	alerting := map[string]bool{}
	for _, base := range counted {
		name := stem(base)
		frames := framesOf(t, filepath.Join("../../testdata/lab", base), math.MaxInt)
		found, rejected := asked(t, counting(), map[string][]*ingest.Frame{name: frames})
		if len(rejected) > 0 {
			t.Fatalf("rejected: %v", rejected)
		}
		for sid := range found[name] {
			alerting[fmt.Sprintf("%s %d", name, sid)] = true
		}
	}
	if *update {
		lines := sortedKeys(alerting)
		if err := os.WriteFile(countsRecording, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	agreeCounts(t, alerting)
}

func agreeCounts(t *testing.T, alerting map[string]bool) {
	t.Helper()
	ours, set, rules := map[string]bool{}, countingSet(t), counting()
	looked := oracle.Sample(t, counted, 8)
	for _, name := range looked {
		for _, sid := range findingsIn(t, set, filepath.Join("../../testdata/lab", name)) {
			ours[fmt.Sprintf("%s %d", stem(name), sid)] = true
		}
	}
	more, same := 0, 0
	for _, name := range looked {
		for sid := 1; sid <= len(rules); sid++ {
			switch key := fmt.Sprintf("%s %d", stem(name), sid); {
			case alerting[key] && !ours[key]:
				t.Errorf("%s: %s: Suricata alerts, and there is no finding", name, rules[sid-1])
			case ours[key] && !alerting[key]:
				more++
				t.Logf("%s: %s: a burst on the border of two windows", name, rules[sid-1])
			default:
				same++
			}
		}
	}
	t.Logf("%d alike, %d only ours", same, more)
	if more*20 > same {
		t.Error("too many differ")
	}
}

func stem(name string) string { s, _, _ := strings.Cut(name, "."); return s }

// countingSet is the counting rules, converted.
func countingSet(t *testing.T) *file.Set {
	t.Helper()
	var sources []file.Source
	im := Importer{Dialect: Suricata}
	for _, l := range im.File("x.rules", []byte(strings.Join(counting(), "\n"))) {
		if l.Outcome != Converted {
			t.Fatalf("%s: %+v", l.Outcome, l.Reasons)
		}
		sources = append(sources, file.Text(l.Name+".yml", l.YAML))
	}
	set, err := file.Load(&field.Context{}, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// findingsIn gives the sids of the rules that have findings in a capture.
func findingsIn(t *testing.T, set *file.Set, path string) (sids []int) {
	t.Helper()
	files, err := evidence.Walk([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	budget := spool.NewBudget(64<<20, t.TempDir())
	all, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	line, err := timeline.Build(context.Background(), all.Extracts, budget)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	result, err := engine.Analyze(context.Background(), line, &set.Set, &field.Context{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		var sid int
		if _, err := fmt.Sscanf(f.Rule.Title, "%d", &sid); err != nil {
			t.Fatal(err)
		}
		sids = append(sids, sid)
	}
	return slices.Compact(slices.Sorted(slices.Values(sids)))
}
