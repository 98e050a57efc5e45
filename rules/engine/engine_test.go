package engine_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

// rule is a rule of a test's own.
func rule(match string, c *rules.Correlation) *rules.Rule {
	return &rules.Rule{ID: "00000000-0000-4000-8000-000000000001", Name: "test", Title: "test", Level: rules.High, Match: match, Correlation: c,
		Roles: rules.Roles{Src: "scanner", Dst: "target"}}
}

func counting(t rules.CorrelationType, field string, n float64, by ...string) *rules.Correlation {
	return &rules.Correlation{Type: t, Field: field, GroupBy: by, Timespan: time.Minute, Condition: []rules.Condition{{Op: "gte", Value: n}}}
}

func pings(n int, src, dst string) []sent {
	typ := byte(8)
	if strings.Contains(src, ":") {
		typ = 128
	}
	var messages [][]byte
	for i := range n {
		messages = append(messages, echo(typ, 9, uint16(i), stockPing(uint32(i))))
	}
	return every(time.Second, src, dst, messages)
}

func shift(list []sent, by time.Duration) []sent {
	for i := range list {
		list[i].at += by
	}
	return list
}

func only(t *testing.T, j judged) *rules.Finding {
	t.Helper()
	if len(j.Findings) != 1 {
		t.Fatalf("%d findings, want 1", len(j.Findings))
	}
	return j.Findings[0]
}

func TestRuleWithoutCorrelation(t *testing.T) {
	s := slices.Concat(pings(3, inside, outside), shift(pings(2, inside, insideB), 10*time.Second), shift(pings(4, inside, outside), 3*time.Hour))
	j := judge(t, []*rules.Rule{rule("icmp.type == 8", nil)}, facts(t), write(t, s))
	var got []string
	for _, f := range j.Findings {
		got = append(got, fmt.Sprint(f.Src, " ", f.Dst, " ", f.Packets, " ", f.Frames[0].Ranges, " ", f.Observed[0].Value))
	}
	want := []string{inside + " " + outside + " 3 1-3 3", inside + " " + insideB + " 2 4-5 2", inside + " " + outside + " 4 6-9 4"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A side of many addresses is the smallest network that holds nine in ten of them.
func TestEndpoints(t *testing.T) {
	var near, stray, both []sent
	for i := range 40 {
		near = append(near, shift(pings(1, inside, fmt.Sprintf("10.1.2.%d", 128+i)), time.Duration(i)*1e8)...)
		both = append(both, shift(pings(1, home6, fmt.Sprintf("2001:db8:5::%x", i+1)), time.Duration(i)*1e8)...)
	}
	stray = append(slices.Clone(near), shift(pings(1, inside, outside), 5*time.Second)...)
	for name, tt := range map[string]struct {
		list     []sent
		dst      string
		filtered string // must be in the filter
	}{
		"network":       {near, "10.1.2.128/26", "ip.dst#1 == 10.1.2.128/26"},
		"network, v6":   {both, "2001:db8:5::/122", "ipv6.dst#1 == 2001:db8:5::/122"},
		"with a stray":  {stray, "10.1.2.128/26", "icmp"},
		"one":           {pings(30, inside, outside), outside, "ip.dst#1 == " + outside},
		"v4 and v6":     {mixedVersions(near, both), "any", "(icmp || icmpv6)"},
		"both versions": {mixedVersions(pings(20, inside, outside), pings(20, home6, far6)), "any", "(icmp || icmpv6)"},
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, []*rules.Rule{rule("sift.echo.request == 1", counting(rules.EventCount, "", 20, "sift.ttl"))}, facts(t), write(t, tt.list))
			f := only(t, j)
			if f.Dst != tt.dst || !strings.Contains(f.Filter, tt.filtered) {
				t.Errorf("dst %s, filter %s; want %s, %s", f.Dst, f.Filter, tt.dst, tt.filtered)
			}
			if first, last := f.Hosts[0], f.Hosts[len(f.Hosts)-1]; first.MACs[0] != "02:00:00:00:00:01" || last.MACs[0] != "02:00:00:00:00:02" || first.Role != "scanner" || last.Role == "scanner" {
				t.Errorf("hosts %+v", f.Hosts)
			}
			if f.Packets != int64(len(tt.list)) {
				t.Errorf("%d packets, want %d", f.Packets, len(tt.list))
			}
			if !t.Failed() && haveTshark() {
				checkFilters(t, j)
			}
		})
	}
}

func mixedVersions(a, b []sent) (out []sent) {
	for i := range min(len(a), len(b)) {
		out = append(out, a[i], b[i])
	}
	return out
}

func haveTshark() bool { return os.Getenv("CI") != "" || onPath("tshark") }

// Routers complain to the sender about packets for one destination: the finding is about the quoted addresses.
func TestQuotedEndpoints(t *testing.T) {
	var s []sent
	for i := range 5 {
		quoted := sent{src: inside, dst: outside, ttl: 1, message: echo(8, 3, uint16(i), nil)}.packet()
		s = append(s, sent{at: time.Duration(i) * time.Second, src: fmt.Sprintf("172.16.%d.1", i), dst: inside, message: echo(11, 0, 0, quoted)})
	}
	r := rule("icmp.type#1 == 11 && sift.quoted.dst", counting(rules.ValueCount, "sift.src", 3, "sift.quoted.src", "sift.quoted.dst"))
	r.Endpoints = rules.Endpoints{Src: "sift.quoted.src", Dst: "sift.quoted.dst"}
	j := judge(t, []*rules.Rule{r}, facts(t), write(t, s))
	f := only(t, j)
	if f.Src != inside || f.Dst != outside || f.Observed[0].Value != 5 || f.Observed[0].Threshold != 3 {
		t.Errorf("%s to %s, %+v", f.Src, f.Dst, f.Observed)
	}
	if want := "ip.src#2 == " + inside + " && ip.dst#2 == " + outside; !strings.Contains(f.Filter, want) {
		t.Errorf("filter %s, want %s in it", f.Filter, want)
	}
	if haveTshark() {
		checkFilters(t, j)
	}
}

