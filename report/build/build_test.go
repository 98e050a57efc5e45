package build

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/report/slice"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

const second = int64(time.Second)

// carrying is a rule that brings bytes back, looking one that does not.
var (
	carrying = &rules.Rule{Name: "carrying", Title: "Data carried", Recover: &rules.Recover{Field: "sift.payload"}, Response: []string{"Isolate {inside}.", "Ask for {src}."}}
	looking  = &rules.Rule{Name: "looking", Title: "Sweep", Response: []string{"Isolate {inside}."}}
)

// found makes a finding between two hosts, its times in seconds.
func found(id string, r *rules.Rule, level rules.Level, src, dst string, first, last int64) *rules.Finding {
	return &rules.Finding{ID: id, Rule: r, Level: level, Confidence: "high", Src: src, Dst: dst, Hosts: []rules.Host{{Address: src, Role: "sender"}, {Address: dst, Role: "receiver"}},
		First: (1e9 + first) * second, Last: (1e9 + last) * second, Packets: 2, Bytes: 100, Members: rules.Ranges{{First: first*10 + 1, Last: first*10 + 2}}}
}

// input is a case of one readable capture with the findings given, worst first.
func input(t *testing.T, findings ...*rules.Finding) Input {
	t.Helper()
	c := homeContext(t)
	ledger := []*ingest.Evidence{{ID: 0, Path: "a.pcap", Format: "pcap", Status: ingest.Complete, Frames: 10, ICMPFrames: 10, First: 1e9 * second, Last: (1e9 + 1e5) * second, DuplicateOf: -1, Offset: -1}}
	in := Input{Ledger: ledger, Result: &engine.Result{Findings: findings, Matched: map[*rules.Rule]int64{}}, Rules: []*rules.Rule{carrying, looking}, Tally: NewTally(ledger, c, spool.NewBudget(1<<20, t.TempDir())), Context: c,
		Decoding: decode.Stats{}, Timeline: timeline.Stats{}}
	in.Tally.totals.ICMPPackets = 10
	return in
}

func TestIncidents(t *testing.T) {
	const inner, other, outer = "10.0.0.1", "10.0.0.2", "198.51.100.7"
	for name, c := range map[string]struct {
		findings []*rules.Finding
		want     string // members of incidents, in order
	}{
		"none":            {nil, ""},
		"common host":     {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Medium, inner, other, 20, 30)}, "a b"},
		"nothing shared":  {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Medium, other, "10.0.0.3", 0, 10)}, "a | b"},
		"an hour apart":   {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Medium, inner, other, 3610, 3620)}, "a b"},
		"more than that":  {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Medium, inner, other, 3611, 3620)}, "a | b"},
		"earlier one":     {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 3611, 3620), found("b", looking, rules.Medium, inner, other, 0, 10)}, "a | b"},
		"within long one": {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 90000), found("b", looking, rules.Medium, inner, other, 5, 6), found("c", looking, rules.Low, inner, other, 80000, 80001)}, "a b c"},
		"chain":           {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Medium, outer, other, 20, 30), found("c", looking, rules.Low, other, "10.0.0.9", 40, 50)}, "a b c"},
		"informational":   {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 10), found("b", looking, rules.Informational, inner, other, 0, 10)}, "a"},
		"no bridge":       {[]*rules.Finding{found("a", carrying, rules.High, inner, outer, 0, 1), found("b", carrying, rules.High, other, outer, 9000, 9001), found("c", looking, rules.Informational, inner, outer, 0, 9001)}, "a | b"},
		"networks":        {[]*rules.Finding{found("a", looking, rules.High, inner, "10.9.0.0/24", 0, 10), found("b", looking, rules.Medium, other, "10.9.0.0/24", 0, 10)}, "a | b"},
		"worst first":     {[]*rules.Finding{found("a", looking, rules.High, inner, outer, 9000, 9001), found("b", looking, rules.High, other, "10.0.0.3", 0, 1), found("c", looking, rules.Low, "10.0.0.5", "10.0.0.6", 0, 1)}, "b | a | c"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Report(input(t, c.findings...))
			var got []string
			for i, x := range r.Incidents {
				got = append(got, strings.Join(x.Findings, " "))
				equal(t, "id", x.ID, fmt.Sprintf("I%d", i+1))
				for _, f := range r.Findings {
					for _, id := range x.Findings {
						if f.ID == id {
							equal(t, "incident of "+id, f.Incident, x.ID)
						}
					}
				}
			}
			equal(t, "incidents", strings.Join(got, " | "), c.want)
		})
	}
}

