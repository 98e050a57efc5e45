package build

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules/builtin"
	"icmpsift/rules/engine"
	"icmpsift/rules/file"
)

const (
	caseFolder = "../../testdata/case"
	labFolder  = "../../testdata/lab"
)

// points is how many a series of a finding has at most.
var points int64 = maxPoints

// analyzed takes the whole way from evidence to the report, as the command line does.
func analyzed(t *testing.T, paths ...string) (Input, *report.Report) {
	t.Helper()
	return analyzedWithin(t, timeline.Limit{}, paths...)
}

// analyzedWithin does so within a mandate.
func analyzedWithin(t *testing.T, limit timeline.Limit, paths ...string) (Input, *report.Report) {
	t.Helper()
	c := homeContext(t)
	set, err := file.Load(c, file.Embedded(builtin.Files))
	check(t, err)
	files, err := evidence.Walk(paths)
	check(t, err)
	budget := spool.NewBudget(64<<20, t.TempDir())
	all, err := read.Files(context.Background(), files, read.Options{Jobs: 2, Budget: budget})
	check(t, err)
	defer all.Close()
	line, err := timeline.Build(context.Background(), all.Extracts, budget)
	check(t, err)
	defer line.Close()
	check(t, line.Limit(context.Background(), limit))
	tally := NewTally(all.Ledger, c, budget)
	tally.Limit(limit.From, limit.To)
	found, err := engine.Analyze(context.Background(), line, &set.Set, c, tally.Add)
	check(t, err)
	courses, err := follow(context.Background(), line, found.Findings, points)
	check(t, err)
	in := Input{Case: report.Case{Timezone: "UTC"}, Ledger: all.Ledger, Decoding: all.Stats, Timeline: line.Stats(), Result: found, Rules: set.Rules, Tally: tally, Context: c, Courses: courses}
	return in, Report(in)
}

func homeContext(t *testing.T) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	check(t, err)
	c := &field.Context{Stock: stock}
	for _, n := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"} {
		c.Home = append(c.Home, netip.MustParsePrefix(n))
	}
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every number of the report can be counted again from the frames of the evidence, without the code that made it.
func TestNumbersComeFromPackets(t *testing.T) {
	for _, path := range []string{caseFolder, filepath.Join(labFolder, "exf-payload-raw.pcapng"), filepath.Join(labFolder, "ben-ping6.pcapng"),
		filepath.Join(labFolder, "tun-ptunnel-http.pcapng"), filepath.Join(labFolder, "ben-frag-ping.pcap"), filepath.Join(labFolder, "atk-smurf.pcap"),
		filepath.Join(labFolder, "ben-snap64.pcap"), filepath.Join(labFolder, "c2-icmpsh.pcap")} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			in, r := analyzed(t, path)
			count := recount(t, in.Ledger)
			count.totals(t, r)
			count.types(t, r)
			count.hosts(t, r)
			count.exchanges(t, r)
			count.activity(t, r)
			count.findings(t, in, r)
			count.artefacts(t, in, r)
			count.incidents(t, in, r)
			count.contacts(t, r)
			count.trips(t, r)
			count.summary(t, r)
			count.courses(t, in, r)
		})
	}
}

// Where a finding has more packets than points, each point stands for several: of one direction, and all are there.
func TestFewPoints(t *testing.T) {
	points = 7
	t.Cleanup(func() { points = maxPoints })
	for _, name := range []string{"tun-ptunnel-http.pcapng", "c2-icmpsh.pcap"} {
		in, r := analyzed(t, filepath.Join(labFolder, name))
		recount(t, in.Ledger).courses(t, in, r)
		several, back := 0, 0
		for _, f := range r.Findings {
			if n := int64(len(f.Payloads)); n > 2*points {
				t.Errorf("%s: %d points of %s", name, n, f.ID)
			}
			for _, p := range f.Payloads {
				if p.Packets > 1 {
					several++
				}
				if p.Back {
					back++
				}
			}
		}
		if several == 0 || back == 0 {
			t.Errorf("%s: %d points of several packets, %d of the way back", name, several, back)
		}
	}
}

