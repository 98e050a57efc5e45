package build

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules/filter"
)

// What is looked at within a mandate gives what a capture gives that never held the rest.
func TestMandateIsAsIfTheRestWereNotThere(t *testing.T) {
	for name, tt := range map[string]struct {
		scope string
		after time.Duration // since the first frame
	}{
		"exf-in-noise.pcapng":      {scope: "ip.addr == 203.0.113.66"},
		"exf-payload-raw.pcapng":   {scope: "icmp.type == 8"},
		"exf-code.pcap":            {scope: "icmp.code < 100"},
		"ben-ping4-sizes.pcap":     {after: 3 * time.Second},
		"ben-fping-monitor.pcapng": {scope: "icmp", after: time.Second},
	} {
		path := filepath.Join(labFolder, name)
		limit, less := reduced(t, path, tt.scope, tt.after)
		in, within := analyzedWithin(t, limit, path)
		_, alone := analyzed(t, less)
		if in.Timeline.Outside == 0 && tt.scope != "icmp" {
			t.Errorf("%s: nothing is outside: the test tests nothing", name)
		}
		if within.Totals.ICMPPackets != alone.Totals.ICMPPackets || within.Totals.Outside != in.Timeline.Outside {
			t.Errorf("%s: %d packets, want %d", name, within.Totals.ICMPPackets, alone.Totals.ICMPPackets)
		}
		for what, pair := range map[string][2]any{"findings": {said(within.Findings), said(alone.Findings)}, "hosts": {within.Hosts, alone.Hosts}, "types": {within.Types, alone.Types},
			"conversations": {within.Exchanges, alone.Exchanges}, "bytes": {sums(within), sums(alone)}} {
			equal(t, name+": "+what, plainly(t, pair[0]), plainly(t, pair[1]))
		}
	}
}

// apart are ids, which come from a file's hash, and requests whose replies are outside: those were answered.
var apart = regexp.MustCompile(`F-[0-9a-f]{8}|"unanswered":\d+|"loss_percent":[\d.]+`)

func plainly(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	check(t, err)
	return apart.ReplaceAllString(string(b), "")
}

// said leaves out what names frames and files: those of a smaller capture have other numbers.
func said(list []report.Finding) (out []report.Finding) {
	for _, f := range list {
		f.ID, f.Incident, f.Frames, f.Filter, f.Notes, f.Artefacts, f.Pcap, f.Ongoing = "", "", nil, "", nil, nil, "", false
		out = append(out, f)
	}
	return out
}

func sums(r *report.Report) (out []string) {
	for _, a := range r.Artefacts {
		out = append(out, a.SHA256)
	}
	return out
}

// reduced writes a capture of the frames that a mandate lets through.
func reduced(t *testing.T, path, scope string, after time.Duration) (timeline.Limit, string) {
	t.Helper()
	f, err := filter.Compile(scope, homeContext(t), nil)
	check(t, err)
	files, err := evidence.Walk([]string{path})
	check(t, err)
	all, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, t.TempDir())})
	check(t, err)
	defer all.Close()
	from := time.Unix(0, all.Ledger[0].First).Add(after)
	r, err := all.Extracts[0].Open()
	check(t, err)
	defer r.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), "less.pcapng"))
	check(t, err)
	defer out.Close()
	w, on := capture.NewWriter(out, ""), map[ingest.LinkType]int{}
	for {
		p, err := r.Next()
		if err == io.EOF {
			check(t, w.Err())
			return timeline.Limit{From: &from, Passes: f.Match}, out.Name()
		}
		check(t, err)
		if p.Message() == nil || p.Timestamp().Before(from) || !f.Match(p) {
			continue
		}
		if _, ok := on[p.Frame.Link]; !ok {
			on[p.Frame.Link] = w.Interface(p.Frame.Link, 0, "", "")
		}
		w.Packet(on[p.Frame.Link], p.Time, p.Wire, p.Data, "", capture.NoDirection)
	}
}