// What packets say is told with a finding, and marked as such for hand-overs.
func TestTelling(t *testing.T) {
	f := found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)
	f.Notes, f.Inside, f.Said, f.Preview = []string{"A note.", "Inside:  TCP."}, []string{"Inside:  TCP."}, []string{"Commands: whoami."}, []byte("x")
	got := Report(input(t, f)).Findings[0]
	equal(t, "notes", strings.Join(got.Notes, " "), "A note. Inside: TCP. Commands: whoami.")
	equal(t, "telling", strings.Join(got.Telling, " "), "Inside: TCP. Commands: whoami.")
	equal(t, "preview", got.Preview, "78")
}

// Where a file of packets does not hold them all, it is said.
func TestCappedCutOuts(t *testing.T) {
	for packets, want := range map[int64]string{slice.Most: "", slice.Most + 1: "The file of packets for Wireshark holds the first 10,000 of 10,001 packets."} {
		f := found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)
		f.Members = rules.Ranges{{First: 1, Last: packets}}
		in := input(t, f)
		in.Sliced = &slice.Options{}
		got := Report(in).Findings[0]
		equal(t, "pcap", got.Pcap, "findings/"+f.ID+".pcapng")
		equal(t, "notes", strings.Join(got.Notes, " "), want)
	}
}

// What goes from host to host is one incident, and not one for each; what is an hour apart or of another rule stays apart.
func TestCrowdsAreOneIncident(t *testing.T) {
	crowd := func(n int, rule *rules.Rule, level rules.Level, start int64) (out []*rules.Finding) {
		for i := range n {
			out = append(out, found(fmt.Sprintf("%s-%d-%d", rule.Name, start, i), rule, level, fmt.Sprintf("10.0.%d.%d", start%251, i+1), fmt.Sprintf("198.51.100.%d", i+1), start+int64(i), start+int64(i)+5))
		}
		return out
	}
	other := &rules.Rule{ID: "other", Name: "other", Title: "Redirect"}
	for name, c := range map[string]struct {
		findings []*rules.Finding
		want     string
	}{
		"eleven at a time":       {crowd(11, looking, rules.Low, 0), "Sweep (and 10 more findings): 11 sources to 11 destinations"},
		"two hours apart":        {append(crowd(11, looking, rules.Low, 0), crowd(12, looking, rules.Low, 10000)...), "Sweep (and 10 more findings): 11 sources to 11 destinations; Sweep (and 11 more findings): 12 sources to 12 destinations"},
		"two and another rule's": {append(crowd(2, looking, rules.Low, 0), found("x", other, rules.Low, "10.7.0.1", "198.51.100.99", 1, 2)), "Sweep: 10.0.0.1 to 198.51.100.1; Sweep: 10.0.0.2 to 198.51.100.2; Redirect: 10.7.0.1 to 198.51.100.99"},
	} {
		var got []string
		for _, i := range Report(input(t, c.findings...)).Incidents {
			got = append(got, i.Title)
		}
		equal(t, name, strings.Join(got, "; "), c.want)
	}
	equal(t, "ten at a time", len(Report(input(t, crowd(10, looking, rules.Low, 0)...)).Incidents), 10)
}

func TestIncidentPeriodAndSides(t *testing.T) {
	r := Report(input(t, found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 50, 60), found("b", looking, rules.Medium, "224.0.0.5", "10.0.0.1", 0, 90)))
	x := r.Incidents[0]
	equal(t, "title", x.Title, "Data carried (and 1 more finding): 10.0.0.1 to 198.51.100.7")
	equal(t, "first", x.First.Unix(), 1e9)
	equal(t, "last", x.Last.Unix(), 1e9+90)
	equal(t, "hosts", fmt.Sprint(x.Hosts, x.Inside, x.Outside), "[10.0.0.1 198.51.100.7 224.0.0.5] [10.0.0.1] [198.51.100.7]")
}

