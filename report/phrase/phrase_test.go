package phrase

import (
	"math"
	"strings"
	"testing"
	"time"

	"icmpsift/report"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-1234567), "-1,234,567"},
		{Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Plural(1, "file", "files"), "1 file"}, {Of(2, 9, "file", "files"), "2 of 9 files"},
		{Number(32), "32"}, {Number(1234.5), "1,234.5"}, {Number(-0.25), "-0.25"}, {Number(0.0001), "0"}, {Number(-0.0001), "0"},
		{Number(1e300), "1e+300"}, {Number(math.NaN()), "NaN"}, {Number(math.Inf(1)), "+Inf"},
		{Size(0), "0 B"}, {Size(999), "999 B"}, {Size(1000), "1.0 kB"}, {Size(999_999), "1.0 MB"}, {Size(4_200_123), "4.2 MB"}, {Size(math.MaxInt64), "9.2 EB"},
		{Bytes(1), "1 byte"}, {Bytes(4_200_123), "4.2 MB (4,200,123 bytes)"},
		{Duration(1500 * time.Microsecond), "1.5 ms"}, {Duration(61 * time.Second), "1 min 1 s"}, {Duration(25 * time.Hour), "1 d 1 h"},
		{Step(1), "second"}, {Step(30), "30 seconds"}, {Step(60), "minute"}, {Step(21_600), "6 hours"}, {Step(172_800), "2 days"},
		{List(nil, 3), "-"}, {List([]string{"a", "b"}, 2), "a, b"}, {List([]string{"a", "b", "c"}, 1), "a and 2 more"},
		{Title("not-capture"), "Not a capture"}, {Title(""), "None"}, {Title("äh\xff"), "äh\xff"}, {Word("distinct_hosts"), "distinct hosts"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	first := time.Date(2024, 5, 1, 12, 0, 0, 0, time.FixedZone("CEST", 7200))
	for _, c := range []struct {
		last time.Time
		want string
	}{
		{first, "2024-05-01 10:00:00.000 UTC"},
		{first.Add(90 * time.Second), "2024-05-01 10:00:00.000 to 10:01:30.000 UTC (1 min 30 s)"},
		{first.Add(48 * time.Hour), "2024-05-01 10:00:00.000 to 2024-05-03 10:00:00.000 UTC (2 d 0 h)"},
		{time.Time{}, "-"},
	} {
		if got := Span(first, c.last); got != c.want {
			t.Errorf("Span = %q, want %q", got, c.want)
		}
	}
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		set  report.FrameSet
		want string
	}{
		{report.FrameSet{Ranges: []string{"12-40", "57"}, Total: 30}, "12-40, 57 (30 frames)"},
		{report.FrameSet{Ranges: []string{"1-2", "4", "6"}, Total: 4}, "1-2, 4 … (first 3 of 4 frames)"},
		{report.FrameSet{Ranges: []string{"7"}, Total: 1000}, "7 … (first 1 of 1,000 frames)"},
		{report.FrameSet{Total: 3}, "3 frames"},
	} {
		if got := Frames(c.set, 2); got != c.want {
			t.Errorf("Frames(%v) = %q, want %q", c.set, got, c.want)
		}
	}
}

func TestGaps(t *testing.T) {
	n := int64(12)
	if got, want := Gaps([]report.Gap{{Offset: 1024, Length: &n}, {Offset: 4096}}, 5), "12 bytes at offset 1,024, an unknown number of bytes at offset 4,096"; got != want {
		t.Errorf("Gaps = %q", got)
	}
}

func TestDump(t *testing.T) {
	want := "0000  41 60 00 1b                                      A`.."
	if got := Dump("4160001b"); got != want {
		t.Errorf("Dump = %q, want %q", got, want)
	}
	if got := Dump("zz\x1b"); strings.Contains(got, "\x1b") {
		t.Errorf("Dump keeps a control character: %q", got)
	}
}

func TestFound(t *testing.T) {
	incident := []report.Incident{{Findings: []string{"a", "b"}}}
	for want, r := range map[string]*report.Report{
		"no incident and no finding":                                                   {},
		"no incident and no finding; 1 more suppressed":                                {Findings: []report.Finding{{SuppressedBy: "x"}}},
		"no incident, 2 findings for information":                                      {Findings: []report.Finding{{}, {}}},
		"1 incident with 2 findings":                                                   {Findings: []report.Finding{{}, {}}, Incidents: incident},
		"1 incident with 2 findings, and 1 finding for information; 1 more suppressed": {Findings: []report.Finding{{}, {}, {}, {SuppressedBy: "x"}}, Incidents: incident},
	} {
		if got := Found(r); got != want {
			t.Errorf("Found = %q, want %q", got, want)
		}
	}
}

func TestSides(t *testing.T) {
	for side, want := range map[string][2]string{"10.0.0.1": {"10.0.0.1", "10.0.0.1"}, "10.0.0.0/8": {"hosts in 10.0.0.0/8", "10.0.0.0/8"}, "::/0": {"many networks", "many networks"}, "any": {"many networks", "many networks"}, "": {"", ""}} {
		if got := [2]string{Side(side), Place(side)}; got != want {
			t.Errorf("%s: %q, want %q", side, got, want)
		}
	}
	for want, items := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := And(items); got != want {
			t.Errorf("And(%q) = %q", items, got)
		}
	}
	for level, want := range map[string]string{"none": "Nothing found", "": "Nothing found", "informational": "Nothing that asks for action", "high": "High"} {
		if got := Verdict(level); got != want {
			t.Errorf("Verdict(%q) = %q", level, got)
		}
	}
}

func TestLimits(t *testing.T) {
	got := strings.Join(Limits(report.Totals{ICMPPackets: 55, Malformed: 2, Frames: 100, UnknownLinks: map[string]int64{"b": 1, "a": 2}}), "\n")
	want := "2 of 55 ICMP packets are malformed.\n2 of 100 frames have link type a, which is not decoded.\n1 of 100 frames has link type b, which is not decoded."
	if got != want {
		t.Errorf("Limits = %q, want %q", got, want)
	}
}

func TestSeen(t *testing.T) {
	for want, t_ := range map[string]report.Totals{
		"1 ICMP packet, seen in 2 of 3 frames":                                                   {ICMPPackets: 1, ICMPFrames: 2, Frames: 3},
		"980 ICMP packets, and 1,918 outside the limits; ICMP was seen in 4,256 of 4,336 frames": {ICMPPackets: 980, Outside: 1918, ICMPFrames: 4256, Frames: 4336},
	} {
		if got := Seen(t_); got != want {
			t.Errorf("Seen = %q, want %q", got, want)
		}
	}
	if got, want := Read(report.Totals{Captures: 1, Files: 1})+"; "+Read(report.Totals{Captures: 16, Files: 19}), "1 capture; 16 captures among 19 files"; got != want {
		t.Errorf("Read = %q, want %q", got, want)
	}
}
