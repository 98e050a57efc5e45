package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/engine"
	"icmpsift/rules/file"
)

const lab = "../../testdata/lab"

// judged is what rules said of a case, and the files it is made of, by evidence id.
type judged struct {
	*engine.Result
	files map[int]string
}

func facts(t testing.TB) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	for _, n := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"} {
		c.Home = append(c.Home, netip.MustParsePrefix(n))
	}
	return c
}

// loaded is the builtin rules, which are read once: the context is asked when they run.
var loaded = sync.OnceValues(func() (*file.Set, error) { return file.Load(&field.Context{}, file.Embedded(builtin.Files)) })

func pack(t testing.TB, _ *field.Context) []*rules.Rule {
	t.Helper()
	set, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return set.Rules
}

// judge reads the captures as one case and runs the rules.
func judge(t testing.TB, list []*rules.Rule, c *field.Context, paths ...string) judged {
	t.Helper()
	return judgeSet(t, &rules.Set{Rules: list}, c, paths...)
}

func judgeSet(t testing.TB, set *rules.Set, c *field.Context, paths ...string) judged {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	budget := spool.NewBudget(64<<20, t.TempDir())
	all, err := read.Files(context.Background(), files, read.Options{Jobs: 2, Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	line, err := timeline.Build(context.Background(), all.Extracts, budget)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	r, err := engine.Analyze(context.Background(), line, set, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := judged{r, map[int]string{}}
	for _, e := range all.Ledger {
		j.files[e.ID] = e.File
	}
	return j
}

// labCaptures lists the lab's cases: single captures, and the files of a rotated one together.
func labCaptures(t *testing.T) (cases [][]string) {
	t.Helper()
	sidecars, err := filepath.Glob(filepath.Join(lab, "*.yaml"))
	if err != nil || len(sidecars) < 100 {
		t.Fatalf("%d sidecars in %s, error %v", len(sidecars), lab, err)
	}
	for _, path := range sidecars {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var s struct{ Capture any }
		if err := yaml.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		names, ok := s.Capture.([]any)
		if !ok {
			names = []any{s.Capture}
		}
		var paths []string
		for _, n := range names {
			paths = append(paths, filepath.Join(lab, n.(string)))
		}
		cases = append(cases, paths)
	}
	return cases
}

// frames gives the frames of a capture that tshark shows under a display filter.
func frames(t *testing.T, capture, filter string) (out rules.Ranges) {
	t.Helper()
	cmd := exec.Command(oracle.Tshark(t), "-n", "-2", "-r", capture, "-Y", filter, "-T", "fields", "-e", "frame.number")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s -Y %q: %v %s", capture, filter, err, talk.String())
	}
	for _, line := range strings.Fields(string(b)) {
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out.Add(n)
	}
	return out
}

func onPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

func needTshark(t *testing.T) {
	t.Helper()
	if !onPath("tshark") {
		if os.Getenv("CI") != "" {
			t.Fatal("no tshark: CI must have it")
		}
		t.Skip("no tshark: printed filters are not checked")
	}
}

// What a report tells the reader to paste into Wireshark must show at least the finding's frames. All filters of a capture
// are asked at once: frames of a finding that its filter does not show.
func checkFilters(t *testing.T, j judged) (checked int) {
	t.Helper()
	missed := map[int][]string{}
	for _, f := range j.Findings {
		for _, s := range f.Frames {
			for part := range slices.Chunk(s.Ranges, 1000) { // a command line has an end
				numbers := strings.ReplaceAll(strings.ReplaceAll(part.String(), "-", ".."), ",", ", ")
				missed[s.Evidence] = append(missed[s.Evidence], fmt.Sprintf("!(%s) && frame.number in {%s}", f.Filter, numbers))
			}
			checked++
		}
	}
	for e, all := range missed {
		for parts := range slices.Chunk(all, 8) {
			if frames(t, j.files[e], strings.Join(parts, " || ")) == nil {
				continue
			}
			for _, part := range parts {
				if lacks := frames(t, j.files[e], part); lacks != nil {
					t.Errorf("%s: filter does not show frames %s: %s", j.files[e], lacks, part)
				}
			}
		}
	}
	return checked
}

func TestFiltersShowTheFramesInWireshark(t *testing.T) {
	needTshark(t)
	c := facts(t)
	set, checked, chained := &rules.Set{Rules: append(pack(t, c), ruleFile(t, chains...).Rules...)}, 0, 0
	captures := oracle.Sample(t, labCaptures(t), 6)
	for _, paths := range captures {
		t.Run(filepath.Base(paths[0]), func(t *testing.T) {
			j := judgeSet(t, set, c, paths...)
			checked += checkFilters(t, j)
			for _, f := range j.Findings {
				if f.Rule.Refers() {
					chained++
				}
			}
		})
	}
	if checked < len(captures) || chained < len(captures) {
		t.Errorf("only %d filters were checked, %d of them of several rules", checked, chained)
	}
}

// chains correlate what there is in most captures: rules whose filters Wireshark knows whole, in part, and not at all, and
// whose packets go to and fro.
var chains = []string{
	"request: match: sift.echo.request",
	"reply: match: sift.echo.reply && sift.reply.to",
	"error: match: icmp.type in {3, 4, 5, 11} || icmpv6.type in {1, 2, 3, 4}",
	"odd: match: sift.payload.length > 8 && !(sift.payload.class == \"stock\")",
	"alike: match: sift.payload.class",
	"requests: match: sift.echo.request || sift.type == 13\ncorrelation:\n  type: event_count\n  group-by: [sift.src, sift.dst]\n  timespan: 1m\n  condition: {gte: 3}",
	"answered: correlation:\n  type: temporal_ordered\n  rules: [requests, reply]\n  aliases:\n    near: {requests: sift.src, reply: sift.dst}\n    far: {requests: sift.dst, reply: sift.src}\n  group-by: [near, far]\n  timespan: 10m",
	"refused: correlation:\n  type: temporal\n  rules: [error, request]\n  aliases: {who: {error: sift.quoted.src, request: sift.src}}\n  group-by: [who]\n  timespan: 10m",
	"told: correlation:\n  type: temporal\n  rules: [error, request]\n  aliases: {who: {error: sift.dst, request: sift.src}}\n  group-by: [who]\n  timespan: 10m",
	"both: correlation:\n  type: event_count\n  rules: [request, reply]\n  group-by: [sift.ttl]\n  timespan: 1h\n  condition: {gte: 2}",
	"unseen: correlation:\n  type: event_count\n  rules: [odd, alike]\n  group-by: [sift.src]\n  timespan: 1h\n  condition: {gte: 2}",
	"twice: correlation:\n  type: temporal\n  rules: [answered, odd]\n  aliases: {who: {answered: near, odd: sift.dst}}\n  group-by: [who]\n  timespan: 1h",
}

// The same evidence gives the same findings to the last byte, with ids of their own.
func TestFindingsAreDeterministic(t *testing.T) {
	c := facts(t)
	list := pack(t, c)
	ids := map[string]string{}
	for _, paths := range oracle.Sample(t, labCaptures(t), 6) {
		t.Run(filepath.Base(paths[0]), func(t *testing.T) {
			a, b := judge(t, list, c, paths...), judge(t, list, c, paths...)
			if x, y := told(a), told(b); !reflect.DeepEqual(x, y) {
				t.Errorf("two runs differ:\n%v\n%v", x, y)
			}
			for _, f := range a.Findings {
				if was := ids[f.ID]; was != "" {
					t.Errorf("id %s is used in %s, too", f.ID, was)
				}
				ids[f.ID] = paths[0]
				sound(t, f)
			}
			for _, x := range a.Artefacts {
				if was := ids[x.ID]; was != "" {
					t.Errorf("id %s is used in %s, too", x.ID, was)
				}
				ids[x.ID] = paths[0]
			}
		})
	}
}

// told prints all of the findings and artefacts but the pointers between them.
func told(j judged) (out []string) {
	for _, f := range j.Findings {
		x := *f
		x.Rule, x.Artefacts = nil, nil
		out = append(out, fmt.Sprintf("%s %+v", f.Rule.Name, x))
	}
	for _, a := range j.Artefacts {
		x := *a
		x.Finding = nil
		out = append(out, fmt.Sprintf("%s %+v", a.Finding.ID, x))
	}
	return out
}

// sound checks what holds of every finding.
func sound(t *testing.T, f *rules.Finding) {
	t.Helper()
	if f.Packets != f.Members.Total() || f.Packets == 0 || f.First > f.Last {
		t.Errorf("%s: %d packets, %d members, from %d to %d", f.ID, f.Packets, f.Members.Total(), f.First, f.Last)
	}
	var seen int64
	for _, s := range f.Frames {
		seen += s.Ranges.Total()
	}
	if seen < f.Packets {
		t.Errorf("%s: %d frames show %d packets", f.ID, seen, f.Packets)
	}
	for _, o := range f.Observed {
		if !(rules.Condition{Op: o.Op, Value: o.Threshold}).Holds(o.Value) {
			t.Errorf("%s: observed %+v does not meet its own threshold", f.ID, o)
		}
	}
}