func TestBytesAcrossTheBorder(t *testing.T) {
	shared := found("b", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)
	shared.Bytes = 70 // the same packets as a
	for name, c := range map[string]struct {
		findings []*rules.Finding
		out, in  int64
	}{
		"out":           {[]*rules.Finding{found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)}, 100, 0},
		"in":            {[]*rules.Finding{found("a", carrying, rules.High, "198.51.100.7", "10.0.0.1", 0, 10)}, 0, 100},
		"within":        {[]*rules.Finding{found("a", carrying, rules.High, "10.0.0.2", "10.0.0.1", 0, 10)}, 0, 0},
		"outside":       {[]*rules.Finding{found("a", carrying, rules.High, "198.51.100.8", "198.51.100.7", 0, 10)}, 0, 0},
		"to a group":    {[]*rules.Finding{found("a", carrying, rules.High, "198.51.100.8", "224.0.0.1", 0, 10)}, 0, 0},
		"no data":       {[]*rules.Finding{found("a", looking, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)}, 0, 0},
		"same packets":  {[]*rules.Finding{found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10), shared}, 100, 0},
		"other packets": {[]*rules.Finding{found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10), found("b", carrying, rules.High, "10.0.0.1", "198.51.100.7", 1, 10)}, 200, 0},
		"both ways":     {[]*rules.Finding{found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10), found("b", carrying, rules.High, "198.51.100.7", "10.0.0.1", 0, 10)}, 100, 100},
	} {
		t.Run(name, func(t *testing.T) {
			x := Report(input(t, c.findings...)).Incidents[0]
			equal(t, "out", x.BytesOut, c.out)
			equal(t, "in", x.BytesIn, c.in)
		})
	}
}

