package slice

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// packets reads captures as one case and gives copies of all packets, in order.
func packets(t *testing.T, use func(*timeline.Timeline), paths ...string) (out []*ingest.Packet) {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	budget := spool.NewBudget(16<<20, t.TempDir())
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
	if use != nil {
		use(line)
	}
	if err := line.Each(context.Background(), func(p *ingest.Packet) { out = append(out, p.Clone()) }); err != nil {
		t.Fatal(err)
	}
	return out
}

// finding is made of some packets of captures.
func finding(id string, of []*ingest.Packet, in func(*ingest.Packet) bool) *rules.Finding {
	f, frames := &rules.Finding{ID: id, Rule: &rules.Rule{Name: "a-rule"}}, map[int]*rules.Ranges{}
	for _, p := range of {
		if p.Case.Copy || p.Fragment || !in(p) {
			continue
		}
		f.Members.Add(p.Case.Number)
		f.Packets++
		if frames[p.Case.Evidence] == nil {
			frames[p.Case.Evidence] = &rules.Ranges{}
		}
		frames[p.Case.Evidence].Add(p.Number)
		for w := p.Whole; w != nil; w = w.Inner {
			for _, n := range w.Frames {
				frames[p.Case.Evidence].Add(n)
			}
		}
	}
	for e, r := range frames {
		f.Frames = append(f.Frames, rules.Source{Evidence: e, Ranges: *r})
	}
	return f
}

func TestWrite(t *testing.T) {
	lab := "../../testdata/lab/"
	paths := []string{lab + "ben-frag-ping.pcap", lab + "exf-tos.pcap", lab + "ben-ndp.pcapng"}
	all := packets(t, nil, paths...)
	findings := []*rules.Finding{
		finding("F-frag", all, func(p *ingest.Packet) bool { return p.Whole != nil && p.Case.Evidence == 0 }),
		finding("F-even", all, func(p *ingest.Packet) bool { return p.Case.Number%2 == 0 }),
		finding("F-v6", all, func(p *ingest.Packet) bool { return p.V6() }),
		finding("F-none", all, func(*ingest.Packet) bool { return false }),
	}
	dir := t.TempDir()
	packets(t, func(line *timeline.Timeline) {
		if err := Write(context.Background(), line, findings, dir, Options{}); err != nil {
			t.Fatal(err)
		}
	}, paths...)
	for _, f := range findings[:3] {
		back := packets(t, nil, filepath.Join(dir, Name(f)))
		parts := check(t, f, all, back)
		if f.ID == "F-frag" && parts == 0 {
			t.Error("no fragment was cut out")
		}
	}
	if _, err := os.Stat(filepath.Join(dir, Name(findings[3]))); err == nil {
		t.Error("a finding without packets has a slice")
	}
}

// check compares a slice with the packets it was cut from, by what their comments say, and counts the fragments.
func check(t *testing.T, f *rules.Finding, all, back []*ingest.Packet) (fragments int) {
	t.Helper()
	origin := map[string]*ingest.Packet{}
	for _, p := range all {
		origin[fmt.Sprintf("frame %d of E%d,", p.Number, p.Case.Evidence+1)] = p
	}
	messages := int64(0)
	for _, p := range back {
		if len(p.Comments) != 1 || !strings.HasPrefix(p.Comments[0], "Finding "+f.ID+", rule a-rule: ") {
			t.Fatalf("%s: comments %q", f.ID, p.Comments)
		}
		words := strings.Fields(p.Comments[0])
		o := origin[strings.Join(words[4:8], " ")]
		if o == nil || o.Time != p.Time || o.Wire != p.Wire || o.Frame.Link != p.Frame.Link || string(o.Data) != string(p.Data) {
			t.Fatalf("%s: %q is not what it was cut from", f.ID, p.Comments[0])
		}
		if p.Fragment {
			fragments++
		} else {
			messages++
		}
	}
	if messages != f.Packets {
		t.Errorf("%s: %d of %d packets", f.ID, messages, f.Packets)
	}
	return fragments
}
