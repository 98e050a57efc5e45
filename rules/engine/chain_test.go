package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"icmpsift/rules"
	"icmpsift/rules/file"
)

// ruleFile writes rules, each with what it says beside its metadata.
func ruleFile(t testing.TB, bodies ...string) *rules.Set {
	t.Helper()
	var text strings.Builder
	for _, b := range bodies {
		name, body, _ := strings.Cut(b, ": ")
		fmt.Fprintf(&text, "title: %s\nid: 0b9c2f3e-5a0f-4a0e-8a54-%012x\nname: %s\nlevel: medium\n%s\n---\n", name, text.Len()+1, name, body)
	}
	set, err := file.Load(facts(t), file.Source{FS: fstest.MapFS{"r.yml": {Data: []byte(text.String())}}, Root: "."})
	if err != nil {
		t.Fatal(err)
	}
	return &set.Set
}

// found sums findings up.
func found(j judged) (out []string) {
	for _, f := range j.Findings {
		s := fmt.Sprintf("%s %s %s %v", f.Rule.Name, f.Src, f.Dst, f.Members)
		for _, o := range f.Observed {
			s += fmt.Sprintf(" | %s %.3g %s %g", o.Name, o.Value, o.Op, o.Threshold)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

const window = "\n  group-by: [sift.src]\n  timespan: 60s\n  condition: "

func TestCorrelationsOfRules(t *testing.T) {
	request := "request: match: icmp.type == 8"
	odd := "odd: match: icmp.type == 13"
	traffic := append(every(time.Second, inside, outside, [][]byte{echo(8, 1, 1, []byte("aaaa")), echo(8, 1, 2, []byte("aaaaaaaa")), echo(13, 1, 1, make([]byte, 12)), echo(8, 1, 3, []byte("aa"))}),
		sent{at: 9 * time.Second, src: outside, dst: inside, message: echo(13, 1, 1, make([]byte, 12))})
	for name, tt := range map[string]struct {
		rules []string
		want  []string
	}{
		"temporal": {[]string{"both: correlation:\n  type: temporal\n  rules: [odd, request]\n  group-by: [sift.src]\n  timespan: 60s", request, odd},
			[]string{"both " + inside + " " + outside + " 1-4 | rules that matched 2 gte 2"}},
		"ordered": {[]string{request, odd, "order: correlation:\n  type: temporal_ordered\n  rules: [odd, request]\n  group-by: [sift.src]\n  timespan: 60s"},
			[]string{"order " + inside + " " + outside + " 3-4 | rules that matched in order 2 gte 2"}},
		"alias": {[]string{request, odd, "answer: correlation:\n  type: temporal_ordered\n  rules: [request, odd]\n  aliases:\n    host: {request: sift.dst, odd: sift.src}\n  group-by: [host]\n  timespan: 60s"},
			[]string{"answer 0.0.0.0/0 0.0.0.0/0 4-5 | rules that matched in order 2 gte 2"}},
		"generate": {[]string{request, "many: correlation:\n  type: event_count\n  rules: [request]\n  generate: true" + window + "{gte: 3}"},
			[]string{"many " + inside + " " + outside + " 1-2,4 | events of the rules 3 gte 3", "request " + inside + " " + outside + " 1-2,4 | matching packets 3 gte 1"}},
		"sum": {[]string{"sum: match: icmp.type == 8\ncorrelation:\n  type: value_sum" + window + "{field: sift.payload.length, gte: 14}"},
			[]string{"sum " + inside + " " + outside + " 1-2,4 | sum of sift.payload.length 14 gte 14"}},
		"average": {[]string{"mean: match: icmp.type == 8\ncorrelation:\n  type: value_avg" + window + "{field: sift.payload.length, gte: 5, lte: 6}"},
			[]string{"mean " + inside + " " + outside + " 1-2 | average of sift.payload.length 6 gte 5 | average of sift.payload.length 6 lte 6"}},
		"share": {[]string{"part: match: icmp\ncorrelation:\n  type: x_ratio\n  share: icmp.type == 13" + window + "{gte: 0.3, minimum: 3}"},
			[]string{"part " + inside + " " + outside + " 1-3 | share of packets with icmp.type == 13 0.333 gte 0.3 | packets the share is of 3 gte 3"}},
		"chain": {[]string{"outer: correlation:\n  type: temporal\n  rules: [many, odd]\n  group-by: [sift.src]\n  timespan: 60s", "many: match: icmp.type == 8\ncorrelation:\n  type: event_count" + window + "{gte: 3}", odd},
			[]string{"outer " + inside + " " + outside + " 1-4 | rules that matched 2 gte 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := found(judge(t, ruleFile(t, tt.rules...).Rules, facts(t), write(t, traffic)))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %s\nwant %s", strings.Join(got, "\n    "), strings.Join(tt.want, "\n     "))
			}
		})
	}
}

// A beacon is told by its period, and how near it came otherwise.
func TestBeacon(t *testing.T) {
	var list []sent
	for i := range 30 {
		list = append(list, sent{at: time.Duration(i)*time.Minute + time.Duration(i%3)*time.Second, src: inside, dst: outside, message: echo(8, 1, uint16(i), []byte("x"))})
	}
	set := ruleFile(t, "beacon: match: icmp.type == 8\ncorrelation:\n  type: x_interval\n  group-by: [sift.src, sift.dst]\n  timespan: 1d\n  condition: {gte: 20, jitter: {lte: 0.1}, median: {gte: 30, lte: 3600}}",
		"never: match: icmp.type == 8\ncorrelation:\n  type: event_count\n  group-by: [sift.src]\n  timespan: 1h\n  condition: {gte: 100}")
	j := judge(t, set.Rules, facts(t), write(t, list))
	if len(j.Findings) != 1 || j.Findings[0].Packets != 30 || len(j.Findings[0].Observed) != 4 {
		t.Fatalf("got %v", found(j))
	}
	n := j.Nearest[set.Rules[1]]
	if n.Value != 30 || fmt.Sprint(n.Group) != "["+inside+"]" || n.Members.String() != "1-30" {
		t.Errorf("nearest: %+v", n)
	}
}