// Ten thousand findings are grouped in a moment, not in the square of it.
func TestManyFindings(t *testing.T) {
	const n = 10_000
	list := make([]report.Finding, n)
	for i := range list {
		at := time.Unix(int64(i), 0)
		list[i] = report.Finding{ID: fmt.Sprint(i), Level: "high", First: at, Last: at, Hosts: []report.HostRef{{Address: "10.0.0.1"}, {Address: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}).String()}}}
	}
	began := time.Now()
	if groups := group(list); len(groups) != 1 || len(groups[0]) != n {
		t.Errorf("%d groups", len(groups))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestBottomLine(t *testing.T) {
	high := func() *rules.Finding { return found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10) }
	for name, c := range map[string]struct {
		change func(in *Input)
		want   []string
	}{
		"finding": {func(in *Input) { in.Result.Findings = []*rules.Finding{high()} },
			[]string{"The evidence shows 1 incident among 10 ICMP packets; the worst is of level high, with high confidence.",
				"Data carried: 10.0.0.1 to 198.51.100.7, 2001-09-09 01:46:40.000 to 01:46:50.000 UTC (10.0 s).",
				"100 B left the home networks; no file was recovered.", "The capture could be read to its end.", "Do first: isolate 10.0.0.1."}},
		"nothing crossed": {func(in *Input) {
			in.Result.Findings = []*rules.Finding{found("a", looking, rules.Low, "10.0.0.1", "10.0.0.2", 0, 0)}
		}, []string{"The evidence shows 1 incident among 10 ICMP packets; the worst is of level low, with high confidence.", "Sweep: 10.0.0.1 to 10.0.0.2, 2001-09-09 01:46:40.000 UTC.",
			"No data is seen to have crossed the border of the home networks; no file was recovered.", "The capture could be read to its end."}},
		"quiet": {func(*Input) {}, []string{"No rule found anything in 10 ICMP packets of 1 capture.", "2 rules were run, and each could have fired on this evidence.", "The capture could be read to its end."}},
		"informational only": {func(in *Input) {
			in.Result.Findings = []*rules.Finding{found("a", looking, rules.Informational, "10.0.0.1", "10.0.0.2", 0, 0)}
		}, []string{"Nothing that asks for action was found in 10 ICMP packets of 1 capture: 1 finding is for information.", "2 rules were run, and each could have fired on this evidence.", "The capture could be read to its end."}},
		"left out": {func(in *Input) { in.Least, in.LeftOut = rules.High, 1 }, []string{"Nothing of level high or above was found in 10 ICMP packets of 1 capture; 1 finding is below that level left out.", "", ""}},
		"dormant": {func(in *Input) { in.Result.Dormant = []rules.Dormant{{Rule: looking, Reason: "blind"}} },
			[]string{"No rule found anything in 10 ICMP packets of 1 capture.", "1 of 2 rules could not have fired on this evidence: the silence of those means nothing.", "The capture could be read to its end."}},
		"cut": {func(in *Input) { in.Ledger[0].Status = ingest.Cut }, []string{"No rule found anything in 10 ICMP packets of 1 capture.", "2 rules were run, and each could have fired on this evidence.",
			"1 of 1 capture could not be read to the end."}},
		"no ICMP":     {func(in *Input) { in.Tally.totals.ICMPPackets = 0 }, []string{"There is no ICMP in the 10 frames of 1 capture, so nothing could be judged.", "The capture could be read to its end."}},
		"no capture":  {func(in *Input) { in.Ledger[0].Status = ingest.NotCapture }, []string{"There is no capture among 1 file, so nothing could be judged."}},
		"empty file":  {func(in *Input) { in.Ledger[0].Status, in.Ledger[0].Format = ingest.Empty, "" }, []string{"There is no capture among 1 file, so nothing could be judged."}},
		"no evidence": {func(in *Input) { in.Ledger = nil }, []string{"There is no capture among 0 files, so nothing could be judged."}},
	} {
		t.Run(name, func(t *testing.T) {
			in := input(t)
			c.change(&in)
			got := Report(in).Bottom
			if len(got) != len(c.want) || len(got) > 5 {
				t.Fatalf("%d sentences, want %d: %q", len(got), len(c.want), got)
			}
			for i, want := range c.want {
				if want != "" && got[i] != want {
					t.Errorf("sentence %d:\n  %s\nwant\n  %s", i+1, got[i], want)
				}
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	equal(t, "of nothing", Report(input(t)).Verdict, "none")
	equal(t, "of a finding", Report(input(t, found("a", looking, rules.Medium, "10.0.0.1", "10.0.0.2", 0, 1))).Verdict, "medium")
	equal(t, "of information", Report(input(t, found("a", looking, rules.Informational, "10.0.0.1", "10.0.0.2", 0, 1))).Verdict, "informational")
}

// What carried most out of the home networks comes first among incidents of a level, and its steps first among all.
func TestWorstIncidentFirst(t *testing.T) {
	large := found("b", carrying, rules.High, "10.0.0.2", "198.51.100.8", 9000, 9001)
	large.Bytes, large.Confidence = 5000, "medium"
	r := Report(input(t, found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10), large))
	equal(t, "first incident", r.Incidents[0].Findings[0], "b")
	equal(t, "bottom line", r.Bottom[0], "The evidence shows 2 incidents among 10 ICMP packets; the worst is of level high, with medium confidence.")
	equal(t, "what to do first", r.Bottom[4], "Do first: isolate 10.0.0.2.")
	equal(t, "first action", r.Actions[0].Incident+" "+r.Actions[0].Finding, "I1 b")
}

// A step is told once; findings below medium ask for nothing.
func TestActions(t *testing.T) {
	r := Report(input(t, found("a", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10), found("b", looking, rules.Medium, "10.0.0.1", "198.51.100.9", 0, 10),
		found("c", looking, rules.Low, "10.0.0.7", "198.51.100.9", 90000, 90001),
		found("d", looking, rules.Medium, "10.0.0.1", "198.51.100.9", 80000, 80001)))
	var got []string
	for _, a := range r.Actions {
		got = append(got, a.Incident+" "+a.Finding+" "+a.Text)
	}
	equal(t, "actions", strings.Join(got, "\n"), "I1 a Isolate 10.0.0.1.\nI1 a Ask for 10.0.0.1.")
}

func TestZones(t *testing.T) {
	b := &builder{in: input(t)}
	for address, want := range map[string]string{"10.1.2.3": "home", "10.1.0.0/16": "home", "198.51.100.0/24": "outside", "fe80::1": "home", "2001:db8::1": "outside", "224.0.0.1": "multicast",
		"ff02::1": "multicast", "any": "", "": "", "0.0.0.0/0": "", "8.0.0.0/6": "", "10.0.0.0/8": "home", "::/0": "", "fe80::/64": "home", "239.0.0.0/8": "multicast", "192.168.0.0/15": ""} {
		equal(t, address, b.zone(address), want)
	}
	b.in.Context = &field.Context{Home: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/25"), netip.MustParsePrefix("198.51.100.128/25")}}
	equal(t, "home networks side by side", b.zone("198.51.100.0/24"), "home")
	equal(t, "no home network in it", b.zone("10.0.0.0/8"), "outside")
}

func TestRangesAreCapped(t *testing.T) {
	f := found("a", looking, rules.High, "10.0.0.1", "10.0.0.2", 0, 1)
	var frames rules.Ranges
	for i := range int64(maxRanges + 50) {
		frames.Add(3*i + 1)
		frames.Add(3*i + 2)
	}
	f.Frames = []rules.Source{{Evidence: 0, Ranges: frames}}
	s := Report(input(t, f)).Findings[0].Frames[0]
	equal(t, "ranges", len(s.Ranges), maxRanges)
	equal(t, "total", s.Total, 2*(maxRanges+50))
}

// ping is an echo request from one host to another, n apart.
func ping(n int64, from, to netip.Addr) *ingest.Packet {
	b := make([]byte, 20)
	b[0], b[8] = 0x45, 64
	copy(b[12:], from.AsSlice())
	copy(b[16:], to.AsSlice())
	message := []byte{8, 0, 0, 0, byte(n >> 8), byte(n), 0, 1, 'x', 'y'}
	return &ingest.Packet{Layers: []ingest.Layer{{Proto: ingest.ProtoIPv4, Header: 20, Bytes: b, Parent: -1}, {Proto: ingest.ProtoICMPv4, Header: 8, Bytes: message, Reported: len(message)}},
		ICMP: 1, IP: 0, Case: ingest.Case{Number: n, Time: 1e9*second + n}}
}

func address(n int64) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// Tables are capped, totals are not, and the report says so.
func TestBounds(t *testing.T) {
	const hosts = 100_000 // more than are held in memory to tell them apart
	for name, rows := range map[string]int{"all fits": 2 * hosts, "capped": 10} {
		t.Run(name, func(t *testing.T) {
			in := input(t)
			in.Tally.rows = rows
			for range 2 { // seen again, nothing is new
				for n := range int64(hosts) {
					in.Tally.Add(ping(n+1, address(n+1), address(200_000)))
				}
			}
			r := Report(in)
			equal(t, "rows", [2]int{len(r.Hosts), len(r.Exchanges)}, [2]int{min(rows, maxRows), min(rows, maxRows)})
			equal(t, "totals", [2]int64{r.Totals.HostsTotal, r.Totals.ExchangesTotal}, [2]int64{hosts + 1, hosts})
			equal(t, "sources and destinations", [2]int64{r.Types[0].Sources, r.Types[0].Destinations}, [2]int64{hosts, 1})
			equal(t, "identifiers", r.Exchanges[0].IDs, 1)
			equal(t, "note", strings.Contains(strings.Join(r.Notes, " "), "the totals count all"), rows < hosts)
			i := slices.IndexFunc(r.Hosts, func(h report.Host) bool { return h.Address == address(200_000).String() })
			equal(t, "peers", r.Hosts[i].Peers, hosts)
		})
	}
}

// The hosts and conversations of findings come first, then the largest; the rest is cut off and counted.
func TestRowsAreCapped(t *testing.T) {
	in := input(t, found("a", looking, rules.Low, address(5).String(), "10.200.0.0", 0, 1))
	hub := netip.MustParseAddr("10.200.0.0")
	for n := range int64(maxRows + 20) {
		in.Tally.Add(ping(n+1, address(n+1), hub))
	}
	r := Report(in)
	equal(t, "hosts", len(r.Hosts), maxRows)
	equal(t, "exchanges", len(r.Exchanges), maxRows)
	equal(t, "all hosts", r.Totals.HostsTotal, maxRows+21)
	equal(t, "all exchanges", r.Totals.ExchangesTotal, maxRows+20)
	equal(t, "first host", r.Hosts[0].Address+" "+r.Hosts[1].Address, "10.200.0.0 10.0.0.5")
	equal(t, "first exchange", r.Exchanges[0].Src, "10.0.0.5")
}

// A reply seen before the first request does not turn the conversation round.
func TestAskingSideComesFirst(t *testing.T) {
	in := input(t)
	a, b := address(1), address(2)
	reply := ping(1, b, a)
	reply.Layers[1].Bytes[0] = 0
	in.Tally.Add(reply)
	for n := range int64(3) {
		in.Tally.Add(ping(n+2, a, b))
	}
	x := Report(in).Exchanges[0]
	equal(t, "conversation", fmt.Sprintln(x.Src, x.Dst, x.Requests, x.Replies, x.BytesForward, x.BytesBack), fmt.Sprintln(a, b, 3, 1, 6, 2))
}

// What the contract in the design names is there, under its name; empty lists are [], not null.
func TestContract(t *testing.T) {
	f := found("F-1", carrying, rules.High, "10.0.0.1", "198.51.100.7", 0, 10)
	f.Frames = []rules.Source{{Evidence: 0, Ranges: rules.Ranges{{First: 1, Last: 2}}}}
	f.Observed, f.Explanations = []rules.Observed{{}}, []rules.Explanation{{}}
	f.Artefacts = []*rules.Artefact{{ID: "A-1", Finding: f, Frames: f.Frames, Gaps: []rules.Gap{{Offset: 1, Length: -1}}}}
	in := input(t, f)
	in.Result.Artefacts = f.Artefacts
	in.Tally.Add(ping(1, address(1), address(2)))
	var got map[string]any
	whole, err := json.Marshal(Report(in))
	check(t, err)
	check(t, json.Unmarshal(whole, &got))
	for path, keys := range map[string]string{
		"":                         "schema tool case evidence incidents findings artefacts hosts exchanges types totals",
		"tool":                     "name version rules_sha256 wireshark",
		"case":                     "id analyst organization tlp timezone home_net from to scope",
		"evidence":                 "id path container member sha256 size format compression link_types frames frames_after_damage icmp_frames first last status duplicate_of problem offset",
		"incidents":                "id level title findings hosts first last bytes_out bytes_in",
		"findings":                 "id rule level confidence attack src dst hosts first last packets bytes frames filter observed summary explanations artefacts pcap incident suppressed_by",
		"findings.rule":            "id name title",
		"findings.hosts":           "address mac role",
		"findings.frames":          "evidence ranges total",
		"findings.observed":        "name value unit threshold op",
		"findings.explanations":    "text kept",
		"artefacts":                "id finding path raw_path sha256 size media_type name carrier order encodings src dst packets frames gaps complete confidence",
		"artefacts.gaps":           "offset length",
		"artefacts.frames":         "evidence ranges total",
		"totals":                   "frames icmp_frames icmp_packets copies duplicates evicted",
		"totals.findings_by_level": "high",
	} {
		at := any(got)
		for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
			if at = at.(map[string]any)[step]; reflect.TypeOf(at).Kind() == reflect.Slice {
				at = at.([]any)[0]
			}
		}
		for _, key := range strings.Fields(keys) {
			if _, ok := at.(map[string]any)[key]; !ok {
				t.Errorf("%s has no key %q", path, key)
			}
		}
	}
	equal(t, "unknown length", got["artefacts"].([]any)[0].(map[string]any)["gaps"].([]any)[0].(map[string]any)["length"], nil)
}

func TestEmptyListsAreLists(t *testing.T) {
	for name, r := range map[string]*report.Report{"nothing": Report(input(t)), "finding": Report(input(t, found("a", looking, rules.High, "10.0.0.1", "10.0.0.2", 0, 1)))} {
		lists(t, name, reflect.ValueOf(*r))
	}
}

// lists fails on every nil slice and map in v.
func lists(t *testing.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				lists(t, path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			t.Errorf("%s is null", path)
		}
		for i := 0; v.Kind() == reflect.Slice && i < v.Len(); i++ {
			lists(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	}
}

func TestNiceStep(t *testing.T) {
	for _, span := range []time.Duration{0, time.Second, time.Hour, 24 * time.Hour, 365 * 24 * time.Hour, 290 * 365 * 24 * time.Hour} {
		if n := int64(span)/niceStep(span) + 1; n > steps+1 {
			t.Errorf("%s: %d steps", span, n)
		}
	}
}
