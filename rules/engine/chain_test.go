package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
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
			[]string{"answer " + inside + " " + outside + " 4-5 | rules that matched in order 2 gte 2"}},
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

// The sides of a finding are hosts where the rules below agree on them, whichever end of their packets they stand at.
func TestEndpointsOfChains(t *testing.T) {
	quoting := func(typ byte, by, from, to string) sent {
		return sent{src: by, dst: from, message: echo(typ, 0, 0, sent{src: from, dst: to, ttl: 1, message: echo(8, 1, 1, nil)}.packet())}
	}
	var traffic []sent
	for i := range 4 { // a sweep, refused by routers, and a host that asks back
		traffic = append(traffic, sent{src: inside, dst: fmt.Sprintf("198.51.100.%d", 8+i), message: echo(8, 1, uint16(i), []byte("aaaa"))})
		traffic = append(traffic, quoting(3, fmt.Sprintf("172.16.%d.1", i), inside, fmt.Sprintf("198.51.100.%d", 8+i)))
	}
	traffic = append(traffic, sent{src: "198.51.100.9", dst: inside, message: echo(13, 1, 1, make([]byte, 12))})
	traffic = append(traffic, sent{src: insideB, dst: outside, message: echo(8, 7, 1, []byte("bbbb"))}, quoting(3, "172.16.9.1", insideB, outside))
	for i := range traffic {
		traffic[i].at = time.Duration(i) * time.Second
	}
	pings, refused, asked := "pings: match: icmp.type#1 == 8", "refused: match: icmp.type#1 == 3", "asked: match: icmp.type == 13"
	chain := func(typ, list, alias, by string) string {
		return "chain: correlation:\n  type: " + typ + "\n  rules: [" + list + "]\n  aliases: {who: {" + alias + "}}\n  group-by: [" + by + "]\n  timespan: 60s\n"
	}
	many := "many: match: icmp.type#1 == 8\ncorrelation:\n  type: value_count" + window + "{field: sift.dst, gte: 3}"
	network, path := "198.51.100.8/30", write(t, traffic)
	all := judged{Result: &engine.Result{}}
	for name, tt := range map[string]struct {
		rules    []string
		src, dst string
	}{
		"receiver of the second":   {[]string{pings, refused, chain("temporal_ordered", "pings, refused", "pings: sift.src, refused: sift.dst", "who")}, inside, "0.0.0.0/0"},
		"quoted by the second":     {[]string{many, refused, chain("temporal_ordered", "many, refused", "many: sift.src, refused: sift.quoted.src", "who")}, inside, network},
		"a correlation first":      {[]string{many, asked, chain("temporal_ordered", "many, asked", "many: sift.src, asked: sift.dst", "who")}, inside, network},
		"the second's receiver":    {[]string{pings, asked, chain("temporal", "asked, pings", "asked: sift.dst, pings: sift.src", "who")}, network, inside},
		"what the first one has":   {[]string{refused + "\nendpoints: {src: sift.quoted.src, dst: sift.quoted.dst}", pings, chain("temporal", "refused, pings", "refused: sift.quoted.src, pings: sift.src", "who")}, inside, network},
		"a packet that both match": {[]string{"any: match: icmp", asked, chain("temporal_ordered", "any, asked", "any: sift.src, asked: sift.dst", "who")}, inside, "198.51.100.8/30"},
		"no alias":                 {[]string{pings, refused, "chain: correlation:\n  type: temporal\n  rules: [pings, refused]\n  group-by: [sift.ttl]\n  timespan: 60s\n"}, "0.0.0.0/0", "0.0.0.0/0"},
		"its own":                  {[]string{pings, refused, chain("temporal_ordered", "pings, refused", "pings: sift.src, refused: sift.quoted.src", "who") + "endpoints: {src: sift.dst, dst: sift.src}"}, network, inside},
		"a chain of three":         {[]string{many, asked, "inner: correlation:\n  type: temporal\n  rules: [many, pings]\n  group-by: [sift.src]\n  timespan: 60s", pings, chain("temporal_ordered", "inner, asked", "inner: sift.src, asked: sift.dst", "who")}, inside, network},
		"by the first one's alias": {[]string{many, asked, refused, "inner: correlation:\n  type: temporal\n  rules: [many, refused]\n  aliases: {host: {refused: sift.dst, many: sift.src}}\n  group-by: [host]\n  timespan: 60s", chain("temporal", "inner, asked", "asked: sift.dst, inner: host", "who")}, inside, "0.0.0.0/0"},
		"by another's alias":       {[]string{many, asked, refused, "inner: correlation:\n  type: temporal\n  rules: [refused, many]\n  aliases: {host: {refused: sift.dst, many: sift.src}}\n  group-by: [host]\n  timespan: 60s", chain("temporal", "asked, inner", "asked: sift.dst, inner: host", "who")}, "0.0.0.0/0", inside},
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, ruleFile(t, tt.rules...).Rules, facts(t), path)
			seen := false
			for _, f := range j.Findings {
				seen = seen || f.Src == tt.src && f.Dst == tt.dst
			}
			if !seen {
				t.Errorf("want %s to %s, got\n%s", tt.src, tt.dst, strings.Join(found(j), "\n"))
			}
			j.Findings = append(j.Findings, all.Findings...)
			all = j
		})
	}
	if haveTshark() {
		checkFilters(t, all)
	}
}