// A beacon's intervals are those of its requests in the capture.
func TestIntervals(t *testing.T) {
	for name, want := range map[string]float64{"c2-beacon-30s.pcap": 30, "c2-beacon-300s-tasking.pcapng": 300, "c2-beacon6-60s.pcap": 60} {
		in, r := analyzed(t, filepath.Join(labFolder, name))
		seen := 0
		for i, f := range r.Findings {
			if !strings.Contains(f.Rule.Name, "beacon") {
				continue
			}
			var ticks, sum float64
			for _, p := range f.Intervals {
				ticks, sum = ticks+float64(p.Ticks), sum+p.Seconds*float64(p.Ticks)
				if p.Min > p.Seconds+1e-6 || p.Max < p.Seconds-1e-6 {
					t.Errorf("%s: %v", name, p)
				}
			}
			seen++
			if mean := sum / ticks; mean < want*0.8 || mean > want*1.2 {
				t.Errorf("%s: mean interval %g s, want about %g", name, mean, want)
			}
			list := recount(t, in.Ledger).of(t, whole(in.Result.Findings[i].Frames))
			first, last := list[0].time, list[len(list)-1].time
			if d := float64(last-first)/1e9 - sum; d < 0 || d > 3 { // the last tick may be a burst
				t.Errorf("%s: intervals add up to %g s, %g s are missing", name, sum, d)
			}
		}
		if seen == 0 {
			t.Errorf("%s: no beacon", name)
		}
	}
}

// The sidecar of each lab capture tells its messages by type and code, as tshark counted them.
func TestTypesAsTsharkCounts(t *testing.T) {
	for _, name := range []string{"ben-ping4-sizes", "ben-unreach", "ben-ndp", "atk-redirect", "exf-id", "ben-timestamps", "atk-quench"} {
		t.Run(name, func(t *testing.T) {
			s := sidecarOf(t, filepath.Join(labFolder, name+".yaml"))
			_, r := analyzed(t, filepath.Join(labFolder, s.Capture))
			got := map[string]int64{}
			for _, x := range r.Types {
				got[typeKey(x)] = x.Packets
			}
			same(t, "types", got, s.Facts.Types)
		})
	}
}

// The ground truth of the case: who did what to whom, in which frames, and what was carried.
func TestCaseTruth(t *testing.T) {
	_, r := analyzed(t, caseFolder)
	for _, want := range []struct {
		rule, level, src, dst string
		evidence              string
		frames                int64
		sha256                string
	}{
		{"icmp-exfil-type", "high", "10.20.0.12", "203.0.113.66", "day2/span-type.pcap", 1172, "defc6350bb2c0393ae6dc51b0a4838fc37bf38f73cc41d35dc281c59d26ee1f8"},
		{"icmp-exfil-type", "high", "10.20.0.12", "203.0.113.66", "day2/wan/edge.pcap", 1172, "defc6350bb2c0393ae6dc51b0a4838fc37bf38f73cc41d35dc281c59d26ee1f8"},
		{"icmp-tunnel-ptunnel-ng", "critical", "10.20.0.12", "203.0.113.66", "day3/tunnel.pcap", 61, ""},
		{"icmp-c2-icmpdoor", "critical", "203.0.113.66", "10.20.0.12", "day3/c2.pcap", 20, ""},
		{"icmp-host-sweep", "medium", "10.20.0.66", "10.20.30.0/24", "day1/switch/scan.pcapng", 497, ""},
	} {
		f := findingOf(r, want.rule, want.src, want.dst)
		if f == nil {
			t.Errorf("no finding of %s from %s to %s", want.rule, want.src, want.dst)
			continue
		}
		if f.Level != want.level || frameTotal(r, f, want.evidence) != want.frames || want.sha256 != "" && !carries(r, f, want.sha256) {
			t.Errorf("%s: level %s, %d frames in %s, want %s, %d frames and %s", want.rule, f.Level, frameTotal(r, f, want.evidence), want.evidence, want.level, want.frames, want.sha256)
		}
	}
	if len(r.Incidents) != 2 || r.Incidents[0].Files != len(r.Artefacts) || r.Verdict != "critical" {
		t.Errorf("%d incidents, %d files, verdict %s", len(r.Incidents), r.Incidents[0].Files, r.Verdict)
	}
}

