package filter

import (
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// What an explanation says of each part adds up, and of the whole is what the filter does.
func TestStepsAreTheFilter(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	explained := 0
	for _, r := range readCases(t, "testdata/dfilter-cases.tsv") {
		c := &field.Context{Wireshark: r.version}
		f, err := Compile(r.text, c, nil)
		if err != nil || r.text == "" {
			continue
		}
		s, err := Steps(r.text, c, nil)
		if err != nil {
			t.Fatalf("%s: %v", r.text, err)
		}
		for _, p := range all {
			if s.Passes(p) != f.Match(p) {
				t.Errorf("%s: frame %d: explained %v, matched %v", r.text, p.Number, s.Passes(p), f.Match(p))
			}
			addsUp(t, s, p)
			explained++
		}
	}
	if explained < 5000 {
		t.Errorf("only %d explanations", explained)
	}
}

func addsUp(t *testing.T, s *Step, p *ingest.Packet) {
	t.Helper()
	passed := 0
	for _, x := range s.Steps {
		if addsUp(t, x, p); x.Passes(p) {
			passed++
		}
	}
	want, n := s.Passes(p), len(s.Steps)
	switch s.Op {
	case "&&":
		want = passed == n
	case "||":
		want = passed > 0
	case "^^":
		want = passed%2 == 1
	case "!":
		want = passed == 0
	}
	if want != s.Passes(p) {
		t.Errorf("%s: frame %d: %d of %d parts pass, the whole %v", s.Text, p.Number, passed, n, s.Passes(p))
	}
}

func TestAsked(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	s, err := Steps(`ip.src == 10.0.0.1 && icmp.type in {8, 0} && len(icmp) > 10 && !(icmp[8:3] == "abc") && frame.comment`, &field.Context{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range s.Steps {
		if x.Op == "!" {
			x = x.Steps[0]
		}
		for _, a := range x.Asked(all[0]) {
			got = append(got, a.Text+"="+strings.Join(a.Values, ","))
		}
	}
	if want := "ip.src=10.0.0.1 icmp.type=8 len(icmp)=40 icmp[8:3]=616263 frame.comment="; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}