// layers are correlations of two rules each, on top of each other: two to the power of their number of ways lead down. Where
// they swap, each way has the values of the group in an order of its own.
func layers(n int, swap bool) (out []string) {
	fields := []string{"sift.src", "sift.dst", "sift.ttl", "sift.type", "sift.code", "sift.id", "sift.seq", "sift.payload.length"}
	out = []string{"a0: match: icmp.type == 8", "b0: match: icmp.type == 13"}
	below := fields
	for i := 1; i <= n; i++ {
		var aliases, names []string
		for k := range fields {
			other := below[k]
			if at := i % (len(fields) - 1); swap && (k == at || k == at+1) {
				other = below[2*at+1-k]
			}
			names = append(names, fmt.Sprintf("n%d-%d", i, k))
			aliases = append(aliases, fmt.Sprintf("%s: {a%d: %s, b%d: %s}", names[k], i-1, below[k], i-1, other))
		}
		for _, name := range []string{"a", "b"} {
			out = append(out, fmt.Sprintf("%s%d: correlation:\n  type: temporal\n  rules: [a%d, b%d]\n  aliases: {%s}\n  group-by: [%s]\n  timespan: 60s", name, i, i-1, i-1, strings.Join(aliases, ", "), strings.Join(names, ", ")))
		}
		below = names
	}
	return out
}

// Ways down that come to the same are gone once, and too many that do not are refused.
func TestWaysDownAreBounded(t *testing.T) {
	path := write(t, pings(3, inside, outside))
	for swap, want := range map[bool]string{false: "<nil>", true: "more than 1000 ways from it to the rules"} {
		_, err := trial.Run(t.Context(), ruleFile(t, layers(40, swap)...), facts(t), path)
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("swapped %v: %v, want %s", swap, err, want)
		}
	}
}

// A finding of several rules shows what any of them matches, as far as Wireshark knows their fields, between the endpoints
// as that rule's packets have them, and while it lasts.
func TestFilterOfSeveralRules(t *testing.T) {
	traffic := append(every(time.Second, inside, outside, [][]byte{echo(8, 1, 1, []byte("aaaa")), echo(8, 1, 2, []byte("bbbb"))}),
		sent{at: 2 * time.Second, src: outside, dst: inside, message: echo(13, 1, 1, make([]byte, 12))})
	request, odd := "request: match: sift.echo.request && sift.payload.length > 2", "odd: match: icmp.type == 13"
	const to, back = "ip.src#1 == " + inside + " && ip.dst#1 == " + outside, "ip.dst#1 == " + inside + " && ip.src#1 == " + outside
	const lasts = "frame.time_epoch >= 1795338000.000000000 && frame.time_epoch <= "
	for name, tt := range map[string]struct {
		rules []string
		want  string
	}{
		"to and fro": {[]string{request, odd, "x: correlation:\n  type: temporal\n  rules: [request, odd]\n  aliases: {host: {request: sift.src, odd: sift.dst}}\n  group-by: [host]\n  timespan: 60s"},
			"icmp && (((icmp.type == 8 || icmpv6.type == 128) && " + to + ") || ((icmp.type == 13) && " + back + ")) && " + lasts + "1795338002.000000000"},
		"not known to Wireshark": {[]string{"odd: match: sift.payload.class", request, "x: correlation:\n  type: event_count\n  rules: [request, odd]\n  group-by: [sift.src, sift.dst]\n  timespan: 60s\n  condition: {gte: 2}"},
			"icmp && (((icmp.type == 8 || icmpv6.type == 128) && " + to + ") || (" + to + ")) && " + lasts + "1795338001.000000000"},
		"one rule": {[]string{request, "x: correlation:\n  type: event_count\n  rules: [request]\n  group-by: [sift.src]\n  timespan: 60s\n  condition: {gte: 2}"},
			"(icmp.type == 8 || icmpv6.type == 128) && icmp && " + to + " && " + lasts + "1795338001.000000000"},
	} {
		j := judge(t, ruleFile(t, tt.rules...).Rules, facts(t), write(t, traffic))
		if got := j.Findings[0].Filter; got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
		}
	}
}