func findingOf(r *report.Report, rule, src, dst string) *report.Finding {
	for i, f := range r.Findings {
		if f.Rule.Name == rule && f.Src == src && f.Dst == dst {
			return &r.Findings[i]
		}
	}
	return nil
}

func frameTotal(r *report.Report, f *report.Finding, path string) int64 {
	for _, e := range r.Evidence {
		for _, s := range f.Frames {
			if e.Path == path && s.Evidence == e.ID {
				return s.Total
			}
		}
	}
	return 0
}

func carries(r *report.Report, f *report.Finding, sum string) bool {
	for _, a := range r.Artefacts {
		if a.Finding == f.ID && a.SHA256 == sum {
			return true
		}
	}
	return false
}

// The events that point at a frame point at the one of that time.
func TestEventsPointAtTheirFrames(t *testing.T) {
	in, r := analyzed(t, caseFolder)
	count := recount(t, in.Ledger)
	pointed := 0
	for _, e := range r.Timeline {
		if e.Frame == 0 {
			continue
		}
		pointed++
		p := count.frame(e.Evidence, e.Frame)
		if p == nil {
			t.Errorf("%s %s: no ICMP in frame %d of %s", e.Kind, e.Finding, e.Frame, e.Evidence)
			continue
		}
		if d := e.Time.Sub(time.Unix(0, p.time)).Abs(); d > time.Millisecond {
			t.Errorf("%s %s: frame %d of %s is %s away", e.Kind, e.Finding, e.Frame, e.Evidence, d)
		}
	}
	if pointed < len(r.Findings) {
		t.Errorf("%d events point at frames, want at least %d", pointed, len(r.Findings))
	}
}

// Two runs give the same bytes.
func TestSameEvidenceSameReport(t *testing.T) {
	_, a := analyzed(t, caseFolder)
	_, b := analyzed(t, caseFolder)
	x, err := json.Marshal(a)
	check(t, err)
	y, err := json.Marshal(b)
	check(t, err)
	if string(x) != string(y) {
		t.Error("two runs differ")
	}
}

// A finding tells what its captures could not hold: the other direction, and packets that the capturing host lost.
func TestCompleteness(t *testing.T) {
	const oneWay, lost = "nothing was sent back, or only one direction was captured", "7 packets were lost by the capturing host's own count"
	for name, want := range map[string]bool{"exf-type-txt.pcapng": true, "exf-payload-raw.pcapng": false, "exf-quote.pcap": true} {
		in, r := analyzed(t, filepath.Join("..", "..", "testdata", "lab", name))
		for _, f := range r.Findings {
			if told := fmt.Sprint(f.Explanations, f.Response, f.BlindSpots, f.Meaning); strings.Contains(told, "{dst}") || strings.Contains(told, "{src}") {
				t.Errorf("%s: hosts left out of the texts: %s", name, told)
			}
		}
		if len(r.Findings) == 0 {
			t.Fatalf("%s: no finding", name)
		}
		notes := strings.Join(r.Findings[0].Notes, "\n")
		if strings.Contains(notes, oneWay) != want || strings.Contains(notes, "own count") {
			t.Errorf("%s: %s", name, notes)
		}
		in.Ledger[0].Interfaces[0].Drops = 7
		b := builder{in}
		if got := strings.Join(b.completeness(in.Result.Findings[0]), "\n"); !strings.Contains(got, lost) {
			t.Errorf("%s, with packets lost: %s", name, got)
		}
	}
}