// A rule that sees thousands of incidents reports the ones with the highest counts, and says how many there were.
func TestFindingsAreCapped(t *testing.T) {
	var s []sent
	for i := range 450 {
		s = append(s, shift(pings(3+i%2, fmt.Sprintf("10.3.%d.%d", i/250, i%250), outside), time.Duration(i)*time.Millisecond)...)
	}
	slices.SortStableFunc(s, func(a, b sent) int { return int(a.at - b.at) })
	r := rule("icmp.type == 8", counting(rules.EventCount, "", 3, "sift.src"))
	j := judge(t, []*rules.Rule{r}, facts(t), write(t, s))
	if len(j.Findings) != 200 || j.Incidents[r] != 450 {
		t.Fatalf("%d findings of %d", len(j.Findings), j.Incidents[r])
	}
	for _, f := range j.Findings {
		if f.Observed[0].Value != 4 || !strings.Contains(strings.Join(f.Notes, " "), "One of 450 findings") {
			t.Fatalf("%v %v", f.Observed, f.Notes)
		}
	}
}

func TestOngoing(t *testing.T) {
	r := []*rules.Rule{rule("icmp.type == 8", counting(rules.EventCount, "", 3, "sift.src"))}
	if f := only(t, judge(t, r, facts(t), write(t, pings(60, inside, outside)))); !f.Ongoing {
		t.Error("the capture ends with it: it may go on")
	}
	later := append(pings(60, inside, outside), sent{at: time.Hour, src: outside, dst: inside, message: echo(0, 1, 1, nil)})
	if f := only(t, judge(t, r, facts(t), write(t, later))); f.Ongoing {
		t.Error("the capture ends an hour later: it was over")
	}
	rotated := []string{write(t, pings(60, inside, outside)), write(t, later[len(later)-1:])}
	if f := only(t, judge(t, r, facts(t), rotated...)); f.Ongoing {
		t.Error("the next capture shows that it was over")
	}
}

func TestDormant(t *testing.T) {
	both, whole := rule("icmp.type == 40", nil), rule("icmp.type == 41", nil)
	both.Requires.Directions, whole.Requires.Bytes = "both", true
	requests := pings(3, inside, outside)
	replies := func() (out []sent) {
		for _, s := range pings(3, inside, outside) {
			back := sent{at: s.at + time.Millisecond, src: s.dst, dst: s.src, message: append([]byte{0}, s.message[1:]...)}
			out = append(out, s, back)
		}
		return out
	}
	for name, tt := range map[string]struct {
		path string
		want []string
	}{
		"no ICMP":         {write(t, nil), []string{"holds no ICMP", "holds no ICMP"}},
		"one direction":   {write(t, requests), []string{"requests and replies"}},
		"both":            {write(t, replies()), nil},
		"cut":             {capture(t, "raw", binary.LittleEndian, 30, replies()), []string{"cut by the snaplen"}},
		"no echo message": {write(t, every(time.Second, inside, outside, [][]byte{echo(13, 0, 0, make([]byte, 12))})), []string{"requests and replies"}},
	} {
		got := judge(t, []*rules.Rule{both, whole}, facts(t), tt.path).Dormant
		ok := len(got) == len(tt.want)
		for i := range min(len(got), len(tt.want)) {
			ok = ok && strings.Contains(got[i].Reason, tt.want[i])
		}
		if !ok {
			t.Errorf("%s: %+v, want %q", name, got, tt.want)
		}
	}
}

// The frames of all fragments are the packet's, and the filter shows them.
func TestFragmentsBelong(t *testing.T) {
	j := judge(t, []*rules.Rule{rule("icmp.type == 8 || icmpv6.type == 128", nil)}, facts(t), lab+"/ben-frag-ping.pcap")
	fragmented := 0
	for _, f := range j.Findings {
		if f.Frames[0].Ranges.Total() > f.Packets {
			fragmented++
		}
	}
	if fragmented == 0 {
		t.Error("no finding has more frames than packets")
	}
	if haveTshark() {
		checkFilters(t, j)
	}
}

// What tools write that leave out most of the header, Wireshark calls malformed: the filter shows it all the same.
func TestFiltersOfShortMessages(t *testing.T) {
	needTshark(t)
	c := facts(t)
	for tool, write := range tools {
		var messages [][]byte
		for i, b := range random(60, 4) {
			messages = append(messages, write(i, b))
		}
		for _, ends := range [][2]string{{inside, outside}, {home6, far6}} {
			j := judge(t, pack(t, c), c, capture(t, "VLAN", binary.LittleEndian, 0, every(time.Second, ends[0], ends[1], messages)))
			if checkFilters(t, j) < 2 {
				t.Errorf("%s, %s: no finding", tool, ends[0])
			}
		}
	}
}
