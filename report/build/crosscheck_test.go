package build

import (
	"strings"
	"testing"
	"unicode/utf8"

	"icmpsift/ingest/crosscheck"
)

func result(path string, frames, agreed, explained int64) *crosscheck.Result {
	return &crosscheck.Result{Path: path, Source: "tshark 4.0.17", Wireshark: "4.0", Frames: frames, Agreed: agreed, Explained: explained}
}

func TestCheckSummary(t *testing.T) {
	broken := &crosscheck.Result{Path: "x", Problem: "no such network type"}
	for want, results := range map[string][]*crosscheck.Result{
		"Wireshark's own decoder agrees on all 30 frames with ICMP in 2 captures.":                                                         {result("a", 10, 10, 0), result("b", 20, 20, 0)},
		"Wireshark's own decoder agrees on the only frame with ICMP in 1 capture.":                                                         {result("a", 1, 1, 0)},
		"Wireshark's own decoder finds no ICMP either in 1 capture.":                                                                       {result("a", 0, 0, 0)},
		"Wireshark's own decoder agrees on 10 frames with ICMP in 1 capture; in 3 of them it differs in known ways, each with its reason.": {result("a", 10, 7, 3)},
		"Wireshark's own decoder differs in 2 of 10 frames with ICMP in 1 capture; 1 capture could not be compared.":                       {result("a", 10, 7, 1), broken},
		"No capture could be compared with Wireshark's own decoder.":                                                                       {broken},
	} {
		if got := Check(results).Total.Summary; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCheckVerdict(t *testing.T) {
	c := Check([]*crosscheck.Result{result("a", 10, 10, 0), result("b", 10, 9, 1), result("c", 10, 9, 0), {Path: "d", Problem: "cut"}})
	for i, want := range []string{"agrees", "explained", "differs", "failed"} {
		if got := c.Captures[i].Verdict; got != want {
			t.Errorf("capture %d: %s, want %s", i, got, want)
		}
	}
	if c.Total.Verdict != "failed" || c.Total.Frames != 30 || c.Total.Differing != 1 {
		t.Errorf("%+v", c.Total)
	}
}

// The same field of several captures is one row; examples keep their capture, and are few.
func TestCheckFields(t *testing.T) {
	one := func(path string, first int64) *crosscheck.Result {
		r := result(path, 10, 7, 0)
		d := crosscheck.Difference{Frames: 3}
		for i := range int64(3) {
			d.First = append(d.First, crosscheck.Example{Frame: first + i, Ours: []string{"secret"}, Theirs: []string{"a", "b"}})
		}
		r.Rows = []crosscheck.Row{{Field: "data.data", Frames: 10, Values: 10, Differences: []crosscheck.Difference{d}}, {Field: "frame.number", Frames: 10, Values: 10}}
		return r
	}
	c := Check([]*crosscheck.Result{one("a", 1), one("b", 5)})
	if len(c.Total.Fields) != 2 || c.Total.Fields[0].Field != "frame.number" {
		t.Fatalf("%+v", c.Total.Fields)
	}
	f := c.Total.Fields[1]
	if f.Differing != 6 || f.Values != 20 || len(f.Differences) != 1 || len(f.Differences[0].First) != maxCheckExamples {
		t.Errorf("%+v", f)
	}
	if x := f.Differences[0].First[3]; x.Path != "b" || x.Frame != 5 || x.Ours != "secret" || x.Theirs != "a, b" {
		t.Errorf("%+v", x)
	}
}

// Long values are shown from a little before where they differ, and never cut inside a character.
func TestAbridge(t *testing.T) {
	long := strings.Repeat("ä", 200)
	a, b := abridge(long+"1"+long, long+"2"+long)
	if !strings.Contains(a, "1") || !strings.Contains(b, "2") || len(a) > exampleLimit+10 || !strings.HasPrefix(a, "…") || !strings.HasSuffix(a, "…") {
		t.Errorf("%q, %q", a, b)
	}
	for _, s := range []string{a, b} {
		if !utf8.ValidString(s) {
			t.Errorf("%q is cut inside a character", s)
		}
	}
	if a, b := abridge("same", ""); a != "same" || b != "" {
		t.Errorf("%q, %q", a, b)
	}
	if a, _ := abridge(strings.Repeat("\xff", 500), "x"); len(a) > exampleLimit+10 {
		t.Errorf("%d bytes", len(a))
	}
}
